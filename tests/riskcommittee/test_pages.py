"""The pages and the API of a session, as each of its people sees them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

import pytest

from documents.models import Document
from riskcommittee.choices import Opinion
from riskcommittee.models import CommitteeSession
from riskcommittee.services import prints
from staff.models import Employee
from tests.riskcommittee.committee import REASON, Committee, pdf
from tests.staff.factories import person
from tests.workflows.world import NOW, fresh

SECRET = "抵押物变现困难,不同意本次授信。"


def login(client: Client, who: Employee) -> Client:
    client.force_login(fresh(who))
    return client


@pytest.fixture
def session(committee: Committee) -> CommitteeSession:
    return committee.convened()


class TestList:
    def test_offers_the_secretary_what_waits(self, committee: Committee, client: Client) -> None:
        page = login(client, committee.secretary).get("/committee/").content.decode()
        assert f"/committee/convene/{committee.case.pk}/" in page

    def test_costs_ten_queries_at_most(
        self, committee: Committee, session: CommitteeSession, client: Client,
        django_assert_max_num_queries: Any,
    ) -> None:  # fmt: skip
        login(client, committee.secretary)
        with django_assert_max_num_queries(10):
            page = client.get("/committee/").content.decode()
        assert session.number in page

    def test_n26_who_has_no_part_in_it_sees_nothing(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        login(client, person("BRM"))
        assert session.number not in client.get("/committee/").content.decode()
        for tail in ("", "vote/", "board/", "board/live/", "files/report/", "print/votes/"):
            assert client.get(f"/committee/{session.pk}/{tail}").status_code == 404


class TestWorkbench:
    """工作台 of the committee: what is to be convened and which sessions are open."""

    def test_the_secretary_finds_what_waits_then_the_session(
        self, committee: Committee, client: Client, django_assert_max_num_queries: Any
    ) -> None:
        page = login(client, committee.secretary).get("/").content.decode()
        assert f"/committee/convene/{committee.case.pk}/" in page

        session = committee.convened()
        with django_assert_max_num_queries(10):
            page = client.get("/").content.decode()
        assert f"/committee/convene/{committee.case.pk}/" not in page
        assert session.number in page

    def test_a_member_finds_his_session_until_it_is_closed(
        self, committee: Committee, session: CommitteeSession, client: Client,
        django_assert_max_num_queries: Any,
    ) -> None:  # fmt: skip
        login(client, committee.members[0])
        client.get("/")
        with django_assert_max_num_queries(10):
            assert session.number in client.get("/").content.decode()
        committee.all_vote(session, [Opinion.APPROVE] * 5)
        committee.close(session)
        assert session.number not in client.get("/").content.decode()

    def test_an_account_manager_has_no_such_part(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        page = login(client, committee.world.am).get("/").content.decode()
        assert "/committee/" not in page


class TestConvenePage:
    def _data(self, committee: Committee, **values: Any) -> dict[str, Any]:
        return {
            "held_on": "2026-03-03", "mode": "MEETING", "place": "三楼会议室",
            "chair": committee.chair.pk, "members": [p.pk for p in committee.members],
            "secretary": committee.secretary.pk, "risk_report": pdf("报告.pdf"), **values,
        }  # fmt: skip

    def test_convenes(self, committee: Committee, client: Client) -> None:
        url = f"/committee/convene/{committee.case.pk}/"
        assert login(client, committee.secretary).get(url).status_code == 200
        assert client.post(url, self._data(committee)).status_code == 302
        assert CommitteeSession.objects.get().place == "三楼会议室"

    def test_keeps_what_was_typed(self, committee: Committee, client: Client) -> None:
        url = f"/committee/convene/{committee.case.pk}/"
        data = self._data(committee, members=[p.pk for p in committee.members[:3]])
        page = login(client, committee.secretary).post(url, data)
        assert page.status_code == 422
        assert "三楼会议室" in page.content.decode()
        assert "单数" in page.content.decode()

    def test_is_closed_to_members(self, committee: Committee, client: Client) -> None:
        page = login(client, committee.members[0]).get(f"/committee/convene/{committee.case.pk}/")
        assert page.status_code == 403


class TestSessionPage:
    def test_the_secretary_opens_what_the_vote_is_about(
        self, committee: Committee, client: Client
    ) -> None:
        """He is asked at no step of the case, and reads what came to the committee only (N26)."""
        committee.world.document()
        login(client, committee.secretary)
        assert client.get(f"/cases/{committee.case.pk}/").status_code == 200
        assert list(Document.objects.visible_to(fresh(committee.secretary))) == [
            Document.objects.get(case=committee.case)
        ]

    def test_costs_ten_queries_at_most(
        self, committee: Committee, session: CommitteeSession, client: Client,
        django_assert_max_num_queries: Any,
    ) -> None:  # fmt: skip
        committee.vote(session, committee.members[0])
        login(client, committee.members[0])
        with django_assert_max_num_queries(10):
            client.get(f"/committee/{session.pk}/")

    def test_named_ballots_are_secret_until_one_has_voted(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        committee.vote(session, committee.members[0], Opinion.REJECT, reason=SECRET)
        url = f"/committee/{session.pk}/"
        for who in (committee.members[1], committee.secretary):
            assert SECRET not in login(client, who).get(url).content.decode()
        assert SECRET in login(client, committee.members[0]).get(url).content.decode()
        committee.vote(session, committee.members[1])
        assert SECRET in login(client, committee.members[1]).get(url).content.decode()

    def test_closes_with_minutes_only(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        committee.all_vote(session, [Opinion.APPROVE] * 5)
        url = f"/committee/{session.pk}/close/"
        refused = login(client, committee.secretary).post(url)
        assert refused.status_code == 422
        assert "会议纪要" in refused.content.decode()
        assert client.post(url, {"minutes": pdf()}).status_code == 302
        assert committee.state() == "APPROVED"
        assert client.get(f"/committee/{session.pk}/files/minutes/").status_code == 200

    def test_records_who_is_absent(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        url = f"/committee/{session.pk}/attendance/"
        login(client, committee.secretary).post(url, {"absent": [committee.members[0].pk]})
        assert session.seats.get(is_absent=True).employee == committee.members[0]


class TestVotePage:
    def test_takes_the_vote_and_shows_it(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        url = f"/committee/{session.pk}/vote/"
        login(client, committee.members[0])
        assert "term_approved_amount" in client.get(url).content.decode()
        sent = client.post(url, {"opinion": "APPROVE", "reason": REASON})
        assert sent.status_code == 302
        assert REASON in client.get(url).content.decode()

    def test_rcm_04_and_rcm_08_stand_at_their_fields(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        url = f"/committee/{session.pk}/vote/"
        login(client, committee.members[0])
        page = client.post(url, {"opinion": "APPROVE", "reason": ""})
        assert (page.status_code, "请填写表决理由" in page.content.decode()) == (422, True)
        page = client.post(
            url, {"opinion": "APPROVE", "reason": REASON, "term_approved_amount": "6000000"}
        )
        assert "建议金额不能大于申请金额" in page.content.decode()
        assert REASON in page.content.decode()

    def test_tells_the_chair_for_whom_he_waits(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        page = login(client, committee.chair).get(f"/committee/{session.pk}/vote/")
        assert committee.members[0].name in page.content.decode()

    def test_rcm_05_the_secretary_has_none(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        page = login(client, committee.secretary).get(f"/committee/{session.pk}/vote/")
        assert page.status_code == 403


class TestBoard:
    def test_tells_the_tally_only_when_all_have_voted(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        url = f"/committee/{session.pk}/board/live/"
        login(client, committee.secretary)
        committee.vote(session, committee.members[0])
        assert "rc-board-tally" not in client.get(url).content.decode()
        for who in (*committee.members[1:], committee.chair):
            committee.vote(session, who)
        assert "rc-board-tally" in client.get(url).content.decode()
        assert client.get(f"/committee/{session.pk}/board/").status_code == 200

    def test_the_result_wears_its_badge(
        self, committee: Committee, session: CommitteeSession, client: Client
    ) -> None:
        committee.all_vote(session, [Opinion.APPROVE] * 5)
        committee.close(session)
        login(client, committee.secretary)
        board = client.get(f"/committee/{session.pk}/board/live/").content.decode()
        shown = board.split("rc-board-tally")[1]
        assert "ui-tone-green" in shown


class TestPrint:
    @pytest.mark.parametrize("form", ["votes", "minutes"])
    def test_is_drawn_and_counted_when_the_session_is_over(
        self, committee: Committee, session: CommitteeSession, client: Client, form: str
    ) -> None:
        url = f"/committee/{session.pk}/print/{form}/"
        login(client, committee.secretary)
        assert client.get(url).status_code == 404
        committee.all_vote(session, [Opinion.APPROVE] * 5)
        committee.close(session)
        assert client.get(url)["Content-Type"] == "application/pdf"
        record = prints.print_session(
            session=CommitteeSession.objects.get(), form=form,
            actor=fresh(committee.secretary), now=NOW,
        )  # fmt: skip
        assert record.number == 2


class TestApi:
    def test_the_same_rules_hold(self, committee: Committee, session: CommitteeSession) -> None:
        client = APIClient()
        client.force_authenticate(fresh(committee.members[0]))
        url = f"/api/v1/committee-sessions/{session.pk}/"
        ballots = client.get(url).json()["ballots"]
        assert [ballot["has_voted"] for ballot in ballots] == [False] * 5
        vote = {"opinion": "APPROVE", "reason": ""}
        key = {"HTTP_IDEMPOTENCY_KEY": "vote-0001"}
        refused = client.post(f"{url}vote/", vote, format="json", **key)
        assert refused.json()["code"] == "RCM-04"
        done = client.post(f"{url}vote/", {**vote, "reason": REASON}, format="json", **key)
        assert done.json()["ballots"][0]["reason"] == REASON
        client.force_authenticate(fresh(committee.secretary))
        assert client.get(url).json()["ballots"][0]["decision"] == ""
        assert client.post(f"{url}attendance/", {"absent": []}, format="json").status_code == 200
        assert client.get("/api/v1/committee-sessions/").json()["results"][0]["id"] == session.pk

    def test_convenes_and_closes(self, committee: Committee) -> None:
        client = APIClient()
        client.force_authenticate(fresh(committee.secretary))
        data = {
            "case_id": committee.case.pk, "held_on": "2026-03-03", "mode": "CIRCULATION",
            "place": "线上", "chair": committee.chair.pk, "secretary": committee.secretary.pk,
            "members": [p.pk for p in committee.members], "risk_report": pdf("报告.pdf"),
        }  # fmt: skip
        made = client.post("/api/v1/committee-sessions/", data, format="multipart")
        assert made.status_code == 201
        session = CommitteeSession.objects.get()
        committee.all_vote(session, [Opinion.APPROVE] * 5)
        url = f"/api/v1/committee-sessions/{session.pk}/close/"
        closed = client.post(url, {"minutes": pdf()}, format="multipart")
        assert closed.json()["result"] == "PASSED"
