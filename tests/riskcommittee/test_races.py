"""Two members, two clicks, one session: real connections to PostgreSQL."""

from __future__ import annotations

import pytest

from riskcommittee.choices import Opinion, Result
from riskcommittee.models import CommitteeSession
from tests.riskcommittee.committee import Committee
from tests.workflows.test_races import refusals, together
from workflows.choices import ItemState
from workflows.models import WorkItem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def committee(transactional_db: None) -> Committee:
    return Committee()


def decided(session: CommitteeSession) -> int:
    return WorkItem.objects.filter(stage=session.stage, state=ItemState.DECIDED).count()


class TestVotesAtOnce:
    def test_two_members_vote_at_once_and_both_count(self, committee: Committee) -> None:
        session = committee.convened()
        first, second = committee.members[:2]
        results = together(
            lambda: committee.vote(session, first), lambda: committee.vote(session, second)
        )
        assert not refusals(results)
        assert decided(session) == 2

    def test_a_double_click_votes_once(self, committee: Committee) -> None:
        session = committee.convened()
        member = committee.members[0]
        results = together(
            *(lambda: committee.vote(session, member, idempotency_key="click-0001"),) * 3
        )
        assert not refusals(results)
        assert decided(session) == 1

    def test_rcm_03_two_windows_vote_once(self, committee: Committee) -> None:
        session = committee.convened()
        member = committee.members[0]
        results = together(
            lambda: committee.vote(session, member),
            lambda: committee.vote(session, member, Opinion.INVESTIGATE),
        )
        assert [refusal.code for refusal in refusals(results)] == ["RCM-03"]
        assert decided(session) == 1


class TestOthersAtOnce:
    def test_n07_rcm_06_two_secretaries_convene_one_session(self, committee: Committee) -> None:
        assert committee.secretary.pk
        results = together(committee.convened, committee.convened)
        assert [refusal.code for refusal in refusals(results)] == ["RCM-06"]
        assert CommitteeSession.objects.count() == 1

    def test_the_session_is_closed_once(self, committee: Committee) -> None:
        session = committee.convened()
        committee.all_vote(session, [Opinion.APPROVE] * 5)
        results = together(lambda: committee.close(session), lambda: committee.close(session))
        assert [refusal.code for refusal in refusals(results)] == ["RCM-15"]
        assert CommitteeSession.objects.get().result == Result.PASSED
