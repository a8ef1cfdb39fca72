"""One flow node of a BPMN file as an element of a route."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.model import (
    BoundaryTimer,
    CopyTask,
    DecideMode,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    ServiceTask,
    Stage,
    StageSettings,
    StartEvent,
)
from workflows.bpmn.namespaces import BPMN
from workflows.bpmn.namespaces import bpmn as _bpmn
from workflows.bpmn.namespaces import lending as _lending
from workflows.bpmn.settings_xml import BadSetting, read_assignees, read_stage
from workflows.bpmn.unsupported import ELEMENTS, EVENTS, HOLDS, IGNORED_PARTS, OTHER
from workflows.bpmn.vendor_settings import Add, note_vendor_settings

#: what the columns of stages and history hold
NAME_AT_MOST = 120
ID_AT_MOST = 100

_GATEWAYS = {
    "exclusiveGateway": GatewayKind.EXCLUSIVE,
    "parallelGateway": GatewayKind.PARALLEL,
    "inclusiveGateway": GatewayKind.INCLUSIVE,
}
_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


class Refuse(Exception):
    """The element has been refused; its finding is on the list."""


def clean_name(text: str) -> str:
    """A name on one line."""
    return " ".join(text.split())


def reference(text: str | None) -> str:
    """The id in a reference that may carry a namespace prefix; an id holds no colon."""
    return (text or "").strip().rpartition(":")[2]


class ElementReader:
    def __init__(self, add: Add) -> None:
        self.add = add

    def read(self, node: etree._Element, kind: str) -> Element | None:
        """The element, or None when it was refused with a finding."""
        try:
            return self._read(node, kind)
        except Refuse:
            return None
        except BadSetting as bad:
            params: dict[str, Any] = bad.params
            self.add("setting", node, bad.sentence, **params)
            return None

    def _read(self, node: etree._Element, kind: str) -> Element:
        element_id = node.get("id", "")
        if not element_id:
            self.add(
                "missing-id",
                node,
                _(
                    "An element of the kind “%(kind)s” has no id. Save the file again with a BPMN "
                    "editor."
                ),
                kind=kind,
            )
            raise Refuse
        if len(element_id) > ID_AT_MOST:
            self.add(
                "id-too-long",
                node,
                _("The id of “%(element)s” (%(id)s) is longer than %(limit)s characters."),
                limit=ID_AT_MOST,
            )
            raise Refuse
        name = clean_name(node.get("name", ""))
        if len(name) > NAME_AT_MOST:
            self.add(
                "name-too-long",
                node,
                _("The name of %(id)s is longer than %(limit)s characters. Shorten it."),
                limit=NAME_AT_MOST,
            )
            raise Refuse
        named: dict[str, Any] = {"id": element_id, "name": name}
        named["name_en"] = clean_name(node.get(_lending("nameEn"), ""))[:NAME_AT_MOST]
        match kind:
            case "startEvent":
                self._check_parts(node)
                return StartEvent(**named)
            case "endEvent":
                return self._end_event(node, named)
            case "userTask":
                return self._stage(node, named)
            case "sendTask":
                self._check_parts(node)
                note_vendor_settings(node, self.add)
                copy = _ours(node, "copy")
                return CopyTask(**named, assignees=read_assignees(copy) if copy is not None else ())
            case "serviceTask":
                self._check_parts(node)
                note_vendor_settings(node, self.add)
                handler = _ours(node, "handler")
                return ServiceTask(
                    **named, handler=handler.get("name", "") if handler is not None else ""
                )
            case "boundaryEvent":
                return self._timer(node, named)
            case "exclusiveGateway" | "parallelGateway" | "inclusiveGateway":
                self._check_parts(node)
                return Gateway(**named, kind=_GATEWAYS[kind], default=node.get("default"))
        kind_name, advice = ELEMENTS.get(kind, OTHER)
        self.add(
            "unsupported",
            node,
            _("“%(element)s” (%(id)s): the kind “%(kind)s” is not supported. %(advice)s"),
            kind=kind_name,
            advice=advice,
        )
        raise Refuse

    def _end_event(self, node: etree._Element, named: dict[str, Any]) -> Element:
        self._check_parts(node, "terminateEventDefinition")
        kind = EndKind.APPROVED
        if node.find(_bpmn("terminateEventDefinition")) is not None:
            kind = EndKind.TERMINATED
        ours = _ours(node, "end")
        if ours is not None:
            try:
                kind = EndKind(ours.get("kind", ""))
            except ValueError:
                raise BadSetting("kind", ours.get("kind", "")) from None
        return EndEvent(**named, kind=kind)

    def _stage(self, node: etree._Element, named: dict[str, Any]) -> Element:
        ours = _ours(node, "stage")
        self._check_parts(node, *_LOOPS[:1])
        if ours is not None:
            return Stage(**named, settings=read_stage(ours))
        note_vendor_settings(node, self.add)
        decide = DecideMode.ANY
        loop = node.find(_bpmn(_LOOPS[0]))
        if loop is not None:
            one_by_one = loop.get("isSequential") in ("true", "1")
            decide = DecideMode.SEQUENCE if one_by_one else DecideMode.ALL
            if loop.find(_bpmn("completionCondition")) is not None:
                self.add(
                    "completion-condition",
                    node,
                    _(
                        "“%(element)s” (%(id)s) ends after a share of its people has answered, "
                        "whatever they said; this is not supported. Remove the completion "
                        "condition and choose a vote with a quorum and a pass ratio."
                    ),
                )
                raise Refuse
        return Stage(**named, settings=StageSettings(decide=decide))

    def _timer(self, node: etree._Element, named: dict[str, Any]) -> Element:
        self._check_parts(node, "timerEventDefinition")
        duration = node.find(f"{_bpmn('timerEventDefinition')}/{_bpmn('timeDuration')}")
        text = "".join(duration.itertext()).strip() if duration is not None else ""
        if not text:
            self.add(
                "unsupported",
                node,
                _(
                    "The boundary event “%(element)s” (%(id)s) has no duration. Only timers with "
                    "a duration such as PT4H are supported on a stage."
                ),
            )
            raise Refuse
        return BoundaryTimer(
            **named,
            attached_to=reference(node.get("attachedToRef")),
            is_interrupting=node.get("cancelActivity", "true") in ("true", "1"),
            duration=text[:100],
        )

    def _check_parts(self, node: etree._Element, *allowed: str) -> None:
        """Refuse what changes the meaning of the element: events, loops, compensation."""
        is_refused = False
        for child in node:
            name = etree.QName(child)
            if name.namespace != BPMN or name.localname in IGNORED_PARTS:
                continue
            if name.localname in allowed:
                continue
            if name.localname in EVENTS:
                self.add(
                    "unsupported",
                    node,
                    _(
                        "“%(element)s” (%(id)s) is an event of the kind “%(kind)s”, which is not "
                        "supported here. Use a plain start or end event, or a timer on a stage."
                    ),
                    kind=EVENTS[name.localname],
                )
            else:
                self.add(
                    "unsupported",
                    node,
                    HOLDS,
                    kind=name.localname,
                )
            is_refused = True
        if node.get("isForCompensation") in ("true", "1"):
            self.add(
                "unsupported",
                node,
                _("“%(element)s” (%(id)s) is for compensation, which is not supported. Remove it."),
            )
            is_refused = True
        if node.get("default") and not node.tag.endswith("Gateway"):
            self.add(
                "default-on-task",
                node,
                _(
                    "“%(element)s” (%(id)s) has a default flow. Put an exclusive gateway behind "
                    "it and make the flow that gateway's default."
                ),
            )
            is_refused = True
        if is_refused:
            raise Refuse


def _ours(node: etree._Element, name: str) -> etree._Element | None:
    return node.find(f"{_bpmn('extensionElements')}/{_lending(name)}")
