"""Conditions over typed facts."""

from datetime import date
from decimal import Decimal

import pytest

from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Operator, fact_names, holds

FACTS = {
    "exposure": Decimal("3000000.00"),
    "risk": "WATCH",
    "guarantees": ["CREDIT"],
    "signed": date(2026, 1, 31),
    "nothing": None,
}


class TestHolds:
    @pytest.mark.parametrize(
        ("fact", "operator", "value", "expected"),
        [
            ("exposure", Operator.GT, Decimal(3000000), False),
            ("exposure", Operator.GE, Decimal(3000000), True),
            ("exposure", Operator.LT, Decimal("3000000.01"), True),
            ("exposure", Operator.LE, Decimal("2999999.99"), False),
            ("exposure", Operator.EQ, Decimal("3000000"), True),
            ("risk", Operator.IN, ("NORMAL", "WATCH"), True),
            ("risk", Operator.NOT_IN, ("NORMAL", "WATCH"), False),
            ("guarantees", Operator.CONTAINS, "CREDIT", True),
            ("guarantees", Operator.NOT_CONTAINS, "CREDIT", False),
            ("signed", Operator.LT, date(2026, 2, 1), True),
            ("nothing", Operator.EQ, "x", False),
            ("nothing", Operator.NE, "x", True),
            ("nothing", Operator.GT, Decimal(1), False),
            ("nothing", Operator.LE, Decimal(1), False),
            ("nothing", Operator.IN, ("x",), False),
            ("nothing", Operator.NOT_IN, ("x",), True),
            ("nothing", Operator.CONTAINS, "x", False),
            ("nothing", Operator.NOT_CONTAINS, "x", True),
        ],
    )
    def test_each_operator(self, fact, operator, value, expected):
        assert holds(Comparison(fact, operator, value), FACTS) is expected

    def test_groups(self):
        true = Comparison("risk", Operator.EQ, "WATCH")
        false = Comparison("risk", Operator.EQ, "BAD")

        assert holds(AllOf((true, true)), FACTS)
        assert not holds(AllOf((true, false)), FACTS)
        assert holds(AnyOf((false, true)), FACTS)
        assert holds(AllOf(()), FACTS)
        assert not holds(AnyOf(()), FACTS)

    def test_a_fact_that_is_not_there_is_an_error(self):
        with pytest.raises(KeyError):
            holds(Comparison("ghost", Operator.EQ, 1), FACTS)


class TestFactNames:
    def test_of_all_parts(self):
        one, two = Comparison("a", Operator.EQ, 1), Comparison("b", Operator.EQ, 1)

        assert fact_names(AllOf((one, AnyOf((two, one))))) == {"a", "b"}
        assert fact_names(None) == set()
