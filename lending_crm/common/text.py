"""Typed text made safe to store, and the key by which a name is found."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from pypinyin import Style, lazy_pinyin
from pypinyin import pinyin as readings_of

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Control characters, lone surrogates, and the invisible marks that reorder or hide their
# neighbours, by which one name passes for another.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)


def clean_text(value: str) -> str:
    """Text as it may be stored: NFC, trimmed, line ends as ``\\n``, without NUL, other
    control characters, lone surrogates and invisible direction marks.

    PostgreSQL cannot store NUL and the driver cannot send a lone surrogate.
    """
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", value))
    return unicodedata.normalize("NFC", text).strip()


def clean_line(value: str) -> str:
    """Like ``clean_text`` for a field of one line: runs of blanks become one blank."""
    return " ".join(clean_text(value).split())


def is_empty(value: Any) -> bool:
    """No value at all; zero and False are values, blank text and an empty list are not."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def pinyin_initials(text: str) -> str:
    """``北方汇银`` as ``bfhy``; letters and digits stay, everything else is left out."""
    return _letters("".join(lazy_pinyin(text, style=Style.FIRST_LETTER)))


def search_key(name: str) -> str:
    """What a search box matches: the name, its initials and its full pinyin, in lower case.

    A first character with several readings, often a surname (单, 曾), is found by each.
    """
    parts = [name.lower(), pinyin_initials(name), _letters("".join(lazy_pinyin(name)))]
    if name:
        initials, full = pinyin_initials(name[1:]), "".join(lazy_pinyin(name[1:]))
        for reading in readings_of(name[0], style=Style.NORMAL, heteronym=True)[0]:
            parts += [_letters(reading[:1]) + initials, _letters(reading + full)]
    return " ".join(dict.fromkeys(part for part in parts if part))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
