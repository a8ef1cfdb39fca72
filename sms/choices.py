from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """The kinds of text messages (domain.md X1); REPLY is what comes in."""

    NOTICE = "NOTICE", pgettext_lazy("text message", "Notice")
    COLLECTION = "COLLECTION", pgettext_lazy("text message", "Collection")
    MARKETING = "MARKETING", pgettext_lazy("text message", "Marketing")
    BIRTHDAY = "BIRTHDAY", pgettext_lazy("text message", "Birthday greeting")
    REPLY = "REPLY", pgettext_lazy("text message", "Reply")


#: what can be sent; a reply only arrives
SENT_KINDS = [choice for choice in Kind.choices if choice[0] != Kind.REPLY]
#: commercial messages: only with consent, always with the way out (R12, N24)
CONSENT_KINDS = (Kind.MARKETING, Kind.BIRTHDAY)


#: the way out that the server puts at the end of every commercial message (R12)
UNSUBSCRIBE = "拒收请回复R"


class Usage(models.TextChoices):
    """What sends a template by itself; empty: a person chooses it."""

    APPROVED = "APPROVED", _("An application was approved")
    TRANSFERRED = "TRANSFERRED", _("A loan was paid out")
    DUE = "DUE", _("An instalment falls due")
    OVERDUE = "OVERDUE", _("An instalment is overdue")
    BIRTHDAY = "BIRTHDAY", _("A contact's birthday")


#: the kind that a template must have to serve a usage
KIND_OF_USAGE = {
    Usage.APPROVED: Kind.NOTICE,
    Usage.TRANSFERRED: Kind.NOTICE,
    Usage.DUE: Kind.COLLECTION,
    Usage.OVERDUE: Kind.COLLECTION,
    Usage.BIRTHDAY: Kind.BIRTHDAY,
}


class VersionState(models.TextChoices):
    DRAFT = "DRAFT", pgettext_lazy("text template", "Waiting for approval")
    APPROVED = "APPROVED", pgettext_lazy("text template", "Approved")
    REJECTED = "REJECTED", pgettext_lazy("text template", "Rejected")


class Status(models.TextChoices):
    """Where a message is: queued until the gateway took it, refused by a rule of ours,
    failed at the gateway; a report makes it delivered or undelivered."""

    QUEUED = "QUEUED", pgettext_lazy("text message", "Queued")
    SENT = "SENT", pgettext_lazy("text message", "Sent")
    DELIVERED = "DELIVERED", pgettext_lazy("text message", "Delivered")
    UNDELIVERED = "UNDELIVERED", pgettext_lazy("text message", "Not delivered")
    FAILED = "FAILED", pgettext_lazy("text message", "Failed")
    REFUSED = "REFUSED", pgettext_lazy("text message", "Refused")
    RECEIVED = "RECEIVED", pgettext_lazy("text message", "Received")


class ConsentMeans(models.TextChoices):
    """How a person said yes or no; the note says where the proof lies."""

    PAPER = "PAPER", _("Signed paper")
    RECORDING = "RECORDING", _("Recorded telephone call")
    ONLINE = "ONLINE", _("Website or app")
    REPLY = "REPLY", _("Reply by text message")
    OTHER = "OTHER", _("Other")
