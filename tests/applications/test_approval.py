"""Applications on the shipped route, from the account manager's click to the approved terms."""

from __future__ import annotations

import html
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from rest_framework.test import APIClient

import pytest

from applications import hooks
from applications.models import AuthorityBand, BusinessApplication, Product
from applications.services.drafts import update_application
from applications.services.expiry import expire_approvals
from customers.models import Customer
from documents.services.documents import void_document
from documents.services.handlers import change_handler
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from riskcommittee.selectors import proceedings_of
from staff.models import Employee
from tests.applications.factories import Lender, fresh, line
from tests.riskcommittee.sitting import rise, sit
from tests.staff.factories import person
from tests.workflows.pages import browser, text_of
from workflows.models import Case, WorkItem
from workflows.services import decisions
from workflows.services.items import claim, take_back, transfer
from workflows.services.submission import submit_document, withdraw_case


class Walk:
    """A case on its way; ``by`` approves as that person."""

    kind = "business_application"

    def __init__(self, lender: Lender, application: BusinessApplication) -> None:
        self.lender = lender
        self.application = application
        self.minutes = 0
        self.case = self.submit()

    def submit(self) -> Case:
        return submit_document(
            kind=self.kind,
            document_id=self.application.pk,
            actor=self.application.handler,
            now=self.now(),
        )

    def now(self):
        self.minutes += 1
        return self.lender.now + timedelta(minutes=self.minutes)

    def item(self, who: Employee) -> WorkItem:
        who = again(who)
        mine = WorkItem.objects.waiting_for(who).filter(case=self.case)
        return (mine | WorkItem.objects.claimable_by(who).filter(case=self.case)).get()

    def by(self, who: Employee, **values: Any) -> Case:
        item = self.item(who)
        if item.claim_required and item.assignee_id is None:
            claim(item_id=item.pk, actor=again(who), now=self.now())
        values.setdefault("opinion", "同意")
        return decisions.approve(item_id=item.pk, actor=again(who), now=self.now(), **values)


def again(who: Employee) -> Employee:
    """The person as a new request loads him."""
    return Employee.objects.get(pk=who.pk)


def booked(application: BusinessApplication) -> dict[str, ChangeRecord]:
    """What the change log says of an approval, by field."""
    found = ChangeRecord.objects.filter(
        model="applications.businessapplication", object_id=application.pk
    ).exclude(approval="")
    return {row.field: row for row in found}


def amount(lender: Lender, value: str) -> list[dict[str, Any]]:
    return [line(lender.product, amount=Decimal(value))]


class TestBranchAuthority:
    def test_the_branch_manager_decides_up_to_500000(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft(lines=amount(lender, "500000")))
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)

        done = fresh(walk.application)
        assert done.wf_status == "APPROVED"
        assert done.biz_status == "APPROVED"
        assert (done.approved_amount, done.approved_term, done.approved_rate) == (
            Decimal("500000.00"),
            12,
            Decimal("12.0000"),
        )
        assert done.approved_on == date(2026, 3, 2)
        assert done.approval_valid_until == date(2026, 5, 1)  # 60 days
        assert done.open_opportunity_id == done.opportunity_id

    def test_story_1_unsecured_goes_to_head_office_which_lowers_the_amount(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)
        walk.by(p.hrm, terms={"approved_amount": "250,000"}, conditions=["配偶签字"])

        done = fresh(walk.application)
        assert done.wf_status == "APPROVED"
        assert done.approved_amount == Decimal("250000.00")
        assert done.approved_conditions == "配偶签字"

    def test_a_rejection_closes_the_business(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        decisions.reject(
            item_id=walk.item(p.brm).pk,
            actor=again(p.brm),
            now=walk.now(),
            opinion="现金流不足以覆盖还款来源",
        )

        done = fresh(walk.application)
        assert (done.wf_status, done.biz_status) == ("REJECTED", "CLOSED")
        assert done.open_opportunity_id is None
        assert done.approved_amount is None

    def test_the_department_head_cannot_reject(self, lender):
        walk = Walk(lender, lender.draft())
        with pytest.raises(DomainError) as refused:
            decisions.reject(
                item_id=walk.item(lender.people.tl).pk,
                actor=again(lender.people.tl),
                now=walk.now(),
                opinion="现金流不足以覆盖还款来源",
            )
        assert refused.value.status == 403


class TestCommitteeAndPresident:
    def test_a_large_request_walks_the_whole_route(self, lender, client):
        p = lender.people
        here = {"branch": p.hrm.branch, "department": p.hrm.department}
        members = [p.rc, *(person("RC", **here) for _ in range(3))]
        chair = person("RCC", **here)
        walk = Walk(lender, lender.draft(lines=amount(lender, "12000000")))
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)
        session = sit(walk.case, chair=chair, members=members, now=walk.now())
        walk.by(members[0], terms={"approved_amount": "11000000"})
        walk.by(members[1], terms={"approved_amount": "10500000", "approved_term": "10"})
        walk.by(members[2], terms={"approved_term": "11", "approved_rate": "11.5"})
        walk.by(members[3])
        walk.by(chair)
        closed = rise(session, now=walk.now())
        assert closed.agreed_amount == Decimal("10500000.00")
        client.force_login(chair)
        page = client.get(closed.get_absolute_url()).content.decode()
        assert [value for _label, value in proceedings_of(closed).agreed_terms] == ["10", "11.5"]
        assert ">11.5<" in page
        assert fresh(walk.application).wf_status == "IN_APPROVAL"
        walk.by(p.ceo)

        done = fresh(walk.application)
        assert done.wf_status == "APPROVED"
        assert done.approved_amount == Decimal("10500000.00")

    def test_n19_rcm_21_nobody_votes_before_the_session_is_convened(self, lender, client):
        p = lender.people
        here = {"branch": p.hrm.branch, "department": p.hrm.department}
        members = [p.rc, *(person("RC", **here) for _ in range(3))]
        chair = person("RCC", **here)
        walk = Walk(lender, lender.draft(lines=amount(lender, "5000000")))
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)
        for who in (members[0], chair):
            with pytest.raises(DomainError) as refused:
                walk.by(who)
            assert refused.value.code == "RCM-21"
        with pytest.raises(DomainError) as refused:
            decisions.return_case(
                item_id=walk.item(members[0]).pk,
                actor=again(members[0]),
                now=walk.now(),
                opinion="请补充近三年审计报告",
            )
        assert refused.value.code == "RCM-21"
        client.force_login(members[0])
        page = client.get(reverse("workflows:case", args=[walk.case.pk]))
        assert "须先由秘书召集" in page.content.decode()

        session = sit(walk.case, chair=chair, members=members, now=walk.now())
        page = client.get(reverse("workflows:case", args=[walk.case.pk]))
        assert "须先由秘书召集" not in page.content.decode()
        for member in members:
            walk.by(member)
        walk.by(chair)
        assert fresh(walk.application).wf_status == "IN_APPROVAL"
        rise(session, now=walk.now())
        assert fresh(walk.application).wf_status == "APPROVED"


class TestN18Authority:
    """Nobody approves beyond his limit, also when exposure grew meanwhile (WF-15)."""

    def test_n18_exposure_grew_while_the_case_ran(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft(lines=amount(lender, "400000")))
        walk.by(p.tl)
        walk.by(p.brm)
        lender.approved(amount="100000.01")

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm)
        assert refused.value.code == "WF-15"
        assert "500,000.00" in refused.value.message
        assert "500,000.01" in refused.value.message
        assert fresh(walk.application).wf_status == "IN_APPROVAL"

    def test_n18_the_group_borrowed_meanwhile(self, lender):
        p = lender.people
        sister = lender.borrower(name="姊妹公司")
        lender.group(lender.customer, sister)
        walk = Walk(lender, lender.draft(lines=amount(lender, "400000")))
        walk.by(p.tl)
        walk.by(p.brm)
        lender.approved(sister, amount="200000")

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm)
        assert refused.value.code == "WF-15"

    def test_n18_the_customer_became_special_mention(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        walk.by(p.brm)
        Customer.objects.update(risk_class="ATTENTION")

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm)
        assert refused.value.code == "WF-15"

    def test_n18_a_loan_was_paid_out_of_which_less_than_half_is_repaid(self, lender, monkeypatch):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        walk.by(p.brm)
        monkeypatch.setattr(hooks, "_young_loan_checks", [lambda customer_id: True])

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm)
        assert refused.value.code == "WF-15"

    def test_n18_a_rate_below_the_floor_needs_the_next_band(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        walk.by(p.brm)

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm, terms={"approved_rate": "9.9"})
        assert refused.value.code == "WF-15"
        walk.by(p.bgm, terms={"approved_rate": "10"})
        assert fresh(walk.application).approved_rate == Decimal("10")

    def test_n18_who_confirms_a_rate_below_the_floor_needs_the_next_band_too(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft(lines=amount(lender, "600000")))
        walk.by(p.tl)
        walk.by(p.brm)
        walk.by(p.bgm, terms={"approved_rate": "9"})

        with pytest.raises(DomainError) as refused:
            walk.by(p.hrm)
        assert refused.value.code == "WF-15"
        walk.by(p.hrm, terms={"approved_rate": "11"})
        assert fresh(walk.application).approved_rate == Decimal("11")

    def test_n18_the_band_above_may_grant_it(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)
        walk.by(p.hrm, terms={"approved_rate": "9"})
        assert fresh(walk.application).approved_rate == Decimal("9")

    def test_n18_a_lower_limit_holds_at_once(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        walk.by(p.brm)
        AuthorityBand.objects.filter(level=1).update(upper_limit=Decimal("100000"))

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm)
        assert refused.value.code == "WF-15"

    def test_n18_head_office_gives_nothing_to_a_branch(self, lender):
        p = lender.people
        elsewhere = person("BRM", branch=p.other_branch)
        walk = Walk(lender, lender.draft(lines=amount(lender, "2900000")))
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)
        item = walk.item(p.hrm)
        claim(item_id=item.pk, actor=again(p.hrm), now=walk.now())
        for to in (elsewhere, person("BRM", branch=p.branch), person("BGM", branch=p.branch)):
            with pytest.raises(DomainError) as refused:
                transfer(
                    item_id=item.pk,
                    actor=again(p.hrm),
                    now=walk.now(),
                    recipient=again(to),
                    reason="出差",
                )
            assert refused.value.code == "WF-20"
        transfer(
            item_id=item.pk,
            actor=again(p.hrm),
            now=walk.now(),
            recipient=again(p.plm),
            reason="出差",
        )
        assert walk.item(p.plm)

    def test_a_branch_gives_nothing_to_another_branch(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        elsewhere = person("BRM", branch=p.other_branch)
        with pytest.raises(DomainError) as refused:
            transfer(
                item_id=walk.item(p.brm).pk,
                actor=again(p.brm),
                now=walk.now(),
                recipient=again(elsewhere),
                reason="出差",
            )
        assert refused.value.code == "WF-20"


class TestConclusion:
    def test_bus_07_stops_the_last_approval(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        walk.by(p.brm)
        Customer.objects.update(biz_status="BLACKLISTED")

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm)
        assert refused.value.code == "BUS-07"
        assert fresh(walk.application).wf_status == "IN_APPROVAL"

    @pytest.mark.parametrize(
        ("terms", "code", "field"),
        [
            ({"approved_amount": "300000.01"}, "BUS-12", "approved_amount"),
            ({"approved_amount": "0"}, "BUS-01", "approved_amount"),
            ({"approved_amount": "-5"}, "BUS-01", "approved_amount"),
            ({"approved_amount": "abc"}, "SYS-400", "approved_amount"),
            ({"approved_amount": "NaN"}, "SYS-400", "approved_amount"),
            ({"approved_amount": "1e400"}, "SYS-400", "approved_amount"),
            ({"approved_amount": "1.001"}, "SYS-400", "approved_amount"),
            ({"approved_amount": "9" * 30}, "SYS-400", "approved_amount"),
            ({"approved_term": "13"}, "BUS-12", "approved_term"),
            ({"approved_term": "0"}, "BUS-12", "approved_term"),
            ({"approved_rate": "12.0001"}, "BUS-12", "approved_rate"),
            ({"approved_rate": "5.9999"}, "BUS-04", "approved_rate"),
        ],
    )
    def test_bus_12_refuses_terms_above_the_request(self, lender, terms, code, field):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        walk.by(p.brm)

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm, terms=terms)
        assert (refused.value.code, refused.value.field) == (code, field)

    @pytest.mark.parametrize(
        ("terms", "code", "field", "sentence"),
        [
            (
                {"approved_amount": "9999.99"},
                "BUS-02",
                "approved_amount",
                "申请金额 9,999.99 元超出产品“流动资金贷款”的范围(10,000.00~20,000,000.00 元)。",
            ),
            ({"approved_term": "2"}, "BUS-03", "approved_term", "期限须在 3~36 个月之间。"),
        ],
    )
    def test_bus_02_bus_03_refuse_terms_below_the_product(
        self, lender, terms, code, field, sentence
    ):
        """Approval with and without conditions, by page and API; the item waits as before."""
        p = lender.people
        Product.objects.update(min_term=3)
        walk = Walk(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)
        item = walk.item(p.hrm)
        claim(item_id=item.pk, actor=again(p.hrm), now=walk.now())

        for besides in ({}, {"conditions": ["配偶签字"]}):
            with pytest.raises(DomainError) as refused:
                walk.by(p.hrm, terms=terms, **besides)
            assert (refused.value.code, refused.value.field) == (code, field)
        page = browser(p.hrm, language="zh-hans").post(
            f"/work-items/{item.pk}/approve/",
            {"opinion": "同意", **{f"term_{name}": value for name, value in terms.items()}},
            headers={"HX-Request": "true"},
        )
        assert page.status_code == 422
        assert sentence in html.unescape(page.content.decode())
        client = APIClient(headers={"accept-language": "zh-hans"})
        client.force_authenticate(again(p.hrm))
        answer = client.post(
            f"/api/v1/work-items/{item.pk}/approve/",
            {
                "opinion": "同意",
                "terms": terms,
                "seen_version": Case.objects.get(pk=walk.case.pk).version,
            },
            format="json",
            headers={"Idempotency-Key": "key-00001"},
        )
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"code": code, "detail": sentence, "field": field}]
        assert walk.item(p.hrm) == item

    def test_bus_02_bus_03_measure_only_what_the_terms_change(self, lender):
        """A line that keeps its term, as submitted, is not held against a later product."""
        rows = [line(lender.product, amount=Decimal("200000"), term_months=t) for t in (12, 6)]
        walk = Walk(lender, lender.draft(lines=rows))
        walk.by(lender.people.tl)
        walk.by(lender.people.brm)
        Product.objects.update(min_term=9, max_amount=Decimal("150000"))

        with pytest.raises(DomainError) as refused:
            walk.by(lender.people.bgm, terms={"approved_amount": "380000"})
        assert refused.value.code == "BUS-02"
        walk.by(lender.people.bgm, terms={"approved_term": "10"})
        assert fresh(walk.application).approved_term == 10

    def test_the_change_log_tells_what_was_booked_and_who_decided(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)
        walk.by(p.hrm, terms={"approved_amount": "250000"}, conditions=["配偶签字"])

        rows = booked(walk.application)
        assert {field: (row.old, row.new) for field, row in rows.items()} == {
            "approved_amount": ("", "250000.00"),
            "approved_term": ("", "12"),
            "approved_rate": ("", "12.0000"),
            "approved_conditions": ("", "配偶签字"),
            "approval_valid_until": ("", "2026-05-01"),
        }
        assert {(row.actor, row.approval, row.deciders) for row in rows.values()} == {
            (p.hrm, walk.application.doc_no, "")
        }
        page = text_of(browser(p.bgm).get(f"/documents/{walk.application.pk}/record/"))
        assert f"by the approval of {walk.application.doc_no}" in page

    def test_the_change_log_names_who_decided_where_nobody_set_terms(self, lender):
        walk = Walk(lender, lender.draft())
        for who in (lender.people.tl, lender.people.brm, lender.people.bgm):
            walk.by(who)
        row = booked(walk.application)["approved_amount"]
        assert (row.new, row.actor) == ("300000.00", lender.people.bgm)

    @pytest.mark.parametrize("typed", ["25万", "250,000.00", "２５０，０００", " 250000 "])
    def test_reads_an_amount_as_people_write_it(self, lender, typed):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        walk.by(p.brm)
        walk.by(p.bgm, terms={"approved_amount": typed})

        assert fresh(walk.application).approved_amount == Decimal("250000.00")

    def test_bus_05_holds_for_the_approved_terms_too(self, lender):
        p = lender.people
        fee = {"kind": "NOTARY", "basis": "AMOUNT", "amount": Decimal("9000"), "timing": "UPFRONT"}
        walk = Walk(lender, lender.draft(fees=[fee]))
        walk.by(p.tl)
        walk.by(p.brm)

        with pytest.raises(DomainError) as refused:
            walk.by(p.bgm, terms={"approved_amount": "80000"})
        assert refused.value.code == "BUS-05"
        walk.by(p.bgm, terms={"approved_amount": "280000"})

    def sitting(self, lender, **values):
        """A committee that votes on a large request with a fixed fee: members, chair, session."""
        p = lender.people
        here = {"branch": p.hrm.branch, "department": p.hrm.department}
        members = [p.rc, *(person("RC", **here) for _ in range(3))]
        chair = person("RCC", **here)
        fee = {"kind": "SERVICE", "basis": "AMOUNT", "amount": Decimal("25000")}
        request = line(lender.product, amount=Decimal("5000000"), annual_rate=Decimal("15"))
        walk = Walk(lender, lender.draft(lines=[request], fees=[fee | {"timing": "UPFRONT"}]))
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)
        return walk, members, chair, sit(walk.case, chair=chair, members=members, now=walk.now())

    def test_n22_bus_05_holds_for_what_a_committee_makes_of_its_ballots(self, lender):
        walk, members, chair, session = self.sitting(lender)
        walk.by(members[0], terms={"approved_amount": "1000000"})
        with pytest.raises(DomainError) as refused:
            walk.by(members[1], terms={"approved_term": "3"})
        assert refused.value.code == "BUS-05"
        assert "25.4" in refused.value.message
        walk.by(members[1], terms={"approved_term": "3", "approved_rate": "12"})
        for who in (members[2], members[3], chair):
            walk.by(who)
        rise(session, now=walk.now())

        row = booked(walk.application)["approved_amount"]
        voters = "、".join(who.name for who in (*members, chair))
        assert (row.actor, row.deciders) == (None, voters)
        done = fresh(walk.application)
        assert (done.approved_amount, done.approved_term) == (Decimal("1000000.00"), 3)
        assert done.approved_rate == Decimal("12")

    def test_n22_bus_05_is_asked_of_the_terms_that_are_booked(self, lender):
        """Who had lowered the rate takes his ballot back: what is left costs too much."""
        walk, members, chair, session = self.sitting(lender)
        walk.by(members[0], terms={"approved_amount": "1000000"})
        walk.by(members[1], terms={"approved_rate": "12"})
        walk.by(members[2], terms={"approved_term": "3"})
        item = WorkItem.objects.get(case=walk.case, stage__node_id="risk_committee",
                                    decided_by=members[1])  # fmt: skip
        take_back(item_id=item.pk, actor=again(members[1]), now=walk.now())
        for who in (members[1], members[3], chair):
            walk.by(who)
        with pytest.raises(DomainError) as refused:
            rise(session, now=walk.now())
        assert refused.value.code == "BUS-05"
        assert fresh(walk.application).wf_status == "IN_APPROVAL"


class TestN4Frozen:
    """N4: nothing of the document changes while it is under approval."""

    def test_n4_the_service_refuses(self, lender):
        walk = Walk(lender, lender.draft())
        with pytest.raises(DomainError) as refused:
            update_application(
                application_id=walk.application.pk,
                actor=lender.am,
                now=walk.now(),
                values={},
                rows={"lines": amount(lender, "1")},
            )
        assert refused.value.code == "WF-04"

    @pytest.mark.parametrize("table", ["lines", "guarantee_items", "fees"])
    def test_n4_the_database_refuses(self, lender, table):
        from django.db import IntegrityError, transaction

        fee = {"kind": "OTHER", "basis": "AMOUNT", "amount": Decimal("1"), "timing": "UPFRONT"}
        walk = Walk(lender, lender.draft(fees=[fee]))

        with pytest.raises(IntegrityError), transaction.atomic():
            getattr(walk.application, table).all().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            BusinessApplication.objects.update(purpose_note="炒股")


class TestN2OwnCase:
    def test_n2_story_4_the_handler_never_approves_his_own(self, lender):
        """The branch risk manager handles a case: his step goes to the general manager."""
        p = lender.people
        Employee.objects.filter(pk=p.bgm.pk).update(superior=p.hrm)
        Employee.objects.filter(pk=p.brm.pk).update(superior=p.bgm)
        application = lender.draft()
        # ORG-01 keeps business and risk roles apart; a work handover may still do this.
        type(application.document_ptr).objects.filter(pk=application.pk).update(
            handler=p.brm, creator=p.brm
        )
        walk = Walk(lender, fresh(application))
        walk.by(p.tl)

        item = walk.item(p.bgm)
        with pytest.raises(DomainError) as refused:
            decisions.approve(item_id=item.pk, actor=again(p.brm), now=walk.now(), opinion="同意")
        assert refused.value.code == "WF-01"
        walk.by(p.bgm)
        walk.by(p.hrm)
        assert fresh(walk.application).wf_status == "APPROVED"

    def test_n2_who_submitted_it_as_its_handler_never_decides_on_it(self, lender):
        """The department head submits, takes it back and hands it over: his step goes up."""
        p = lender.people
        Employee.objects.filter(pk=p.tl.pk).update(superior=p.bgm)
        Employee.objects.filter(pk=p.bgm.pk).update(superior=p.ceo)
        application = lender.draft()
        change_handler(
            document_id=application.pk, successor=again(p.tl), actor=again(p.adm), now=lender.now
        )
        walk = Walk(lender, fresh(application))
        withdraw_case(case_id=walk.case.pk, actor=again(p.tl), now=walk.now(), reason="移交后再报")
        change_handler(
            document_id=application.pk,
            successor=again(p.colleague),
            actor=again(p.adm),
            now=walk.now(),
        )
        walk.application = fresh(application)
        walk.submit()

        item = walk.item(p.bgm)
        with pytest.raises(DomainError) as refused:
            decisions.approve(item_id=item.pk, actor=again(p.tl), now=walk.now(), opinion="同意")
        assert refused.value.code == "WF-01"
        with pytest.raises(DomainError) as refused:
            transfer(
                item_id=item.pk,
                actor=again(p.bgm),
                now=walk.now(),
                recipient=again(p.tl),
                reason="出差",
            )
        assert refused.value.code == "WF-14"


class TestN3TwiceInARound:
    def test_n3_wf_02_the_same_person_decides_once(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        first = walk.item(p.tl)
        walk.by(p.tl)

        with pytest.raises(DomainError) as refused:
            decisions.approve(item_id=first.pk, actor=again(p.tl), now=walk.now(), opinion="同意")
        assert refused.value.code in ("WF-02", "WF-03", "WF-05")


class TestN17LaterConfiguration:
    def test_n17_a_changed_product_does_not_alter_the_running_case(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        lender.product.max_amount = Decimal("20000")
        lender.product.min_amount = Decimal("10000")
        lender.product.floor_rate = Decimal("20")
        lender.product.save()
        for who in (p.tl, p.brm, p.bgm):
            walk.by(who)

        assert fresh(walk.application).wf_status == "APPROVED"
        assert walk.case.snapshots.get().content["tables"][0]["rows"][0][1] == "300,000.00"


class TestReturn:
    def test_a_changed_amount_starts_the_chain_over(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        decisions.return_case(
            item_id=walk.item(p.brm).pk, actor=again(p.brm), now=walk.now(), opinion="请核实金额"
        )
        application = fresh(walk.application)
        assert application.wf_status == "RETURNED"
        update_application(
            application_id=application.pk,
            actor=lender.am,
            now=walk.now(),
            values={},
            rows={"lines": amount(lender, "200000")},
            seen_version=application.version,
        )
        walk.submit()

        assert walk.item(p.tl)

    def test_an_explained_remark_goes_straight_back(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        decisions.return_case(
            item_id=walk.item(p.brm).pk, actor=again(p.brm), now=walk.now(), opinion="请补充说明"
        )
        update_application(
            application_id=walk.application.pk,
            actor=lender.am,
            now=walk.now(),
            values={"remark": "已核实"},
        )
        walk.submit()

        assert walk.item(p.brm)

    def test_a_handover_does_not_hide_a_changed_amount(self, lender):
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        decisions.return_case(
            item_id=walk.item(p.brm).pk, actor=again(p.brm), now=walk.now(), opinion="请补充说明"
        )
        update_application(
            application_id=walk.application.pk,
            actor=lender.am,
            now=walk.now(),
            values={},
            rows={"lines": amount(lender, "480000")},
        )
        change_handler(
            document_id=walk.application.pk,
            successor=again(p.colleague),
            actor=again(p.adm),
            now=walk.now(),
        )
        walk.application = fresh(walk.application)
        walk.submit()

        assert walk.item(p.tl)
        resubmitted = walk.case.events.get(kind="RESUBMITTED")
        assert resubmitted.data["material_changes"] == ["lines"]


class TestPreviewOfAResubmission:
    """The dialog and the API say beforehand which way a returned document takes."""

    @pytest.fixture
    def walk(self, lender: Lender) -> Walk:
        p = lender.people
        walk = Walk(lender, lender.draft())
        walk.by(p.tl)
        decisions.return_case(
            item_id=walk.item(p.brm).pk, actor=again(p.brm), now=walk.now(), opinion="请补充说明"
        )
        return walk

    def shown(self, walk: Walk) -> tuple[str, dict[str, Any]]:
        address = reverse("applications:submission", args=[walk.application.pk])
        api = APIClient()
        api.force_authenticate(again(walk.lender.am))
        said = api.get(f"/api/v1/business-applications/{walk.application.pk}/preview/").json()
        return text_of(browser(walk.lender.am).get(address)), said

    def change(self, walk: Walk, values: dict[str, Any], rows: dict[str, Any]) -> None:
        update_application(
            application_id=walk.application.pk,
            actor=again(walk.lender.am),
            now=walk.now(),
            values=values,
            rows=rows,
        )

    def test_straight_back_past_who_has_decided(self, lender: Lender, walk: Walk) -> None:
        self.change(walk, {"remark": "已核实"}, {})
        page, said = self.shown(walk)

        assert "straight back to the step that returned it" in page
        assert (said["straight_to"], said["changed"]) == ("分公司风控经理", [])
        steps = said["steps"]
        assert [step["state"] for step in steps[:3]] == ["done", "ahead", "ahead"]
        assert steps[0]["people"] == [lender.people.tl.name]
        assert steps[1]["people"] == [lender.people.brm.name]
        walk.submit()
        assert walk.item(lender.people.brm)

    def test_the_whole_route_and_why(self, lender: Lender, walk: Walk) -> None:
        self.change(walk, {}, {"lines": amount(lender, "200000")})
        page, said = self.shown(walk)

        assert "It goes through the whole route again" in page
        assert said["straight_to"] == ""
        assert said["changed"] and said["changed"][0] in page
        assert said["steps"][0]["state"] == "ahead"

    def test_a_first_submission_says_neither(self, lender: Lender) -> None:
        api = APIClient()
        api.force_authenticate(again(lender.am))
        draft = lender.draft()
        said = api.get(f"/api/v1/business-applications/{draft.pk}/preview/").json()
        assert (said["straight_to"], said["changed"]) == ("", [])


class TestTermsOfARoundThatWasCalledOff:
    """What was granted on another document is not booked; what stands after 直达退回人 is."""

    def at_head_office(self, lender):
        """The branch has granted 50,000 on a condition."""
        p = lender.people
        walk = Walk(lender, lender.draft(guarantee=["CREDIT"], guarantee_items=[]))
        walk.by(p.tl)
        walk.by(p.brm, conditions=["配偶签字"])
        walk.by(p.bgm, terms={"approved_amount": "50000"})
        return walk

    def returned(self, walk, target=decisions.TO_HANDLER):
        hrm = walk.lender.people.hrm
        item = walk.item(hrm)
        claim(item_id=item.pk, actor=again(hrm), now=walk.now())
        decisions.return_case(
            item_id=item.pk, actor=again(hrm), now=walk.now(), opinion="请核实金额", target=target
        )

    def change(self, walk, **values):
        update_application(
            application_id=walk.application.pk, actor=walk.lender.am, now=walk.now(), **values
        )
        walk.submit()

    def test_terms_and_conditions_fall_away_when_the_chain_starts_over(self, lender):
        p = lender.people
        walk = self.at_head_office(lender)
        self.returned(walk)
        self.change(walk, values={}, rows={"lines": amount(lender, "400000")})
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)

        done = fresh(walk.application)
        assert done.wf_status == "APPROVED"
        assert done.approved_amount == Decimal("400000.00")
        assert done.approved_conditions == ""

    def test_a_withdrawal_calls_them_off_too(self, lender):
        p = lender.people
        walk = self.at_head_office(lender)
        withdraw_case(case_id=walk.case.pk, actor=lender.am, now=walk.now(), reason="改期")
        walk.submit()
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)

        done = fresh(walk.application)
        assert (done.approved_amount, done.approved_conditions) == (Decimal("300000.00"), "")

    def test_they_stand_after_a_direct_resubmission(self, lender):
        walk = self.at_head_office(lender)
        self.returned(walk)
        self.change(walk, values={"remark": "已核实"})
        walk.by(lender.people.hrm)

        done = fresh(walk.application)
        assert done.wf_status == "APPROVED"
        assert done.approved_amount == Decimal("50000.00")
        assert done.approved_conditions == "配偶签字"

    def test_who_is_asked_again_after_a_return_answers_anew(self, lender):
        p = lender.people
        walk = self.at_head_office(lender)
        self.returned(walk, target="branch_risk")
        for who in (p.brm, p.bgm, p.hrm):
            walk.by(who)

        done = fresh(walk.application)
        assert done.approved_amount == Decimal("300000.00")
        assert done.approved_conditions == ""


class TestWithdrawAndVoid:
    def test_a_void_application_frees_the_opportunity(self, lender):
        walk = Walk(lender, lender.draft())
        withdraw_case(case_id=walk.case.pk, actor=lender.am, now=walk.now(), reason="客户改期")
        void_document(
            document_id=walk.application.pk, actor=lender.am, now=walk.now(), reason="客户不再需要"
        )

        done = fresh(walk.application)
        assert (done.wf_status, done.biz_status) == ("VOID", "CLOSED")
        assert done.open_opportunity_id is None


class TestBus13Expiry:
    def test_bus_13_an_unsigned_approval_expires_after_its_last_day(self, lender, now):
        application = lender.approved(approval_valid_until=now.date())

        assert expire_approvals(now=now) == 0
        assert expire_approvals(now=now + timedelta(days=1)) == 1

        done = fresh(application)
        assert done.biz_status == "EXPIRED"
        assert done.open_opportunity_id is None
        assert ChangeRecord.objects.filter(object_id=done.pk, new="已失效").exists()
        message = OutboxMessage.objects.get(payload__event="application.expired")
        assert message.payload["recipients"] == [lender.am.pk]

    def test_bus_13_what_is_signed_stays(self, lender, now):
        lender.approved(biz_status="SIGNED", approval_valid_until=now.date())
        assert expire_approvals(now=now + timedelta(days=100)) == 0


class TestN26Visibility:
    def test_n26_another_branch_and_another_manager_see_nothing(self, lender):
        application = lender.draft()
        p = lender.people
        for who, sees in (
            (p.am, True), (p.tl, True), (p.brm, True), (p.bgm, True), (p.hrm, True),
            (p.colleague, False), (p.other_am, False), (p.rc, False), (p.adm, False),
        ):  # fmt: skip
            found = BusinessApplication.objects.visible_to(again(who)).filter(pk=application.pk)
            assert found.exists() is sees, who
