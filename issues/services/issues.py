"""答复, 升级, 确认, 异议, 逾期升级 and the report: what is done with an issue (X3).

Each act keeps its record and has the engine carry it, in one transaction under the case's lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from viewflow.workflow.status import STATUS

from documents.choices import WfStatus
from documents.errors import wrong_status
from documents.kinds import routed_kind
from issues import refusals
from issues.choices import Confirmation, IssueStatus, Level, Reason, StepKind
from issues.kinds import KIND_CODE
from issues.models import REPORT_PARTS, IssueEscalation, IssueReport, IssueStep
from issues.rules import answer_refusals, item_in_hand
from lending_crm.common.changes import record_changes
from lending_crm.common.errors import not_found, refuse_all
from lending_crm.common.text import clean_text
from staff.models import Employee
from staff.services.guards import refuse_stale
from workflows.act import lock_case
from workflows.errors import not_handler, too_long
from workflows.models import Stage, WorkItem
from workflows.services.decisions import approve, return_case
from workflows.services.items import claim
from workflows.services.opinions import cleaned_reason
from workflows.services.submission import submit_document, withdraw_case

#: characters of a record; that of a return (WF-07)
SHORTEST = 5


@transaction.atomic
def answer_issue(*, issue_id: int, text: str, actor: Employee, now: datetime) -> IssueEscalation:
    """答复: the level has dealt with it; the reporter shall say whether he agrees.

    Raises ISS-08, ISS-09, WF-07, and what the engine refuses of a return.
    """
    issue, item = _in_hand(issue_id, actor, now)
    record = cleaned_reason(text, SHORTEST)
    refuse_all(list(answer_refusals(issue)))
    _note(issue, StepKind.ANSWER, text=record, item=item, actor=actor, now=now)
    return_case(item_id=item.pk, actor=actor, now=now, opinion=record, resumes_directly=False)
    return _stored(issue)


@transaction.atomic
def escalate_issue(
    *, issue_id: int, reason: str, text: str, actor: Employee, now: datetime
) -> IssueEscalation:
    """升级: the level hands it up, with a reason of the list.

    Raises ISS-06 at the highest level, ISS-09, ISS-12, WF-07, and what the engine refuses.
    """
    issue, item = _in_hand(issue_id, actor, now)
    if issue.level == Level.EXTERNAL:
        raise refusals.highest_level()
    why = _reason(reason)
    record = cleaned_reason(text, SHORTEST)
    _note(issue, StepKind.ESCALATE, text=record, reason=why, item=item, actor=actor, now=now)
    approve(item_id=item.pk, actor=actor, now=now, opinion=f"{why.label}: {record}")
    _raise_level(issue)
    return _stored(issue)


@transaction.atomic
def confirm_answer(*, issue_id: int, text: str, actor: Employee, now: datetime) -> IssueEscalation:
    """确认: the reporter agrees, and ``text`` says how he told so; the issue closes.

    Raises WF-29, WF-05, WF-07, and what a submission is refused for.
    """
    issue = _answered(issue_id, actor)
    record = cleaned_reason(text, SHORTEST)
    _note(issue, StepKind.CONFIRM, text=record, actor=actor, now=now)
    _set(issue, confirmation=Confirmation.ACCEPTED)
    _submit(issue, actor=actor, now=now)
    return _stored(issue)


@transaction.atomic
def refuse_answer(
    *, issue_id: int, reason: str, text: str, actor: Employee, now: datetime
) -> IssueEscalation:
    """异议: the reporter does not agree; the next level deals with it, the highest once more.

    Raises WF-29, WF-05, ISS-12, WF-07, and what a submission is refused for.
    """
    issue = _answered(issue_id, actor)
    why = _reason(reason)
    record = cleaned_reason(text, SHORTEST)
    _note(issue, StepKind.REFUSE, text=record, reason=why, actor=actor, now=now)
    _set(issue, confirmation=Confirmation.REFUSED)
    _raise_level(issue)
    _submit(issue, actor=actor, now=now)
    return _stored(issue)


@transaction.atomic
def escalate_overdue(
    *, issue_id: int, text: str, actor: Employee, now: datetime
) -> IssueEscalation:
    """未按期回复: nobody answered in time, so the handler takes it a level up himself.

    Time alone moves nothing. Raises WF-29, WF-05, ISS-06, ISS-07, WF-07.
    """
    issue = _of_handler(issue_id, actor)
    if issue.wf_status != WfStatus.IN_APPROVAL or issue.case_id is None:
        raise wrong_status(issue.wf_status)
    if issue.level == Level.EXTERNAL:
        raise refusals.highest_level()
    if not is_overdue(issue, now=now):
        raise refusals.not_overdue()
    record = cleaned_reason(text, SHORTEST)
    why = Reason.NO_ANSWER
    _note(issue, StepKind.OVERDUE, text=record, reason=why, actor=actor, now=now)
    withdraw_case(case_id=issue.case_id, actor=actor, now=now, reason=f"{why.label}: {record}")
    _raise_level(issue)
    _submit(issue, actor=actor, now=now)
    return _stored(issue)


@transaction.atomic
def write_report(
    *,
    issue_id: int,
    values: Mapping[str, Any],
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> IssueReport:
    """8D 报告: whoever has the issue in his hands writes on it, part by part.

    Raises ISS-09, WF-12 on a stale version, WF-27 for a part that is too long.
    """
    issue, _item = _in_hand(issue_id, actor, now, claims=False)
    report = IssueReport.objects.filter(issue=issue).first() or IssueReport(issue=issue, version=0)
    if report.pk:
        refuse_stale(report, version)
    before = _headed(report)
    for name in REPORT_PARTS:
        if name in values:
            setattr(report, name, _part(name, values[name]))
    report.version += 1
    report.written_by, report.written_at = actor, now
    report.save()
    record_changes(
        instance=issue, before=before, after=_headed(report), actor=actor, now=now, ip=ip
    )
    return report


def is_overdue(
    issue: IssueEscalation, *, now: datetime, items: Sequence[WorkItem] | None = None
) -> bool:
    """Whether the step that waits has had its 24 hours (a working day)."""
    due = due_of(issue, items)
    return due is not None and due < now


def due_of(issue: IssueEscalation, items: Sequence[WorkItem] | None = None) -> datetime | None:
    """When the level shall have answered; None while none is asked.

    ``items`` are those of the case where a page has read them.
    """
    if issue.wf_status != WfStatus.IN_APPROVAL:
        return None
    if items is not None:
        stages = {item.stage for item in items if item.stage.node_id and _is_asked(item.stage)}
        return min(stages, key=lambda stage: stage.pk).due_at if stages else None
    waiting = Stage.objects.filter(process=issue.case_id, outcome="", status=STATUS.ASSIGNED)
    return waiting.exclude(node_id="").values_list("due_at", flat=True).first()


def _is_asked(stage: Stage) -> bool:
    return not stage.outcome and stage.status == STATUS.ASSIGNED


def _lock(issue_id: int) -> IssueEscalation:
    """The case first, as every act of the engine does, then the document."""
    case_id = IssueEscalation.objects.filter(pk=issue_id).values_list("case", flat=True).first()
    if case_id is not None:
        lock_case(pk=case_id)
    issue: IssueEscalation = routed_kind(KIND_CODE).lock(issue_id)
    return issue


def _in_hand(
    issue_id: int, actor: Employee, now: datetime, *, claims: bool = True
) -> tuple[IssueEscalation, WorkItem]:
    issue = _lock(issue_id)
    item = item_in_hand(issue, actor)
    if item is None:
        raise refusals.not_in_hand()
    if claims and item.assignee_id is None and item.claim_required:
        claim(item_id=item.pk, actor=actor, now=now)
    return issue, item


def _of_handler(issue_id: int, actor: Employee) -> IssueEscalation:
    issue = _lock(issue_id)
    if issue.handler_id != actor.pk:
        raise not_handler()
    return issue


def _answered(issue_id: int, actor: Employee) -> IssueEscalation:
    issue = _of_handler(issue_id, actor)
    if issue.wf_status != WfStatus.RETURNED or issue.biz_status != IssueStatus.ANSWERED:
        raise wrong_status(issue.wf_status)
    return issue


def _reason(code: str) -> Reason:
    if code not in Reason.values:
        raise refusals.reason_missing()
    return Reason(code)


def _note(
    issue: IssueEscalation,
    kind: StepKind,
    *,
    text: str,
    actor: Employee,
    now: datetime,
    reason: Reason | None = None,
    item: WorkItem | None = None,
) -> None:
    if issue.case is None:
        raise not_found()
    IssueStep.objects.create(
        issue=issue,
        kind=kind,
        level=issue.level,
        reason=reason or "",
        text=text,
        round=issue.case.round if item else None,
        node_id=item.stage.node_id if item else "",
        by=actor,
        at=now,
    )


def _set(issue: IssueEscalation, **values: Any) -> None:
    IssueEscalation.objects.filter(pk=issue.pk).update(**values)


def _raise_level(issue: IssueEscalation) -> None:
    below = IssueEscalation.objects.filter(pk=issue.pk, level__lt=Level.EXTERNAL)
    below.update(level=F("level") + 1)


def _submit(issue: IssueEscalation, *, actor: Employee, now: datetime) -> None:
    submit_document(kind=KIND_CODE, document_id=issue.pk, actor=actor, now=now)


def _stored(issue: IssueEscalation) -> IssueEscalation:
    stored: IssueEscalation = routed_kind(KIND_CODE).get(issue.pk)
    return stored


def _headed(report: IssueReport) -> dict[str, str]:
    """The parts by their names, for the issue's change log."""
    return {name: getattr(report, name) for name in REPORT_PARTS}


def _part(name: str, value: Any) -> str:
    column: Any = IssueReport._meta.get_field(name)
    limit = column.max_length
    text = clean_text(value or "")
    if len(text) > limit:
        raise too_long(name, limit)
    return text
