"""审批权限表: up to which exposure a level may decide."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuthorityBand(models.Model):
    """One level of one document kind; the highest level has no limit.

    Limits are yuan of exposure and include their own value (domain §2.3).
    """

    document_kind = models.CharField(_("document kind"), max_length=40)
    level = models.PositiveSmallIntegerField(_("level"))
    upper_limit = models.DecimalField(
        _("upper limit (CNY)"), max_digits=18, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("authority band")
        ordering = ["document_kind", "level"]
        constraints = [
            models.UniqueConstraint(fields=["document_kind", "level"], name="authority_level_once"),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=9), name="authority_level_range"
            ),
            models.CheckConstraint(
                condition=models.Q(upper_limit=None) | models.Q(upper_limit__gt=0),
                name="authority_limit_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_kind} {self.level}"
