"""个人信息导出申请: which list leaves with which numbers in full, why and until when (R10)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from lending_crm.common.exports.numbers import NumberKind
from privacy.choices import ExportPurpose, ExportUse, SensitiveList


class ExportRequest(Document):
    """One request; its handler is the applicant, for whom alone it is approved.

    ``query`` is the list's filter as it stands in its address, ``filter_words`` the same in
    words for the approvers, ``row_count`` how many rows it had when it was saved or submitted
    last. ``expires_at`` is set by the approval.
    """

    list_code = models.CharField(_("list"), max_length=20, choices=SensitiveList.choices)
    query = models.CharField(_("filter of the list"), max_length=2000, blank=True)
    filter_words = models.CharField(
        _("filter in words"), max_length=1000, blank=True, editable=False
    )
    row_count = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    numbers = ArrayField(
        models.CharField(max_length=8, choices=NumberKind.choices),
        verbose_name=_("numbers in full"),
        default=list,
        blank=True,
    )
    purpose = models.CharField(
        _("purpose of the export"), max_length=16, choices=ExportPurpose.choices, blank=True
    )
    reason = models.TextField(_("reason and receiver of the data"), max_length=500, blank=True)
    usage = models.CharField(
        _("exports allowed"), max_length=10, choices=ExportUse.choices, default=ExportUse.ONCE
    )
    wanted_until = models.DateField(_("needed until"), null=True, blank=True)
    expires_at = models.DateTimeField(_("approval expires at"), null=True, editable=False)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("request to export personal information")
        constraints = [
            models.CheckConstraint(
                condition=Q(list_code__in=SensitiveList.values)
                & Q(purpose__in=["", *ExportPurpose.values])
                & Q(usage__in=ExportUse.values),
                name="export_request_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None)
                | ~Q(numbers=[]) & ~Q(purpose="") & ~Q(reason="") & Q(wanted_until__isnull=False),
                name="export_request_approved_is_whole",
            ),
        ]
        triggers = [
            frozen_fields(free=["expires_at"]),
            pgtrigger.Protect(
                name="approval_is_not_prolonged",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.expires_at IS NOT NULL AND NEW.expires_at IS DISTINCT FROM OLD.expires_at"
                ),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("privacy:export_request_detail", args=[self.pk])
