"""Stored bytes, and the log of who took them out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger


class StoredFile(models.Model):
    """The content of an upload, kept once under its SHA-256; the row never changes.

    ``size`` is in bytes; ``extension`` and ``mime`` are what the content was found to be.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("size"))
    extension = models.CharField(max_length=8)
    mime = models.CharField(max_length=100)
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stored file")
        triggers = [
            pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]}.{self.extension}"

    @property
    def is_image(self) -> bool:
        return self.mime.startswith("image/")

    @property
    def is_previewable(self) -> bool:
        """A browser shows it in the page."""
        return self.is_image or self.extension == "pdf"


class DownloadLog(models.Model):
    """One file handed out to one person; append-only."""

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="downloads")
    attachment = models.ForeignKey(
        "documents.Attachment", models.PROTECT, null=True, related_name="downloads"
    )
    file_name = models.CharField(_("file name"), max_length=255)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("downloaded by")
    )
    at = models.DateTimeField(_("downloaded at"))
    ip = models.GenericIPAddressField(null=True)
    is_preview = models.BooleanField(_("shown in the page"), default=False)

    class Meta:
        verbose_name = _("download")
        indexes = [models.Index(fields=["attachment", "-id"], name="download_of_attachment")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"
