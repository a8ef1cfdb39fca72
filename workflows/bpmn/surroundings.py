"""What stands around the process in a BPMN file: pools, message flows, choreographies."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.findings import Severity
from workflows.bpmn.namespaces import BPMN
from workflows.bpmn.namespaces import bpmn as _bpmn
from workflows.bpmn.vendor_settings import Add

_CONVERSATIONS = ("choreography", "globalChoreographyTask", "conversation")


def read_surroundings(root: etree._Element, drawn: Sequence[etree._Element], add: Add) -> None:
    """Refuse what talks to others, and name the pools without a process as left out."""
    for node in root.iter(_bpmn("messageFlow")):
        add(
            "unsupported",
            node,
            _(
                "“%(element)s” (%(id)s) is a message flow, which is not supported. "
                "Remove it: an approval route does not talk to other pools."
            ),
        )
    for node in root:
        if node.tag in {f"{{{BPMN}}}{name}" for name in _CONVERSATIONS}:
            add(
                "unsupported",
                node,
                _(
                    "“%(element)s” (%(id)s) is a choreography, which is not supported. "
                    "Draw the route as a process."
                ),
            )
    held = {process.get("id", "") for process in drawn}
    for node in root.iter(_bpmn("participant")):
        if str(node.get("processRef", "")).rpartition(":")[2] not in held:
            add(
                "left-out",
                node,
                _(
                    "“%(element)s” (%(id)s) is a pool without a process of its own; it says "
                    "nothing about the route and is left out."
                ),
                Severity.WARNING,
            )
