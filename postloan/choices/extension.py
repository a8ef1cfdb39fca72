from django.db import models
from django.utils.translation import pgettext_lazy

from lending_crm.common.dictionary import DictionaryChoices


class ExtType(models.TextChoices):
    """展期类型: before the due date an extension, after it the handling of what is overdue."""

    EXTENSION = "EXTENSION", pgettext_lazy("extension type", "Extension")
    OVERDUE = "OVERDUE", pgettext_lazy("extension type", "Overdue")


class OverdueKind(DictionaryChoices):
    """逾期类型."""

    SHORT_OF_CASH = "SHORT_OF_CASH", pgettext_lazy("overdue kind", "Short of cash for a while")
    BUSINESS_FAILING = "BUSINESS_FAILING", pgettext_lazy("overdue kind", "Business deteriorating")
    LOST_CONTACT = "LOST_CONTACT", pgettext_lazy("overdue kind", "Lost contact")
    MALICIOUS = "MALICIOUS", pgettext_lazy("overdue kind", "Malicious")


class CollectionWay(DictionaryChoices):
    """How the borrower was asked to pay."""

    PHONE = "PHONE", pgettext_lazy("collection", "Telephone")
    VISIT = "VISIT", pgettext_lazy("collection", "Visit")
    LETTER = "LETTER", pgettext_lazy("collection", "Letter")
    LAWYER = "LAWYER", pgettext_lazy("collection", "Lawyer's letter")
    OTHER = "OTHER", pgettext_lazy("collection", "Other")
