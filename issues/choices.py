"""The lists of values of 问题升级 (X3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lending_crm.common.dictionary import DictionaryChoices


class IssueKind(DictionaryChoices):
    COMPLAINT = "COMPLAINT", _("Complaint")
    RISK = "RISK", _("Risk")
    OTHER = "OTHER", pgettext_lazy("issue", "Other")


class Severity(models.TextChoices):
    """A serious issue begins with the department head."""

    NORMAL = "NORMAL", pgettext_lazy("severity", "Normal")
    SERIOUS = "SERIOUS", pgettext_lazy("severity", "Serious")


class Level(models.IntegerChoices):
    """Who answers; each answers within 24 hours or hands the issue up."""

    OWNER = 1, _("Level 1 person in charge")
    DEPARTMENT = 2, _("Level 2 department head")
    BRANCH = 3, _("Level 3 branch manager or joint meeting")
    HEAD_OFFICE = 4, _("Level 4 president")
    EXTERNAL = 5, _("Level 5 external body")


class IssueStatus(models.TextChoices):
    OPEN = "OPEN", pgettext_lazy("issue", "Not reported yet")
    HANDLING = "HANDLING", pgettext_lazy("issue", "Being handled")
    ANSWERED = "ANSWERED", pgettext_lazy("issue", "Waits for the reporter")
    CLOSED = "CLOSED", pgettext_lazy("issue", "Closed")


class Confirmation(models.TextChoices):
    """What the reporter said to the last answer; empty until he did."""

    ACCEPTED = "ACCEPTED", pgettext_lazy("issue", "Accepted")
    REFUSED = "REFUSED", pgettext_lazy("issue", "Refused")


class StepKind(models.TextChoices):
    ANSWER = "ANSWER", pgettext_lazy("issue", "Answered")
    ESCALATE = "ESCALATE", pgettext_lazy("issue", "Handed up")
    REFUSE = "REFUSE", pgettext_lazy("issue", "Answer refused")
    OVERDUE = "OVERDUE", pgettext_lazy("issue", "Handed up, no answer in time")
    CONFIRM = "CONFIRM", pgettext_lazy("issue", "Confirmed")


class Reason(models.TextChoices):
    """Why an issue goes a level up."""

    NO_ANSWER = "NO_ANSWER", _("No answer in time")
    INEFFECTIVE = "INEFFECTIVE", _("The measures do not work")
    DISAGREEMENT = "DISAGREEMENT", _("No agreement")
    SERIOUS = "SERIOUS", _("Serious nature")


#: steps that go up need their reason
GOING_UP = (StepKind.ESCALATE, StepKind.REFUSE, StepKind.OVERDUE)
#: from here on an answer rests on the report in eight parts
REPORT_FROM = Level.BRANCH
