"""What the calculation says to terms that make no sense."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise


class CalculationError(ValueError):
    """The calculation is not possible; ``message`` is a sentence for the reader.

    ``field`` names the argument at fault: ``principal``, ``annual_rate``, ``months``,
    ``start``, ``first_due``, ``method``, ``day_count``, ``rest_day``, ``rounding``,
    ``plan`` or ``fees``.
    """

    def __init__(self, field: str, sentence: str | Promise, **params: Any) -> None:
        super().__init__(field)
        self.field = field
        self.sentence = sentence
        self.params = params

    @property
    def message(self) -> str:
        text = str(self.sentence)
        return text % self.params if self.params else text

    def __str__(self) -> str:
        return self.message


class InvalidTerms(CalculationError):
    """A term of the loan or of a fee is outside what can be calculated."""


class UnsolvableCost(CalculationError):
    """The cash flows have no all-in rate, or none that can be shown."""
