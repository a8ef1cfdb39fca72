"""业务展期/逾期申请单: who makes it, what it must keep, what it brings about (M7)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications.calculation import due_after
from applications.models import BusinessApplication
from documents.selectors import changes_of
from documents.services.documents import void_document
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from funds.models import LedgerSetting, Loan
from funds.services.extensions import extend_loan
from lending_crm.common.errors import DomainError
from postloan.kinds.extension import FORM
from postloan.models import ExtensionRequest, OverdueMeasure
from postloan.rules.extension.length import extended_months, month_limit
from tests.funds.factories import at, check_books
from tests.funds.factories import fresh as stored
from tests.postloan.factories import (
    KIND,
    attach,
    begin,
    decide,
    fresh,
    overdue,
    pass_all,
    ready,
    submit,
)
from workflows.models import WorkItem
from workflows.services.corrections import correct_document
from workflows.services.decisions import return_case
from workflows.services.items import claim
from workflows.services.submission import withdraw_case


def codes(error):
    return [reason.code for reason in error.value.reasons]


def refuse(request, day):
    with pytest.raises(DomainError) as refused:
        submit(request, day)
    return codes(refused)


@pytest.fixture
def loan(ledger) -> Loan:
    """Six months, paid out on the first day, principal at maturity."""
    return ledger.loan(term_months=6)


@pytest.fixture
def early(ledger) -> date:
    """A day on which nothing is due yet."""
    return ledger.day(10)


def late(loan: Loan, days: int) -> date:
    return loan.due_date + timedelta(days=days)


def prolong(ledger, loan, months_due: date) -> None:
    extend_loan(
        loan_id=loan.pk,
        new_due=months_due,
        rate=Decimal(18),
        treatment="MERGE",
        reference="ZQ-OLD",
        actor=ledger.fin,
        now=at(ledger.day(5)),
    )


class TestCreation:
    def test_the_type_decides_the_number(self, ledger, loan, early):
        assert begin(ledger, loan, early).doc_no.startswith("ZQ-")
        assert overdue(ledger, loan, late(loan, 3)).doc_no.startswith("YQ-")

    def test_figures_come_from_the_ledger_of_the_day(self, ledger, loan):
        request = overdue(ledger, loan, late(loan, 20))
        assert request.original_amount == Decimal("500000.00")
        assert request.overdue_days > 20
        assert request.penalty > 0
        assert request.settlement > request.unpaid_principal + request.unpaid_interest

    def test_the_new_due_date_follows_from_the_months(self, ledger, loan, early):
        request = begin(ledger, loan, early, months=2)
        assert request.extend_from == loan.due_date
        assert (request.new_due.year * 12 + request.new_due.month) - (
            loan.due_date.year * 12 + loan.due_date.month
        ) == 2

    def test_only_the_customers_account_manager_asks(self, ledger, loan, early):
        for person in (ledger.lender.people.colleague, ledger.fin):
            with pytest.raises(DomainError) as refused:
                begin(ledger, loan, early, actor=person)
            assert codes(refused) == ["DOC-05"]

    def test_ext_10_refuses_before_the_money_is_out(self, ledger, loan):
        with pytest.raises(DomainError) as refused:
            begin(ledger, loan, ledger.day(-1))
        assert codes(refused) == ["EXT-10"]

    def test_ext_01_refuses_a_completed_business(self, ledger, loan, early):
        BusinessApplication.objects.filter(pk=loan.application_id).update(biz_status="COMPLETED")
        with pytest.raises(DomainError) as refused:
            begin(ledger, loan, early)
        assert codes(refused) == ["EXT-01"]

    def test_ext_02_names_the_request_that_is_open(self, ledger, loan, early):
        first = ready(ledger, loan, early)
        submit(first, early)
        with pytest.raises(DomainError) as refused:
            begin(ledger, loan, early)
        assert codes(refused) == ["EXT-02"]
        assert first.doc_no in refused.value.message

    def test_ext_05_nothing_begins_where_no_extension_is_left(self, ledger, loan, early):
        LedgerSetting.objects.filter(pk=1).update(extension_limit=1)
        prolong(ledger, loan, loan.due_date + timedelta(days=31))
        with pytest.raises(DomainError) as refused:
            begin(ledger, loan, early)
        assert codes(refused) == ["EXT-05"]

    def test_ext_04_nothing_begins_at_the_legal_length(self, ledger, loan, early):
        prolong(ledger, loan, due_after(loan.due_date, 6))
        with pytest.raises(DomainError) as refused:
            begin(ledger, loan, early)
        assert codes(refused) == ["EXT-04"]

    def test_a_month_below_the_legal_length_one_more_begins(self, ledger, loan, early):
        prolong(ledger, loan, due_after(loan.due_date, 5))
        assert begin(ledger, loan, early, months=1).total_months == 6

    def test_what_is_overdue_is_handled_whatever_its_extensions(self, ledger, loan):
        LedgerSetting.objects.filter(pk=1).update(extension_limit=0)
        assert overdue(ledger, loan, late(loan, 1)).doc_no.startswith("YQ-")

    def test_ext_03_on_the_due_date_it_is_neither(self, ledger):
        loan = ledger.loan(method="BULLET")
        with pytest.raises(DomainError) as refused:
            begin(ledger, loan, loan.due_date)
        assert codes(refused) == ["EXT-03"]

    def test_ext_12_the_type_stays_with_the_number(self, ledger, loan, early):
        request = begin(ledger, loan, early)
        with pytest.raises(DomainError) as refused:
            update_draft(
                kind=KIND,
                document_id=request.pk,
                actor=ledger.lender.am,
                now=at(early),
                values={"ext_type": "OVERDUE"},
            )
        assert codes(refused) == ["EXT-12"]

    def test_ext_14_the_amount_is_above_zero(self, ledger, loan, early):
        with pytest.raises(DomainError) as refused:
            begin(ledger, loan, early, amount=Decimal(0))
        assert codes(refused) == ["EXT-14"]


class TestSubmission:
    def test_a_whole_request_goes_into_approval(self, ledger, loan, early):
        assert submit(ready(ledger, loan, early), early).state == "IN_APPROVAL"

    def test_ext_01_n06_refuses_a_loan_settled_meanwhile(self, ledger, loan, early):
        request = ready(ledger, loan, early)
        ledger.repay(loan, fresh(request).settlement, early, treatment="SETTLE")
        assert "EXT-01" in refuse(request, early)

    def test_n06_the_database_refuses_a_settled_loan(self, ledger, loan, early):
        request = ready(ledger, loan, early)
        ledger.repay(loan, request.settlement, early, treatment="SETTLE")
        with pytest.raises(IntegrityError, match="EXT-01"), transaction.atomic():
            ExtensionRequest.objects.filter(pk=request.pk).update(open_loan=loan)

    def test_ext_02_refuses_the_second_of_two_drafts(self, ledger, loan, early):
        first, second = ready(ledger, loan, early), ready(ledger, loan, early)
        submit(first, early)
        assert refuse(second, early) == ["EXT-02"]

    def test_n07_the_database_refuses_a_second_open_one(self, ledger, loan, early):
        first, second = ready(ledger, loan, early), ready(ledger, loan, early)
        submit(first, early)
        with pytest.raises(IntegrityError), transaction.atomic():
            ExtensionRequest.objects.filter(pk=second.pk).update(open_loan=loan)

    def test_a_withdrawn_request_gives_the_loan_free(self, ledger, loan, early):
        case = submit(ready(ledger, loan, early), early)
        withdraw_case(case_id=case.pk, actor=ledger.lender.am, now=at(early), reason="资料有误")
        assert submit(ready(ledger, loan, early), early).state == "IN_APPROVAL"

    @pytest.mark.parametrize("days", [0, 1])
    def test_ext_03_an_extension_comes_before_the_due_date(self, ledger, loan, early, days):
        assert "EXT-03" in refuse(ready(ledger, loan, early), late(loan, days))

    def test_ext_04_n08_counts_earlier_extensions(self, ledger, loan, early):
        request = ready(ledger, loan, early, months=7)
        assert "EXT-04" in refuse(request, early)

    def test_n08_the_database_refuses_what_is_too_long(self, ledger, loan, early):
        request = ready(ledger, loan, early, months=7)
        with pytest.raises(IntegrityError, match="legal_length"), transaction.atomic():
            ExtensionRequest.objects.filter(pk=request.pk).update(open_loan=loan)

    def test_ext_05_refuses_after_as_many_as_the_setting_says(self, ledger, loan, early):
        request = ready(ledger, loan, early, months=1)
        LedgerSetting.objects.filter(pk=1).update(extension_limit=1)
        prolong(ledger, loan, loan.due_date + timedelta(days=31))
        assert "EXT-05" in refuse(request, early)

    def test_ext_06_refuses_more_than_the_unpaid_principal(self, ledger, loan, early):
        request = ready(ledger, loan, early, amount=Decimal("500000.01"))
        assert refuse(request, early) == ["EXT-06"]

    def test_ext_07_overdue_needs_an_overdue_loan(self, ledger, loan, early):
        assert refuse(overdue(ledger, loan, early), early) == ["EXT-07"]

    def test_ext_08_due_interest_is_paid_first(self, ledger, loan):
        day = ledger.day(45)
        assert refuse(ready(ledger, loan, day), day) == ["EXT-08"]

    def test_interest_may_go_into_the_first_new_instalment(self, ledger, loan):
        day = ledger.day(45)
        request = ready(ledger, loan, day, interest_treatment="MERGE")
        assert submit(request, day).state == "IN_APPROVAL"

    def test_ext_09_asks_for_the_guarantors_consent(self, ledger, loan, early):
        assert refuse(begin(ledger, loan, early), early) == ["EXT-09"]

    def test_an_unsecured_loan_needs_no_consent(self, ledger, loan, early):
        request = begin(ledger, loan, early)
        request.loan.application.guarantee = ["CREDIT"]
        assert KIND.check_submission(request, actor=ledger.lender.am, now=at(early)) == []

    def test_ext_13_the_rate_is_not_below_that_of_the_loan(self, ledger, loan, early):
        assert refuse(ready(ledger, loan, early, rate=Decimal(17)), early) == ["EXT-13"]

    def test_bus_05_the_cost_stays_below_the_cap(self, ledger, loan, early):
        assert refuse(ready(ledger, loan, early, rate=Decimal(40)), early) == ["BUS-05"]

    def test_wf_08_names_what_the_type_needs(self, ledger, loan, early):
        assert "WF-08" in refuse(ready(ledger, loan, early, months=None), early)
        day = late(loan, 3)
        assert refuse(overdue(ledger, loan, day, rows={}), day) == ["WF-08"]
        assert refuse(overdue(ledger, loan, day, overdue_kind=""), day) == ["WF-08"]

    def test_figures_are_taken_anew_when_it_is_submitted(self, ledger, loan):
        request = overdue(ledger, loan, late(loan, 3))
        submit(request, late(loan, 9))
        assert fresh(request).overdue_days == request.overdue_days + 6

    def test_n04_nothing_moves_under_approval(self, ledger, loan, early):
        request = ready(ledger, loan, early)
        submit(request, early)
        with pytest.raises(IntegrityError), transaction.atomic():
            ExtensionRequest.objects.filter(pk=request.pk).update(months=1)


class TestRoute:
    def test_an_approved_extension_moves_the_due_date(self, ledger, loan, early):
        people = ledger.lender.people
        request = ready(ledger, loan, early)
        submit(request, early)
        pass_all(request, [people.tl, people.brm, people.bgm, people.hrm], early)
        after = stored(loan)
        assert fresh(request).wf_status == "APPROVED"
        assert fresh(request).open_loan_id is None
        assert (after.due_date, after.extension_count) == (request.new_due, 1)
        assert after.risk_class == "ATTENTION"
        check_books(loan, early)

    def test_doc_02_an_approved_one_stands_in_the_ledger(self, ledger, loan, early):
        people = ledger.lender.people
        request = ready(ledger, loan, early)
        submit(request, early)
        pass_all(request, [people.tl, people.brm, people.bgm, people.hrm], early)
        assert KIND.followers(fresh(request)) == [loan.loan_no]

    def test_a_second_extension_meets_the_committee(self, ledger, loan, early):
        prolong(ledger, loan, loan.due_date + timedelta(days=31))
        people = ledger.lender.people
        request = ready(ledger, loan, early, months=1)
        submit(request, early)
        pass_all(request, [people.tl, people.brm, people.bgm, people.hrm], early)
        assert fresh(request).wf_status == "IN_APPROVAL"
        assert nodes(request) == {"risk_committee"}

    def test_overdue_up_to_30_days_ends_with_the_branch(self, ledger):
        loan = ledger.loan(method="BULLET")
        people, day = ledger.lender.people, late(loan, 30)
        request = overdue(ledger, loan, day)
        submit(request, day)
        pass_all(request, [people.tl, people.brm, people.plm, people.bgm], day)
        measure = OverdueMeasure.objects.get(loan=loan)
        assert fresh(request).wf_status == "APPROVED"
        assert (measure.overdue_days, measure.needs_handover) == (30, False)
        assert measure.measures == request.plan

    @pytest.mark.parametrize(
        ("days", "principal", "node"),
        [
            (31, "500000.00", "head_office_risk"),
            (5, "1000000.01", "head_office_risk"),
        ],
    )
    def test_later_or_larger_goes_to_head_office(self, ledger, days, principal, node):
        loan = ledger.loan(principal, method="BULLET")
        people, day = ledger.lender.people, late(loan, days)
        request = overdue(ledger, loan, day)
        submit(request, day)
        pass_all(request, [people.tl, people.brm, people.plm, people.bgm], day)
        assert nodes(request) == {node}

    def test_n18_wf_15_what_the_days_ask_for_meanwhile_is_asked_at_the_end(self, ledger):
        """Submitted on day 30, decided on day 31: head office has to see it after all."""
        loan = ledger.loan(method="BULLET")
        people, day = ledger.lender.people, late(loan, 30)
        request = overdue(ledger, loan, day)
        submit(request, day)
        pass_all(request, [people.tl, people.brm, people.plm], day)
        later = at(late(loan, 31))
        with pytest.raises(DomainError) as refused:
            decide(request, people.bgm, later)
        assert refused.value.code == "WF-15"
        assert "总部风控" in refused.value.message

        item = WorkItem.objects.get(case__document=request.document_ptr, state="OPEN")
        return_case(item_id=item.pk, actor=people.bgm, now=later, opinion="逾期天数已变化")
        submit(request, late(loan, 31))
        decide(request, people.bgm, later + timedelta(minutes=1))
        assert nodes(request) == {"head_office_risk"}

    def test_from_day_91_the_committee_decides(self, ledger):
        loan = ledger.loan(method="BULLET")
        people, day = ledger.lender.people, late(loan, 91)
        request = overdue(ledger, loan, day)
        submit(request, day)
        pass_all(request, [people.tl, people.brm, people.plm, people.bgm, people.hrm], day)
        assert nodes(request) == {"risk_committee"}

    def test_ext_13_head_office_risk_may_lower_the_rate(self, ledger, loan, early):
        people = ledger.lender.people
        request = ready(ledger, loan, early)
        submit(request, early)
        pass_all(request, [people.tl, people.brm, people.bgm], early)
        item = WorkItem.objects.get(case__document=request.document_ptr, state="OPEN")
        claim(item_id=item.pk, actor=people.hrm, now=at(early) + timedelta(hours=1))
        correct_document(
            item_id=item.pk,
            actor=people.hrm,
            now=at(early) + timedelta(hours=1),
            values={"rate": "15"},
        )
        decide(request, people.hrm, at(early) + timedelta(hours=2))
        assert stored(loan).annual_rate == Decimal(15)

    def test_the_loans_change_log_tells_what_moved_by_which_approval(self, ledger, loan, early):
        people = ledger.lender.people
        request = begin(ledger, loan, early, months=4)
        attach(request)
        submit(request, early)
        pass_all(request, [people.tl, people.brm, people.bgm, people.hrm], early)

        rows = {row.field: row for row in changes_of(loan)}
        assert (rows["due_date"].old, rows["due_date"].new) == (
            str(loan.due_date),
            str(stored(loan).due_date),
        )
        assert (rows["extension_count"].old, rows["extension_count"].new) == ("0", "1")
        assert {(row.actor, row.approval) for row in rows.values()} == {
            (people.hrm, request.doc_no)
        }

    def test_a_draft_is_voided_by_its_handler(self, ledger, loan, early):
        request = begin(ledger, loan, early)
        void_document(
            document_id=request.pk, actor=ledger.lender.am, now=at(early), reason="客户不办了"
        )
        assert fresh(request).wf_status == "VOID"


def nodes(request):
    items = WorkItem.objects.filter(case__document=request.document_ptr, state="OPEN")
    return set(items.values_list("stage__node_id", flat=True))


class TestStory:
    def test_story_5_extensions_of_a_six_month_loan(self, ledger, loan, early):
        """Four months pass, three more are too long, after the due date it is too late."""
        people = ledger.lender.people
        first = begin(ledger, loan, early, months=4)
        assert refuse(first, early) == ["EXT-09"]
        attach(first)
        submit(first, early)
        pass_all(first, [people.tl, people.brm, people.bgm, people.hrm], early)
        extended = stored(loan)
        assert extended.due_date == first.new_due
        second = ready(ledger, loan, early, months=3)
        assert second.total_months == 7
        assert refuse(second, early) == ["EXT-04"]
        assert "EXT-03" in refuse(second, extended.due_date + timedelta(days=1))


class TestLength:
    @pytest.mark.parametrize(
        ("term", "limit"), [(6, 6), (12, 12), (13, 6), (24, 12), (60, 30), (61, 36), (120, 36)]
    )
    def test_short_medium_and_long_loans(self, term, limit):
        assert month_limit(term) == limit

    def test_a_begun_month_counts(self):
        assert extended_months(date(2026, 3, 31), date(2026, 3, 31)) == 0
        assert extended_months(date(2026, 3, 31), date(2026, 4, 30)) == 1
        assert extended_months(date(2026, 3, 15), date(2026, 4, 16)) == 2


@pytest.fixture
def clock(time_machine, early):
    time_machine.move_to(at(early), tick=False)


@pytest.mark.usefixtures("clock")
class TestPages:
    def test_list_and_page_cost_few_queries(
        self, ledger, loan, early, client, django_assert_max_num_queries
    ):
        request = ready(ledger, loan, early)
        submit(request, early)
        client.force_login(ledger.lender.am)
        with django_assert_max_num_queries(10):
            page = client.get("/extension-requests/").content.decode()
        assert request.doc_no in page
        assert client.get(f"/extension-requests/{request.pk}/").status_code == 200

    def test_the_page_of_the_loan_offers_a_request(self, ledger, loan, client):
        client.force_login(ledger.lender.am)
        page = client.get(f"/loans/{loan.pk}/related/").content.decode()
        assert f"/extension-requests/new/{loan.pk}/" in page

    def test_the_opportunity_offers_one_of_its_running_loan(self, ledger, loan, early, client):
        client.force_login(ledger.lender.am)
        page = f"/opportunities/{loan.application.opportunity_id}/related/"
        assert f"/extension-requests/new/{loan.pk}/" in client.get(page).content.decode()
        request = begin(ledger, loan, early)
        assert request.doc_no in client.get(page).content.decode()
        client.force_login(ledger.lender.people.tl)
        assert f"/extension-requests/new/{loan.pk}/" not in client.get(page).content.decode()

    def test_ext_05_the_choice_and_the_loan_say_why_not(self, ledger, loan, client):
        LedgerSetting.objects.filter(pk=1).update(extension_limit=0)
        client.force_login(ledger.lender.am)
        for page in ("/extension-requests/new/", f"/loans/{loan.pk}/related/"):
            shown = client.get(page).content.decode()
            assert "展期次数已达上限 0 次。" in shown, page
            assert f"/extension-requests/new/{loan.pk}/" not in shown, page

    def test_the_page_of_the_loan_keeps_the_measures(self, ledger, client):
        loan = ledger.loan(method="BULLET")
        people, day = ledger.lender.people, late(loan, 30)
        request = overdue(ledger, loan, day)
        submit(request, day)
        pass_all(request, [people.tl, people.brm, people.plm, people.bgm], day)
        client.force_login(ledger.lender.am)
        page = client.get(f"/loans/{loan.pk}/related/").content.decode()
        assert request.plan in page
        assert request.doc_no in page

    def test_the_form_saves_and_refuses_at_the_field(self, ledger, loan, client):
        client.force_login(ledger.lender.am)
        url = f"/extension-requests/new/{loan.pk}/"
        assert client.get(url).status_code == 200
        data = {
            "ext_type": "EXTENSION",
            "amount": "50万",
            "months": "4",
            "rate": "18",
            "interest_treatment": "MERGE",
            "collection_log-TOTAL_FORMS": "0",
            "collection_log-INITIAL_FORMS": "0",
            "view": "1",
        }
        wrong = client.post(url, {**data, "amount": "0"})
        assert wrong.status_code == 422
        assert "申请金额必须大于 0" in wrong.content.decode()
        saved = client.post(url, data)
        request = ExtensionRequest.objects.get()
        assert saved.url == f"/extension-requests/{request.pk}/"
        assert request.amount == Decimal("500000.00")

    def test_n26_another_branch_gets_404(self, ledger, loan, early, client):
        request = begin(ledger, loan, early)
        client.force_login(ledger.lender.people.other_am)
        for tail in ("", "edit/", "submission/", f"print/{FORM}/"):
            assert client.get(f"/extension-requests/{request.pk}/{tail}").status_code == 404

    def test_the_paper_sets_old_and_new_terms_side_by_side(self, ledger, loan, early):
        request = ready(ledger, loan, early)
        submit(request, early)
        document = KIND.get(request.pk)
        rows = KIND.print_context(document, FORM, hidden=())["comparison"]
        assert [row[1:] for row in rows][1] == (
            loan.due_date.isoformat(),
            request.new_due.isoformat(),
        )
        printed = print_document(
            document=document, form=FORM, actor=ledger.lender.am, now=at(early)
        )
        assert printed.file is not None


@pytest.mark.usefixtures("clock")
class TestApi:
    def test_the_same_rules_hold(self, ledger, loan, client):
        client.force_login(ledger.lender.am)
        made = client.post(
            "/api/v1/extension-requests/",
            {"loan": loan.pk, "ext_type": "EXTENSION", "amount": "500000.00", "months": 7},
            content_type="application/json",
        )
        assert made.status_code == 201, made.content
        assert made.json()["total_months"] == 7
        request = ExtensionRequest.objects.get(pk=made.json()["id"])
        refused = client.post(
            f"/api/v1/extension-requests/{request.pk}/submit/",
            {"seen_version": request.version},
            content_type="application/json",
            headers={"Idempotency-Key": "submit-the-request"},
        )
        assert refused.status_code == 422
        found = {each["code"] for each in refused.json()["errors"]}
        assert {"EXT-04", "EXT-09", "WF-08"} <= found
