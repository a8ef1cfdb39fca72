"""The lists of an extension or overdue request."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.rows import Row
from documents.triggers import frozen_rows
from postloan.choices.extension import CollectionWay


class CollectionRow(Row):
    """催收记录: one attempt to have an overdue loan paid; calls and visits have a time (R13)."""

    document = models.ForeignKey(
        "postloan.ExtensionRequest", models.CASCADE, related_name="collection_log"
    )
    collected_on = models.DateField(_("collected on"))
    collected_at = models.TimeField(_("time of the contact"), null=True, blank=True)
    way = models.CharField(_("way of collection"), max_length=10, choices=CollectionWay.choices)
    spoken_to = models.CharField(_("spoken to"), max_length=60, blank=True)
    result = models.CharField(_("result of the collection"), max_length=200)

    class Meta(Row.Meta):
        verbose_name = _("collection record")
        triggers = [frozen_rows()]
