"""One element of a route as BPMN, for a drawing that is being changed."""

from __future__ import annotations

from lxml import etree

from workflows.bpmn.model import Definition
from workflows.bpmn.namespaces import bpmn as _bpmn
from workflows.bpmn.writer import write


def element_xml(definition: Definition, element_id: str) -> str:
    """The element's own XML with its settings; of the process only the names.

    Raises KeyError when the route has no such element.
    """
    root = etree.fromstring(write(definition).encode())
    for node in root.iter(etree.Element):
        if node.get("id") == element_id:
            break
    else:
        raise KeyError(element_id)
    if node.tag == _bpmn("process"):
        for child in list(node):
            node.remove(child)
    return etree.tostring(node, encoding="unicode", with_tail=False)
