"""风控委员会 (M17): the session that conducts one vote, and who takes part in it.

There is no table of votes: a member's vote is his decision on his work item of the stage.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from riskcommittee.choices import VOTING, Mode, Result, SeatRole, SessionState
from riskcommittee.querysets import SessionQuerySet

_PERSON = settings.AUTH_USER_MODEL


class CommitteeSession(models.Model):
    """One session on one visit of a case to the committee's step.

    What was counted (``present`` … ``agreed_amount`` in yuan) is written once, when the
    session closes; ``agreed_amount`` is empty when no approving member proposed one.
    """

    number = models.CharField(_("session number"), max_length=40, unique=True, editable=False)
    case = models.ForeignKey(
        "workflows.Case", models.PROTECT, related_name="committee_sessions", verbose_name=_("case")
    )
    stage = models.ForeignKey("workflows.Stage", models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=8, choices=SessionState.choices, default=SessionState.OPEN
    )
    mode = models.CharField(_("mode"), max_length=12, choices=Mode.choices)
    held_on = models.DateField(_("session date"))
    place = models.CharField(_("place"), max_length=100)
    risk_report = models.ForeignKey(
        "documents.StoredFile",
        models.PROTECT,
        related_name="+",
        verbose_name=_("risk review report"),
    )
    risk_report_name = models.CharField(max_length=255)
    minutes = models.ForeignKey(
        "documents.StoredFile",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("minutes"),
    )
    minutes_name = models.CharField(max_length=255, blank=True)
    result = models.CharField(_("result"), max_length=8, choices=Result.choices, blank=True)
    quorum = models.PositiveSmallIntegerField(_("quorum"), null=True)
    present = models.PositiveSmallIntegerField(_("present"), null=True)
    approving = models.PositiveSmallIntegerField(_("votes for"), null=True)
    rejecting = models.PositiveSmallIntegerField(_("votes against"), null=True)
    investigating = models.PositiveSmallIntegerField(_("for investigation"), null=True)
    agreed_amount = models.DecimalField(
        _("agreed amount"), max_digits=18, decimal_places=2, null=True
    )
    convened_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    convened_at = models.DateTimeField(_("convened at"))
    closed_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("risk committee session")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state=SessionState.OPEN),
                name="one_open_session_per_case",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SessionState.values) & Q(mode__in=Mode.values),
                name="session_state_and_mode",
            ),
            models.CheckConstraint(
                condition=~Q(state=SessionState.CLOSED)
                | Q(minutes__isnull=False, closed_by__isnull=False, closed_at__isnull=False)
                & Q(result__in=Result.values),
                name="closed_session_has_minutes_and_result",
            ),
            models.CheckConstraint(
                condition=~Q(result=Result.PASSED) | Q(present__gte=models.F("quorum")),
                name="no_pass_without_quorum",
            ),
        ]
        indexes = [models.Index(fields=["-convened_at", "-id"], name="session_newest")]
        triggers = [
            pgtrigger.Protect(
                name="ended_session_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["CLOSED", "LAPSED"]),
            ),
            pgtrigger.Protect(name="session_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("riskcommittee:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether votes are taken; not when the case has left the step some other way."""
        return self.state == SessionState.OPEN and self.stage.is_open

    @property
    def shown_state(self) -> SessionState:
        """The state as it is: an open session whose case has gone on has lapsed."""
        if self.state == SessionState.OPEN and not self.stage.is_open:
            return SessionState.LAPSED
        return SessionState(self.state)


class Seat(models.Model):
    """How one person takes part; a recused member has a name in the list and no vote."""

    session = models.ForeignKey(CommitteeSession, models.PROTECT, related_name="seats")
    employee = models.ForeignKey(_PERSON, models.PROTECT, related_name="committee_seats")
    role = models.CharField(_("takes part as"), max_length=9, choices=SeatRole.choices)
    is_recused = models.BooleanField(_("recused"), default=False)
    is_absent = models.BooleanField(_("absent"), default=False)

    class Meta:
        verbose_name = _("seat")
        constraints = [
            models.UniqueConstraint(fields=["session", "employee"], name="one_seat_per_person"),
            models.UniqueConstraint(
                fields=["session"], condition=Q(role=SeatRole.CHAIR), name="one_chair"
            ),
            models.CheckConstraint(condition=Q(role__in=SeatRole.values), name="seat_role"),
            models.CheckConstraint(
                condition=Q(is_recused=False, is_absent=False) | Q(role=SeatRole.MEMBER),
                name="only_members_are_recused_or_absent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.employee_id}"

    @property
    def votes(self) -> bool:
        return self.role in VOTING and not self.is_recused
