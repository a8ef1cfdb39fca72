"""The designer's forms: one element of a drawing at a time, by the list editor's own forms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from lending_crm.common.text import clean_line
from workflows.bpmn.chain import ChainCopy, ChainStage
from workflows.bpmn.model import (
    BoundaryTimer,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    Lane,
    SequenceFlow,
    ServiceTask,
    Stage,
    StartEvent,
)
from workflows.bpmn.naming import shown_title
from workflows.bpmn.stage_checks import is_duration
from workflows.flow_forms import (
    ConditionFormSet,
    NodeEditor,
    comparison_initial,
    flat,
    handler_choices,
    joined,
    kept,
)
from workflows.kinds import DocumentKind

_ENDS = [
    (EndKind.APPROVED.value, _("Approved")),
    (EndKind.REJECTED.value, _("Rejected")),
    (EndKind.TERMINATED.value, _("Approved; everything still open ends")),
]


class NamesForm(forms.Form):
    """What every element has: its titles."""

    name = forms.CharField(label=_("Chinese title"), max_length=60, required=False)
    name_en = forms.CharField(label=_("English title"), max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("name", "name_en"):
            data[name] = clean_line(data.get(name) or "")
        return data


class EndForm(NamesForm):
    kind = forms.ChoiceField(label=_("The route ends as"), choices=_ENDS)


class GatewayForm(NamesForm):
    default = forms.ChoiceField(label=_("Otherwise go to"), required=False)


class ServiceForm(NamesForm):
    handler = forms.ChoiceField(label=_("What the system does"), required=False)


class TimerForm(NamesForm):
    duration = forms.CharField(
        label=_("After"),
        max_length=40,
        help_text=_("For example PT4H for 4 hours or P1D for a day."),
    )
    is_interrupting = forms.BooleanField(label=_("Ends the stage"), required=False)

    def clean_duration(self) -> str:
        text = clean_line(self.cleaned_data["duration"]).upper()
        if not is_duration(text):
            raise forms.ValidationError(_("Write a duration such as PT4H or P1D."))
        return text


class FlowForm(NamesForm):
    joint = forms.ChoiceField(
        label=_("Only when"), choices=[("all", _("all of these hold")), ("any", _("any holds"))]
    )


class LaneForm(forms.Form):
    """A lane has one title; it says nothing about who decides."""

    name = forms.CharField(label=_("Name of the lane"), max_length=60, required=False)

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])


class ElementEditor(ABC):
    """The forms of one element, bound together, and the route with the element changed."""

    #: what the panel shows
    template: str

    def __init__(self, definition: Definition, kind: DocumentKind) -> None:
        self.definition = definition
        self.kind = kind

    @abstractmethod
    def is_valid(self) -> bool: ...

    @abstractmethod
    def changed(self) -> Definition:
        """The route as it was typed; call it on valid forms."""

    def _with(self, element: Element) -> Definition:
        return replace(self.definition, elements={**self.definition.elements, element.id: element})


class StageEditor(ElementEditor):
    """A stage or a copy: the form of the list editor, without the condition in front of it."""

    template = "workflows/designer/_stage.html"

    def __init__(
        self, definition: Definition, element: Stage | CopyTask, kind: DocumentKind, data: Any
    ) -> None:
        super().__init__(definition, kind)
        node: ChainStage | ChainCopy
        names = (element.id, element.name, element.name_en)
        if isinstance(element, Stage):
            node = ChainStage(*names, element.settings)
        else:
            node = ChainCopy(*names, element.assignees)
        self.nodes = NodeEditor(node, kind, data, has_condition=False)

    def is_valid(self) -> bool:
        return self.nodes.is_valid()

    def changed(self) -> Definition:
        node = self.nodes.changed()
        if isinstance(node, ChainStage):
            return self._with(Stage(node.id, node.name, node.name_en, node.settings))
        copied = cast("ChainCopy", node)  # as it was made above
        return self._with(CopyTask(copied.id, copied.name, copied.name_en, copied.assignees))


class PlainEditor(ElementEditor):
    """Whatever one form says: events, gateways, timers, service tasks and the route itself."""

    template = "workflows/designer/_plain.html"

    def __init__(
        self, definition: Definition, element: Element | None, kind: DocumentKind, data: Any
    ) -> None:
        super().__init__(definition, kind)
        self.element = element
        form = NamesForm if element is None else _FORMS.get(type(element), NamesForm)
        if isinstance(element, Gateway) and element.kind is GatewayKind.PARALLEL:
            form = NamesForm
        self.form = form(data, initial=self._initial(), prefix="node")
        self._offer()

    def _initial(self) -> dict[str, Any]:
        if self.element is None:
            return {"name": self.definition.name, "name_en": self.definition.name_en}
        return vars(self.element)

    def _offer(self) -> None:
        """The choices that depend on the route."""
        fields: Any = self.form.fields
        match self.element:
            case Gateway():
                if "default" in fields:
                    fields["default"].choices = [("", "—"), *self._targets(self.element.id)]
            case ServiceTask():
                fields["handler"].choices = handler_choices(self.kind, self.element.handler)

    def _targets(self, element_id: str) -> list[tuple[str, str]]:
        return [
            (flow.id, flow.name or shown_title(self.definition, flow.target))
            for flow in self.definition.outgoing(element_id)
        ]

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def changed(self) -> Definition:
        data = dict(self.form.cleaned_data)
        match self.element:
            case None:
                return replace(self.definition, **data)
            case Gateway():
                data["default"] = data.get("default") or None
            case EndEvent():
                data["kind"] = EndKind(data["kind"])
        return self._with(replace(self.element, **data))


class FlowEditor(ElementEditor):
    """A flow: its name, and the condition in words where a gateway asks for one."""

    template = "workflows/designer/_flow.html"

    def __init__(
        self, definition: Definition, flow: SequenceFlow, kind: DocumentKind, data: Any
    ) -> None:
        super().__init__(definition, kind)
        self.flow = flow
        source = definition.elements[flow.source]
        asks = isinstance(source, Gateway) and source.kind is not GatewayKind.PARALLEL
        self.is_default = isinstance(source, Gateway) and source.default == flow.id
        condition = flat(flow.condition)
        #: a nested condition is shown in words and kept as it is
        self.keeps_condition = flow.condition is not None and condition is None
        self.has_condition = (asks and not self.is_default) or flow.condition is not None
        joint, rows = condition or ("all", [])
        initial = {"name": flow.name, "name_en": flow.name_en, "joint": joint}
        self.form = FlowForm(data, initial=initial, prefix="node")
        if not self.has_condition or self.keeps_condition:
            del self.form.fields["joint"]
        self.conditions = ConditionFormSet(
            data, prefix="conditions", form_kwargs={"kind": kind},
            initial=[comparison_initial(row) for row in rows],
        )  # fmt: skip

    @property
    def _edits_condition(self) -> bool:
        return self.has_condition and not self.keeps_condition

    def is_valid(self) -> bool:
        valid = self.form.is_valid()
        return (not self._edits_condition or self.conditions.is_valid()) and valid

    def changed(self) -> Definition:
        data = self.form.cleaned_data
        condition = self.flow.condition
        if self._edits_condition:
            rows = tuple(form.comparison() for form in kept(self.conditions))
            condition = joined(rows, data["joint"])
        flow = replace(
            self.flow, name=data["name"], name_en=data["name_en"], condition=condition
        )  # fmt: skip
        return replace(self.definition, flows={**self.definition.flows, flow.id: flow})


class LaneEditor(ElementEditor):
    """A lane's title; what stands in it is where it was drawn."""

    template = "workflows/designer/_plain.html"

    def __init__(self, definition: Definition, lane: Lane, kind: DocumentKind, data: Any) -> None:
        super().__init__(definition, kind)
        self.lane = lane
        self.form = LaneForm(data, initial={"name": lane.name}, prefix="node")

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def changed(self) -> Definition:
        renamed = replace(self.lane, name=self.form.cleaned_data["name"])
        lanes = (renamed if lane.id == renamed.id else lane for lane in self.definition.lanes)
        return replace(self.definition, lanes=tuple(lanes))


_FORMS: Mapping[type[Element], type[NamesForm]] = {
    StartEvent: NamesForm,
    EndEvent: EndForm,
    Gateway: GatewayForm,
    ServiceTask: ServiceForm,
    BoundaryTimer: TimerForm,
}


def editor_for(
    definition: Definition, element_id: str, kind: DocumentKind, data: Any = None
) -> ElementEditor | None:
    """The forms of that element; None for annotations and what is not there."""
    if element_id in ("", definition.process_id):
        return PlainEditor(definition, None, kind, data)
    flow = definition.flows.get(element_id)
    if flow is not None:
        return FlowEditor(definition, flow, kind, data)
    lane = definition.lane(element_id)
    if lane is not None:
        return LaneEditor(definition, lane, kind, data)
    element = definition.elements.get(element_id)
    if isinstance(element, Stage | CopyTask):
        return StageEditor(definition, element, kind, data)
    return PlainEditor(definition, element, kind, data) if element is not None else None
