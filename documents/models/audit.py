"""Who took a whole case out of the system, in which form, and with what fingerprint."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from documents.choices import ExportForm, ExportState


class AuditExport(models.Model):
    """One export of one case; the row stays when its file is gone.

    ``fingerprint`` is the SHA-256 that a reader compares: of a pack's manifest, of any other
    file itself. ``done`` and ``total`` count the parts of a pack. ``key`` names the file.
    """

    case = models.ForeignKey("workflows.Case", models.PROTECT, related_name="exports")
    form = models.CharField(_("form"), max_length=8, choices=ExportForm.choices)
    state = models.CharField(
        _("state"), max_length=8, choices=ExportState.choices, default=ExportState.WAITING
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("exported by")
    )
    requested_at = models.DateTimeField(_("exported at"))
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(null=True)
    event_count = models.PositiveIntegerField(null=True)
    last_hash = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True, db_index=True)
    error = models.CharField(max_length=300, blank=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_kept = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("export of a case")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["case", "-id"], name="export_of_case"),
            models.Index(
                fields=["finished_at"], condition=models.Q(is_kept=True), name="export_kept"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="DONE")
                | models.Q(finished_at__isnull=False) & ~models.Q(fingerprint=""),
                name="export_has_a_fingerprint",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="export_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="export_says_who_and_what",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.case_id, OLD.form, OLD.requested_by_id, OLD.requested_at)"
                    " IS DISTINCT FROM"
                    " (NEW.case_id, NEW.form, NEW.requested_by_id, NEW.requested_at)"
                    " OR OLD.state = 'DONE' AND (OLD.state, OLD.fingerprint, OLD.last_hash,"
                    " OLD.size, OLD.finished_at) IS DISTINCT FROM"
                    " (NEW.state, NEW.fingerprint, NEW.last_hash, NEW.size, NEW.finished_at))"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.form} #{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.state in (ExportState.WAITING, ExportState.RUNNING)
