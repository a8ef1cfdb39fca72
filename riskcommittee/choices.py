"""The words of a committee's session (M17)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from workflows.choices import Decision


class SessionState(models.TextChoices):
    """A session lapses when its case left the committee's step some other way."""

    OPEN = "OPEN", pgettext_lazy("session", "Open")
    CLOSED = "CLOSED", pgettext_lazy("session", "Closed")
    LAPSED = "LAPSED", pgettext_lazy("session", "Lapsed")


class Mode(models.TextChoices):
    MEETING = "MEETING", pgettext_lazy("session", "Meeting")
    CIRCULATION = "CIRCULATION", pgettext_lazy("session", "By circulation")


class SeatRole(models.TextChoices):
    CHAIR = "CHAIR", pgettext_lazy("session", "Chair")
    MEMBER = "MEMBER", pgettext_lazy("session", "Member")
    SECRETARY = "SECRETARY", pgettext_lazy("session", "Secretary")
    OBSERVER = "OBSERVER", pgettext_lazy("session", "Observer")


VOTING = (SeatRole.CHAIR, SeatRole.MEMBER)


class Opinion(models.TextChoices):
    """表决意见: the engine's decisions in the words of a ballot; there is no abstention."""

    APPROVE = Decision.APPROVE.value, pgettext_lazy("ballot", "Approve")
    CONDITIONS = (
        Decision.APPROVE_WITH_CONDITIONS.value,
        pgettext_lazy("ballot", "Approve with conditions"),
    )
    REJECT = Decision.REJECT.value, pgettext_lazy("ballot", "Disapprove")
    INVESTIGATE = Decision.INVESTIGATE.value, pgettext_lazy("ballot", "Investigate further")


class Result(models.TextChoices):
    PASSED = "PASSED", pgettext_lazy("session", "Passed")
    REJECTED = "REJECTED", pgettext_lazy("session", "Not passed")
    RETURNED = "RETURNED", pgettext_lazy("session", "Returned for further investigation")
