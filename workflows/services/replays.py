"""重放: run a version over the last finished cases and keep which would have gone another way.

The facts of a case are frozen in it, so a replay needs no document and changes nothing.
A step looks at one batch in one transaction that also writes how far it has come: a worker
that dies repeats at most its batch, and two workers never look at the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from lending_crm.common.errors import not_found
from staff.models import Employee
from workflows import errors, facts, hashing
from workflows.bpmn.courses import Course, CourseDifference, course_of, difference
from workflows.bpmn.findings import BpmnRefused
from workflows.bpmn.model import Definition
from workflows.choices import CaseState, RunState
from workflows.definitions import definition_of, parse
from workflows.kinds import DocumentKind, kind_for
from workflows.menu import may_configure
from workflows.models import Case, FlowVersion, Replay, ReplayDifference
from workflows.rule_people import RulePeople, asks_the_same

#: Cases a step looks at; small enough that stopping a replay never waits long for its row.
BATCH = 200
MOST_CASES = 100_000
_FINISHED = (CaseState.APPROVED, CaseState.REJECTED)


@transaction.atomic
def request_replay(*, version_id: int, actor: Employee, now: datetime, last: int) -> Replay:
    """Ask for a replay over the last ``last`` finished cases of the version's kind.

    The one that runs already is answered when there is one. Raises FLOW-31 for a number out
    of range and FLOW-32 for a route that cannot be read.
    """
    if not may_configure(actor):
        raise errors.administrators_only()
    if not 1 <= last <= MOST_CASES:
        raise errors.replay_size(MOST_CASES)
    version = (
        FlowVersion.objects.select_for_update(of=("self",))
        .select_related("definition")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise not_found()
    running = version.replays.filter(state__in=[RunState.WAITING, RunState.RUNNING]).first()
    if running is not None and running.sha256 == version.sha256:
        return running
    if running is not None:
        _end(running, RunState.CANCELLED, now)
    try:
        parse(version.bpmn, version.definition.document_kind)
    except BpmnRefused as refused:
        raise errors.route_unreadable(refused.findings) from refused
    finished = finished_cases(version.definition.document_kind)
    newest = finished.aggregate(newest=Max("pk"))["newest"]
    return Replay.objects.create(
        version=version,
        bpmn=version.bpmn,
        sha256=version.sha256,
        requested_by=actor,
        requested_at=now,
        newest_case_id=newest,
        total=finished.order_by().values("pk")[:last].count(),
    )


@transaction.atomic
def cancel_replay(*, replay_id: int, actor: Employee, now: datetime) -> Replay:
    """Stop a replay; what it found so far stays. A replay that has ended stays as it is."""
    if not may_configure(actor):
        raise errors.administrators_only()
    replay = Replay.objects.select_for_update(of=("self",)).filter(pk=replay_id).first()
    if replay is None:
        raise not_found()
    if replay.is_live:
        _end(replay, RunState.CANCELLED, now)
    return replay


def finished_cases(document_kind: str) -> QuerySet[Case]:
    return Case.objects.filter(document_kind=document_kind, state__in=_FINISHED)


@transaction.atomic
def continue_replay(*, replay_id: int, now: datetime, batch: int = BATCH) -> bool:
    """Look at the next batch; False when nothing is left to do for this worker."""
    replay = (
        Replay.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("version__definition")
        .filter(pk=replay_id, state__in=[RunState.WAITING, RunState.RUNNING])
        .first()
    )
    if replay is None:
        return False
    left = replay.total - replay.seen
    cases = _next_cases(replay, min(batch, left)) if left > 0 else []
    if not cases:
        replay.total = replay.seen
        _end(replay, RunState.DONE, now)
        return False
    comparison = _Comparison(replay)
    found = [each for case in cases if (each := comparison.of(case)) is not None]
    ReplayDifference.objects.bulk_create(found)
    replay.state = RunState.RUNNING
    replay.cursor = cases[-1].pk
    replay.seen += len(cases)
    replay.changed += len(found)
    replay.stuck += sum(bool(each.detail["stuck"]) for each in found)
    if replay.seen >= replay.total:
        _end(replay, RunState.DONE, now)
    else:
        replay.save()
    return replay.is_live


def _next_cases(replay: Replay, size: int) -> list[Case]:
    """Newest first, by key; a case that ended after the replay began is not looked at."""
    rows = finished_cases(replay.version.definition.document_kind)
    if replay.cursor is not None:
        rows = rows.filter(pk__lt=replay.cursor)
    elif replay.newest_case_id is not None:
        rows = rows.filter(pk__lte=replay.newest_case_id)
    columns = (
        "document_kind", "document_id", "facts", "flow_version_id", "handler_id", "creator_id",
        "branch_id", "department_id",
    )  # fmt: skip
    return list(rows.order_by("-pk").only(*columns)[:size])


def _end(replay: Replay, state: RunState, now: datetime) -> None:
    replay.state = state
    replay.finished_at = now
    replay.save()


@dataclass
class _Comparison:
    """Compares the cases of one batch with the replayed route."""

    replay: Replay

    def __post_init__(self) -> None:
        code = self.replay.version.definition.document_kind
        self.kind: DocumentKind = kind_for(code)
        self.route = parse(self.replay.bpmn, code)
        self.people = RulePeople(self.kind)

    def of(self, case: Case) -> ReplayDifference | None:
        """What would have been otherwise; None when nothing would."""
        # A fact that is declared since is no empty field: nobody knows what it would have been.
        known = facts.decode(case.facts, self.kind.facts)
        values = {name: value for name, value in known.items() if name in case.facts}
        route = definition_of(case.flow_version_id)
        before, after = course_of(route, values), course_of(self.route, values)
        changed = difference(before, after)
        people = {} if changed.stuck_at else self._people(case, route, before, after)
        if not changed and not people:
            return None
        detail = _detail(before, after, changed, people)
        return ReplayDifference(
            replay=self.replay,
            case=case,
            flow_version_id=case.flow_version_id,
            signature=_signature(detail),
            detail=detail,
        )

    def _people(
        self, case: Case, route: Definition, before: Course, after: Course
    ) -> dict[str, list[list[str]]]:
        """By stage: whom the rules found before, and whom they find now."""
        found: dict[str, list[list[str]]] = {}
        for stage_id in set(before.stages) & set(after.stages):
            had, has = route.stage(stage_id).settings, self.route.stage(stage_id).settings
            if asks_the_same(had, has):
                continue
            were, are = self.people.names(had, case), self.people.names(has, case)
            if were != are:
                found[stage_id] = [list(were), list(are)]
        return found


def _detail(
    before: Course, after: Course, changed: CourseDifference, people: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "before": [list(wave) for wave in before.waves],
        "after": [list(wave) for wave in after.waves],
        "added": list(changed.added),
        "removed": list(changed.removed),
        "reordered": changed.is_reordered,
        "ends": [before.outcome, after.outcome] if changed.ends_otherwise else [],
        "stuck": "" if after.missing_fact else changed.stuck_at,
        "missing_fact": after.missing_fact,
        "people": dict(sorted(people.items())),
    }


def _signature(detail: Mapping[str, Any]) -> str:
    """Equal for cases that differ alike: the stages and kinds of change, not the names."""
    said = {**detail, "people": sorted(detail["people"])}
    del said["before"], said["after"]
    if detail["reordered"]:
        said["order"] = [detail["before"], detail["after"]]
    return hashing.content_hash(said)
