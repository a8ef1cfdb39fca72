from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.choices import ConsentPurpose
from customers.models.contact import Contact
from customers.models.customer import Customer


class Consent(models.Model):
    """个人信息授权书: a signed paper with its purposes; one person, one file (R10).

    ``contact`` is empty when the customer himself is the person (中介(个人)).
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="consents", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="consents",
        verbose_name=_("contact"),
    )
    file = models.ForeignKey(
        "documents.StoredFile", models.PROTECT, related_name="consents", verbose_name=_("file")
    )
    file_name = models.CharField(_("file name"), max_length=255, editable=False)
    purposes = ArrayField(
        models.CharField(max_length=16, choices=ConsentPurpose.choices), verbose_name=_("purposes")
    )
    granted_on = models.DateField(_("granted on"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("revoked by"),
    )
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added at"), editable=False)

    class Meta:
        verbose_name = _("personal-information consent")
        ordering = ["-granted_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until=None)
                | models.Q(valid_until__gte=models.F("granted_on")),
                name="consent_period_in_order",
            ),
            models.CheckConstraint(condition=~models.Q(purposes=[]), name="consent_has_a_purpose"),
        ]

    def __str__(self) -> str:
        return str(self.contact or self.customer)

    def is_valid_on(self, day: date) -> bool:
        """Granted, not revoked and not run out on that day."""
        return (
            self.revoked_at is None
            and self.granted_on <= day
            and (self.valid_until is None or day <= self.valid_until)
        )

    @property
    def purpose_labels(self) -> list[str]:
        labels = dict(ConsentPurpose.choices)
        return [str(labels.get(purpose, purpose)) for purpose in self.purposes]
