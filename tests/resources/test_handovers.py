"""工作移交: what is listed, who agrees, what moves and what stays (M20, N2, N27)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from applications.models import BusinessApplication
from customers.models import Customer
from customers.services.co_handlers import change_co_handler
from customers.services.handover import hand_over_customers
from documents.engine_door import engine_writes
from documents.models import Document
from documents.services.documents import void_document
from funds import hooks
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from lending_crm.common.services import deliver_due
from reports.holdings import WorkReportWork
from reports.models import WorkReport
from resources.models import DocumentOwner, HandoverItem, WorkHandover
from resources.services.execution import execute_due
from resources.services.items import assign_receiver, include_items, use_settings
from resources.services.returning import begin_return
from staff import handing
from staff.handing import Holding, Move, Moved, Warrant
from staff.models import Employee, RoleAssignment
from staff.services.people import deactivate_employee
from tests.funds.factories import Ledger
from tests.resources.factories import (
    KIND,
    Office,
    again,
    attach_visit,
    fresh,
    item_of,
)
from tests.staff.factories import person
from workflows.choices import EventKind
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.services import decisions
from workflows.services.items import claim
from workflows.services.submission import withdraw_case


def refusal(act: Any, *args: Any, **values: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        act(*args, **values)
    return refused.value


def codes(error: DomainError) -> list[str]:
    return [reason.code for reason in error.reasons]


def asked(document: Any) -> list[Employee | None]:
    items = WorkItem.objects.filter(case__document=document.pk, state="OPEN").order_by("id")
    return [item.assignee for item in items]


def kinds(handover: WorkHandover) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in fresh(handover).listed:
        found[item.kind] = found.get(item.kind, 0) + 1
    return found


def results(handover: WorkHandover) -> dict[str, str]:
    """By label the code of what stayed, empty for what moved."""
    return {item.label: item.code for item in fresh(handover).listed}


def held_reports(who: Employee) -> list[Holding]:
    return WorkReportWork().holdings(again(who), now=timezone.now())


class TestList:
    def test_everything_he_holds_stands_on_it(self, office: Office) -> None:
        office.lender.draft()
        office.customers(2)
        handover = office.draft()
        assert kinds(handover) == {"documents": 1, "customers": 3}
        assert {item.receiver for item in handover.listed} == {office.colleague}
        assert (handover.doc_no[:6], handover.branch) == ("YJ-SY-", office.people.branch)
        assert handover.subject.startswith("王客户-工作移交-")

    def test_an_administrators_handover_belongs_to_the_leavers_branch(self, office: Office) -> None:
        handover = office.draft(actor=office.adm)
        assert (handover.branch, handover.department) == (
            office.people.branch, office.people.department,
        )  # fmt: skip

    def test_by_kind_only_what_is_named(self, office: Office) -> None:
        office.lender.draft()
        part = {"kind": "customers", "receiver": again(office.third)}
        handover = office.draft(mode="BY_KIND", rows={"parts": [part]})
        assert kinds(handover) == {"customers": 1}
        assert handover.listed[0].receiver == office.third

    def test_item_by_item_nothing_until_it_is_chosen(self, office: Office) -> None:
        handover = office.draft(mode="BY_ITEM")
        assert handover.listed == []
        include_items(
            handover_id=handover.pk, items=[handover.items.get().pk], is_included=True,
            actor=again(office.tl), now=office.now,
        )  # fmt: skip
        assert kinds(handover) == {"customers": 1}

    def test_a_document_follows_its_customer_to_the_receiver(self, office: Office) -> None:
        application = office.lender.draft()
        handover = office.draft()
        mine = item_of(handover, office.lender.customer)
        done = assign_receiver(
            handover_id=handover.pk, items=[mine.pk], receiver=again(office.third),
            actor=again(office.tl), now=office.now,
        )  # fmt: skip
        assert done == 1
        assert item_of(handover, application, "documents").receiver == office.third
        # Saving the settings draws the list up anew; what was chosen by hand stays.
        office.change(handover, remark="复核")
        assert item_of(handover, office.lender.customer).receiver == office.third
        use_settings(
            handover_id=handover.pk, items=[mine.pk], actor=again(office.tl), now=office.now
        )
        assert item_of(handover, application, "documents").receiver == office.colleague
        said = ChangeRecord.objects.filter(object_id=handover.pk, field="handover list")
        assert "何接手" in said.first().new

    def test_approvals_and_history_by_their_settings(self, office: Office) -> None:
        office.submitted_application()
        finished = office.lender.approved(office.customers(1)[0])
        waiting = office.draft(giver=office.tl, actor=office.adm, to_employee=again(office.third))
        assert kinds(waiting) == {}  # it lies in a pool; nobody holds it yet
        handover = office.draft()
        assert "history" not in kinds(handover)
        office.change(handover, with_history=True)
        assert item_of(handover, finished, "history").receiver == office.colleague

    def test_what_is_gone_leaves_the_list(self, office: Office) -> None:
        handover = office.draft()
        Customer.objects.filter(pk=office.lender.customer.pk).update(owner=office.third)
        assert any("1" in str(text) for text in KIND.warnings(fresh(handover), now=office.now))
        office.change(handover, remark="x")
        assert fresh(handover).listed == []

    def test_a_list_is_not_changed_under_approval(self, office: Office) -> None:
        handover = office.draft()
        office.submit(handover)
        act = {"handover_id": handover.pk, "items": [], "now": office.now}
        error = refusal(use_settings, actor=again(office.tl), **act)
        assert error.code == "WF-04"
        assert refusal(use_settings, actor=again(office.third), **act).code == "WF-29"
        with pytest.raises(IntegrityError), transaction.atomic():
            handover.items.update(receiver=office.third)

    def test_another_version_was_seen(self, office: Office) -> None:
        handover = office.draft()
        error = refusal(
            use_settings, handover_id=handover.pk, items=[], actor=again(office.tl),
            now=office.now, seen_version=handover.version + 1,
        )  # fmt: skip
        assert error.code == "WF-12"


class TestWho:
    def test_only_the_head_or_an_administrator_begins_one(self, office: Office) -> None:
        for actor in (office.colleague, office.bgm, office.people.hrm):
            assert refusal(office.draft, actor=actor).code == "DOC-05"
        assert refusal(office.draft, giver=office.people.other_am).code == "DOC-05"
        assert refusal(office.draft, giver=office.tl).code == "DOC-05"

    def test_hnd_01_nobody_takes_over_from_himself(self, office: Office) -> None:
        error = refusal(office.draft, to_employee=again(office.am))
        assert (error.code, error.field) == ("HND-01", "to_employee")
        part = {"kind": "customers", "receiver": again(office.am)}
        assert refusal(office.draft, rows={"parts": [part]}).code == "HND-01"
        handover = office.draft()
        ids = [item.pk for item in handover.listed]
        error = refusal(
            assign_receiver, handover_id=handover.pk, items=ids, receiver=again(office.am),
            actor=again(office.tl), now=office.now,
        )  # fmt: skip
        assert error.code == "HND-01"
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkHandover.objects.filter(pk=handover.pk).update(to_employee=office.am)

    def test_hnd_02_an_inactive_receiver(self, office: Office) -> None:
        handover = office.draft()
        Employee.objects.filter(pk=office.colleague.pk).update(is_active=False)
        error = refusal(office.submit, handover)
        assert "HND-02" in codes(error)
        assert "李同事" in str(error)
        assert refusal(office.draft).code == "HND-02"

    def test_hnd_10_the_supervisor_stands_apart(self, office: Office) -> None:
        for other in (office.am, office.colleague):
            assert refusal(office.draft, supervisor=again(other)).code == "HND-10"
        handover = office.draft()
        assign_receiver(
            handover_id=handover.pk, items=[item.pk for item in handover.listed],
            receiver=again(office.witness), actor=again(office.tl), now=office.now,
        )  # fmt: skip
        assert codes(refusal(office.submit, handover)) == ["HND-10"]
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkHandover.objects.filter(pk=handover.pk).update(supervisor=office.am)

    def test_wf_08_needs_a_supervisor(self, office: Office) -> None:
        assert codes(refusal(office.submit, office.draft(supervisor=None))) == ["WF-08"]

    def test_hnd_12_an_empty_list(self, office: Office) -> None:
        assert codes(refusal(office.submit, office.draft(mode="BY_ITEM"))) == ["HND-12"]

    def test_hnd_09_something_without_a_receiver(self, office: Office) -> None:
        handover = office.draft()
        handover.items.update(receiver=None)
        assert codes(refusal(office.submit, handover)) == ["HND-09"]


class TestRoute:
    def test_every_receiver_accepts_then_the_branch_manager(self, office: Office) -> None:
        first, second = office.customers(2)
        handover = office.draft()
        assign_receiver(
            handover_id=handover.pk, items=[item_of(handover, second).pk],
            receiver=again(office.third), actor=again(office.tl), now=office.now,
        )  # fmt: skip
        office.submit(handover)
        assert set(asked(handover)) == {office.colleague, office.third}
        office.decide(handover, office.colleague)
        assert asked(handover) == [office.third]
        office.decide(handover, office.third)
        assert asked(handover) == [None]  # the branch manager's pool
        office.decide(handover, office.bgm)
        assert (fresh(handover).wf_status, fresh(handover).biz_status) == ("APPROVED", "PENDING")
        assert first.owner == office.am
        told = OutboxMessage.objects.filter(payload__event="work_handover.approved").get()
        assert told.payload["recipients"] == [office.adm.pk]

    def test_a_receiver_sends_it_back(self, office: Office) -> None:
        handover = office.draft()
        office.submit(handover)
        item = WorkItem.objects.get(assignee=office.colleague, state="OPEN")
        decisions.return_case(
            item_id=item.pk, actor=again(office.colleague), now=office.at(2), opinion="客户太多了"
        )
        assert fresh(handover).wf_status == "RETURNED"
        assert handover.items.filter(is_open=True).exists()

    def test_another_list_is_accepted_anew(self, office: Office) -> None:
        """Whoever agreed to a list has not agreed to another: it starts over at the receivers."""
        handover = office.draft()
        office.submit(handover)
        office.decide(handover, office.colleague)
        pooled = WorkItem.objects.get(case__document=handover.pk, state="OPEN")
        claim(item_id=pooled.pk, actor=again(office.bgm), now=office.at(3))
        decisions.return_case(
            item_id=pooled.pk, actor=again(office.bgm), now=office.at(4), opinion="换一位接收人"
        )
        assign_receiver(
            handover_id=handover.pk, items=[item.pk for item in fresh(handover).listed],
            receiver=again(office.third), actor=again(office.tl), now=office.at(5),
        )  # fmt: skip
        office.submit(handover)
        assert asked(handover) == [office.third]

    def test_who_wrote_it_agrees_by_writing_it(self, office: Office) -> None:
        handover = office.draft(to_employee=again(office.tl))
        office.submit(handover)
        assert asked(handover) == [None]
        office.decide(handover, office.bgm)
        office.execute(handover)
        assert Customer.objects.get(pk=office.lender.customer.pk).owner == office.tl

    def test_wf_17_who_hands_over_never_decides_on_it(self, office: Office) -> None:
        RoleAssignment.objects.filter(employee=office.am).delete()
        am = person(
            "BGM", name="原总经理", branch=office.people.branch,
            department=office.people.department,
        )  # fmt: skip
        Customer.objects.filter(owner=office.am).update(owner=am)
        handover = office.draft(giver=am, actor=office.adm)
        office.submit(handover)
        office.decide(handover, office.colleague)
        waiting = WorkItem.objects.get(case__document=handover.pk, state="OPEN")
        error = refusal(
            decisions.approve, item_id=waiting.pk, actor=again(am), now=office.at(5), opinion="同意"
        )
        assert error.code in ("WF-17", "WF-03")

    def test_hnd_03_across_branches_head_office_agrees(self, office: Office) -> None:
        other = office.people.other_am
        handover = office.draft(to_employee=again(other))
        assert any("总部审批" in str(text) for text in KIND.warnings(handover, now=office.now))
        office.submit(handover)
        office.decide(handover, other, office.bgm)
        assert fresh(handover).wf_status == "IN_APPROVAL"
        office.decide(handover, office.people.hrm)
        office.execute(handover)
        moved = Customer.objects.get(pk=office.lender.customer.pk)
        assert (moved.owner, moved.branch) == (other, office.people.other_branch)
        assert moved.department == other.department

    def test_loans_follow_their_customer_to_the_other_branch(self, office: Office) -> None:
        loan = Ledger(office.lender).loan(customer=office.lender.customer)
        handover = office.draft(to_employee=again(office.people.other_am))
        office.submit(handover)
        office.decide(handover, office.people.other_am, office.bgm, office.people.hrm)
        office.execute(handover)
        loan.refresh_from_db()
        assert loan.branch == office.people.other_branch
        change = ChangeRecord.objects.get(model="funds.loan", object_id=loan.pk, field="branch")
        assert office.people.other_branch.name in change.new
        # What was decided is on record where it was decided.
        assert loan.application.branch == office.people.branch

    def test_asset_recovery_hands_over_to_its_own_only(self, office: Office) -> None:
        """What is 不良 comes back by 逆移交 (M19), never by a 工作移交 of its officer."""
        people, customer = office.people, office.lender.customer
        second = person(
            "ARD", name="韩保全", branch=people.ard.branch, department=people.ard.department
        )
        Customer.objects.filter(pk=customer.pk).update(
            owner=people.ard, co_handler=people.am, biz_status="BAD"
        )
        act = {
            "giver": again(people.ard), "actor": office.adm, "now": office.now,
            "warrant": Warrant("YJ-1", crosses_branches=True),
        }  # fmt: skip
        found = hand_over_customers(receivers={customer.pk: again(office.colleague)}, **act)
        assert found[customer.pk] is not None
        assert found[customer.pk].code == "CUS-14"
        found = hand_over_customers(receivers={customer.pk: again(second)}, **act)
        assert found == {customer.pk: None}
        customer.refresh_from_db()
        assert (customer.owner, customer.co_handler) == (second, people.am)
        assert (customer.branch, customer.department) == (people.branch, people.department)

    def test_the_one_who_helps_asset_recovery_finds_a_successor(self, office: Office) -> None:
        people, customer = office.people, office.lender.customer
        Customer.objects.filter(pk=customer.pk).update(
            owner=people.ard, co_handler=people.am, biz_status="BAD"
        )
        with pytest.raises(DomainError) as refused:
            deactivate_employee(employee=again(people.am), actor=office.adm, now=office.now)
        assert refused.value.code == "HND-06"
        handover = office.draft()
        assert kinds(handover) == {"co_handled": 1}
        office.approved(handover)
        office.execute(handover)
        assert results(handover) == {customer.name: ""}
        customer.refresh_from_db()
        assert (customer.owner, customer.co_handler) == (people.ard, office.colleague)
        assert ChangeRecord.objects.filter(
            model="customers.customer", object_id=customer.pk, field="co_handler"
        ).exists()

    def test_cus_14_another_branch_does_not_help(self, office: Office) -> None:
        people, customer = office.people, office.lender.customer
        Customer.objects.filter(pk=customer.pk).update(
            owner=people.ard, co_handler=people.am, biz_status="BAD"
        )
        for successor, code in (
            (people.other_am, "CUS-14"),
            (people.ard, "CUS-14"),
            (people.am, "HND-01"),
            (None, "HND-09"),
        ):
            error = refusal(
                change_co_handler,
                customer_id=customer.pk,
                giver=people.am,
                successor=successor,
                actor=office.adm,
                now=office.now,
            )
            assert error.code == code

    def test_hnd_03_without_head_office_it_stays(self, office: Office) -> None:
        handover = office.approved(office.draft())
        moved = again(office.colleague)
        moved.branch, moved.department = (
            office.people.other_branch,
            office.people.other_am.department,
        )
        moved.save()
        office.execute(handover)
        assert results(handover) == {office.lender.customer.name: "HND-03"}


class TestAnotherBatch:
    def test_hnd_04_names_the_other_batch(self, office: Office) -> None:
        first, second = office.draft(), office.draft(to_employee=again(office.third))
        office.submit(first)
        error = refusal(office.submit, second)
        assert codes(error) == ["HND-04"]
        assert first.doc_no in str(error)
        assert office.lender.customer.name in str(error)

    def test_hnd_04_holds_for_documents_too(self, office: Office) -> None:
        application = office.lender.draft()
        parts = {"mode": "BY_KIND", "rows": {"parts": [{"kind": "documents"}]}}
        first, second = office.draft(**parts), office.draft(**parts)
        office.submit(first)
        error = refusal(office.submit, second)
        assert codes(error) == ["HND-04"]
        assert application.doc_no in str(error)

    def test_hnd_04_an_ended_batch_lets_go(self, office: Office) -> None:
        first, second = office.draft(), office.draft(to_employee=again(office.third))
        case = office.submit(first)
        withdraw_case(case_id=case.pk, actor=again(office.tl), now=office.at(2), reason="人员有变")
        office.submit(second)
        with pytest.raises(IntegrityError), transaction.atomic(), engine_writes():
            first.items.update(is_open=True)

    def test_a_void_draft_holds_nothing(self, office: Office) -> None:
        first = office.draft()
        case = office.submit(first)
        withdraw_case(case_id=case.pk, actor=again(office.tl), now=office.at(2), reason="人员有变")
        void_document(
            document_id=first.pk, actor=again(office.tl), now=office.at(3), reason="不再移交了"
        )
        assert not HandoverItem.objects.filter(is_open=True).exists()

    def test_done_lets_go(self, office: Office) -> None:
        office.execute(office.approved(office.draft()))
        assert not HandoverItem.objects.filter(is_open=True).exists()


class TestExecution:
    def test_only_an_administrator(self, office: Office) -> None:
        handover = office.approved(office.draft())
        for who in (office.tl, office.bgm, office.colleague):
            assert refusal(office.execute, handover, actor=who).code == "ORG-02"

    def test_hnd_13_only_once_and_only_approved(self, office: Office) -> None:
        handover = office.draft()
        assert refusal(office.execute, handover).code == "HND-13"
        office.approved(handover)
        office.execute(handover)
        assert refusal(office.execute, handover).code == "HND-13"

    def test_hnd_14_not_before_its_day(self, office: Office) -> None:
        tomorrow = office.now.date() + timedelta(days=1)
        handover = office.approved(office.draft(effective_on=tomorrow))
        error = refusal(office.execute, handover)
        assert (error.code, "2026-03-03" in str(error)) == ("HND-14", True)
        office.execute(handover, now=office.now + timedelta(days=1))

    def test_a_stale_page_is_refused(self, office: Office) -> None:
        handover = office.approved(office.draft())
        error = refusal(office.execute, handover, seen_version=handover.version - 1)
        assert error.code == "WF-12"

    def test_each_thing_is_looked_at_again(self, office: Office) -> None:
        gone, stays = office.customers(2)
        handover = office.approved(office.draft())
        Customer.objects.filter(pk=gone.pk).update(owner=office.third)
        office.execute(handover)
        found = results(handover)
        assert found[gone.name] == "HND-11"
        assert found[stays.name] == ""
        assert Customer.objects.get(pk=gone.pk).owner == office.third
        assert Customer.objects.get(pk=stays.pk).owner == office.colleague
        log = ChangeRecord.objects.get(object_id=stays.pk, field="owner")
        assert (log.old, log.new, log.actor) == ("王客户", "李同事", office.adm)

    def test_hnd_02_who_left_meanwhile_gets_nothing(self, office: Office) -> None:
        handover = office.approved(office.draft())
        Employee.objects.filter(pk=office.colleague.pk).update(is_active=False)
        office.execute(handover)
        assert set(results(handover).values()) == {"HND-02"}

    def test_cus_37_who_keeps_no_customers_gets_none(self, office: Office) -> None:
        handover = office.draft(to_employee=again(office.people.brm))
        office.approved(handover, office.people.brm)
        office.execute(handover)
        assert set(results(handover).values()) == {"CUS-38"}

    def test_everybody_concerned_is_told(self, office: Office) -> None:
        handover = office.execute(office.approved(office.draft()))
        told = OutboxMessage.objects.filter(payload__event="work_handover.done").get().payload
        assert set(told["recipients"]) == {
            office.tl.pk, office.am.pk, office.colleague.pk, office.witness.pk,
        }  # fmt: skip
        assert (told["params"]["moved"], told["params"]["skipped"]) == ("1", "0")
        assert (handover.executor, handover.biz_status) == (office.adm, "DONE")

    def test_by_itself_on_its_day(self, office: Office) -> None:
        tomorrow = office.now.date() + timedelta(days=1)
        handover = office.approved(office.draft(effective_on=tomorrow, is_automatic=True))
        by_hand = office.draft(giver=office.third)
        assert execute_due(now=office.now) == 0
        assert execute_due(now=office.now + timedelta(days=1)) == 1
        assert execute_due(now=office.now + timedelta(days=1)) == 0
        done = fresh(handover)
        assert (done.biz_status, done.executor) == ("DONE", None)
        assert fresh(by_hand).biz_status == "PREPARING"

    def test_by_itself_at_once_when_its_day_is_there(self, office: Office) -> None:
        handover = office.approved(office.draft(is_automatic=True))
        deliver_due(clock=lambda: office.at(20), limit=50)
        assert fresh(handover).biz_status == "DONE"
        assert Customer.objects.get(pk=office.lender.customer.pk).owner == office.colleague

    def test_hnd_13_never_by_itself_against_its_setting(self, office: Office) -> None:
        handover = office.approved(office.draft())
        assert refusal(office.execute, handover, actor=None).code == "HND-13"

    def test_what_was_done_is_not_voided(self, office: Office) -> None:
        handover = office.execute(office.approved(office.draft()))
        assert KIND.followers(handover)

    def test_hnd_16_a_kind_that_nobody_offers_any_more(self, office: Office) -> None:
        handover = office.draft()
        HandoverItem.objects.create(
            document=handover, position=99, kind="gone", object_id=1, label="旧任务",
            receiver=office.colleague,
        )  # fmt: skip
        office.approved(handover)
        office.execute(handover)
        assert results(handover)["旧任务"] == "HND-16"

    def test_another_app_registers_its_kind(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tasks = {1: office.am, 2: office.am}

        class Tasks:
            code, title, by_rule, option, order = "tasks", "监管任务", "", "", 35

            def holdings(self, employee, *, now):
                return [Holding(pk, f"任务{pk}") for pk, who in tasks.items() if who == employee]

            def hand_over(self, moves, *, employee, actor, now, warrant):
                for move in moves:
                    tasks[move.holding.pk] = move.successor
                return {m.holding.pk: Moved(m.holding.label, said=warrant.doc_no) for m in moves}

            def along(self, pks):
                return {}

        monkeypatch.setitem(handing._work, "tasks", Tasks())
        handover = office.draft()
        assert kinds(handover) == {"customers": 1, "tasks": 2}
        office.execute(office.approved(handover))
        assert set(tasks.values()) == {office.colleague}


class TestDocuments:
    def test_under_approval_the_new_handler_and_what_was_decided(self, office: Office) -> None:
        application = office.submitted_application()
        office.decide(application, office.tl)
        decided = Case.objects.get(document=application.pk).items.filter(state="DECIDED").count()
        handover = office.draft()
        office.execute(office.approved(handover))
        moved = BusinessApplication.objects.get(pk=application.pk)
        assert (moved.handler, moved.creator) == (office.colleague, office.am)
        case = Case.objects.get(document=application.pk)
        assert case.handler == office.colleague
        assert case.items.filter(state="DECIDED").count() == decided == 1

    def test_finished_ones_keep_their_handler_and_get_an_owner(self, office: Office) -> None:
        customer = office.customers(1)[0]
        finished = office.lender.approved(customer)
        handover = office.draft(with_history=True)
        office.execute(office.approved(handover))
        stored = BusinessApplication.objects.get(pk=finished.pk)
        assert stored.handler == office.am
        assert DocumentOwner.objects.get(document=finished.pk).owner == office.colleague
        seen = BusinessApplication.objects.visible_to(again(office.colleague))
        assert finished in seen
        assert finished not in BusinessApplication.objects.visible_to(again(office.third))
        for who, number in ((office.colleague, 1), (office.third, 0)):
            few = BusinessApplication.objects.seen_among(again(who), [finished.pk])
            assert few.count() == number
        assert ChangeRecord.objects.filter(object_id=finished.pk, field="owner").exists()

    def test_submitted_work_reports_are_read_by_the_receiver(self, office: Office) -> None:
        report = office.reported()
        left = office.reported(day=office.now.date() - timedelta(days=7), is_draft=True)
        assert "work_reports" not in kinds(office.draft())
        handover = office.draft(with_history=True)
        assert kinds(handover)["work_reports"] == 1
        assert report not in WorkReport.objects.visible_to(again(office.colleague))
        office.execute(office.approved(handover))
        assert results(handover)[f"{report.report_no} {report.title}"] == ""
        kept = WorkReport.objects.copied_to(again(office.colleague))
        assert [one.author for one in kept] == [office.am]
        assert left not in WorkReport.objects.visible_to(again(office.colleague))
        assert report not in WorkReport.objects.visible_to(again(office.third))
        assert report in WorkReport.objects.visible_to(again(office.am))
        assert ChangeRecord.objects.filter(model="reports.workreport", new="李同事").exists()

        assert held_reports(office.am) == []
        back = WorkReportWork().hand_over(
            [Move(holding, again(office.am)) for holding in held_reports(office.colleague)],
            employee=again(office.colleague),
            actor=None,
            now=office.now,
            warrant=Warrant("YJ-1"),
        )
        assert [one.refusal for one in back.values()] == [None]
        assert report not in WorkReport.objects.visible_to(again(office.colleague))
        assert [one.pk for one in held_reports(office.am)] == [report.pk]

    def test_hnd_11_a_report_that_is_not_his_any_more_stays(self, office: Office) -> None:
        office.reported()
        moves = [Move(holding, again(office.third)) for holding in held_reports(office.am)]
        act = {"actor": None, "now": office.now, "warrant": Warrant("YJ-1")}
        WorkReportWork().hand_over(moves, employee=again(office.am), **act)
        done = WorkReportWork().hand_over(moves, employee=again(office.am), **act)
        assert [one.refusal.code for one in done.values()] == ["HND-11"]

    def test_the_owner_carries_on_with_an_approved_application(self, office: Office) -> None:
        from contracts.rules.creation import refuse_wrong_person

        finished = office.lender.approved(office.customers(1)[0])
        assert (
            refusal(refuse_wrong_person, finished, actor=again(office.colleague)).code == "CTR-10"
        )
        office.execute(office.approved(office.draft(with_history=True)))
        refuse_wrong_person(finished, actor=again(office.colleague))
        assert refusal(refuse_wrong_person, finished, actor=again(office.am)).code == "CTR-10"

    def test_hnd_05_n2_the_receivers_own_step_goes_up(self, office: Office) -> None:
        """He would decide on his own document: his step is resolved again, and he never does."""
        application = office.submitted_application()
        item = WorkItem.objects.get(case__document=application.pk, state="OPEN")
        WorkItem.objects.filter(pk=item.pk).update(assignee=office.tl, claimed_at=office.now)
        handover = office.draft(to_employee=again(office.tl), actor=office.adm)
        told = [str(text) for text in KIND.warnings(handover, now=office.now)]
        assert any(application.doc_no in text and "已自动改由上级审批" in text for text in told)
        office.execute(office.approved(handover, office.tl))
        assert BusinessApplication.objects.get(pk=application.pk).handler == office.tl
        assert asked(application) == [office.bgm]
        moved = item_of(handover, application, "documents")
        assert moved.moved_on == office.bgm.name
        for who in (office.tl, office.am):
            waiting = WorkItem.objects.get(case__document=application.pk, state="OPEN")
            error = refusal(
                decisions.approve, item_id=waiting.pk, actor=again(who), now=office.at(40),
                opinion="同意",
            )  # fmt: skip
            assert error.code in ("WF-01", "WF-03")

    def test_pending_approvals_go_by_the_rules_or_to_whom_is_named(self, office: Office) -> None:
        here = {"branch": office.people.branch, "department": office.people.department}
        first, second = (person("TL", name=name, superior=office.bgm, **here) for name in "甲乙")
        documents = [office.submitted_application(c) for c in self._borrowers(office, 2)]
        for document in documents:
            WorkItem.objects.filter(case__document=document.pk).update(
                assignee=first, claimed_at=office.now
            )
        handover = office.draft(giver=first, actor=office.adm)
        items = list(handover.items.filter(kind="work_items").order_by("position"))
        assert [item.receiver for item in items] == [None, None]
        assign_receiver(
            handover_id=handover.pk, items=[items[0].pk], receiver=again(second),
            actor=again(office.adm), now=office.now,
        )  # fmt: skip
        office.execute(office.approved(handover, second))
        assert asked(documents[0]) == [second]
        assert asked(documents[1]) == [None]  # back in the department heads' pool
        event = HistoryEvent.objects.filter(kind=EventKind.HANDED_ON).first()
        assert (event.actor, event.data["from"]) == (office.adm, "甲")

    def _borrowers(self, office: Office, count: int) -> list[Customer]:
        return [office.lender.borrower(name=f"借款企业{n}") for n in range(count)]


class TestProblemLoans:
    @pytest.fixture
    def alarming(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> Customer:
        customer = office.lender.customer
        monkeypatch.setattr(hooks, "_colour_sources", [lambda ids: {customer.pk: "RED"}])
        return customer

    def test_hnd_07_only_to_a_head_with_a_joint_visit(
        self, office: Office, alarming: Customer
    ) -> None:
        handover = office.draft(actor=office.adm)
        assert "红" in item_of(handover, alarming).problem
        assert codes(refusal(office.submit, handover)) == ["WF-09", "HND-07"]
        office.change(handover, to_employee=again(office.tl))
        error = refusal(office.submit, handover)
        assert (codes(error), "走访" in str(error)) == (["WF-09"], True)
        attach_visit(handover)
        office.execute(office.approved(handover, office.tl))
        assert Customer.objects.get(pk=alarming.pk).owner == office.tl

    def test_hnd_07_holds_when_it_became_a_problem_meanwhile(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        handover = office.approved(office.draft())
        customer = office.lender.customer
        monkeypatch.setattr(hooks, "_colour_sources", [lambda ids: {customer.pk: "YELLOW"}])
        office.execute(handover)
        assert results(handover) == {customer.name: "HND-07"}

    def test_green_is_no_problem(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        customer = office.lender.customer
        monkeypatch.setattr(hooks, "_colour_sources", [lambda ids: {customer.pk: "GREEN"}])
        assert item_of(office.draft(), customer).problem == ""

    def test_hnd_07_three_times_overdue(self, office: Office) -> None:
        from funds.services.defaults import ensure_settings
        from tests.funds.factories import Ledger

        ensure_settings()
        ledger = Ledger(office.lender)
        loan = ledger.loan()  # three monthly instalments, none of them paid
        later = office.now + timedelta(days=70)
        handover = office.draft()
        for day, expected in ((later, ""), (office.now + timedelta(days=200), "逾期 3 次")):
            KIND.lay_down(fresh(handover), now=day)
            assert item_of(handover, loan.customer).problem == expected


class TestGivingBack:
    def test_after_leave_the_work_comes_back(self, office: Office) -> None:
        finished = office.lender.approved(office.customers(1)[0])
        draft = office.lender.draft()
        handover = office.execute(office.approved(office.draft(reason="LEAVE", with_history=True)))
        back = begin_return(
            handover_id=handover.pk, giver=again(office.colleague), actor=again(office.tl),
            now=office.at(60),
        )  # fmt: skip
        again_ = begin_return(
            handover_id=handover.pk, giver=again(office.colleague), actor=again(office.tl),
            now=office.at(61),
        )  # fmt: skip
        assert back.pk == again_.pk
        assert (back.from_employee, back.to_employee, back.returns) == (
            office.colleague, office.am, handover,
        )  # fmt: skip
        assert kinds(back) == {"documents": 1, "history": 1, "customers": 2}
        office.execute(office.approved(fresh(back), office.am), now=office.at(90))
        assert Customer.objects.filter(owner=office.am).count() == 2
        assert Document.objects.get(pk=draft.pk).handler == office.am
        assert not DocumentOwner.objects.filter(document=finished.pk).exists()

    def test_his_own_customers_stay_with_the_giver(self, office: Office) -> None:
        own = office.customers(1, owner=office.colleague)[0]
        handover = office.execute(office.approved(office.draft(reason="LEAVE")))
        back = begin_return(
            handover_id=handover.pk, giver=again(office.colleague), actor=again(office.tl),
            now=office.at(60),
        )  # fmt: skip
        assert not item_of(back, own).is_included

    def test_refusals(self, office: Office) -> None:
        handover = office.draft(reason="LEAVE")
        act: dict[str, Any] = {"handover_id": handover.pk, "now": office.at(60)}
        tl, giver = again(office.tl), again(office.colleague)
        assert refusal(begin_return, giver=giver, actor=tl, **act).code == "HND-13"
        office.execute(office.approved(handover))
        assert refusal(begin_return, giver=again(office.third), actor=tl, **act).code == "HND-15"
        other = again(office.people.other_am)
        assert refusal(begin_return, giver=giver, actor=other, **act).code == "DOC-05"
        Customer.objects.update(owner=office.third)
        assert refusal(begin_return, giver=giver, actor=tl, **act).code == "HND-15"
        Employee.objects.filter(pk=office.am.pk).update(is_active=False)
        assert refusal(begin_return, giver=giver, actor=tl, **act).code == "HND-02"


class TestStory7:
    def test_n27_hnd_06_who_resigned_holds_nothing(self, office: Office) -> None:
        """40 customers, 3 open cases and 5 tasks to two colleagues; then the account closes."""
        lender = office.lender
        borrowers = [lender.borrower(name=f"借款企业{n}") for n in range(3)]
        office.customers(36)  # with the lender's own one, 40
        cases = [office.submitted_application(customer) for customer in borrowers]
        tasks = [lender.draft(lender.opportunity_of(lender.customer)) for _ in range(5)]
        assert Customer.objects.filter(owner=office.am).count() == 40
        keep = {"actor": again(office.adm), "now": office.at(1)}
        error = refusal(deactivate_employee, employee=again(office.am), **keep)
        assert (error.code, "48" in str(error)) == ("HND-06", True)

        # One of the two is asked at an open case: he would decide on his own document.
        own = WorkItem.objects.get(case__document=cases[0].pk, state="OPEN")
        WorkItem.objects.filter(pk=own.pk).update(assignee=office.tl, claimed_at=office.now)
        handover = office.draft(actor=office.adm)
        heads = [item_of(handover, borrowers[0]).pk, *self._half(handover, borrowers[0])]
        assign_receiver(
            handover_id=handover.pk, items=heads, receiver=again(office.tl),
            actor=again(office.adm), now=office.now,
        )  # fmt: skip
        office.execute(office.approved(handover, office.colleague, office.tl))

        assert set(results(handover).values()) == {""}
        assert len(fresh(handover).listed) == 48
        assert Customer.objects.filter(owner=office.am).count() == 0
        assert Customer.objects.filter(owner=office.tl).count() == 20
        assert Document.objects.get(pk=cases[0].pk).handler == office.tl
        assert asked(cases[0]) == [office.bgm]
        assert {Document.objects.get(pk=task.pk).handler for task in tasks} == {office.colleague}
        assert {Document.objects.get(pk=case.pk).creator for case in cases} == {office.am}
        closed = deactivate_employee(employee=again(office.am), **keep)
        assert not closed.is_active
        assert not WorkItem.objects.filter(assignee=office.am, state="OPEN").exists()

    def _half(self, handover: WorkHandover, besides: Customer) -> list[int]:
        plain = handover.items.filter(kind="customers", label__regex=r"^客户\d").exclude(
            object_id=besides.pk
        )
        return list(plain.values_list("pk", flat=True)[:19])


class TestSize:
    @pytest.mark.parametrize("count", [20, 500])
    def test_the_statements_do_not_grow_with_the_customers(
        self, office: Office, count: int
    ) -> None:
        office.customers(count)
        with CaptureQueriesContext(connection) as listing:
            handover = office.draft()
        office.approved(handover)
        with CaptureQueriesContext(connection) as executing:
            office.execute(handover)
        assert Customer.objects.filter(owner=office.colleague).count() == count + 1
        assert len(listing) <= 45
        assert len(executing) <= 45
