from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending_crm.common.money import MAX_AMOUNT, capital_amount, format_amount, yuan

AMOUNTS = st.integers(min_value=0, max_value=int(MAX_AMOUNT * 100)).map(
    lambda fen: Decimal(fen) / 100
)
DIGITS = "零壹贰叁肆伍陆柒捌玖"


def read_capitals(text: str) -> Decimal:
    """An independent reader of capital numerals, the oracle of the property below."""
    total = section = digit = Decimal(0)
    integer = Decimal(0)
    for char in text.removesuffix("整"):
        if char in DIGITS:
            digit = Decimal(DIGITS.index(char))
        elif char in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[char]
            digit = Decimal(0)
        elif char == "万":
            section, digit = (section + digit) * 10_000, Decimal(0)
        elif char == "亿":
            total, section, digit = (total + section + digit) * 100_000_000, Decimal(0), Decimal(0)
        elif char == "元":
            integer, section, digit = total + section + digit, Decimal(0), Decimal(0)
        elif char == "角":
            integer, digit = integer + digit / 10, Decimal(0)
        elif char == "分":
            integer, digit = integer + digit / 100, Decimal(0)
        else:
            raise AssertionError(f"{char} is no capital numeral")
    return integer


class TestRoundToFen:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [("0.005", "0.01"), ("0.004", "0.00"), ("-0.005", "-0.01"), ("2.675", "2.68"), (3, "3.00")],
    )
    def test_rounds_halves_away_from_zero(self, typed, expected):
        assert str(yuan(typed)) == expected

    def test_zero_has_no_sign(self):
        assert str(yuan("-0.001")) == "0.00"

    @pytest.mark.parametrize("typed", [0.1, True, None, b"1"])
    def test_refuses_what_is_no_exact_number(self, typed):
        with pytest.raises(TypeError):
            yuan(typed)

    @pytest.mark.parametrize(
        "typed", ["NaN", "Infinity", "abc", "", "1e999999", "10000000000000000", "9" * 70]
    )
    def test_refuses_what_no_column_can_hold(self, typed):
        with pytest.raises(ValueError):
            yuan(typed)

    def test_keeps_the_largest_amount(self):
        assert yuan(MAX_AMOUNT) == MAX_AMOUNT


class TestFormatAmount:
    def test_separates_thousands(self):
        assert format_amount(Decimal(1000000)) == "1,000,000.00"
        assert format_amount("-1234.5") == "-1,234.50"


class TestCapitalAmount:
    @pytest.mark.parametrize(
        ("amount", "expected"),
        [
            ("1000000", "壹佰万元整"),
            ("0", "零元整"),
            ("0.50", "伍角"),
            ("1.05", "壹元零伍分"),
            ("10", "壹拾元整"),
            ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
            ("1680.325", "壹仟陆佰捌拾元叁角叁分"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("107000.53", "壹拾万柒仟元伍角叁分"),
            ("10000500", "壹仟万零伍佰元整"),
            ("100000000", "壹亿元整"),
            (
                "9999999999999999.99",
                "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
            ),
        ],
    )
    def test_writes_amounts_of_the_payment_rules(self, amount, expected):
        assert capital_amount(amount) == expected

    @given(AMOUNTS)
    def test_reads_back_as_the_same_amount(self, amount):
        assert read_capitals(capital_amount(amount)) == amount

    @given(AMOUNTS)
    def test_never_repeats_a_zero_and_ends_as_the_rules_say(self, amount):
        written = capital_amount(amount)
        assert "零零" not in written
        assert written.endswith("整") == (amount == amount.to_integral_value())
