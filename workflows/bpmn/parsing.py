"""From untrusted bytes to an XML tree: size, encoding, no DTD, no entities, no network."""

from __future__ import annotations

import codecs
import re
from functools import cache
from pathlib import Path
from threading import Lock

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.findings import BpmnRefused, Finding
from workflows.bpmn.namespaces import BPMN

BYTES_AT_MOST = 5 * 1024 * 1024
NODES_AT_MOST = 50_000
DEPTH_AT_MOST = 60
SCHEMA_FINDINGS_AT_MOST = 10

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
}
_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*?\?>")
_DECLARED = re.compile(rb"^\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_PROLOG = re.compile(r"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)

_schema_lock = Lock()


def parse(xml: str | bytes) -> etree._Element:
    """The root of a BPMN 2.0 document. Raises ``BpmnRefused`` with one clear finding."""
    text = _decode(xml)
    if _DECLARATION.match(text):
        text = _DECLARATION.sub("", text, count=1)
    if not text.strip():
        raise _refusal("file-empty", _("The file is empty."))
    prolog = _PROLOG.match(text)
    if text.startswith("<!DOCTYPE", prolog.end() if prolog else 0):
        raise _refusal(
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
        raise _refusal(
            "file-not-xml",
            _("The file is not well-formed XML (line %(line)s): %(detail)s"),
            line=error.lineno or 1,
            detail=str(error.msg or "")[:200],
        ) from None
    except UnicodeEncodeError:
        raise _encoding_refusal("utf-8") from None
    _check_size(root)
    if root.tag != f"{{{BPMN}}}definitions":
        raise _refusal(
            "file-not-bpmn",
            _(
                "The file is XML but not BPMN 2.0: it begins with “%(tag)s”. "
                "Export it as BPMN 2.0 XML."
            ),
            tag=etree.QName(root).localname[:60],
        )
    return root


def schema_findings(root: etree._Element) -> list[Finding]:
    """Where the document departs from the OMG schema, with the element that is nearest."""
    with _schema_lock:
        schema = _schema()
        if schema.validate(root):
            return []
        errors = [(error.line, error.message) for error in schema.error_log]
    by_line: dict[int, etree._Element] = {}
    for node in root.iter(etree.Element):
        if node.sourceline is not None and node.get("id"):
            by_line.setdefault(int(node.sourceline), node)
    found = []
    for line, message in errors[:SCHEMA_FINDINGS_AT_MOST]:
        node = by_line.get(line)
        found.append(
            Finding(
                "schema",
                node.get("id", "") if node is not None else "",
                node.get("name", "") if node is not None else "",
                _("Line %(line)s is not valid BPMN 2.0: %(detail)s"),
                {"line": line, "detail": message.replace(f"{{{BPMN}}}", "")[:300]},
            )
        )
    return found


@cache
def _schema() -> etree.XMLSchema:
    path = Path(__file__).parent / "xsd" / "BPMN20.xsd"
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def _decode(xml: str | bytes) -> str:
    if isinstance(xml, str):
        if len(xml) > BYTES_AT_MOST:
            raise _size_refusal()
        return xml.removeprefix("\ufeff")
    if len(xml) > BYTES_AT_MOST:
        raise _size_refusal()
    encoding = next((name for mark, name in _BOMS if xml.startswith(mark)), None)
    if encoding is None:
        declared = _DECLARED.match(xml[:200])
        name = declared.group(1).decode("ascii") if declared else "utf-8"
        encoding = _ENCODINGS.get(name.lower())
        if encoding is None:
            raise _encoding_refusal(name)
    try:
        return xml.decode(encoding)
    except UnicodeDecodeError:
        raise _encoding_refusal(encoding) from None


def _check_size(root: etree._Element) -> None:
    todo = [(root, 1)]
    count = 0
    while todo:
        node, depth = todo.pop()
        count += 1
        if count > NODES_AT_MOST:
            raise _size_refusal()
        if depth > DEPTH_AT_MOST:
            raise _refusal(
                "file-too-deep",
                _("The file nests elements more than %(limit)s deep."),
                limit=DEPTH_AT_MOST,
            )
        todo.extend((child, depth + 1) for child in node)


def _size_refusal() -> BpmnRefused:
    return _refusal(
        "file-too-large",
        _("The file is too large: at most %(limit)s MB."),
        limit=BYTES_AT_MOST // 1024 // 1024,
    )


def _encoding_refusal(name: str) -> BpmnRefused:
    return _refusal(
        "file-encoding",
        _("The file's text cannot be read as “%(encoding)s”. Save it as UTF-8."),
        encoding=name[:40],
    )


def _refusal(code: str, sentence: str | Promise, **params: object) -> BpmnRefused:
    return BpmnRefused([Finding(code, "", "", sentence, params)])
