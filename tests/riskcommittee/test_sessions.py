"""风控委员会 (M17): convening, voting, closing, and what must never happen (N19)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from django.db import DatabaseError, IntegrityError, transaction

import pytest

from documents.models import Document
from lending_crm.common.errors import DomainError
from riskcommittee.choices import Opinion, Result, SessionState
from riskcommittee.models import CommitteeSession
from tests.riskcommittee.committee import REASON, Committee
from tests.staff.factories import person
from tests.workflows.world import NOW, fresh
from workflows.choices import Decision, EventKind, ItemState
from workflows.models import Case, WorkItem
from workflows.services import decisions, submission

YES, NO, MORE = Opinion.APPROVE, Opinion.REJECT, Opinion.INVESTIGATE
AGAINST = "抵押物变现困难,不同意本次授信。"


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(DomainError) as refusal:
        yield
    assert refusal.value.code == code


class TestConvene:
    def test_gives_a_number_and_the_ballots_to_the_members_only(self, committee: Committee) -> None:
        session = committee.convened(members=committee.members[:2])
        assert session.number.startswith(f"FK-{committee.case.branch.code}-20260302-")
        open_to = WorkItem.objects.filter(case=committee.case, state=ItemState.OPEN)
        asked = set(open_to.values_list("assignee", flat=True))
        assert asked == {committee.chair.pk, *(p.pk for p in committee.members[:2])}

    def test_rcm_06_refuses_a_second_session_while_one_is_open(self, committee: Committee) -> None:
        session = committee.convened()
        with refused("RCM-06"):
            committee.convened()
        with pytest.raises(IntegrityError), transaction.atomic():
            CommitteeSession.objects.create(
                number="FK-X", case=session.case, stage=session.stage, mode=session.mode,
                held_on=session.held_on, place="x", risk_report=session.risk_report,
                risk_report_name="x", convened_by=session.convened_by, convened_at=NOW,
            )  # fmt: skip

    def test_rcm_09_refuses_the_handler_as_a_member(self, committee: Committee) -> None:
        members = [*committee.members[:3], committee.world.am]
        with refused("RCM-09"):
            committee.convened(members=members)

    def test_refuses_who_may_not_convene(self, committee: Committee) -> None:
        with refused("RCM-10"):
            committee.convened(actor=fresh(committee.world.am))

    def test_refuses_an_even_number(self, committee: Committee) -> None:
        with refused("RCM-12"):
            committee.convened(members=committee.members[:3])

    def test_refuses_who_was_not_asked_for_a_vote(self, committee: Committee) -> None:
        with refused("RCM-13"):
            committee.convened(members=[*committee.members[:3], committee.world.bgm])

    def test_refuses_a_chair_without_a_veto(self, committee: Committee) -> None:
        first, *others = committee.members
        with refused("RCM-13"):
            committee.convened(chair=first, members=[*others[:1], committee.chair])

    def test_keeps_the_vote_of_a_member_who_was_early(self, committee: Committee) -> None:
        committee.world.approve(committee.case, committee.members[0])
        session = committee.convened()
        for who in (*committee.members[1:], committee.chair):
            committee.vote(session, who)
        assert committee.close(session).approving == 5

    def test_n19_refuses_when_somebody_voted_who_has_no_vote_in_it(
        self, committee: Committee
    ) -> None:
        committee.world.approve(committee.case, committee.members[0])
        with refused("RCM-14"):
            committee.convened(members=committee.members[1:3])
        with refused("RCM-14"):
            committee.convened(recused=committee.members[:1])

    def test_refuses_when_the_chair_has_voted(self, committee: Committee) -> None:
        committee.world.approve(committee.case, committee.chair)
        with refused("RCM-14"):
            committee.convened()

    def test_refuses_a_case_that_waits_elsewhere(self, committee: Committee) -> None:
        case = committee.case
        submission.withdraw_case(
            case_id=case.pk, actor=fresh(committee.world.am), now=NOW, reason="材料有误"
        )
        with refused("RCM-11"):
            committee.convened()

    def test_refuses_without_the_risk_review_report(self, committee: Committee) -> None:
        with refused("RCM-17"):
            committee.convened(risk_report=None)

    def test_refuses_two_seats_for_one_person(self, committee: Committee) -> None:
        with refused("RCM-18"):
            committee.convened(observers=[committee.members[0]])

    def test_rcm_22_the_secretary_is_of_the_committee_or_risk_control(
        self, committee: Committee
    ) -> None:
        with refused("RCM-22"):
            committee.convened(secretary=committee.world.bgm)

    def test_rcm_23_n26_observers_are_of_the_business(self, committee: Committee) -> None:
        elsewhere = person("AM", name="外人")
        with refused("RCM-23"):
            committee.convened(observers=[committee.world.am, elsewhere])
        assert not CommitteeSession.objects.exists()
        committee.convened(observers=[committee.world.am, committee.world.tl])

    def test_refuses_to_recuse_the_chair(self, committee: Committee) -> None:
        with refused("RCM-19"):
            committee.convened(recused=[committee.chair])

    def test_a_session_lapses_when_its_case_came_again(self, committee: Committee) -> None:
        first = committee.convened()
        submission.withdraw_case(
            case_id=committee.case.pk, actor=fresh(committee.world.am), now=NOW, reason="材料有误"
        )
        first.refresh_from_db()
        assert first.shown_state == SessionState.LAPSED
        committee.world.submit(Document.objects.get(pk=committee.case.document_id))
        second = committee.convened()
        first.refresh_from_db()
        assert (first.state, second.state) == (SessionState.LAPSED, SessionState.OPEN)


class TestCastVote:
    def test_is_the_members_decision_on_his_work_item(self, committee: Committee) -> None:
        session = committee.convened()
        committee.vote(session, committee.members[0], terms={"approved_amount": "4000000"})
        item = WorkItem.objects.get(case=committee.case, assignee=committee.members[0])
        assert (item.decision, item.opinion) == (Decision.APPROVE, REASON)

    def test_rcm_02_refuses_who_is_not_of_the_session(self, committee: Committee) -> None:
        session = committee.convened(members=committee.members[:2])
        with refused("RCM-02"):
            committee.vote(session, committee.members[3])

    def test_rcm_03_refuses_a_second_vote(self, committee: Committee) -> None:
        session = committee.convened()
        committee.vote(session, committee.members[0])
        with refused("RCM-03"):
            committee.vote(session, committee.members[0], NO, reason=AGAINST)

    def test_a_double_click_votes_once(self, committee: Committee) -> None:
        session = committee.convened()
        for _ in range(2):
            committee.vote(session, committee.members[0], idempotency_key="a-double-click")
        events = committee.case.events.filter(kind=EventKind.APPROVED)
        assert events.count() == 1

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_rcm_04_refuses_a_vote_without_a_reason(
        self, committee: Committee, reason: str
    ) -> None:
        session = committee.convened()
        with refused("RCM-04"):
            committee.vote(session, committee.members[0], reason=reason)

    def test_rcm_05_refuses_observers_and_the_secretary(self, committee: Committee) -> None:
        session = committee.convened(observers=[committee.world.am])
        for who in (committee.world.am, committee.secretary):
            with refused("RCM-05"):
                committee.vote(session, who)

    def test_rcm_07_refuses_the_chair_before_the_others(self, committee: Committee) -> None:
        session = committee.convened()
        with refused("RCM-07"):
            committee.vote(session, committee.chair)
        item = committee.world.item(committee.case, committee.chair)
        with refused("RCM-07"):
            decisions.approve(
                item_id=item.pk, actor=fresh(committee.chair), now=NOW, opinion=REASON
            )

    def test_rcm_08_refuses_more_than_was_requested(self, committee: Committee) -> None:
        session = committee.convened()
        with refused("RCM-08"):
            committee.vote(session, committee.members[0], terms={"approved_amount": "5000000.01"})

    def test_nobody_abstains(self, committee: Committee) -> None:
        committee.convened()
        item = committee.world.item(committee.case, committee.members[0])
        with refused("WF-18"):
            decisions.abstain(
                item_id=item.pk, actor=fresh(committee.members[0]), now=NOW, opinion=REASON
            )

    def test_does_not_end_the_vote_before_the_session_closes(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [YES] * 5)
        assert committee.state() == "IN_APPROVAL"

    def test_without_a_session_nobody_asks_to_investigate(self, committee: Committee) -> None:
        item = committee.world.item(committee.case, committee.members[0])
        with refused("WF-18"):
            decisions.investigate(
                item_id=item.pk, actor=fresh(committee.members[0]), now=NOW, opinion=AGAINST
            )


class TestRecordAttendance:
    def test_lets_the_chair_vote_without_the_absent(self, committee: Committee) -> None:
        session = committee.convened()
        for member in committee.members[:3]:
            committee.vote(session, member)
        committee.absent(session, committee.members[3])
        committee.vote(session, committee.chair)
        assert committee.close(session).result == Result.PASSED

    def test_refuses_who_has_voted_and_the_chair(self, committee: Committee) -> None:
        session = committee.convened()
        committee.vote(session, committee.members[0])
        for who in (committee.members[0], committee.chair):
            with refused("RCM-20"):
                committee.absent(session, who)

    def test_refuses_after_the_chair(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [YES] * 5)
        with refused("RCM-14"):
            committee.absent(session)


class TestCloseSession:
    def test_rcm_01_refuses_without_a_quorum(self, committee: Committee) -> None:
        session = committee.convened()
        committee.absent(session, *committee.members[2:])
        for who in (*committee.members[:2], committee.chair):
            committee.vote(session, who)
        with refused("RCM-01"):
            committee.close(session)
        assert committee.state() == "IN_APPROVAL"

    def test_rcm_07_refuses_while_a_member_has_not_voted(self, committee: Committee) -> None:
        session = committee.convened()
        committee.vote(session, committee.members[0])
        with refused("RCM-07"):
            committee.close(session)

    def test_refuses_without_minutes(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [YES] * 5)
        with refused("RCM-16"):
            committee.close(session, minutes=None)

    def test_only_the_secretary_and_head_office_risk_control_close(
        self, committee: Committee
    ) -> None:
        session = committee.convened()
        committee.all_vote(session, [YES] * 5)
        with refused("RCM-10"):
            committee.close(session, actor=fresh(committee.members[0]))
        assert committee.close(session, actor=fresh(committee.world.hrm)).closed_by_id

    def test_three_of_four_present_pass(self, committee: Committee) -> None:
        session = committee.convened()
        committee.absent(session, committee.members[3])
        for who in committee.members[:2]:
            committee.vote(session, who)
        committee.vote(session, committee.members[2], NO, reason=AGAINST)
        committee.vote(session, committee.chair)
        closed = committee.close(session)
        assert (closed.result, closed.present, closed.quorum) == (Result.PASSED, 4, 4)
        assert committee.state() == "APPROVED"

    def test_the_chairs_veto_turns_a_pass_into_a_refusal(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [YES, YES, YES, YES, NO])
        assert committee.close(session).result == Result.REJECTED
        assert committee.state() == "REJECTED"

    def test_the_chair_cannot_turn_a_refusal_into_a_pass(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [NO, NO, NO, YES, YES])
        assert committee.close(session).result == Result.REJECTED
        assert committee.state() == "REJECTED"

    def test_the_lowest_amount_in_favour_is_agreed(self, committee: Committee) -> None:
        session = committee.convened()
        amounts = ["4000000", "4500000", "3000000", "3500000", "2000000"]
        for who, amount in zip([*committee.members, committee.chair], amounts, strict=True):
            committee.vote(session, who, terms={"approved_amount": amount})
        assert committee.close(session).agreed_amount == Decimal("2000000.00")

    def test_most_asking_for_more_returns_the_case(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [MORE, MORE, MORE, YES, NO])
        closed = committee.close(session)
        assert (closed.state, closed.result) == (SessionState.CLOSED, Result.RETURNED)
        assert committee.state() == "RETURNED"
        returned = Case.objects.get(pk=committee.case.pk).events.get(kind=EventKind.RETURNED)
        assert REASON in returned.opinion

    def test_a_closed_session_never_changes(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [YES] * 5)
        closed = committee.close(session)
        with refused("RCM-15"):
            committee.close(session)
        closed.result = Result.REJECTED
        with pytest.raises(DatabaseError, match="Cannot update"):
            closed.save()

    def test_the_engine_leaves_the_vote_to_the_session(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [YES] * 5)
        item = WorkItem.objects.filter(stage=session.stage).first()
        assert item is not None
        with refused("WF-18"):
            decisions.close_vote(item_id=item.pk, actor=fresh(committee.secretary), now=NOW)


class TestNeverHappens:
    def test_n19_no_vote_of_a_recused_member_counts(self, committee: Committee) -> None:
        session = committee.convened(recused=committee.members[:1])
        with refused("RCM-02"):
            committee.vote(session, committee.members[0])
        for who in (*committee.members[1:], committee.chair):
            committee.vote(session, who)
        closed = committee.close(session)
        assert (closed.present, closed.quorum) == (4, 3)

    def test_n19_no_vote_of_an_absent_member_counts(self, committee: Committee) -> None:
        session = committee.convened()
        committee.absent(session, committee.members[0])
        with refused("RCM-02"):
            committee.vote(session, committee.members[0])
        item = committee.world.item(committee.case, committee.members[0])
        with refused("RCM-02"):
            decisions.approve(
                item_id=item.pk, actor=fresh(committee.members[0]), now=NOW, opinion=REASON
            )

    def test_n19_no_pass_without_a_quorum_also_in_the_database(self, committee: Committee) -> None:
        session = committee.convened()
        session.result, session.present, session.quorum = Result.PASSED, 3, 4
        with pytest.raises(IntegrityError), transaction.atomic():
            session.save()
