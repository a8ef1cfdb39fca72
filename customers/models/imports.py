from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lending_crm.common.crypto import EncryptedTextField


class ImportState(models.TextChoices):
    CHECKING = "CHECKING", pgettext_lazy("import", "Being checked")
    CHECKED = "CHECKED", pgettext_lazy("import", "Checked")
    RUNNING = "RUNNING", pgettext_lazy("run", "Running")
    DONE = "DONE", pgettext_lazy("run", "Done")


class ImportRun(models.Model):
    """A workbook on its way: first every row is tried and taken back, then, if wanted, kept.

    ``content`` are the rows as JSON, encrypted because they hold numbers of people.
    ``results`` has an entry per row that was looked at in this pass: its number, the faults by
    column, and what it became. ``position`` is where a worker goes on.
    """

    target = models.CharField(_("what is imported"), max_length=12)
    file_name = models.CharField(_("file name"), max_length=255)
    content = EncryptedTextField()
    total = models.PositiveSmallIntegerField(_("rows"))
    position = models.PositiveSmallIntegerField(default=0)
    results = models.JSONField(default=list)
    state = models.CharField(
        _("state"), max_length=8, choices=ImportState.choices, default=ImportState.CHECKING
    )
    language = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    at = models.DateTimeField(_("imported at"))
    ip = models.GenericIPAddressField(null=True, blank=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        verbose_name = _("import of a workbook")
        ordering = ["-id"]
        indexes = [models.Index(fields=["actor", "-id"], name="import_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(position__lte=models.F("total")), name="import_within_rows"
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def rows(self) -> list[tuple[int, dict[str, str], dict[str, str]]]:
        """Number, text by field, and by field why it is unreadable."""
        return [(number, values, faults) for number, values, faults in json.loads(self.content)]

    @property
    def is_live(self) -> bool:
        return self.state in (ImportState.CHECKING, ImportState.RUNNING)

    @property
    def faulty(self) -> list[dict[str, Any]]:
        return [each for each in self.results if each["faults"]]

    @property
    def good_count(self) -> int:
        return len(self.results) - len(self.faulty)
