"""Two acts on one customer in the same second, on real connections (N7, N13)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction

import pytest

from funds.models import Loan
from funds.services.repayments import reverse_repayment
from postloan.models import BadCustomerHandover, CompletedBusiness, CustomerCompletion
from tests.applications.factories import Lender
from tests.applications.test_approval import again
from tests.applications.test_races import codes, together
from tests.funds.factories import Ledger, at
from tests.funds.payments import Cashier
from tests.postloan.closing import (
    begin_handover,
    business,
    completers,
    count,
    overdue_day,
    pass_all,
    ready_completion,
    settle,
    submit,
)
from tests.postloan.factories import ready
from tests.postloan.supervision import Watch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def ledger(transactional_db, now) -> Ledger:
    from funds.services.defaults import ensure_settings

    ensure_settings()
    return Ledger(Lender(now))


class TestCompletions:
    def test_n07_two_completions_of_one_business_are_submitted_at_once(self, ledger):
        loan, day = ledger.loan(), ledger.day(20)
        settle(ledger, loan, day)
        pair = [ready_completion(ledger, loan, day) for _ in range(2)]
        results = together(*(lambda each=each: submit(each, day) for each in pair))
        assert codes(results) == ["CMP-02"], results
        assert CompletedBusiness.objects.exclude(claimed=None).count() == 1

    def test_n13_a_repayment_is_reversed_while_it_is_decided(self, ledger):
        """Whoever comes first wins; never is a business completed that owes anything."""
        loan, day = ledger.loan(), ledger.day(20)
        settle(ledger, loan, day)
        document = ready_completion(ledger, loan, day)
        submit(document, day)
        *before, last = completers(ledger)
        pass_all(document, before, day)
        repayment = loan.repayments.get()
        results = together(
            lambda: pass_all(document, [again(last)], day),
            lambda: reverse_repayment(
                repayment_id=repayment.pk, reason="登记错误", actor=ledger.fin, now=at(day)
            ),
        )
        lost = codes(results)
        assert lost in (["CMP-01"], ["CMP-04"])
        is_completed = CustomerCompletion.objects.get().wf_status == "APPROVED"
        assert is_completed == (lost == ["CMP-04"])
        assert (business(loan).biz_status == "COMPLETED") == is_completed

    def test_n13_cmp_02_a_rebate_is_submitted_while_it_is_decided(self, ledger):
        office = Cashier(ledger.lender)
        application = office.business()
        rebate = office.rebate(application)
        loan, day = Loan.objects.get(application=application), ledger.day(20)
        document, last = _before_the_last_decision(ledger, loan, day)
        results = meanwhile(
            lambda: office.submit(rebate, at(day)), lambda: pass_all(document, [again(last)], day)
        )
        assert codes(results) == ["CMP-02"]

    def test_n13_cmp_02_a_report_is_submitted_while_it_is_decided(self, ledger):
        watch = Watch(ledger.lender)
        made = watch.approved()
        day = watch.day(12)
        report = watch.report(made, watch.day(10))
        document, last = _before_the_last_decision(ledger, made.loan, day)
        results = meanwhile(
            lambda: submit(report, day), lambda: pass_all(document, [again(last)], day)
        )
        assert codes(results) == ["CMP-02"]


def _before_the_last_decision(ledger: Ledger, loan: Loan, day: date) -> tuple[Any, Any]:
    """A completion of the loan's business, settled on ``day``, and who decides on it last."""
    settle(ledger, loan, day)
    document = ready_completion(ledger, loan, day)
    submit(document, day)
    *before, last = completers(ledger)
    pass_all(document, before, day)
    return document, last


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """``second`` begins when ``first`` has done its work and has not committed it yet."""
    done = threading.Event()

    def held() -> Any:
        with transaction.atomic():
            result = first()
            done.set()
            time.sleep(1)
        return result

    def after() -> Any:
        assert done.wait(20)
        return second()

    return together(held, after)


class TestExtensions:
    def test_n07_ext_02_two_requests_of_one_loan_are_submitted_at_once(self, ledger):
        loan, day = ledger.loan(term_months=6), ledger.day(10)
        pair = [ready(ledger, loan, day) for _ in range(2)]
        results = together(*(lambda each=each: submit(each, day) for each in pair))
        assert codes(results) == ["EXT-02"], results


class TestHandovers:
    def test_n07_the_daily_run_and_the_account_manager_open_one(self, ledger):
        loan = ledger.loan()
        late = overdue_day(loan, 91)
        results = together(
            lambda: count(late),
            lambda: begin_handover(ledger, loan, late, actor=again(ledger.lender.am)),
        )
        assert codes(results) in ([], ["BAD-06"])
        assert BadCustomerHandover.objects.count() == 1
