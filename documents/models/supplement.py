"""补充附件 (M10): material added to a running case without sending it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from documents.querysets import SupplementQuerySet


class Supplement(models.Model):
    """A small document of its own: drafted, filled with files, submitted, then read-only.

    A draft that is given up keeps its number and its row (``discarded_at``).
    """

    doc_no = models.CharField(_("document number"), max_length=40, unique=True, editable=False)
    document = models.ForeignKey(
        "documents.Document",
        models.PROTECT,
        related_name="supplements",
        verbose_name=_("business document"),
    )
    subject = models.CharField(_("subject"), max_length=100)
    note = models.TextField(_("supplementary note"), blank=True)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="supplements",
        verbose_name=_("handler"),
    )
    created_at = models.DateTimeField(_("created at"), editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    discarded_at = models.DateTimeField(null=True, editable=False)

    objects = SupplementQuerySet.as_manager()

    class Meta:
        verbose_name = _("supplementary attachment")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(submitted_at=None) | models.Q(discarded_at=None),
                name="supplement_submitted_or_discarded",
            )
        ]
        indexes = [models.Index(fields=["document", "id"], name="supplement_of_document")]
        triggers = [
            pgtrigger.Protect(
                name="read_only_when_submitted",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__submitted_at__isnull=False)
                | pgtrigger.Q(old__discarded_at__isnull=False),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.doc_no} {self.subject}"

    @property
    def is_draft(self) -> bool:
        return self.submitted_at is None and self.discarded_at is None


class SupplementRead(models.Model):
    """A reader has opened a supplement; until then the case shows him 补充 +n."""

    supplement = models.ForeignKey(Supplement, models.PROTECT, related_name="readings")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplement", "reader"], name="supplement_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.supplement_id} {self.reader_id}"
