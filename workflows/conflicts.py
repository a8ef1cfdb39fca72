"""关联回避: who is related to the customer of a document and must abstain (WF-17).

The engine knows no customers. Apps that keep a register of related people name a check; what
it finds is kept on the case at each submission, and again when a register says that something
changed, so that a decision costs no further statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflows.kinds import DocumentKind
from workflows.models import Case

#: employee ids with the reason, an English sentence of the catalogue
Related = Mapping[int, str]
ConflictCheck = Callable[[Any], Related]

_checks: list[tuple[frozenset[str], ConflictCheck]] = []


def register_conflict_check(check: ConflictCheck, *, kinds: Iterable[str] = ()) -> None:
    """``check(document)`` names the employees who may not decide on the document, and why.

    It is asked for documents of the given kinds, by default of every kind. Called from
    ``apps.py``; the reasons are English sentences of the catalogue, translated when shown.
    """
    _checks.append((frozenset(kinds), check))


def related_people(kind: DocumentKind, document: Any) -> dict[str, str]:
    """What every register says, as it is kept on the case: employee id → reason."""
    found: dict[str, str] = {}
    for kinds, check in _checks:
        if not kinds or kind.code in kinds:
            for employee_id, reason in check(document).items():
                found.setdefault(str(employee_id), reason)
    return found


def recused(case: Case) -> set[int]:
    """The employees who must abstain on the case."""
    return {int(employee_id) for employee_id in case.recusals}
