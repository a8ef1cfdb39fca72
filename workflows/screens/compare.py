"""Two versions side by side: what was added, removed and changed, in words and on the drawings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.bpmn.compare import Change, ChangeKind, compare
from workflows.choices import VersionState
from workflows.definitions import parse
from workflows.kinds import kind_for
from workflows.models import FlowVersion
from workflows.screens.flows import Names, version_marks

#: what a drawing shows: the older version what is gone, the newer one what is new
_SHOWN = {
    "before": (ChangeKind.REMOVED, ChangeKind.CHANGED),
    "after": (ChangeKind.ADDED, ChangeKind.CHANGED),
}
WORDS = {
    ChangeKind.ADDED: _("Added"),
    ChangeKind.REMOVED: _("Removed"),
    ChangeKind.CHANGED: _("Changed"),
}
_LOOKS = {
    ChangeKind.ADDED: ("green", "plus"),
    ChangeKind.REMOVED: ("red", "minus"),
    ChangeKind.CHANGED: ("amber", "pencil"),
}


@dataclass(frozen=True)
class ChangeRow:
    change: Change

    @property
    def word(self) -> str:
        return str(WORDS[self.change.kind])

    @property
    def tone(self) -> str:
        return _LOOKS[self.change.kind][0]

    @property
    def icon(self) -> str:
        return _LOOKS[self.change.kind][1]


@dataclass(frozen=True)
class ComparePage:
    before: FlowVersion
    after: FlowVersion
    rows: Sequence[ChangeRow]
    #: what either side may be exchanged for: the versions of both flows, newest first
    versions: Sequence[FlowVersion]

    @property
    def first(self) -> str:
        """The ids of what differs, in the order of the list, for the drawings to open at."""
        return " ".join(row.change.element_id for row in self.rows if row.change.element_id)


def changes_between(before: FlowVersion, after: FlowVersion) -> list[Change]:
    """Everything that differs; a shape that was only moved does not."""
    old = parse(before.bpmn, before.definition.document_kind)
    new = parse(after.bpmn, after.definition.document_kind)
    facts = kind_for(after.definition.document_kind).condition_facts
    return compare(old, new, facts=facts, resolve=Names(old, new))


def load_comparison(before: FlowVersion, after: FlowVersion) -> ComparePage:
    flows = {before.definition_id, after.definition_id}
    versions = (
        FlowVersion.objects.filter(definition__in=flows)
        .select_related("definition")
        .defer("bpmn")
        .order_by("definition_id", "-number")
    )
    rows = [ChangeRow(change) for change in changes_between(before, after)]
    return ComparePage(before, after, rows, list(versions))


def compare_marks(before: FlowVersion, after: FlowVersion, side: str) -> dict[str, Any]:
    """What one of the two drawings marks, by element."""
    marks = version_marks(before if side == "before" else after)
    changes = {
        change.element_id: {"kind": change.kind.value, "word": str(WORDS[change.kind])}
        for change in changes_between(before, after)
        if change.element_id and change.kind in _SHOWN[side]
    }
    return {**marks, "changes": changes}


def usual_partner(version: FlowVersion) -> FlowVersion | None:
    """What a version is compared with unless asked otherwise.

    A draft with the published version that it would follow; any other with the one before it.
    """
    older = version.definition.versions.filter(number__lt=version.number)
    if version.state == VersionState.DRAFT:
        published = older.filter(state=VersionState.PUBLISHED).first()
        if published is not None:
            return published
    return older.order_by("-number").first()
