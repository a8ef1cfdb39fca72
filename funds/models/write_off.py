"""核销: one proposes, another books (domain M24)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

import pgtrigger

from funds.choices import WriteOffState
from funds.models.loan import Loan


class WriteOff(models.Model):
    """A proposal of 总部风控 to write a loan off, and what finance answered.

    ``answer`` says why it was declined. Written off is what the journal's entry names by
    ``reference``.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="write_offs")
    reason = models.CharField(_("reason of the write-off"), max_length=200)
    state = models.CharField(
        _("state"), max_length=12, choices=WriteOffState.choices, default=WriteOffState.OPEN
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    closed_at = models.DateTimeField(_("answered at"), null=True)
    answer = models.CharField(_("reason for declining"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("proposal of a write-off")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["loan"], condition=Q(state=WriteOffState.OPEN), name="write_off_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state=WriteOffState.OPEN, closed_by=None, closed_at=None)
                | Q(
                    ~Q(state=WriteOffState.OPEN),
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                ),
                name="write_off_says_who_closed_it",
            ),
            models.CheckConstraint(
                condition=~Q(state=WriteOffState.BOOKED) | ~Q(closed_by=F("proposed_by")),
                name="write_off_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=WriteOffState.values), name="write_off_state"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="write_off_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="write_off_is_answered_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'OPEN' OR (OLD.loan_id, OLD.reason, OLD.proposed_by_id,"
                    " OLD.proposed_at) IS DISTINCT FROM (NEW.loan_id, NEW.reason,"
                    " NEW.proposed_by_id, NEW.proposed_at)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What the journal calls it."""
        return f"HX-{self.loan.loan_no}-{self.pk}"
