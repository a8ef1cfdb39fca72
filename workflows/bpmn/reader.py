"""A BPMN 2.0 file as a route, or every reason why it cannot be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.drawing_reader import read_layout
from workflows.bpmn.element_reader import ElementReader, clean_name, reference
from workflows.bpmn.findings import BpmnRefused, Finding, Severity
from workflows.bpmn.flow_reader import has_only_known_parts, read_condition
from workflows.bpmn.layout import is_complete
from workflows.bpmn.model import (
    Annotation,
    BoundaryTimer,
    Definition,
    Element,
    Gateway,
    Lane,
    Layout,
    SequenceFlow,
    Stage,
)
from workflows.bpmn.namespaces import BPMN, LENDING
from workflows.bpmn.namespaces import bpmn as _bpmn
from workflows.bpmn.parsing import parse, schema_findings
from workflows.bpmn.surroundings import read_surroundings
from workflows.bpmn.unsupported import IGNORED
from workflows.bpmn.writer import write

ELEMENTS_AT_MOST = 500
FLOWS_AT_MOST = 1000

_SILENT = frozenset(
    {
        "documentation",
        "extensionElements",
        "auditing",
        "monitoring",
        "property",
        "ioSpecification",
        "resourceRole",
        "potentialOwner",
        "performer",
        "humanPerformer",
        "correlationSubscription",
        "supports",
    }
)


@dataclass(frozen=True)
class Reading:
    """A definition when there is one, and what was found: errors, and parts left out."""

    definition: Definition | None
    findings: tuple[Finding, ...]


def read(xml: str | bytes, *, fact_types: Mapping[str, str]) -> Definition:
    """The route in a BPMN 2.0 file.

    ``fact_types`` gives the type of each routing fact, so that values in conditions get
    theirs. Raises ``BpmnRefused`` with a finding for every element that is not supported.
    """
    reading = inspect(xml, fact_types=fact_types)
    if reading.definition is None:
        raise BpmnRefused([finding for finding in reading.findings if finding.is_error])
    return reading.definition


def inspect(xml: str | bytes, *, fact_types: Mapping[str, str]) -> Reading:
    """Like ``read``, but with the parts that were left out, and never raising for a file."""
    try:
        root = parse(xml)
    except BpmnRefused as refused:
        return Reading(None, tuple(refused.findings))
    return _Reader(root, fact_types).reading()


class _Reader:
    def __init__(self, root: etree._Element, fact_types: Mapping[str, str]) -> None:
        self.root = root
        self.fact_types = fact_types
        self.findings: list[Finding] = []
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, SequenceFlow] = {}
        self.lanes: list[Lane] = []
        self.annotations: dict[str, Annotation] = {}
        #: ids of elements that were refused or left out, so that flows to them say nothing new
        self.skipped: set[str] = set()

    def reading(self) -> Reading:
        departures = schema_findings(self.root, is_forgiving=True)
        self.findings.extend(departures)
        definition = None
        process = self._process()
        if process is not None:
            self._read_process(process)
            definition = self._definition(process)
        if departures and definition is not None and not self._has_errors():
            # The schema's report ends at the first mistake among siblings: what it did not
            # come to is judged by what would be written.
            self.findings.extend(_unwritable(definition))
        if self._has_errors():
            definition = None
        return Reading(definition, tuple(self.findings))

    def _has_errors(self) -> bool:
        return any(finding.is_error for finding in self.findings)

    def add(
        self,
        code: str,
        node: etree._Element | None,
        sentence: str | Promise,
        severity: Severity = Severity.ERROR,
        **params: Any,
    ) -> None:
        element_id = node.get("id", "") if node is not None else ""
        name = _name_of(node) if node is not None else ""
        self.findings.append(Finding(code, element_id, name, sentence, params, severity))

    # -- the file ------------------------------------------------------------------------

    def _process(self) -> etree._Element | None:
        processes = self.root.findall(_bpmn("process"))
        drawn = [p for p in processes if any(True for _node in self._flow_elements(p))]
        read_surroundings(self.root, drawn, self.add)
        if len(drawn) == 1:
            return drawn[0]
        if not drawn:
            self.add("no-process", None, _("The file holds no process with elements."))
            return None
        for process in drawn:
            self.add(
                "several-processes",
                process,
                _(
                    "The file holds %(count)s processes; one of them is “%(element)s”. "
                    "Keep one and remove the others."
                ),
                count=len(drawn),
            )
            # Whoever takes the processes apart should know at once what else is in the way.
            self._read_process(process)
        return None

    def _flow_elements(self, process: etree._Element) -> Iterator[etree._Element]:
        for node in process:
            name = _local(node)
            if name is not None and name not in _SILENT and name != "laneSet":
                yield node

    # -- the process ---------------------------------------------------------------------

    def _read_process(self, process: etree._Element) -> None:
        reader = ElementReader(self.add)
        flows: list[etree._Element] = []
        links: list[etree._Element] = []
        for node in process:
            name = _local(node)
            if name is None or name in _SILENT:
                continue
            if name == "laneSet":
                self._read_lanes(node)
            elif name == "sequenceFlow":
                flows.append(node)
            elif name == "association":
                links.append(node)
            elif name == "textAnnotation":
                self._read_annotation(node)
            elif name in IGNORED:
                self.skipped.add(node.get("id", ""))
                self.add(
                    "left-out",
                    node,
                    _(
                        "“%(element)s” (%(id)s), of the kind “%(kind)s”, says nothing about the "
                        "route and is left out."
                    ),
                    Severity.WARNING,
                    kind=IGNORED[name],
                )
            else:
                element = reader.read(node, name)
                if element is None:
                    self.skipped.add(node.get("id", ""))
                elif element.id in self.elements:
                    self._refuse_twice(node)
                else:
                    self.elements[element.id] = element
        for index, node in enumerate(flows, start=1):
            self._read_flow(node, index)
        for node in links:
            self._read_association(node)
        self._check_references(process)

    def _refuse_twice(self, node: etree._Element) -> None:
        self.add(
            "duplicate-id",
            node,
            _("The id “%(id)s” is used twice. Give “%(element)s” an id of its own."),
        )

    def _read_flow(self, node: etree._Element, index: int) -> None:
        flow_id = node.get("id") or f"flow_{index}"
        source, target = reference(node.get("sourceRef")), reference(node.get("targetRef"))
        if not has_only_known_parts(node, self.add):
            return
        if flow_id in self.flows or flow_id in self.elements:
            self._refuse_twice(node)
            return
        for end in (source, target):
            if end not in self.elements and end not in self.skipped:
                self.add(
                    "dangling-flow",
                    node,
                    _(
                        "The flow “%(element)s” (%(id)s) leads from or to “%(end)s”, which is "
                        "not there."
                    ),
                    end=end,
                )
                return
        condition = read_condition(node, self.fact_types, self.add)
        self.flows[flow_id] = SequenceFlow(
            id=flow_id,
            source=source,
            target=target,
            name=clean_name(node.get("name", "")),
            condition=condition,
            name_en=clean_name(node.get(f"{{{LENDING}}}nameEn", "")),
        )

    def _read_lanes(self, lane_set: etree._Element) -> None:
        for node in lane_set.iterfind(_bpmn("lane")):
            if node.find(_bpmn("childLaneSet")) is not None:
                self.add(
                    "unsupported",
                    node,
                    _(
                        "The lane “%(element)s” (%(id)s) holds lanes of its own, which is not "
                        "supported. Keep one level of lanes."
                    ),
                )
                continue
            if not node.get("id"):
                self.add(
                    "missing-id",
                    node,
                    _("A lane has no id. Save the file again with a BPMN editor."),
                )
                continue
            members = [reference(ref.text) for ref in node.iterfind(_bpmn("flowNodeRef"))]
            self.lanes.append(
                Lane(node.get("id", ""), clean_name(node.get("name", "")), tuple(members))
            )

    def _read_annotation(self, node: etree._Element) -> None:
        annotation_id = node.get("id")
        if not annotation_id:
            self.add(
                "missing-id",
                node,
                _("A text annotation has no id. Save the file again with a BPMN editor."),
            )
            return
        text = node.find(_bpmn("text"))
        content = "".join(text.itertext()) if text is not None else ""
        self.annotations[annotation_id] = Annotation(annotation_id, content)

    def _read_association(self, node: etree._Element) -> None:
        ends = (node.get("sourceRef", ""), node.get("targetRef", ""))
        for element_id, annotation_id in (ends, ends[::-1]):
            note = self.annotations.get(annotation_id)
            if note is not None and element_id in self.elements and note.attached_to is None:
                self.annotations[annotation_id] = replace(note, attached_to=element_id)
                return

    def _check_references(self, process: etree._Element) -> None:
        nodes = {node.get("id", ""): node for node in process}
        for element in self.elements.values():
            if (
                isinstance(element, BoundaryTimer)
                and not isinstance(self.elements.get(element.attached_to), Stage)
                and element.attached_to not in self.skipped
            ):
                self.add(
                    "timer-host",
                    nodes.get(element.id),
                    _("The timer “%(element)s” (%(id)s) must sit on an approval stage."),
                )
            if isinstance(element, Gateway) and element.default is not None:
                flow = self.flows.get(element.default)
                if flow is None or flow.source != element.id:
                    self.add(
                        "default-flow",
                        nodes.get(element.id),
                        _(
                            "The default flow of the gateway “%(element)s” (%(id)s) does not "
                            "begin at it."
                        ),
                    )
        members: set[str] = set()
        for index, lane in enumerate(self.lanes):
            known = tuple(m for m in lane.members if m in self.elements and m not in members)
            members.update(known)
            self.lanes[index] = replace(lane, members=known)

    # -- the result ----------------------------------------------------------------------

    def _definition(self, process: etree._Element) -> Definition | None:
        if len(self.elements) > ELEMENTS_AT_MOST or len(self.flows) > FLOWS_AT_MOST:
            self.add(
                "too-many-elements",
                process,
                _("The process has more than %(elements)s elements or %(flows)s flows. Split it."),
                elements=ELEMENTS_AT_MOST,
                flows=FLOWS_AT_MOST,
            )
            return None
        process_id = process.get("id", "")
        if not process_id:
            self.add(
                "missing-id",
                process,
                _("The process has no id. Save the file again with a BPMN editor."),
            )
            return None
        definition = Definition(
            process_id=process_id,
            name=clean_name(process.get("name", "")),
            elements=self.elements,
            flows=self.flows,
            lanes=tuple(self.lanes),
            annotations=tuple(self.annotations.values()),
            name_en=clean_name(process.get(f"{{{LENDING}}}nameEn", "")),
        )
        drawn = replace(definition, layout=self._layout(process))
        return drawn if is_complete(drawn) else definition

    def _layout(self, process: etree._Element) -> Layout:
        by_association = {
            node.get("id", ""): annotation.id
            for node in process.iterfind(_bpmn("association"))
            for annotation in self.annotations.values()
            if annotation.id in (node.get("sourceRef"), node.get("targetRef"))
        }
        known = {*self.elements, *self.annotations, *(lane.id for lane in self.lanes)}
        edges = {*self.flows, *self.annotations}
        return read_layout(self.root, shapes=known, edges=edges, names=by_association)


def _name_of(node: etree._Element) -> str:
    """What a reader may find the element by: a flow without name and id by its ends."""
    name = clean_name(node.get("name", ""))
    if not name and node.get("sourceRef") and not node.get("id"):
        return f"{node.get('sourceRef')} → {node.get('targetRef', '')}"
    return name


def _unwritable(definition: Definition) -> list[Finding]:
    """Where the route as it would be written departs from the schema."""
    sentence = _(
        "“%(element)s” (%(id)s) is not valid BPMN 2.0: %(detail)s Save the file again with a "
        "BPMN editor."
    )
    found = schema_findings(parse(write(definition)))
    known = {*definition.elements, *definition.flows, *(lane.id for lane in definition.lanes)}
    # A bad id is bad wherever it is written; one finding for each element is enough.
    first = {each.element_id: each for each in reversed(found) if each.element_id in known}
    return [replace(finding, sentence=sentence) for finding in first.values() or found]


def _local(node: etree._Element) -> str | None:
    """The local name of a BPMN element; None for elements of other namespaces."""
    name = etree.QName(node)
    return name.localname if name.namespace == BPMN else None
