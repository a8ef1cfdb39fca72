"""What was decided to do about an overdue loan."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from postloan.choices.extension import OverdueKind


class OverdueMeasure(models.Model):
    """处置措施 of one approved 逾期 request, as it was decided; later ones follow, none changes.

    ``needs_handover`` says that the loan is so late that 不良客户交接 is due (domain §2.3).
    """

    loan = models.ForeignKey("funds.Loan", models.PROTECT, related_name="overdue_measures")
    request = models.OneToOneField(
        "postloan.ExtensionRequest", models.PROTECT, related_name="measure"
    )
    decided_on = models.DateField(_("decided on"))
    overdue_kind = models.CharField(_("overdue kind"), max_length=20, choices=OverdueKind.choices)
    overdue_days = models.PositiveIntegerField(_("days overdue"))
    measures = models.TextField(_("measures"), max_length=2000)
    conditions = models.TextField(_("conditions of the approval"), blank=True)
    needs_handover = models.BooleanField(_("bad-customer handover is due"))

    class Meta:
        verbose_name = _("measure for an overdue loan")
        ordering = ["-decided_on", "-id"]
        triggers = [
            pgtrigger.Protect(name="measure_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.decided_on}"
