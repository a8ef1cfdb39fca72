"""关联回避: who is related to the customer of a document and must abstain (WF-17).

The engine knows no customers. Apps that keep a register of related people name a check; what
it finds is kept on the case at each submission, and again when a register says that something
changed, so that a decision costs no further statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_noop

from workflows.choices import EventKind
from workflows.kinds import DocumentKind
from workflows.models import Case

#: employee ids with the reason, an English sentence of the catalogue
Related = Mapping[int, str]
ConflictCheck = Callable[[Any], Related]

#: the reason of who has submitted the document himself
FORMER_HANDLER = gettext_noop("submitted this document as its handler")

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


def abstaining(kind: DocumentKind, document: Any, case: Case) -> dict[str, str]:
    """Who must not decide on a case that has been submitted, and why: the registers' people and
    its former handlers. ``case`` may be one that is only thought."""
    return {**related_people(kind, document), **former_handlers(case)}


def former_handlers(case: Case) -> dict[str, str]:
    """Who submitted the document when it was his: its handler is another one now (WF-01, N2)."""
    if case.pk is None:
        return {}
    submitted = case.events.filter(kind__in=(EventKind.SUBMITTED, EventKind.RESUBMITTED))
    others = submitted.exclude(actor__in=(case.handler_id, case.creator_id))
    return {str(pk): FORMER_HANDLER for pk in others.values_list("actor", flat=True)}


def has_handled(case: Case, employee_id: int) -> bool:
    """Whether the person abstains because he was the handler, as it is kept on the case."""
    return case.recusals.get(str(employee_id)) == FORMER_HANDLER


def recused(case: Case) -> set[int]:
    """The employees who must abstain on the case."""
    return {int(employee_id) for employee_id in case.recusals}
