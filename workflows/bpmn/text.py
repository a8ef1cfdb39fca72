"""How wide text is and where it may break, without a font at hand.

Widths are in em and a little generous: text that is measured to fit does fit in the usual
Chinese and Latin screen fonts.
"""

from __future__ import annotations

import unicodedata

_NARROW = frozenset("iIjlft.,:;'|!()[] ·’‘")
_WIDE = frozenset("mwMW@%—…")
#: characters that may not begin a line
_CLOSING = frozenset("，。、；：！？）》〉】」』”’,.;:!?)]}%…")
#: characters that may not end a line
_OPENING = frozenset("（《〈【「『“‘([{¥$")


def printable(text: str) -> str:
    """The text without the characters that XML cannot hold, on one line."""
    kept = (
        character
        for character in text
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cs", "Cn")
    )
    return " ".join("".join(kept).split())


def width_of(text: str, size: float) -> float:
    """The width of the text in pixels at this font size."""
    return size * sum(_em(character) for character in text)


def _em(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0.0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.0 if ord(character) < 0x1F000 else 1.3
    if character in _NARROW:
        return 0.34
    if character in _WIDE:
        return 0.95
    if character.isdigit():
        return 0.62
    if character.isupper():
        return 0.74
    return 0.61 if character.isascii() else 0.8


def wrap(text: str, size: float, width: float, lines: int) -> list[str]:
    """The text in at most ``lines`` lines of at most ``width`` pixels, shortened by '…'."""
    found: list[str] = []
    line = ""
    for word in _words(printable(text)):
        if width_of((line + word).rstrip(), size) <= width:
            line += word
            continue
        if line.strip():
            found.append(line.strip())
        line = word.lstrip()
        while width_of(line, size) > width and len(line) > 1:
            cut = len(_fitting(line, size, width)) or 1
            found.append(line[:cut])
            line = line[cut:]
    if line.strip():
        found.append(line.strip())
    if len(found) > lines:
        last = found[lines - 1] + "…"
        if width_of(last, size) > width:
            last = shorten(found[lines - 1] + found[lines], size, width)
        found = [*found[: lines - 1], last]
    return found


def wrap_evenly(text: str, size: float, width: float, lines: int) -> list[str]:
    """Like ``wrap``, with lines of about the same length: no single character on the last."""
    best = wrap(text, size, width, lines)
    if len(best) < 2 or best[-1].endswith("…"):
        return best
    words = [width_of(word.strip(), size) for word in _words(printable(text))]
    narrow, wide = max((word for word in words if word <= width), default=0.0), width
    while wide - narrow > size / 4:
        middle = (narrow + wide) / 2
        found = wrap(text, size, middle, len(best) + 1)
        if len(found) > len(best) or "".join(found).endswith("…"):
            narrow = middle
        else:
            best, wide = found, middle
    return best


def shorten(text: str, size: float, width: float) -> str:
    """The text on one line, cut with '…' when it is wider."""
    if width_of(text, size) <= width:
        return text
    return _fitting(text, size, width - width_of("…", size)).rstrip() + "…"


def _fitting(text: str, size: float, width: float) -> str:
    for end in range(1, len(text) + 1):
        if width_of(text[:end], size) > width:
            return text[: end - 1]
    return text


def _words(text: str) -> list[str]:
    """Pieces that stay together: Latin words with the space behind them, single Chinese ones."""
    found: list[str] = []
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in ("W", "F")
        if not found:
            found.append(character)
        elif character in _CLOSING or character == " " or found[-1][-1] in _OPENING:
            found[-1] += character
        elif is_wide or found[-1][-1] == " " or _is_wide_end(found[-1]):
            found.append(character)
        else:
            found[-1] += character
    return found


def _is_wide_end(word: str) -> bool:
    return unicodedata.east_asian_width(word[-1]) in ("W", "F")
