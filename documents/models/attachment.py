"""附件 (M9): files that belong to a document; replaced and removed ones stay as rows."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents import triggers
from documents.categories import label_of
from documents.querysets import AttachmentQuerySet

if TYPE_CHECKING:
    from documents.models.supplement import Supplement


class Attachment(models.Model):
    """One version of one attachment.

    All versions of an attachment share ``series``; the current one is neither superseded
    nor removed. ``supplement`` is set for what was added to a running case (M10).
    """

    document = models.ForeignKey(
        "documents.Document",
        models.PROTECT,
        related_name="attachments",
        verbose_name=_("document"),
    )
    supplement: models.ForeignKey[Supplement | None] = models.ForeignKey(
        "documents.Supplement",
        models.PROTECT,
        null=True,
        related_name="attachments",
        verbose_name=_("supplementary attachment"),
    )
    series = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    category = models.CharField(_("category"), max_length=40)
    title = models.CharField(_("attachment title"), max_length=100)
    file = models.ForeignKey(
        "documents.StoredFile", models.PROTECT, related_name="attachments", verbose_name=_("file")
    )
    file_name = models.CharField(_("file name"), max_length=255)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    superseded_at = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(_("removed at"), null=True, editable=False)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        constraints = [
            models.UniqueConstraint(fields=["series", "version"], name="attachment_version"),
            models.UniqueConstraint(
                fields=["series"],
                condition=models.Q(superseded_at=None),
                name="one_latest_attachment",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at=None, removed_by=None)
                | models.Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removal_names_its_author",
            ),
        ]
        indexes = [models.Index(fields=["document", "id"], name="attachment_of_document")]
        triggers = [triggers.frozen_attachment, triggers.kept_attachment]

    def __str__(self) -> str:
        return self.title

    @property
    def category_label(self) -> str | Promise:
        return label_of(self.category)

    @property
    def is_current(self) -> bool:
        return self.superseded_at is None and self.removed_at is None
