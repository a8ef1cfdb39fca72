"""What waits for a person, and how the cases of his area get on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from lending_crm.common.arms import Arms, FirstKeys
from staff.calendar import WorkingCalendar
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.choices import CaseState, EventKind, ItemKind, ItemState
from workflows.definitions import definition_of
from workflows.kinds import kind_for
from workflows.models import CaseCopy, HistoryEvent, Stage, WorkItem

#: the workbench looks at no more rows than this; whoever has more sees ``100+``
MOST_ROWS = 100
#: what has no due date comes last
_MOST_URGENT = (("due_at", False), ("created", False), ("id", False))
_LONGEST_WAITING = (("due_at", False), ("arrived_at", False), ("id", False))
#: roles that watch the cases of a branch, of a department, or of everybody
_WATCH_BRANCH = (RoleCode.BRM, RoleCode.BGM)
_WATCH_ALL = (RoleCode.HRM, RoleCode.CEO)
_ALIVE = (CaseState.IN_APPROVAL, CaseState.RETURNED, CaseState.WITHDRAWN)


def waiting_items(user: Employee) -> list[WorkItem]:
    """What he may decide or claim, the most urgent first.

    ``asked`` and ``answered`` count the people of the item's step: the votes so far.
    """
    mine = WorkItem.objects.asked_of(user).filter(kind=ItemKind.DECISION)
    first = FirstKeys(mine, _LONGEST_WAITING, MOST_ROWS + 1)
    siblings = WorkItem.objects.filter(stage=OuterRef("stage"), kind=ItemKind.DECISION).order_by()
    answered = siblings.filter(state=ItemState.DECIDED)
    asked = siblings.filter(state__in=(ItemState.OPEN, ItemState.DECIDED))
    return list(
        WorkItem.objects.filter(pk__among=first)
        .select_related("case__handler", "stage")
        .annotate(answered=_count(answered), asked=_count(asked))
        .order_by(F("due_at").asc(nulls_last=True), "arrived_at", "id")
    )


def _count(rows: QuerySet[WorkItem]) -> Coalesce:
    number = rows.values("stage").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)


def unread_copies(user: Employee) -> list[CaseCopy]:
    """抄送我的 that he has not opened yet."""
    return list(
        CaseCopy.objects.filter(recipient=user, read_at=None)
        .select_related("case", "sent_by")
        .order_by("-sent_at", "-id")[: MOST_ROWS + 1]
    )


@dataclass(frozen=True)
class OpenCase:
    """A case at the step where it waits.

    ``holders`` people have it; ``holder`` names the only one and is empty for a committee or
    while a pool has it.
    ``returned_by`` and ``reason`` tell who gave it back to its handler, and why.
    """

    stage: Any

    @property
    def case(self) -> Any:
        return self.stage.process

    @property
    def is_with_handler(self) -> bool:
        return self.case.state != CaseState.IN_APPROVAL

    @property
    def holders(self) -> int:
        return self.stage.holders

    @property
    def holder(self) -> str:
        return (self.stage.holder or "") if self.holders == 1 else ""

    @property
    def returned_by(self) -> str:
        return self.stage.returned_by or ""

    @property
    def reason(self) -> str:
        return self.stage.reason or ""

    @property
    def url(self) -> str:
        """The document while the handler may change it, else the case."""
        if self.is_with_handler:
            return kind_for(self.case.document_kind).url(self.case.document_id)
        return f"/cases/{self.case.pk}/"


@dataclass(frozen=True)
class Standing:
    """One step of the route: how many cases stand there, and how the oldest is doing.

    ``used`` and ``limit`` are working hours of the case that waits longest.
    """

    title: str
    running: int
    overdue: int
    amount: Decimal
    since: datetime
    due_at: datetime | None
    used: float = 0.0
    limit: float = 0.0

    @property
    def is_late(self) -> bool:
        return bool(self.limit) and self.used > self.limit


def watched(user: Employee) -> Q | None:
    """The condition on stages 'a case of the area that he answers for'; None for nobody's."""
    roles = roles_of(user)
    if roles.has_any(*_WATCH_ALL):
        return Q()
    clause = Q(pk__in=())
    branches = frozenset[int]().union(*(roles.branch_ids(code) for code in _WATCH_BRANCH))
    if branches:
        clause |= Q(process__branch__in=branches)
    if departments := roles.department_ids(RoleCode.TL):
        clause |= Q(process__department__in=departments)
    return clause if branches or departments else None


@dataclass(frozen=True)
class OpenCases:
    """``own`` are not over yet; ``late`` are the overdue ones of the area that he answers for;
    ``blocked`` stopped for want of an approver and wait for an administrator."""

    own: list[OpenCase]
    late: list[OpenCase]
    blocked: list[OpenCase]


def open_cases(user: Employee, *, now: datetime) -> OpenCases:
    """The three lists by one statement."""
    area = watched(user)
    wanted = [Q(process__handler=user)]
    if area is not None:
        wanted.append(area & Q(due_at__lt=now, process__state=CaseState.IN_APPROVAL))
    helps = roles_of(user).has(RoleCode.ADM)
    if helps:
        wanted.append(Q(is_blocked=True))
    stages = Stage.objects.filter(
        Arms(Stage, lambda _prefix: wanted).clause(),
        outcome="",
        finished=None,
        process__state__in=_ALIVE,
    )
    first = FirstKeys(stages, _MOST_URGENT, 2 * MOST_ROWS)
    given_back = HistoryEvent.objects.filter(
        case=OuterRef("process_id"), kind=EventKind.RETURNED
    ).order_by("-sequence")
    holder = WorkItem.objects.filter(
        stage=OuterRef("pk"), state=ItemState.OPEN, assignee__isnull=False
    ).order_by()
    rows = (
        Stage.objects.filter(pk__among=first)
        .select_related("process__handler", "process__branch")
        .annotate(
            holder=Subquery(holder.values("assignee__name")[:1]),
            holders=_count(holder),
            returned_by=Subquery(given_back.values("actor_name")[:1]),
            reason=Subquery(given_back.values("opinion")[:1]),
        )
        .order_by(F("due_at").asc(nulls_last=True), "created", "id")
    )
    found = [OpenCase(stage) for stage in rows]
    late = [one for one in found if one.stage.due_at is not None and one.stage.due_at < now]
    return OpenCases(
        own=[one for one in found if one.case.handler_id == user.pk],
        late=[] if area is None else late,
        blocked=[one for one in found if helps and one.stage.is_blocked],
    )


def standings(user: Employee, *, now: datetime) -> list[Standing] | None:
    """By step, in the order of the route, where the cases of his area stand; None for whoever
    answers for none. One statement: it counts in the database, however many there are."""
    area = watched(user)
    if area is None:
        return None
    rows = (
        Stage.objects.filter(area, outcome="", finished=None, process__state=CaseState.IN_APPROVAL)
        .exclude(node_id="")
        .order_by()
        .values("node_id", "title", "title_en")
        .annotate(
            running=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            amount=Sum("process__amount"),
            since=Min("created"),
            due_at=Min("due_at"),
            version=Max("process__flow_version"),
        )
    )
    found = sorted(rows, key=lambda row: (_place(row), row["since"]))
    in_english = (get_language() or "").startswith("en")
    return [
        Standing(
            title=(in_english and row["title_en"]) or row["title"],
            running=row["running"],
            overdue=row["overdue"],
            amount=row["amount"] or Decimal("0.00"),
            since=row["since"],
            due_at=row["due_at"],
        )
        for row in found
    ]


def _place(row: dict[str, Any]) -> int:
    nodes = [stage.id for stage in definition_of(row["version"]).stages()]
    return nodes.index(row["node_id"]) if row["node_id"] in nodes else len(nodes)


def measured(
    rows: Sequence[Standing], *, calendar: WorkingCalendar, now: datetime
) -> list[Standing]:
    """The same with the working hours that the oldest case of each step has used."""
    found = []
    for row in rows:
        limit = calendar.working_hours_between(row.since, row.due_at) if row.due_at else 0.0
        used = calendar.working_hours_between(row.since, now)
        found.append(
            Standing(
                row.title, row.running, row.overdue, row.amount, row.since, row.due_at,
                used=round(used, 1), limit=round(limit, 1),
            )
        )  # fmt: skip
    return found
