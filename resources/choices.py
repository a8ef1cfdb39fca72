from django.db import models
from django.utils.translation import pgettext_lazy

from lending_crm.common.dictionary import DictionaryChoices


class HandoverMode(models.TextChoices):
    """移交设置: how much of what the person holds."""

    ALL = "ALL", pgettext_lazy("handover", "Everything")
    BY_KIND = "BY_KIND", pgettext_lazy("handover", "By kind")
    BY_ITEM = "BY_ITEM", pgettext_lazy("handover", "Item by item")


class HandoverReason(DictionaryChoices):
    RESIGNED = "RESIGNED", pgettext_lazy("handover", "Resignation")
    TRANSFERRED = "TRANSFERRED", pgettext_lazy("handover", "Transfer to another post")
    LEAVE = "LEAVE", pgettext_lazy("handover", "Leave")
    OTHER = "OTHER", pgettext_lazy("handover", "Other")


class HandoverStatus(models.TextChoices):
    """Where an approved handover stands; what is before the approval is PREPARING."""

    PREPARING = "PREPARING", pgettext_lazy("handover", "Being prepared")
    PENDING = "PENDING", pgettext_lazy("handover", "To be carried out")
    DONE = "DONE", pgettext_lazy("handover", "Carried out")


class Outcome(models.TextChoices):
    WAITING = "WAITING", "—"
    MOVED = "MOVED", pgettext_lazy("handover", "Moved")
    SKIPPED = "SKIPPED", pgettext_lazy("handover", "Stays")
