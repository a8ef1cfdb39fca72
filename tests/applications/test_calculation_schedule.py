from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

import numpy_financial
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.calculation import InvalidTerms, PlanRow, schedule
from lending_crm.common.money import MAX_AMOUNT

START = date(2026, 1, 15)
D = Decimal
FIXED_METHODS = ("EQUAL_INSTALLMENT", "EQUAL_PRINCIPAL", "INTEREST_FIRST", "BULLET", "FLAT")


def loans():
    return st.fixed_dictionaries(
        {
            "method": st.sampled_from(FIXED_METHODS),
            "principal": st.decimals("0.01", "10000000", places=2),
            "annual_rate": st.decimals("0", "100", places=4),
            "months": st.integers(1, 120),
            "start": st.dates(date(2020, 1, 1), date(2035, 12, 31)),
            "day_count": st.sampled_from(("30/360", "ACT/360", "ACT/365")),
            "rounding": st.sampled_from(("FEN", "YUAN", "YUAN_UP")),
        }
    )


class TestEqualInstalment:
    def test_agrees_with_the_annuity_formula(self):
        plan = schedule("EQUAL_INSTALLMENT", D("300000"), D("12"), 12, START)
        expected = -numpy_financial.pmt(0.01, 12, 300000)
        assert [line.total for line in plan.lines[:-1]] == [D("26654.64")] * 11
        assert abs(float(plan.lines[0].total) - expected) <= 0.005
        assert plan.lines[0].interest == D("3000.00")
        assert plan.lines[-1].total == D("26654.59")

    def test_works_without_interest(self):
        plan = schedule("EQUAL_INSTALLMENT", D("1000"), D("0"), 3, START)
        assert [line.total for line in plan.lines] == [D("333.33"), D("333.33"), D("333.34")]

    @pytest.mark.parametrize(
        ("rounding", "instalment"), [("FEN", "8884.88"), ("YUAN", "8885"), ("YUAN_UP", "8885")]
    )
    def test_rounds_the_instalment_as_the_product_says(self, rounding, instalment):
        plan = schedule("EQUAL_INSTALLMENT", D("100000"), D("12"), 12, START, rounding=rounding)
        assert plan.lines[0].total == D(instalment)
        assert sum(line.principal for line in plan.lines) == D("100000")

    def test_keeps_instalments_equal_over_uneven_periods(self):
        plan = schedule("EQUAL_INSTALLMENT", D("120000"), D("12"), 12, START, day_count="ACT/365")
        assert {line.total for line in plan.lines[:-1]} == {plan.lines[0].total}
        assert abs(plan.lines[-1].total - plan.lines[0].total) <= D("0.12")

    @settings(max_examples=60)
    @given(
        st.integers(1000, 9_999_999),
        st.decimals("0.1", "36", places=2),
        st.integers(1, 60),
    )
    def test_agrees_with_the_oracle_everywhere(self, principal, rate, months):
        plan = schedule("EQUAL_INSTALLMENT", D(principal), rate, months, START)
        expected = -numpy_financial.pmt(float(rate) / 1200, months, principal)
        if months > 1:
            assert abs(float(plan.lines[0].total) - expected) < 0.0051


class TestEqualPrincipal:
    def test_divides_the_principal_and_lets_the_last_absorb(self):
        plan = schedule("EQUAL_PRINCIPAL", D("100000"), D("12"), 3, START)
        assert [line.principal for line in plan.lines] == [
            D("33333.33"),
            D("33333.33"),
            D("33333.34"),
        ]
        assert [line.interest for line in plan.lines] == [D("1000.00"), D("666.67"), D("333.33")]


class TestInterestFirst:
    def test_matches_the_worked_example(self):
        plan = schedule("INTEREST_FIRST", D("500000"), D("18"), 3, START)
        assert [line.total for line in plan.lines] == [D("7500.00"), D("7500.00"), D("507500.00")]

    def test_counts_odd_days_of_a_late_first_due_date(self):
        plan = schedule(
            "INTEREST_FIRST", D("360000"), D("12"), 3, START, first_due=date(2026, 2, 20)
        )
        assert [line.due for line in plan.lines] == [
            date(2026, 2, 20), date(2026, 3, 20), date(2026, 4, 15),
        ]  # fmt: skip
        # one month and 5 days, one month, 26 days
        assert [line.interest for line in plan.lines] == [D("4200.00"), D("3600.00"), D("3120.00")]

    def test_counts_actual_days(self):
        plan = schedule("INTEREST_FIRST", D("360000"), D("10"), 2, START, day_count="ACT/360")
        assert [line.interest for line in plan.lines] == [D("3100.00"), D("2800.00")]


class TestBullet:
    def test_matches_the_worked_example(self):
        plan = schedule("BULLET", D("10000"), D("10"), 12, START)
        assert [(line.interest, line.total) for line in plan.lines] == [
            (D("1000.00"), D("11000.00"))
        ]
        assert plan.lines[0].due == date(2027, 1, 15)

    def test_counts_actual_days(self):
        plan = schedule("BULLET", D("10000"), D("10"), 12, START, day_count="ACT/360")
        assert plan.lines[0].interest == D("1013.89")


class TestFlat:
    def test_charges_interest_on_the_whole_principal_to_the_end(self):
        plan = schedule("FLAT", D("180000"), D("12"), 18, START)
        assert {(line.principal, line.interest) for line in plan.lines} == {
            (D("10000.00"), D("1800.00"))
        }


class TestCustomPlan:
    def test_charges_interest_on_the_balance(self):
        rows = [PlanRow(3, D("40000")), PlanRow(6, D("0")), PlanRow(12, D("60000"))]
        plan = schedule("CUSTOM", D("100000"), D("12"), 12, START, plan=rows)
        assert [line.interest for line in plan.lines] == [D("3000.00"), D("1800.00"), D("3600.00")]
        assert plan.lines[-1].due == date(2027, 1, 15)

    def test_takes_dates_and_agreed_interest(self):
        rows = [
            PlanRow(date(2026, 2, 25), D("500"), D("9.99")),
            PlanRow(date(2026, 4, 15), D("500")),
        ]
        plan = schedule("CUSTOM", D("1000"), D("36"), 3, START, plan=rows)
        # 25 February to 15 April: one month and 21 days on 500
        assert [line.interest for line in plan.lines] == [D("9.99"), D("25.50")]

    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [PlanRow(3, D("999.99"))],
            [PlanRow(3, D("1000.01"))],
            [PlanRow(0, D("1000"))],
            [PlanRow(-5, D("1000"))],
            [PlanRow(13, D("1000"))],
            [PlanRow(10**30, D("1000"))],
            [PlanRow("3", D("1000"))],
            [PlanRow(3, D("500")), PlanRow(3, D("500"))],
            [PlanRow(6, D("500")), PlanRow(3, D("500"))],
            [PlanRow(3, D("1100")), PlanRow(6, D("-100"))],
            [PlanRow(3, D("1000"), D("-1"))],
            [PlanRow(3, D("500.001")), PlanRow(6, D("499.999"))],
            [PlanRow(3, D("NaN"))],
            [PlanRow(date(1, 1, 1), D("1000"))],
            [PlanRow(3, D("0"))] * 601,
        ],
    )
    def test_refuses_plans_that_do_not_add_up(self, rows):
        with pytest.raises(InvalidTerms) as refused:
            schedule("CUSTOM", D("1000"), D("12"), 12, START, plan=rows)
        assert refused.value.field == "plan"
        assert str(refused.value)

    def test_is_for_the_method_custom_only(self):
        with pytest.raises(InvalidTerms):
            schedule("FLAT", D("1000"), D("12"), 12, START, plan=[PlanRow(1, D("1000"))])


class TestDueDates:
    def test_month_ends_are_clamped_and_come_back(self):
        plan = schedule("EQUAL_PRINCIPAL", D("1200"), D("12"), 5, date(2025, 12, 31))
        assert [line.due for line in plan.lines] == [
            date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30),
            date(2026, 5, 31),
        ]  # fmt: skip
        # every period is one month, however many days it has
        assert [line.interest for line in plan.lines] == [
            D(n) for n in ("12", "9.60", "7.20", "4.80", "2.40")
        ]

    def test_keeps_a_clamped_first_due_date_on_the_month_end(self):
        given_day = schedule(
            "INTEREST_FIRST", D("1000"), D("12"), 3, date(2026, 1, 31), first_due=date(2026, 2, 28)
        )
        assert given_day == schedule("INTEREST_FIRST", D("1000"), D("12"), 3, date(2026, 1, 31))

    def test_first_due_date_sets_the_day_and_the_term_ends_as_agreed(self):
        plan = schedule(
            "EQUAL_INSTALLMENT",
            D("1000"),
            D("12"),
            4,
            date(2026, 1, 10),
            first_due=date(2026, 1, 31),
        )
        assert [line.due for line in plan.lines] == [
            date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 5, 10),
        ]  # fmt: skip

    def test_moves_payments_off_rest_days_but_not_the_interest(self):
        terms = ("INTEREST_FIRST", D("1000"), D("12"), 3, START)
        contractual = schedule(*terms)
        following = schedule(*terms, rest_day="NEXT_WORKING_DAY")
        previous = schedule(*terms, rest_day="PREVIOUS")
        # 15 February and 15 March 2026 are Sundays
        assert [line.due.day for line in following.lines] == [16, 16, 15]
        assert [line.due.day for line in previous.lines] == [13, 13, 15]
        for moved in (following, previous):
            assert [line.interest for line in moved.lines] == [
                line.interest for line in contractual.lines
            ]
            assert [line.contractual_due for line in moved.lines] == [
                line.due for line in contractual.lines
            ]

    def test_asks_the_given_calendar(self):
        plan = schedule(
            "BULLET", D("1000"), D("12"), 1, START,
            rest_day="NEXT_WORKING_DAY", is_working_day=lambda day: day == date(2026, 2, 24),
        )  # fmt: skip
        assert plan.lines[0].due == date(2026, 2, 24)

    @pytest.mark.parametrize("rest_day", ["NEXT_WORKING_DAY", "PREVIOUS"])
    def test_stays_when_no_day_is_a_working_day(self, rest_day):
        plan = schedule(
            "BULLET", D("1"), D("1"), 1, START, rest_day=rest_day, is_working_day=lambda day: False
        )
        assert plan.lines[0].due == date(2026, 2, 15)

    def test_never_moves_a_payment_before_the_disbursement(self):
        friday, saturday = date(2026, 1, 16), date(2026, 1, 17)
        rows = [PlanRow(saturday, D("1000"))]
        plan = schedule("CUSTOM", D("1000"), D("12"), 1, friday, rest_day="PREVIOUS", plan=rows)
        assert plan.lines[0].due == saturday


class TestEverySchedule:
    @settings(max_examples=250)
    @given(loans())
    def test_n30_principals_add_up_and_nothing_is_negative(self, terms):
        plan = schedule(**terms)
        assert sum(line.principal for line in plan.lines) == plan.principal == terms["principal"]
        assert plan.lines[-1].balance == 0
        before = plan.principal
        for line in plan.lines:
            assert line.principal >= 0
            assert line.interest >= 0
            assert line.balance == before - line.principal
            assert line.principal == line.principal.quantize(D("0.01"))
            assert line.interest == line.interest.quantize(D("0.01"))
            before = line.balance
        assert [line.no for line in plan.lines] == list(range(1, len(plan.lines) + 1))
        assert len(plan.lines) == (1 if terms["method"] == "BULLET" else terms["months"])
        days = [terms["start"], *(line.due for line in plan.lines)]
        assert all(a < b for a, b in pairwise(days))

    @settings(max_examples=150)
    @given(loans())
    def test_each_period_is_off_by_less_than_a_fen(self, terms):
        plan = schedule(**terms)
        base = before = plan.principal
        previous = plan.start
        for line in plan.lines:
            days = (line.contractual_due - previous).days
            year_parts = {
                "30/360": D(1 if len(plan.lines) > 1 else plan.months) / 12,
                "ACT/360": D(days) / 360,
                "ACT/365": D(days) / 365,
            }[terms["day_count"]]
            owing = base if terms["method"] in ("FLAT", "INTEREST_FIRST", "BULLET") else before
            exact = owing * plan.annual_rate / 100 * year_parts
            assert abs(line.interest - exact) <= D("0.005") + D("1e-15")
            before, previous = line.balance, line.contractual_due


class TestRefuseAbsurdTerms:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("principal", D("0")),
            ("principal", D("-1")),
            ("principal", D("0.001")),
            ("principal", MAX_AMOUNT + 1),
            ("principal", D("NaN")),
            ("principal", D("Infinity")),
            ("principal", D("1e500")),
            ("principal", 1000.0),
            ("principal", "1000"),
            ("principal", None),
            ("annual_rate", D("-0.0001")),
            ("annual_rate", D("100.0001")),
            ("annual_rate", D("sNaN")),
            ("annual_rate", 12.0),
            ("months", 0),
            ("months", 601),
            ("months", -1),
            ("months", 10**30),
            ("months", D("12")),
            ("months", True),
            ("start", None),
            ("start", datetime(2026, 1, 1, 8)),
            ("start", date(9999, 12, 31)),
            ("first_due", START),
            ("first_due", date(2026, 3, 15)),
            ("method", "BALLOON"),
            ("method", None),
            ("day_count", "ACT/ACT"),
            ("rest_day", "NEVER"),
            ("rounding", "UP"),
        ],
    )
    def test_says_what_is_wrong(self, field, value):
        terms = {
            "method": "FLAT", "principal": D("1000"), "annual_rate": D("12"), "months": 12,
            "start": START, field: value,
        }  # fmt: skip
        with pytest.raises(InvalidTerms) as refused:
            schedule(**terms)
        assert refused.value.field == field
        assert isinstance(refused.value, ValueError)
        assert "%(" not in refused.value.message

    def test_refuses_repayments_beyond_a_money_column(self):
        with pytest.raises(InvalidTerms) as refused:
            schedule("BULLET", MAX_AMOUNT, D("100"), 600, START)
        assert refused.value.field == "principal"

    def test_calculates_the_largest_loan_there_is(self):
        plan = schedule("EQUAL_INSTALLMENT", MAX_AMOUNT, D("0"), 600, START)
        assert sum(line.principal for line in plan.lines) == MAX_AMOUNT
