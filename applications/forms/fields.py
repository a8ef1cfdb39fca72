"""Numbers as account managers type them: ``300万``, ``1,000,000``, ``14.4%``, full-width digits."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import AmountField

_AMOUNT = re.compile(r"[¥元\s,]|人民币|CNY|RMB", re.IGNORECASE)
_UNITS = (("亿", Decimal(100_000_000)), ("万", Decimal(10_000)))
_LONGEST = 40  # no number of ours has more characters; longer text is not worth parsing


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value[: _LONGEST + 1]).strip()


class MoneyField(AmountField):
    """Yuan with at most two decimals; ``万`` and ``亿`` behind the number multiply it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"max_digits": 18, "decimal_places": 2, "min_value": Decimal(0)} | kwargs
        )

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        text = _AMOUNT.sub("", _folded(value))
        for unit, factor in _UNITS:
            if text.endswith(unit):
                number = super().to_python(text[: -len(unit)])
                return None if number is None else (number * factor).quantize(Decimal("0.01"))
        return super().to_python(text)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.2f}" if isinstance(value, Decimal) else value


class PercentField(AmountField):
    """A percentage with at most four decimals; a typed ``%`` is dropped."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "max_digits": 9,
                "decimal_places": 4,
                "min_value": Decimal(0),
                "max_value": Decimal(100),
            }
            | kwargs
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            _folded(value).rstrip("%").rstrip() if isinstance(value, str) else value
        )


class MonthsField(forms.IntegerField):
    """A whole number of months."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 600} | kwargs)
        self.error_messages["invalid"] = _("Enter a whole number of months.")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = _folded(value).removesuffix("个月").removesuffix("月")
        return super().to_python(value)
