"""Choices that grade something (a risk class, a colour): the badge of each, wherever it is shown.

The app that owns the choices registers their badges once; a column that offers exactly these
choices then wears them in lists, on pages and in approval cases, without naming them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from lending_crm.common.design.status import Mark

_grades: dict[frozenset[str], Mapping[str, tuple[str, str]]] = {}


def register_grades(
    choices: type[models.TextChoices], looks: Mapping[Any, tuple[str, str]]
) -> None:
    """Called from ``apps.py``; ``looks`` gives tone and icon of every one of the choices."""
    values = frozenset(choices.values)
    if values != frozenset(looks):
        raise ValueError(f"{choices.__name__} and its badges differ")
    _grades[values] = {str(value): look for value, look in looks.items()}


def grade_of(choices: Iterable[tuple[Any, Any]], value: Any) -> Mark | None:
    """The badge of one of the (value, label) pairs; None for no value or no grade."""
    if not value:
        return None
    labels = {key: label for key, label in choices if key}
    look = _grades.get(frozenset(labels), {}).get(value)
    return Mark(labels[value], *look) if look else None


def grade_of_word(choices: Iterable[tuple[Any, Any]], word: str) -> Mark | None:
    """The badge of the choice that is called so in the language of the moment: a kept table has
    its words, not its codes."""
    pairs = list(choices)
    found = next((value for value, label in pairs if value and str(label) == word), None)
    return grade_of(pairs, found)


def field_grade(record: models.Model, name: str) -> Mark | None:
    """The badge of what a column of the record holds; None for one that grades nothing."""
    column = next((each for each in record._meta.fields if each.name == name), None)
    choices = getattr(column, "flatchoices", None)
    return grade_of(choices, getattr(record, name)) if choices else None
