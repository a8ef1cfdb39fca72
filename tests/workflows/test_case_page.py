"""The case page for each kind of reader, and every act on it as its form sends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

import pytest

from staff.models import Employee
from tests.workflows.pages import HTMX, at_item, browser, buttons, listed, statements, text_of
from tests.workflows.world import NOW, World, at_least, by_role, fresh, stage
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, Stage, WorkItem
from workflows.services import collaboration, decisions, items
from workflows.services.submission import submit_document, withdraw_case
from workflows.services.supplements import record_supplement
from workflows.views.actions import CASE_ACTS, ITEM_ACTS

pytestmark = pytest.mark.django_db

PARTS = ["route/", "diagram/", "diagram.svg", "bpmn", "marks"]


@pytest.fixture
def case(world: World) -> Case:
    return world.submitted()


def page(who: Employee, case: Case) -> Any:
    response = browser(who).get(f"/cases/{case.pk}/")
    assert response.status_code == 200
    return response


class TestReaders:
    def test_the_approver_decides_and_reads_why_it_is_his(self, world: World, case: Case) -> None:
        shown = page(world.tl, case)
        assert buttons(shown) >= {"approve", "return", "reject", "transfer", "comment", "copy"}
        assert "Why me You hold the role" in text_of(shown)

    def test_the_handler_follows_withdraws_and_urges(self, world: World, case: Case) -> None:
        assert buttons(page(world.am, case)) == {"withdraw", "urge", "copy", "comment"}

    def test_the_handler_of_a_returned_case_is_told_to_correct_it(
        self, world: World, case: Case
    ) -> None:
        item_id = world.item(case, world.tl).pk
        decisions.return_case(
            item_id=item_id, actor=fresh(world.tl), now=NOW, opinion="请补充流水说明"
        )
        shown = page(world.am, case)
        assert "withdraw" not in buttons(shown)
        assert "correct it and submit it again" in text_of(shown)

    def test_who_has_decided_may_take_it_back(self, world: World, case: Case) -> None:
        world.approve(case, world.tl)
        assert "take_back" in buttons(page(world.tl, case))
        world.approve(case, world.brm)
        assert "take_back" not in buttons(page(world.tl, case))

    def test_a_member_of_the_pool_claims_first(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        shown = page(world.hrm, case)
        assert "claim" in buttons(shown)
        assert "approve" not in buttons(shown)
        assert "Claim the work item before you decide on it." in shown.content.decode()

    def test_the_administrator_gives_a_blocked_step_to_somebody(self, world: World) -> None:
        case = world.submitted()
        Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
        case = world.approve(case, world.tl)
        assert "reassign" in buttons(page(world.adm, case))
        assert "No approver found" in text_of(page(world.adm, case))

    def test_who_got_a_copy_reads_and_comments(self, world: World, case: Case) -> None:
        reader = world._local("AM")
        collaboration.copy_case(
            case_id=case.pk, actor=fresh(world.tl), now=NOW, recipients=[reader]
        )
        assert buttons(page(reader, case)) == {"copy", "comment"}

    def test_nobody_decides_when_it_is_over(self, world: World, case: Case) -> None:
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        for who in (world.tl, world.bgm, world.am):
            assert buttons(page(who, case)) == {"comment"}

    @pytest.mark.parametrize("part", ["", *PARTS])
    def test_n26_others_find_nothing(self, world: World, case: Case, part: str) -> None:
        assert browser(world._local("AM")).get(f"/cases/{case.pk}/{part}").status_code == 404

    @pytest.mark.parametrize("part", ["", *PARTS])
    def test_visitors_are_sent_to_the_login(self, case: Case, part: str) -> None:
        response = Client().get(f"/cases/{case.pk}/{part}")
        assert (response.status_code, response.url.split("?")[0]) == (302, "/accounts/login/")

    def test_a_pane_whose_login_ended_goes_to_the_login_as_a_whole(self, case: Case) -> None:
        response = Client().get(f"/cases/{case.pk}/", headers=HTMX)
        assert response.headers["HX-Redirect"] == "/accounts/login/"

    @pytest.mark.parametrize("part", PARTS)
    def test_all_parts_are_there(self, world: World, case: Case, part: str) -> None:
        for language in ("en", "zh-hans"):
            client = browser(world.tl, language=language)
            assert client.get(f"/cases/{case.pk}/{part}").status_code == 200

    def test_the_pane_of_the_inbox_has_no_frame(self, world: World, case: Case) -> None:
        body = browser(world.tl).get(f"/cases/{case.pk}/", headers=HTMX).content.decode()
        assert "<html" not in body
        assert case.doc_no in body


class TestWhatIsTold:
    def test_what_changed_since_one_last_looked(self, world: World) -> None:
        document = world.document()
        case = world.submit(document)
        browser(world.tl).post(f"/cases/{case.pk}/seen/")
        item_id = world.item(case, world.tl).pk
        decisions.return_case(
            item_id=item_id, actor=fresh(world.tl), now=NOW, opinion="请补充流水说明"
        )
        world.edit(document, amount="200000.00")
        world.submit(document)
        shown = text_of(page(world.tl, case))
        assert "Since you last looked" in shown
        assert "100000.00 → 200000.00" in shown

    def test_nothing_has_changed_for_who_sees_it_first(self, world: World, case: Case) -> None:
        assert "Since you last looked" not in text_of(page(world.tl, case))

    def test_ones_own_act_is_no_news(self, world: World, case: Case) -> None:
        browser(world.tl).post(f"/cases/{case.pk}/seen/")
        browser(world.brm).post(f"/cases/{case.pk}/seen/")
        world.approve(case, world.tl)
        assert "Since you last looked" not in text_of(page(world.tl, case))
        assert "1 new entry in the history" in text_of(page(world.brm, case))

    def test_material_is_asked_for_until_the_document_comes_again(
        self, world: World, case: Case
    ) -> None:
        send(world.tl, at_item(case, world.tl, "request_material"), case, text="请补近三月流水")
        asks = f"Material requested {world.tl.name} ·"
        assert asks in text_of(page(world.tl, case))
        withdraw_case(case_id=case.pk, actor=fresh(world.am), now=NOW, reason="补充流水")
        submit_document(
            kind=case.document_kind, document_id=case.document_id, actor=fresh(world.am), now=NOW
        )
        assert asks not in text_of(page(world.tl, case))

    def test_conditions_until_they_are_taken_back(self, world: World, case: Case) -> None:
        world.approve(case, world.tl, conditions=["配偶签字"])
        assert "Conditions of approval 配偶签字" in text_of(page(world.brm, case))
        item = WorkItem.objects.get(case=case, decided_by=world.tl)
        items.take_back(item_id=item.pk, actor=fresh(world.tl), now=NOW)
        assert "Conditions of approval" not in text_of(page(world.tl, case))

    def test_requests_for_material_until_it_comes(self, world: World, case: Case) -> None:
        collaboration.request_material(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW, text="请补近三月流水"
        )
        assert "Material requested" in text_of(page(world.am, case)).split("Approval history")[0]
        record_supplement(
            case_id=case.pk, actor=world.am, now=NOW, supplement_no="BC-1", note="流水", files=[]
        )
        assert "请补近三月流水" not in text_of(page(world.am, case)).split("Approval history")[0]

    def test_the_opinion_with_its_marks_as_text(self, world: World, case: Case) -> None:
        world.approve(case, world.tl, opinion="<img src=x onerror=alert(1)> & 同意 😀")
        body = page(world.brm, case).content.decode()
        assert "<img src=x" not in body
        assert "&lt;img src=x onerror=alert(1)&gt; &amp; 同意 😀" in body


class TestStatements:
    """Ten at most, whatever is shown; engine.md §8."""

    def grow(self, world: World, case: Case, events: int) -> None:
        for n in range(events):
            at = NOW + timedelta(minutes=n)
            who = fresh(world.tl)
            collaboration.comment(case_id=case.pk, actor=who, now=at, text=f"意见{n}")

    @pytest.mark.parametrize("events", [3, 60])
    def test_for_every_reader(self, world: World, events: int) -> None:
        case = world.approve(world.submitted(level=2), world.tl, conditions=["配偶签字"])
        self.grow(world, case, events)
        item_id = world.item(case, world.brm).pk
        collaboration.request_material(
            item_id=item_id, actor=fresh(world.brm), now=NOW, text="请补近三月流水"
        )
        for who in (world.brm, world.am, world.tl, world.hrm, world.ceo):
            client = browser(who)
            client.post(f"/cases/{case.pk}/seen/")
            found = statements(client, f"/cases/{case.pk}/")
            assert len(found) <= 10, "\n".join(found)

    def test_of_a_blocked_case(self, world: World) -> None:
        case = world.submitted()
        Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
        world.approve(case, world.tl)
        self.grow(world, case, 20)
        found = statements(browser(world.adm), f"/cases/{case.pk}/")
        assert len(found) <= 10, "\n".join(found)

    def test_of_a_vote(self, world: World) -> None:
        world.committee()
        case = in_committee(world)
        found = statements(browser(world.chair), f"/cases/{case.pk}/")
        assert len(found) <= 10, "\n".join(found)

    @pytest.mark.parametrize("events", [3, 60])
    @pytest.mark.parametrize("part", PARTS)
    def test_of_every_part_do_not_grow(
        self, world: World, case: Case, part: str, events: int
    ) -> None:
        self.grow(world, case, events)
        assert len(statements(browser(world.tl), f"/cases/{case.pk}/{part}")) <= 12


def in_committee(world: World) -> Case:
    case = world.submitted(level=3)
    for who in (world.tl, world.brm, world.bgm):
        case = world.approve(case, who)
    items.claim(item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW)
    return world.approve(case, world.hrm)


class TestSecretVotes:
    @pytest.fixture
    def case(self, world: World) -> Case:
        world.committee()
        case = in_committee(world)
        case = world.approve(case, world.members[0], opinion="秘密意见", conditions=["秘密条件"])
        reason = "秘密理由:敞口过大,还款来源不足"
        item_id = world.item(case, world.members[1]).pk
        return decisions.reject(
            item_id=item_id, actor=fresh(world.members[1]), now=NOW, opinion=reason
        )

    def test_are_not_shown_to_who_has_not_voted(self, world: World, case: Case) -> None:
        for who in (world.members[2], world.chair, world.hrm, world.am, world.bgm):
            shown = page(who, case).content.decode()
            assert "秘密" not in shown
            assert text_of(page(who, case)).count("Voted") == 2

    def test_are_shown_to_who_has_voted(self, world: World, case: Case) -> None:
        shown = text_of(page(world.members[0], case))
        assert "秘密意见" in shown
        assert "秘密理由" in shown

    def test_do_not_show_in_any_part_of_the_page(self, world: World, case: Case) -> None:
        for part in PARTS:
            body = browser(world.members[2]).get(f"/cases/{case.pk}/{part}").content.decode()
            assert "秘密" not in body

    def test_do_not_show_in_the_api(self, world: World, case: Case) -> None:
        client = browser(world.members[2])
        rows = client.get(f"/api/v1/cases/{case.pk}/history/").json()
        ballots = [row for row in rows if row["kind"] == "VOTED"]
        assert len(ballots) == 2
        assert all(row["opinion"] == row["hash"] == "" and not row["data"] for row in ballots)
        assert "秘密" not in str(rows)
        for item in WorkItem.objects.filter(case=case, state=ItemState.DECIDED, stage__outcome=""):
            found = client.get(f"/api/v1/work-items/{item.pk}/").json()
            assert (found["decision"], found["opinion"]) == ("", "")

    def test_no_hash_of_a_neighbour_proves_a_ballot(self, world: World, case: Case) -> None:
        """Who guesses the opinion must not be able to compare hashes."""
        voted = list(case.events.order_by("-sequence").values_list("hash", flat=True)[:2])
        rows = browser(world.members[2]).get(f"/api/v1/cases/{case.pk}/history/").json()
        assert not {row["hash"] for row in rows} & set(voted)
        assert not {row["previous_hash"] for row in rows} & set(voted)

    def test_are_shown_to_all_when_the_vote_is_over(self, world: World, case: Case) -> None:
        for member in world.members[2:]:
            case = world.approve(case, member)
        world.approve(case, world.chair)
        assert "秘密理由" in text_of(page(world.am, case))


# -- acts --------------------------------------------------------------------------------


def send(who: Employee, path: str, case: Case, **data: Any) -> Any:
    """The form as the page sends it: with the version shown and a key of its own."""
    case.refresh_from_db()
    key = f"{path}-{case.event_count}"
    data = {"seen_version": case.version, "idempotency_key": key, **data}
    headers = HTMX if data.pop("htmx", False) else {}
    return browser(who).post(path, data, headers=headers)


def send_htmx(who: Employee, path: str, case: Case, **data: Any) -> Any:
    return send(who, path, case, htmx=True, **data)


class TestActsByForm:
    def test_approval_moves_the_case_and_returns_to_it(self, world: World, case: Case) -> None:
        response = send(world.tl, at_item(case, world.tl, "approve"), case, opinion="同意")
        assert (response.status_code, response.url) == (302, f"/cases/{case.pk}/")
        assert world.item(case, world.brm).stage.node_id == "brm"

    def test_htmx_goes_on_as_a_whole_page(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve")
        response = send_htmx(world.tl, path, case, opinion="同意")
        assert response.headers["HX-Redirect"] == f"/cases/{case.pk}/"

    def test_conditions_are_one_a_line(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve_with_conditions")
        send(world.tl, path, case, opinion="同意", conditions="配偶签字\r\n\r\n补办抵押登记")
        event = case.events.get(kind=EventKind.APPROVED_WITH_CONDITIONS)
        assert event.conditions == ["配偶签字", "补办抵押登记"]

    def test_terms_come_as_fields_of_their_own(self, world: World, case: Case) -> None:
        for who in (world.tl, world.brm):
            case = world.approve(case, who)
        path = at_item(case, world.bgm, "approve")
        send(world.bgm, path, case, opinion="同意", term_approved_amount=" 90000 ")
        item = WorkItem.objects.get(case=case, decided_by=world.bgm)
        assert item.terms == {"approved_amount": "90000"}

    def test_rejection(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "reject")
        send(world.tl, path, case, opinion="负债过高,还款来源不足")
        case.refresh_from_db()
        assert case.state == CaseState.REJECTED

    def test_return_to_the_handler(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "return")
        send(
            world.tl, path, case, opinion="请补充流水说明", target="handler", resumes_directly="on"
        )
        case.refresh_from_db()
        assert (case.state, case.resumes_directly) == (CaseState.RETURNED, True)

    def test_transfer_reassign_and_the_people_picker_agree(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "transfer")
        send(world.tl, path, case, recipient=world.bgm.pk, reason="出差")
        assert world.item(case).assignee == world.bgm

    def test_request_for_material(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "request_material")
        send(world.tl, path, case, text="请补近三月流水", pauses_clock="on")
        assert case.material_requests.get().pauses_clock

    def test_claim_release_and_take_back(self, db: None) -> None:
        rule = by_role("HRM", RoleReach.HEAD_OFFICE)
        world = World(stage("one", rule, claim_required=True), stage("two", by_role("BGM")))
        case = world.submitted()
        path = at_item(case, world.hrm, "claim")
        send(world.hrm, path, case)
        send(world.hrm, path.replace("claim", "release"), case)
        assert WorkItem.objects.get(case=case).assignee is None
        send(world.hrm2, path, case)
        send(world.hrm2, path.replace("claim", "approve"), case, opinion="同意")
        send(world.hrm2, path.replace("claim", "take_back"), case)
        assert WorkItem.objects.get(case=case, state=ItemState.OPEN).assignee == world.hrm2

    def test_the_end_of_a_vote(self, db: None) -> None:
        rules = (by_role("RC", RoleReach.HEAD_OFFICE), by_role("RCC", RoleReach.HEAD_OFFICE))
        settings = {"decide": DecideMode.VOTE, "duty_line": "COMMITTEE"}
        world = World(stage("committee", *rules, **settings))
        world.committee()
        case = world.submitted()
        for who in (*world.members[:2], world.chair):
            case = world.approve(case, who)
        item = world.item(case, world.members[2])
        decisions.reject(
            item_id=item.pk, actor=fresh(world.members[2]), now=NOW, opinion="负债过高,还款来源不足"
        )
        send(world.secretary, f"/work-items/{item.pk}/close_vote/", case)
        case.refresh_from_db()
        assert case.state == CaseState.APPROVED

    def test_acts_on_the_case(self, world: World, case: Case) -> None:
        send(world.tl, f"/cases/{case.pk}/comment/", case, text="请核实", mentioned=[world.ceo.pk])
        people = [world.ceo.pk, world.bgm.pk]
        send(world.tl, f"/cases/{case.pk}/copy/", case, recipients=people)
        send(world.am, f"/cases/{case.pk}/urge/", case)
        send(world.am, f"/cases/{case.pk}/withdraw/", case, reason="资料有误")
        kinds = list(case.events.values_list("kind", flat=True))
        assert kinds == ["SUBMITTED", "COMMENTED", "COPIED", "URGED", "WITHDRAWN"]

    def test_reassignment(self, world: World) -> None:
        case = world.submitted()
        Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
        case = world.approve(case, world.tl)
        blocked = Stage.objects.get(process=case, is_blocked=True)
        path = f"/cases/{case.pk}/reassign/"
        data = {"stage": blocked.pk, "recipient": world.hrm.pk, "reason": "风控经理离职"}
        response = send(world.adm, path, case, **data)
        assert response.url == f"/cases/{case.pk}/"
        assert world.item(case).assignee == world.hrm

    def test_a_double_click_decides_once(self, world: World, case: Case) -> None:
        path, version = at_item(case, world.tl, "approve"), case.version
        data = {"opinion": "同意", "seen_version": version, "idempotency_key": "click-1"}
        for _ in range(2):
            response = send(world.tl, path, case, **data)
            assert response.status_code == 302
        assert case.events.filter(kind=EventKind.APPROVED).count() == 1

    @pytest.mark.parametrize("act", ITEM_ACTS)
    def test_n26_on_what_one_may_not_see_are_not_found(
        self, world: World, case: Case, act: str
    ) -> None:
        stranger = world._local("AM")
        path = f"/work-items/{world.item(case).pk}/{act}/"
        assert send(stranger, path, case, opinion="同意").status_code == 404

    @pytest.mark.parametrize("act", [*CASE_ACTS, "reassign"])
    def test_n26_on_a_case_that_one_may_not_see_are_not_found(
        self, world: World, case: Case, act: str
    ) -> None:
        path = f"/cases/{case.pk}/{act}/"
        assert send(world._local("AM"), path, case, text="x").status_code == 404

    @pytest.mark.parametrize("act", [*ITEM_ACTS, "explode"])
    def test_are_posted(self, world: World, case: Case, act: str) -> None:
        path = f"/work-items/{world.item(case).pk}/{act}/"
        assert browser(world.tl).get(path).status_code == 405

    def test_that_do_not_exist_are_not_found(self, world: World, case: Case) -> None:
        path = f"/work-items/{world.item(case).pk}/explode/"
        assert send(world.tl, path, case).status_code == 404

    def test_need_the_token_of_the_page(self, world: World, case: Case) -> None:
        client = browser(world.tl, enforce_csrf_checks=True)
        response = client.post(at_item(case, world.tl, "approve"), {"opinion": "同意"})
        assert response.status_code == 403
        assert case.events.count() == 1


class TestRefusals:
    def test_keep_their_status_and_sentence(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve")
        for how in (send, send_htmx):
            stale = how(world.tl, path, case, opinion="同意", seen_version=case.version - 1)
            assert stale.status_code == 409
            assert "changed by someone else" in text_of(stale)
            assert "WF-12" in text_of(stale)

    def test_of_a_form_are_fragments_for_htmx(self, world: World, case: Case) -> None:
        response = send_htmx(world.tl, at_item(case, world.tl, "approve"), case, opinion=" ")
        assert response.status_code == 422
        assert "<html" not in response.content.decode()
        assert 'data-refusal="WF-06"' in response.content.decode()

    def test_speak_the_language_of_the_reader(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve")
        response = browser(world.tl, language="zh-hans").post(path, {"opinion": ""}, headers=HTMX)
        assert "请填写审批意见" in text_of(response)

    def test_n2_of_the_handler_on_the_direct_address(self, world: World, case: Case) -> None:
        path = f"/work-items/{world.item(case).pk}/approve/"
        response = send(world.am, path, case, opinion="同意")
        assert (response.status_code, "WF-01" in text_of(response)) == (403, True)

    def test_name_the_field_that_is_wrong(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "transfer")
        response = send_htmx(world.tl, path, case, recipient="", reason="出差")
        assert response.status_code == 422
        assert "Choose a person" in text_of(response)


class TestWhatComesNext:
    def decide(self, world: World, case: Case, return_to: str) -> str:
        path = at_item(case, world.tl, "approve")
        response = send_htmx(world.tl, path, case, opinion="同意", return_to=return_to)
        return response.headers["HX-Redirect"]

    def test_the_case_below_opens(self, world: World) -> None:
        oldest, middle, newest = (
            world.submit(world.document(), at=NOW + timedelta(minutes=n)) for n in range(3)
        )
        target = self.decide(world, middle, f"/inbox/?tab=todo&case={middle.pk}")
        assert target == f"/inbox/?tab=todo&case={oldest.pk}"
        assert self.decide(world, oldest, "/inbox/?tab=todo").endswith(f"case={newest.pk}")

    def test_the_filter_stays(self, world: World) -> None:
        case, small, large = (world.submitted(amount=a) for a in ("9000.00", "1.00", "8000.00"))
        target = self.decide(world, case, "/inbox/?tab=todo&least=500&case=1")
        assert target == f"/inbox/?tab=todo&least=500&case={large.pk}"
        assert listed(browser(world.tl).get(target)) == [large.pk]
        assert small.state == CaseState.IN_APPROVAL

    def test_after_the_last_one_the_inbox_is_empty(self, world: World, case: Case) -> None:
        target = self.decide(world, case, f"/inbox/?tab=todo&case={case.pk}")
        assert target == "/inbox/?tab=todo"
        assert "Nothing waits for you" in text_of(browser(world.tl).get(target))

    @pytest.mark.parametrize(
        "elsewhere",
        ["https://evil.example/inbox/?", "//evil.example/inbox/?", "/inbox/../admin/", "/inbox",
         "javascript:alert(1)", "/inbox/?\r\nX-Evil: 1", "\x00", "/\\evil.example/inbox/?"],
    )  # fmt: skip
    def test_never_leads_elsewhere(self, world: World, case: Case, elsewhere: str) -> None:
        target = self.decide(world, case, elsewhere)
        assert target in (f"/cases/{case.pk}/", "/inbox/?tab=todo")

    def test_a_comment_stays_with_the_case(self, world: World, case: Case) -> None:
        path = f"/cases/{case.pk}/comment/"
        back = f"/inbox/?tab=todo&case={case.pk}"
        response = send_htmx(world.tl, path, case, text="请核实", return_to=back)
        assert response.headers["HX-Redirect"] == back


class TestRoute:
    def test_says_who_decided_who_has_it_and_who_is_passed_by(self, db: None) -> None:
        world = World(
            stage("tl", by_role("TL")),
            stage("brm", by_role("BRM")),
            stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE), when=at_least("level", 3)),
        )
        case = world.approve(world.submitted(), world.tl)
        shown = text_of(browser(world.am).get(f"/cases/{case.pk}/route/"))
        assert world.tl.name in shown
        assert world.brm.name in shown
        assert "Step ceo" in shown
