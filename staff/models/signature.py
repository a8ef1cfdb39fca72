"""签名图片: how a person signs; every version is kept, because decisions name it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger


class SignatureImage(models.Model):
    """One signature of one person, as PNG; the row never changes and is never deleted.

    History events name it by ``sha256``, which is the hash of ``image``. Which one is in use
    stands at the person (``Employee.signature_sha256``).
    """

    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="signatures"
    )
    sha256 = models.CharField(max_length=64)
    image = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("signature image")
        constraints = [
            models.UniqueConstraint(fields=["employee", "sha256"], name="signature_kept_once")
        ]
        triggers = [
            pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.sha256[:12]}"
