"""Whom two versions of a stage's rules find for the same case; for replay.

Both rules are asked in the organisation of today, so that a difference comes from the rule and
not from people who joined or left since.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from workflows.assignment import resolve
from workflows.bpmn.model import AssigneeKind, StageSettings
from workflows.kinds import DocumentKind
from workflows.models import Case

#: what of a stage's settings decides who is asked
_WHO = (
    "assignees", "decide", "on_empty", "empty_person", "on_handler", "on_same_person",
)  # fmt: skip
#: rules that find the same people for all documents of one handler, branch and department
_BY_ORGANISATION = {
    AssigneeKind.PEOPLE,
    AssigneeKind.ROLE,
    AssigneeKind.SUPERIOR,
    AssigneeKind.SUPERIOR_CHAIN,
    AssigneeKind.COMMITTEE,
}
_REMEMBERED = 5_000


def asks_the_same(before: StageSettings, after: StageSettings) -> bool:
    """Whether both settings find the same people whatever the case."""
    known = {field.name for field in fields(StageSettings)}
    return all(getattr(before, name) == getattr(after, name) for name in _WHO if name in known)


class RulePeople:
    """Resolves stages for many cases of one kind and remembers what does not depend on the case."""

    def __init__(self, kind: DocumentKind) -> None:
        self._kind = kind
        self._known: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def names(self, settings: StageSettings, case: Case) -> tuple[str, ...]:
        """The names of those whom the rules find, sorted; nobody is an empty answer."""
        key = (settings, case.handler_id, case.creator_id, case.branch_id, case.department_id)
        if any(rule.kind not in _BY_ORGANISATION for rule in settings.assignees):
            return self._resolved(settings, case)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._resolved(settings, case)
        return self._known[key]

    def _resolved(self, settings: StageSettings, case: Case) -> tuple[str, ...]:
        found = resolve(
            settings,
            case,
            kind=self._kind,
            document=lambda: self._kind.get(case.document_id),
            decided=(),
        )
        return tuple(sorted(person.name for person in found.people()))
