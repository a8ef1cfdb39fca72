"""The inbox: its tabs, counts that stop at 999+, filters, unread marks, what comes next."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lending_crm.common.money import MAX_AMOUNT
from lending_crm.common.pagination import CappedCount, KeysetPage, paginate
from lending_crm.common.search import with_words
from lending_crm.common.text import clean_line
from staff.models import Employee
from workflows.choices import ALIVE, ItemKind
from workflows.kinds import all_kinds
from workflows.menu import COUNTED, may_configure
from workflows.models import Case, CaseCopy, CaseReading, Stage, WorkItem
from workflows.screens.reasons import why_me
from workflows.veil import veil_all

M = TypeVar("M", bound=Model)

TABS = {
    "todo": _("Waiting for me"),
    "done": _("Decided by me"),
    "mine": _("Started by me"),
    "copied": _("Copied to me"),
    "claim": _("To be claimed"),
    "running": _("Live cases"),
}
PAGE_SIZE = 30


def tabs_for(reader: Employee) -> dict[str, Any]:
    """The tabs that a reader is offered; administrators also find every running case."""
    return {tab: label for tab, label in TABS.items() if tab != "running" or may_configure(reader)}


@dataclass(frozen=True)
class InboxFilter:
    """What the filter bar holds; anything odd in the address counts as not given."""

    tab: str = "todo"
    q: str = ""
    kind: str = ""
    state: str = ""
    overdue: str = ""
    least: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> InboxFilter:
        given = {f.name: clean_line(query.get(f.name, ""))[:80] for f in fields(cls)}
        if given["tab"] not in TABS:
            given["tab"] = "todo"
        if given["kind"] not in [kind.code for kind in all_kinds()]:
            given["kind"] = ""
        if _decimal(given["least"]) is None:
            given["least"] = ""
        return cls(**given)

    def query(self, **more: Any) -> str:
        """The address of this filter, without empty parts."""
        values = {f.name: getattr(self, f.name) for f in fields(self)} | more
        return urlencode({key: value for key, value in values.items() if value})

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.kind or self.state or self.overdue or self.least)

    def narrow(self, rows: QuerySet[M], prefix: str = "", *, sees_all: bool = False) -> QuerySet[M]:
        """The rows whose case, reached over ``prefix``, is wanted."""
        if self.kind:
            rows = rows.filter(**{f"{prefix}document_kind": self.kind})
        if self.state:
            rows = rows.filter(**{f"{prefix}state": self.state})
        if self.least:
            rows = rows.filter(**{f"{prefix}amount__gte": _decimal(self.least)})
        if not self.q:
            return rows
        return with_words(
            rows, self.q, [f"{prefix}search"], sees_all=sees_all, is_scoped=not sees_all
        )

    def routes(self) -> Q:
        """The filter on cases by what administrators see of them, so that it tells no more."""
        found = Q(doc_no__icontains=self.q) if self.q else Q()
        if self.kind:
            found &= Q(document_kind=self.kind)
        return found & Q(state=self.state) if self.state else found


@dataclass(frozen=True)
class Row:
    """One line of the list, whatever the tab is made of."""

    case: Case
    arrived_at: datetime
    due_at: datetime | None
    step: str
    item_id: int | None
    is_unread: bool
    note: str = ""
    #: who is away, where the reader stands in for him
    on_behalf_of: str = ""
    #: why the row is the reader's; only where something waits for him
    why: str = ""
    #: the step, or one of the case's steps, lacks people
    is_blocked: bool = False


@dataclass(frozen=True)
class InboxPage:
    filter: InboxFilter
    counts: dict[str, CappedCount]
    page: KeysetPage[Any]
    rows: list[Row]

    @property
    def has_decisions(self) -> bool:
        """Whether a row may be ticked for bulk approval."""
        return any(row.item_id for row in self.rows)


def load_inbox(reader: Employee, wanted: InboxFilter, *, cursor: str, now: datetime) -> InboxPage:
    """One page of a tab by a fixed number of statements, two more for a search."""
    page, rows = _PAGES[wanted.tab](reader, wanted, cursor, now)
    return InboxPage(wanted, counts(reader), page, rows)


def counts(reader: Employee) -> dict[str, CappedCount]:
    """How much waits in the tabs where something can wait."""
    return {tab: count(reader) for tab, count in COUNTED.items()}


def next_item(reader: Employee, wanted: InboxFilter, after: WorkItem | None) -> WorkItem | None:
    """The item that opens by itself after a decision: the one below, else the first."""
    waiting = _items(reader, wanted, None).order_by("-arrived_at", "-id")
    if after is not None:
        below = waiting.filter(
            Q(arrived_at__lt=after.arrived_at) | Q(arrived_at=after.arrived_at, id__lt=after.pk)
        ).first()
        if below is not None:
            return below
    return waiting.first()


def _items(reader: Employee, wanted: InboxFilter, now: datetime | None) -> QuerySet[WorkItem]:
    manager = WorkItem.objects
    items = manager.claimable_by(reader) if wanted.tab == "claim" else manager.waiting_for(reader)
    if wanted.overdue and now is not None:
        items = items.filter(due_at__lt=now)
    return wanted.narrow(items, "case__")


def _unread(reader: Employee, case: str, news: str) -> Any:
    seen = CaseReading.objects.filter(
        case=OuterRef(case), reader=reader, event_sequence__gte=OuterRef(news)
    )
    return ~Exists(seen)


def _blocked() -> Exists:
    """Whether a step of the case lacks people: nobody was found, or a seat is empty."""
    return Exists(Stage.objects.filter(process=OuterRef("pk"), is_blocked=True))


def _waiting_page(
    reader: Employee, wanted: InboxFilter, cursor: str, now: datetime
) -> tuple[KeysetPage[Any], list[Row]]:
    items = (
        _items(reader, wanted, now)
        .select_related("case__handler", "stage")
        .annotate(is_unread=_unread(reader, "case_id", "case__news_sequence"))
    )
    if wanted.tab != "claim":
        # What nobody has taken yet is nobody's in another's place: the join would be for nothing,
        # and PostgreSQL compares each row of the pool with every employee for it.
        items = items.select_related("on_behalf_of")
    page: KeysetPage[Any] = paginate(
        items, order=("-arrived_at", "-id"), cursor=cursor, size=PAGE_SIZE
    )
    return page, [
        Row(
            i.case, i.arrived_at, i.due_at, str(i.stage), _decision_id(i), i.is_unread,
            on_behalf_of=i.on_behalf_name, why=why_me(i), is_blocked=i.stage.is_blocked,
        )
        for i in page
    ]  # fmt: skip


def _decision_id(item: WorkItem) -> int | None:
    """A correction is the handler's own work; nobody approves it."""
    return item.pk if item.kind == ItemKind.DECISION else None


def _done_page(
    reader: Employee, wanted: InboxFilter, cursor: str, now: datetime
) -> tuple[KeysetPage[Any], list[Row]]:
    items = (
        wanted.narrow(WorkItem.objects.decided_by_user(reader), "case__")
        .select_related("case__handler", "stage")
        # Never empty here: who decided and when are written together.
        .annotate(
            is_unread=_unread(reader, "case_id", "case__news_sequence"), done_at=F("decided_at")
        )
    )
    page: KeysetPage[Any] = paginate(
        items, order=("-done_at", "-id"), cursor=cursor, size=PAGE_SIZE
    )
    return page, [
        Row(i.case, i.done_at, None, str(i.stage), None, i.is_unread, i.get_decision_display())
        for i in page
    ]


def _mine_page(
    reader: Employee, wanted: InboxFilter, cursor: str, now: datetime
) -> tuple[KeysetPage[Any], list[Row]]:
    cases = (
        wanted.narrow(Case.objects.filter(handler=reader))
        .select_related("handler")
        .annotate(is_unread=_unread(reader, "pk", "news_sequence"), is_blocked=_blocked())
    )
    page: KeysetPage[Any] = paginate(
        cases, order=("-submitted_at", "-id"), cursor=cursor, size=PAGE_SIZE
    )
    return page, [
        Row(c, c.submitted_at, None, "", None, c.is_unread, is_blocked=c.is_blocked) for c in page
    ]


def _running_page(
    reader: Employee, wanted: InboxFilter, cursor: str, now: datetime
) -> tuple[KeysetPage[Any], list[Row]]:
    cases = (
        Case.objects.visible_to(reader)
        .filter(wanted.routes(), state__in=ALIVE)
        .select_related("handler")
        .annotate(is_unread=Value(False), is_blocked=_blocked())
    )
    page: KeysetPage[Any] = paginate(
        cases, order=("-submitted_at", "-id"), cursor=cursor, size=PAGE_SIZE
    )
    veil_all(list(page), reader)
    return page, [
        Row(c, c.submitted_at, None, "", None, False, is_blocked=c.is_blocked) for c in page
    ]


def _copied_page(
    reader: Employee, wanted: InboxFilter, cursor: str, now: datetime
) -> tuple[KeysetPage[Any], list[Row]]:
    copies = (
        wanted.narrow(CaseCopy.objects.filter(recipient=reader), "case__")
        .select_related("case__handler", "sent_by")
        .annotate(is_unread=Q(read_at=None), sender=F("sent_by__name"))
    )
    page: KeysetPage[Any] = paginate(
        copies, order=("-sent_at", "-id"), cursor=cursor, size=PAGE_SIZE
    )
    return page, [Row(c.case, c.sent_at, None, "", None, c.is_unread, c.sender or "") for c in page]


_PAGES = {
    "todo": _waiting_page,
    "claim": _waiting_page,
    "done": _done_page,
    "mine": _mine_page,
    "copied": _copied_page,
    "running": _running_page,
}


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 <= value <= MAX_AMOUNT else None
