from datetime import date
from decimal import Decimal

import numpy_financial
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.calculation import (
    CalculationError,
    Fee,
    InvalidTerms,
    PlanRow,
    UnsolvableCost,
    all_in_rate,
    annual_from_monthly,
    daily_rate,
    monthly_irr,
    monthly_rate,
    schedule,
)

START = date(2026, 1, 15)
D = Decimal


def oracle(plan, upfront=0, monthly=0):
    flows = [float(upfront) - float(plan.principal)] + [0.0] * plan.months
    for month in range(1, plan.months + 1):
        flows[month] += float(monthly)
    for line in plan.lines:
        flows[int(line.elapsed)] += float(line.total)
    return numpy_financial.irr(flows) * 1200


class TestAllInRate:
    def test_equals_the_contract_rate_without_fees(self):
        for method in ("EQUAL_INSTALLMENT", "EQUAL_PRINCIPAL", "INTEREST_FIRST"):
            cost = all_in_rate(schedule(method, D("1000000"), D("18"), 12, START))
            assert abs(cost.nominal - 18) <= D("0.0002")
            assert abs(cost.effective - D("19.5618")) <= D("0.0003")

    def test_shows_the_true_rate_of_flat_interest(self):
        cost = all_in_rate(schedule("FLAT", D("180000"), D("12"), 18, START))
        assert D("21.5") < cost.nominal < D("21.7")
        assert cost.total_interest == D("32400.00")

    def test_story_9_flat_with_a_fee_is_above_24_percent(self):
        plan = schedule("FLAT", D("300000"), D("12"), 18, START)
        cost = all_in_rate(plan, [Fee(D("3"), basis="RATE")])
        assert cost.nominal > 24
        assert abs(float(cost.nominal) - oracle(plan, upfront=D("9000"))) < 0.0001
        assert cost.total_fees == D("9000.00")

    def test_counts_fees_at_their_time(self):
        plan = schedule("BULLET", D("100000"), D("12"), 6, START)
        early, monthly, late = (
            all_in_rate(plan, [Fee(value, timing=timing)]).nominal
            for value, timing in (
                (D("600"), "UPFRONT"),
                (D("100"), "MONTHLY"),
                (D("600"), "MATURITY"),
            )
        )
        assert early > monthly > late > all_in_rate(plan).nominal
        assert abs(float(monthly) - oracle(plan, monthly=D("100"))) < 0.0001

    def test_adds_up_several_loans_of_one_application(self):
        cheap = schedule("INTEREST_FIRST", D("100000"), D("10"), 12, START)
        dear = schedule("INTEREST_FIRST", D("100000"), D("20"), 12, START)
        assert all_in_rate([cheap, dear]).nominal == D("15.0000")

    def test_is_zero_for_a_loan_without_cost(self):
        cost = all_in_rate(schedule("EQUAL_PRINCIPAL", D("1000"), D("0"), 7, START))
        assert (cost.monthly, cost.nominal, cost.effective) == (0, D("0.0000"), D("0.0000"))

    def test_counts_odd_days_as_parts_of_a_month(self):
        rows = [PlanRow(date(2026, 1, 30), D("1000"), D("10"))]
        cost = all_in_rate(schedule("CUSTOM", D("1000"), D("0"), 1, START, plan=rows))
        assert abs(cost.monthly - (D("1.01") ** 2 - 1)) < D("1e-12")

    @settings(max_examples=80, deadline=None)
    @given(
        st.sampled_from(
            ("EQUAL_INSTALLMENT", "EQUAL_PRINCIPAL", "INTEREST_FIRST", "FLAT", "BULLET")
        ),
        st.decimals("0.5", "60", places=2),
        st.integers(1, 36),
        st.decimals("0", "20", places=2),
        st.integers(0, 500),
    )
    def test_agrees_with_the_oracle(self, method, rate, months, fee, monthly):
        plan = schedule(method, D("100000"), rate, months, START)
        cost = all_in_rate(plan, [Fee(fee, basis="RATE"), Fee(D(monthly), timing="MONTHLY")])
        assert abs(float(cost.nominal) - oracle(plan, fee * 1000, D(monthly))) < 0.001
        assert cost.effective >= cost.nominal

    @settings(max_examples=40, deadline=None)
    @given(st.decimals("0", "50", places=2), st.decimals("0.01", "10", places=2))
    def test_rises_with_every_fee(self, fee, more):
        plan = schedule("EQUAL_INSTALLMENT", D("100000"), D("12"), 12, START)
        lower = all_in_rate(plan, [Fee(fee, basis="RATE")])
        assert all_in_rate(plan, [Fee(fee + more, basis="RATE")]).nominal > lower.nominal


class TestRefuseImpossibleCost:
    plan = schedule("BULLET", D("1000"), D("10"), 12, START)

    @pytest.mark.parametrize("fee", [Fee(D("100"), basis="RATE"), Fee(D("1000")), Fee(D("5000"))])
    def test_fees_that_leave_nothing(self, fee):
        with pytest.raises(UnsolvableCost) as refused:
            all_in_rate(self.plan, [fee])
        assert refused.value.field == "fees"

    def test_rates_beyond_the_column(self):
        short = schedule("BULLET", D("1000"), D("0"), 1, START)
        with pytest.raises(UnsolvableCost) as refused:
            all_in_rate(short, [Fee(D("999"))])
        assert "99999.9999" in refused.value.message

    def test_nothing_to_calculate(self):
        with pytest.raises(UnsolvableCost):
            all_in_rate([])

    def test_flows_without_a_rate(self):
        for received, payments in (
            (D("1000"), {D(1): D("900")}),
            (D("0"), {D(1): D("900")}),
            (D("10"), {D(0): D("11")}),
            (D("10"), {D(1): D("-1"), D(2): D("20")}),
        ):
            with pytest.raises(UnsolvableCost):
                monthly_irr(received, payments)

    @pytest.mark.parametrize(
        "typed",
        [
            {"value": D("-1")},
            {"value": D("NaN")},
            {"value": 1.5},
            {"value": D("101"), "basis": "RATE"},
            {"value": D("1"), "basis": "HALF"},
            {"value": D("1"), "timing": "LATER"},
        ],
    )
    def test_fees_that_make_no_sense(self, typed):
        with pytest.raises(InvalidTerms) as refused:
            Fee(**typed)
        assert refused.value.field == "fees"
        assert isinstance(refused.value, CalculationError)


class TestConvertRates:
    def test_shows_a_rate_by_month_and_day(self):
        assert monthly_rate(D("18")) == D("1.5000")
        assert monthly_rate(D("10")) == D("0.8333")
        assert daily_rate(D("18")) == D("0.0500")
        assert daily_rate(D("18"), "ACT/365") == D("0.0493")
        assert annual_from_monthly(D("1.5")) == D("18.0000")
