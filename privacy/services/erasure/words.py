"""The words that name a person, and how they leave a text, a JSON value or a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lending_crm.common.identity import mask_card, mask_id_no, mask_phone

#: what stands where a person stood; in the language of record
PLACEHOLDER = "[已匿名]"
#: shorter texts say nothing by themselves and would tear other words apart
_SHORTEST, _SHORTEST_ASCII = 2, 5


class Words:
    """Texts that identify the persons concerned; ``scrub`` takes them out of any value."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = {text.strip() for text in texts}
        found = {text for text in found if text != PLACEHOLDER and _is_telling(text)}
        # The longest first: a company's name holds its owner's.
        parts = sorted(map(re.escape, found), key=lambda part: (-len(part), part))
        self._pattern = re.compile("|".join(parts)) if parts else None

    def scrub(self, value: Any) -> Any:
        """The value without the words; equal to it when it holds none."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(PLACEHOLDER, value)
        if isinstance(value, list):
            return [self.scrub(each) for each in value]
        if isinstance(value, dict):
            return {name: self.scrub(each) for name, each in value.items()}
        return value

    def names(self, value: Any) -> bool:
        return bool(self.scrub(value) != value)


def with_masks(texts: Iterable[str]) -> list[str]:
    """The texts and, of numbers, their masks: eight digits of eleven still point to one."""
    found = list(texts)
    for text in tuple(found):
        if sum(each.isdigit() for each in text) >= 7:
            found += [mask_phone(text), mask_id_no(text), mask_card(text)]
    return found


def _is_telling(text: str) -> bool:
    return len(text) >= (_SHORTEST_ASCII if text.isascii() else _SHORTEST)
