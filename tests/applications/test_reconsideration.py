"""业务复议申请单 (M6): REC-01 to REC-08, one level above, and what an approval grants."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications import hooks
from applications.exposure import exposure_of
from applications.models import BusinessApplication, Product, Reconsideration
from contracts.choices import Formality
from contracts.rules.papers import binding_papers
from customers.models import Customer
from documents.kinds import routed_kind
from documents.models import Attachment, StoredFile
from documents.parties import has_open_documents, live_cases
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from sms.services.events import EVENT_TOPIC
from tests.applications.factories import Lender, attach_paper, attach_papers, fresh, house, line
from tests.applications.reconsidering import (
    FACTS,
    OPINION,
    ReconsiderationWalk,
    again,
    committee,
    kind,
    new,
    reject,
    rejected,
    rejected_by_the_president,
    void_by_two,
)
from tests.applications.test_approval import Walk, booked
from tests.riskcommittee.sitting import rise, sit
from tests.staff.factories import person
from workflows.services.submission import submit_document, withdraw_case


def begin(lender: Lender, origin: BusinessApplication, **values):
    values.setdefault("now", lender.now + timedelta(hours=1))
    return create_draft(kind=kind(), origin=origin, actor=again(lender.am), **values)


def submission_codes(lender: Lender, document: Reconsideration) -> list[str]:
    found = kind().check_submission(
        kind().get(document.pk), actor=again(lender.am), now=lender.now + timedelta(hours=3)
    )
    return [reason.code for reason in found]


def refused(call, *codes: str) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    assert [reason.code for reason in caught.value.reasons] == list(codes)
    return caught.value


class TestBegin:
    def test_copies_the_rejection_from_the_history(self, lender):
        origin = rejected(lender)
        made = begin(lender, origin)

        assert made.doc_no.startswith("FY-SY-20260302-")
        assert made.subject == "北方汇银商贸有限公司-业务复议申请单-20260302"
        assert (made.rejected_node, made.rejected_by) == (
            "分公司风控经理",
            lender.people.brm.name,
        )
        assert (made.rejected_opinion, made.rejected_on) == (OPINION, lender.now.date())
        assert made.rejected_level == 0
        assert (made.amount, made.term_months) == (Decimal("300000.00"), 12)
        assert (made.customer, made.opportunity) == (origin.customer, origin.opportunity)
        assert Reconsideration.objects.get(pk=made.pk).exposure == Decimal("300000.00")

    @pytest.mark.parametrize("status", ["DRAFT", "IN_APPROVAL", "APPROVED"])
    def test_rec_01_only_of_a_rejected_application(self, lender, status):
        application = lender.draft()
        if status != "DRAFT":
            walk = Walk(lender, application)
            if status == "APPROVED":
                for who in (lender.people.tl, lender.people.brm, lender.people.bgm):
                    walk.by(who)
        refused(lambda: begin(lender, fresh(application)), "REC-01")

    def test_rec_01_in_the_database_too(self, lender):
        made = new(lender, rejected(lender))
        other = lender.draft(lender.opportunity_of(lender.customer))
        with pytest.raises(IntegrityError, match="REC-01"), transaction.atomic():
            Reconsideration.objects.filter(pk=made.pk).update(origin=other, open_origin=other)

    def test_rec_03_one_open_at_a_time(self, lender):
        origin = rejected(lender)
        first = begin(lender, origin)
        error = refused(lambda: begin(lender, origin), "REC-03")
        assert error.message == f"业务 {origin.doc_no} 已有在途复议申请单 {first.doc_no}。"

    def test_n07_rec_03_in_the_database_too(self, lender):
        origin = rejected(lender)
        first = begin(lender, origin)
        void_document(
            document_id=first.pk, actor=again(lender.am), now=lender.now, reason="另行准备材料"
        )
        begin(lender, origin)
        with pytest.raises(IntegrityError), transaction.atomic():
            Reconsideration.objects.filter(pk=first.pk).update(open_origin=origin)

    def test_rec_04_within_thirty_days(self, lender):
        origin = rejected(lender)
        begin(lender, origin, now=lender.now + timedelta(days=30))

    def test_rec_04_not_after_thirty_days(self, lender):
        origin = rejected(lender)
        late = lender.now + timedelta(days=31)
        error = refused(lambda: begin(lender, origin, now=late), "REC-04")
        assert error.message == "已超过复议期限(30 天)。"

    def test_only_by_the_customers_own_account_manager(self, lender):
        origin = rejected(lender)
        for who, code in ((lender.people.tl, "DOC-05"), (person("AM"), "CUS-11")):
            refused(
                lambda who=who: create_draft(
                    kind=kind(), origin=origin, actor=again(who), now=lender.now
                ),
                code,
            )

    def test_cus_11_not_on_a_customer_in_the_pool(self, lender):
        origin = rejected(lender)
        Customer.objects.filter(pk=lender.customer.pk).update(pooled_at=lender.now)
        refused(lambda: begin(lender, origin), "CUS-11")

    def test_rec_08_nobody_stands_above_the_president(self, lender):
        refused(lambda: begin(lender, rejected_by_the_president(lender)), "REC-08")


class TestDraft:
    def test_rec_05_not_more_than_was_asked_for(self, lender):
        origin = rejected(lender)
        error = refused(lambda: new(lender, origin, amount=Decimal("300000.01")), "REC-05")
        assert error.field == "amount"
        assert error.message == "复议金额不能大于原申请金额 300,000.00 元。"

    def test_rec_05_in_the_database_too(self, lender):
        made = new(lender, rejected(lender))
        with pytest.raises(IntegrityError, match="REC-05"), transaction.atomic():
            Reconsideration.objects.filter(pk=made.pk).update(amount=Decimal("300000.01"))

    def test_an_amount_of_nothing_is_refused(self, lender):
        refused(lambda: new(lender, rejected(lender), amount=Decimal(0)), "BUS-01")


class TestSubmission:
    def test_a_complete_one_passes(self, lender):
        assert submission_codes(lender, new(lender, rejected(lender))) == []

    @pytest.mark.parametrize("field", ["reason", "new_facts"])
    def test_rec_06_words_of_twenty_characters(self, lender, field):
        made = new(lender, rejected(lender), **{field: "情况有变"})
        assert submission_codes(lender, made) == ["REC-06"]

    def test_wf_08_the_customer_is_complete(self, lender):
        made = new(lender, rejected(lender))
        Customer.objects.filter(pk=lender.customer.pk).update(industry="")
        assert submission_codes(lender, made) == ["WF-08"]

    def test_cus_10_the_customer_is_held_while_it_runs(self, lender):
        made = new(lender, rejected(lender))
        assert not has_open_documents(lender.customer.pk)
        walk = ReconsiderationWalk(lender, made)
        assert has_open_documents(lender.customer.pk)
        assert live_cases(lender.customer.pk) == [walk.case.pk]

    def test_rec_06_needs_new_material(self, lender):
        made = new(lender, rejected(lender), has_papers=False)
        assert submission_codes(lender, made) == ["REC-06"]

    def test_rec_06_a_file_that_was_there_before_is_not_new(self, lender):
        origin = rejected(lender)
        made = new(lender, origin, has_papers=False)
        attach_file(made, origin.attachments.first().file)
        assert submission_codes(lender, made) == ["REC-06"]

    def test_the_rules_of_the_product_hold_for_the_new_terms(self, lender):
        made = new(
            lender,
            rejected(lender),
            amount=Decimal("5000"),
            term_months=60,
            annual_rate=Decimal("30"),
        )
        found = kind().check_submission(
            kind().get(made.pk), actor=again(lender.am), now=lender.now + timedelta(hours=3)
        )
        assert {(each.code, each.field) for each in found} >= {
            ("BUS-02", "amount"),
            ("BUS-03", "term_months"),
            ("BUS-04", "annual_rate"),
            ("BUS-05", None),
        }

    def test_bus_08_while_another_application_of_the_opportunity_is_open(self, lender):
        made = new(lender, rejected(lender))
        Walk(lender, lender.draft())
        assert submission_codes(lender, made) == ["BUS-08"]

    def test_bus_08_an_application_waits_while_the_first_is_reconsidered(self, lender):
        ReconsiderationWalk(lender, new(lender, rejected(lender)))
        refused(lender.draft, "BUS-08")

    def test_a_withdrawn_one_lets_others_pass_and_can_be_sent_again(self, lender):
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        withdraw_case(
            case_id=walk.case.pk, actor=again(lender.am), now=walk.now(), reason="补充材料后再报"
        )
        assert fresh(walk.document.origin).open_opportunity_id is None
        walk.submit()
        assert walk.document.wf_status == "IN_APPROVAL"


def attach_file(document: Reconsideration, file: StoredFile) -> None:
    Attachment.objects.create(
        document=document.document_ptr,
        category="NEW_MATERIAL",
        title="旧材料",
        file=file,
        file_name="a.pdf",
        uploaded_by=document.handler,
        uploaded_at=document.created_at,
    )


class TestRoute:
    """domain.md §2.3: one level above the step that rejected, never below the exposure's."""

    def test_rejected_in_the_branch_it_ends_at_head_office(self, lender):
        p = lender.people
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        document = walk.to_the_end(p.tl, p.brm, p.bgm, p.hrm)
        assert document.wf_status == "APPROVED"

    def test_rejected_by_head_office_it_goes_to_the_committee(self, lender):
        p = lender.people
        first = Walk(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))
        for who in (p.tl, p.brm, p.bgm):
            first.by(who)
        reject(first, p.hrm)
        committee(lender)
        made = new(lender, fresh(first.application))
        assert made.rejected_level == 2
        walk = ReconsiderationWalk(lender, made)
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)
        assert walk.document.wf_status == "IN_APPROVAL"
        walk.case.refresh_from_db()
        assert walk.case.facts["deciding_level"] == 3
        assert waiting_at(walk) == "risk_committee"

    def test_rejected_by_the_committee_it_goes_to_the_president(self, lender):
        p = lender.people
        members = committee(lender)
        first = Walk(lender, lender.draft(lines=[line(lender.product, amount=Decimal("5000000"))]))
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            first.by(who)
        session = sit(first.case, chair=members[-1], members=members[:-1], now=first.now())
        for who in members[:-1]:
            first.by(who)
        reject(first, members[-1])  # the chair's veto
        rise(session, now=first.now())
        origin = fresh(first.application)
        assert origin.wf_status == "REJECTED"
        made = new(lender, origin)
        assert made.rejected_level == 3
        assert members[-1].name in made.rejected_by

        walk = ReconsiderationWalk(lender, made)
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)
        assert waiting_at(walk) == "president"
        walk.by(p.ceo)
        assert walk.document.wf_status == "APPROVED"

    def test_n18_a_large_one_needs_the_level_of_its_exposure(self, lender):
        p = lender.people
        committee(lender)
        origin = rejected(lender, lines=[line(lender.product, amount=Decimal("5000000"))])
        walk = ReconsiderationWalk(lender, new(lender, origin))
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)
        assert waiting_at(walk) == "risk_committee"


def waiting_at(walk: Walk) -> str:
    stage = walk.case.stages.filter(outcome="", finished=None).exclude(node_id="").get()
    return stage.node_id


class TestApproval:
    def walked(self, lender: Lender, **values) -> ReconsiderationWalk:
        p = lender.people
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender), **values))
        walk.to_the_end(
            p.tl,
            p.brm,
            p.bgm,
            p.hrm,
            terms={"approved_amount": "200000"},
            conditions=["追加实际控制人连带责任保证"],
        )
        return walk

    @pytest.mark.parametrize(
        ("terms", "code"),
        [({"approved_amount": "9999.99"}, "BUS-02"), ({"approved_term": "2"}, "BUS-03")],
    )
    def test_bus_02_bus_03_bind_what_is_approved_of_it(self, lender, terms, code):
        p = lender.people
        Product.objects.update(min_term=3)
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)
        with pytest.raises(DomainError) as caught:
            walk.by(p.hrm, terms=terms)
        assert (caught.value.code, caught.value.field) == (code, *terms)
        assert walk.document.wf_status == "IN_APPROVAL"

    def test_grants_the_original_which_stays_rejected_in_its_own_history(self, lender):
        walk = self.walked(lender, amount=Decimal("250000"), term_months=6)
        origin = fresh(walk.document.origin)

        assert origin.wf_status == "REJECTED"
        assert origin.biz_status == "APPROVED"
        assert origin.reconsidered_by == walk.document
        assert origin.is_granted
        assert not origin.is_over
        assert (origin.approved_amount, origin.approved_term, origin.approved_rate) == (
            Decimal("200000.00"),
            6,
            Decimal("12.0000"),
        )
        assert origin.approved_conditions == "追加实际控制人连带责任保证"
        assert origin.approval_valid_until == lender.now.date() + timedelta(days=60)
        rows = booked(origin)
        assert rows["approved_amount"].new == "200000.00"
        assert rows["reconsidered_by"].new == str(walk.document)
        assert {row.approval for row in rows.values()} == {walk.document.doc_no}
        assert {row.actor for row in rows.values()} == {lender.people.hrm}
        assert origin.open_opportunity_id == origin.opportunity_id

    def test_whoever_asks_for_signable_applications_finds_it(self, lender):
        walk = self.walked(lender)
        day = lender.now.date()
        assert walk.document.origin in BusinessApplication.objects.signable(day=day)
        late = day + timedelta(days=61)
        assert not BusinessApplication.objects.signable(day=late).exists()

    def test_counts_as_exposure(self, lender):
        self.walked(lender)
        found = exposure_of(
            lender.customer, request=Decimal(0), excluding=None, day=lender.now.date()
        )
        assert found.borrower == Decimal("200000.00")

    def test_n05_rec_02_once_only(self, lender):
        walk = self.walked(lender)
        refused(lambda: begin(lender, fresh(walk.document.origin)), "REC-02")
        with pytest.raises(IntegrityError), transaction.atomic():
            Reconsideration.objects.filter(pk=walk.document.pk).update(
                open_origin=walk.document.origin_id
            )

    def test_n05_a_rejected_one_is_final(self, lender):
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        walk.by(lender.people.tl)
        document = walk.rejected_by(lender.people.brm)
        origin = fresh(document.origin)

        assert (document.wf_status, document.decided_origin) == ("REJECTED", origin)
        assert (origin.biz_status, origin.is_granted) == ("CLOSED", False)
        assert origin.open_opportunity_id is None
        refused(lambda: begin(lender, origin), "REC-02")

    def test_an_approved_one_that_is_void_takes_the_grant_back(self, lender):
        walk = self.walked(lender)
        void_by_two(walk.document, asker=lender.people.hrm, now=walk.now())
        origin = fresh(walk.document.origin)
        assert (origin.biz_status, origin.is_granted) == ("CLOSED", False)
        assert origin.open_opportunity_id is None

    def test_not_void_once_the_contract_is_signed(self, lender):
        walk = self.walked(lender)
        BusinessApplication.objects.filter(pk=walk.document.origin_id).update(biz_status="SIGNED")
        refused(
            lambda: void_by_two(walk.document, asker=lender.people.hrm, now=walk.now()),
            "DOC-02",
        )


class TestRec07Bar:
    def barred(self, lender: Lender, amount: str, *, days: int, product=None) -> list[str]:
        """What a new application is refused for, so long after a rejected reconsideration."""
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        walk.by(lender.people.tl)
        walk.rejected_by(lender.people.brm)
        product = product or lender.product
        application = lender.draft(lines=[line(product, amount=Decimal(amount))])
        attach_papers(application)
        with pytest.raises(DomainError) as caught:
            submit_document(
                kind="business_application",
                document_id=application.pk,
                actor=again(lender.am),
                now=lender.now + timedelta(days=days),
            )
        return [reason.code for reason in caught.value.reasons]

    def test_rec_07_the_same_request_is_barred_for_six_months(self, lender):
        assert "REC-07" in self.barred(lender, "300000", days=180)

    def test_rec_07_asking_for_more_is_no_less_the_same(self, lender):
        assert "REC-07" in self.barred(lender, "400000", days=1)

    def test_rec_07_a_smaller_request_is_another_one(self, lender):
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        walk.by(lender.people.tl)
        walk.rejected_by(lender.people.brm)
        Walk(lender, lender.draft(lines=[line(lender.product, amount=Decimal("200000"))]))

    def test_rec_07_ends_after_six_months(self, lender):
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        walk.by(lender.people.tl)
        document = walk.rejected_by(lender.people.brm)
        assert document.decided_on == lender.now.date()
        application = lender.draft()
        found = application_codes(lender, application, days=184)
        assert "REC-07" not in found


def application_codes(lender: Lender, application: BusinessApplication, *, days: int) -> list[str]:
    kind_ = routed_kind("business_application")
    found = kind_.check_submission(
        kind_.get(application.pk),
        actor=again(lender.am),
        now=lender.now + timedelta(days=days),
    )
    return [reason.code for reason in found]


class TestFacts:
    def test_the_words_of_the_request_are_frozen_with_the_case(self, lender):
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        walk.case.refresh_from_db()
        facts = walk.case.facts
        assert (facts["rejected_level"], facts["deciding_level"]) == (0, 2)
        assert walk.document.new_facts == FACTS

    def test_the_branch_is_the_one_that_asks_after_the_customer_moved(self, lender):
        made = new(lender, rejected(lender))
        Reconsideration.objects.filter(pk=made.pk).update(branch=lender.people.other_branch)
        document = kind().get(made.pk)
        facts = kind().collect_facts(document, now=lender.now)
        assert facts["branch"] == lender.people.other_branch.code != document.origin.branch.code


FACTORY = house(
    kind="LAND", name="铁西区厂房", assessed_value=Decimal("2000000"), ratio=Decimal(60)
)


def offered(lender: Lender, made: Reconsideration, *rows, **values) -> Reconsideration:
    """The request with these securities instead."""
    return update_draft(
        kind=kind(),
        document_id=made.pk,
        actor=again(lender.am),
        now=lender.now + timedelta(hours=1),
        values=values,
        rows={"guarantee_items": list(rows)},
    )


class TestChangedGuarantee:
    """担保调整: a reconsideration has a list of its own, which begins with the application's."""

    def offering(self, lender: Lender, origin: BusinessApplication, *rows, **values):
        made = new(lender, origin, **values)
        attach_paper(made, "COLLATERAL")
        return offered(lender, made, *rows)

    def test_begins_with_the_securities_of_the_application(self, lender):
        made = begin(lender, rejected(lender))
        (row,) = made.guarantee_items.all()
        assert (row.name, row.lendable) == ("沈阳市和平区住宅", Decimal("21000000.00"))

    def test_bus_11_measures_the_securities_that_it_offers(self, lender):
        origin = rejected(lender)
        made = self.offering(lender, origin, house(assessed_value=Decimal("100000")))
        assert submission_codes(lender, made) == ["BUS-11"]
        made = offered(lender, made, house(assessed_value=Decimal("100000")), FACTORY)
        assert submission_codes(lender, made) == []

    def test_the_band_follows_the_guarantee_that_it_offers(self, lender):
        """Unsecured moved the application one band up; with a mortgage the reason is gone."""
        origin = rejected(lender, guarantee=["CREDIT"], guarantee_items=[])
        made = new(lender, origin)
        assert made.uplift_reasons == ["UNSECURED"]
        made = offered(lender, made, FACTORY, guarantee=["MORTGAGE"])
        assert made.uplift_reasons == []
        attach_paper(made, "COLLATERAL")
        facts = ReconsiderationWalk(lender, made).case.facts
        assert (facts["guarantee"], facts["is_unsecured"]) == (["MORTGAGE"], False)

    def test_wf_09_another_security_needs_its_papers(self, lender):
        origin = rejected(lender)
        made = new(lender, origin)
        assert submission_codes(lender, made) == []
        made = offered(lender, made, house(), FACTORY)
        assert submission_codes(lender, made) == ["WF-09"]

    def test_n04_the_list_is_frozen_under_approval(self, lender):
        made = new(lender, rejected(lender))
        ReconsiderationWalk(lender, made)
        with pytest.raises(IntegrityError), transaction.atomic():
            made.guarantee_items.update(name="别的房产")

    def test_the_business_has_its_securities_once_granted(self, lender):
        p = lender.people
        origin = rejected(lender)
        made = self.offering(lender, origin, FACTORY)
        assert [row.name for row in origin.guarantee_items.all()] == ["沈阳市和平区住宅"]
        ReconsiderationWalk(lender, made).to_the_end(p.tl, p.brm, p.bgm, p.hrm)

        (row,) = fresh(origin).guarantee_items.all()
        assert (row.name, row.lendable) == ("铁西区厂房", Decimal("1200000.00"))
        change = booked(origin)["guarantee_items"]
        assert "沈阳市和平区住宅" in change.old
        assert "铁西区厂房" in change.new
        assert (change.actor, change.approval) == (p.hrm, made.doc_no)

    def test_wf_08_no_mortgage_without_a_security_on_the_list(self, lender):
        origin = rejected(lender, guarantee=["CREDIT"], guarantee_items=[])
        made = new(lender, origin, guarantee=["MORTGAGE"])
        assert {"WF-08", "WF-09"} <= set(submission_codes(lender, made))

    def test_wf_09_a_security_needs_its_papers(self, lender):
        origin = rejected(lender, guarantee=["CREDIT"])
        made = new(lender, origin, guarantee=["MORTGAGE"])
        assert submission_codes(lender, made) == ["WF-09"]
        attach_paper(made, "COLLATERAL")
        assert submission_codes(lender, made) == []

    def test_bus_11_measures_the_list_of_the_application(self, lender):
        origin = rejected(
            lender,
            guarantee=["CREDIT"],
            guarantee_items=[house(assessed_value=Decimal("100000"))],
        )
        made = new(lender, origin, guarantee=["MORTGAGE"])
        attach_paper(made, "COLLATERAL")
        assert submission_codes(lender, made) == ["BUS-11"]

    def test_what_is_granted_is_the_guarantee_of_the_business(self, lender):
        p = lender.people
        origin = rejected(lender, guarantee=["CREDIT"])
        made = new(lender, origin, guarantee=["MORTGAGE"])
        attach_paper(made, "COLLATERAL")
        ReconsiderationWalk(lender, made).to_the_end(p.tl, p.brm, p.bgm, p.hrm)

        done = fresh(origin)
        assert (done.biz_status, done.guarantee) == ("APPROVED", ["MORTGAGE"])
        assert Formality.REGISTRATION in binding_papers(done)


class TestBorrower:
    def test_is_told_of_the_approval(self, lender):
        p = lender.people
        origin = rejected(lender)
        walk = ReconsiderationWalk(lender, new(lender, origin))
        walk.to_the_end(p.tl, p.brm, p.bgm, p.hrm, terms={"approved_amount": "200000"})

        told = OutboxMessage.objects.filter(topic=EVENT_TOPIC).get().payload
        assert told["contact"] == origin.borrower_id
        assert (told["values"]["doc_no"], told["values"]["amount"]) == (
            origin.doc_no,
            "200000.00",
        )


class TestYoungLoan:
    def test_moves_it_up_as_it_moves_the_application(self, lender, monkeypatch):
        origin = rejected(lender)
        monkeypatch.setattr(hooks, "_young_loan_checks", [lambda customer_id: True])
        assert "SECOND_LOAN" in new(lender, origin).uplift_reasons
