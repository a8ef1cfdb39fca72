from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger


class SensitiveAccess(models.Model):
    """Who saw which full number, when and why (N25, R11); never holds the number itself."""

    model = models.CharField(_("record type"), max_length=60)
    object_id = models.BigIntegerField(_("record id"))
    label = models.CharField(_("record name"), max_length=120)
    field = models.CharField(_("field seen"), max_length=40)
    reason = models.CharField(_("reason of access"), max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("seen by")
    )
    at = models.DateTimeField(_("seen at"))
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)

    class Meta:
        verbose_name = _("access to sensitive data")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["model", "object_id", "-id"], name="sensitive_access_of_object")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.field} {self.label}"
