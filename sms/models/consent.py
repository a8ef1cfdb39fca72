from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.models import Contact, Customer
from lending_crm.common.crypto import EncryptedTextField
from sms.choices import ConsentMeans
from sms.models.message import YOUNG, SmsMessage


class ConsentProof(models.Model):
    """A person said yes or no to text messages, how and when (R12); never changed.

    The last word of a number counts, whichever record it was said for.
    """

    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    number = EncryptedTextField(_("mobile"))
    number_index = models.CharField(max_length=64)
    number_masked = models.CharField(_("mobile"), max_length=20)
    agrees = models.BooleanField(_("agrees to text messages"))
    means = models.CharField(_("how it was said"), max_length=10, choices=ConsentMeans.choices)
    note = models.CharField(_("where the proof lies"), max_length=200)
    reply = models.ForeignKey(SmsMessage, models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("noted by"),
    )
    created_at = models.DateTimeField(_("noted at"))

    class Meta:
        verbose_name = _("proof of a consent to text messages")
        ordering = ["-id"]
        indexes = [models.Index(fields=["number_index", "-id"], name="sms_consent_of_number")]
        triggers = [
            pgtrigger.ReadOnly(
                name="sms_consent_fixed",
                fields=["number_index", "agrees", "means", "note", "by", "created_at"],
            ),
            pgtrigger.Protect(
                name="sms_consent_kept_half_a_year",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition(YOUNG),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number_masked} {self.agrees}"
