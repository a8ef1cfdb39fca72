"""The text of an uploaded file: size, byte order marks, and the encoding it declares."""

from __future__ import annotations

import codecs
import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.bpmn.findings import BpmnRefused, Finding

BYTES_AT_MOST = 5 * 1024 * 1024
#: four Chinese characters of GBK are valid UTF-8 in about one of three thousand cases
TELLING_BYTES = 8
TELLING_AT_MOST = 200_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: how a file without a mark begins when each character takes two bytes
_TWO_BYTES = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_DECLARED = re.compile(rb"^\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
#: families of character sets that XML files come in; Python knows other, unsafe ones
_FAMILIES = (
    "utf-8", "utf_8", "ascii", "iso8859", "cp125", "cp936", "gb", "big5", "shift_jis",
    "cp932", "euc_", "koi8", "utf-16",
)  # fmt: skip


def text_of(xml: str | bytes) -> str:
    """The file as text without a byte order mark. Raises ``BpmnRefused`` with one finding."""
    if len(xml) > BYTES_AT_MOST:
        raise size_refusal()
    if isinstance(xml, str):
        return xml.removeprefix("\ufeff")
    if xml.startswith(_ARCHIVES):
        raise refusal(
            "file-archive",
            _("The file is an archive. Unpack it and choose the BPMN file inside."),
        )
    encodings = _encodings(xml)
    for encoding in encodings:
        try:
            return xml.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise encoding_refusal(next((each for each in encodings if each != "utf-8"), "utf-8"))


def _encodings(xml: bytes) -> list[str]:
    """What to try, most likely first.

    A tool that declares one encoding and writes UTF-8 is common. Text of another encoding is
    hardly ever valid UTF-8 by accident, save for a character or two, so UTF-8 goes first
    where there is enough to tell by.
    """
    for mark, encoding in (*_BOMS, *_TWO_BYTES):
        if xml.startswith(mark):
            return [encoding]
    declared = _DECLARED.match(xml[:200])
    if declared is None:
        return ["utf-8"]
    name = declared.group(1).decode("ascii")
    if name.lower().replace("_", "-").startswith("utf-16"):
        return ["utf-8"]
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    if not known.startswith(_FAMILIES):
        raise encoding_refusal(name)
    # GBK and GB 2312 are parts of GB 18030, and files go beyond what they declare.
    encoding = "gb18030" if known.startswith(("gb", "cp936")) else known
    is_telling = sum(byte > 0x7F for byte in xml[:TELLING_AT_MOST]) >= TELLING_BYTES
    return ["utf-8", encoding] if is_telling else list(dict.fromkeys([encoding, "utf-8"]))


def size_refusal() -> BpmnRefused:
    return refusal(
        "file-too-large",
        _("The file is too large: at most %(limit)s MB."),
        limit=BYTES_AT_MOST // 1024 // 1024,
    )


def encoding_refusal(name: str) -> BpmnRefused:
    return refusal(
        "file-encoding",
        _("The file's text cannot be read as “%(encoding)s”. Save it as UTF-8."),
        encoding=name[:40],
    )


def refusal(code: str, sentence: str | Promise, **params: object) -> BpmnRefused:
    return BpmnRefused([Finding(code, "", "", sentence, params)])
