"""不良客户交接: when, by whom, what it changes, and the way back (M19, N14, story 8)."""

from __future__ import annotations

from datetime import time, timedelta

from django.db import DatabaseError, IntegrityError, transaction

import pytest

from applications.services.drafts import create_application
from customers.models import Customer, Opportunity, StageChange
from customers.services.customers import hand_over_customer
from customers.services.opportunities import create_opportunity
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from documents.services.printing import print_document
from documents.services.voiding import request_void
from funds.models import Loan
from funds.selectors.loans import loan_position, settlement_figure
from funds.services.repayments import reverse_repayment
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from postloan.choices.supervision import EndReason, SupervisionStatus
from postloan.kinds.bad_customers import FORM
from postloan.models import BadCustomerHandover, RecoveryRecord
from postloan.services.bad_proposals import PROPOSED, STEP_DUE
from postloan.services.bad_records import write_record
from tests.applications.factories import header
from tests.customers.factories import opportunity_data
from tests.funds.factories import at, money
from tests.funds.factories import fresh as stored
from tests.postloan.closing import (
    HANDOVER,
    begin_handover,
    completed,
    count,
    customer_of,
    handed_over,
    overdue_day,
    pass_all,
    submit,
)
from tests.postloan.factories import decide
from tests.postloan.supervision import Watch
from tests.staff.factories import person
from workflows.services.submission import withdraw_case


def codes(error):
    return [reason.code for reason in error.value.reasons]


def fresh(document):
    return BadCustomerHandover.objects.get(pk=document.pk)


def refuse(document, day):
    with pytest.raises(DomainError) as refused:
        submit(document, day)
    return codes(refused)


def told(event):
    return [
        row.payload
        for row in OutboxMessage.objects.filter(topic="notify")
        if row.payload["event"] == event
    ]


@pytest.fixture
def loan(ledger) -> Loan:
    """Interest monthly for three months; nothing of it is ever paid."""
    return ledger.loan()


@pytest.fixture
def people(ledger):
    return ledger.lender.people


@pytest.fixture
def late(loan):
    """The 91st day overdue, before the daily run of that day."""
    return overdue_day(loan, 91)


@pytest.fixture
def bad(loan, late):
    """The same day, counted; the system's own draft is void."""
    count(late)
    draft = BadCustomerHandover.objects.get()
    void_document(document_id=draft.pk, actor=draft.handler, now=at(late), reason="改为人工录入")
    return loan


def recover(ledger, loan, day):
    figure = settlement_figure(stored(loan), day)
    ledger.repay(loan, figure.total, day, treatment="SETTLE")


class TestProposal:
    def test_day_90_is_not_yet_bad(self, loan):
        count(overdue_day(loan, 90))
        assert not BadCustomerHandover.objects.exists()

    def test_day_91_opens_one_draft_with_the_account_manager(self, ledger, loan, late, people):
        count(late)
        draft = BadCustomerHandover.objects.get()
        assert (draft.wf_status, draft.handler, draft.is_proposed) == ("DRAFT", people.am, True)
        assert draft.overdue_days == 91
        assert draft.balance == money(500000)
        assert draft.loans.get().loan == loan
        assert "逾期 91 天" in draft.reason

    def test_a_booking_on_day_91_delays_nothing(self, ledger, loan, late):
        ledger.repay(loan, "100", late)
        count(late)
        assert BadCustomerHandover.objects.get().overdue_days == 91

    def test_a_repayment_taken_back_after_the_count_opens_one_on_the_day(self, ledger, loan, late):
        paid = late - timedelta(days=31)
        booked = ledger.repay(loan, loan_position(stored(loan), paid).due_total, paid)
        count(late)
        assert not BadCustomerHandover.objects.exists()
        reverse_repayment(repayment_id=booked.pk, reason="错", actor=ledger.fin, now=at(late))
        for _run in range(2):
            count(late)
        assert BadCustomerHandover.objects.get().overdue_days == 91
        assert len(told(PROPOSED)) == 1

    def test_the_branch_risk_manager_is_told(self, ledger, loan, late, people):
        count(late)
        assert told(PROPOSED)[0]["recipients"] == [people.brm.pk, people.am.pk]

    def test_the_next_days_open_no_second_one(self, loan, late):
        for days in range(3):
            count(late + timedelta(days=days))
        assert BadCustomerHandover.objects.count() == 1
        assert len(told(PROPOSED)) == 1

    def test_a_void_proposal_rests_for_a_month(self, bad, late):
        count(late + timedelta(days=29))
        assert BadCustomerHandover.objects.count() == 1
        count(late + timedelta(days=31))
        assert BadCustomerHandover.objects.count() == 2

    def test_two_red_reports_open_one_too(self, ledger):
        watch = Watch(ledger.lender)
        supervision = watch.approved()
        for days in (15, 30):
            watch.filed(supervision, watch.day(days), colour="RED", next_steps="提前收回")
        count(watch.day(31))
        assert "连续两期为红色" in BadCustomerHandover.objects.get().reason


class TestDraft:
    def test_the_files_that_are_always_handed_are_laid_down(self, ledger, bad, late, people):
        draft = create_draft(
            kind=HANDOVER,
            origin=customer_of(bad),
            actor=people.am,
            now=at(late),
            values={"reason": "逾期"},
        )
        items = [row.item for row in draft.files.all()]
        assert items == ["CONTRACT", "LOAN_NOTE", "COLLECTION", "GUARANTEE"]
        assert draft.doc_no.startswith("BL-SY-")

    def test_bad_01_a_customer_in_order_is_not_handed_over(self, ledger, loan):
        with pytest.raises(DomainError) as refused:
            begin_handover(ledger, loan, ledger.day(3))
        assert codes(refused) == ["BAD-01"]
        assert refused.value.message == "客户未达到不良标准(逾期 0 天,分类 正常),不能交接。"

    def test_only_the_account_manager_begins_one(self, ledger, bad, late, people):
        for other in (people.colleague, people.ard):
            with pytest.raises(DomainError) as refused:
                begin_handover(ledger, bad, late, actor=other)
            assert codes(refused) == ["DOC-05"]

    def test_bad_06_names_the_one_on_its_way(self, ledger, bad, late):
        first = begin_handover(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            begin_handover(ledger, bad, late)
        assert codes(refused) == ["BAD-06"]
        assert first.doc_no in refused.value.message

    def test_the_database_keeps_one_on_its_way(self, ledger, bad, late):
        first = begin_handover(ledger, bad, late)
        with pytest.raises(IntegrityError), transaction.atomic():
            BadCustomerHandover.objects.filter(customer=first.customer).exclude(pk=first.pk).update(
                open_customer=first.customer
            )

    @pytest.mark.parametrize(
        ("receiver", "witness", "fields"),
        [("ard", "ard", ["witness"]), ("ard", "am", ["witness"])],
    )
    def test_bad_03_three_different_people(
        self, ledger, bad, late, people, receiver, witness, fields
    ):
        with pytest.raises(DomainError) as refused:
            begin_handover(
                ledger,
                bad,
                late,
                receiver=getattr(people, receiver),
                witness=getattr(people, witness),
            )
        assert [(each.code, each.field) for each in refused.value.reasons] == [
            ("BAD-03", field) for field in fields
        ]

    def test_bad_03_the_database_refuses_it_too(self, ledger, bad, late, people):
        draft = begin_handover(ledger, bad, late)
        with pytest.raises(IntegrityError, match="three_people"), transaction.atomic():
            BadCustomerHandover.objects.filter(pk=draft.pk).update(witness=people.ard)

    def test_bad_05_the_receiver_belongs_to_asset_recovery(self, ledger, bad, late, people):
        with pytest.raises(DomainError) as refused:
            begin_handover(ledger, bad, late, receiver=people.colleague)
        assert codes(refused) == ["BAD-05"]


class TestSubmission:
    def test_a_whole_handover_goes_into_approval(self, ledger, bad, late):
        assert submit(begin_handover(ledger, bad, late), late).state == "IN_APPROVAL"

    def test_wf_08_names_what_is_missing(self, ledger, bad, late):
        draft = begin_handover(
            ledger, bad, late, cause="", receiver=None, rows={"collection_log": []}
        )
        with pytest.raises(DomainError) as refused:
            submit(draft, late)
        assert codes(refused) == ["WF-08", "WF-11"]
        assert "催收经过" in refused.value.message
        assert "接收人" in refused.value.message

    def test_bad_04_papers_without_copies(self, ledger, bad, late):
        files = [{"item": "CONTRACT", "form": "ORIGINAL", "copies": None}]
        draft = begin_handover(ledger, bad, late, rows={"files": files})
        with pytest.raises(DomainError) as refused:
            submit(draft, late)
        assert codes(refused) == ["BAD-04"]
        assert "借款合同" in refused.value.message
        assert "担保合同及权证" in refused.value.message

    def test_bad_01_again_when_he_paid_meanwhile(self, ledger, bad, late):
        draft = begin_handover(ledger, bad, late)
        recover(ledger, bad, late)
        assert "BAD-01" in refuse(draft, late)

    def test_a_withdrawn_one_stays_the_only_one(self, ledger, bad, late, people):
        draft = begin_handover(ledger, bad, late)
        case = submit(draft, late)
        withdraw_case(case_id=case.pk, actor=people.am, now=at(late), reason="资料有误")
        assert fresh(draft).open_customer_id == bad.customer_id

    def test_above_three_million_the_president_decides_before_the_receiver(
        self, ledger, late, people, loan
    ):
        big = ledger.loan("3000000.01")
        count(late)
        draft = BadCustomerHandover.objects.get()
        void_document(document_id=draft.pk, actor=people.am, now=at(late), reason="改为人工录入")
        document = handed_over(ledger, big, late)
        assert document.wf_status == "APPROVED"
        nodes = document.case.stages.exclude(node_id="").order_by("pk")
        assert list(nodes.values_list("node_id", flat=True))[-2:] == ["president", "reception"]


class TestTakenOver:
    def test_asset_recovery_owns_the_customer_and_the_am_helps(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        customer = customer_of(bad)
        assert (customer.owner, customer.co_handler) == (people.ard, people.am)
        assert customer.biz_status == "BAD"
        assert (document.biz_status, document.handed_on) == ("MANAGED", late)
        assert document.next_step_on == late + timedelta(days=7)

    def test_the_former_account_manager_still_sees_it_all(self, ledger, bad, late, people):
        handed_over(ledger, bad, late)
        assert Customer.objects.visible_to(people.am).filter(pk=bad.customer_id).exists()
        assert Loan.objects.visible_to(people.am).filter(pk=bad.pk).exists()
        assert not Customer.objects.visible_to(people.colleague).filter(pk=bad.customer_id).exists()

    def test_the_change_log_keeps_who_it_was(self, ledger, bad, late, people):
        handed_over(ledger, bad, late)
        row = ChangeRecord.objects.get(
            model="customers.customer", object_id=bad.customer_id, field="owner"
        )
        assert people.am.name in row.old
        assert people.ard.name in row.new

    def test_a_blacklisted_customer_stays_blacklisted(self, ledger, bad, late, people):
        Customer.objects.filter(pk=bad.customer_id).update(biz_status="BLACKLISTED")
        handed_over(ledger, bad, late)
        customer = customer_of(bad)
        assert (customer.owner, customer.biz_status) == (people.ard, "BLACKLISTED")

    def test_open_opportunities_are_closed(self, ledger, bad, late):
        opened = Opportunity.objects.filter(customer=bad.customer_id).open()
        pk = opened.values_list("pk", flat=True)[0]
        document = handed_over(ledger, bad, late)
        assert not Opportunity.objects.filter(customer=bad.customer_id).open().exists()
        assert StageChange.objects.filter(opportunity=pk).latest("pk").note == document.doc_no

    def test_supervision_ends(self, ledger):
        supervision = Watch(ledger.lender).approved()
        loan = supervision.loan
        handed_over(ledger, loan, overdue_day(loan, 91))
        supervision.refresh_from_db()
        assert supervision.biz_status == SupervisionStatus.ENDED
        assert supervision.end_reason == EndReason.HANDED_OVER

    def test_n14_bus_07_no_new_business(self, ledger, bad, late, people):
        opportunity = Opportunity.objects.filter(customer=bad.customer_id).first()
        handed_over(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            create_opportunity(
                customer=customer_of(bad),
                data=opportunity_data(at(late)),
                actor=people.ard,
                now=at(late),
            )
        assert codes(refused) == ["BUS-07"]
        with pytest.raises(DomainError) as refused:
            create_application(
                opportunity=opportunity, actor=people.am, now=at(late), values=header()
            )
        assert refused.value.status in (403, 409)

    def test_bad_02_it_is_not_handed_over_twice(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            begin_handover(ledger, bad, late)
        assert codes(refused) == ["BAD-02"]
        other = BadCustomerHandover.objects.filter(customer=document.customer_id)
        with pytest.raises(IntegrityError, match="managed_once"), transaction.atomic():
            other.exclude(pk=document.pk).update(biz_status="MANAGED")

    def test_the_receiver_must_still_be_of_asset_recovery(self, ledger, bad, late, people):
        document = begin_handover(ledger, bad, late)
        submit(document, late)
        pass_all(document, [people.tl, people.brm, people.bgm, people.hrm], late)
        people.ard.role_assignments.all().delete()
        ard = type(people.ard).objects.get(pk=people.ard.pk)
        with pytest.raises(DomainError) as refused:
            decide(document, ard, at(late) + timedelta(hours=1))
        assert "BAD-05" in codes(refused)
        assert customer_of(bad).owner == people.am

    def test_an_approved_one_is_not_voided(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            request_void(
                doc_no=document.doc_no, actor=people.hrm, now=at(late), reason="交接有误重办"
            )
        assert codes(refused) == ["DOC-02"]

    def test_another_officer_takes_over_from_one_who_leaves(self, ledger, bad, late, people):
        handed_over(ledger, bad, late)
        second = person(
            "ARD", name="韩保全", branch=people.ard.branch, department=people.ard.department
        )
        with pytest.raises(DomainError) as refused:
            hand_over_customer(
                customer_id=bad.customer_id, owner=people.colleague, actor=people.adm, now=at(late)
            )
        assert codes(refused) == ["CUS-14"]
        hand_over_customer(
            customer_id=bad.customer_id, owner=second, actor=people.adm, now=at(late)
        )
        assert customer_of(bad).owner == second


class TestStory8:
    def test_day_91(self, ledger, loan, late, people):
        """Class 次级, a draft, new business blocked; after asset recovery accepts the owner
        changes, and the history keeps the account manager's name."""
        opportunity = ledger.lender.opportunity_of(customer_of(loan))
        count(late)
        assert stored(loan).risk_class == "SUBSTANDARD"
        draft = BadCustomerHandover.objects.get()
        with pytest.raises(DomainError) as refused:
            create_application(
                opportunity=opportunity, actor=people.am, now=at(late), values=header()
            )
        assert "BUS-07" in codes(refused)
        files = [
            {"item": row.item, "form": row.form, "copies": 2, "note": ""}
            for row in draft.files.all()
        ]
        update_draft(
            kind=HANDOVER,
            document_id=draft.pk,
            actor=people.am,
            now=at(late),
            values={
                "receiver": people.ard,
                "witness": people.brm,
                "cause": "经营恶化",
                "security_state": "房产在押",
            },
            rows={
                "files": files,
                "collection_log": [
                    {
                        "collected_on": late,
                        "collected_at": time(15, 0),
                        "way": "VISIT",
                        "spoken_to": "",
                        "result": "停产",
                    }
                ],
            },
        )
        submit(draft, late)
        pass_all(draft, [people.tl, people.brm, people.bgm, people.hrm], late)
        assert customer_of(loan).owner == people.am
        pass_all(draft, [people.ard], late + timedelta(days=1))
        assert customer_of(loan).owner == people.ard
        names = [event.actor_name for event in fresh(draft).case.events.order_by("sequence")]
        assert names[0] == people.am.name
        assert fresh(draft).transferor == people.am


class TestRecords:
    def write(self, document, actor, day, **given):
        values = {
            "kind": "PLAN",
            "done_on": day,
            "content": "先协商还款,不成则起诉",
            "next_step_on": day + timedelta(days=10),
        }
        return write_record(handover_id=document.pk, actor=actor, now=at(day), **(values | given))

    def test_a_record_moves_the_next_step(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        self.write(document, people.ard, late)
        assert fresh(document).next_step_on == late + timedelta(days=10)
        self.write(document, people.ard, late, kind="RECOVERY", amount=money(5000))
        assert [row.kind for row in document.recovery_records.all()] == ["RECOVERY", "PLAN"]

    def test_the_same_key_again_makes_no_second_one(self, ledger, bad, late, people):
        import uuid

        document, key = handed_over(ledger, bad, late), uuid.uuid4()
        first = self.write(document, people.ard, late, creation_key=key)
        assert self.write(document, people.ard, late, creation_key=key) == first

    def test_nobody_else_writes(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        for other in (people.am, people.hrm):
            with pytest.raises(DomainError) as refused:
                self.write(document, other, late)
            assert codes(refused) == ["DOC-05"]

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"kind": "RECOVERY"}, "amount"),
            ({"amount": money(1)}, "amount"),
            ({"next_step_on": None}, "next_step_on"),
        ],
    )
    def test_bad_10_names_what_does_not_fit(self, ledger, bad, late, people, given, field):
        document = handed_over(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            self.write(document, people.ard, late, **given)
        assert [(each.code, each.field) for each in refused.value.reasons] == [("BAD-10", field)]

    def test_bad_10_no_day_to_come_and_no_step_back(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            self.write(
                document, people.ard, late, done_on=late + timedelta(days=1), next_step_on=late
            )
        assert [each.field for each in refused.value.reasons] == ["done_on", "next_step_on"]

    def test_records_are_never_changed(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        record = self.write(document, people.ard, late)
        for act in (
            lambda rows: rows.update(content="改"),
            lambda rows: rows.delete(),
        ):
            with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
                act(RecoveryRecord.objects.filter(pk=record.pk))

    def test_the_officer_is_reminded_when_a_step_is_due(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        count(late + timedelta(days=6))
        assert not told(STEP_DUE)
        for _run in range(2):
            count(document.next_step_on)
        assert [each["recipients"] for each in told(STEP_DUE)] == [[people.ard.pk]]


class TestReturn:
    def back(self, ledger, loan, day, **given):
        people = ledger.lender.people
        values = {"reason": "已全额回收", "witness": people.brm} | given
        return create_draft(
            kind=HANDOVER,
            origin=customer_of(loan),
            actor=people.ard,
            now=at(day),
            values=values,
        )

    def test_bad_07_not_before_all_is_recovered(self, ledger, bad, late):
        handed_over(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            self.back(ledger, bad, late)
        assert codes(refused) == ["BAD-07"]

    def test_the_account_manager_gets_the_customer_back(self, ledger, bad, late, people):
        first = handed_over(ledger, bad, late)
        recover(ledger, bad, late)
        document = self.back(ledger, bad, late)
        assert document.branch == customer_of(bad).branch
        assert fresh(document).receiver == people.am
        submit(fresh(document), late)
        pass_all(document, [people.tl, people.brm, people.bgm, people.hrm, people.am], late)
        customer = customer_of(bad)
        assert (customer.owner, customer.co_handler) == (people.am, None)
        assert customer.biz_status == "ACTIVE"
        assert fresh(first).biz_status == fresh(document).biz_status == "RETURNED"
        with pytest.raises(DomainError) as refused:
            TestRecords().write(first, people.ard, late)
        assert codes(refused) == ["DOC-05"]

    def test_then_the_business_can_be_completed(self, ledger, bad, late, people):
        handed_over(ledger, bad, late)
        recover(ledger, bad, late)
        document = self.back(ledger, bad, late)
        submit(fresh(document), late)
        pass_all(document, [people.tl, people.brm, people.bgm, people.hrm, people.am], late)
        completed(ledger, bad, late, way="BY_DISPOSAL")
        assert customer_of(bad).biz_status == "COMPLETED"

    def test_bad_08_an_account_manager_of_the_department(self, ledger, bad, late, people):
        handed_over(ledger, bad, late)
        recover(ledger, bad, late)
        with pytest.raises(DomainError) as refused:
            self.back(ledger, bad, late, receiver=people.other_am)
        assert codes(refused) == ["BAD-08"]

    def test_bad_09_no_records_after_the_return(self, ledger, bad, late, people):
        first = handed_over(ledger, bad, late)
        BadCustomerHandover.objects.filter(pk=first.pk).update(biz_status="RETURNED")
        with pytest.raises(DomainError) as refused:
            TestRecords().write(first, people.ard, late)
        assert codes(refused) == ["BAD-09"]


class TestPaper:
    def test_three_people_sign(self, ledger, bad, late, people):
        document = handed_over(ledger, bad, late)
        context = HANDOVER.print_context(document, FORM, hidden=())
        assert [(title, name.split()[0]) for title, name in context["signatories"]] == [
            ("移交人", str(people.am).split()[0]),
            ("接收人", str(people.ard).split()[0]),
            ("监交人", str(people.brm).split()[0]),
        ]
        cells = [
            (cell["label"], cell["text"])
            for part in context["sections"]
            for row in part["cells"]
            for cell in row["cells"]
        ]
        assert ("移交日期", f"{late:%Y-%m-%d}") in cells
        assert print_document(document=document, form=FORM, actor=people.am, now=at(late)).pk
