"""A route as BPMN 2.0 XML: the same definition always gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from workflows.bpmn.feel import to_feel
from workflows.bpmn.layout import arrange, is_complete
from workflows.bpmn.model import (
    BoundaryTimer,
    Bounds,
    CopyTask,
    DecideMode,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    SequenceFlow,
    ServiceTask,
    Stage,
    StartEvent,
)
from workflows.bpmn.namespaces import BPMN, BPMNDI, DC, DI, FEEL, LENDING, PREFIXES, XSI
from workflows.bpmn.namespaces import bpmn as _bpmn
from workflows.bpmn.namespaces import lending as _lending
from workflows.bpmn.settings_xml import write_assignees, write_stage

GATEWAY_TAGS = {
    GatewayKind.EXCLUSIVE: "exclusiveGateway",
    GatewayKind.PARALLEL: "parallelGateway",
    GatewayKind.INCLUSIVE: "inclusiveGateway",
}


def write(definition: Definition) -> str:
    """BPMN 2.0 XML with our settings and a diagram part.

    The layout of the definition is kept when it covers every shape and edge; otherwise an
    automatic one is drawn. Raises ValueError for text that XML cannot hold.
    """
    return _Writer(definition).document()


class _Writer:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.taken = {
            definition.process_id,
            *definition.elements,
            *definition.flows,
            *(lane.id for lane in definition.lanes),
            *(annotation.id for annotation in definition.annotations),
        }
        #: way points belong to associations too, though these have no id in the model
        self.associations: dict[str, str] = {}
        self.labels: Mapping[str, Bounds] = {}

    def document(self) -> str:
        definition = self.definition
        root = etree.Element(_bpmn("definitions"), nsmap=PREFIXES)
        root.set("id", self._new_id(f"definitions_{definition.process_id}"))
        root.set("targetNamespace", LENDING)
        root.set("expressionLanguage", FEEL)
        root.set("exporter", "lending-crm")
        root.set("exporterVersion", "1")
        process = etree.SubElement(root, _bpmn("process"))
        process.set("id", definition.process_id)
        _set_names(process, definition.name, definition.name_en)
        process.set("isExecutable", "true")
        self._write_lanes(process)
        for element in definition.elements.values():
            self._write_element(process, element)
        for flow in definition.flows.values():
            self._write_flow(process, flow)
        self._write_annotations(process)
        self._write_diagram(root)
        text = etree.tostring(root, encoding="unicode", pretty_print=True)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'

    def _new_id(self, wished: str) -> str:
        while wished in self.taken:
            wished += "_"
        self.taken.add(wished)
        return wished

    def _write_lanes(self, process: etree._Element) -> None:
        if not self.definition.lanes:
            return
        lane_set = etree.SubElement(process, _bpmn("laneSet"))
        lane_set.set("id", self._new_id("lanes"))
        for lane in self.definition.lanes:
            node = etree.SubElement(lane_set, _bpmn("lane"))
            node.set("id", lane.id)
            node.set("name", lane.name)
            for member in lane.members:
                etree.SubElement(node, _bpmn("flowNodeRef")).text = member

    def _write_element(self, process: etree._Element, element: Element) -> None:
        node = etree.SubElement(process, _bpmn(_tag(element)))
        node.set("id", element.id)
        _set_names(node, element.name, element.name_en)
        match element:
            case Stage():
                write_stage(_extension(node), element.settings)
            case CopyTask():
                write_assignees(
                    etree.SubElement(_extension(node), _lending("copy")), element.assignees
                )
            case ServiceTask():
                handler = etree.SubElement(_extension(node), _lending("handler"))
                handler.set("name", element.handler)
            case EndEvent():
                end = etree.SubElement(_extension(node), _lending("end"))
                end.set("kind", element.kind.value)
            case Gateway() if element.default is not None:
                node.set("default", element.default)
            case BoundaryTimer():
                node.set("cancelActivity", "true" if element.is_interrupting else "false")
                node.set("attachedToRef", element.attached_to)
        for flow in self.definition.incoming(element.id):
            etree.SubElement(node, _bpmn("incoming")).text = flow.id
        for flow in self.definition.outgoing(element.id):
            etree.SubElement(node, _bpmn("outgoing")).text = flow.id
        self._write_tail(node, element)

    def _write_tail(self, node: etree._Element, element: Element) -> None:
        """What the schema wants behind ``incoming`` and ``outgoing``."""
        match element:
            case Stage() if element.settings.decide is not DecideMode.ANY:
                # Shown as three bars by every BPMN tool; the settings say what is meant.
                loop = etree.SubElement(node, _bpmn("multiInstanceLoopCharacteristics"))
                one_by_one = element.settings.decide is DecideMode.SEQUENCE
                loop.set("isSequential", "true" if one_by_one else "false")
            case BoundaryTimer():
                timer = etree.SubElement(node, _bpmn("timerEventDefinition"))
                duration = etree.SubElement(timer, _bpmn("timeDuration"))
                duration.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
                duration.text = element.duration
            case EndEvent(kind=EndKind.TERMINATED):
                etree.SubElement(node, _bpmn("terminateEventDefinition"))

    def _write_flow(self, process: etree._Element, flow: SequenceFlow) -> None:
        node = etree.SubElement(process, _bpmn("sequenceFlow"))
        node.set("id", flow.id)
        _set_names(node, flow.name, flow.name_en)
        node.set("sourceRef", flow.source)
        node.set("targetRef", flow.target)
        if flow.condition is not None:
            expression = etree.SubElement(node, _bpmn("conditionExpression"))
            expression.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            expression.set("language", FEEL)
            expression.text = to_feel(flow.condition)

    def _write_annotations(self, process: etree._Element) -> None:
        for annotation in self.definition.annotations:
            node = etree.SubElement(process, _bpmn("textAnnotation"))
            node.set("id", annotation.id)
            etree.SubElement(node, _bpmn("text")).text = annotation.text
            if annotation.attached_to is not None:
                link = etree.SubElement(process, _bpmn("association"))
                self.associations[annotation.id] = self._new_id(f"{annotation.id}_association")
                link.set("id", self.associations[annotation.id])
                link.set("sourceRef", annotation.attached_to)
                link.set("targetRef", annotation.id)

    def _write_diagram(self, root: etree._Element) -> None:
        definition = self.definition
        layout = definition.layout if is_complete(definition) else arrange(definition)
        diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram")
        diagram.set("id", self._new_id("diagram"))
        plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane")
        plane.set("id", self._new_id("plane"))
        plane.set("bpmnElement", definition.process_id)
        self.labels = layout.labels
        for lane in definition.lanes:
            self._write_shape(plane, lane.id, layout.shapes[lane.id]).set("isHorizontal", "true")
        for element in definition.elements.values():
            shape = self._write_shape(plane, element.id, layout.shapes[element.id])
            if isinstance(element, Gateway) and element.kind is GatewayKind.EXCLUSIVE:
                shape.set("isMarkerVisible", "true")
        for annotation in definition.annotations:
            self._write_shape(plane, annotation.id, layout.shapes[annotation.id])
        for flow_id in definition.flows:
            self._write_edge(plane, flow_id, layout.edges[flow_id])
        for annotation_id, association_id in self.associations.items():
            self._write_edge(plane, association_id, layout.edges[annotation_id])

    def _write_shape(
        self, plane: etree._Element, element_id: str, bounds: Bounds
    ) -> etree._Element:
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape")
        shape.set("id", self._new_id(f"{element_id}_di"))
        shape.set("bpmnElement", element_id)
        _write_bounds(shape, bounds)
        self._write_label(shape, element_id)
        return shape

    def _write_label(self, parent: etree._Element, element_id: str) -> None:
        if element_id in self.labels:
            label = etree.SubElement(parent, f"{{{BPMNDI}}}BPMNLabel")
            _write_bounds(label, self.labels[element_id])

    def _write_edge(
        self, plane: etree._Element, element_id: str, points: tuple[tuple[float, float], ...]
    ) -> None:
        edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge")
        edge.set("id", self._new_id(f"{element_id}_di"))
        edge.set("bpmnElement", element_id)
        for x, y in points:
            point = etree.SubElement(edge, f"{{{DI}}}waypoint")
            point.set("x", _number(x))
            point.set("y", _number(y))
        self._write_label(edge, element_id)


def _write_bounds(parent: etree._Element, bounds: Bounds) -> None:
    box = etree.SubElement(parent, f"{{{DC}}}Bounds")
    for name in ("x", "y", "width", "height"):
        box.set(name, _number(getattr(bounds, name)))


def _tag(element: Element) -> str:
    match element:
        case StartEvent():
            return "startEvent"
        case EndEvent():
            return "endEvent"
        case Stage():
            return "userTask"
        case CopyTask():
            return "sendTask"
        case ServiceTask():
            return "serviceTask"
        case Gateway():
            return GATEWAY_TAGS[element.kind]
        case BoundaryTimer():
            return "boundaryEvent"
    raise ValueError(f"{element!r} has no BPMN element")


def _set_names(node: etree._Element, name: str, name_en: str) -> None:
    if name:
        node.set("name", name)
    if name_en:
        node.set(_lending("nameEn"), name_en)


def _extension(node: etree._Element) -> etree._Element:
    return etree.SubElement(node, f"{{{BPMN}}}extensionElements")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
