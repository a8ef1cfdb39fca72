"""How long steps take, measured from finished cases; the forecast reads what is kept here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from staff.calendar import WorkingCalendar, load_calendar
from workflows.choices import ENDED, CaseState, StageOutcome, VersionState
from workflows.definitions import definition_of
from workflows.durations import HANDFUL, sketch_of
from workflows.kinds import all_kinds
from workflows.models import Case, FlowVersion, Stage, StageDuration
from workflows.timing.clock import clock_of

#: Finished cases that are looked at for each kind, newest first, and how many at once.
CASES = 5_000
BATCH = 500
#: Visits of one step that count; the oldest ones drop out.
VISITS = 200

#: working hours by version and stage, newest first
_Measured = dict[tuple[int, str], list[float]]


def refresh_durations(*, now: datetime) -> int:
    """Measure every step of the versions in use anew; gives how many steps have a duration.

    A step counts from its opening to its approval, in working hours without pauses. A version
    with fewer visits of a step than a handful takes those of the other versions along.
    """
    calendar = load_calendar()
    rows: list[StageDuration] = []
    for kind in all_kinds():
        measured = _measure(kind.code, calendar)
        for version in _in_use(kind.code):
            rows += _rows(version, measured, now)
    with transaction.atomic():
        StageDuration.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["flow_version", "node_id"],
            update_fields=["visits", "sketch", "refreshed_at"],
        )
    return len(rows)


def _measure(kind: str, calendar: WorkingCalendar) -> _Measured:
    found: _Measured = defaultdict(list)
    versions: dict[int, int] = {}
    last: int | None = None
    for _batch in range(CASES // BATCH):
        finished = Case.objects.filter(
            document_kind=kind, state__in=[CaseState.APPROVED, CaseState.REJECTED]
        )
        if last is not None:
            finished = finished.filter(pk__lt=last)
        pairs = list(finished.order_by("-pk").values_list("pk", "flow_version")[:BATCH])
        if not pairs:
            break
        last = pairs[-1][0]
        versions = dict(pairs)
        stages = Stage.objects.filter(
            process__in=versions, outcome=StageOutcome.APPROVED, finished__isnull=False
        ).exclude(node_id="")
        for stage in stages.order_by("-pk"):
            hours = found[versions[stage.process_id], stage.node_id]
            if len(hours) < VISITS and stage.finished is not None:
                hours.append(clock_of(stage).used(calendar, stage.finished))
    return found


def _in_use(kind: str) -> Iterable[FlowVersion]:
    """The published version, and those on which cases still run."""
    versions = FlowVersion.objects.filter(definition__document_kind=kind).defer("bpmn")
    running = Case.objects.filter(document_kind=kind).exclude(state__in=ENDED)
    used = set(running.order_by().values_list("flow_version", flat=True).distinct())
    return [v for v in versions if v.state == VersionState.PUBLISHED or v.pk in used]


def _rows(version: FlowVersion, measured: _Measured, now: datetime) -> list[StageDuration]:
    rows = []
    for stage in definition_of(version.pk).stages():
        hours = measured.get((version.pk, stage.id), [])
        if len(hours) < HANDFUL:
            hours = [
                each
                for (_version, node), others in measured.items()
                if node == stage.id
                for each in others
            ][:VISITS]
        if hours:
            rows.append(
                StageDuration(
                    flow_version=version,
                    node_id=stage.id,
                    visits=len(hours),
                    sketch=[round(each, 3) for each in sketch_of(hours)],
                    refreshed_at=now,
                )
            )
    return rows
