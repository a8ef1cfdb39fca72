"""Every message of M5 at submission, through the engine's ``submit_document``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import translation

import pytest

from applications import hooks
from applications.hooks import OldLoan
from applications.models import BusinessApplication, LenderSetting, LprQuote, Product
from applications.services.drafts import update_application
from customers.models import Consent, Contact, Customer, Opportunity
from lending_crm.common.errors import DomainError
from staff.models import Employee
from tests.applications.factories import Lender, fresh, house, line, make_product
from tests.customers.factories import make_consent, make_contact, make_person
from workflows.models import Case
from workflows.services.submission import submit_document, withdraw_case


def submit(lender: Lender, application: BusinessApplication, **values: Any) -> Case:
    return submit_document(
        kind="business_application",
        document_id=application.pk,
        actor=values.pop("actor", application.handler),
        now=lender.now,
        **values,
    )


def codes(lender: Lender, application: BusinessApplication) -> list[str]:
    with pytest.raises(DomainError) as refused:
        submit(lender, application)
    assert fresh(application).wf_status == "DRAFT"
    return [reason.code for reason in refused.value.reasons]


def message(lender: Lender, application: BusinessApplication, code: str) -> str:
    with pytest.raises(DomainError) as refused:
        submit(lender, application)
    return next(r.message for r in refused.value.reasons if r.code == code)


def setting(**values: Any) -> None:
    LenderSetting.objects.filter(pk=1).update(**values)


class TestSubmitApplication:
    def test_freezes_facts_and_goes_to_the_department_head(self, lender):
        application = lender.draft()

        case = submit(lender, application)

        application = fresh(application)
        assert application.wf_status == "IN_APPROVAL"
        assert application.open_opportunity_id == application.opportunity_id
        assert case.facts == {
            "amount_total": "300000.00",
            "exposure": "300000.00",
            "authority_level": 1,
            "band_uplift": False,
            "branch": "SY",
            "product": ["LDZJ"],
            "guarantee": ["MORTGAGE"],
            "term": 12,
            "annual_rate": "12.0000",
            "biz_kind": "NEW",
            "customer_type": "ENTERPRISE",
            "risk_class": "NORMAL",
            "is_unsecured": False,
        }
        assert case.items.get().assignee in (None, lender.people.tl)
        assert Opportunity.objects.get().stage == 5

    def test_keeps_the_document_as_it_was_submitted(self, lender):
        case = submit(
            lender,
            lender.draft(
                fees=[
                    {"kind": "SERVICE", "basis": "RATE", "rate": Decimal("1"), "timing": "UPFRONT"}
                ]
            ),
        )

        content = case.snapshots.get().content
        shown = {field["name"]: field["display"] for field in content["fields"]}
        assert shown["guarantee"] == "抵押"
        assert shown["amount_total"] == "300,000.00"
        assert [table["label"] for table in content["tables"]] == [
            "申请金额明细",
            "担保物/保证人清单",
            "借款人承担的费用",
        ]
        assert content["tables"][0]["rows"][0][:4] == ["流动资金贷款", "300,000.00", "12", "12.00%"]
        assert len(content["attachments"]) == 9

    def test_names_what_the_way_lacks_with_what_the_document_lacks(self, lender):
        """Also of a document that came back and was emptied since."""
        application = lender.draft()
        case = withdraw_case(
            case_id=submit(lender, application).pk, actor=application.handler, now=lender.now,
            reason="资料有误",
        )  # fmt: skip
        update_application(
            application_id=application.pk, actor=application.handler, now=lender.now,
            values={"purpose": "", "guarantee": []}, rows={"lines": [], "guarantee_items": []},
            seen_version=fresh(application).version,
        )  # fmt: skip
        Employee.objects.filter(pk=lender.people.brm.pk).update(is_active=False)

        with pytest.raises(DomainError) as refused:
            submit(lender, application)

        assert [reason.code for reason in refused.value.reasons] == ["WF-08", "WF-11"]
        assert Case.objects.get(pk=case.pk).state == "WITHDRAWN"

    def test_names_every_reason_at_once(self, lender):
        application = lender.draft(
            purpose="", lines=[line(lender.product, term_months=48)], has_papers=False
        )

        assert codes(lender, application) == ["WF-08", "WF-09", "BUS-03"]

    def test_only_the_handler_submits(self, lender):
        with pytest.raises(DomainError) as refused:
            submit(lender, lender.draft(), actor=lender.people.colleague)
        assert refused.value.status == 403

    def test_refuses_a_second_click(self, lender):
        application = lender.draft()
        submit(lender, application)

        with pytest.raises(DomainError) as refused:
            submit(lender, application)
        assert refused.value.code == "WF-05"


class TestWf08RequiredFields:
    def test_lists_all_of_them(self, lender):
        application = lender.draft(
            purpose="", purpose_note=" ", repay_source="", guarantee=[], lines=[],
            guarantee_items=[],
        )  # fmt: skip

        text = message(lender, application, "WF-08")
        for label in ("借款用途", "用途说明", "还款来源", "担保方式", "申请金额明细"):
            assert label in text

    def test_asks_for_what_the_guarantee_needs(self, lender):
        application = lender.draft(guarantee=["GUARANTEE", "PLEDGE"], guarantee_items=[])
        text = message(lender, application, "WF-08")
        assert "保证人" in text and "担保物" in text

        half = lender.draft(guarantee=["MORTGAGE"], guarantee_items=[house(ratio=None)])
        assert "抵押率" in message(lender, half, "WF-08")

    def test_asks_for_no_list_when_unsecured(self, lender):
        submit(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))

    def test_asks_for_the_old_loan_of_a_new_for_old(self, lender):
        application = lender.draft(biz_kind="REFINANCE", purpose="REFINANCE")
        assert "原借款" in message(lender, application, "WF-08")

    def test_asks_for_what_the_customer_still_lacks(self, lender):
        Customer.objects.update(legal_rep="")
        assert "法定代表人" in message(lender, lender.draft(), "WF-08")

    def test_asks_for_the_term_of_the_opportunity(self, lender):
        Opportunity.objects.filter(pk=lender.opportunity.pk).update(term=None)
        assert "业务拓展·意向期限" in message(lender, lender.draft(), "WF-08")


class TestWf09RequiredAttachments:
    def test_names_the_missing_classes(self, lender):
        application = lender.draft(has_papers=False)

        text = message(lender, application, "WF-09")
        for label in (
            "贷前调查报告", "贷款及征信情况", "偿债能力分析", "身份证明/营业执照",
            "征信查询授权书", "财务报表或流水", "担保物权属", "用途证明",
        ):  # fmt: skip
            assert label in text

    def test_asks_for_no_ownership_papers_when_unsecured(self, lender):
        application = lender.draft(guarantee=["CREDIT"], guarantee_items=[], has_papers=False)
        assert "担保物权属" not in message(lender, application, "WF-09")


class TestBus02Amount:
    def test_refuses_above_and_below_the_product(self, lender):
        for amount in ("9999.99", "20000000.01"):
            application = lender.draft(
                lines=[line(lender.product, amount=Decimal(amount))],
                guarantee_items=[house(assessed_value=Decimal("90000000"))],
            )
            assert "BUS-02" in codes(lender, application)

    def test_says_the_range_in_words(self, lender):
        application = lender.draft(lines=[line(lender.product, amount=Decimal("5000"))])
        assert message(lender, application, "BUS-02") == (
            "申请金额 5,000.00 元超出产品“流动资金贷款”的范围(10,000.00~20,000,000.00 元)。"
        )


class TestBus03Term:
    def test_refuses_outside_the_product(self, lender):
        application = lender.draft(lines=[line(lender.product, term_months=37)])
        assert codes(lender, application) == ["BUS-03"]
        assert message(lender, application, "BUS-03") == "期限须在 1~36 个月之间。"


class TestBus04Rate:
    def test_refuses_outside_the_product(self, lender):
        application = lender.draft(lines=[line(lender.product, annual_rate=Decimal("5.99"))])
        assert codes(lender, application) == ["BUS-04"]
        assert message(lender, application, "BUS-04") == "年利率须在 6.00%~24.00% 之间。"


class TestBus05AllInCost:
    """N22: nothing above the cap is submitted, whatever the fees are called."""

    def test_story_9_flat_interest_with_a_fee(self, lender):
        fee = {"kind": "SERVICE", "basis": "RATE", "rate": Decimal("3"), "timing": "UPFRONT"}
        application = lender.draft(
            lines=[line(lender.product, term_months=18, method="FLAT")], fees=[fee]
        )

        text = message(lender, application, "BUS-05")
        assert "超过上限 24.00%,不能提交" in text
        assert fresh(application).all_in_rate > Decimal("24")
        assert f"{fresh(application).all_in_rate}"[:5] in text

    def test_n22_counts_a_fixed_fee_at_maturity(self, lender):
        fee = {"kind": "OTHER", "basis": "AMOUNT", "amount": Decimal("50000"), "timing": "MATURITY"}
        application = lender.draft(fees=[fee])
        assert codes(lender, application) == ["BUS-05"]

    def test_n22_counts_a_monthly_fee(self, lender):
        fee = {"kind": "ACCOUNT", "basis": "RATE", "rate": Decimal("1.01"), "timing": "MONTHLY"}
        assert codes(lender, lender.draft(fees=[fee])) == ["BUS-05"]

    def test_allows_the_cap_itself(self, lender):
        submit(lender, lender.draft(lines=[line(lender.product, annual_rate=Decimal("24"))]))

    def test_r5_caps_an_unlicensed_lender_at_four_times_the_lpr(self, lender):
        setting(is_licensed=False)
        application = lender.draft(lines=[line(lender.product, annual_rate=Decimal("12.01"))])
        assert codes(lender, application) == ["BUS-05"]

    def test_r1_makes_the_multiple_binding_from_its_day(self, lender):
        setting(lpr_hard_from=lender.now.date())
        application = lender.draft(lines=[line(lender.product, annual_rate=Decimal("13"))])
        assert codes(lender, application) == ["BUS-05"]

    def test_uses_the_quote_in_force(self, lender):
        setting(is_licensed=False)
        LprQuote.objects.create(quoted_on=date(2026, 2, 1), rate=Decimal("6"))
        LprQuote.objects.create(quoted_on=date(2026, 12, 1), rate=Decimal("6"))
        application = lender.draft(lines=[line(lender.product, annual_rate=Decimal("13"))])
        assert codes(lender, application) == ["BUS-05"]  # 4 × 3.0, quoted today

    def test_says_why_it_cannot_be_computed(self, lender):
        application = lender.draft(
            lines=[line(lender.product, method="CUSTOM", plan=[[12, "1.00"]])]
        )
        assert "还款计划本金合计" in message(lender, application, "BUS-05")


class TestBus06Purpose:
    @pytest.mark.parametrize("purpose", ["STOCKS", "DERIVATIVES", "DOWN_PAYMENT", "OTHER_LOANS"])
    def test_refuses_a_prohibited_purpose(self, lender, purpose):
        assert codes(lender, lender.draft(purpose=purpose)) == ["BUS-06"]

    def test_reads_the_note(self, lender):
        application = lender.draft(purpose="OTHER", purpose_note="一部分用于炒股")
        assert message(lender, application, "BUS-06") == (
            "借款用途“炒股”属于禁止用途(股票、金融衍生品、购房首付、偿还其他贷款等)。"
        )

    def test_understands_a_denial(self, lender):
        submit(lender, lender.draft(purpose_note="采购钢材,不得用于购买股票"))

    def test_allows_repaying_our_own_loan_only_as_new_for_old(self, lender, monkeypatch):
        running = {lender.customer.pk: [OldLoan("JJ-1", Decimal("200000"))]}
        monkeypatch.setattr(hooks, "_old_loan_sources", [lambda pk: running.get(pk, [])])
        assert codes(lender, lender.draft(purpose="REFINANCE")) == ["BUS-06"]
        submit(
            lender,
            lender.draft(biz_kind="REFINANCE", purpose="REFINANCE", previous_loan_no="JJ-1"),
        )

    def test_replaces_no_other_loan_than_a_running_one_of_the_customer(self, lender, monkeypatch):
        other = lender.borrower(name="另一家公司")
        running = {other.pk: [OldLoan("JJ-1", Decimal("200000"))]}
        monkeypatch.setattr(hooks, "_old_loan_sources", [lambda pk: running.get(pk, [])])
        replacing = {"biz_kind": "REFINANCE", "purpose": "REFINANCE"}
        for number in ("JJ-1", "某银行-001"):
            application = lender.draft(previous_loan_no=number, **replacing)
            assert number in message(lender, application, "BUS-06")


class TestBus07BarredCustomer:
    """N14: no new business for 不良 and 黑名单 customers."""

    @pytest.mark.parametrize("status", ["BAD", "BLACKLISTED"])
    def test_n14_refuses_by_status(self, lender, status):
        application = lender.draft()
        Customer.objects.update(biz_status=status)
        assert codes(lender, application) == ["BUS-07"]

    @pytest.mark.parametrize("risk_class", ["SUBSTANDARD", "DOUBTFUL", "LOSS"])
    def test_n14_refuses_by_class_before_the_handover(self, lender, risk_class):
        application = lender.draft()
        Customer.objects.update(risk_class=risk_class)
        assert codes(lender, application) == ["BUS-07"]


class TestBus08OneOpenApplication:
    """N7: two drafts may stand side by side, only one of them is submitted."""

    def test_n7_refuses_the_second(self, lender):
        first, second = lender.draft(), lender.draft()
        submit(lender, first)

        assert codes(lender, second) == ["BUS-08"]
        assert first.doc_no in message(lender, second, "BUS-08")

    def test_is_free_again_after_a_withdrawal(self, lender):
        first, second = lender.draft(), lender.draft()
        case = submit(lender, first)
        withdraw_case(case_id=case.pk, actor=lender.am, now=lender.now, reason="客户改期")

        submit(lender, second)

    def test_n7_the_database_refuses_it_too(self, lender):
        from django.db import IntegrityError, transaction

        first, second = lender.draft(), lender.draft()
        submit(lender, first)

        with pytest.raises(IntegrityError), transaction.atomic():
            BusinessApplication.objects.filter(pk=second.pk).update(
                open_opportunity=second.opportunity_id
            )

    def test_refuses_a_lost_opportunity(self, lender):
        application = lender.draft()
        Opportunity.objects.update(biz_status="LOST", lost_reason="PRICE")
        assert codes(lender, application) == ["OPP-05"]


class TestBus09And10Concentration:
    def test_bus_09_adds_up_the_customers_approvals(self, lender):
        setting(net_assets=Decimal("5000000"))
        lender.approved(amount="300000")
        application = lender.draft(lines=[line(lender.product, amount=Decimal("200000.01"))])

        assert codes(lender, application) == ["BUS-09"]
        assert message(lender, application, "BUS-09") == (
            "同一借款人贷款余额将达 500,000.01 元,超过限额 500,000.00 元(净资产 10%)。"
        )

    def test_bus_10_adds_up_the_group(self, lender):
        setting(net_assets=Decimal("5000000"))
        sister = lender.borrower(name="姊妹公司")
        lender.group(lender.customer, sister)
        lender.approved(sister, amount="490000")
        application = lender.draft(lines=[line(lender.product, amount=Decimal("260000.01"))])

        assert codes(lender, application) == ["BUS-10"]

    def test_ignores_what_has_expired(self, lender):
        setting(net_assets=Decimal("5000000"))
        lender.approved(amount="300000", approval_valid_until=date(2026, 3, 1))

        submit(lender, lender.draft(lines=[line(lender.product, amount=Decimal("400000"))]))

    def test_counts_what_is_signed_whatever_the_approvals_date(self, lender):
        setting(net_assets=Decimal("5000000"))
        lender.approved(amount="300000", biz_status="SIGNED", approval_valid_until=date(2026, 1, 1))
        application = lender.draft(lines=[line(lender.product, amount=Decimal("400000"))])
        assert codes(lender, application) == ["BUS-09"]

    def test_is_not_checked_without_net_assets(self, lender):
        setting(net_assets=None)
        submit(lender, lender.draft(lines=[line(lender.product, amount=Decimal("10000000"))]))


class TestBus11Security:
    def test_refuses_above_the_lendable_value(self, lender):
        application = lender.draft(
            guarantee_items=[house(assessed_value=Decimal("428571.42"), ratio=Decimal("70"))]
        )
        assert codes(lender, application) == ["BUS-11"]
        assert message(lender, application, "BUS-11") == (
            "申请金额超过担保物可贷额合计 299,999.99 元。"
        )

    def test_lets_the_rest_be_unsecured_one_band_up(self, lender):
        application = lender.draft(
            guarantee=["MORTGAGE", "CREDIT"],
            guarantee_items=[house(assessed_value=Decimal("1000"))],
        )
        assert submit(lender, application).facts["band_uplift"] is True


class TestFtr06Rebate:
    def test_refuses_above_the_cap(self, lender):
        application = lender.draft(rebate_ratio=Decimal("2.0001"))
        assert codes(lender, application) == ["FTR-06"]

    def test_reb_08_needs_a_channel(self, lender):
        assert codes(lender, lender.draft(rebate_ratio=Decimal("1"))) == ["REB-08"]


class TestCon03MainContact:
    def test_refuses_without_one(self, lender):
        application = lender.draft(borrower=None)
        Consent.objects.all().delete()
        Contact.objects.all().delete()
        assert "CON-03" in codes(lender, application)


class TestCon04Spouse:
    def test_refuses_a_married_borrower_without_spouse(self, lender):
        application = lender.draft()
        Contact.objects.update(marital="MARRIED")
        assert codes(lender, application) == ["CON-04"]

        spouse = make_contact(
            lender.customer, lender.now, contact_type="FAMILY", family_relation="SPOUSE",
            name="王五",
        )  # fmt: skip
        make_consent(lender.customer, lender.now, spouse)
        submit(lender, application)


class TestCus07Age:
    @pytest.mark.parametrize(
        ("birth", "is_allowed"),
        [
            (date(2008, 3, 2), True),
            (date(2008, 3, 3), False),
            (date(1960, 3, 3), True),
            (date(1960, 3, 2), False),
        ],
    )
    def test_counts_full_years(self, lender, birth, is_allowed):
        application = lender.draft()
        Contact.objects.update(birth_date=birth)
        if is_allowed:
            submit(lender, application)
        else:
            assert codes(lender, application) == ["CUS-07"]

    def test_limits_are_settings(self, lender):
        setting(min_age=45)
        assert codes(lender, lender.draft()) == ["CUS-07"]


class TestCus09Consent:
    def test_refuses_without_consent(self, lender):
        application = lender.draft()
        Consent.objects.update(revoked_at=lender.now, revoked_by=lender.am)
        assert codes(lender, application) == ["CUS-09"]

    def test_a_consent_to_marketing_permits_no_credit(self, lender):
        application = lender.draft()
        Consent.objects.update(purposes=["MARKETING", "THIRD_PARTY"])
        assert codes(lender, application) == ["CUS-09"]

    def test_asks_a_person_too(self, lender):
        person = make_person(lender.am, lender.now)
        contact = make_contact(person, lender.now)
        make_consent(person, lender.now, contact)
        application = lender.draft(lender.opportunity_of(person))
        assert "CUS-09" in codes(lender, application)

        make_consent(person, lender.now)
        submit(lender, application)


class TestWhatTheFormOffers:
    def test_app_04_the_borrower_is_the_main_contact(self, lender):
        parent = make_contact(
            lender.customer, lender.now, contact_type="FAMILY", family_relation="PARENT"
        )
        make_consent(lender.customer, lender.now, parent)
        assert codes(lender, lender.draft(borrower=parent)) == ["APP-04"]

    def test_app_05_a_retired_product_begins_no_business(self, lender):
        application = lender.draft()
        Product.objects.update(is_active=False)
        assert codes(lender, application) == ["APP-05"]

    def test_app_05_a_returned_business_goes_on_with_it(self, lender):
        application = lender.draft()
        case = submit(lender, application)
        withdraw_case(case_id=case.pk, actor=lender.am, now=lender.now, reason="补充材料")
        Product.objects.update(is_active=False)
        assert submit(lender, fresh(application)).state == "IN_APPROVAL"


class TestUplift:
    """domain §2.3: what moves a request of 300,000 from level 1 to level 2."""

    def level(self, lender: Lender, **values: Any) -> int:
        return submit(lender, lender.draft(**values)).facts["authority_level"]

    def test_unsecured(self, lender):
        assert self.level(lender, guarantee=["CREDIT"], guarantee_items=[]) == 2

    def test_special_mention_customer(self, lender):
        Customer.objects.update(risk_class="ATTENTION")
        assert self.level(lender) == 2

    def test_rate_below_the_floor(self, lender):
        assert self.level(lender, lines=[line(lender.product, annual_rate=Decimal("9.99"))]) == 2

    def test_term_longer_than_a_year(self, lender):
        assert self.level(lender, lines=[line(lender.product, term_months=13)]) == 2

    def test_unusual_method(self, lender):
        assert self.level(lender, lines=[line(lender.product, method="EQUAL_PRINCIPAL")]) == 2

    def test_unusual_guarantee(self, lender):
        Product.objects.update(guarantees=["PLEDGE"])
        assert self.level(lender) == 2

    def test_flags_speak_the_readers_language(self, lender):
        case = submit(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))

        assert case.flags == ["信用(无担保)"]
        with translation.override("en"):
            assert case.flags == ["unsecured"]

    def test_several_reasons_move_one_band_only(self, lender):
        lines = [line(lender.product, term_months=24, method="EQUAL_PRINCIPAL")]
        assert self.level(lender, lines=lines) == 2

    def test_the_highest_level_stays(self, lender):
        lines = [line(lender.product, amount=Decimal("10000000.01"), term_months=24)]
        assert self.level(lender, lines=lines) == 4


class TestBands:
    @pytest.mark.parametrize(
        ("amount", "level"),
        [
            ("500000", 1),
            ("500000.01", 2),
            ("3000000", 2),
            ("3000000.01", 3),
            ("10000000", 3),
            ("10000000.01", 4),
        ],
    )
    def test_limits_are_inclusive_at_the_top(self, lender, amount, level):
        application = lender.draft(lines=[line(lender.product, amount=Decimal(amount))])
        assert submit(lender, application).facts["authority_level"] == level

    def test_splitting_a_case_does_not_stay_below_the_limit(self, lender):
        lender.approved(amount="300000")
        application = lender.draft(
            lender.opportunity_of(lender.customer),
            lines=[line(lender.product, amount=Decimal("200000.01"))],
        )
        facts = submit(lender, application).facts
        assert (facts["exposure"], facts["authority_level"]) == ("500000.01", 2)


class TestResubmission:
    def test_takes_the_changed_rows(self, lender):
        application = lender.draft()
        case = submit(lender, application)
        withdraw_case(case_id=case.pk, actor=lender.am, now=lender.now, reason="金额有误")
        update_application(
            application_id=application.pk,
            actor=lender.am,
            now=lender.now,
            values={},
            rows={"lines": [line(lender.product, amount=Decimal("3500000"))]},
        )

        case = submit(lender, application)

        assert case.facts["authority_level"] == 3
        assert fresh(application).exposure == Decimal("3500000.00")


class TestTwoProducts:
    def test_each_line_answers_for_itself(self, lender):
        small = make_product(code="XYD", name="信用贷", max_amount=Decimal("100000"))
        application = lender.draft(
            lines=[line(lender.product), line(small, amount=Decimal("100000.01"))]
        )
        with pytest.raises(DomainError) as refused:
            submit(lender, application)
        assert refused.value.field == "lines.1.amount"
