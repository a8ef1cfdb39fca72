"""What an information administrator sees of a running case: the route, not the business.

Domain §1 gives administrators configuration and no business data. They see a case to help it
on (put somebody on a step, suspend, move, terminate); customer, amount, document and opinions
stay hidden from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.choices import BY_ADMINISTRATORS
from workflows.kinds import kind_for
from workflows.models import Case, HistoryEvent

#: what an event says about the route and its people, not about the business
_ROUTE_DATA = frozenset(
    {
        "target_title", "resumes_directly", "direct", "recipient", "recipients", "person",
        "outcome", "approving", "rejecting", "voted", "asked", "from", "from_en", "target",
        "target_title_en", "percent", "told", "act", "to", "timer", "title", "title_en",
        "interrupts", "vacant", "people", "because", "by", "before", "due_at", "error",
    }
)  # fmt: skip


def is_veiled(case: Case, reader: Employee) -> bool:
    """Whether the reader sees the case as an administrator only."""
    return bool(veiled_ids([case], reader))


def veiled_ids(cases: Iterable[Case], reader: Employee) -> set[int]:
    """Those of the cases that the reader sees as an administrator only.

    No query for everybody else; one query per document kind for administrators.
    """
    if not roles_of(reader).has(RoleCode.ADM):
        return set()
    by_kind: dict[str, dict[int, int]] = defaultdict(dict)
    for case in cases:
        by_kind[case.document_kind][case.document_id] = case.pk
    found: set[int] = set()
    for code, ids in by_kind.items():
        open_to_him = set(
            kind_for(code).visible_to(reader).filter(pk__in=ids).values_list("pk", flat=True)
        )
        found |= {pk for document_id, pk in ids.items() if document_id not in open_to_him}
    return found


def veil(case: Case) -> Case:
    """Take the business off an instance that is only shown; it must never be saved."""
    case.party = ""
    case.subject = case.doc_no
    case.amount = None
    case.risk_flags = []
    case.facts = {}
    return case


def veil_all(cases: Sequence[Case], reader: Employee) -> None:
    hidden = veiled_ids(cases, reader)
    for case in cases:
        if case.pk in hidden:
            veil(case)


def veil_events(events: Iterable[HistoryEvent], reader: Employee) -> None:
    """Keep who did what when, and the reasons of what administrators did.

    The hash goes too: whoever guesses an opinion could prove it by the hash.
    """
    for event in events:
        if event.actor_id == reader.pk or event.kind in BY_ADMINISTRATORS:
            continue
        event.opinion, event.conditions, event.hash, event.previous_hash = "", [], "", ""
        event.data = {name: value for name, value in event.data.items() if name in _ROUTE_DATA}
