"""工作报告: write, generate the table, submit to the superiors, read, comment."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from documents.numbering import next_number
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.outbox import publish_all
from lending_crm.common.text import clean_line, clean_text
from reports import errors
from reports.choices import ReceiverKind, ReportStatus, ReportType
from reports.events import COMMENTED, SUBMITTED
from reports.models import ReportComment, ReportReceiver, WorkReport
from reports.periods import period_of
from reports.selectors.work_plans import frozen_rows
from reports.selectors.work_reports import is_superior, superiors_of
from reports.work_figures import PLANNED_TASKS
from staff.events import notice
from staff.models import Employee
from staff.services.guards import lock_row, refuse_stale, refusing
from staff.work_figures import figure_sources

PREFIX = "BG"
TEXTS = ("work_done", "problems", "next_plan")
_TO_SUBMIT = ("work_done", "next_plan")
_LOGGED = ("title", "report_type", "starts_on", "ends_on", *TEXTS)


@transaction.atomic
def create_report(
    *,
    data: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> WorkReport:
    """Begin a report; ``data`` has ``title``, ``report_type``, ``day`` (any day of the period)
    and the texts. Raises RPT-06, RPT-08, RPT-09, RPT-10."""
    author = lock_row(Employee, actor.pk)
    if known := _already_created(WorkReport, creation_key, "author_id", actor):
        return known
    if author.branch is None:
        raise errors.no_branch()
    report = WorkReport(
        author=author,
        branch=author.branch,
        department_id=author.department_id,
        creation_key=creation_key,
        created_at=now,
        updated_at=now,
    )
    _apply(report, {"title": "", "report_type": "", "day": None, **data})
    report.report_no = next_number(PREFIX, author.branch, day=timezone.localdate(now))
    report.save()
    return report


@transaction.atomic
def update_report(
    *,
    report: WorkReport,
    data: Mapping[str, Any],
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> WorkReport:
    """Change a draft; another period throws away the table of the old one.

    Raises RPT-03, RPT-07, WF-12 and as on creation.
    """
    locked = _lock_draft(report, actor=actor, version=version)
    before = field_values(locked, _LOGGED)
    period = (locked.starts_on, locked.ends_on)
    _apply(locked, data)
    if period != (locked.starts_on, locked.ends_on):
        locked.figures, locked.plan_rows, locked.figures_at = [], [], None
    _save(locked, now=now)
    after = field_values(locked, _LOGGED)
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def generate_table(
    *,
    report: WorkReport,
    objects: Sequence[str],
    actor: Employee,
    now: datetime,
    version: int | None = None,
) -> WorkReport:
    """生成报表: count the chosen business objects of the author and period, and keep the result.

    A second call replaces the table of a draft. Raises RPT-03, RPT-07, RPT-08 (nothing
    chosen), RPT-10 (unknown object), WF-12.
    """
    locked = _lock_draft(report, actor=actor, version=version)
    sources = figure_sources()
    if not objects:
        raise errors.empty("objects")
    if not sources.keys() >= set(objects):
        raise errors.wrong_choice("objects")
    lines = []
    for code in (code for code in sources if code in objects):
        figure = sources[code].measure(locked.author, locked.starts_on, locked.ends_on)
        amount = None if figure.amount is None else f"{figure.amount:.2f}"
        lines.append({"code": code, "count": figure.count, "amount": amount, "due": figure.due})
    locked.figures, locked.figures_at = lines, now
    locked.plan_rows = (
        frozen_rows(locked.author, locked.starts_on, locked.ends_on)
        if PLANNED_TASKS in objects
        else []
    )
    _save(locked, now=now)
    return locked


@transaction.atomic
def submit_report(
    *,
    report: WorkReport,
    receivers: Sequence[Employee],
    copies: Sequence[Employee] = (),
    actor: Employee,
    now: datetime,
    version: int | None = None,
) -> WorkReport:
    """加入员工: send it to superiors of the author, with copies to anybody who works here.

    Raises RPT-01, RPT-02, RPT-03, RPT-04, RPT-05, RPT-07, RPT-08 (a text is missing),
    RPT-10 (somebody inactive), RPT-12, WF-12.
    """
    locked = _lock_draft(report, actor=actor, version=version)
    refuse_all(
        [
            *_receiver_refusals(locked.author, receivers, copies),
            *(errors.empty(name) for name in _TO_SUBMIT if not getattr(locked, name)),
        ]
    )
    kind = locked.get_report_type_display()
    same = WorkReport.objects.filter(
        author=locked.author_id, report_type=locked.report_type, starts_on=locked.starts_on
    )
    if same.exclude(status=ReportStatus.DRAFT).exists():
        raise errors.already_submitted(kind)
    ReportReceiver.objects.bulk_create(
        ReportReceiver(report=locked, employee=person, kind=receiver_kind)
        for receiver_kind, people in (
            (ReceiverKind.REPORT, receivers),
            (ReceiverKind.COPY, copies),
        )
        for person in dict.fromkeys(people)
    )
    locked.status, locked.submitted_at = ReportStatus.SUBMITTED, now
    with refusing({"work_report_once_a_period": lambda: errors.already_submitted(kind)}):
        _save(locked, now=now)
    _tell(SUBMITTED, locked, (one.pk for one in (*receivers, *copies)), actor=actor, now=now)
    return locked


@transaction.atomic
def note_reading(*, report: WorkReport, reader: Employee, now: datetime) -> WorkReport:
    """A receiver has opened it; once a superior has whom it was sent to, it is 已阅."""
    locked = lock_row(WorkReport, report.pk)
    row = ReportReceiver.objects.filter(report=locked, employee=reader, read_at=None).first()
    if row is None or locked.is_draft:
        return locked
    row.read_at = now
    row.save(update_fields=["read_at"])
    if row.kind == ReceiverKind.REPORT and locked.status == ReportStatus.SUBMITTED:
        locked.status = ReportStatus.READ
        _save(locked, now=now)
    return locked


@transaction.atomic
def comment_on_report(
    *,
    report: WorkReport,
    content: str,
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> ReportComment:
    """Write below a submitted report; only the word of a superior makes it 已批注.

    For whoever sees the report. Raises SYS-404, RPT-08, RPT-09, RPT-11.
    """
    locked = lock_row(WorkReport, report.pk)
    if known := _already_created(ReportComment, creation_key, "by_id", actor):
        return known
    if not WorkReport.objects.visible_to(actor).filter(pk=locked.pk).exists():
        raise not_found()
    if locked.is_draft:
        raise errors.still_a_draft()
    text = _text(ReportComment, "content", content)
    if not text:
        raise errors.empty("content")
    comment = ReportComment.objects.create(
        report=locked, content=text, by=actor, at=now, creation_key=creation_key
    )
    receivers = dict(locked.receivers.values_list("employee_id", "kind"))
    is_addressed = receivers.get(actor.pk) == ReceiverKind.REPORT
    if is_addressed or is_superior(actor, of=locked.author):
        locked.status = ReportStatus.COMMENTED
        _save(locked, now=now)
    _tell(COMMENTED, locked, (locked.author_id, *receivers), actor=actor, now=now)
    return comment


def ensure_draft_of(report: WorkReport, actor: Employee) -> None:
    """Only its author changes a report (RPT-07), and only before it is submitted (RPT-03)."""
    if report.author_id != actor.pk:
        raise errors.not_the_author()
    if not report.is_draft:
        raise errors.frozen()


def _lock_draft(report: WorkReport, *, actor: Employee, version: int | None) -> WorkReport:
    locked = lock_row(WorkReport, report.pk)
    ensure_draft_of(locked, actor)
    refuse_stale(locked, version)
    return locked


def _already_created(model: Any, key: uuid.UUID | None, author: str, actor: Employee) -> Any:
    """What the same form wrote before, for a double click; another person's is not found."""
    found = model.objects.filter(creation_key=key).first() if key else None
    if found is not None and getattr(found, author) != actor.pk:
        raise not_found()
    return found


def _apply(report: WorkReport, data: Mapping[str, Any]) -> None:
    found: list[DomainError] = []
    for name in ("title", *TEXTS):
        if name not in data:
            continue
        try:
            setattr(report, name, _text(WorkReport, name, data[name] or ""))
        except DomainError as refusal:
            found.append(refusal)
    if not report.title and not found:
        found.append(errors.empty("title"))
    found += _apply_period(report, data)
    refuse_all(found)


def _apply_period(report: WorkReport, data: Mapping[str, Any]) -> list[DomainError]:
    kind = data.get("report_type", report.report_type)
    day: date | None = data.get("day", report.starts_on)
    missing = [name for name, value in (("report_type", kind), ("day", day)) if not value]
    if missing or day is None:
        return [errors.empty(name) for name in missing]
    if kind not in ReportType.values:
        return [errors.wrong_choice("report_type")]
    try:
        report.starts_on, report.ends_on = period_of(kind, day)
    except ValueError:
        return [errors.wrong_choice("day")]
    report.report_type = kind
    return []


def _text(model: Any, name: str, value: str) -> str:
    limit = model._meta.get_field(name).max_length
    text = clean_line(value) if name == "title" else clean_text(value)
    if len(text) > limit:
        raise errors.too_long(name, limit)
    return text


def _receiver_refusals(
    author: Employee, receivers: Sequence[Employee], copies: Sequence[Employee]
) -> list[DomainError]:
    found = [
        errors.reports_to_himself(field)
        for field, people in (("receivers", receivers), ("copies", copies))
        if author in people
    ]
    if not receivers:
        found.append(errors.no_receiver())
    above = {person.pk for person in superiors_of(author)}
    strangers = [one for one in receivers if one.pk not in above and one != author]
    found += [errors.not_a_superior(person.name) for person in strangers]
    if set(receivers) & set(copies):
        found.append(errors.copied_and_addressed())
    if not all(person.is_active for person in copies):
        found.append(errors.wrong_choice("copies"))
    return found


def _save(report: WorkReport, *, now: datetime) -> None:
    report.version += 1
    report.updated_at = now
    report.save()


def _tell(
    event: str, report: WorkReport, people: Iterable[int], *, actor: Employee, now: datetime
) -> None:
    message = notice(
        event,
        people,
        url=report.get_absolute_url(),
        by=actor,
        doc_no=report.report_no,
        subject=report.title,
    )
    publish_all(message, now=now)
