"""What holds for every application, not only for the examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy_financial
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.authority import DEFAULT_LIMITS, are_ascending, required_level
from applications.choices import FeeBasis, FeeTiming, RepaymentMethod
from applications.costing import cost_of, scaled_lines
from applications.models import AmountLine, FeeLine, GuaranteeItem, Product
from applications.plans import check_plan, plan_text, read_plan
from applications.rules.approved import ApprovedTerms, agreed_terms
from applications.rules.request import lendable
from applications.rules.terms import prohibited_word
from workflows.kinds import StageDecision

DAY = date(2026, 3, 2)
PRODUCT = Product(code="P", name="P", day_count="30/360")
LIMITS = dict(enumerate(DEFAULT_LIMITS, start=1))

amounts = st.decimals("10000", "5000000", places=2)
rates = st.decimals("0", "24", places=2)
terms = st.integers(1, 36)
plain_methods = st.sampled_from(
    [method for method in RepaymentMethod if method != RepaymentMethod.CUSTOM]
)
lines = st.builds(
    AmountLine,
    product=st.just(PRODUCT),
    amount=amounts,
    term_months=terms,
    annual_rate=rates,
    method=plain_methods,
)
fees = st.builds(
    FeeLine,
    basis=st.just(FeeBasis.RATE),
    rate=st.decimals("0", "3", places=2),
    timing=st.sampled_from(list(FeeTiming)),
)


class TestAllInCost:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(lines, min_size=1, max_size=4), st.lists(fees, max_size=3))
    def test_agrees_with_numpys_internal_rate_of_return(self, rows, charges):
        cost = cost_of(rows, charges, start=DAY)
        if cost.all_in is None:
            return
        total = sum(row.amount for row in rows)
        longest = max(row.term_months for row in rows)
        flows = [-float(total)] + [0.0] * longest
        for plan in cost.schedules:
            for payment in plan.lines:
                flows[int(payment.elapsed)] += float(payment.total)
        for fee in charges:
            payment = float(round(total * fee.rate / 100, 2))
            months = {"UPFRONT": [0], "MATURITY": [longest]}.get(
                fee.timing, list(range(1, longest + 1))
            )
            for month in months:
                flows[month] += payment
        assert float(cost.rate) == pytest.approx(numpy_financial.irr(flows) * 1200, abs=0.02)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(lines, min_size=1, max_size=3), fees)
    def test_a_fee_never_makes_it_cheaper(self, rows, fee):
        without, with_fee = cost_of(rows, [], start=DAY), cost_of(rows, [fee], start=DAY)
        if without.rate is not None and with_fee.rate is not None:
            assert with_fee.rate >= without.rate

    @settings(max_examples=60, deadline=None)
    @given(lines)
    def test_n30_the_schedule_adds_up_to_the_principal(self, line):
        (plan,) = cost_of([line], [], start=DAY).schedules
        assert sum(row.principal for row in plan.lines) == line.amount
        assert plan.lines[-1].balance == 0


class TestScaledLines:
    @settings(max_examples=100, deadline=None)
    @given(st.lists(lines, min_size=1, max_size=5), st.data())
    def test_add_up_to_the_approved_amount(self, rows, data):
        total = sum(row.amount for row in rows)
        approved = data.draw(st.decimals("0.01", total, places=2))
        term = data.draw(st.none() | terms)
        found = scaled_lines(rows, amount=approved, term=term, rate=None)
        assert sum(row.amount for row in found) == approved
        assert all(row.amount > 0 for row in found)
        assert all(row.term_months <= (term or 36) for row in found)


class TestRequiredLevel:
    @given(st.decimals("0", "99999999", places=2), st.decimals("0", "99999999", places=2))
    def test_more_exposure_never_needs_less(self, low, high):
        low, high = sorted((low, high))
        for uplift in (False, True):
            assert required_level(low, LIMITS, is_uplifted=uplift) <= required_level(
                high, LIMITS, is_uplifted=uplift
            )

    @given(st.decimals("0", "99999999", places=2))
    def test_an_uplift_is_one_band_and_never_beyond_the_last(self, exposure):
        plain = required_level(exposure, LIMITS, is_uplifted=False)
        assert required_level(exposure, LIMITS, is_uplifted=True) == min(plain + 1, 4)

    @given(st.decimals("0.01", "99999999", places=2))
    def test_the_level_covers_the_exposure_and_the_one_below_does_not(self, exposure):
        level = required_level(exposure, LIMITS, is_uplifted=False)
        limit = LIMITS[level]
        assert limit is None or exposure <= limit
        assert level == 1 or exposure > LIMITS[level - 1]

    def test_an_empty_table_is_an_error(self):
        with pytest.raises(LookupError):
            required_level(Decimal(1), {}, is_uplifted=False)

    def test_ascending_means_strictly_and_open_at_the_end(self):
        assert are_ascending(DEFAULT_LIMITS)
        assert not are_ascending([Decimal(1), Decimal(1), None])
        assert not are_ascending([Decimal(1), Decimal(2)])
        assert not are_ascending([None, Decimal(2), None])
        assert not are_ascending([])


class TestLendable:
    @given(st.decimals("0", "9999999999", places=2), st.decimals("0", "100", places=4))
    def test_never_above_the_value_and_to_the_fen(self, value, ratio):
        found = lendable(GuaranteeItem(assessed_value=value, ratio=ratio))
        assert 0 <= found <= value
        assert found == found.quantize(Decimal("0.01"))

    def test_nothing_while_something_is_missing(self):
        assert lendable(GuaranteeItem(assessed_value=None, ratio=Decimal(70))) == 0


class TestAgreedTerms:
    asked = ApprovedTerms(Decimal(300000), 12, Decimal(12))

    @given(st.lists(st.decimals("0.01", "300000", places=2), max_size=5))
    def test_take_the_lowest_that_was_set(self, typed):
        decisions = [
            StageDecision(index, "n", {"approved_amount": str(each)})
            for index, each in enumerate(typed)
        ]
        found = agreed_terms(self.asked, decisions)
        assert found.amount == min([*typed, self.asked.amount])
        assert (found.term, found.rate) == (12, Decimal(12))


class TestPlans:
    @given(st.lists(st.tuples(st.integers(1, 600), amounts), max_size=20))
    def test_what_is_shown_is_read_back_the_same(self, rows):
        stored = check_plan([[month, str(amount)] for month, amount in rows])
        assert read_plan(plan_text(stored)) == stored

    @pytest.mark.parametrize("text", ["3", "x: 5", "3: -5", "0: 5", "601: 5", "3: 1.234"])
    def test_names_the_line_that_is_wrong(self, text):
        from django.core.exceptions import ValidationError

        with pytest.raises(ValidationError):
            read_plan(text)


class TestProhibitedWord:
    words = ("炒股", "首付")

    @pytest.mark.parametrize(
        ("note", "found"),
        [
            ("用于炒股", "炒股"),
            ("不得用于炒股", None),
            ("非首付用途", None),
            ("支付首付,不炒股", "首付"),
            ("不炒股,但支付首付", "首付"),
            ("采购钢材", None),
            ("", None),
        ],
    )
    def test_understands_denials(self, note, found):
        assert prohibited_word(note, self.words) == found

    @given(st.text(max_size=60))
    def test_survives_any_text(self, note):
        prohibited_word(note, self.words)
