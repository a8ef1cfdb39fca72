"""What other tools store on a task: who it was given to, and everything else.

Nothing of it is taken over, and nobody may think that it still counts: each assignment
becomes a finding with its value, for the administrator to fill in here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.findings import Severity
from workflows.bpmn.namespaces import BPMN, BPMNDI, LENDING
from workflows.bpmn.namespaces import bpmn as _bpmn

NAMES_AT_MOST = 12
VALUE_AT_MOST = 80

#: attributes of camunda, flowable, activiti and others, and those of zeebe's element
_ASSIGNMENTS = frozenset({"assignee", "candidateGroups", "candidateUsers", "owner"})
_ASSIGNMENT_ELEMENTS = frozenset({"assignmentDefinition", "userTaskAssignment"})
_BPMN_ASSIGNMENTS = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner"})


class Add(Protocol):
    def __call__(
        self,
        code: str,
        node: etree._Element | None,
        sentence: str | Promise,
        severity: Severity = ...,
        **params: Any,
    ) -> None: ...


def note_vendor_settings(node: etree._Element, add: Add) -> None:
    """Add a warning for the assignments of a task, and one for its other foreign settings."""
    assigned = list(_assignments(node))
    if assigned:
        add(
            "vendor-assignment",
            node,
            _(
                "“%(element)s” (%(id)s) was given to %(people)s by another tool. "
                "Say here who decides."
            ),
            Severity.WARNING,
            people=", ".join(f"{name} “{value}”" for name, value in assigned[:NAMES_AT_MOST]),
        )
    others = sorted(set(_others(node)))
    if others:
        add(
            "vendor-settings",
            node,
            _(
                "“%(element)s” (%(id)s): settings of another tool are not taken over "
                "(%(settings)s). Set them here."
            ),
            Severity.WARNING,
            settings=", ".join(others[:NAMES_AT_MOST]),
        )


def _assignments(node: etree._Element) -> Iterator[tuple[str, str]]:
    for key, value in node.attrib.items():
        if _is_foreign(str(key)) and _local(str(key)) in _ASSIGNMENTS:
            yield _local(str(key)), _short(str(value))
    for child in _foreign_elements(node):
        if _local(str(child.tag)) in _ASSIGNMENT_ELEMENTS:
            for key, value in child.attrib.items():
                yield _local(str(key)), _short(str(value))
    for child in node:
        if child.tag in {_bpmn(name) for name in _BPMN_ASSIGNMENTS}:
            said = _resource(child) or "".join(child.itertext()) or child.get("name", "")
            yield _local(str(child.tag)), _short(said)


def _resource(role: etree._Element) -> str:
    """The name of the resource that a BPMN role points at."""
    wanted = (role.findtext(_bpmn("resourceRef")) or "").strip().rpartition(":")[2]
    for node in role.getroottree().iterfind(_bpmn("resource")):
        if wanted and node.get("id") == wanted:
            return str(node.get("name", "")) or wanted
    return ""


def _others(node: etree._Element) -> Iterator[str]:
    for key in node.attrib:
        if _is_foreign(str(key)) and _local(str(key)) not in _ASSIGNMENTS:
            yield _local(str(key))
    for child in _foreign_elements(node):
        if _local(str(child.tag)) not in _ASSIGNMENT_ELEMENTS:
            yield _local(str(child.tag))


def _foreign_elements(node: etree._Element) -> Iterator[etree._Element]:
    for box in node.iterfind(_bpmn("extensionElements")):
        yield from (child for child in box if _is_foreign(str(child.tag)))


def _is_foreign(name: str) -> bool:
    return etree.QName(name).namespace not in (None, BPMN, LENDING, BPMNDI)


def _local(name: str) -> str:
    return etree.QName(name).localname


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= VALUE_AT_MOST else f"{text[:VALUE_AT_MOST]}…"
