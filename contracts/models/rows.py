"""The lists of a review: formalities and the conditions of the approval."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.choices import Formality, PaperForm
from documents.rows import Row
from documents.triggers import frozen_rows


class FormalityRow(Row):
    """手续清单: one paper, whether the loan needs it and whether it is there."""

    document = models.ForeignKey(
        "contracts.ContractReview", models.CASCADE, related_name="formalities"
    )
    item = models.CharField(_("formality"), max_length=24, choices=Formality.choices)
    is_needed = models.BooleanField(_("needed"), default=True)
    is_complete = models.BooleanField(_("complete"), default=False)
    form = models.CharField(
        _("original or copy"), max_length=10, choices=PaperForm.choices, default=PaperForm.ORIGINAL
    )
    copies = models.PositiveSmallIntegerField(
        _("copies"), default=1, validators=[MaxValueValidator(99)]
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("formality")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "item"],
                condition=~Q(item=Formality.OTHER),
                name="formality_once",
            )
        ]
        triggers = [frozen_rows()]


class ConditionRow(Row):
    """批准条件落实: a condition of the approval and how it was met."""

    document = models.ForeignKey(
        "contracts.ContractReview", models.CASCADE, related_name="conditions"
    )
    condition = models.CharField(_("condition of the approval"), max_length=500)
    is_met = models.BooleanField(_("met"), default=False)
    note = models.CharField(_("how it was met"), max_length=200, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("condition of the approval")
        triggers = [frozen_rows()]
