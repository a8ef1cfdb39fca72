"""工作计划: write, add tasks, say what became of them, comment (X4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from customers.models import Customer
from documents.models import StoredFile
from documents.numbering import next_number
from documents.services.files import store_upload
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.formats import format_day
from lending_crm.common.outbox import publish_all
from lending_crm.common.text import clean_line, clean_text
from reports import errors, plan_errors
from reports.choices import PlanType, TaskState
from reports.events import PLAN_COMMENTED, TASK_ADDED
from reports.models import PlanComment, PlanTask, WorkPlan
from reports.periods import period_of
from reports.selectors.work_reports import is_superior
from staff.events import notice
from staff.models import Employee
from staff.services.guards import lock_row, refuse_stale, refusing

PREFIX = "JH"


@transaction.atomic
def create_plan(
    *,
    data: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> WorkPlan:
    """Begin a plan; ``data`` has ``plan_type``, ``day`` (any day of the period) and ``goals``.

    Raises PLN-01, PLN-04 (a period that is over), PLN-07, RPT-08, RPT-09, RPT-10.
    """
    author = lock_row(Employee, actor.pk)
    if known := _already_created(WorkPlan, creation_key, "author_id", actor):
        return known
    kind, day = data.get("plan_type", ""), data.get("day")
    refuse_all(_period_refusals(kind, day))
    first, last = period_of(kind, day)  # type: ignore[arg-type]
    if last < timezone.localdate(now):
        raise plan_errors.period_over()
    goals = _text(WorkPlan, "goals", data.get("goals", ""))
    return _open_plan(author, kind, first, last, goals=goals, now=now, creation_key=creation_key)


@transaction.atomic
def update_plan(
    *,
    plan: WorkPlan,
    goals: str,
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> WorkPlan:
    """Word the goals anew while the period runs. Raises PLN-02, PLN-04, RPT-09, WF-12."""
    locked = lock_row(WorkPlan, plan.pk)
    ensure_running(locked, now=now, author=actor)
    refuse_stale(locked, version)
    before = field_values(locked, ["goals"])
    locked.goals = _text(WorkPlan, "goals", goals)
    _touch(locked, now=now)
    after = field_values(locked, ["goals"])
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def add_task(
    *,
    plan: WorkPlan,
    data: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> PlanTask:
    """Add what is to be done, by the author or a superior; the author is told of the latter.

    ``data`` has ``content``, ``customer``, ``due_on`` and ``is_visit``. Raises SYS-404, PLN-04,
    PLN-05, PLN-08, PLN-11, RPT-08, RPT-09.
    """
    locked = lock_row(WorkPlan, plan.pk)
    if known := _already_created(PlanTask, creation_key, "added_by_id", actor):
        return known
    _ensure_in_sight(locked, actor)
    ensure_running(locked, now=now)
    task = PlanTask(
        plan=locked,
        content=_text(PlanTask, "content", data.get("content", "")),
        customer=data.get("customer"),
        due_on=data.get("due_on"),
        is_visit=bool(data.get("is_visit")),
        added_by=actor,
        added_at=now,
        creation_key=creation_key,
    )
    refuse_all(_task_refusals(task, actor))
    task.save()
    _touch(locked, now=now)
    if actor.pk != locked.author_id:
        _tell(TASK_ADDED, locked, [locked.author_id], actor=actor, now=now)
    return task


@transaction.atomic
def remove_task(*, task: PlanTask, actor: Employee, now: datetime) -> None:
    """Take an open task off the plan, by whoever added it; the change log keeps it.

    Raises SYS-404, PLN-03, PLN-04, PLN-10.
    """
    plan, locked = _lock_task(task, actor)
    if locked.added_by_id != actor.pk:
        raise plan_errors.set_by_another()
    if not locked.is_open:
        raise plan_errors.finished()
    ensure_running(plan, now=now)
    record_changes(
        instance=plan, before={"tasks": locked.content}, after={"tasks": ""}, actor=actor, now=now
    )
    locked.delete()
    _touch(plan, now=now)


def finish_task(
    *,
    task: PlanTask,
    is_done: bool,
    outcome: str = "",
    place: str = "",
    photo: UploadedFile | None = None,
    actor: Employee,
    now: datetime,
) -> PlanTask:
    """Say that it was done, or why it was not; also after the period. By the author, once.

    Raises SYS-404, PLN-02, PLN-03, PLN-06, PLN-09, PLN-12, RPT-09, ATT-02 (file).
    """
    _ensure_in_sight(task.plan, actor)
    if task.plan.author_id != actor.pk:
        raise plan_errors.not_the_author()
    # Checking and keeping the bytes takes a while: never under the plan's lock.
    file = _picture(photo, actor=actor, now=now) if photo is not None else None
    with transaction.atomic():
        plan, locked = _lock_task(task, actor)
        if not locked.is_open:
            raise plan_errors.finished()
        locked.state = TaskState.DONE if is_done else TaskState.NOT_DONE
        locked.outcome = _text(PlanTask, "outcome", outcome)
        locked.place = _text(PlanTask, "place", place)
        locked.photo = file
        locked.photo_name = clean_line(photo.name or "")[-255:] if photo is not None else ""
        locked.finished_at = now
        if not is_done and not locked.outcome:
            raise plan_errors.no_reason()
        if not locked.is_visit and (locked.place or file is not None):
            raise plan_errors.no_visit()
        locked.save()
        _touch(plan, now=now)
    return locked


@transaction.atomic
def comment_on_plan(
    *,
    plan: WorkPlan,
    content: str,
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> PlanComment:
    """Write below the plan; its author and who wrote before are told.

    For whoever sees the plan. Raises SYS-404, RPT-08, RPT-09.
    """
    locked = lock_row(WorkPlan, plan.pk)
    if known := _already_created(PlanComment, creation_key, "by_id", actor):
        return known
    _ensure_in_sight(locked, actor)
    text = _text(PlanComment, "content", content)
    if not text:
        raise errors.empty("content")
    others = set(locked.comments.values_list("by_id", flat=True))
    comment = PlanComment.objects.create(
        plan=locked, content=text, by=actor, at=now, creation_key=creation_key
    )
    _tell(PLAN_COMMENTED, locked, {locked.author_id, *others}, actor=actor, now=now)
    return comment


@transaction.atomic
def hand_over_task(
    *, task: PlanTask, successor: Employee, reason: str, actor: Employee, now: datetime
) -> PlanTask:
    """Somebody else does it: the task opens on his plan of the same period, and ends here.

    Raises PLN-03, PLN-05 (a customer that he does not see), PLN-07.
    """
    plan = lock_row(WorkPlan, task.plan_id)
    locked = lock_row(PlanTask, task.pk)
    if not locked.is_open:
        raise plan_errors.finished()
    taker = lock_row(Employee, successor.pk)
    theirs = WorkPlan.objects.filter(
        author=taker, plan_type=plan.plan_type, starts_on=plan.starts_on
    ).first() or _open_plan(taker, plan.plan_type, plan.starts_on, plan.ends_on, now=now)
    taken = PlanTask(
        plan=theirs,
        content=locked.content,
        customer=locked.customer,
        due_on=locked.due_on,
        is_visit=locked.is_visit,
        added_by=actor,
        added_at=now,
    )
    if taken.customer and not _sees(taker, taken.customer):
        raise plan_errors.out_of_sight()
    taken.save()
    locked.state, locked.outcome, locked.finished_at = TaskState.NOT_DONE, reason, now
    locked.save()
    _touch(plan, now=now)
    _tell(TASK_ADDED, theirs, [taker.pk], actor=actor, now=now)
    return taken


def ensure_running(plan: WorkPlan, *, now: datetime, author: Employee | None = None) -> None:
    """PLN-02 for anybody but ``author`` when one is named, PLN-04 after the last day."""
    if author is not None and plan.author_id != author.pk:
        raise plan_errors.not_the_author()
    if plan.ends_on < timezone.localdate(now):
        raise plan_errors.period_over()


def _open_plan(
    author: Employee,
    kind: str,
    first: date,
    last: date,
    *,
    now: datetime,
    goals: str = "",
    creation_key: uuid.UUID | None = None,
) -> WorkPlan:
    if author.branch is None:
        raise plan_errors.no_branch()
    same = WorkPlan.objects.filter(author=author, plan_type=kind, starts_on=first)

    def exists() -> DomainError:
        return plan_errors.plan_exists(same.get().plan_no)

    if same.exists():
        raise exists()
    with refusing({"work_plan_once_a_period": exists}):
        return WorkPlan.objects.create(
            plan_no=next_number(PREFIX, author.branch, day=timezone.localdate(now)),
            plan_type=kind,
            starts_on=first,
            ends_on=last,
            goals=goals,
            author=author,
            department_id=author.department_id,
            branch=author.branch,
            creation_key=creation_key,
            created_at=now,
            updated_at=now,
        )


def _lock_task(task: PlanTask, actor: Employee) -> tuple[WorkPlan, PlanTask]:
    plan = lock_row(WorkPlan, task.plan_id)
    _ensure_in_sight(plan, actor)
    return plan, lock_row(PlanTask, task.pk)


def _ensure_in_sight(plan: WorkPlan, actor: Employee) -> None:
    """Its author and the superiors above him see a plan; for anybody else it is not there."""
    if plan.author_id != actor.pk and not is_superior(actor, of=plan.author):
        raise not_found()


def _already_created(model: Any, key: uuid.UUID | None, author: str, actor: Employee) -> Any:
    """What the same form wrote before, for a double click; another person's is not found."""
    found = model.objects.filter(creation_key=key).first() if key else None
    if found is not None and getattr(found, author) != actor.pk:
        raise not_found()
    return found


def _period_refusals(kind: str, day: date | None) -> list[DomainError]:
    missing = [name for name, value in (("plan_type", kind), ("day", day)) if not value]
    if missing or day is None:
        return [errors.empty(name) for name in missing]
    if kind not in PlanType.values:
        return [errors.wrong_choice("plan_type")]
    try:
        period_of(kind, day)
    except ValueError:
        return [errors.wrong_choice("day")]
    return []


def _task_refusals(task: PlanTask, actor: Employee) -> list[DomainError]:
    plan, found = task.plan, []
    if not task.content:
        found.append(errors.empty("content"))
    customer = task.customer
    if task.is_visit and customer is None:
        found.append(plan_errors.visit_without_customer())
    if customer is not None and not (_sees(plan.author, customer) and _sees(actor, customer)):
        found.append(plan_errors.out_of_sight())
    if task.due_on is not None and not plan.starts_on <= task.due_on <= plan.ends_on:
        first, last = format_day(plan.starts_on), format_day(plan.ends_on)
        found.append(plan_errors.due_outside(first, last))
    return found


def _sees(person: Employee, customer: Customer) -> bool:
    return Customer.objects.visible_to(person).filter(pk=customer.pk).exists()


def _picture(upload: UploadedFile, *, actor: Employee, now: datetime) -> StoredFile:
    file = store_upload(upload=upload, actor=actor, now=now)
    if not file.is_image:
        raise plan_errors.no_picture()
    return file


def _text(model: Any, name: str, value: str | None) -> str:
    limit = model._meta.get_field(name).max_length
    text = clean_text(value or "")
    if len(text) > limit:
        raise errors.too_long(name, limit)
    return text


def _touch(plan: WorkPlan, *, now: datetime) -> None:
    plan.version += 1
    plan.updated_at = now
    plan.save(update_fields=["goals", "version", "updated_at"])


def _tell(
    event: str, plan: WorkPlan, people: Iterable[int], *, actor: Employee, now: datetime
) -> None:
    message = notice(event, people, url=plan.get_absolute_url(), by=actor, doc_no=plan.plan_no)
    publish_all(message, now=now)
