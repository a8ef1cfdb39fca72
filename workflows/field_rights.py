"""What of a document a stage hides from the person who is asked there.

Hidden is hidden everywhere: on the case page, in the API, in snapshots, differences, history
and prints. It is bound to the capacity in which somebody sees the case: the handler sees
all, who was never asked sees what his role shows him, and whoever is asked at several stages
sees what any of them shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from staff.models import Employee
from workflows.access import is_his
from workflows.bpmn.model import Definition, Stage
from workflows.choices import LIVE, EventKind, ItemKind
from workflows.definitions import definition_of
from workflows.hashing import SEAL
from workflows.models import Case, HistoryEvent, WorkItem

NOTHING: frozenset[str] = frozenset()
#: in an event's data: the frozen facts, and a hash by which a guess could be proved
_TELLING = frozenset({"facts", SEAL})


def hidden_from(
    reader: Employee, case: Case, items: Iterable[WorkItem], definition: Definition
) -> frozenset[str]:
    """The names of fields and tables that the reader must not see on this case."""
    if not hides_anything(definition) or reader.pk in (case.handler_id, case.creator_id):
        return NOTHING
    asked_at = {
        item.stage.node_id
        for item in items
        if item.kind != ItemKind.CORRECTION and _concerns(item, reader)
    }
    hidden = [
        frozenset(element.settings.hidden_fields)
        for element in definition.elements.values()
        if isinstance(element, Stage) and element.id in asked_at
    ]
    return frozenset.intersection(*hidden) if hidden else NOTHING


def _items_with_stages(case: Case) -> Iterable[WorkItem]:
    return WorkItem.objects.filter(case=case).select_related("stage")


def hidden_fields_of(
    case: Case,
    reader: Employee,
    *,
    items: Callable[[Case], Iterable[WorkItem]] = _items_with_stages,
) -> frozenset[str]:
    """The same for whoever has not loaded the items; asks nothing where no stage hides.

    ``items`` gives them, with their stages, where a page keeps them anyway.
    """
    definition = definition_of(case.flow_version_id)
    if not hides_anything(definition):
        return NOTHING
    return hidden_from(reader, case, items(case), definition)


def hides_anything(definition: Definition) -> bool:
    return any(stage.settings.hidden_fields for stage in definition.stages())


def _concerns(item: WorkItem, reader: Employee) -> bool:
    if reader.pk in (item.assignee_id, item.decided_by_id):
        return True
    return item.state in LIVE and is_his(item, reader)


def without(content: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """A snapshot's content, in each of its languages, without the hidden parts."""
    if not hidden:
        return dict(content)
    found = dict(content)
    for part in ("fields", "tables"):
        if part in content:
            found[part] = [one for one in content[part] if one["name"] not in hidden]
    if "en" in content:
        found["en"] = without(content["en"], hidden)
    return found


def withhold(events: Sequence[HistoryEvent], hidden: Collection[str]) -> None:
    """Take what is hidden off events that are only shown.

    The frozen facts go, and what was corrected in a hidden field; so does the hash of such an
    event, by which a guess could be proved.
    """
    if not hidden:
        return
    was_changed = False
    for event in events:
        if was_changed:
            event.previous_hash = ""
        was_changed = bool(_TELLING & event.data.keys()) or event.kind == EventKind.CORRECTED
        if not was_changed:
            continue
        event.hash = ""
        event.data = {k: value for k, value in event.data.items() if k not in _TELLING}
        if "changes" in event.data:
            event.data["changes"] = [
                change for change in event.data["changes"] if change["name"] not in hidden
            ]
