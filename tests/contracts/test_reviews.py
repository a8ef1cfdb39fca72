"""合同手续审核单: who makes it, what it must keep, what it brings about (M11)."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications.costing import cost_of, scaled_lines
from applications.models import AmountLine, FeeLine, LenderSetting, LprQuote
from contracts.choices import Formality
from contracts.kinds import FORM, KIND_CODE, NOTICE
from contracts.models import ContractReview
from contracts.notice import notice_context
from contracts.rules.cost import contract_cost
from contracts.rules.plans import contract_plan
from customers.services.opportunities import lose_opportunity
from documents.desk.reading import submission_preview
from documents.engine_door import engine_writes
from documents.kinds import routed_kind
from documents.printing.forms import form_context
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from documents.services.prints import fresh_print
from documents.services.voiding import request_void
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from lending_crm.common.money import format_amount, format_rate
from tests.applications.factories import attach_paper, fresh
from tests.contracts.factories import attach_papers, begin, complete, fill
from workflows.models import WorkItem
from workflows.services.decisions import approve, return_case
from workflows.services.items import claim
from workflows.services.submission import submit_document, withdraw_case


@pytest.fixture
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def by_plan(lender):
    """400,000 asked for in two repayments, half of it approved."""
    application = lender.approved(amount="400000.00", approved_amount=Decimal("200000.00"))
    with engine_writes():
        AmountLine.objects.filter(application=application).update(
            method="CUSTOM", plan=[[3, "100000.00"], [12, "300000.00"]]
        )
    return fresh(application)


KIND = routed_kind(KIND_CODE)


def submit(lender, review):
    review = ContractReview.objects.get(pk=review.pk)
    return submit_document(
        kind=KIND_CODE, document_id=review.pk, actor=review.handler, now=lender.now
    )


def decide(lender, review, person, *, hours=1):
    items = WorkItem.objects.filter(case__document=review.document_ptr, state="OPEN")
    item = items.filter(assignee=person).first() or items.get(assignee=None)
    now = lender.now + timedelta(hours=hours)
    if item.assignee_id is None:
        claim(item_id=item.pk, actor=person, now=now)
    approve(item_id=item.pk, actor=person, now=now, opinion="同意")


def charge(application, amount):
    """A fixed fee on top of the interest."""
    with engine_writes():
        FeeLine.objects.create(
            application=application,
            kind="SERVICE",
            basis="AMOUNT",
            amount=Decimal(amount),
            timing="UPFRONT",
        )


def codes(error):
    return [reason.code for reason in error.value.reasons]


class TestCreation:
    def test_the_handler_pushes_an_approved_application_down(self, lender, approved):
        review = begin(lender, approved)
        assert review.doc_no.startswith("HS-")
        assert (review.amount, review.term_months) == (Decimal("400000.00"), 12)
        assert review.annual_rate == Decimal("12.0000")
        assert [row.condition for row in review.conditions.all()] == ["配偶签字", "追加保证人"]
        items = {row.item for row in review.formalities.all()}
        assert {"LOAN_CONTRACT", "SECURITY_CONTRACT", "REGISTRATION", "COST_NOTICE"} <= items

    def test_ctr_01_refuses_what_is_not_approved(self, lender):
        with pytest.raises(DomainError) as refused:
            begin(lender, lender.draft())
        assert codes(refused) == ["CTR-01"]

    def test_n12_refuses_an_expired_approval(self, lender):
        expired = lender.approved(approval_valid_until=lender.now.date() - timedelta(days=1))
        with pytest.raises(DomainError) as refused:
            begin(lender, expired)
        assert codes(refused) == ["BUS-13"]

    def test_opp_05_a_lost_business_is_no_more_put_under_contract(self, lender, approved):
        """The draft, too: the last approver of the review would hear it otherwise."""
        review = complete(lender, approved)
        lose_opportunity(
            opportunity=approved.opportunity,
            lost_reason="COMPETITOR",
            actor=lender.am,
            now=lender.now,
        )
        for act in (lambda: begin(lender, fresh(approved)), lambda: submit(lender, review)):
            with pytest.raises(DomainError) as refused:
                act()
            assert codes(refused) == ["OPP-05"]

    def test_ctr_10_the_right_to_create_by_hand_is_apart_from_pushing_down(self, lender, approved):
        colleague = lender.people.colleague
        with pytest.raises(DomainError) as refused:
            begin(lender, approved, actor=colleague)
        assert codes(refused) == ["CTR-10"]
        LenderSetting.objects.update(allows_manual_contracts=True)
        assert begin(lender, approved, actor=colleague).handler == colleague

    def test_only_account_managers_make_one(self, lender, approved):
        with pytest.raises(DomainError) as refused:
            begin(lender, approved, actor=lender.people.brm)
        assert codes(refused) == ["DOC-05"]

    def test_ctr_08_refuses_a_second_one_while_one_is_valid(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        with pytest.raises(DomainError) as refused:
            begin(lender, approved)
        assert codes(refused) == ["CTR-08"]
        assert review.doc_no in refused.value.message


class TestDraft:
    def test_the_due_date_is_computed(self, lender, approved):
        review = fill(lender, begin(lender, approved))
        assert str(review.due_date) == "2027-03-02"

    def test_conditions_are_told_and_not_typed(self, lender, approved):
        review = begin(lender, approved)
        update_draft(
            kind=KIND,
            document_id=review.pk,
            actor=lender.am,
            now=lender.now,
            values={},
            rows={"conditions": [{"condition": "无", "is_met": True}, {"is_met": False}]},
        )
        stored = list(review.conditions.values_list("condition", "is_met"))
        assert stored == [("配偶签字", True), ("追加保证人", False)]

    def test_no_condition_can_be_left_out(self, lender, approved):
        review = begin(lender, approved)
        with pytest.raises(DomainError) as refused:
            update_draft(
                kind=KIND,
                document_id=review.pk,
                actor=lender.am,
                now=lender.now,
                values={},
                rows={"conditions": []},
            )
        assert codes(refused) == ["DOC-08"]

    def test_ctr_09_asks_for_two_people(self, lender, approved):
        with pytest.raises(DomainError) as refused:
            fill(lender, begin(lender, approved), second_verifier=lender.people.am)
        assert codes(refused) == ["CTR-09"]
        with pytest.raises(IntegrityError), transaction.atomic():
            ContractReview.objects.update(
                first_verifier=lender.people.am, second_verifier=lender.people.am
            )

    def test_every_change_is_kept(self, lender, approved):
        from documents.selectors import changes_of

        review = fill(lender, begin(lender, approved))
        labels = {change.field_label for change in changes_of(review)}
        assert {"核保人一", "手续清单", "批准条件落实"} <= labels


class TestSubmission:
    def refuse(self, lender, review):
        with pytest.raises(DomainError) as refused:
            submit(lender, review)
        return refused

    def test_wf_08_and_wf_09_name_what_is_missing(self, lender, approved):
        refused = self.refuse(lender, begin(lender, approved))
        assert {"WF-08", "WF-09", "CTR-05", "CTR-06"} <= set(codes(refused))

    def test_r1_wf_09_asks_for_the_notice_of_the_cost_with_its_signature(self, lender, approved):
        review = fill(lender, begin(lender, approved))
        for category in ("CONTRACT", "SIGNING"):
            attach_paper(review, category)
        refused = self.refuse(lender, review)
        assert codes(refused) == ["WF-09"]
        assert "综合融资成本告知书(已签字)" in refused.value.message

    def test_ctr_02_refuses_another_customers_application(self, lender, approved):
        review = complete(lender, approved)
        ContractReview.objects.filter(pk=review.pk).update(customer=lender.borrower())
        assert "CTR-02" in codes(self.refuse(lender, review))

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"amount": Decimal("400000.01")}, "CTR-03"),
            ({"annual_rate": Decimal("12.5")}, "CTR-04"),
            ({"term_months": 13}, "CTR-11"),
            ({"payee_name": "别人"}, "CTR-07"),
            ({"method": "FLAT"}, "CTR-13"),
        ],
        ids=["ctr_03_amount", "ctr_04_rate", "ctr_11_term", "ctr_07_payee", "ctr_13_method"],
    )
    def test_keeps_to_the_approved_terms(self, lender, approved, values, code):
        refused = self.refuse(lender, complete(lender, approved, **values))
        assert codes(refused) == [code]

    def test_n22_bus_05_asks_the_cost_of_the_contracts_own_terms(self, lender, approved):
        charge(approved, "20000.00")
        assert contract_cost(complete(lender, approved)).rate < 24
        small = fill(
            lender, ContractReview.objects.get(application=approved), amount=Decimal("40000.00")
        )
        refused = self.refuse(lender, small)
        assert codes(refused) == ["BUS-05"]
        assert notice_context(small)["all_in_rate"] in refused.value.message

    def test_n22_bus_05_fees_that_leave_nothing_are_no_way_past_the_cap(self, lender, approved):
        charge(approved, "20000.00")
        review = complete(lender, approved, amount=Decimal("20000.00"))
        assert codes(self.refuse(lender, review)) == ["BUS-05"]

    def test_n22_bus_05_a_shorter_term_is_dearer_too(self, lender, approved):
        charge(approved, "20000.00")
        assert codes(self.refuse(lender, complete(lender, approved, term_months=2))) == ["BUS-05"]

    def test_n22_r2_the_cap_is_that_of_the_contract_date(self, lender, approved):
        charge(approved, "2000.00")
        LenderSetting.objects.filter(pk=1).update(is_licensed=False)
        LprQuote.objects.create(
            quoted_on=lender.now.date() - timedelta(days=20), rate=Decimal("4.0")
        )
        review = complete(lender, approved)
        assert codes(self.refuse(lender, review)) == ["BUS-05"]
        fill(lender, review, signed_on=lender.now.date() - timedelta(days=1))
        submit(lender, review)

    def test_n22_r1_lpr_binds_from_its_day_by_the_contract_date(self, lender, approved):
        charge(approved, "2000.00")
        review = complete(lender, approved)
        LenderSetting.objects.filter(pk=1).update(lpr_hard_from=review.signed_on)
        assert codes(self.refuse(lender, review)) == ["BUS-05"]

    def test_the_approved_plan_comes_in_proportion(self, lender, by_plan):
        review = begin(lender, by_plan)
        assert review.plan == "3: 50,000.00\n12: 150,000.00"
        complete_review = fill(lender, review)
        attach_papers(complete_review)
        submit(lender, complete_review)

    def test_ctr_14_a_plan_adds_up_to_the_contract(self, lender, by_plan):
        review = complete(lender, by_plan, amount=Decimal("100000.00"))
        refused = self.refuse(lender, review)
        assert codes(refused) == ["CTR-14"]
        assert "200,000.00" in refused.value.message
        fill(lender, review, plan="6: 100,000")
        submit(lender, review)

    def test_ctr_14_an_empty_plan_keeps_the_approved_one_in_proportion(self, lender, by_plan):
        review = complete(lender, by_plan, amount=Decimal("100000.00"), term_months=6, plan="")
        assert contract_plan(review) == [[3, "25000.00"], [6, "75000.00"]]
        submit(lender, review)

    def test_ctr_14_a_plan_keeps_to_the_term(self, lender, by_plan):
        review = complete(lender, by_plan, plan="13: 200000")
        assert codes(self.refuse(lender, review)) == ["CTR-14"]

    def test_ctr_15_other_methods_have_no_plan(self, lender, approved):
        review = complete(lender, approved, plan="12: 400000")
        assert codes(self.refuse(lender, review)) == ["CTR-15"]

    def test_doc_06_a_plan_that_cannot_be_read_is_not_saved(self, lender, approved):
        with pytest.raises(DomainError) as refused:
            begin(lender, approved, plan="March 100000")
        assert (codes(refused), refused.value.field) == (["DOC-06"], "plan")

    def test_an_entrusted_payment_goes_to_somebody_else(self, lender, approved):
        review = complete(
            lender,
            approved,
            payee_kind="ENTRUSTED",
            payee_name="钢材供应商",
            entrusted_contract="采购合同 2026-8",
        )
        assert submit(lender, review).state == "IN_APPROVAL"

    def test_an_entrusted_payment_needs_its_contract(self, lender, approved):
        review = complete(lender, approved, payee_kind="ENTRUSTED", payee_name="钢材供应商")
        assert codes(self.refuse(lender, review)) == ["WF-08"]

    def test_ctr_05_names_the_missing_papers(self, lender, approved):
        rows = [{"item": "INSURANCE", "is_needed": True}, {"item": "OTHER", "is_needed": False}]
        refused = self.refuse(lender, complete(lender, approved, rows={"formalities": rows}))
        assert codes(refused) == ["CTR-05"]
        assert "保险单" in refused.value.message
        # Taken off the list, they are missing all the same.
        assert "借款合同、借据" in refused.value.message.replace(",", "、")

    @pytest.mark.parametrize("item", ["COST_NOTICE", "LOAN_CONTRACT", "CREDIT_AUTHORISATION"])
    def test_ctr_05_what_binds_is_not_called_unneeded(self, lender, approved, item):
        table = routed_kind(KIND_CODE).table("formalities")
        rows = [
            {**row, "is_complete": True, "is_needed": row["item"] != item}
            for row in table.typed(begin(lender, approved))
        ]
        refused = self.refuse(lender, complete(lender, approved, rows={"formalities": rows}))
        assert codes(refused) == ["CTR-05"]
        assert str(Formality(item).label) in refused.value.message

    def test_ctr_06_names_the_conditions_that_are_open(self, lender, approved):
        rows = [{"is_met": True}, {"is_met": False}]
        refused = self.refuse(lender, complete(lender, approved, rows={"conditions": rows}))
        assert codes(refused) == ["CTR-06"]
        assert "追加保证人" in refused.value.message

    def test_ctr_12_a_contract_number_is_used_once(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        other = complete(lender, lender.approved(), contract_no=review.contract_no)
        assert codes(self.refuse(lender, other)) == ["CTR-12"]

    def test_n07_the_database_refuses_a_second_valid_one(self, lender, approved):
        first = complete(lender, approved)
        second = begin(lender, approved)
        submit(lender, first)
        with pytest.raises(IntegrityError), transaction.atomic():
            ContractReview.objects.filter(pk=second.pk).update(valid_application=approved)


class TestRoute:
    def test_branch_risk_and_head_office_pass_it_and_the_business_is_signed(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        decide(lender, review, lender.people.brm)
        decide(lender, review, lender.people.hrm, hours=2)
        review.refresh_from_db()
        application = fresh(approved)
        assert review.wf_status == "APPROVED"
        assert application.biz_status == "SIGNED"
        assert application.opportunity.stage == 6

    def test_n12_an_approval_that_ran_out_meanwhile_is_not_signed(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        decide(lender, review, lender.people.brm)
        with pytest.raises(DomainError) as refused:
            decide(lender, review, lender.people.hrm, hours=30)
        assert codes(refused) == ["BUS-13"]

    def test_n22_bus_05_a_cap_that_fell_meanwhile_is_asked_again(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        decide(lender, review, lender.people.brm)
        LenderSetting.objects.filter(pk=1).update(all_in_cap=Decimal(11))
        with pytest.raises(DomainError) as refused:
            decide(lender, review, lender.people.hrm, hours=2)
        assert codes(refused) == ["BUS-05"]

    def test_n04_nothing_moves_while_it_is_under_approval(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        with pytest.raises(DomainError) as refused:
            fill(lender, review, amount=Decimal(1))
        assert codes(refused) == ["WF-04"]
        with pytest.raises(IntegrityError), transaction.atomic():
            ContractReview.objects.filter(pk=review.pk).update(amount=Decimal(1))

    def test_a_withdrawn_review_gives_the_application_free(self, lender, approved):
        review = complete(lender, approved)
        case = submit(lender, review)
        withdraw_case(case_id=case.pk, actor=lender.am, now=lender.now, reason="资料有误")
        assert begin(lender, approved).pk != review.pk

    def test_a_returned_review_keeps_it(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        item = WorkItem.objects.get(case__document=review.document_ptr, state="OPEN")
        return_case(
            item_id=item.pk, actor=lender.people.brm, now=lender.now, opinion="请补充公证书"
        )
        with pytest.raises(DomainError) as refused:
            begin(lender, approved)
        assert codes(refused) == ["CTR-08"]

    def test_doc_02_the_application_is_not_voided_while_it_has_a_review(self, lender, approved):
        review = begin(lender, approved)
        with pytest.raises(DomainError) as refused:
            request_void(
                doc_no=approved.doc_no,
                actor=lender.people.hrm,
                now=lender.now,
                reason="客户不办了",
            )
        assert codes(refused) == ["DOC-02"]
        assert review.doc_no in refused.value.message


@pytest.mark.usefixtures("clock")
class TestPages:
    def test_the_page_of_an_approved_application_offers_it(self, lender, approved, client):
        client.force_login(lender.am)
        page = client.get(f"/applications/{approved.pk}/related/").content.decode()
        assert f"/contract-reviews/new/{approved.pk}/" in page

    def test_the_form_saves_and_keeps_what_was_typed(self, lender, approved, client):
        client.force_login(lender.am)
        url = f"/contract-reviews/new/{approved.pk}/"
        assert "400,000.00" in client.get(url).content.decode()
        data = {
            "contract_no": "HT-9",
            "contract_name": "借款合同",
            "signed_on": "2026-03-02",
            "amount": "40万",
            "payee_kind": "BORROWER",
            "formalities-TOTAL_FORMS": "1",
            "formalities-INITIAL_FORMS": "0",
            "formalities-0-item": "LOAN_CONTRACT",
            "formalities-0-is_needed": "on",
            "formalities-0-form": "ORIGINAL",
            "formalities-0-copies": "2",
        }
        wrong = client.post(url, {**data, "signed_on": "gestern"})
        assert wrong.status_code == 422
        assert 'value="HT-9"' in wrong.content.decode()
        saved = client.post(url, {**data, "view": "1"})
        review = ContractReview.objects.get()
        assert saved.url == f"/contract-reviews/{review.pk}/"
        assert review.amount == Decimal("400000.00")
        assert [row.copies for row in review.formalities.all()] == [2]

    def test_a_condition_that_is_not_met_yet_stays_on_the_form(self, lender, approved, client):
        """Rows that the document laid down are never empty rows, even with nothing ticked."""
        review = begin(lender, approved)
        client.force_login(lender.am)
        data = {
            "version": review.version,
            "contract_no": review.contract_no,
            "contract_name": review.contract_name,
            "signed_on": "2026-03-02",
            "payee_kind": "BORROWER",
            "formalities-TOTAL_FORMS": "0",
            "formalities-INITIAL_FORMS": "0",
            "conditions-TOTAL_FORMS": "2",
            "conditions-INITIAL_FORMS": "2",
            "conditions-1-is_met": "on",
        }
        saved = client.post(f"/contract-reviews/{review.pk}/edit/", {**data, "view": "1"})
        assert saved.status_code == 302
        assert [row.is_met for row in review.conditions.order_by("position")] == [False, True]

    def test_ctr_03_stands_at_the_dialog_before_submission(self, lender, approved, client):
        review = complete(lender, approved, amount=Decimal("500000"))
        client.force_login(lender.am)
        page = client.get(f"/contract-reviews/{review.pk}/submission/").content.decode()
        assert "CTR-03" in page

    def test_list_and_page_cost_few_queries(
        self, lender, approved, client, django_assert_max_num_queries
    ):
        review = complete(lender, approved)
        submit(lender, review)
        client.force_login(lender.am)
        with django_assert_max_num_queries(10):
            page = client.get("/contract-reviews/").content.decode()
        assert review.doc_no in page
        assert client.get(f"/contract-reviews/{review.pk}/").status_code == 200
        assert client.get(f"/contract-reviews/{review.pk}/edit/").status_code == 409

    def test_n26_another_branch_gets_404(self, lender, approved, client):
        review = complete(lender, approved)
        client.force_login(lender.people.other_am)
        for tail in ("", "edit/", "submission/", f"print/{FORM}/"):
            assert client.get(f"/contract-reviews/{review.pk}/{tail}").status_code == 404

    def test_n25_the_account_is_masked_wherever_it_is_read(self, lender, approved, client):
        review = complete(lender, approved, payee_account="2100 5000-1234 5678")
        assert review.payee_account == "2100500012345678"
        client.force_login(lender.am)
        page = client.get(f"/contract-reviews/{review.pk}/").content.decode()
        body = client.get(f"/api/v1/contract-reviews/{review.pk}/").json()
        case = submit(lender, review)
        case_page = client.get(f"/cases/{case.pk}/").content.decode()
        paper = str(form_context(KIND.get(review.pk), FORM)["sections"])
        for text in (page, case_page, paper, body["payee_account"]):
            assert "2100500012345678" not in text
            assert "2100 **** **** 5678" in text

    def test_doc_06_a_mask_that_is_sent_back_is_refused(self, lender, approved):
        review = complete(lender, approved)
        with pytest.raises(DomainError) as refused:
            fill(lender, review, payee_account=review.get_payee_account_display())
        assert [(each.code, each.field) for each in refused.value.reasons] == [
            ("DOC-06", "payee_account")
        ]
        assert ContractReview.objects.get(pk=review.pk).payee_account == "2100500012345678"

    def test_another_account_after_a_return_is_judged_from_the_beginning(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        decide(lender, review, lender.people.brm)
        item = WorkItem.objects.get(case__document=review.document_ptr, state="OPEN")
        later = lender.now + timedelta(hours=2)
        claim(item_id=item.pk, actor=lender.people.hrm, now=later)
        return_case(item_id=item.pk, actor=lender.people.hrm, now=later, opinion="请核对收款账户")

        unchanged = submission_preview(KIND.get(review.pk), actor=lender.am, now=later)
        fill(lender, review, payee_account="2100999912345678")  # it reads the same, masked
        changed = submission_preview(KIND.get(review.pk), actor=lender.am, now=later)

        assert unchanged.straight_to
        assert (changed.straight_to, changed.changed) == ("", ["收款账号"])
        log = ChangeRecord.objects.filter(field="payee_account").latest("pk")
        assert (log.old, log.new) == ("2100 **** **** 5678", "2100 **** **** 5678(已更改)")

    def test_prints_as_a_form(self, lender, approved):
        review = complete(lender, approved)
        submit(lender, review)
        record = print_document(
            document=KIND.get(review.pk), form=FORM, actor=lender.am, now=lender.now
        )
        assert record.number == 1
        assert record.file is not None


@pytest.mark.usefixtures("clock")
class TestCostNotice:
    def test_tells_every_item_and_the_rate_that_was_approved(self, lender):
        approved = lender.approved(amount="400000.00")
        with engine_writes():
            FeeLine.objects.create(
                application=approved, kind="SERVICE", basis="RATE", rate=1, timing="UPFRONT"
            )
        review = complete(lender, approved)
        notice = notice_context(review)
        assert (notice["amount"], notice["capital"]) == ("400,000.00", "肆拾万元整")
        assert notice["fees"][0]["value"] == "1.00%"
        assert notice["fee_total"] == "4,000.00"
        cost = cost_of(
            scaled_lines(
                list(approved.lines.select_related("product")),
                amount=Decimal("400000.00"),
                term=12,
                rate=Decimal(12),
            ),
            list(approved.fees.all()),
            start=review.start_date,
        )
        assert cost.rate > 12
        assert notice["all_in_rate"] == f"{format_rate(cost.rate)}%"
        paid = cost.all_in.total_interest + cost.all_in.total_fees + Decimal("400000.00")
        assert notice["in_all"] == format_amount(paid)

    def test_is_printed_before_the_review_is_submitted_without_a_watermark(
        self, lender, approved, client
    ):
        review = complete(lender, approved)
        assert review.wf_status == "DRAFT"
        record = print_document(
            document=routed_kind(KIND_CODE).get(review.pk),
            form=NOTICE,
            actor=lender.am,
            now=lender.now,
        )
        text = subprocess.run(
            ["pdftotext", "-layout", "-", "-"],
            input=fresh_print(record).stream.read(),
            capture_output=True,
            check=True,
        ).stdout.decode()
        assert "综合融资成本告知书" in text
        assert "草稿" not in text
        client.force_login(lender.am)
        page = client.get(review.get_absolute_url()).content.decode()
        assert f"/print/{NOTICE}/" in page


@pytest.mark.usefixtures("clock")
class TestApi:
    def test_the_same_rules_hold(self, lender, approved, client):
        client.force_login(lender.am)
        made = client.post(
            "/api/v1/contract-reviews/",
            {
                "application": approved.pk,
                "contract_no": "HT-77",
                "contract_name": "借款合同",
                "signed_on": "2026-03-02",
            },
            content_type="application/json",
        )
        assert made.status_code == 201
        body = made.json()
        assert body["amount"] == "400000.00"
        assert [row["condition"] for row in body["conditions"]] == ["配偶签字", "追加保证人"]
        review = ContractReview.objects.get(pk=body["id"])
        attach_papers(review)
        refused = client.post(
            f"/api/v1/contract-reviews/{review.pk}/submit/",
            {"seen_version": review.version},
            content_type="application/json",
            headers={"Idempotency-Key": "submit-the-review"},
        )
        assert refused.status_code == 422
        assert {"CTR-05", "CTR-06"} <= {each["code"] for each in refused.json()["errors"]}

    def test_n26_lists_only_what_is_in_sight(self, lender, approved, client):
        begin(lender, approved)
        client.force_login(lender.people.other_am)
        assert client.get("/api/v1/contract-reviews/").json()["results"] == []
        made = client.post(
            "/api/v1/contract-reviews/",
            {"application": approved.pk, "contract_no": "1", "contract_name": "x"},
            content_type="application/json",
        )
        assert made.status_code == 400
