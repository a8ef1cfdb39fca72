"""Messages to people: what arrived, how each person wants it, and the e-mails under way."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lending_crm.common.models import OutboxMessage
from staff.events import body_of, title_of
from staff.querysets import NotificationQuerySet


class Notification(models.Model):
    """One message to one person.

    The sentence is made from ``event`` and ``params`` when it is read, so that it follows
    the reader's language. ``case_id`` is a plain number: this app knows no cases.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notifications"
    )
    event = models.CharField(_("event"), max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    case_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(_("received at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    outbox = models.ForeignKey(OutboxMessage, models.SET_NULL, null=True, related_name="+")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        constraints = [
            # One outbox row reaches a person once, however often a worker starts it over.
            models.UniqueConstraint(fields=["outbox", "recipient"], name="notified_once")
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notification_list"),
            models.Index(
                fields=["recipient", "-id"],
                name="notification_unread",
                condition=models.Q(read_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return title_of(self.event, self.params)

    @property
    def body(self) -> str:
        return body_of(self.event, self.params)


class EmailDelivery(models.Model):
    """One e-mail of one outbox row to one person, from its claim to its sending.

    ``message_id`` is made from the outbox row and the person, so a second attempt after a
    dead worker carries the same identity and is recognised as the same letter.
    """

    outbox = models.ForeignKey(OutboxMessage, models.SET_NULL, null=True, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    address = models.EmailField()
    message_id = models.CharField(max_length=200, unique=True)
    event = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("e-mail delivery")
        constraints = [models.UniqueConstraint(fields=["outbox", "recipient"], name="mailed_once")]

    def __str__(self) -> str:
        return self.message_id


class NotificationPreference(models.Model):
    """How a person wants one kind of event; without a row the event's own default holds."""

    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences"
    )
    event = models.CharField(_("event"), max_length=40)
    in_app = models.BooleanField(_("in the product"), default=True)
    email = models.BooleanField(_("by e-mail"), default=False)

    class Meta:
        verbose_name = _("notification preference")
        constraints = [
            models.UniqueConstraint(fields=["employee", "event"], name="one_preference_per_event")
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.event}"
