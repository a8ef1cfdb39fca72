"""挂起, 恢复, 跳转, 终止: what an information administrator does to a case that went wrong.

Each needs a reason, stands in the history as the administrator's act, and is told to all
whom it concerns. None of them approves or rejects.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from viewflow.workflow.status import PROCESS

from staff.models import Employee
from workflows import errors, route
from workflows.access import check_administers
from workflows.act import Act, lock_case
from workflows.bpmn.model import Definition
from workflows.bpmn.model import Stage as StageElement
from workflows.choices import ALIVE, CaseState, EventKind, StageOutcome
from workflows.models import Case, Stage
from workflows.services.collaboration import waiting_people
from workflows.services.opinions import cleaned_reason
from workflows.timing.clock import pause_clocks, resume_clocks

INTERVENTION_REASON_LENGTH = 5


def _open(
    kind: EventKind,
    case_id: int,
    actor: Employee,
    now: datetime,
    idempotency_key: str | None,
    seen_version: int | None,
    *,
    while_suspended: bool = False,
) -> Act | None:
    """Lock and every guard that the four share; None when the act was done before."""
    act = Act(
        lock_case(pk=case_id),
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        while_suspended=while_suspended,
    )
    if act.is_replay(kind):
        return None
    check_administers(act.case, actor)
    if act.case.state not in ALIVE:
        raise errors.wrong_state(act.case.state)
    act.check_seen(seen_version)
    return act


def _concerned(act: Act) -> set[int]:
    """The handler, the creator, and whoever holds the case at this moment."""
    return {act.case.handler_id, act.case.creator_id, *waiting_people(act)}


@transaction.atomic
def suspend_case(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """挂起: nobody can act on the case, and its clocks stand still, until it is resumed.

    Only a case under approval is suspended; WF-40 answers everybody who tries to act on it.
    """
    act = _open(EventKind.SUSPENDED, case_id, actor, now, idempotency_key, seen_version)
    if act is None:
        return Case.objects.get(pk=case_id)
    if act.case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(act.case.state)
    reason = cleaned_reason(reason, INTERVENTION_REASON_LENGTH)
    act.case.suspended_at = now
    pause_clocks(act)
    act.moved()
    act.record(EventKind.SUSPENDED, opinion=reason)
    act.notify("case.suspended", _concerned(act), opinion=reason)
    return act.commit()


@transaction.atomic
def resume_case(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """恢复: the case goes on where it stood; the time of the suspension is added to what is due.

    A clock that material had paused before the suspension stays paused. Raises WF-41 for a
    case that is not suspended.
    """
    act = _open(
        EventKind.RESUMED, case_id, actor, now, idempotency_key, seen_version, while_suspended=True
    )
    if act is None:
        return Case.objects.get(pk=case_id)
    suspended_at = act.case.suspended_at
    if suspended_at is None:
        raise errors.not_suspended()
    reason = cleaned_reason(reason, INTERVENTION_REASON_LENGTH)
    resume_clocks(act, [s for s in act.open_stages() if s.paused_at == suspended_at])
    act.case.suspended_at = None
    act.moved()
    act.record(EventKind.RESUMED, opinion=reason)
    act.notify("case.resumed", _concerned(act), opinion=reason)
    return act.commit()


@transaction.atomic
def jump_to_stage(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    target: str,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """跳转: put the case at any stage of its own route, in a new round.

    All open stages close and stay on record. Inside parallel branches the sister branches
    open with the target unless their approval stands. Stages that are passed over are not
    approved by this; the authority limit is checked at the last decision as ever. Raises
    WF-42 when ``target`` is no stage of the route, or the only one at which the case stands.
    """
    act = _open(EventKind.JUMPED, case_id, actor, now, idempotency_key, seen_version)
    if act is None:
        return Case.objects.get(pk=case_id)
    if act.case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(act.case.state)
    leaving, *beside = act.open_stages()
    element = _target(act.definition, target, [leaving, *beside])
    reason = cleaned_reason(reason, INTERVENTION_REASON_LENGTH)
    act.notify("case.jumped", _concerned(act), opinion=reason, step=element.name)
    act.record(
        EventKind.JUMPED,
        stage=leaving,
        opinion=reason,
        data={
            "from": [stage.title for stage in (leaving, *beside)],
            "from_en": [stage.title_en for stage in (leaving, *beside)],
            "target": element.id,
            "target_title": element.name,
            "target_title_en": element.name_en,
        },
    )
    route.start_over_at(
        act, element.id, leaving=leaving, beside=beside, outcome=StageOutcome.CLOSED
    )
    return act.commit()


def _target(definition: Definition, target: str, open_stages: list[Stage]) -> StageElement:
    element = definition.elements.get(target)
    if not isinstance(element, StageElement) or [s.node_id for s in open_stages] == [target]:
        raise errors.bad_jump_target()
    return element


@transaction.atomic
def terminate_case(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """终止: end a live case for good, neither approved nor rejected; its document is void."""
    act = _open(
        EventKind.TERMINATED,
        case_id,
        actor,
        now,
        idempotency_key,
        seen_version,
        while_suspended=True,
    )
    if act is None:
        return Case.objects.get(pk=case_id)
    case = act.case
    reason = cleaned_reason(reason, INTERVENTION_REASON_LENGTH)
    act.notify("case.terminated", _concerned(act), opinion=reason)
    open_stages = act.open_stages()
    act.record(EventKind.TERMINATED, stage=open_stages[0], opinion=reason, data=_was(case))
    for stage in open_stages:
        act.close_stage(stage, StageOutcome.CLOSED)
    case.state = CaseState.VOID
    case.status = PROCESS.CANCELED
    case.finished = now
    case.suspended_at = None
    case.resumes_directly = False
    act.tokens = ()
    act.moved()
    act.kind.terminate(act.document, case=case, reason=reason, now=now)
    return act.commit()


def _was(case: Case) -> dict[str, Any]:
    """Where the case stood, for the record."""
    return {"state": case.state, "tokens": case.tokens}
