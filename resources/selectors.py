"""The list of a handover as its page and the API show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from lending_crm.common.text import clean_line
from resources.models import HandoverItem, WorkHandover
from staff.handing import work_sources

_LONGEST_SEARCH = 80


def items_of(handover: WorkHandover, *, kind: str = "", words: str = "") -> QuerySet[HandoverItem]:
    """The things that the handover could move, chosen or not, narrowed by kind and words."""
    found = handover.items.select_related("receiver")
    if kind:
        found = found.filter(kind=kind)
    for word in clean_line(words)[:_LONGEST_SEARCH].split():
        found = found.filter(
            Q(label__icontains=word) | Q(detail__icontains=word) | Q(receiver__name__icontains=word)
        )
    return found


@dataclass(frozen=True)
class KindCount:
    """How many things of a kind are chosen, of how many; ``along`` is what goes with them."""

    code: str
    title: Any
    chosen: int
    total: int
    along: Sequence[tuple[str, int]]


def counts_of(handover: WorkHandover) -> list[KindCount]:
    """The preview in numbers; one query, and those of what goes along."""
    rows = list(handover.items.values_list("kind", "object_id", "is_included"))
    total = Counter(kind for kind, _pk, _is_in in rows)
    chosen = Counter(kind for kind, _pk, is_in in rows if is_in)
    return [
        KindCount(
            source.code,
            source.title,
            chosen[source.code],
            total[source.code],
            list(
                source.along(
                    [pk for kind, pk, is_in in rows if is_in and kind == source.code]
                ).items()
            ),
        )
        for source in work_sources()
        if total[source.code]
    ]
