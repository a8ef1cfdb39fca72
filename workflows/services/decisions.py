"""同意, 有条件同意, 否决, 退回, 结束表决: what the people of a stage decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from lending_crm.common.errors import DomainError, refuse_all
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import errors, route
from workflows.access import (
    RECORDED,
    ActionLabel,
    check_independent,
    check_may_decide,
    check_offered,
)
from workflows.act import Act, lock_case
from workflows.bpmn.model import AssigneeKind, DecideMode, StageAction, StageSettings
from workflows.choices import TO_HANDLER, CaseState, Decision, EventKind, StageOutcome
from workflows.choosing import Choices, chosen_by_previous, take_choices
from workflows.conclusion import decisions_of
from workflows.conduct import check_ballot, is_conducted
from workflows.demands import check_demands, signed
from workflows.models import ApprovalCondition, Case, Stage, WorkItem
from workflows.selectors import return_targets
from workflows.services.branches import step_aside
from workflows.services.counting import count_votes
from workflows.services.opinions import (
    cleaned_conditions,
    cleaned_opinion,
    cleaned_reason,
)
from workflows.services.submission import give_to_handler
from workflows.settlement import (
    end_stage,
    ends_with,
    settle,
)

#: ``target`` of a return that goes to the stage that decided last.
TO_PREVIOUS = "previous"


def _open(
    item_id: int,
    actor: Employee,
    now: datetime,
    action: StageAction,
    idempotency_key: str | None,
    seen_version: int | None,
    *,
    is_ballot: bool = False,
) -> tuple[Act, WorkItem, StageSettings] | None:
    """Lock, then every guard that all decisions share; None when the act was done before.

    ``is_ballot`` is a vote to return: one voice, where a return of its own ends the stage.
    """
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    try:
        check_may_decide(act, item)
        act.check_seen(seen_version)
    except DomainError:
        if act.is_replay(*RECORDED[action], at=item):
            return None
        raise
    settings = act.definition.stage(item.stage.node_id).settings
    if settings.decide == DecideMode.VOTE:
        check_ballot(act, item, action)
    if action != StageAction.RETURN or not is_ballot:
        check_offered(settings, action)
    elif settings.decide != DecideMode.VOTE or not is_conducted(item.stage):
        raise errors.not_allowed_here(Decision.INVESTIGATE.label)
    check_demands(act, item, settings, action)
    refuse_all(act.kind.check_decision(case, item, action=action, actor=actor))
    return act, item, settings


@transaction.atomic
def approve(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    opinion: str,
    terms: Mapping[str, Any] | None = None,
    conditions: Sequence[str] | None = None,
    choices: Choices | None = None,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """同意; with ``conditions`` 有条件同意, which later documents must tick off.

    ``terms`` are the terms that the stage lets the approver set (approved amount …). The
    authority limit is checked again here, against the exposure of this moment (WF-15).
    ``choices`` are the people of the next stage, by node, where the approver chooses them.
    """
    with_conditions = conditions is not None
    action = StageAction.APPROVE_WITH_CONDITIONS if with_conditions else StageAction.APPROVE
    opened = _open(item_id, actor, now, action, idempotency_key, seen_version)
    if opened is None:
        return Case.objects.get(items=item_id)
    act, item, settings = opened
    opinion = cleaned_opinion(opinion, required=settings.opinion_required)
    texts = cleaned_conditions(conditions) if conditions is not None else []
    accepted = _accepted_terms(act, item, settings, terms)
    decision = Decision.APPROVE_WITH_CONDITIONS if with_conditions else Decision.APPROVE
    answer = route.answer_of(act, item.stage, decision)
    _choose_next(act, item, settings, choices or {}, answer)
    arrived_at = item.arrived_at
    act.decide_item(item, decision, opinion=opinion, conditions=texts, terms=accepted)
    _check_authority(act, item.stage, settings, answer)
    act.record(
        EventKind.APPROVED_WITH_CONDITIONS if with_conditions else EventKind.APPROVED,
        stage=item.stage,
        opinion=opinion,
        conditions=texts,
        arrived_at=arrived_at,
        data=_decision_data(act, accepted),
        item=item,
    )
    for text in texts:
        act.add_condition(
            ApprovalCondition(case=act.case, stage=item.stage, text=text, set_by=actor, set_at=now)
        )
    return _answered(act, item, settings)


def _answered(act: Act, item: WorkItem, settings: StageSettings) -> Case:
    settle(act, item.stage, settings)
    step_aside(act, item)
    return act.commit()


@transaction.atomic
def abstain(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    opinion: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """弃权, in a vote that allows it: present for the quorum, neither for nor against."""
    opened = _open(item_id, actor, now, StageAction.ABSTAIN, idempotency_key, seen_version)
    if opened is None:
        return Case.objects.get(items=item_id)
    act, item, settings = opened
    opinion = cleaned_opinion(opinion, required=settings.opinion_required)
    arrived_at = item.arrived_at
    act.decide_item(item, Decision.ABSTAIN, opinion=opinion)
    act.record(
        EventKind.ABSTAINED,
        stage=item.stage,
        opinion=opinion,
        arrived_at=arrived_at,
        data=_decision_data(act),
    )
    return _answered(act, item, settings)


@transaction.atomic
def investigate(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    opinion: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """补充调查, in a vote that a session conducts: present, and for going back to the handler.

    The reason is what the handler is asked for, so it has the length of a return's (WF-07).
    """
    opened = _open(
        item_id, actor, now, StageAction.RETURN, idempotency_key, seen_version, is_ballot=True
    )
    if opened is None:
        return Case.objects.get(items=item_id)
    act, item, settings = opened
    reason = cleaned_reason(opinion, settings.reason_length)
    arrived_at = item.arrived_at
    act.decide_item(item, Decision.INVESTIGATE, opinion=reason)
    act.record(
        EventKind.INVESTIGATION_ASKED,
        stage=item.stage,
        opinion=reason,
        arrived_at=arrived_at,
        data=_decision_data(act),
    )
    return _answered(act, item, settings)


@transaction.atomic
def reject(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    opinion: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """否决: ends the route as rejected; in a vote it is one vote against (or a veto)."""
    opened = _open(item_id, actor, now, StageAction.REJECT, idempotency_key, seen_version)
    if opened is None:
        return Case.objects.get(items=item_id)
    act, item, settings = opened
    reason = cleaned_reason(opinion, settings.reject_reason_length)
    arrived_at = item.arrived_at
    act.decide_item(item, Decision.REJECT, opinion=reason)
    act.record(
        EventKind.REJECTED,
        stage=item.stage,
        opinion=reason,
        arrived_at=arrived_at,
        data=_decision_data(act),
        item=item,
    )
    if settings.decide == DecideMode.VOTE:
        return _answered(act, item, settings)
    end_stage(act, item.stage, StageOutcome.REJECTED)
    return act.commit()


@transaction.atomic
def return_case(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    opinion: str,
    target: str = TO_HANDLER,
    resumes_directly: bool = True,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """退回 to the handler, the previous stage, or any stage that has decided on this case.

    All open stages of the route close and stay on record; the target opens in a new round.
    ``resumes_directly`` asks for 直达退回人: if no material field changes, the
    resubmission comes straight back to this stage.
    """
    opened = _open(item_id, actor, now, StageAction.RETURN, idempotency_key, seen_version)
    if opened is None:
        return Case.objects.get(items=item_id)
    act, item, settings = opened
    reason = cleaned_reason(opinion, settings.reason_length)
    to_stage = _return_target(act, item.stage, target)
    arrived_at, stage = item.arrived_at, item.stage
    act.decide_item(item, Decision.RETURN, opinion=reason)
    act.record(
        EventKind.RETURNED,
        stage=stage,
        opinion=reason,
        arrived_at=arrived_at,
        data={
            "target": to_stage.node_id if to_stage else TO_HANDLER,
            "target_title": to_stage.title if to_stage else "",
            "target_title_en": to_stage.title_en if to_stage else "",
            "resumes_directly": resumes_directly and to_stage is None,
            "tokens": act.case.tokens,
            **signed(actor),
        },
        item=item,
    )
    others = [s for s in act.open_stages() if s is not stage]
    if to_stage is None:
        act.case.returned_from = stage.node_id
        act.case.resumes_directly = resumes_directly
        act.notify("case.returned", [act.case.handler_id], step=stage.title)
        give_to_handler(act, others, stage, CaseState.RETURNED, StageOutcome.RETURNED)
    else:
        route.start_over_at(
            act, to_stage.node_id, leaving=stage, beside=others, outcome=StageOutcome.RETURNED
        )
        act.notify("case.returned", [act.case.handler_id], step=to_stage.title)
    return act.commit()


def _return_target(act: Act, leaving: Stage, target: str) -> Stage | None:
    """The stage to return to; None for the handler; raises WF-19 for anything else."""
    if target == TO_HANDLER:
        return None
    stages = return_targets(act.case, leaving)
    if target == TO_PREVIOUS and stages:
        return stages[0]
    for stage in stages:
        if stage.node_id == target:
            return stage
    raise errors.bad_target()


@transaction.atomic
def close_vote(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """结束表决: count those present when others stay away (RCM-01 without a quorum).

    For a veto holder of the stage and for the committee's secretary. ``item_id`` is any
    item of the vote.
    """
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.VOTE_CLOSED, at=item):
        return case
    check_may_close(act, item)
    act.check_seen(seen_version)
    count_votes(act, item.stage)
    return act.commit()


def check_may_close(act: Act, item: WorkItem) -> None:
    """WF-03 for who is neither a veto holder nor the secretary, WF-01 and WF-17 for who may not
    decide on the document, WF-18 where there is no vote, or a session conducts it."""
    stage = item.stage
    if not stage.node_id:
        raise errors.not_assigned()
    if not stage.is_open:
        raise errors.stale()
    if act.definition.stage(stage.node_id).settings.decide != DecideMode.VOTE:
        raise errors.not_allowed_here(ActionLabel.CLOSE_VOTE.label)
    if not holds_vote(act.items_of(stage), act.actor):
        raise errors.not_assigned()
    check_independent(act.case, act.actor)
    if is_conducted(stage):
        raise errors.not_allowed_here(ActionLabel.CLOSE_VOTE.label)


def holds_vote(items: Sequence[WorkItem], actor: Employee) -> bool:
    """Whether the actor's role lets him close this vote."""
    if roles_of(actor).has(RoleCode.RCS):
        return True
    return any(item.has_veto and item.assignee_id == actor.pk for item in items)


def _accepted_terms(
    act: Act, item: WorkItem, settings: StageSettings, terms: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Only what the stage may set, checked by the document's own rules (BUS-12)."""
    given = {name: value for name, value in (terms or {}).items() if value not in (None, "")}
    foreign = sorted(set(given) - set(settings.term_fields))
    if foreign:
        raise errors.terms_not_allowed(foreign)
    if not given:
        return {}
    beside = decisions_of(each for each in act.items_of(item.stage) if each is not item)
    return act.kind.check_terms(act.document, given, beside=beside)


def _check_authority(
    act: Act, stage: Stage, settings: StageSettings, answer: Mapping[str, Any]
) -> None:
    """Nobody ends a case that needs a higher level than his stage has, at this moment.

    Asked once his answer is there: the terms that it sets may need a higher level themselves.
    """
    refusal = route.above_authority(act, stage, settings, answer)
    if refusal is not None:
        raise refusal


def _choose_next(
    act: Act,
    item: WorkItem,
    settings: StageSettings,
    choices: Choices,
    answer: Mapping[str, Any],
) -> None:
    """Keep whom the approver chose for what follows; whose answer ends the stage must choose."""
    if not choices and not act.definition.chooses_next:
        return
    following = chosen_by_previous(act.definition, route.next_stages(act, item.stage, answer))
    wrong = take_choices(
        act.case,
        following,
        choices,
        kind=AssigneeKind.PREVIOUS,
        required=settings.decide != DecideMode.VOTE and ends_with(act, item, settings),
    )
    refuse_all(wrong)


def _decision_data(act: Act, terms: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the opinion was given on: supplements seen, terms set, the tokens before."""
    data: dict[str, Any] = {
        "supplements": act.case.supplement_count,
        "tokens": act.case.tokens,
        **signed(act.actor),
    }
    if terms:
        data["terms"] = dict(terms)
    return data
