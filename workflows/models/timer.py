"""What happens at a stage when time passes; one row each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.choices import TimerKind, TimerState
from workflows.models.case import Stage


class Timer(models.Model):
    """A rung of a stage's escalation ladder, or a BPMN timer on its boundary.

    ``due_at`` is the moment that the working calendar gives, empty while the clock is paused.
    ``ring_at`` is when a dispatcher looks at the row: the same moment, a later one after a
    failure or while a dispatcher holds it, never while it is empty. ``percent`` is that of the
    stage's limit, 0 for a boundary timer, which ``element_id`` names.
    """

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="timers", db_index=False)
    kind = models.CharField(max_length=16, choices=TimerKind.choices)
    percent = models.PositiveSmallIntegerField(default=0)
    element_id = models.CharField(max_length=100, blank=True)
    tell = ArrayField(models.CharField(max_length=16), default=list)
    due_at = models.DateTimeField(_("due"), null=True)
    ring_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=TimerState.choices, default=TimerState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("timer")
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "percent", "element_id"], name="timer_of_stage_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=TimerState.values), name="timer_state"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=TimerKind.BOUNDARY, percent=0) & ~models.Q(element_id="")
                | ~models.Q(kind=TimerKind.BOUNDARY) & models.Q(percent__gt=0, element_id=""),
                name="timer_is_rung_or_boundary",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ring_at", "id"],
                name="timer_waiting",
                condition=models.Q(state=TimerState.WAITING),
            ),
            models.Index(
                fields=["id"], name="timer_parked", condition=models.Q(state=TimerState.PARKED)
            ),
        ]

    def __str__(self) -> str:
        return self.element_id or f"{self.percent} %"
