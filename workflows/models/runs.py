"""Long work over many cases: the replay of a draft, and the migration of running cases.

A run is a row that a worker takes a step at a time; where it stands is written with each
step, so that a worker that dies loses nothing and the next one goes on.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.choices import Fit, MoveReason, MoveState, RunState
from workflows.models.case import Case
from workflows.models.definition import FlowVersion

_PERSON = settings.AUTH_USER_MODEL


class FlowRun(models.Model):
    """What every run keeps: who asked, how far it has come, and whether it was stopped.

    ``cursor`` is the id of the last case that was looked at; ``total`` is how many there are
    to look at, counted when the run began.
    """

    state = models.CharField(
        _("state"), max_length=12, choices=RunState.choices, default=RunState.WAITING
    )
    requested_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(null=True)

    class Meta:
        abstract = True

    @property
    def is_live(self) -> bool:
        return self.state in (RunState.WAITING, RunState.RUNNING)


class Replay(FlowRun):
    """A version run over the last finished cases: which would have gone another way.

    ``bpmn`` is the route as it was when the replay was asked for; a draft that was edited
    since has another ``sha256``, and the result no longer speaks of it. ``newest_case_id``
    keeps cases that end meanwhile out of the count.
    """

    version = models.ForeignKey(FlowVersion, models.CASCADE, related_name="replays")
    bpmn = models.TextField()
    sha256 = models.CharField(max_length=64)
    newest_case_id = models.BigIntegerField(null=True)
    changed = models.PositiveIntegerField(default=0)
    stuck = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("replay")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(state__in=["WAITING", "RUNNING"]),
                name="one_live_replay",
            )
        ]

    @property
    def is_current(self) -> bool:
        """Whether the version still is what was replayed."""
        return self.sha256 == self.version.sha256


class ReplayDifference(models.Model):
    """One case that would have gone another way, and how.

    ``detail`` holds the waves of stages ``before`` and ``after``, what was ``added`` and
    ``removed``, ``reordered``, ``ends`` (before, after), ``stuck`` (an element id),
    ``missing_fact`` (that the case was never asked for), and ``people`` by stage (names before
    and after). ``signature`` is equal for cases that differ in the same way.
    """

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="differences")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+")
    signature = models.CharField(max_length=64)
    detail = models.JSONField()

    class Meta:
        verbose_name = _("case that would have gone another way")
        constraints = [models.UniqueConstraint(fields=["replay", "case"], name="replayed_once")]
        indexes = [models.Index(fields=["replay", "signature", "id"], name="replay_signature")]


class FlowMigration(FlowRun):
    """Running cases brought to a newer version: first looked at, then moved.

    ``mapping`` says at which stage of the target a case goes on that stands at a stage of its
    own version; stages that are not named keep their id. A run is checked (``CHECKED``)
    before it may be started; editing the mapping checks again.
    """

    target = models.ForeignKey(FlowVersion, models.PROTECT, related_name="migrations")
    mapping = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    is_checked = models.BooleanField(default=False)
    is_started = models.BooleanField(default=False)
    started_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("migration of running cases")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=models.Q(state__in=["WAITING", "RUNNING"]),
                name="one_live_migration",
            ),
            models.CheckConstraint(
                condition=models.Q(is_started=False) | models.Q(is_checked=True),
                name="migration_checked_first",
            ),
        ]


class FlowMigrationCase(models.Model):
    """One running case in a migration: whether it fits, why not, and what became of it.

    ``place`` names the stages at which it stands, ``detail`` those that the reason is about
    (``stages``), and of a case that fits: ``goes_on`` (old → new), the stages that are
    ``new`` beside it, asked ``anew``, or ``passed_by`` because they lie before it.
    """

    migration = models.ForeignKey(FlowMigration, models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    from_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+")
    fit = models.CharField(max_length=16, choices=Fit.choices)
    reason = models.CharField(max_length=24, choices=MoveReason.choices, blank=True)
    place = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=MoveState.choices, default=MoveState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("case in a migration")
        constraints = [models.UniqueConstraint(fields=["migration", "case"], name="migrated_once")]
        indexes = [
            models.Index(fields=["migration", "fit", "id"], name="migration_fit"),
            models.Index(
                fields=["migration", "due_at", "id"],
                name="migration_pending",
                condition=models.Q(state="PENDING", fit="FITS"),
            ),
        ]
