"""中介业务申请单 (M8): MED-01 to MED-11, the fee sheet, and the life after the approval."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

import pytest

from applications.desks import INTERMEDIARY
from applications.models import FeeBooking, IntermediaryApplication, SheetLine
from applications.services import intermediary as acts
from applications.sheet import sheet_of
from customers.choices import Stage
from customers.models import Customer, Opportunity
from customers.services.customers import update_customer
from customers.services.opportunities import lose_opportunity, step_back
from documents.kinds import routed_kind
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from tests.applications.factories import Lender
from tests.applications.reconsidering import void_by_two
from tests.applications.test_approval import Walk, again
from tests.applications.test_related_people import declare
from tests.customers.factories import make_channel
from tests.staff.factories import person
from workflows.services import decisions

KIND = "intermediary_application"


def kind() -> Any:
    return routed_kind(KIND)


def header(lender: Lender, **values: Any) -> dict[str, Any]:
    return {
        "funder": values.pop("funder", None) or make_channel(lender.am, lender.now),
        "signed_on": lender.now.date(),
        "contract_no": "ZJ-2026-018",
        "signer": "王强",
        "sign_amount": Decimal("1000000"),
        "term_months": 12,
        "funder_rate": Decimal("5.6"),
        "fee_rate": Decimal("1.5"),
    } | values


def loan(**values: Any) -> dict[str, Any]:
    return {
        "product": "抵押经营贷",
        "amount": Decimal("1000000"),
        "term_months": 12,
        "annual_rate": Decimal("5.6"),
        "method": "INTEREST_FIRST",
    } | values


def fee(**values: Any) -> dict[str, Any]:
    return {
        "item": "APPRAISAL",
        "payee": "中评资产评估有限公司",
        "due": Decimal("3000"),
        "received": Decimal(0),
        "paid": Decimal(0),
        "refunded": Decimal(0),
    } | values


def draft(lender: Lender, *, sheet: Any = None, lines: Any = None, **values: Any) -> Any:
    made = create_draft(
        kind=kind(),
        origin=lender.opportunity,
        actor=again(lender.am),
        now=lender.now,
        values=header(lender, **values),
        rows={"lines": lines or [loan()], "sheet": [fee()] if sheet is None else sheet},
    )
    return IntermediaryApplication.objects.get(pk=made.pk)


class IntermediaryWalk(Walk):
    kind = KIND

    @property
    def document(self) -> IntermediaryApplication:
        return IntermediaryApplication.objects.get(pk=self.application.pk)


def approved(lender: Lender, **values: Any) -> IntermediaryApplication:
    walk = IntermediaryWalk(lender, draft(lender, **values))
    p = lender.people
    for who in (p.tl, p.brm, p.bgm, finance(lender)):
        walk.by(who)
    return walk.document


def finance(lender: Lender) -> Any:
    return lender.people.fin


def refused(call: Any, *codes: str) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    assert [reason.code for reason in caught.value.reasons] == list(codes)
    return caught.value


def submission_codes(lender: Lender, document: Any) -> list[str]:
    found = kind().check_submission(kind().get(document.pk), actor=again(lender.am), now=lender.now)
    return [reason.code for reason in found]


class TestTheCustomer:
    def test_wf_08_the_customer_and_its_people_are_complete(self, lender):
        made = draft(lender)
        Customer.objects.filter(pk=lender.customer.pk).update(industry="")
        lender.customer.contacts.update(education="")
        assert submission_codes(lender, made) == ["WF-08"]

    def test_cus_11_nothing_begins_on_a_customer_in_the_pool(self, lender):
        Customer.objects.filter(pk=lender.customer.pk).update(pooled_at=lender.now)
        with pytest.raises(DomainError) as refused:
            draft(lender)
        assert refused.value.code == "CUS-11"

    def test_cus_10_its_name_is_locked_while_it_is_under_approval(self, lender):
        IntermediaryWalk(lender, draft(lender))
        with pytest.raises(DomainError) as refused:
            update_customer(
                customer=lender.customer,
                data={"name": "改名后的公司"},
                version=None,
                actor=again(lender.am),
                now=lender.now,
            )
        assert [reason.code for reason in refused.value.reasons] == ["CUS-10"]

    def test_opp_03_its_opportunity_is_not_stepped_back(self, lender):
        walk = IntermediaryWalk(lender, draft(lender))
        with pytest.raises(DomainError) as refused:
            step_back(
                opportunity=walk.document.opportunity,
                stage=2,
                reason="重新跟进",
                actor=again(lender.am),
                now=lender.now,
            )
        assert refused.value.code == "OPP-03"

    def test_opp_03_its_opportunity_is_lifted_and_cannot_be_lost(self, lender):
        """阶段 5 comes by itself with the submission (M4), also of intermediary business."""
        walk = IntermediaryWalk(lender, draft(lender))
        opportunity = Opportunity.objects.get(pk=lender.opportunity.pk)
        assert opportunity.stage == Stage.SUBMITTED
        assert opportunity.stage_changes.first().note == walk.document.doc_no
        with pytest.raises(DomainError) as refused:
            lose_opportunity(
                opportunity=opportunity, lost_reason="PRICE", actor=again(lender.am), now=lender.now
            )
        assert refused.value.code == "OPP-03"

    def test_wf_08_the_opportunity_names_its_term(self, lender):
        Opportunity.objects.filter(pk=lender.opportunity.pk).update(term=None)
        assert submission_codes(lender, draft(lender)) == ["WF-08"]

    def test_wf_17_who_is_declared_related_meanwhile_leaves_it(self, lender):
        walk = IntermediaryWalk(lender, draft(lender))
        walk.by(lender.people.tl)
        item = walk.item(lender.people.brm)
        declare(lender, lender.people.brm)
        with pytest.raises(DomainError) as refused:
            decisions.approve(
                item_id=item.pk, actor=again(lender.people.brm), now=walk.now(), opinion="同意"
            )
        assert refused.value.code == "WF-17"


class TestDraft:
    def test_computes_fee_total_and_balances(self, lender):
        made = draft(
            lender,
            sheet=[
                fee(received=Decimal("3000"), paid=Decimal("2800"), voucher="N001"),
                fee(item="NOTARY", payee="公证处", due=Decimal("500")),
            ],
        )
        assert made.doc_no.startswith("ZJ-SY-20260302-")
        assert made.fee == Decimal("15000.00")
        assert made.amount_total == Decimal("1000000.00")
        assert [line.balance for line in made.sheet.all()] == [Decimal("200.00"), Decimal("0.00")]
        shown = kind().table("sheet").snapshot(made)
        assert shown["foot"][2:4] == ["3,500.00", "3,000.00"]
        assert shown["foot"][-1] == "200.00"

    def test_rounds_the_fee_to_the_fen(self, lender):
        made = draft(lender, sign_amount=Decimal("1000000.33"), fee_rate=Decimal("1.5001"))
        assert made.fee == Decimal("15001.00")

    def test_what_must_be_typed_to_save_is_named_at_its_field(self, lender):
        with pytest.raises(DomainError) as caught:
            create_draft(
                kind=kind(), origin=lender.opportunity, actor=again(lender.am), now=lender.now
            )
        assert {reason.field for reason in caught.value.reasons} == {
            "funder",
            "signed_on",
            "contract_no",
            "signer",
            "sign_amount",
            "term_months",
            "funder_rate",
            "fee_rate",
        }

    def test_the_funder_is_a_channel(self, lender):
        refused(lambda: draft(lender, funder=lender.customer), "CUS-22")

    def test_med_01_paid_on_is_not_more_than_received(self, lender):
        wrong = fee(received=Decimal("100"), paid=Decimal("100.01"), voucher="N001")
        error = refused(lambda: draft(lender, sheet=[wrong]), "MED-01")
        assert error.field == "sheet.0.paid"
        assert error.message == "代缴金额 100.01 元不能大于已收金额 100.00 元。"

    def test_med_01_in_the_database_too(self, lender):
        line = draft(lender).sheet.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            SheetLine.objects.filter(pk=line.pk).update(paid=1, voucher="N001", balance=-1)

    def test_med_05_a_payment_has_its_voucher(self, lender):
        wrong = fee(received=Decimal("100"), paid=Decimal("100"))
        error = refused(lambda: draft(lender, sheet=[wrong]), "MED-05")
        assert error.field == "sheet.0.voucher"

    def test_med_08_no_more_is_refunded_than_is_left(self, lender):
        wrong = fee(received=Decimal("100"), refunded=Decimal("100.01"))
        refused(lambda: draft(lender, sheet=[wrong]), "MED-08")

    def test_med_09_a_contract_of_tomorrow_is_not_saved(self, lender):
        tomorrow = lender.now.date() + timedelta(days=1)
        error = refused(lambda: draft(lender, signed_on=tomorrow), "MED-09")
        assert error.field == "signed_on"
        made = draft(lender)
        refused(
            lambda: update_draft(
                kind=kind(),
                document_id=made.pk,
                actor=again(lender.am),
                now=lender.now,
                values={"signed_on": tomorrow},
            ),
            "MED-09",
        )

    def test_med_02_what_holds_money_is_not_voided(self, lender):
        made = draft(lender, sheet=[fee(received=Decimal("3000"))])
        error = refused(
            lambda: void_document(
                document_id=made.pk, actor=again(lender.am), now=lender.now, reason="录入错误重录"
            ),
            "MED-02",
        )
        assert "3,000.00" in error.message

    def test_med_06_a_contract_number_is_used_once(self, lender):
        draft(lender)
        error = refused(lambda: draft(lender), "MED-06")
        assert error.message == "合同编号 ZJ-2026-018 已存在。"

    def test_med_06_the_number_of_a_void_one_is_free_again(self, lender):
        first = draft(lender)
        void_document(
            document_id=first.pk, actor=again(lender.am), now=lender.now, reason="录入错误重录"
        )
        second = draft(lender)
        assert second.held_contract_no == "ZJ-2026-018"

    def test_med_06_in_the_database_too(self, lender):
        draft(lender)
        other = draft(lender, contract_no="ZJ-2026-019")
        with pytest.raises(IntegrityError), transaction.atomic():
            IntermediaryApplication.objects.filter(pk=other.pk).update(
                contract_no="ZJ-2026-018", held_contract_no="ZJ-2026-018"
            )


class TestSubmission:
    def test_a_complete_one_passes(self, lender):
        assert submission_codes(lender, draft(lender)) == []

    def test_wf_08_without_lines(self, lender):
        made = draft(lender)
        update_draft(
            kind=kind(),
            document_id=made.pk,
            actor=again(lender.am),
            now=lender.now,
            values={},
            rows={"lines": []},
        )
        assert submission_codes(lender, made) == ["WF-08"]

    def test_med_03_lines_add_up_to_the_signed_amount(self, lender):
        made = draft(lender, lines=[loan(amount=Decimal("999999.99"))])
        assert submission_codes(lender, made) == ["MED-03"]

    def test_med_04_the_fee_rate_has_a_cap(self, lender):
        made = draft(lender, fee_rate=Decimal("3.0001"))
        found = kind().check_submission(kind().get(made.pk), actor=again(lender.am), now=lender.now)
        assert [(each.code, each.message) for each in found] == [
            ("MED-04", "服务费率不能超过 3.00%。")
        ]

    def test_med_09_nothing_is_received_tomorrow(self, lender):
        tomorrow = lender.now.date() + timedelta(days=1)
        made = draft(lender, sheet=[fee(received=Decimal("100"), received_on=tomorrow)])
        assert submission_codes(lender, made) == ["MED-09"]


class TestRoute:
    def test_finance_checks_the_sheet_last(self, lender):
        assert approved(lender).wf_status == "APPROVED"

    def test_above_three_million_head_office_risk_is_asked_before(self, lender):
        amount = Decimal("3000000.01")
        walk = IntermediaryWalk(
            lender, draft(lender, sign_amount=amount, lines=[loan(amount=amount)])
        )
        p = lender.people
        for who in (p.tl, p.brm, p.bgm, p.hrm, finance(lender)):
            walk.by(who)
        assert walk.document.wf_status == "APPROVED"


class TestBookings:
    def book(self, lender, document, kind_, amount, **values):
        return acts.book_fee(
            line_id=document.sheet.get().pk,
            kind=kind_,
            amount=Decimal(amount),
            booked_on=values.pop("booked_on", lender.now.date()),
            actor=values.pop("actor", again(finance(lender))),
            now=lender.now + timedelta(hours=2),
            **values,
        )

    def test_receipt_payment_and_refund_move_the_balance(self, lender):
        document = approved(lender)
        self.book(lender, document, "RECEIPT", "3000")
        self.book(lender, document, "PAYMENT", "2600", voucher="N77")
        assert sheet_of(document).total.balance == Decimal("400.00")
        self.book(lender, document, "REFUND", "400")
        assert sheet_of(document).total.balance == Decimal("0.00")

    def test_med_01_no_payment_above_what_was_received(self, lender):
        document = approved(lender)
        self.book(lender, document, "RECEIPT", "100")
        refused(lambda: self.book(lender, document, "PAYMENT", "100.01", voucher="N1"), "MED-01")

    def test_med_05_no_payment_without_a_voucher(self, lender):
        document = approved(lender)
        self.book(lender, document, "RECEIPT", "100")
        refused(lambda: self.book(lender, document, "PAYMENT", "100"), "MED-05")

    def test_med_08_no_refund_above_the_balance(self, lender):
        document = approved(lender)
        refused(lambda: self.book(lender, document, "REFUND", "0.01"), "MED-08")

    def test_med_09_no_booking_of_tomorrow(self, lender):
        document = approved(lender)
        tomorrow = lender.now.date() + timedelta(days=1)
        refused(lambda: self.book(lender, document, "RECEIPT", "1", booked_on=tomorrow), "MED-09")

    def test_only_finance_books(self, lender):
        document = approved(lender)
        refused(
            lambda: self.book(lender, document, "RECEIPT", "1", actor=again(lender.am)), "DOC-05"
        )

    def test_only_once_it_is_approved(self, lender):
        refused(lambda: self.book(lender, draft(lender), "RECEIPT", "1"), "WF-05")

    def rejected(self, lender, **values):
        walk = IntermediaryWalk(lender, draft(lender, **values))
        walk.by(lender.people.tl)
        decisions.reject(
            item_id=walk.item(lender.people.brm).pk,
            actor=again(lender.people.brm),
            now=walk.now(),
            opinion="资料不实,不予受理,请另寻他途",
        )
        return walk.document

    def test_money_of_a_rejected_business_goes_back(self, lender):
        document = self.rejected(lender, sheet=[fee(received=Decimal("3000"))])
        assert (document.wf_status, document.biz_status) == ("REJECTED", "TERMINATED")
        refused(lambda: self.book(lender, document, "RECEIPT", "1"), "WF-05")
        refused(lambda: self.book(lender, document, "REFUND", "3000.01"), "MED-08")
        refused(
            lambda: self.book(lender, document, "REFUND", "1", actor=again(lender.am)), "DOC-05"
        )
        self.book(lender, document, "PAYMENT", "1000", voucher="N77")
        self.book(lender, document, "REFUND", "2000")
        assert sheet_of(document).total.balance == Decimal("0.00")

    def test_a_wrong_refund_of_a_rejected_business_is_reversed(self, lender):
        document = self.rejected(lender, sheet=[fee(received=Decimal("3000"))])
        wrong = self.book(lender, document, "REFUND", "3000")
        acts.reverse_booking(
            booking_id=wrong.pk,
            actor=again(finance(lender)),
            now=lender.now,
            reason="金额录入错误",
        )
        assert sheet_of(document).total.balance == Decimal("3000.00")

    def test_the_page_of_a_rejected_business_offers_what_clears_it(self, lender, client):
        document = self.rejected(lender, sheet=[fee(received=Decimal("3000"))])
        client.force_login(finance(lender))
        text = client.get(document.get_absolute_url()).content.decode()
        assert "待清代收代缴费用" in text
        assert 'value="REFUND"' in text
        assert 'value="RECEIPT"' not in text

    def test_a_rejected_business_without_money_has_nothing_to_book(self, lender, client):
        document = self.rejected(lender)
        client.force_login(finance(lender))
        text = client.get(document.get_absolute_url()).content.decode()
        assert "booking-dialog" not in text

    def test_an_amount_of_nothing_is_refused(self, lender):
        document = approved(lender)
        refused(lambda: self.book(lender, document, "RECEIPT", "0"), "DOC-06")

    def test_a_wrong_one_is_reversed_and_stays(self, lender):
        document = approved(lender)
        wrong = self.book(lender, document, "RECEIPT", "300")
        acts.reverse_booking(
            booking_id=wrong.pk,
            actor=again(finance(lender)),
            now=lender.now,
            reason="金额录入错误",
        )
        assert sheet_of(document).total.received == Decimal("0.00")
        assert FeeBooking.objects.count() == 2

    def test_med_10_a_booking_is_reversed_once(self, lender):
        document = approved(lender)
        wrong = self.book(lender, document, "RECEIPT", "300")
        values = {
            "actor": again(finance(lender)),
            "now": lender.now,
            "reason": "金额录入错误",
        }
        done = acts.reverse_booking(booking_id=wrong.pk, **values)
        for booking in (wrong, done):
            refused(lambda pk=booking.pk: acts.reverse_booking(booking_id=pk, **values), "MED-10")

    def test_med_01_what_was_passed_on_cannot_be_unreceived(self, lender):
        document = approved(lender)
        receipt = self.book(lender, document, "RECEIPT", "300")
        self.book(lender, document, "PAYMENT", "300", voucher="N1")
        refused(
            lambda: acts.reverse_booking(
                booking_id=receipt.pk,
                actor=again(finance(lender)),
                now=lender.now,
                reason="金额录入错误",
            ),
            "MED-01",
        )

    def test_bookings_are_never_changed_or_removed(self, lender):
        booking = self.book(lender, approved(lender), "RECEIPT", "300")
        for act in (
            lambda: FeeBooking.objects.filter(pk=booking.pk).update(amount=1),
            lambda: FeeBooking.objects.filter(pk=booking.pk).delete(),
        ):
            with pytest.raises(Exception, match="append_only"), transaction.atomic():
                act()


class TestLife:
    def step(self, lender, name, document, actor=None, **values):
        return getattr(acts, name)(
            document_id=document.pk,
            actor=again(actor or finance(lender)),
            now=lender.now + timedelta(hours=3),
            **values,
        )

    def day(self, lender) -> date:
        return lender.now.date()

    def test_from_approval_to_settlement(self, lender):
        document = approved(lender)
        self.step(lender, "confirm_funding", document, lender.am, funded_on=self.day(lender))
        self.step(lender, "confirm_fee", document, received_on=self.day(lender))
        self.step(lender, "settle", document)

        done = IntermediaryApplication.objects.get(pk=document.pk)
        assert (done.biz_status, done.funded_on) == ("SETTLED", self.day(lender))
        kept = ChangeRecord.objects.filter(object_id=done.pk, field="biz_status")
        assert kept.count() == 3

    def test_med_02_no_settlement_with_money_of_the_customer(self, lender):
        document = approved(lender, sheet=[fee(received=Decimal("3000"))])
        self.step(lender, "confirm_funding", document, lender.am, funded_on=self.day(lender))
        self.step(lender, "confirm_fee", document, received_on=self.day(lender))
        error = refused(lambda: self.step(lender, "settle", document), "MED-02")
        assert error.message == "代收代缴余额 3,000.00 元未清,不能结清业务。"

    def test_med_02_no_termination_either(self, lender):
        document = approved(lender, sheet=[fee(received=Decimal("3000"))])
        refused(
            lambda: self.step(lender, "terminate", document, lender.am, reason="资金方未批准放款"),
            "MED-02",
        )

    def test_a_terminated_one_frees_its_contract_number(self, lender):
        document = approved(lender)
        self.step(lender, "terminate", document, lender.am, reason="资金方未批准放款")
        assert draft(lender).contract_no == document.contract_no

    def test_med_11_steps_come_in_their_order(self, lender):
        document = approved(lender)
        error = refused(
            lambda: self.step(lender, "confirm_fee", document, received_on=self.day(lender)),
            "MED-11",
        )
        assert "办理中" in error.message

    def test_the_funding_is_confirmed_by_the_handler(self, lender):
        document = approved(lender)
        refused(
            lambda: self.step(lender, "confirm_funding", document, funded_on=self.day(lender)),
            "WF-29",
        )

    def test_med_09_not_before_it_happened(self, lender):
        document = approved(lender)
        tomorrow = self.day(lender) + timedelta(days=1)
        refused(
            lambda: self.step(lender, "confirm_funding", document, lender.am, funded_on=tomorrow),
            "MED-09",
        )

    def test_not_void_once_the_funder_has_paid_out(self, lender):
        document = approved(lender)
        self.step(lender, "confirm_funding", document, lender.am, funded_on=self.day(lender))
        refused(lambda: void_by_two(document, asker=lender.people.hrm, now=lender.now), "DOC-02")

    def test_med_07_the_page_says_that_no_principal_goes_out(self, lender):
        document = kind().get(approved(lender).pk)
        actions = INTERMEDIARY.actions(document, again(lender.am))
        assert "中介业务不产生本公司放款" in str(actions[-1].reason)

    def test_the_dialogs_offer_a_calendar_that_stands_on_today(self, lender, client, time_machine):
        time_machine.move_to(lender.now, tick=False)
        document = approved(lender)
        for who, field in ((lender.am, 'name="day"'), (lender.people.fin, 'name="booked_on"')):
            client.force_login(again(who))
            page = client.get(document.get_absolute_url()).content.decode()
            shown = next(tag for tag in page.split("<input") if field in tag).split(">")[0]
            assert 'type="date"' in shown
            assert 'value="2026-03-02"' in shown


class TestSight:
    def test_n26_another_branch_sees_nothing(self, lender):
        made = draft(lender)
        assert not kind().visible_to(person("AM")).filter(pk=made.pk).exists()
