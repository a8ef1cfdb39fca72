"""The lists of values of work reports (M21) and work plans (X4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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


class PlanType(models.TextChoices):
    """The same periods as those of a report."""

    DAY = "DAY", _("Daily plan")
    WEEK = "WEEK", _("Weekly plan")
    MONTH = "MONTH", _("Monthly plan")


class TaskState(models.TextChoices):
    """A task is finished once, either way; then it stays as it is."""

    OPEN = "OPEN", pgettext_lazy("planned task", "To do")
    DONE = "DONE", pgettext_lazy("planned task", "Done")
    NOT_DONE = "NOT_DONE", pgettext_lazy("planned task", "Not done")
