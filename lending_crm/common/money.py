"""Amounts of money: always Decimal, in yuan, to the fen, halves rounded up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

import cn2an

#: Largest amount that a money column (18,2) and the capital numerals can hold.
MAX_AMOUNT = Decimal("9999999999999999.99")

FEN = Decimal("0.01")
# The default context keeps 28 digits, which a product of two amounts may exceed.
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def yuan(value: Decimal | int | str) -> Decimal:
    """The amount rounded to the fen, halves away from zero (domain.md §0).

    Raises ``TypeError`` for floats, which have already lost the exact amount, and
    ``ValueError`` for what is no finite number or does not fit a money column.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"money is never a {type(value).__name__}")
    try:
        amount = Decimal(value)
        if not amount.is_finite():
            raise ValueError("money must be a finite number")
        amount = amount.quantize(FEN, context=_WIDE)
    except InvalidOperation as error:
        raise ValueError("not an amount of money") from error
    if abs(amount) > MAX_AMOUNT:
        raise ValueError("the amount is larger than the system can hold")
    return amount if amount else FEN * 0  # no minus sign before zero


def format_amount(amount: Decimal | int | str) -> str:
    """``1000000`` as ``1,000,000.00``."""
    return f"{yuan(amount):,.2f}"


def capital_amount(amount: Decimal | int | str) -> str:
    """The amount in capital numerals, ``壹佰万元整``, without the word 人民币 (R17)."""
    # cn2an cuts a third decimal place instead of rounding it, so it gets exactly two.
    return str(cn2an.an2cn(f"{yuan(amount):.2f}", "rmb"))


def format_rate(rate: Decimal) -> str:
    """A percentage with two decimals, more only where it has more: 24.00, 21.6034."""
    text = f"{rate.quantize(Decimal('0.0001')):f}"
    while text.endswith("0") and len(text.partition(".")[2]) > 2:
        text = text[:-1]
    return text
