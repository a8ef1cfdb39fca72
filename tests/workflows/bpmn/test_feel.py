"""Conditions as FEEL text: nothing is lost, and errors say where they are."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.bpmn.strategies import FACT_TYPES, conditions, facts
from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Operator, holds
from workflows.bpmn.feel import from_feel, to_feel
from workflows.bpmn.feel_lexer import ConditionTextError


def read(text):
    return from_feel(text, FACT_TYPES)


class TestToFeel:
    @settings(max_examples=300, deadline=None)
    @given(conditions())
    def test_the_text_reads_back_as_the_same_condition(self, condition):
        assert read(to_feel(condition)) == condition

    def test_it_is_the_feel_that_other_tools_read(self):
        condition = AllOf(
            (
                Comparison("exposure", Operator.GT, Decimal("3000000.00")),
                AnyOf(
                    (
                        Comparison("guarantees", Operator.CONTAINS, "CREDIT"),
                        Comparison("risk_class", Operator.NOT_IN, ("NORMAL",)),
                        Comparison("signed_date", Operator.LT, date(2026, 1, 31)),
                    )
                ),
            )
        )

        assert to_feel(condition) == (
            'exposure > 3000000.00 and (list contains(guarantees, "CREDIT") or '
            'not(risk_class in ("NORMAL")) or signed_date < date("2026-01-31"))'
        )

    @pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), None, 1.5])
    def test_refuses_values_that_are_none(self, value):
        with pytest.raises(ValueError):
            to_feel(Comparison("exposure", Operator.EQ, value))

    def test_a_group_of_one_is_its_item(self):
        item = Comparison("is_renewal", Operator.EQ, True)

        assert read(to_feel(AllOf((item,)))) == item


class TestFromFeel:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("exposure >= 500000", Comparison("exposure", Operator.GE, Decimal(500000))),
            ("500000 < exposure", Comparison("exposure", Operator.GT, Decimal(500000))),
            ("term_months = 12", Comparison("term_months", Operator.EQ, 12)),
            ("exposure = -0.5", Comparison("exposure", Operator.EQ, Decimal("-0.5"))),
            ("is_renewal", Comparison("is_renewal", Operator.EQ, True)),
            ("not(is_renewal)", Comparison("is_renewal", Operator.EQ, False)),
            ("true", AllOf(())),
            ("false", AnyOf(())),
            ('purpose = "a\\"b\\\\c"', Comparison("purpose", Operator.EQ, 'a"b\\c')),
            ('purpose = "\\u4F60"', Comparison("purpose", Operator.EQ, "你")),
            ('  risk_class in ("A", "B") ', Comparison("risk_class", Operator.IN, ("A", "B"))),
            (
                "term_months in (6, 12)",
                AnyOf(
                    (
                        Comparison("term_months", Operator.EQ, 6),
                        Comparison("term_months", Operator.EQ, 12),
                    )
                ),
            ),
            (
                "not(exposure > 5 and is_renewal)",
                AnyOf(
                    (
                        Comparison("exposure", Operator.LE, Decimal(5)),
                        Comparison("is_renewal", Operator.EQ, False),
                    )
                ),
            ),
        ],
    )
    def test_reads_feel(self, text, expected):
        assert read(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("${exposure > 500000}", Comparison("exposure", Operator.GT, Decimal(500000))),
            ("#{risk_class == 'WATCH'}", Comparison("risk_class", Operator.EQ, "WATCH")),
            ("${!is_renewal}", Comparison("is_renewal", Operator.EQ, False)),
            ("#{not is_renewal}", Comparison("is_renewal", Operator.EQ, False)),
            ("${exposure ge 5}", Comparison("exposure", Operator.GE, Decimal(5))),
            (
                "${guarantees.contains('CREDIT')}",
                Comparison("guarantees", Operator.CONTAINS, "CREDIT"),
            ),
            (
                "${signed_date <= '2026-01-31'}",
                Comparison("signed_date", Operator.LE, date(2026, 1, 31)),
            ),
            ("= exposure > 1", Comparison("exposure", Operator.GT, Decimal(1))),
            (
                "${exposure > 1 && risk_class != 'A' || is_renewal}",
                AnyOf(
                    (
                        AllOf(
                            (
                                Comparison("exposure", Operator.GT, Decimal(1)),
                                Comparison("risk_class", Operator.NE, "A"),
                            )
                        ),
                        Comparison("is_renewal", Operator.EQ, True),
                    )
                ),
            ),
        ],
    )
    def test_reads_the_comparisons_of_other_tools(self, text, expected):
        assert read(text) == expected

    def test_an_unknown_fact_keeps_the_value_for_the_checks(self):
        assert read("colour = 5") == Comparison("colour", Operator.EQ, Decimal(5))

    @pytest.mark.parametrize(
        ("text", "position"),
        [
            ("", 1),
            ("exposure >", 11),
            ("exposure > and", 12),
            ("exposure > 5 5", 14),
            ("exposure + 1 > 5", 10),
            ("(exposure > 5", 14),
            ("${exposure > foo(1)}", 14),
            ('signed_date = date("31.1.2026")', 15),
            ("exposure > 1e5", 12),
            ('purpose = "a', 11),
            ("not", 4),
            ("list contains(guarantees)", 25),
            ("exposure > " + "9" * 50, 12),
            ("(" * 60 + "exposure > 5", 41),
        ],
    )
    def test_an_error_says_where(self, text, position):
        with pytest.raises(ConditionTextError) as caught:
            read(text)

        assert caught.value.position == position
        assert str(position) in caught.value.message or "characters" in caught.value.message

    def test_refuses_endless_text(self):
        with pytest.raises(ConditionTextError):
            read("a = 1 or " * 5000 + "a = 1")

    @settings(max_examples=300, deadline=None)
    @given(st.text(max_size=40) | st.text("abc ()\"'=<>!&|,.$#{}123-\\", max_size=40))
    def test_any_text_is_read_or_refused(self, text):
        try:
            condition = read(text)
        except ConditionTextError as error:
            assert error.message
        else:
            assert read(to_feel(condition)) == condition

    @settings(max_examples=150, deadline=None)
    @given(conditions(), facts())
    def test_negation_turns_the_answer_around(self, condition, known):
        known = {
            name: value if value is not None else _something(name) for name, value in known.items()
        }

        assert holds(read(f"not({to_feel(condition)})"), known) is not holds(condition, known)


def _something(name):
    return {
        "exposure": Decimal(1),
        "rate": Decimal(1),
        "term_months": 1,
        "purpose": "x",
        "is_renewal": True,
        "risk_class": "NORMAL",
        "guarantees": [],
        "signed_date": date(2026, 1, 1),
    }[name]
