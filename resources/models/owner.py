"""Who carries on with finished documents since a handover; their handler on record stays."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentOwner(models.Model):
    """The owner of a decided document where it is not its handler (domain M20)."""

    document = models.OneToOneField(
        "documents.Document", models.PROTECT, related_name="handed_owner"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("owner of a finished document")

    def __str__(self) -> str:
        return str(self.owner)
