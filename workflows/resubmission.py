"""直达退回人: which way a returned case goes when its handler submits it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.choices import Decision
from workflows.differences import Difference, differences
from workflows.kinds import DocumentKind
from workflows.models import Case


@dataclass(frozen=True)
class Resubmission:
    """``at`` is the stage that returned the case and takes it up again; empty where the chain
    starts over. ``changed`` are the material fields and tables that differ from what was judged.
    """

    at: str = ""
    changed: Sequence[Difference] = ()

    @property
    def changed_names(self) -> list[str]:
        return [each.name for each in self.changed]


def resubmission_of(kind: DocumentKind, case: Case, content: Mapping[str, Any]) -> Resubmission:
    """The way of the document as ``content`` shows it (domain.md §2.2, 重新提交).

    It goes straight back when the returner asked for that and no material field has changed.
    """
    changed = [
        each for each in differences(_as_judged(case), content) if each.name in kind.material_fields
    ]
    is_straight = case.resumes_directly and not changed
    return Resubmission(case.returned_from if is_straight else "", changed)


def returner_of(case: Case) -> int | None:
    """Who returned the case last, from the stage that it came from."""
    returned = case.items.filter(stage__node_id=case.returned_from, decision=Decision.RETURN)
    return returned.order_by("id").values_list("decided_by", flat=True).last()


def _as_judged(case: Case) -> dict[str, Any] | None:
    """The document as it was when the round before ended.

    A handover since then has kept the handler's draft, which no approver has judged.
    """
    rounds_before = case.events.filter(round__lt=case.round).order_by("-sequence")
    judged = case.snapshots.filter(number__in=rounds_before.values("snapshot_number")[:1])
    return judged.values_list("content", flat=True).first()
