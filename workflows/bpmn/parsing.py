"""From untrusted bytes to an XML tree: size, encoding, no DTD, no entities, no network."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from threading import Lock

from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.file_text import encoding_refusal, refusal, size_refusal, text_of
from workflows.bpmn.findings import BpmnRefused, Finding, Severity
from workflows.bpmn.namespaces import BPMN
from workflows.bpmn.unsupported import IGNORED, IGNORED_PARTS

NODES_AT_MOST = 50_000
DEPTH_AT_MOST = 60
#: of one element; and namespaces that the file declares. The schema takes long over more.
ATTRIBUTES_AT_MOST = 200
SCHEMA_FINDINGS_AT_MOST = 10
#: each departure is looked up in the tree to find the element that it is about
DEPARTURES_AT_MOST = 1000

_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*?\?>")
#: namespaces in the schema's messages, which are noise to a reader
_BRACES = re.compile(r"\{[^{}]*\}")
_PROLOG = re.compile(r"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)

_HARMFUL = _(
    "Line %(line)s, at “%(element)s”, is not valid BPMN 2.0: %(detail)s "
    "Save the file again with a BPMN editor."
)
_HARMLESS = _(
    "Line %(line)s, at “%(element)s”, is not valid BPMN 2.0 (%(detail)s) and is left out; "
    "it says nothing about the route."
)

_schema_lock = Lock()


def parse(xml: str | bytes) -> etree._Element:
    """The root of a BPMN 2.0 document. Raises ``BpmnRefused`` with one clear finding."""
    text = text_of(xml)
    if _DECLARATION.match(text):
        text = _DECLARATION.sub("", text, count=1)
    if not text.strip():
        raise refusal("file-empty", _("The file is empty."))
    prolog = _PROLOG.match(text)
    if text.startswith("<!DOCTYPE", prolog.end() if prolog else 0):
        raise refusal(
            "file-dtd",
            _("The file has a document type declaration (DTD). Save it again as plain BPMN 2.0."),
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise refusal(
            "file-not-xml",
            _("The file is not well-formed XML (line %(line)s): %(detail)s"),
            line=error.lineno or 1,
            detail=str(error.msg or "")[:200],
        ) from None
    except UnicodeEncodeError:
        raise encoding_refusal("utf-8") from None
    _check_size(root)
    if root.tag != f"{{{BPMN}}}definitions":
        raise refusal(
            "file-not-bpmn",
            _(
                "The file is XML but not BPMN 2.0: it begins with “%(tag)s”. "
                "Export it as BPMN 2.0 XML."
            ),
            tag=etree.QName(root).localname[:60],
        )
    return root


def schema_findings(root: etree._Element, *, is_forgiving: bool = False) -> list[Finding]:
    """Where the document departs from the OMG schema, with the element that is nearest.

    ``is_forgiving`` makes a departure a warning where nothing is read: outside the process and
    in the parts of an element that say nothing about the route. What is written is valid.
    """
    with _schema_lock:
        schema = _schema()
        if schema.validate(root):
            return []
        log = schema.error_log
    if len(log) > DEPARTURES_AT_MOST:
        return [_too_many()]
    errors = [(error.line, error.path, error.message) for error in log]
    found = []
    for line, path, message in errors:
        node = _at(root, path)
        is_harmless = is_forgiving and node is not None and _says_nothing(node)
        found.append(_departure(node, line, message, is_harmless))
    found.sort(key=lambda each: not each.is_error)
    return found[:SCHEMA_FINDINGS_AT_MOST]


def _too_many() -> Finding:
    return Finding(
        "schema",
        "",
        "",
        _(
            "The file is not valid BPMN 2.0 in more than %(limit)s places. Save it again with a "
            "BPMN editor."
        ),
        {"limit": DEPARTURES_AT_MOST},
    )


def _departure(node: etree._Element | None, line: int, message: str, is_harmless: bool) -> Finding:
    while node is not None and not node.get("id"):
        node = node.getparent()
    return Finding(
        "schema",
        node.get("id", "") if node is not None else "",
        " ".join(node.get("name", "").split()) if node is not None else "",
        _HARMLESS if is_harmless else _HARMFUL,
        {"line": line, "detail": _BRACES.sub("", message)[:300]},
        Severity.WARNING if is_harmless else Severity.ERROR,
    )


def _says_nothing(node: etree._Element) -> bool:
    """Whether the reader looks past this place: a part it ignores, or outside the process."""
    while (parent := node.getparent()) is not None:
        name = etree.QName(node)
        if name.namespace == BPMN and name.localname in (IGNORED_PARTS | IGNORED.keys()):
            return True
        if parent.getparent() is None:
            return node.tag != f"{{{BPMN}}}process"
        node = parent
    return True


def _at(root: etree._Element, path: str | None) -> etree._Element | None:
    """The element at a path of the schema's report."""
    try:
        found = root.xpath(path or "/*", namespaces={k: v for k, v in root.nsmap.items() if k})
    except etree.XPathError:
        return None
    return found[0] if found else None


@cache
def _schema() -> etree.XMLSchema:
    path = Path(__file__).parent / "xsd" / "BPMN20.xsd"
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def _check_size(root: etree._Element) -> None:
    if len(root.nsmap) > ATTRIBUTES_AT_MOST:
        raise _too_wide(root)
    todo = [(root, 1)]
    count = 0
    while todo:
        node, depth = todo.pop()
        count += 1
        if count > NODES_AT_MOST:
            raise size_refusal()
        if len(node.attrib) > ATTRIBUTES_AT_MOST:
            raise _too_wide(node)
        if depth > DEPTH_AT_MOST:
            raise refusal(
                "file-too-deep",
                _("The file nests elements more than %(limit)s deep."),
                limit=DEPTH_AT_MOST,
            )
        todo.extend((child, depth + 1) for child in node)


def _too_wide(node: etree._Element) -> BpmnRefused:
    return refusal(
        "file-too-wide",
        _("The element “%(tag)s” has more than %(limit)s attributes."),
        tag=etree.QName(node).localname[:60],
        limit=ATTRIBUTES_AT_MOST,
    )
