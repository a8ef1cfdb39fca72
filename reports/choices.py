"""The lists of values of work reports (M21)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportType(models.TextChoices):
    DAY = "DAY", _("Daily report")
    WEEK = "WEEK", _("Weekly report")
    MONTH = "MONTH", _("Monthly report")


class ReportStatus(models.TextChoices):
    """The order is that of a report's life; it never goes back."""

    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("Submitted")
    READ = "READ", _("Read")
    COMMENTED = "COMMENTED", _("Commented")


class ReceiverKind(models.TextChoices):
    REPORT = "REPORT", _("Reports to")
    COPY = "COPY", _("Copy to")
