"""The XML names of BPMN 2.0, its diagram part and our extension."""

from __future__ import annotations

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LENDING = "urn:lending-crm:workflow:1"
FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"

PREFIXES = {
    "bpmn": BPMN,
    "bpmndi": BPMNDI,
    "dc": DC,
    "di": DI,
    "xsi": XSI,
    "lc": LENDING,
}


def bpmn(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def lending(name: str) -> str:
    return f"{{{LENDING}}}{name}"
