from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.choices import InfluenceStrength, InfluenceType
from customers.models.contact import Contact


class InfluenceRelation(models.Model):
    """影响关系: an arrow from the one who influences to the one who is influenced (M3)."""

    from_contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="influences", verbose_name=_("influencing contact")
    )
    to_contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        related_name="influenced_by",
        verbose_name=_("influenced contact"),
    )
    influence_type = models.CharField(
        _("influence type"), max_length=12, choices=InfluenceType.choices
    )
    strength = models.PositiveSmallIntegerField(
        _("influence strength"),
        choices=InfluenceStrength.choices,
        default=InfluenceStrength.MEDIUM,
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), editable=False)

    class Meta:
        verbose_name = _("influence relation")
        ordering = ["-strength", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_contact", "to_contact", "influence_type"], name="influence_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(from_contact=models.F("to_contact")),
                name="influence_not_oneself",
            ),
            models.CheckConstraint(
                condition=models.Q(strength__in=InfluenceStrength.values),
                name="influence_strength_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_contact} → {self.to_contact}"
