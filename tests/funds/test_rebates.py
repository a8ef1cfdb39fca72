"""返点申请: the reserve, the caps, the people, and the payment (M14, N9)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications.models import BusinessApplication, LenderSetting
from customers.models import Customer
from customers.services.staff_relations import declare_relation
from documents.engine_door import engine_writes
from documents.kinds import routed_kind
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from documents.services.voiding import confirm_void, request_void
from funds.kinds.rebate import FORM
from funds.models import FundTransfer, LedgerEntry, LedgerSetting, RebateApplication
from funds.selectors.unpaid import unpaid_of
from funds.services.rebates import KIND_CODE
from funds.services.transfers import reverse_transfer
from lending_crm.common.models import OutboxMessage
from tests.applications.factories import fresh
from tests.documents.factories import upload
from tests.funds.factories import money
from tests.funds.payments import Cashier
from tests.funds.test_transfers import codes, refusal
from workflows.services.decisions import return_case
from workflows.services.submission import withdraw_case


@pytest.fixture
def office(lender) -> Cashier:
    return Cashier(lender)


@pytest.fixture
def business(office) -> BusinessApplication:
    """400,000.00 are out at 1.5 %: 6,000.00 are reserved."""
    return office.business()


class TestCreation:
    def test_offers_all_that_is_reserved(self, office, business):
        rebate = office.rebate(business)
        assert rebate.doc_no.startswith("FD-")
        assert (rebate.disbursed, rebate.available) == (money(400000), money(6000))
        assert rebate.amount == money(6000)
        assert rebate.payee_name == rebate.channel.name

    def test_only_the_account_manager_of_the_customer(self, office, business):
        for role in ("colleague", "tl", "fin", "hrm"):
            error = refusal(office.rebate, business, actor=getattr(office.people, role))
            assert codes(error) == ["DOC-05"]

    def test_reb_03_n09_not_before_the_money_is_out(self, office):
        transfer = office.transfer()
        error = refusal(office.rebate, fresh(transfer.application))
        assert codes(error) == ["REB-03"]
        assert error.message == "资金尚未划拨,不能申请返点。"

    def test_reb_08_not_without_a_channel(self, office):
        review = office.desk.review()
        transfer = office.desk.execute(office.desk.approved(review))
        error = refusal(office.rebate, fresh(transfer.application))
        assert codes(error) == ["REB-08"]

    def test_reb_06_not_once_the_agreement_has_ended(self, office, business):
        yesterday = office.desk.today - timedelta(1)
        Customer.objects.filter(pk=business.channel_id).update(agreement_end=yesterday)
        error = refusal(office.rebate, fresh(business))
        assert codes(error) == ["REB-06"]
        assert "2026-03-01" in error.message

    def test_reb_07_n09_not_to_employees_or_their_relatives(self, office, business):
        declare_relation(
            employee=office.people.brm,
            customer=business.channel,
            contact=None,
            tie="RELATIVE",
            reason="本人申报,书面",
            actor=office.people.hrm,
            now=office.lender.now,
        )
        error = refusal(office.rebate, business)
        assert codes(error) == ["REB-07"]
        assert error.message == "渠道为本公司员工或其近亲属,不能返点。"

    def test_reb_07_n09_an_employees_own_telephone_counts(self, office, business):
        Customer.objects.filter(pk=business.channel_id).update(phone="13912345678")
        type(office.people.am).objects.filter(pk=office.people.tl.pk).update(phone="13912345678")
        assert codes(refusal(office.rebate, fresh(business))) == ["REB-07"]

    def test_cmp_04_nothing_of_a_completed_business(self, office, business):
        with engine_writes():
            BusinessApplication.objects.filter(pk=business.pk).update(biz_status="COMPLETED")
        error = refusal(office.rebate, fresh(business))
        assert codes(error) == ["CMP-04"]
        assert error.message == f"业务 {business.doc_no} 已完结。"

    def test_offers_the_account_whose_holder_is_not_called_as_the_channel(self, office):
        business = office.business(channel=office.channel(acct_name="沈阳渠道咨询公司结算户"))
        rebate = office.rebate(business)
        assert rebate.payee_name == "沈阳渠道咨询公司结算户"
        assert office.submit(rebate, office.desk.at(2)).wf_status == "IN_APPROVAL"

    def test_reb_10_asks_for_an_amount(self, office, business):
        assert codes(refusal(office.rebate, business, amount=money(0))) == ["REB-10"]

    def test_reb_01_n09_never_above_the_reserve(self, office, business):
        error = refusal(office.rebate, business, amount=money("6000.01"))
        assert codes(error) == ["REB-01"]
        assert error.message == "返点金额 6,000.01 元超过可返点余额 6,000.00 元。"


class TestSubmission:
    def submit(self, office, rebate):
        return office.submit(rebate, office.desk.at(2))

    def test_reb_01_counts_what_was_paid(self, office, business):
        first = office.rebate(business, amount=money(5000))
        second = office.rebate(business, amount=money(1001))
        office.pay(office.approved(first, office.desk.at(2)), office.desk.at(4))
        assert codes(refusal(self.submit, office, second)) == ["REB-01"]

    def test_reb_02_n09_a_lower_cap_counts_at_once(self, office, business):
        rebate = office.rebate(business)
        LenderSetting.objects.update(rebate_cap=Decimal(1))
        error = refusal(self.submit, office, rebate)
        assert codes(error) == ["REB-02"]
        assert error.message == "返点累计 6,000.00 元超过上限 4,000.00 元(放款金额的 1.00%)。"

    @pytest.mark.parametrize(
        "value",
        [
            {"payee_name": "张三"},
            {"payee_bank": "建设银行"},
            {"payee_account": "6222000000000000128"},
        ],
        ids=lambda value: next(iter(value)),
    )
    def test_reb_04_the_payee_is_the_channels_account(self, office, business, value):
        rebate = office.rebate(business, **value)
        error = refusal(self.submit, office, rebate)
        assert codes(error) == ["REB-04"]
        assert error.message == "收款户名、开户行、账号须与渠道登记的账户一致。"

    def test_cmp_04_a_draft_of_a_completed_business_stays_one(self, office, business):
        rebate = office.rebate(business)
        with engine_writes():
            BusinessApplication.objects.filter(pk=business.pk).update(biz_status="COMPLETED")
        assert codes(refusal(self.submit, office, rebate)) == ["CMP-04"]

    def test_reb_05_n07_one_rebate_of_a_business_at_a_time(self, office, business):
        second = office.rebate(business, amount=money(1))
        first = self.submit(office, office.rebate(business, amount=money(1000)))
        error = refusal(self.submit, office, second)
        assert codes(error) == ["REB-05"]
        assert first.doc_no in error.message
        with pytest.raises(IntegrityError), transaction.atomic():
            RebateApplication.objects.filter(pk=second.pk).update(open_application=business)

    def test_reb_09_a_channel_has_its_limit_a_month(self, office):
        channel = office.channel()
        first, second = (office.business(channel=channel) for _ in range(2))
        self.submit(office, office.rebate(first))
        LedgerSetting.objects.update(rebate_month_cap=money(11000))
        rebate = office.rebate(second)
        error = refusal(self.submit, office, rebate)
        assert codes(error) == ["REB-09"]
        assert error.message == "该渠道当月返点累计 12,000.00 元超过上限 11,000.00 元。"
        office.submit(rebate, office.desk.at(24 * 31))

    def test_wf_09_invoice_and_agreement_are_needed(self, office, business):
        rebate = office.rebate(business)
        with engine_writes():
            rebate.attachments.update(removed_at=office.lender.now, removed_by=rebate.handler)
        assert codes(refusal(self.submit, office, rebate)) == ["WF-09"]

    def test_reb_01_n09_the_database_holds_the_reserve(self, office, business):
        rebate = self.submit(office, office.rebate(business))
        with engine_writes(), pytest.raises(IntegrityError, match="REB-01"), transaction.atomic():
            RebateApplication.objects.filter(pk=rebate.pk).update(
                amount=money(6001), claimed=money(6001)
            )

    def test_a_withdrawn_rebate_gives_its_claim_free(self, office, business):
        rebate = self.submit(office, office.rebate(business))
        assert (rebate.claimed, rebate.open_application_id) == (money(6000), business.pk)
        withdraw_case(
            case_id=rebate.case_id, actor=office.people.am, now=office.desk.at(3), reason="有误"
        )
        rebate.refresh_from_db()
        assert (rebate.claimed, rebate.open_application_id) == (0, None)

    def test_a_returned_rebate_stays_the_open_one_and_may_be_changed(self, office, business):
        rebate = self.submit(office, office.rebate(business))
        return_case(
            item_id=office.item(rebate, office.people.tl).pk,
            actor=office.people.tl,
            now=office.desk.at(3),
            opinion="金额请再核对",
        )
        update_draft(
            kind=routed_kind(KIND_CODE),
            document_id=rebate.pk,
            actor=office.people.am,
            now=office.desk.at(3),
            values={"amount": money(5000)},
        )
        rebate.refresh_from_db()
        assert (rebate.open_application_id, rebate.claimed) == (business.pk, 0)
        assert self.submit(office, rebate).claimed == money(5000)


class TestRoute:
    @pytest.mark.parametrize(
        ("amount", "extra"),
        [
            ("20000.00", ()),
            ("20000.01", ("hrm",)),
            ("50000.00", ("hrm",)),
            ("50000.01", ("hrm", "ceo")),
        ],
    )
    def test_the_levels_by_amount(self, office, amount, extra):
        business = office.business(amount="3000000.00", ratio="2")
        rebate = office.rebate(business, amount=money(amount))
        done = office.approved(rebate, office.desk.at(2), *extra)
        assert (done.wf_status, done.biz_status) == ("APPROVED", "PENDING")

    def test_reb_07_n09_whoever_became_a_relative_meanwhile_gets_nothing(self, office, business):
        rebate = office.submit(office.rebate(business), office.desk.at(2))
        for role in ("tl", "bgm"):
            office.decide(rebate, getattr(office.people, role), office.desk.at(3))
        declare_relation(
            employee=office.people.plm,
            customer=business.channel,
            contact=None,
            tie="RELATIVE",
            reason="本人申报,书面",
            actor=office.people.hrm,
            now=office.desk.at(3),
        )
        error = refusal(office.decide, rebate, office.people.fin, office.desk.at(4))
        assert codes(error) == ["REB-07"]


class TestPayment:
    @pytest.fixture
    def approved(self, office, business):
        return office.approved(office.rebate(business), office.desk.at(2))

    @pytest.fixture
    def moment(self, office):
        return office.desk.at(4)

    def test_finance_pays_and_its_receipt_is_kept(self, office, business, approved, moment):
        done = office.pay(approved, moment, bank_ref="FD-77", receipt=upload())
        assert (done.biz_status, done.bank_ref, done.executor) == ("PAID", "FD-77", office.cashier)
        assert (done.open_application_id, done.claimed) == (None, money(6000))
        assert done.attachments.get(category="BANK_RECEIPT").title == "FD-77"
        told = OutboxMessage.objects.filter(payload__event="payment.done").latest("pk")
        assert told.payload["recipients"] == [office.people.am.pk]

    def test_what_is_paid_is_not_available_again(self, office, business, approved, moment):
        office.pay(approved, moment)
        error = refusal(office.rebate, business, amount=money("0.01"))
        assert codes(error) == ["REB-01"]

    @pytest.mark.parametrize("role", ["am", "bgm", "hrm", "adm"])
    def test_only_finance_pays(self, office, approved, moment, role):
        error = refusal(office.pay, approved, moment, actor=getattr(office.people, role))
        assert codes(error) == ["DOC-05"]

    def test_ftr_08_n21_an_approver_does_not_pay(self, office, approved, moment):
        assert codes(refusal(office.pay, approved, moment, actor=office.people.fin)) == ["FTR-08"]

    def test_n21_the_database_refuses_an_approver_too(self, office, approved, moment):
        done = office.pay(approved, moment)
        with pytest.raises(IntegrityError), transaction.atomic():
            RebateApplication.objects.filter(pk=done.pk).update(executor=office.people.fin)

    def test_ftr_07_n29_a_reference_of_a_transfer_is_taken(self, office, approved, moment):
        used = LedgerEntry.objects.get(kind="DISBURSEMENT").bank_ref
        assert codes(refusal(office.pay, approved, moment, bank_ref=used)) == ["FTR-07"]

    def test_ftr_07_n29_a_reference_of_a_rebate_is_taken_for_a_transfer(
        self, office, approved, moment
    ):
        office.pay(approved, moment, bank_ref="SAME")
        transfer = office.transfer()
        assert codes(refusal(office.desk.execute, transfer, bank_ref="SAME")) == ["FTR-07"]

    def test_ftr_07_n29_and_for_another_rebate(self, office, approved, moment):
        office.pay(approved, moment, bank_ref="SAME")
        other = office.approved(office.rebate(office.business()), office.desk.at(2))
        assert codes(refusal(office.pay, other, moment, bank_ref="SAME")) == ["FTR-07"]

    def test_pay_01_nothing_is_paid_twice(self, office, approved, moment):
        done = office.pay(approved, moment)
        assert codes(refusal(office.pay, done, moment)) == ["PAY-01"]

    def test_pay_02_not_in_the_future(self, office, approved, moment):
        tomorrow = moment.date() + timedelta(1)
        assert codes(refusal(office.pay, approved, moment, paid_on=tomorrow)) == ["PAY-02"]

    def test_reb_02_n09_a_cap_that_was_lowered_holds_for_the_payment(
        self, office, approved, moment
    ):
        LenderSetting.objects.update(rebate_cap=Decimal(1))
        assert codes(refusal(office.pay, approved, moment)) == ["REB-02"]

    def test_reb_04_an_account_that_changed_since_gets_nothing(self, office, approved, moment):
        account = {"acct_no": "6222000000000000128"}
        Customer.objects.filter(pk=approved.channel_id).update(**account)
        assert codes(refusal(office.pay, approved, moment)) == ["REB-04"]

    def test_reb_06_an_agreement_that_ended_since_holds_for_the_payment(
        self, office, approved, moment
    ):
        yesterday = moment.date() - timedelta(1)
        Customer.objects.filter(pk=approved.channel_id).update(agreement_end=yesterday)
        assert codes(refusal(office.pay, approved, moment)) == ["REB-06"]

    def test_reb_09_a_months_limit_that_was_lowered_holds_for_the_payment(
        self, office, approved, moment
    ):
        LedgerSetting.objects.update(rebate_month_cap=money(5999))
        assert codes(refusal(office.pay, approved, moment)) == ["REB-09"]

    def test_cmp_07_a_voided_rebate_is_not_waited_for(self, office, business, approved, moment):
        assert unpaid_of(business) == [approved.doc_no]
        asked = request_void(
            doc_no=approved.doc_no,
            actor=office.people.hrm,
            now=moment,
            reason="协议到期,作废",
        )
        confirm_void(request_id=asked.pk, actor=office.people.adm, now=moment)
        assert unpaid_of(business) == []

    def test_doc_02_what_is_paid_is_not_voided(self, office, approved, moment):
        done = office.pay(approved, moment)
        error = refusal(
            request_void,
            doc_no=done.doc_no,
            actor=office.people.hrm,
            now=moment,
            reason="录入有误,作废",
        )
        assert codes(error) == ["DOC-02"]


class TestReversedTransfer:
    def reverse(self, office, business):
        transfer = FundTransfer.objects.get(application=business)
        reverse_transfer(
            transfer_id=transfer.pk, reason="付错账户", actor=office.cashier, now=office.desk.at(3)
        )

    def test_reb_11_n09_not_while_a_rebate_rests_on_it(self, office, business):
        office.submit(office.rebate(business), office.desk.at(2))
        error = refusal(self.reverse, office, business)
        assert codes(error) == ["REB-11"]
        with pytest.raises(IntegrityError, match="REB-11"), transaction.atomic():
            FundTransfer.objects.filter(application=business).update(biz_status="REVERSED")

    def test_without_one_it_takes_its_reserve_with_it(self, office, business):
        rebate = office.rebate(business)
        self.reverse(office, business)
        assert codes(refusal(office.submit, rebate, office.desk.at(4))) == [
            "REB-03",
            "REB-01",
            "REB-02",
        ]


class TestPaper:
    def test_prints_with_its_transfers_and_the_whole_account(self, office, business):
        rebate = office.rebate(business, payee_account="6222000000000000128")
        kind = routed_kind(KIND_CODE)
        context = kind.print_context(kind.get(rebate.pk), FORM, hidden=())
        assert "6222000000000000128" in str(context["sections"])
        assert FundTransfer.objects.get().doc_no in str(context["sections"])
        record = print_document(
            document=kind.get(rebate.pk), form=FORM, actor=office.people.am, now=office.desk.at(3)
        )
        assert record.file is not None
