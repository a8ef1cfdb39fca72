"""提交, 重新提交, 撤回, 作废: what the handler does with his document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from viewflow.workflow.status import PROCESS

from lending_crm.common.errors import DomainError, refuse_all
from staff.models import Employee
from workflows import errors, facts
from workflows.act import Act, lock_case, was_done_before
from workflows.bpmn.model import AssigneeKind
from workflows.choices import (
    WITH_HANDLER,
    CaseState,
    EventKind,
    ItemKind,
    ItemState,
    StageOutcome,
    VersionState,
)
from workflows.choosing import Choices, keep_applicants, take_choices
from workflows.conflicts import abstaining, related_people
from workflows.definitions import definition_of
from workflows.flows import flow_class_for
from workflows.kinds import CaseSummary, DocumentKind, kind_for
from workflows.models import Case, FlowVersion, Stage, WorkItem
from workflows.preview import check_route, draft_case, stages_ahead
from workflows.resubmission import Resubmission, resubmission_of, returner_of
from workflows.services.opinions import cleaned_reason

WITHDRAW_REASON_LENGTH = 2
_SUBMISSIONS = (EventKind.SUBMITTED, EventKind.RESUBMITTED)


@transaction.atomic
def submit_document(
    *,
    kind: str,
    document_id: int,
    actor: Employee,
    now: datetime,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
    choices: Choices | None = None,
) -> Case:
    """Send a document into approval, for the first time or again.

    The case row is locked first, as everywhere; before there is one, the document's. Two
    submissions of one document queue up and the second finds it in approval (WF-05). All
    refusals come at once (``Refusals``): the document's own, those of its way (WF-10), of
    stages without people (WF-11), and of ``choices``, the people whom the applicant chose, by
    node, where a stage asks for it (WF-75 to WF-77). ``seen_version`` is the document's version
    (WF-12).
    A resubmission without material change goes straight back to who returned it, when he
    asked for that; else the chain starts over on the version that is published now.
    """
    document_kind = kind_for(kind)
    earlier = Case.objects.filter(document_kind=kind, document_id=document_id).first()
    if earlier is not None:
        act = Act(
            lock_case(pk=earlier.pk),
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
        )
        if act.is_replay(*_SUBMISSIONS):
            return act.case
        if act.case.state not in WITH_HANDLER:
            raise errors.wrong_state(act.case.state)
        wrong = _checked(document_kind, act.document, actor, now, seen_version)
        return _resubmit(act, wrong, choices or {})
    document = document_kind.lock(document_id)
    overtaken_by = Case.objects.filter(document_kind=kind, document_id=document_id).first()
    if overtaken_by is not None:
        if was_done_before(overtaken_by, actor, idempotency_key, *_SUBMISSIONS):
            return overtaken_by
        raise errors.wrong_state(overtaken_by.state)
    wrong = _checked(document_kind, document, actor, now, seen_version)
    with _all_at_once(wrong):
        case = _drafted(document_kind, document, now, choices or {})
    return _begin(case, document, actor, now, idempotency_key)


def _checked(
    kind: DocumentKind,
    document: Any,
    actor: Employee,
    now: datetime,
    seen_version: int | None,
) -> list[DomainError]:
    """What stands against the document itself; refuses at once who may not submit it."""
    summary = kind.summary(document)
    if actor.pk != summary.handler_id:
        raise errors.not_handler()
    if seen_version is not None and seen_version != summary.version:
        raise errors.stale()
    return kind.check_submission(document, actor=actor, now=now)


@contextmanager
def _all_at_once(wrong: Sequence[DomainError]) -> Iterator[None]:
    """Refuse with what was found before together with what the block refuses."""
    try:
        yield
    except DomainError as refusal:
        refuse_all([*wrong, *refusal.reasons])
    refuse_all(wrong)


def _drafted(kind: DocumentKind, document: Any, now: datetime, choices: Choices) -> Case:
    """The case that the submission makes; raises what is wrong with its way."""
    version = published_version(kind.code)
    case = Case(
        flow_class=flow_class_for(kind.code),
        document_kind=kind.code,
        document_id=document.pk,
        flow_version=version,
        submitted_at=now,
        created=now,
    )
    _fill(case, kind.summary(document))
    case.facts = facts.encode(kind.collect_facts(document, now=now))
    case.recusals = related_people(kind, document)
    _check_route(kind, document, case, choices)
    return case


def _begin(
    case: Case, document: Any, actor: Employee, now: datetime, idempotency_key: str | None
) -> Case:
    case.save(force_insert=True)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    act.document = document
    act.take_snapshot()
    act.record(EventKind.SUBMITTED, data={"facts": case.facts})
    case.flow_class.instance.submitted.begin(case).activate_next()
    act.kind.set_status(document, CaseState.IN_APPROVAL.value, case=case, now=now)
    return act.commit()


def _resubmit(act: Act, wrong: Sequence[DomainError], choices: Choices) -> Case:
    case, kind, now = act.case, act.kind, act.now
    correction = next(
        item
        for item in act.items
        if item.kind == ItemKind.CORRECTION and item.state == ItemState.OPEN
    )
    _fill(case, kind.summary(act.document))
    way = resubmission_of(kind, case, act.take_snapshot())
    with _all_at_once(wrong):
        if way.at:
            act.resume_at = way.at
            act.resume_with = returner_of(case)
        else:
            case.flow_version = published_version(kind.code)
            case.choices = keep_applicants(case, definition_of(case.flow_version_id))
        case.facts = facts.encode(kind.collect_facts(act.document, now=now))
        case.recusals = abstaining(kind, act.document, case)
        act.__dict__.pop("facts", None)
        _check_route(kind, act.document, case, choices, at=act.resume_at)
    case.state = CaseState.IN_APPROVAL
    case.returned_from = ""
    case.resumes_directly = False
    act.record(
        EventKind.RESUBMITTED,
        stage=correction.stage,
        arrived_at=correction.arrived_at,
        data={
            "facts": case.facts,
            "direct": bool(way.at),
            "material_changes": way.changed_names,
        },
    )
    _finish_correction(act, correction)
    activation = correction.stage.flow_task.activation_class(correction.stage)
    activation.resume()
    activation.activate_next()
    if case.state == CaseState.IN_APPROVAL:  # unless the handler's word has ended it
        kind.set_status(act.document, CaseState.IN_APPROVAL.value, case=case, now=now)
    return act.commit()


def _finish_correction(act: Act, item: WorkItem) -> None:
    item.state = ItemState.NOT_NEEDED
    act.change_item(item)
    item.stage.outcome = StageOutcome.APPROVED
    act.change_stage(item.stage)


def _fill(case: Case, summary: CaseSummary) -> None:
    """Copy what an inbox row shows, as the document is now."""
    case.doc_no = summary.doc_no
    case.subject = summary.subject
    case.party = summary.party
    case.amount = summary.amount
    case.branch_id = summary.branch_id
    case.department_id = summary.department_id
    case.handler_id = summary.handler_id
    case.creator_id = summary.creator_id
    case.document_version = summary.version
    words = (summary.doc_no, summary.subject, summary.party, summary.search)
    case.search = " ".join(filter(None, words)).lower()
    case.risk_flags = list(summary.risk_flags)


def _check_route(
    kind: DocumentKind, document: Any, case: Case, choices: Choices, *, at: str | None = None
) -> None:
    """Refuse a way without people, and what is wrong with the people who were chosen."""
    stages = stages_ahead(kind, case, at=at)
    wrong = take_choices(case, stages, choices, kind=AssigneeKind.APPLICANT, required=True)
    refuse_all([*check_route(kind, document, case, at=at), *wrong])


def draft_submission(
    kind: DocumentKind, document: Any, *, now: datetime
) -> tuple[Case, Resubmission]:
    """The case that a submission at this moment would begin or go on with, only thought, and
    which way it would take; raises WF-10 when no version is published."""
    case_id, returned = kind.summary(document).case_id, None
    if case_id is not None:
        resumed = Case.objects.filter(state=CaseState.RETURNED, resumes_directly=True)
        returned = resumed.filter(pk=case_id).first()
    way = resubmission_of(kind, returned, kind.snapshot(document)) if returned else Resubmission()
    if not (returned and way.at):
        return draft_case(kind, document, published_version(kind.code).pk, now), way
    case = draft_case(kind, document, returned.flow_version_id, now)
    case.returned_from, case.choices = way.at, returned.choices
    return case, way


def published_version(kind_code: str) -> FlowVersion:
    """The version that new cases take; raises WF-10 when there is none."""
    version = FlowVersion.objects.filter(
        definition__document_kind=kind_code, state=VersionState.PUBLISHED
    ).first()
    if version is None:
        raise errors.no_flow()
    return version


@transaction.atomic
def withdraw_case(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """撤回: the handler takes the document back until the final decision (WF-13)."""
    case = lock_case(pk=case_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    if act.is_replay(EventKind.WITHDRAWN):
        return case
    check_may_withdraw(case, actor)
    if case.state in (CaseState.APPROVED, CaseState.REJECTED):
        raise errors.decision_is_final()
    if case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(case.state)
    act.check_seen(seen_version)
    reason = cleaned_reason(reason, WITHDRAW_REASON_LENGTH)
    asked = [i.assignee_id for i in act.items if i.state == ItemState.OPEN and i.assignee_id]
    open_stages = act.open_stages()
    act.record(EventKind.WITHDRAWN, stage=open_stages[0], opinion=reason)
    act.notify("case.withdrawn", asked)
    give_to_handler(act, open_stages, open_stages[0], CaseState.WITHDRAWN, StageOutcome.CLOSED)
    return act.commit()


def check_may_withdraw(case: Case, actor: Employee) -> None:
    """WF-29 for anybody but the handler, also for who created the document."""
    if actor.pk != case.handler_id:
        raise errors.not_handler()


def give_to_handler(
    act: Act,
    open_stages: list[Stage],
    leaving: Stage,
    state: CaseState,
    outcome: StageOutcome,
) -> None:
    """Close the route and put the case with its handler, in a new round."""
    case = act.case
    for stage in open_stages:
        if stage is not leaving:
            act.close_stage(stage, StageOutcome.CLOSED)
    activation = leaving.flow_task.activation_class(leaving)
    activation.decide()
    act.close_stage(leaving, outcome)
    case.state = state
    case.round += 1
    act.tokens = ()
    act.moved()
    act.is_returning = True
    act.kind.set_status(act.document, state.value, case=case, now=act.now)
    activation.activate_next()


@transaction.atomic
def void_case(*, case_id: int, actor: Employee, now: datetime, reason: str) -> Case:
    """作废 of a document that is with its handler: nothing waits any more.

    The documents app calls this in the transaction that voids the document.
    """
    case = lock_case(pk=case_id)
    act = Act(case, actor=actor, now=now)
    if case.state not in WITH_HANDLER:
        raise errors.wrong_state(case.state)
    for stage in act.open_stages():
        act.close_stage(stage, StageOutcome.CLOSED)
    case.state = CaseState.VOID
    case.status = PROCESS.CANCELED
    case.finished = now
    act.moved()
    act.record(EventKind.VOIDED, opinion=reason)
    return act.commit()
