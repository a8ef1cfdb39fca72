"""WF-17 with the registers of customers: who is related never decides, whatever way he is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from customers.services.relations import TOPIC, review_cases
from customers.services.staff_relations import declare_relation, end_relation, keep_identity
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.models import Employee
from staff.services.delegations import create_delegation
from tests.applications.factories import Lender
from tests.applications.test_approval import Walk, again, amount
from tests.staff.factories import person
from workflows.choices import EventKind
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.services import decisions, items, signers

pytestmark = pytest.mark.django_db


def declare(lender: Lender, who: Employee) -> Any:
    """Head-office risk declares him, and the worker delivers what that publishes."""
    OutboxMessage.objects.all().delete()
    relation = declare_relation(
        employee=who, customer=lender.customer, contact=lender.customer.contacts.get(),
        tie="RELATIVE", reason="借款人之兄,本人申报", actor=again(lender.people.hrm),
        now=lender.now,
    )  # fmt: skip
    deliver(lender)
    return relation


def deliver(lender: Lender) -> None:
    for message in OutboxMessage.objects.filter(topic=TOPIC):
        review_cases(message, lender.now)


def refused(call: Callable[..., Any], **values: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        call(**values)
    return refusal.value.code


def has_work(who: Employee, case: Case) -> bool:
    mine = WorkItem.objects.waiting_for(again(who)).filter(case=case)
    pool = WorkItem.objects.claimable_by(again(who)).filter(case=case)
    return mine.exists() or pool.exists()


class TestWhoIsRelated:
    def test_wf_17_who_was_declared_before_is_never_asked(self, lender: Lender) -> None:
        p = lender.people
        other = person("BRM", name="副手", branch=p.branch, department=p.brm.department)
        declare(lender, lender.people.brm)
        walk = Walk(lender, lender.draft(lines=amount(lender, "300000")))
        walk.by(lender.people.tl)
        assert not has_work(lender.people.brm, walk.case)
        assert has_work(other, walk.case)

    def test_wf_17_who_was_declared_and_cannot_be_replaced_stops_the_submission(
        self, lender: Lender
    ) -> None:
        declare(lender, lender.people.brm)
        application = lender.draft(lines=amount(lender, "300000"))
        assert refused(Walk, lender=lender, application=application) == "WF-11"

    def test_wf_17_who_is_declared_meanwhile_loses_his_item_and_cannot_decide(
        self, lender: Lender
    ) -> None:
        walk = Walk(lender, lender.draft(lines=amount(lender, "300000")))
        walk.by(lender.people.tl)
        item = walk.item(lender.people.brm)
        declare(lender, lender.people.brm)
        event = HistoryEvent.objects.get(case=walk.case, kind=EventKind.RECUSED)
        assert event.data["person"] == lender.people.brm.name
        assert not has_work(lender.people.brm, walk.case)
        code = refused(
            decisions.approve, item_id=item.pk, actor=again(lender.people.brm), now=walk.now(),
            opinion="同意",
        )  # fmt: skip
        assert code == "WF-17"

    def test_wf_17_the_id_number_of_a_contact_is_enough(self, lender: Lender) -> None:
        contact = lender.customer.contacts.get()
        walk = Walk(lender, lender.draft(lines=amount(lender, "300000")))
        OutboxMessage.objects.all().delete()
        keep_identity(
            employee=lender.people.tl, id_no=contact.id_no, actor=again(lender.people.hrm),
            now=lender.now,
        )  # fmt: skip
        deliver(lender)
        assert not has_work(lender.people.tl, walk.case)

    def test_wf_17_nothing_is_transferred_to_him(self, lender: Lender) -> None:
        walk = Walk(lender, lender.draft(lines=amount(lender, "300000")))
        declare(lender, lender.people.bgm)
        with pytest.raises(DomainError) as refusal:
            items.transfer(
                item_id=walk.item(lender.people.tl).pk, actor=again(lender.people.tl),
                now=walk.now(), recipient=again(lender.people.bgm), reason="出差一周",
            )  # fmt: skip
        assert refusal.value.code == "WF-20"
        assert "须回避" in refusal.value.message

    def test_wf_17_he_is_no_added_signer(self, lender: Lender) -> None:
        walk = Walk(lender, lender.draft(lines=amount(lender, "300000")))
        declare(lender, lender.people.bgm)
        code = refused(
            signers.add_signers, item_id=walk.item(lender.people.tl).pk,
            actor=again(lender.people.tl), now=walk.now(), people=[again(lender.people.bgm)],
            position="BEFORE", reason="请协助核实",
        )  # fmt: skip
        assert code == "WF-20"

    def test_wf_17_a_delegation_does_not_bring_it_to_him(self, lender: Lender) -> None:
        deputy = person(
            "BRM", name="副手", branch=lender.people.branch,
            department=lender.people.brm.department,
        )  # fmt: skip
        declare(lender, deputy)
        create_delegation(
            principal=again(lender.people.brm), delegate=again(deputy),
            starts_at=lender.now, ends_at=lender.now + timedelta(days=5),
            actor=again(lender.people.brm), now=lender.now,
        )  # fmt: skip
        walk = Walk(lender, lender.draft(lines=amount(lender, "300000")))
        walk.by(lender.people.tl)
        assert not has_work(deputy, walk.case)

    def test_wf_17_a_related_member_does_not_sit_in_the_committee(self, lender: Lender) -> None:
        p = lender.people
        members = [p.rc, *(person("RC", name=f"委员{n}", branch=p.rc.branch,
                                  department=p.rc.department) for n in range(3))]  # fmt: skip
        declare(lender, members[0])
        walk = Walk(lender, lender.draft(lines=amount(lender, "5000000")))
        for who in (p.tl, p.brm, p.bgm, p.hrm):
            walk.by(who)
        assert not has_work(members[0], walk.case)
        assert all(has_work(member, walk.case) for member in members[1:])

    def test_when_the_tie_ends_he_may_be_asked_again(self, lender: Lender) -> None:
        relation = declare(lender, lender.people.brm)
        end_relation(relation=relation, actor=again(lender.people.hrm), now=lender.now)
        walk = Walk(lender, lender.draft(lines=amount(lender, "300000")))
        walk.by(lender.people.tl)
        assert has_work(lender.people.brm, walk.case)
