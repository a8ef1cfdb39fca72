from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.models import Contact, Customer
from lending_crm.common.crypto import EncryptedTextField
from sms.choices import CONSENT_KINDS, UNSUBSCRIBE, Kind, Status
from sms.models.setting import COLLECTION_CAP
from sms.models.template import TemplateVersion
from sms.querysets import SmsMessageQuerySet

#: half a year cannot be deleted, whatever the settings or a job say
YOUNG = "OLD.created_at > CURRENT_TIMESTAMP - INTERVAL '6 months'"


class SmsMessage(models.Model):
    """One text message, out or in: the log of domain.md X1 and the state of its sending.

    ``reference`` is what the gateway knows it by: the same one again is the same message.
    ``dedupe_key`` keeps an event from causing a second message. ``counted_on`` is the day
    whose allowance it uses (SMS-03). The full number is stored encrypted.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dedupe_key = models.CharField(max_length=120, blank=True, default="")
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, related_name="+", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact")
    )
    recipient = models.CharField(_("recipient"), max_length=80, blank=True)
    number = EncryptedTextField(_("mobile"))
    number_index = models.CharField(max_length=64, db_index=True)
    number_masked = models.CharField(_("to"), max_length=20)
    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("template")
    )
    text = models.CharField(_("text"), max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("sent by person"),
    )
    created_at = models.DateTimeField(_("created at"))
    not_before = models.DateTimeField(_("not before"))
    counted_on = models.DateField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    gateway = models.CharField(_("gateway"), max_length=20, blank=True)
    gateway_id = models.CharField(_("gateway id"), max_length=80, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    reported_at = models.DateTimeField(_("reported at"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    objects = SmsMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("text message")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="sms_newest"),
            models.Index(fields=["customer", "-created_at", "-id"], name="sms_of_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=Kind.REPLY, status=Status.RECEIVED)
                | (~models.Q(kind=Kind.REPLY) & ~models.Q(status=Status.RECEIVED)),
                name="sms_reply_is_received",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.REPLY)
                | models.Q(template_version__isnull=False, counted_on__isnull=False),
                name="sms_sent_from_a_template",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=CONSENT_KINDS) | models.Q(text__endswith=UNSUBSCRIBE),
                name="sms_commercial_has_a_way_out",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[Status.SENT, Status.DELIVERED, Status.UNDELIVERED])
                | models.Q(sent_at__isnull=False),
                name="sms_sent_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["dedupe_key"],
                condition=~models.Q(dedupe_key=""),
                name="sms_event_sends_once",
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_id"],
                condition=models.Q(kind=Kind.REPLY),
                name="sms_reply_once",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="sms_message_words_fixed",
                fields=[
                    "kind",
                    "reference",
                    "number_index",
                    "template_version",
                    "text",
                    "by",
                    "created_at",
                ],
            ),
            pgtrigger.Protect(
                name="sms_message_kept_half_a_year",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition(YOUNG),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number_masked}"

    def get_absolute_url(self) -> str:
        return reverse("sms:message", args=[self.pk])

    @property
    def name(self) -> str:
        """What the log of full numbers seen calls it."""
        return self.recipient or self.number_masked


class Allowance(models.Model):
    """How many messages of a kind a number got on a day; the row is the lock (SMS-03)."""

    number_index = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    day = models.DateField()
    used = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("messages of a day")
        constraints = [
            models.UniqueConstraint(
                fields=["number_index", "kind", "day"], name="sms_allowance_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=Kind.COLLECTION) | models.Q(used__lte=COLLECTION_CAP),
                name="sms_collection_six_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.used}"
