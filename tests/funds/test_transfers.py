"""资金划拨确认书: who makes it, what it must keep, how the money goes out and comes back (M12)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications.models import AmountLine, BusinessApplication, LenderSetting, LprQuote
from contracts.models import ContractReview
from customers.models import Customer, Opportunity
from documents.engine_door import engine_writes
from documents.kinds import routed_kind
from documents.printing.forms import form_context
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from documents.services.voiding import confirm_void, request_void
from funds.kinds.transfer import FORM, KIND_CODE
from funds.models import FundTransfer, Loan
from funds.rules.transfers import amounts
from funds.selectors.state import lines_in_force
from funds.services.fees import charge_fee
from funds.services.transfers import report_failure, reverse_transfer
from lending_crm.common.errors import DomainError
from staff.services.structure import save_branch
from tests.applications.factories import fresh
from tests.applications.reconsidering import ReconsiderationWalk, new, rejected
from tests.contracts.factories import complete
from tests.funds.factories import Ledger, check_books, money
from tests.funds.transfers import Desk
from workflows.models import Case
from workflows.services.submission import withdraw_case


@pytest.fixture
def desk(lender) -> Desk:
    return Desk(lender)


@pytest.fixture
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


def refusal(act, *args, **values) -> DomainError:
    with pytest.raises(DomainError) as refused:
        act(*args, **values)
    return refused.value


def codes(error: DomainError) -> list[str]:
    return [reason.code for reason in error.reasons]


def by_plan(rows):
    """An application that is repaid by plan."""

    def prepare(application):
        with engine_writes():
            AmountLine.objects.filter(application=application).update(method="CUSTOM", plan=rows)

    return prepare


def principals(loan):
    return [row.principal for row in lines_in_force(loan)]


class TestAmounts:
    @pytest.mark.parametrize(
        ("principal", "expected"),
        [
            ("1000000.00", ("700000.00", "300000.00", "10000.00", "1010000.00")),
            ("333333.33", ("233333.33", "100000.00", "3333.33", "336666.66")),
        ],
    )
    def test_the_examples_of_the_domain(self, principal, expected):
        found = amounts(Decimal(principal), hq_ratio=Decimal(70), rebate_ratio=Decimal(1))
        assert tuple(map(str, (found.hq, found.branch, found.rebate, found.total))) == expected

    def test_the_database_keeps_both_identities(self, desk):
        transfer = desk.draft()
        for values in ({"hq_amount": 1}, {"total_amount": 1}, {"principal": 1}):
            with pytest.raises(IntegrityError), transaction.atomic():
                FundTransfer.objects.filter(pk=transfer.pk).update(**values)


class TestCreation:
    def test_everything_comes_from_the_review(self, desk):
        review = desk.review()
        transfer = desk.draft(review)
        assert transfer.doc_no.startswith("HB-")
        assert transfer.principal == Decimal("400000.00")
        assert (transfer.hq_amount, transfer.branch_amount) == (money(280000), money(120000))
        assert transfer.total_amount == money(400000)
        assert transfer.payee_account == review.payee_account

    def test_the_share_of_head_office_is_the_branchs_setting(self, desk):
        branch = desk.people.branch
        save_branch(
            code=branch.code,
            name=branch.name,
            is_head_office=False,
            hq_ratio=Decimal(60),
            branch=branch,
            actor=desk.people.adm,
            now=desk.lender.now,
        )
        assert desk.draft().hq_amount == money(240000)

    def test_org_28_refuses_a_share_above_the_whole(self, desk):
        branch = desk.people.branch
        error = refusal(
            save_branch,
            code=branch.code,
            name=branch.name,
            is_head_office=False,
            hq_ratio=Decimal(101),
            branch=branch,
            actor=desk.people.adm,
            now=desk.lender.now,
        )
        assert codes(error) == ["ORG-28"]

    @pytest.mark.parametrize("role", ["am", "bgm", "hrm", "fin", "adm"])
    def test_ftr_10_only_the_branch_risk_manager_creates_it(self, desk, role):
        error = refusal(desk.draft, actor=getattr(desk.people, role))
        assert codes(error) == ["FTR-10"]

    def test_ftr_02_n12_refuses_before_the_review_has_passed(self, desk):
        application = desk.lender.approved()
        review = complete(desk.lender, application)
        BusinessApplication.objects.filter(pk=application.pk).update(biz_status="SIGNED")
        error = refusal(desk.draft, review)
        assert codes(error) == ["FTR-02"]

    def test_ftr_01_n12_refuses_after_the_approval_has_run_out(self, desk):
        review = desk.review()
        with engine_writes():
            BusinessApplication.objects.update(approval_valid_until=desk.today - timedelta(days=1))
        assert codes(refusal(desk.draft, review)) == ["FTR-01"]

    def test_figures_and_share_are_those_of_the_submission(self, desk):
        """What the draft said may have passed: another part was asked for, the share moved."""
        review = desk.review()
        first = desk.draft(review, principal=Decimal("150000"))
        second = desk.draft(review, principal=Decimal("100000"))
        assert second.disbursed == 0
        desk.submit(first)
        desk.people.branch.hq_ratio = Decimal(60)
        desk.people.branch.save()
        second = desk.submit(FundTransfer.objects.get(pk=second.pk))
        assert (second.disbursed, second.undisbursed) == (money(150000), money(250000))
        assert (second.hq_amount, second.branch_amount) == (money(60000), money(40000))
        snapshot = second.case.snapshots.get().content
        shown = {field["name"]: field["display"] for field in snapshot["fields"]}
        assert shown["disbursed"] == "150,000.00"

    def test_ftr_03_refuses_more_than_undisbursed(self, desk):
        error = refusal(desk.draft, principal=money("400000.01"))
        assert codes(error) == ["FTR-03"]
        assert "400,000.00" in error.message

    def test_ftr_03_says_that_nothing_is_left(self, desk):
        review = desk.review()
        desk.submit(desk.draft(review))
        error = refusal(desk.draft, review)
        assert codes(error) == ["FTR-03"]
        assert error.message == (
            f"业务 {review.application.doc_no} 没有未划拨金额:"
            "可划拨的 400,000.00 元已全部划拨或在途。"
        )

    def test_ftr_03_a_contract_below_the_approval_bounds_the_money(self, desk):
        review = desk.review(amount=money(40000))
        error = refusal(desk.draft, review, principal=money(400000))
        assert error.message == (
            "本次放款 400,000.00 元超过未划拨金额 40,000.00 元(合同 40,000.00,已划拨及在途 0.00)。"
        )
        transfer = desk.draft(review)
        assert (transfer.principal, transfer.undisbursed) == (money(40000), money(40000))
        paid = desk.execute(desk.approved(review))
        assert fresh(paid.application).biz_status == "DISBURSED"
        assert codes(refusal(desk.draft, review)) == ["FTR-03"]

    def test_rep_02_refuses_nothing_at_all(self, desk):
        error = refusal(desk.draft, principal=money(0))
        assert [(each.code, each.message) for each in error.reasons] == [
            ("REP-02", "放款金额必须大于 0。")
        ]

    def test_ftr_06_n09_refuses_a_rebate_above_the_cap(self, desk):
        review = desk.review()
        with engine_writes():
            BusinessApplication.objects.update(rebate_ratio=Decimal("2.5"))
        assert codes(refusal(desk.draft, review)) == ["FTR-06"]


class TestDraft:
    def test_a_changed_principal_changes_the_amounts(self, desk):
        transfer = desk.draft()
        update_draft(
            kind=routed_kind(KIND_CODE),
            document_id=transfer.pk,
            actor=desk.people.brm,
            now=desk.lender.now,
            values={"principal": money("333333.33")},
        )
        transfer.refresh_from_db()
        assert (transfer.hq_amount, transfer.branch_amount) == (money("233333.33"), money(100000))


class TestSubmission:
    def test_ftr_03_counts_what_is_under_approval(self, desk):
        review = desk.review()
        first = desk.draft(review, principal=money(300000))
        second = desk.draft(review, principal=money(200000))
        desk.submit(first)
        assert codes(refusal(desk.submit, second)) == ["FTR-03"]

    def test_n01_the_database_refuses_claims_above_the_approval(self, desk):
        review = desk.review()
        first = desk.draft(review, principal=money(300000))
        second = desk.draft(review, principal=money(200000))
        desk.submit(first)
        with pytest.raises(IntegrityError), transaction.atomic():
            FundTransfer.objects.filter(pk=second.pk).update(claimed=money(200000))

    def test_a_withdrawn_transfer_gives_its_claim_free(self, desk):
        transfer = desk.submit(desk.draft())
        assert transfer.claimed == money(400000)
        case = Case.objects.get(document=transfer.document_ptr)
        withdraw_case(case_id=case.pk, actor=desk.people.brm, now=desk.lender.now, reason="有误")
        transfer.refresh_from_db()
        assert transfer.claimed == 0

    def test_ftr_05_n20_refuses_another_payee(self, desk):
        transfer = desk.draft()
        FundTransfer.objects.filter(pk=transfer.pk).update(payee_account="6222000000000000128")
        assert codes(refusal(desk.submit, transfer)) == ["FTR-05"]

    def test_ftr_06_a_cap_that_was_lowered_counts(self, desk):
        review = desk.review()
        with engine_writes():
            BusinessApplication.objects.update(rebate_ratio=Decimal("1.5"))
        transfer = desk.draft(review)
        LenderSetting.objects.update(rebate_cap=Decimal(1))
        assert codes(refusal(desk.submit, transfer)) == ["FTR-06"]

    def test_ftr_11_refuses_a_day_that_has_passed(self, desk):
        transfer = desk.draft(plan_on=desk.today - timedelta(days=1))
        assert codes(refusal(desk.submit, transfer)) == ["FTR-11"]

    def test_ftr_12_refuses_a_rest_day(self, desk):
        saturday = desk.today + timedelta(days=(5 - desk.today.weekday()) % 7)
        transfer = desk.draft(plan_on=saturday)
        assert codes(refusal(desk.submit, transfer)) == ["FTR-12"]

    def test_n04_nothing_moves_under_approval(self, desk):
        transfer = desk.submit(desk.draft())
        with pytest.raises(IntegrityError), transaction.atomic():
            FundTransfer.objects.filter(pk=transfer.pk).update(payee_name="别人")


class TestRoute:
    def test_approved_it_waits_for_the_money(self, desk):
        transfer = desk.approved()
        assert (transfer.wf_status, transfer.biz_status) == ("APPROVED", "PENDING")

    def test_above_three_million_the_president_decides_too(self, desk):
        transfer = desk.approved(desk.review("3000000.01"))
        decided = transfer.case.items.values_list("decided_by", flat=True)
        assert desk.people.ceo.pk in decided

    def test_three_million_do_not_need_the_president(self, desk):
        transfer = desk.approved(desk.review("3000000.00"))
        assert transfer.biz_status == "PENDING"
        assert desk.people.ceo.pk not in transfer.case.items.values_list("decided_by", flat=True)

    def test_ftr_01_n12_what_lapsed_meanwhile_is_not_approved(self, desk):
        transfer = desk.submit(desk.draft())
        desk.decide(transfer, desk.people.bgm)
        desk.decide(transfer, desk.people.hrm)
        error = refusal(desk.decide, transfer, desk.people.fin, hours=30)
        assert "FTR-01" in codes(error)


class TestExecuteTransfer:
    def test_opens_the_loan_and_moves_the_business(self, desk):
        transfer = desk.execute(desk.approved())
        loan = transfer.loan
        application = fresh(transfer.application)
        assert transfer.biz_status == "EXECUTED"
        assert loan.principal == money(400000)
        assert loan.contract_no == transfer.review.contract_no
        assert loan.annual_rate == Decimal(12)
        assert application.biz_status == "DISBURSED"
        assert Opportunity.objects.get(pk=application.opportunity_id).stage == 7
        check_books(loan, desk.today)

    def test_a_second_transfer_extends_the_loan(self, desk):
        review = desk.review()
        first = desk.execute(desk.approved(review, principal=money(300000)))
        assert fresh(first.application).biz_status == "PARTLY_DISBURSED"
        second = desk.execute(desk.approved(review, principal=money(100000)))
        assert second.loan_id == first.loan_id
        loan = Loan.objects.get()
        assert loan.principal == money(400000)
        check_books(loan, desk.today)

    def test_a_repayment_plan_goes_out_reduced_and_in_two_parts(self, desk):
        review = desk.review(
            prepare=by_plan([[3, "100000.00"], [12, "300000.00"]]), amount=money(200000), plan=""
        )
        first = desk.execute(desk.approved(review, principal=money(80000)))
        assert principals(first.loan) == [money(20000), money(60000)]
        second = desk.execute(desk.approved(review, principal=money(120000)))
        assert second.loan_id == first.loan_id
        assert principals(second.loan) == [money(50000), money(150000)]
        check_books(second.loan, desk.today)

    def test_the_contracts_own_plan_is_the_loans(self, desk):
        review = desk.review(
            prepare=by_plan([[3, "100000.00"], [12, "300000.00"]]),
            amount=money(200000),
            plan="6: 200,000",
        )
        loan = desk.execute(desk.approved(review)).loan
        assert principals(loan) == [money(200000)]

    def test_what_a_reconsideration_granted_is_paid_out(self, desk):
        """Its own case stays rejected (M6); the business is 已批待签 all the same."""
        people = desk.people
        walk = ReconsiderationWalk(desk.lender, new(desk.lender, rejected(desk.lender)))
        origin = walk.to_the_end(people.tl, people.brm, people.bgm, people.hrm).origin
        assert (origin.wf_status, origin.biz_status) == ("REJECTED", "APPROVED")
        review = complete(desk.lender, origin)
        BusinessApplication.objects.filter(pk=origin.pk).update(biz_status="SIGNED")
        for status in ("IN_APPROVAL", "APPROVED"):
            routed_kind(review.kind).set_status(review, status, case=None, now=desk.lender.now)
        review = type(review).objects.get(pk=review.pk)
        loan = desk.execute(desk.approved(review)).loan
        assert loan.principal == origin.approved_amount
        assert fresh(origin).biz_status == "DISBURSED"

    @pytest.mark.parametrize("role", ["brm", "bgm", "hrm", "am", "adm"])
    def test_only_finance_executes(self, desk, role):
        error = refusal(desk.execute, desk.approved(), actor=getattr(desk.people, role))
        assert codes(error) == ["DOC-05"]

    def test_ftr_08_n21_an_approver_does_not_execute(self, desk):
        transfer = desk.approved()
        error = refusal(desk.execute, transfer, actor=desk.people.fin)
        assert codes(error) == ["FTR-08"]

    def test_n21_the_database_refuses_an_approver_too(self, desk):
        transfer = desk.execute(desk.approved())
        for somebody in (desk.people.fin, desk.people.brm):
            with pytest.raises(IntegrityError), transaction.atomic():
                FundTransfer.objects.filter(pk=transfer.pk).update(executor=somebody)

    def test_ftr_07_n29_a_bank_reference_is_booked_once(self, desk):
        review = desk.review()
        first = desk.execute(desk.approved(review, principal=money(100000)), bank_ref="B-1")
        second = desk.approved(review, principal=money(100000))
        assert first.bank_ref == "B-1"
        assert codes(refusal(desk.execute, second, bank_ref="B-1")) == ["FTR-07"]

    def test_ftr_09_n23_nothing_is_deducted_from_the_principal(self, desk):
        error = refusal(desk.execute, desk.approved(), paid_amount=money("395000.00"))
        assert codes(error) == ["FTR-09"]

    def test_ftr_14_no_more_is_paid_than_approved(self, desk):
        error = refusal(desk.execute, desk.approved(), paid_amount=money("400000.01"))
        assert codes(error) == ["FTR-14"]

    def test_ftr_05_n20_another_payee_is_not_paid(self, desk):
        transfer = desk.approved()
        with engine_writes():
            FundTransfer.objects.filter(pk=transfer.pk).update(payee_bank="别的银行")
        assert codes(refusal(desk.execute, transfer)) == ["FTR-05"]

    @pytest.mark.parametrize(
        ("column", "value", "said"),
        [
            ("biz_status", "BAD", "不良"),
            ("biz_status", "BLACKLISTED", "黑名单"),
            ("risk_class", "SUBSTANDARD", "次级"),
        ],
    )
    def test_n14_bus_07_nothing_leaves_for_a_customer_who_went_bad(
        self, desk, client, column, value, said
    ):
        transfer = desk.approved()
        Customer.objects.filter(pk=transfer.customer_id).update(**{column: value})
        error = refusal(desk.execute, transfer)
        assert codes(error) == ["BUS-07"]
        assert error.message == f"客户为{said},不得划拨资金。"
        assert not Loan.objects.exists()
        client.force_login(desk.cashier)
        page = client.get(transfer.get_absolute_url()).content.decode()
        assert error.message in page
        assert codes(refusal(desk.draft, transfer.review)) == ["BUS-07"]

    def test_n14_bus_07_who_goes_bad_under_approval_is_not_approved(self, desk):
        transfer = desk.submit(desk.draft())
        desk.decide(transfer, desk.people.bgm)
        desk.decide(transfer, desk.people.hrm)
        Customer.objects.filter(pk=transfer.customer_id).update(biz_status="BLACKLISTED")
        assert codes(refusal(desk.decide, transfer, desk.people.fin)) == ["BUS-07"]

    def test_ftr_01_n12_nothing_leaves_after_the_approval_has_run_out(self, desk):
        transfer = desk.approved()
        with engine_writes():
            BusinessApplication.objects.filter(pk=transfer.application_id).update(
                approval_valid_until=desk.today - timedelta(days=1)
            )
        assert codes(refusal(desk.execute, transfer)) == ["FTR-01"]

    def test_n22_bus_05_nothing_leaves_above_the_cap(self, desk):
        transfer = desk.approved()
        LenderSetting.objects.filter(pk=1).update(all_in_cap=Decimal(11))
        assert codes(refusal(desk.execute, transfer)) == ["BUS-05"]

    def test_n22_bus_05_is_asked_at_the_submission_and_the_last_approval(self, desk):
        transfer = desk.draft()
        LenderSetting.objects.filter(pk=1).update(all_in_cap=Decimal(11))
        assert codes(refusal(desk.submit, transfer)) == ["BUS-05"]
        LenderSetting.objects.filter(pk=1).update(all_in_cap=Decimal(24))
        desk.submit(transfer)
        desk.decide(transfer, desk.people.bgm)
        desk.decide(transfer, desk.people.hrm)
        LenderSetting.objects.filter(pk=1).update(all_in_cap=Decimal(11))
        assert codes(refusal(desk.decide, transfer, desk.people.fin)) == ["BUS-05"]

    def test_n22_r2_the_loan_keeps_the_cap_of_the_contract_date(self, desk):
        review = desk.review(signed_on=desk.today - timedelta(days=1))
        LenderSetting.objects.filter(pk=1).update(is_licensed=False)
        LprQuote.objects.create(quoted_on=desk.today - timedelta(days=20), rate=Decimal("4.0"))
        transfer = desk.execute(desk.approved(review))
        assert transfer.loan.cost_cap == Decimal(16)

    def test_ftr_03_n01_no_more_leaves_than_the_contract_says(self, desk):
        review = desk.review()
        transfer = desk.approved(review)
        # As a transfer would stand that was approved before the contract bounded it.
        with engine_writes():
            ContractReview.objects.filter(pk=review.pk).update(amount=money(40000))
        assert codes(refusal(desk.execute, transfer)) == ["FTR-03"]

    def test_ftr_01_n12_each_part_needs_a_valid_approval(self, desk):
        review = desk.review()
        desk.execute(desk.approved(review, principal=money(300000)))
        second = desk.approved(review, principal=money(50000))
        with engine_writes():
            BusinessApplication.objects.filter(pk=second.application_id).update(
                approval_valid_until=desk.today - timedelta(days=1)
            )
        assert codes(refusal(desk.execute, second)) == ["FTR-01"]
        assert codes(refusal(desk.draft, review)) == ["FTR-01"]

    def test_ftr_15_nothing_left_before_it_was_approved(self, desk):
        error = refusal(desk.execute, desk.approved(), executed_on=desk.today - timedelta(days=1))
        assert codes(error) == ["FTR-15"]
        assert error.field == "executed_on"

    def test_ftr_13_what_is_not_approved_is_not_paid(self, desk):
        assert codes(refusal(desk.execute, desk.submit(desk.draft()))) == ["FTR-13"]

    def test_ftr_13_nothing_is_paid_twice(self, desk):
        transfer = desk.execute(desk.approved())
        assert codes(refusal(desk.execute, transfer)) == ["FTR-13"]

    def test_wf_12_a_page_opened_before_is_refused(self, desk):
        transfer = desk.approved()
        error = refusal(desk.execute, transfer, seen_version=transfer.version - 1)
        assert codes(error) == ["WF-12"]

    def test_doc_02_a_paid_transfer_is_not_voided(self, desk):
        transfer = desk.execute(desk.approved())
        error = refusal(
            request_void,
            doc_no=transfer.doc_no,
            actor=desk.people.hrm,
            now=desk.at(3),
            reason="客户不办了",
        )
        assert codes(error) == ["DOC-02"]


class TestReportFailure:
    def fail(self, desk, transfer, **values):
        given = {"reason": "账号有误,银行退回", "actor": desk.people.fin, "now": desk.at(2)}
        report_failure(transfer_id=transfer.pk, **(given | values))
        return FundTransfer.objects.get(pk=transfer.pk)

    def test_it_keeps_its_claim_and_is_tried_again(self, desk):
        transfer = self.fail(desk, desk.approved())
        assert (transfer.biz_status, transfer.claimed) == ("FAILED", money(400000))
        assert desk.execute(transfer).biz_status == "EXECUTED"

    def test_asks_for_a_reason(self, desk):
        assert codes(refusal(self.fail, desk, desk.approved(), reason=" ")) == ["ORG-20"]

    def test_given_up_it_is_voided_and_frees_the_amount(self, desk):
        transfer = self.fail(desk, desk.approved())
        asked = request_void(
            doc_no=transfer.doc_no, actor=desk.people.hrm, now=desk.at(3), reason="改用其他账户"
        )
        confirm_void(request_id=asked.pk, actor=desk.people.adm, now=desk.at(4))
        assert desk.draft(transfer.review).principal == money(400000)


class TestReverseTransfer:
    def reverse(self, desk, transfer, **values):
        given = {"reason": "付错账户,已追回", "actor": desk.cashier, "now": desk.at(3)}
        reverse_transfer(transfer_id=transfer.pk, **(given | values))
        return FundTransfer.objects.get(pk=transfer.pk)

    def test_the_first_payment_leaves_nothing_but_the_journal(self, desk):
        transfer = self.reverse(desk, desk.execute(desk.approved()))
        loan = Loan.objects.get()
        assert (transfer.biz_status, transfer.claimed) == ("REVERSED", 0)
        assert (loan.status, loan.principal) == ("REVERSED", 0)
        assert sum(entry.cash for entry in loan.entries.all()) == 0
        assert fresh(transfer.application).biz_status == "SIGNED"
        check_books(loan, desk.today)

    def test_the_amount_can_be_paid_again_by_a_new_document(self, desk):
        transfer = self.reverse(desk, desk.execute(desk.approved()))
        again = desk.execute(desk.approved(transfer.review))
        assert again.loan_id != transfer.loan_id
        check_books(again.loan, desk.today)

    def test_a_further_payment_brings_the_schedule_before_it_back(self, desk):
        review = desk.review()
        desk.execute(desk.approved(review, principal=money(300000)))
        second = desk.execute(desk.approved(review, principal=money(100000)))
        self.reverse(desk, second)
        loan = Loan.objects.get()
        assert (loan.principal, loan.status) == (money(300000), "NORMAL")
        assert fresh(review.application).biz_status == "PARTLY_DISBURSED"
        check_books(loan, desk.today)

    def test_rep_06_not_once_something_was_repaid(self, desk, lender):
        transfer = desk.execute(desk.approved())
        Ledger(lender).repay(transfer.loan, "1000", desk.today)
        assert codes(refusal(self.reverse, desk, transfer)) == ["REP-06"]

    def test_rep_06_not_while_a_fee_is_owed(self, desk):
        transfer = desk.execute(desk.approved())
        charge_fee(
            loan_id=transfer.loan_id,
            kind="BREACH",
            amount=money(100),
            due_on=desk.today,
            note="违约",
            actor=desk.cashier,
            now=desk.at(2),
        )
        assert codes(refusal(self.reverse, desk, transfer)) == ["REP-06"]

    def test_ftr_08_an_approver_does_not_reverse(self, desk):
        transfer = desk.execute(desk.approved())
        error = refusal(self.reverse, desk, transfer, actor=desk.people.fin)
        assert codes(error) == ["FTR-08"]

    def test_ftr_13_only_what_was_paid(self, desk):
        assert codes(refusal(self.reverse, desk, desk.approved())) == ["FTR-13"]


@pytest.mark.usefixtures("clock")
class TestPages:
    def test_the_passed_review_offers_it_to_the_risk_manager(self, desk, client):
        review = desk.review()
        client.force_login(desk.people.brm)
        page = client.get(f"/contract-reviews/{review.pk}/related/").content.decode()
        assert f"/fund-transfers/new/{review.pk}/" in page

    def test_a_review_that_is_paid_out_says_so(self, desk, client):
        review = desk.review()
        desk.execute(desk.approved(review))
        client.force_login(desk.people.brm)
        page = client.get(f"/contract-reviews/{review.pk}/related/").content.decode()
        assert f"/fund-transfers/new/{review.pk}/" not in page
        assert "没有未划拨金额" in page

    def test_the_form_saves(self, desk, client):
        review = desk.review()
        client.force_login(desk.people.brm)
        url = f"/fund-transfers/new/{review.pk}/"
        assert "400,000.00" in client.get(url).content.decode()
        day = desk.today.isoformat()
        saved = client.post(url, {"principal": "20万", "plan_on": day, "view": "1"})
        transfer = FundTransfer.objects.get()
        assert saved.url == f"/fund-transfers/{transfer.pk}/"
        assert transfer.total_amount == money(200000)

    def test_ftr_04_n10_the_form_refuses_typed_amounts(self, desk, client):
        review = desk.review()
        client.force_login(desk.people.brm)
        url = f"/fund-transfers/new/{review.pk}/"
        data = {"principal": "200000", "plan_on": desk.today.isoformat(), "hq_amount": "1"}
        refused = client.post(url, data)
        assert refused.status_code == 422
        assert "不能手工填写" in refused.content.decode()
        assert not FundTransfer.objects.exists()

    def test_finance_executes_in_a_dialog(self, desk, client):
        transfer = desk.approved()
        client.force_login(desk.cashier)
        page = client.get(f"/fund-transfers/{transfer.pk}/").content.decode()
        assert "execute-dialog" in page
        data = {
            "executed_on": desk.today.isoformat(),
            "paid_amount": "399000",
            "bank_ref": "B-77",
            "seen_version": transfer.version,
        }
        url = f"/fund-transfers/{transfer.pk}/execute/"
        refused = client.post(url, data)
        assert refused.status_code == 422
        assert 'value="B-77"' in refused.content.decode()
        done = client.post(url, {**data, "paid_amount": "400000"})
        assert done.url == f"/fund-transfers/{transfer.pk}/"
        assert Loan.objects.get().principal == money(400000)
        assert "B-77" in client.get(done.url).content.decode()

    def test_failure_and_reversal_have_their_dialogs(self, desk, client):
        transfer = desk.approved()
        client.force_login(desk.cashier)
        failed = client.post(f"/fund-transfers/{transfer.pk}/fail/", {"failure-reason": "银行退回"})
        assert failed.status_code == 302
        desk.execute(transfer)
        refused = client.post(f"/fund-transfers/{transfer.pk}/reverse/", {})
        assert refused.status_code == 422
        done = client.post(
            f"/fund-transfers/{transfer.pk}/reverse/", {"reversal-reason": "付错账户"}
        )
        assert done.status_code == 302
        page = client.get(f"/fund-transfers/{transfer.pk}/").content.decode()
        assert "付错账户" in page
        assert client.get(Loan.objects.get().get_absolute_url()).status_code == 200

    def test_an_approver_reads_why_he_does_not_execute(self, desk, client):
        transfer = desk.approved()
        client.force_login(desk.people.fin)
        page = client.get(f"/fund-transfers/{transfer.pk}/").content.decode()
        assert "执行人不能是本单发起人或审批人" in page
        assert "execute-form" not in page

    def test_the_list_filters_what_waits_for_its_money(
        self, desk, client, django_assert_max_num_queries
    ):
        waiting = desk.approved(desk.review())
        done = desk.execute(desk.approved(desk.review()))
        client.force_login(desk.cashier)
        with django_assert_max_num_queries(10):
            page = client.get("/fund-transfers/?biz_status=PENDING").content.decode()
        assert waiting.doc_no in page
        assert done.doc_no not in page

    def test_n25_the_account_is_masked_on_the_page_and_whole_on_paper(self, desk, client):
        transfer = desk.approved()
        client.force_login(desk.cashier)
        page = client.get(f"/fund-transfers/{transfer.pk}/").content.decode()
        assert transfer.payee_account not in page
        context = routed_kind(KIND_CODE).print_context(
            routed_kind(KIND_CODE).get(transfer.pk), FORM, hidden=()
        )
        assert transfer.payee_account in str(context["sections"])
        assert "肆拾万元整" in str(context["sections"])
        masked = form_context(transfer, FORM)
        assert transfer.payee_account not in str(masked["sections"])

    def test_prints_as_a_form(self, desk):
        transfer = desk.execute(desk.approved())
        record = print_document(
            document=routed_kind(KIND_CODE).get(transfer.pk),
            form=FORM,
            actor=desk.cashier,
            now=desk.at(3),
        )
        assert record.number == 1
        assert record.file is not None

    def test_asset_recovery_reads_those_of_bad_customers_only(self, desk, client):
        transfer = desk.draft()
        client.force_login(desk.people.ard)
        assert client.get(transfer.get_absolute_url()).status_code == 404
        Customer.objects.filter(pk=transfer.customer_id).update(biz_status="BAD")
        assert client.get(transfer.get_absolute_url()).status_code == 200

    def test_n26_another_branch_gets_404(self, desk, client):
        transfer = desk.approved()
        client.force_login(desk.people.other_am)
        for tail in ("", "edit/", f"print/{FORM}/"):
            assert client.get(f"/fund-transfers/{transfer.pk}/{tail}").status_code == 404
        for tail in ("execute/", "fail/", "reverse/"):
            assert client.post(f"/fund-transfers/{transfer.pk}/{tail}").status_code == 404


@pytest.mark.usefixtures("clock")
class TestApi:
    def test_ftr_04_n10_typed_amounts_are_refused(self, desk, client):
        client.force_login(desk.people.brm)
        given = {"review": desk.review().pk, "plan_on": desk.today.isoformat()}
        for name in ("total_amount", "hq_amount", "branch_amount", "rebate_amount"):
            made = client.post(
                "/api/v1/fund-transfers/", {**given, name: "1"}, content_type="application/json"
            )
            assert made.status_code == 422
            assert made.json()["code"] == "FTR-04"
        assert not FundTransfer.objects.exists()

    def test_creates_and_executes(self, desk, client):
        client.force_login(desk.people.brm)
        made = client.post(
            "/api/v1/fund-transfers/",
            {"review": desk.review().pk, "principal": "100000.00"},
            content_type="application/json",
        )
        assert made.status_code == 201
        assert made.json()["total_amount"] == "100000.00"
        assert "****" in made.json()["payee_account"]
        transfer = desk.approved()
        client.force_login(desk.cashier)
        url = f"/api/v1/fund-transfers/{transfer.pk}/execute/"
        given = {
            "executed_on": desk.today.isoformat(),
            "paid_amount": "400000.00",
            "bank_ref": "B-9",
            "seen_version": transfer.version,
        }
        done = client.post(url, given, content_type="application/json")
        assert done.status_code == 200
        assert done.json()["biz_status"] == "EXECUTED"
        again = client.post(url, given, content_type="application/json")
        assert again.status_code == 409
