"""贷后监管 and its reports: who makes them, what they keep and bring about (M15, M16)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications.models import BusinessApplication
from customers.hooks import ledger_figures
from documents.choices import WfStatus
from documents.engine_door import engine_writes
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from documents.services.printing import print_document
from funds.models import LedgerSetting, Loan
from funds.selectors.loans import settlement_figure
from funds.services.misuse import mark_misused
from funds.services.repayments import register_repayment, reverse_repayment
from funds.services.transfers import reverse_transfer
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from postloan.desks.report import supervisions_to_report
from postloan.holdings import SupervisionHoldings
from postloan.kinds import report as report_kind
from postloan.kinds import supervision as supervision_kind
from postloan.models import PostLoanSupervision, SupervisionReport, SupervisionTask
from postloan.selectors.supervision import colours_of_customers, red_twice, report_plan
from postloan.services.supervision import end_supervisions
from postloan.services.supervision_settings import update_supervision_setting
from staff.calendar import load_calendar
from staff.services.people import open_items
from tests.funds.factories import at, reference
from tests.postloan.supervision import (
    REPORT,
    SUPERVISION,
    Watch,
    attach,
    decide,
    loan_of,
    submit,
)
from tests.staff.factories import person
from workflows.models import WorkItem
from workflows.services.decisions import reject, return_case
from workflows.services.items import claim
from workflows.services.submission import withdraw_case


@pytest.fixture
def watch(lender) -> Watch:
    return Watch(lender)


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def refusals_of(act) -> list[str]:
    with pytest.raises(DomainError) as refused:
        act()
    return codes(refused)


def fresh(document):
    return type(document).objects.get(pk=document.pk)


def settle(watch: Watch, loan: Loan, day: date):
    return register_repayment(
        loan_id=loan.pk,
        amount=settlement_figure(loan, day).total,
        paid_on=day,
        treatment="SETTLE",
        bank_ref=reference(),
        payer="北方汇银商贸有限公司",
        actor=watch.people.fin,
        now=at(day),
    )


class TestTask:
    def test_an_executed_transfer_is_to_be_supervised_within_five_working_days(self, watch):
        transfer = watch.transfer()
        task = SupervisionTask.objects.get(transfer=transfer)
        assert task.submit_by == date(2026, 3, 9)
        told = OutboxMessage.objects.filter(payload__event="supervision.task").get()
        assert told.payload["recipients"] == [watch.am.pk]
        assert told.payload["params"]["date"] == "2026-03-09"

    def test_a_reversed_transfer_is_supervised_no_longer(self, watch):
        supervision = watch.begun()
        reverse_transfer(
            transfer_id=supervision.transfer_id,
            reason="收款账户有误",
            actor=watch.desk.cashier,
            now=at(watch.day(1)),
        )
        assert SupervisionTask.objects.get().closed_for == "REVERSED"
        assert fresh(supervision).end_reason == "REVERSED"


class TestSupervision:
    def test_begins_with_what_the_transfer_says(self, watch):
        transfer = watch.transfer()
        made = watch.draft(transfer)
        assert made.doc_no.startswith("JG-")
        assert made.principal == transfer.principal
        assert made.disbursed_on == transfer.executed_on
        assert made.due_date == transfer.loan.due_date
        assert "采购钢材" in made.agreed_use
        assert made.supervisor == watch.am
        assert made.submit_by == date(2026, 3, 9)

    def test_the_account_manager_or_post_loan_supervision_begins_it(self, watch):
        transfer = watch.transfer()
        for one in (watch.people.colleague, watch.people.brm, watch.people.fin):
            assert refusals_of(lambda who=one: watch.draft(transfer, actor=who)) == ["DOC-05"]
        made = watch.draft(transfer, actor=watch.people.plm)
        assert made.branch == transfer.application.branch
        assert made.department == transfer.application.department

    def test_of_head_office_goes_the_same_way(self, watch):
        handler = watch.people.plm
        colleague = person(
            "PLM", name="孙监管", branch=handler.branch, department=handler.department
        )
        made = watch.ready(actor=handler)
        submit(made, watch.today)
        for minutes, who in enumerate((watch.people.tl, watch.people.brm, colleague), 1):
            assert fresh(made).wf_status == WfStatus.IN_APPROVAL
            decide(made, who, at(watch.today) + timedelta(minutes=minutes))
        assert fresh(made).wf_status == WfStatus.APPROVED

    def test_pls_01_refuses_another_business(self, watch):
        made = watch.draft()
        other = watch.lender.approved()
        found = refusals_of(
            lambda: update_draft(
                kind=SUPERVISION,
                document_id=made.pk,
                actor=watch.am,
                now=at(watch.today),
                values={"application": other},
            )
        )
        assert found == ["PLS-01"]

    def test_pls_01_holds_in_the_database(self, watch):
        made = watch.draft()
        other = watch.lender.approved()
        with pytest.raises(IntegrityError, match="PLS-01"), transaction.atomic():
            PostLoanSupervision.objects.filter(pk=made.pk).update(application=other)

    def test_pls_02_refuses_money_that_is_not_out(self, watch):
        transfer = watch.desk.approved()
        assert refusals_of(lambda: watch.draft(transfer)) == ["PLS-02"]

    def test_pls_03_names_the_supervision_that_exists(self, watch):
        transfer = watch.transfer()
        first = watch.draft(transfer)
        with pytest.raises(DomainError) as refused:
            watch.draft(transfer)
        assert codes(refused) == ["PLS-03"]
        assert first.doc_no in refused.value.message

    def test_pls_03_holds_in_the_database(self, watch):
        made = watch.draft()
        with pytest.raises(IntegrityError), transaction.atomic():
            PostLoanSupervision.objects.create(
                **{
                    field.name: getattr(made, field.name)
                    for field in PostLoanSupervision._meta.fields
                    if field.name not in ("id", "document_ptr", "doc_no", "creation_key")
                },
                doc_no="JG-X-20260302-999",
            )

    def test_a_void_one_makes_room_for_another(self, watch):
        made = watch.draft()
        void_document(
            document_id=made.pk, actor=watch.am, now=at(watch.today), reason="选错了划拨单"
        )
        assert fresh(made).end_reason == "VOIDED"
        assert watch.draft(fresh(made).transfer).pk != made.pk

    def test_pls_04_needs_proof_of_use(self, watch):
        made = watch.draft()
        assert refusals_of(lambda: submit(made, watch.today)) == ["PLS-04"]

    @pytest.mark.parametrize("use", ["NO", "PARTLY"])
    def test_pls_05_a_differing_use_is_yellow_or_red(self, watch, use):
        made = watch.ready(use_check=use)
        assert refusals_of(lambda: submit(made, watch.today)) == ["PLS-05"]
        worse = watch.ready(watch.transfer(), use_check=use, colour="YELLOW")
        assert submit(worse, watch.today).state == "IN_APPROVAL"

    def test_pls_05_holds_in_the_database(self, watch):
        made = watch.draft(use_check="NO")
        with pytest.raises(IntegrityError, match="differing_use"), transaction.atomic():
            PostLoanSupervision.objects.filter(pk=made.pk).update(submitted_on=watch.today)

    def test_pls_06_refuses_a_loan_that_has_ended(self, watch):
        transfer = watch.transfer()
        settle(watch, transfer.loan, watch.day(3))
        assert refusals_of(lambda: watch.draft(transfer)) == ["PLS-06"]

    def test_pls_07_a_payment_is_above_zero(self, watch):
        rows = {"fund_flow": [flow_of("0")]}
        assert refusals_of(lambda: watch.draft(rows=rows)) == ["PLS-07"]

    def test_wf_08_names_what_is_missing(self, watch):
        made = watch.ready(use_check="", colour="", measures="", rows={})
        assert refusals_of(lambda: submit(made, watch.today)) == ["WF-08"]

    def test_passes_the_shipped_route(self, watch):
        made = watch.approved()
        assert made.wf_status == WfStatus.APPROVED
        assert made.base_on == watch.today
        assert made.interval_days == 15

    def test_the_first_submission_stays_the_base(self, watch):
        made = watch.begun(watch.day(1))
        withdraw_case(case_id=made.case_id, actor=watch.am, now=at(watch.day(2)), reason="补充资料")
        assert fresh(made).submitted_on is None
        submit(fresh(made), watch.day(7))
        assert fresh(made).base_on == watch.day(1)


def flow_of(amount: str) -> dict[str, str]:
    return {"payee": "鞍钢贸易", "amount": amount, "use": "采购", "proof": ""}


class TestMisuse:
    def test_an_approved_differing_use_makes_the_loan_misused(self, watch):
        made = watch.begun(use_check="NO", colour="RED")
        assert not loan_of(made).is_misused
        for minutes, who in enumerate((watch.people.tl, watch.people.brm, watch.people.plm), 1):
            decide(made, who, at(watch.today) + timedelta(minutes=minutes))
        loan = loan_of(made)
        assert loan.is_misused
        assert loan.risk_class == "ATTENTION"

    def test_a_partly_differing_use_does_not(self, watch):
        made = watch.approved(use_check="PARTLY", colour="YELLOW")
        assert not loan_of(made).is_misused

    def test_what_was_overdue_before_keeps_its_rate(self, watch):
        # Without interest on late principal the cap leaves room between both multiples.
        LedgerSetting.objects.update(late_interest=False)
        loan = watch.transfer().loan
        late = loan.due_date + timedelta(days=10)
        before = settlement_figure(loan, late).position.penalty
        marked = mark_misused(loan_id=loan.pk, actor=watch.am, now=at(late))
        assert settlement_figure(marked, late).position.penalty == before
        further = settlement_figure(marked, late + timedelta(days=10)).position.penalty
        assert further - before > before * Decimal("1.2")
        again = mark_misused(loan_id=loan.pk, actor=watch.am, now=at(late))
        assert again.version == marked.version


class TestEnd:
    def test_a_settled_loan_is_supervised_no_longer(self, watch):
        made = watch.approved()
        settle(watch, loan_of(made), watch.day(20))
        ended = fresh(made)
        assert (ended.biz_status, ended.end_reason) == ("ENDED", "SETTLED")
        assert ended.ended_on == watch.day(20)
        assert SupervisionTask.objects.get().closed_for == "SETTLED"

    def test_a_reversed_repayment_resumes_it(self, watch):
        made = watch.approved()
        repayment = settle(watch, loan_of(made), watch.day(20))
        reverse_repayment(
            repayment_id=repayment.pk,
            reason="银行退回",
            actor=watch.people.fin,
            now=at(watch.day(21)),
        )
        assert fresh(made).is_running
        assert SupervisionTask.objects.get().closed_for == ""

    def test_the_closing_of_a_business_ends_it_once(self, watch):
        made = watch.approved()
        loan = loan_of(made)
        assert end_supervisions([loan], reason="HANDED_OVER", now=at(watch.day(5))) == 1
        assert end_supervisions([loan], reason="COMPLETED", now=at(watch.day(6))) == 0
        assert fresh(made).end_reason == "HANDED_OVER"
        repayment = settle(watch, loan, watch.day(20))
        reverse_repayment(
            repayment_id=repayment.pk,
            reason="银行退回",
            actor=watch.people.fin,
            now=at(watch.day(21)),
        )
        assert not fresh(made).is_running

    def test_doc_02_reports_keep_a_supervision(self, watch):
        made = watch.approved()
        report = watch.report(made, watch.day(10))
        assert SUPERVISION.followers(made) == [report.doc_no]


class TestSchedule:
    def test_example_of_the_rule(self, watch):
        """domain M16: submitted 2026-11-23 → 12-08, 12-23, 2027-01-07."""
        made = watch.begun(date(2026, 11, 23))
        plan = report_plan(made, today=date(2026, 12, 24), calendar=load_calendar())
        assert [row.due_on for row in plan][:3] == [
            date(2026, 12, 8),
            date(2026, 12, 23),
            date(2027, 1, 7),
        ]

    def test_a_late_report_moves_nothing(self, watch):
        made = watch.begun()
        first = watch.reported(made, watch.day(25))
        assert first.is_late
        assert first.due_on == watch.day(15)
        assert watch.report(made, watch.day(26)).due_on == watch.day(30)

    def test_a_later_setting_moves_nothing(self, watch):
        made = watch.begun()
        change_setting(watch, interval_days=30)
        assert watch.report(made, watch.day(10)).due_on == watch.day(15)
        other = watch.begun(transfer=watch.transfer())
        assert other.interval_days == 30

    def test_a_rest_day_gives_until_the_next_working_day(self, watch):
        # 2026-03-06 + 15 days is Saturday the 21st; Monday is in time, Tuesday is not.
        made = watch.begun(date(2026, 3, 6))
        assert made.base_on + timedelta(days=15) == date(2026, 3, 21)
        assert not watch.reported(made, date(2026, 3, 23)).is_late
        other = watch.begun(date(2026, 3, 6), transfer=watch.transfer())
        assert watch.reported(other, date(2026, 3, 24)).is_late

    def test_story_10_a_year_without_calendar_does_not_crash(self, watch):
        """2027-01-04 is due while nobody knows the holidays of 2027."""
        made = watch.begun(date(2026, 12, 5))
        watch.reported(made, date(2026, 12, 18))
        report = watch.report(made, date(2027, 1, 4))
        assert report.due_on == date(2027, 1, 4)
        submit(report, date(2027, 1, 4))
        assert fresh(report).is_late is False

    def test_none_is_planned_after_the_loan_is_due(self, watch):
        made = watch.begun()
        due = loan_of(made).due_date
        plan = report_plan(made, today=due - timedelta(days=20), calendar=load_calendar())
        assert max(row.due_on for row in plan) <= due


def change_setting(watch: Watch, **values: int) -> None:
    update_supervision_setting(
        values=values, seen_version=None, actor=watch.people.adm, now=at(watch.today)
    )


class TestReport:
    def test_begins_with_the_first_period_that_is_missing(self, watch):
        made = watch.begun()
        first = watch.reported(made, watch.day(15))
        second = watch.report(made, watch.day(16))
        assert (first.period, second.period) == (1, 2)
        assert first.doc_no.startswith("JB-")

    def test_the_supervisor_or_who_may_supervise_makes_it(self, watch):
        made = watch.begun()
        for one in (watch.people.colleague, watch.people.brm):
            found = refusals_of(lambda who=one: watch.report(made, watch.day(5), actor=who))
            assert found == ["DOC-05"]
        report = watch.report(made, watch.day(5), actor=watch.people.plm)
        assert report.branch == made.branch

    def test_spr_01_refuses_the_second_of_two_drafts(self, watch):
        made = watch.begun()
        first, second = (watch.report(made, watch.day(15)) for _ in range(2))
        submit(first, watch.day(15))
        assert refusals_of(lambda: submit(second, watch.day(15))) == ["SPR-01"]

    def test_spr_01_holds_in_the_database(self, watch):
        made = watch.begun()
        first, second = (watch.report(made, watch.day(15)) for _ in range(2))
        submit(first, watch.day(15))
        with pytest.raises(IntegrityError, match="report_period_once"), transaction.atomic():
            SupervisionReport.objects.filter(pk=second.pk).update(claimed_period=1)

    def test_spr_02_the_report_before_comes_first(self, watch):
        made = watch.begun()
        first = watch.reported(made, watch.day(15))
        second = watch.report(made, watch.day(20))
        withdraw_case(
            case_id=first.case_id, actor=watch.am, now=at(watch.day(20)), reason="重新检查"
        )
        assert refusals_of(lambda: submit(second, watch.day(20))) == ["SPR-02"]
        with pytest.raises(IntegrityError, match="SPR-02"), transaction.atomic():
            SupervisionReport.objects.filter(pk=second.pk).update(claimed_period=2)

    def test_spr_02_no_report_is_taken_from_under_a_later_one(self, watch):
        made = watch.begun()
        first = watch.reported(made, watch.day(15))
        second = watch.reported(made, watch.day(20))
        item = WorkItem.objects.get(case=first.case_id, state="OPEN")
        if item.assignee_id is None:
            claim(item_id=item.pk, actor=watch.people.brm, now=at(watch.day(20)))
        acts = (
            lambda: withdraw_case(
                case_id=first.case_id, actor=watch.am, now=at(watch.day(20)), reason="重新检查"
            ),
            lambda: reject(
                item_id=item.pk,
                actor=watch.people.brm,
                now=at(watch.day(20)),
                opinion="检查走过场,不予认可",
            ),
        )
        for act in acts:
            with pytest.raises(DomainError) as refused:
                act()
            assert codes(refused) == ["SPR-02"]
            assert second.doc_no in refused.value.message
        assert fresh(first).claimed_period == 1
        return_case(
            item_id=item.pk,
            actor=watch.people.brm,
            now=at(watch.day(20)),
            opinion="请补充检查记录",
        )
        assert (fresh(first).wf_status, fresh(first).claimed_period) == ("RETURNED", 1)

    def test_spr_02_the_last_one_may_be_withdrawn(self, watch):
        made = watch.begun()
        watch.reported(made, watch.day(15))
        second = watch.reported(made, watch.day(20))
        withdraw_case(
            case_id=second.case_id, actor=watch.am, now=at(watch.day(20)), reason="重新检查"
        )
        assert fresh(second).claimed_period is None

    @pytest.mark.parametrize("days", [-1, 16])
    def test_spr_03_the_inspection_lies_in_the_period(self, watch, days):
        made = watch.begun()
        report = watch.report(made, watch.day(15), inspected_on=watch.day(days))
        with pytest.raises(DomainError) as refused:
            submit(report, watch.day(15))
        assert codes(refused) == ["SPR-03"]
        assert "2026-03-02" in refused.value.message
        assert "2026-03-17" in refused.value.message

    def test_spr_04_one_of_three_is_on_site(self, watch):
        made = watch.begun()
        for number in (1, 2):
            watch.reported(made, watch.day(15 * number), way="PHONE")
        third = watch.report(made, watch.day(45), way="VIDEO")
        with pytest.raises(DomainError) as refused:
            submit(third, watch.day(45))
        assert codes(refused) == ["SPR-04"]
        assert "连续 2 期未现场检查" in refused.value.message
        update_draft(
            kind=REPORT,
            document_id=third.pk,
            actor=watch.am,
            now=at(watch.day(45)),
            values={"way": "ON_SITE"},
        )
        assert submit(fresh(third), watch.day(45)).state == "IN_APPROVAL"

    def test_spr_05_refuses_after_the_end(self, watch):
        made = watch.begun()
        report = watch.report(made, watch.day(10))
        end_supervisions([loan_of(made)], reason="HANDED_OVER", now=at(watch.day(12)))
        assert refusals_of(lambda: watch.report(fresh(made), watch.day(13))) == ["SPR-05"]
        assert refusals_of(lambda: submit(report, watch.day(13))) == ["SPR-05"]

    def test_the_last_one_is_of_the_day_of_the_settlement(self, watch):
        made = watch.begun()
        watch.reported(made, watch.day(15))
        end_supervisions([loan_of(made)], reason="SETTLED", now=at(watch.day(20)))
        made = fresh(made)
        plan = report_plan(made, today=watch.day(21), calendar=load_calendar())
        assert [row.due_on for row in plan] == [watch.day(15), watch.day(20)]
        assert made in supervisions_to_report(watch.am)
        last = watch.reported(made, watch.day(20))
        assert (last.period, last.due_on, last.is_late) == (2, watch.day(20), False)
        assert refusals_of(lambda: watch.report(made, watch.day(21))) == ["SPR-05"]

    def test_the_day_of_the_settlement_may_be_the_due_day(self, watch):
        made = watch.begun()
        end_supervisions([loan_of(made)], reason="SETTLED", now=at(watch.day(15)))
        last = watch.reported(fresh(made), watch.day(15))
        assert (last.period, last.due_on) == (1, watch.day(15))
        assert refusals_of(lambda: watch.report(fresh(made), watch.day(15))) == ["SPR-05"]

    def test_a_draft_of_the_last_period_is_submitted_after_the_settlement(self, watch):
        made = watch.begun()
        report = watch.report(made, watch.day(10))
        end_supervisions([loan_of(made)], reason="SETTLED", now=at(watch.day(12)))
        submit(fresh(report), watch.day(12))
        assert (fresh(report).claimed_period, fresh(report).is_late) == (1, False)

    def test_spr_05_refuses_once_the_business_is_completed(self, watch):
        made = watch.begun()
        report = watch.report(made, watch.day(10))
        end_supervisions([loan_of(made)], reason="SETTLED", now=at(watch.day(15)))
        with engine_writes():
            BusinessApplication.objects.filter(pk=made.application_id).update(
                biz_status="COMPLETED"
            )
        assert made not in supervisions_to_report(watch.am)
        assert refusals_of(lambda: watch.report(fresh(made), watch.day(15))) == ["SPR-05"]
        assert refusals_of(lambda: submit(fresh(report), watch.day(15))) == ["SPR-05"]

    def test_spr_05_holds_in_the_database(self, watch):
        made = watch.begun()
        watch.report(made, watch.day(1))
        PostLoanSupervision.objects.filter(pk=made.pk).update(
            biz_status="ENDED", ended_on=watch.day(2), end_reason="SETTLED"
        )
        with pytest.raises(IntegrityError, match="SPR-05"), transaction.atomic():
            SupervisionReport.objects.create(
                kind=REPORT.code,
                doc_no="JB-X-20260302-999",
                subject="x",
                handler=watch.am,
                creator=watch.am,
                branch=made.branch,
                department=made.department,
                created_at=at(watch.today),
                updated_at=at(watch.today),
                supervision=made,
                customer=made.customer,
                loan=made.loan,
                period=2,
                due_on=watch.day(30),
                inspected_on=watch.day(2),
                way="PHONE",
            )

    @pytest.mark.parametrize("colour", ["YELLOW", "RED"])
    def test_spr_06_a_worse_colour_needs_next_steps(self, watch, colour):
        made = watch.begun()
        report = watch.report(made, watch.day(15), colour=colour)
        assert refusals_of(lambda: submit(report, watch.day(15))) == ["SPR-06"]
        with pytest.raises(IntegrityError, match="has_steps"), transaction.atomic():
            SupervisionReport.objects.filter(pk=report.pk).update(submitted_on=watch.today)

    def test_spr_07_follows_a_submitted_supervision(self, watch):
        made = watch.draft()
        assert refusals_of(lambda: watch.report(made, watch.today)) == ["SPR-07"]

    def test_spr_08_none_excludes_the_others(self, watch):
        made = watch.begun()
        report = watch.report(made, watch.day(15), signs=["NONE", "TAX"])
        assert refusals_of(lambda: submit(report, watch.day(15))) == ["SPR-08"]

    def test_wf_09_on_site_needs_photos(self, watch):
        made = watch.begun()
        report = create_draft(
            kind=REPORT,
            origin=made,
            actor=watch.am,
            now=at(watch.day(15)),
            values={
                "inspected_on": watch.day(15),
                "way": "ON_SITE",
                "operations": "正常",
                "finances": "正常",
                "use_of_funds": "正常",
                "security": "正常",
                "signs": ["TAX"],
                "colour": "GREEN",
            },
        )
        assert refusals_of(lambda: submit(report, watch.day(15))) == ["WF-09"]
        attach(report, report_kind.PHOTOS.code)
        assert submit(report, watch.day(15)).state == "IN_APPROVAL"

    def test_what_the_ledger_says_is_that_of_the_submission(self, watch):
        made = watch.begun()
        report = watch.report(made, watch.day(10))
        register_repayment(
            loan_id=made.loan_id,
            amount=Decimal("4000.00"),
            paid_on=watch.day(12),
            treatment="DUE",
            bank_ref=reference(),
            payer="北方汇银商贸有限公司",
            actor=watch.people.fin,
            now=at(watch.day(12)),
        )
        assert fresh(report).repaid == 0
        submit(report, watch.day(14))
        assert fresh(report).repaid == Decimal("4000.00")
        assert fresh(report).unpaid_principal == loan_of(made).unpaid_principal

    def test_what_was_repaid_before_the_last_period_is_not_told_again(self, watch):
        """A settlement ends the period early; the report before told of what came until then."""
        made = watch.begun()
        for day, amount in ((12, "4000.00"), (18, "2000.00")):
            if day > 15:
                watch.reported(made, watch.day(15))
            register_repayment(
                loan_id=made.loan_id,
                amount=Decimal(amount),
                paid_on=watch.day(day),
                bank_ref=reference(),
                payer="北方汇银商贸有限公司",
                actor=watch.people.fin,
                now=at(watch.day(day)),
            )
        end_supervisions([loan_of(made)], reason="SETTLED", now=at(watch.day(20)))
        last = watch.reported(fresh(made), watch.day(20))
        assert (last.due_on, last.repaid) == (watch.day(20), Decimal("2000.00"))

    def test_a_returned_one_keeps_its_day(self, watch):
        made = watch.begun()
        report = watch.reported(made, watch.day(15))
        item = WorkItem.objects.get(case=report.case_id, state="OPEN")
        return_case(
            item_id=item.pk,
            actor=watch.people.brm,
            now=at(watch.day(16)),
            opinion="请补充现场照片",
        )
        submit(fresh(report), watch.day(25))
        assert fresh(report).reported_on == watch.day(15)
        assert fresh(report).is_late is False

    @pytest.mark.parametrize(
        ("colour", "steps"),
        [("GREEN", ["brm"]), ("YELLOW", ["brm", "plm"]), ("RED", ["brm", "plm", "hrm"])],
    )
    def test_the_route_follows_the_colour(self, watch, colour, steps):
        made = watch.begun()
        report = watch.reported(made, watch.day(15), colour=colour, next_steps="上门催收")
        for minutes, name in enumerate(steps, start=1):
            assert fresh(report).wf_status == WfStatus.IN_APPROVAL
            decide(report, getattr(watch.people, name), at(watch.day(15)) + timedelta(0, minutes))
        assert fresh(report).wf_status == WfStatus.APPROVED


class TestColours:
    def test_red_twice_in_a_row(self, watch):
        made = watch.approved()
        loan = loan_of(made)
        red = {"colour": "RED", "next_steps": "提前收回"}
        watch.filed(made, watch.day(15), **red)
        assert not red_twice([loan.customer_id])
        watch.filed(made, watch.day(30))
        watch.filed(made, watch.day(45), **red)
        assert not red_twice([loan.customer_id])
        watch.reported(made, watch.day(60), **red)
        assert not red_twice([loan.customer_id])  # not approved yet
        other = watch.approved(transfer=watch.transfer())
        assert loan_of(other).customer_id == loan.customer_id
        watch.filed(other, watch.day(15), **red)
        watch.filed(other, watch.day(30), **red)
        assert red_twice([loan.customer_id]) == {loan.customer_id}

    def test_a_report_that_waits_between_two_red_ones_may_be_better(self, watch):
        made = watch.approved()
        loan = loan_of(made)
        red = {"colour": "RED", "next_steps": "提前收回"}
        watch.filed(made, watch.day(15), **red)
        between = watch.reported(made, watch.day(30))
        watch.filed(made, watch.day(45), **red)
        assert not red_twice([loan.customer_id])
        decide(between, watch.people.brm, at(watch.day(46)))
        assert not red_twice([loan.customer_id])

    def test_the_latest_colour_is_part_of_the_customers_risk(self, watch):
        made = watch.approved(colour="YELLOW")
        customer = made.customer_id
        assert colours_of_customers([customer]) == {customer: "YELLOW"}
        watch.filed(made, watch.day(15))
        assert colours_of_customers([customer]) == {customer: "GREEN"}
        watch.filed(made, watch.day(30), colour="RED", next_steps="提前收回")
        figures = ledger_figures([customer], day=watch.day(30))[customer]
        assert figures.colour == "RED"
        end_supervisions([loan_of(made)], reason="SETTLED", now=at(watch.day(31)))
        assert colours_of_customers([customer]) == {}

    def test_the_worst_of_two_loans_counts(self, watch):
        first = watch.approved()
        watch.approved(transfer=watch.transfer(), colour="RED")
        assert colours_of_customers([first.customer_id]) == {first.customer_id: "RED"}


class TestLeaver:
    def test_n27_hnd_06_what_he_supervises_finds_somebody_else(self, watch):
        leaver = watch.people.colleague
        before = open_items(leaver)
        made = watch.approved(supervisor=leaver)
        assert open_items(leaver) == before + 1
        SupervisionHoldings().move(
            pk=made.pk,
            employee=leaver,
            successor=watch.am,
            actor=watch.people.tl,
            now=at(watch.day(1)),
        )
        assert open_items(leaver) == before


class TestPaper:
    def test_both_papers_are_printed(self, watch):
        made = watch.approved()
        report = watch.filed(made, watch.day(15))
        for document, form in (
            (SUPERVISION.get(made.pk), supervision_kind.FORM),
            (REPORT.get(report.pk), report_kind.FORM),
        ):
            printed = print_document(
                document=document, form=form, actor=watch.am, now=at(watch.day(16))
            )
            assert printed.file is not None


class TestSettings:
    def test_only_administrators_change_them(self, watch):
        found = refusals_of(
            lambda: update_supervision_setting(
                values={"interval_days": 30},
                seen_version=None,
                actor=watch.people.plm,
                now=at(watch.today),
            )
        )
        assert found == ["DOC-05"]

    def test_doc_06_refuses_what_is_out_of_range(self, watch):
        assert refusals_of(lambda: change_setting(watch, on_site_every=1)) == ["DOC-06"]

    def test_the_rule_of_visits_follows_them(self, watch):
        change_setting(watch, on_site_every=2)
        made = watch.begun()
        watch.reported(made, watch.day(15), way="PHONE")
        second = watch.report(made, watch.day(30), way="PHONE")
        assert refusals_of(lambda: submit(second, watch.day(30))) == ["SPR-04"]
