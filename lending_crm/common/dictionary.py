"""字典: the words, the order and the offer of value lists, as the administrator keeps them.

A list is a class of choices in code, because rules know its codes: no code is added here and
none is removed. What people read and choose from is kept in the database and read into each
process; what a document was approved with stays as its snapshot says it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import property as enum_property
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


@dataclass(frozen=True)
class Word:
    """What is kept of one code; an empty ``zh`` or ``en`` is said as the product ships it."""

    zh: str
    en: str
    position: int
    is_offered: bool


@dataclass
class _Known:
    """What this process has read, and when."""

    words: dict[tuple[str, str], Word] = field(default_factory=dict)
    read_at: float | None = None


_known = _Known()


def _said(list_code: str, code: str, shipped: Any) -> str:
    # Migrations are written and compared without a language: for them the code's own words hold.
    language = get_language()
    word = _known.words.get((list_code, code))
    if word is None or language is None:
        return str(shipped)
    return (word.zh if language.startswith("zh") else word.en) or str(shipped)


_saying = lazy(_said, str)


class DictionaryChoices(models.TextChoices):
    """Choices whose labels the dictionary may word anew; register each list."""

    @enum_property
    def label(self) -> Any:
        return _saying(list_code(type(self)), self.value, self._label_)  # type: ignore[attr-defined]


def list_code(choices: type[models.TextChoices]) -> str:
    """What rows of the list are stored under, such as ``applications.Purpose``."""
    return f"{choices.__module__.partition('.')[0]}.{choices.__name__}"


@dataclass(frozen=True)
class ValueList:
    """A list that the administrator keeps.

    ``columns`` hold its codes (``app.model.column``). ``fixed`` are codes that a rule needs, so
    that they stay on offer.
    """

    choices: type[DictionaryChoices]
    title: str | Promise
    columns: Sequence[str]
    fixed: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        return list_code(self.choices)

    def word(self, code: str) -> Word:
        """What is kept of the code; before anybody has changed the list, as it ships."""
        place = self.choices.values.index(code) + 1
        return _known.words.get((self.code, code)) or Word("", "", place, is_offered=True)

    def shipped(self, code: str) -> dict[str, str]:
        """The words that the product says where none are kept, by language."""
        label = self.choices(code)._label_  # type: ignore[attr-defined]
        found = {}
        for name, language in (("zh", "zh-hans"), ("en", "en")):
            with override(language):
                found[name] = str(label)
        return found

    def is_offered(self, code: str) -> bool:
        return code not in self.choices.values or self.word(code).is_offered

    def offered(self, kept: Collection[str] = ()) -> list[tuple[str, Any]]:
        """Codes and labels to choose from, in their order; ``kept`` are chosen already."""
        found = [
            (self.word(code).position, code, label)
            for code, label in self.choices.choices
            if self.word(code).is_offered or code in kept
        ]
        return [(code, label) for _position, code, label in sorted(found, key=lambda row: row[0])]


_lists: dict[str, ValueList] = {}
_by_column: dict[str, ValueList] = {}


def register_list(
    choices: type[DictionaryChoices],
    title: str | Promise,
    *columns: str,
    fixed: Collection[str] = (),
) -> None:
    """Name a list that the administrator keeps; called from an app's ``apps.py``."""
    made = ValueList(choices, title, columns, frozenset(fixed))
    _lists[made.code] = made
    _by_column.update(dict.fromkeys(columns, made))


def value_lists() -> list[ValueList]:
    return list(_lists.values())


def value_list(code: str) -> ValueList | None:
    return _lists.get(code)


def list_of(choices: type[DictionaryChoices]) -> ValueList:
    return _lists[list_code(choices)]


def list_of_column(column: Any) -> ValueList | None:
    """The list whose codes a model's column holds; None where it holds no kept list's."""
    return _by_column.get(f"{column.model._meta.label_lower}.{column.name}")


def no_longer_offered(
    choices: type[DictionaryChoices], code: str, *, field: str | None = None
) -> DomainError | None:
    """DIC-01 where the list does not offer the code (any more)."""
    if list_of(choices).is_offered(code):
        return None
    return DomainError(
        "DIC-01",
        _("“%(word)s” is no longer offered; choose another one."),
        status=422,
        field=field,
        params={"word": choices(code).label},
    )


def refusal_of(column: Any, value: Any, *, field: str) -> DomainError | None:
    """The same for a value of a model's column; None for columns that hold no kept list's."""
    found = list_of_column(column)
    return None if found is None else no_longer_offered(found.choices, value, field=field)


def read_words() -> None:
    """Read what is kept anew, for this process."""
    from lending_crm.common.models import DictionaryWord

    rows = DictionaryWord.objects.values_list(
        "list_code", "code", "zh", "en", "position", "is_offered"
    )
    _known.words = {
        (of, code): Word(zh, en, position, is_offered)
        for of, code, zh, en, position, is_offered in rows
    }
    _known.read_at = time.monotonic()


def read_words_when_old(**_signal: Any) -> None:
    """Before a request or a task: another process may have changed them."""
    limit = settings.DICTIONARY_MAX_AGE
    if limit is None or (_known.read_at and time.monotonic() - _known.read_at < limit):
        return
    try:
        read_words()
    except DatabaseError:
        # Without a database, or before its tables are there, the words known so far hold;
        # whoever asks for more is told by his own statement.
        return
