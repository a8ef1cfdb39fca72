"""What differs between two routes, element by element, in the reader's words.

Elements are the same when their ids are: cases store ids, and names may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from workflows.bpmn.condition_words import condition_in_words
from workflows.bpmn.model import (
    Annotation,
    BoundaryTimer,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    Gateway,
    Lane,
    SequenceFlow,
    ServiceTask,
    Stage,
    StartEvent,
)
from workflows.bpmn.naming import shown_title
from workflows.bpmn.settings_words import changed_settings, difference
from workflows.bpmn.stage_words import Resolve, plain_names
from workflows.kinds import Fact


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One element, flow, lane or note that differs; ``details`` are sentences.

    ``element_id`` is empty for the route as a whole.
    """

    kind: ChangeKind
    element_id: str
    what: str
    title: str
    details: tuple[str, ...] = ()


_WHAT: Mapping[type[Element], Promise] = {
    StartEvent: pgettext_lazy("BPMN", "start"),
    EndEvent: pgettext_lazy("BPMN", "end"),
    Stage: pgettext_lazy("BPMN", "approval stage"),
    CopyTask: pgettext_lazy("BPMN", "copy task"),
    ServiceTask: pgettext_lazy("BPMN", "service task"),
    Gateway: pgettext_lazy("BPMN", "gateway"),
    BoundaryTimer: pgettext_lazy("BPMN", "timer"),
}


def compare(
    before: Definition,
    after: Definition,
    *,
    facts: Sequence[Fact] = (),
    resolve: Resolve = plain_names,
    language: str | None = None,
) -> list[Change]:
    """Every difference that a reader of the route should know; the drawing does not count.

    ``facts`` and ``resolve`` put conditions and people into words; without them ids and codes
    are shown as they are stored.
    """
    with translation.override(language or get_language()):
        return list(_Comparing(before, after, facts, resolve).changes())


class _Comparing:
    def __init__(
        self, before: Definition, after: Definition, facts: Sequence[Fact], resolve: Resolve
    ) -> None:
        self.before = before
        self.after = after
        self.facts = facts
        self.resolve = resolve

    def changes(self) -> Iterator[Change]:
        yield from self._route()
        yield from self._each(self.before.elements, self.after.elements, self._element)
        yield from self._each(self.before.flows, self.after.flows, self._flow)
        yield from self._each(_lanes(self.before), _lanes(self.after), self._lane)
        yield from self._each(_notes(self.before), _notes(self.after), self._note)

    def _route(self) -> Iterator[Change]:
        names = [("name", gettext("Chinese title")), ("name_en", gettext("English title"))]
        names.append(("process_id", gettext("Id of the process")))
        details = [
            difference(label, getattr(self.before, name) or "—", getattr(self.after, name) or "—")
            for name, label in names
            if getattr(self.before, name) != getattr(self.after, name)
        ]
        if details:
            title = self.after.title(get_language() or "")
            yield Change(ChangeKind.CHANGED, "", pgettext("BPMN", "route"), title, tuple(details))

    def _each(self, old: Mapping[str, Any], new: Mapping[str, Any], about: Any) -> Iterator[Change]:
        """In the order of the new route; what is gone comes last."""
        for key, value in new.items():
            if key not in old:
                yield self._change(ChangeKind.ADDED, key, value)
            elif details := about(old[key], value):
                yield self._change(ChangeKind.CHANGED, key, value, details)
        for key, value in old.items():
            if key not in new:
                yield self._change(ChangeKind.REMOVED, key, value)

    def _change(
        self, kind: ChangeKind, key: str, value: Any, details: Sequence[str] = ()
    ) -> Change:
        if isinstance(value, Element):
            definition = self.before if kind is ChangeKind.REMOVED else self.after
            title = shown_title(definition, key)
            return Change(kind, key, str(_WHAT[type(value)]), title, tuple(details))
        if isinstance(value, SequenceFlow):
            definition = self.before if kind is ChangeKind.REMOVED else self.after
            if kind is ChangeKind.ADDED and value.condition is not None:
                details = (self._condition(value),)
            title = _flow_title(definition, value)
            return Change(kind, key, pgettext("BPMN", "flow"), title, tuple(details))
        if isinstance(value, Lane):
            return Change(kind, key, pgettext("BPMN", "lane"), value.name or key, tuple(details))
        return Change(kind, key, pgettext("BPMN", "note"), value.text or key, tuple(details))

    # -- one thing in both versions ------------------------------------------------------

    def _element(self, old: Element, new: Element) -> list[str]:
        if type(old) is not type(new):
            return [difference(gettext("Kind"), str(_WHAT[type(old)]), str(_WHAT[type(new)]))]
        if isinstance(old, Gateway) and isinstance(new, Gateway):
            return self._gateway(old, new)
        return changed_settings(old, new, self.resolve)

    def _gateway(self, old: Gateway, new: Gateway) -> list[str]:
        details = changed_settings(old, new, self.resolve, besides=("default",))
        if old.default != new.default:
            ways = (
                _flow_title(definition, definition.flows[default])
                if default is not None and default in definition.flows
                else "—"
                for definition, default in ((self.before, old.default), (self.after, new.default))
            )
            details.append(difference(gettext("Default flow"), *ways))
        kept = [flow.id for flow in self.after.outgoing(new.id)]
        order = [flow.id for flow in self.before.outgoing(old.id) if flow.id in kept]
        if order != [flow_id for flow_id in kept if flow_id in order]:
            details.append(gettext("Its flows are tried in another order."))
        return details

    def _flow(self, old: SequenceFlow, new: SequenceFlow) -> list[str]:
        details = []
        for label, end in ((gettext("Comes from"), "source"), (gettext("Leads to"), "target")):
            ends = getattr(old, end), getattr(new, end)
            if ends[0] != ends[1]:
                shown = shown_title(self.before, ends[0]), shown_title(self.after, ends[1])
                details.append(difference(label, *shown))
        if (old.name, old.name_en) != (new.name, new.name_en):
            names = (old.name or old.name_en or "—", new.name or new.name_en or "—")
            details.append(difference(gettext("Name"), *names))
        if old.condition != new.condition:
            conditions = (self._condition(old), self._condition(new))
            details.append(difference(gettext("Condition"), *conditions))
        return details

    def _condition(self, flow: SequenceFlow) -> str:
        if flow.condition is None:
            return gettext("none")
        return condition_in_words(flow.condition, self.facts)

    def _lane(self, old: Lane, new: Lane) -> list[str]:
        details = []
        if old.name != new.name:
            details.append(difference(gettext("Name"), old.name or "—", new.name or "—"))
        if set(old.members) != set(new.members):
            details.append(gettext("Holds other elements."))
        return details

    def _note(self, old: Annotation, new: Annotation) -> list[str]:
        if old.text != new.text:
            return [difference(gettext("Text"), old.text or "—", new.text or "—")]
        return [] if old.attached_to == new.attached_to else [gettext("Stands at another element.")]


def _lanes(definition: Definition) -> dict[str, Lane]:
    return {lane.id: lane for lane in definition.lanes}


def _notes(definition: Definition) -> dict[str, Annotation]:
    return {note.id: note for note in definition.annotations}


def _flow_title(definition: Definition, flow: SequenceFlow) -> str:
    return flow.name or _ends(definition, flow)


def _ends(definition: Definition, flow: SequenceFlow) -> str:
    source, target = (shown_title(definition, end) for end in (flow.source, flow.target))
    return pgettext("flow", "%(source)s → %(target)s") % {"source": source, "target": target}
