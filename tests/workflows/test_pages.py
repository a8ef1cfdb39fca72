"""The inbox: tabs, filters, paging, unread marks, bulk approval, filters and phrases kept."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

import pytest

from lending_crm.common import search
from lending_crm.common.errors import DomainError
from staff.models import Employee
from tests.workflows.pages import HTMX, browser, listed, statements, text_of
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import RoleReach
from workflows.choices import CaseState, EventKind
from workflows.models import Case, CaseReading, OpinionPhrase, SavedFilter, WorkItem
from workflows.services import bulk, collaboration, items, signers
from workflows.timing.dispatch import ring_due

pytestmark = pytest.mark.django_db


def inbox(who: Employee, **query: object) -> list[int]:
    response = browser(who).get(f"/inbox/?{urlencode(query)}")
    assert response.status_code == 200
    return listed(response)


class TestTabs:
    def test_waiting_for_me(self, world: World) -> None:
        first, second = world.submitted(), world.submitted()
        assert inbox(world.tl) == [second.pk, first.pk]
        assert inbox(world.brm) == []

    def test_decided_by_me(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        assert inbox(world.tl, tab="done") == [case.pk]
        assert inbox(world.tl) == []

    def test_started_by_me(self, world: World) -> None:
        case = world.submitted()
        world.submitted(handler=world._local("AM"))
        assert inbox(world.am, tab="mine") == [case.pk]

    def test_copied_to_me(self, world: World) -> None:
        case = world.submitted()
        collaboration.copy_case(
            case_id=case.pk, actor=fresh(world.tl), now=NOW, recipients=[world.ceo]
        )
        assert inbox(world.ceo, tab="copied") == [case.pk]

    def test_to_be_claimed(self, world: World) -> None:
        case = self.in_the_pool(world)
        assert inbox(world.hrm, tab="claim") == [case.pk]
        items.claim(item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW)
        assert inbox(world.hrm2, tab="claim") == []
        assert inbox(world.hrm) == [case.pk]

    def test_count_what_waits(self, world: World) -> None:
        self.in_the_pool(world)
        world.submitted()
        body = browser(world.tl).get("/inbox/").content.decode()
        counts = re.findall(r'href="\?tab=(\w+)"[^>]*>[^<]*<span class="ui-count">(\d+)', body)
        assert dict(counts)["todo"] == "1"

    def in_the_pool(self, world: World) -> Case:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        return case

    def test_visitors_are_sent_to_the_login(self, world: World) -> None:
        response = Client().get("/inbox/")
        assert (response.status_code, response.url.split("?")[0]) == (302, "/accounts/login/")


class TestFilters:
    @pytest.fixture
    def cases(self, world: World) -> list[Case]:
        small, large = world.submitted(amount="1000.00"), world.submitted(amount="900000.00")
        Case.objects.filter(pk=large.pk).update(search="南方重工 nfzg nanfangzhonggong")
        return [small, large]

    def test_by_number_customer_and_initials(self, world: World, cases: list[Case]) -> None:
        small, large = cases
        assert inbox(world.tl, q=small.doc_no) == [small.pk]
        assert inbox(world.tl, q="南方") == [large.pk]
        assert inbox(world.tl, q="NFZG") == [large.pk]
        assert inbox(world.tl, q="没有的") == []

    def test_each_word_counts_in_any_order(self, world: World, cases: list[Case]) -> None:
        _small, large = cases
        assert inbox(world.tl, q="nfzg 南方") == [large.pk]
        assert inbox(world.tl, q="南方 没有的") == []

    @pytest.mark.usefixtures("cases")
    @pytest.mark.parametrize("tab", ["todo", "done", "mine", "copied"])
    def test_a_common_word_is_compared_and_not_cut_into_pairs(
        self, world: World, monkeypatch: pytest.MonkeyPatch, tab: str
    ) -> None:
        """Of each case that came to him: that took seconds for a member of the committee."""
        monkeypatch.setattr(search, "_FEW", -1)
        found = statements(browser(world.tl), f"/inbox/?tab={tab}&q=南方")
        assert any("strpos(" in each for each in found)
        assert not any("search_grams" in each for each in found if "strpos(" in each)

    def test_by_kind_amount_and_state(self, world: World, cases: list[Case]) -> None:
        small, large = cases
        assert inbox(world.tl, least="5000") == [large.pk]
        assert inbox(world.tl, kind="toy") == [large.pk, small.pk]
        assert inbox(world.tl, kind="business_application") == []
        assert inbox(world.tl, state="RETURNED") == []

    def test_only_overdue(self, world: World, cases: list[Case]) -> None:
        small, large = cases
        tomorrow = timezone.now() + timedelta(days=1)
        WorkItem.objects.filter(case=small).update(due_at=tomorrow)
        assert inbox(world.tl, overdue="1") == [large.pk]

    @pytest.mark.parametrize("tab", ["todo", "done", "mine", "copied", "claim"])
    @pytest.mark.parametrize(
        "query",
        [
            "tab=%00", "tab=todo&tab=claim", "cursor=x", "cursor=%00%ff", "cursor=" + "A" * 5000,
            "least=NaN", "least=1e400", "least=-1", "least=99999999999999999999", "least=%EF%BC%91",
            "q=%00", "q=%25_%5C", "q=" + "9" * 3000, "q=%F0%9F%98%80", "q=%ED%A0%80", "q='--",
            "kind=<b>", "state=<script>", "state=IN_APPROVAL'", "overdue=x",
            "case=99999999999999999999", "case=-1", "case=abc", "case=%00", "case=0",
        ],
    )  # fmt: skip
    def test_an_odd_address_shows_the_inbox(self, world: World, tab: str, query: str) -> None:
        world.submitted()
        response = browser(world.tl).get(f"/inbox/?tab={tab}&{query}")
        assert response.status_code == 200


class TestReminders:
    """A reminder tells people to look; there is nothing else to see (it marks nothing)."""

    def seen(self, world: World) -> Case:
        case = world.submitted()
        for who in (world.tl, world.am):
            collaboration.note_reading(case_id=case.pk, reader=who, now=NOW)
        return case

    def unread(self, who: Employee, tab: str) -> int:
        return browser(who).get(f"/inbox/?tab={tab}").content.decode().count("is-unread")

    def test_urging_marks_no_case_as_unread(self, world: World) -> None:
        case = self.seen(world)
        collaboration.urge(case_id=case.pk, actor=fresh(world.am), now=NOW)
        assert case.events.last().kind == EventKind.URGED
        assert (self.unread(world.tl, "todo"), self.unread(world.am, "mine")) == (0, 0)
        assert "Since you last looked" not in text_of(browser(world.tl).get(f"/cases/{case.pk}/"))

    def test_nor_does_a_reminder_of_the_clock(self, world: World) -> None:
        timed = stage("tl", by_role("TL", RoleReach.DEPARTMENT), limit_hours=Decimal(1))
        world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=(timed,))))
        case = self.seen(world)
        ring_due(clock=lambda: NOW + timedelta(minutes=50), limit=100)
        assert case.events.last().kind == EventKind.REMINDED
        assert (self.unread(world.tl, "todo"), self.unread(world.am, "mine")) == (0, 0)
        assert browser(world.tl).get(f"/api/v1/cases/{case.pk}/since/").json()["events"] == 0

    def test_a_comment_does(self, world: World) -> None:
        case = self.seen(world)
        collaboration.comment(case_id=case.pk, actor=fresh(world.brm), now=NOW, text="请核实")
        collaboration.urge(case_id=case.pk, actor=fresh(world.am), now=NOW)
        assert (self.unread(world.tl, "todo"), self.unread(world.am, "mine")) == (1, 1)
        assert browser(world.tl).get(f"/api/v1/cases/{case.pk}/since/").json()["events"] == 1


class TestPaging:
    def test_shows_every_item_once(self, world: World) -> None:
        for minute in range(65):
            world.submit(world.document(), at=NOW + timedelta(minutes=minute // 3))
        client, path, seen, sizes = browser(world.tl), "/inbox/", [], []
        while path:
            response = client.get(path)
            seen += listed(response)
            sizes.append(len(listed(response)))
            found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
            path = "/inbox/" + found[1].replace("&amp;", "&") if found else ""
        assert sizes == [30, 30, 5]
        assert len(set(seen)) == 65
        newest_first = list(
            Case.objects.order_by("-submitted_at", "-id").values_list("pk", flat=True)
        )
        assert seen == newest_first

    def test_keeps_the_filter(self, world: World) -> None:
        for _ in range(32):
            world.submitted()
        body = browser(world.tl).get("/inbox/?least=5").content.decode()
        assert re.search(r'rel="next" href="[^"]*least=5', body)


class TestUnread:
    def is_unread(self, who: Employee, case: Case) -> bool:
        body = browser(who).get("/inbox/").content.decode()
        row = re.search(rf'<a class="([^"]*)" data-row href="[^"]*case={case.pk}"', body)
        assert row is not None
        return "is-unread" in row[1]

    def test_until_the_case_was_open_for_a_moment(self, world: World) -> None:
        case = world.submitted()
        assert self.is_unread(world.tl, case)
        response = browser(world.tl).post(f"/cases/{case.pk}/seen/")
        assert response.status_code == 204
        assert not self.is_unread(world.tl, case)

    def test_again_when_something_happened(self, world: World) -> None:
        case = world.submitted()
        browser(world.tl).post(f"/cases/{case.pk}/seen/")
        collaboration.comment(case_id=case.pk, actor=case.handler, now=NOW, text="补充说明")
        assert self.is_unread(world.tl, case)

    def test_only_looking_at_the_list_reads_nothing(self, world: World) -> None:
        world.submitted()
        browser(world.tl).get("/inbox/")
        assert not CaseReading.objects.exists()


class TestStatements:
    """Ten at most, whatever is shown; engine.md §8."""

    @pytest.mark.parametrize("number", [3, 60])
    def test_of_every_tab(self, world: World, number: int) -> None:
        for minute in range(number):
            case = world.submit(world.document(level=2), at=NOW + timedelta(minutes=minute))
            if minute % 2:
                world.approve(case, world.tl)
        SavedFilter.objects.create(owner=world.tl, name="大额", query="least=500000")
        client = browser(world.tl)
        for tab in ("todo", "done", "mine", "copied", "claim"):
            found = statements(client, f"/inbox/?tab={tab}&q=TY")
            assert len(found) <= 10, "\n".join(found)

    def test_of_a_person_with_many_roles(self, world: World) -> None:
        world.submitted()
        found = statements(browser(world.hrm), "/inbox/?overdue=1&least=5")
        assert len(found) <= 10, "\n".join(found)


class TestBulkApproval:
    def post(self, who: Employee, ticked: list[int], **values: str) -> str:
        data = {"item": ticked, **values}
        response = browser(who).post("/inbox/bulk/", data)
        assert response.status_code == 200
        return text_of(response)

    @pytest.fixture
    def cases(self, world: World) -> list[Case]:
        return [world.submitted() for _ in range(3)]

    def ids(self, cases: list[Case]) -> list[int]:
        return list(WorkItem.objects.filter(case__in=cases).values_list("pk", flat=True))

    def test_shows_first_what_will_be_approved(self, world: World, cases: list[Case]) -> None:
        shown = self.post(world.tl, self.ids(cases[:2]))
        assert cases[0].doc_no in shown
        assert cases[1].doc_no in shown
        assert cases[2].doc_no not in shown
        assert not WorkItem.objects.filter(state="DECIDED").exists()

    def test_a_case_that_somebody_holds_stops_no_other(
        self, world: World, cases: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held, real = self.ids(cases)[0], bulk.approve

        def approve(*, item_id: int, **values: Any) -> Case:
            if item_id == held:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("DO $$BEGIN RAISE lock_not_available; END$$")
            return real(item_id=item_id, **values)

        monkeypatch.setattr(bulk, "approve", approve)
        results = bulk.approve_many(
            items=list(WorkItem.objects.filter(case__in=cases).order_by("pk")),
            actor=world.tl, now=timezone.now(), opinion="同意", seen_versions={},
            idempotency_key="held",
        )  # fmt: skip
        assert [r.refusal.code if r.refusal else "" for r in results] == ["SYS-503", "", ""]

    def test_approves_each_by_itself_and_says_what_became_of_it(
        self, world: World, cases: list[Case]
    ) -> None:
        ids = self.ids(cases)
        seen = {f"seen-{pk}": str(cases[0].version) for pk in ids}
        seen[f"seen-{ids[1]}"] = "99"
        shown = self.post(world.tl, ids, confirm="1", opinion="同意", idempotency_key="b1", **seen)
        assert "2 of 3" in shown
        assert "WF-12" in shown
        assert WorkItem.objects.filter(state="DECIDED").count() == 2

    def test_a_double_click_approves_once(self, world: World, cases: list[Case]) -> None:
        ids = self.ids(cases[:1])
        for _ in range(2):
            browser(world.tl).post(
                "/inbox/bulk/",
                {"item": ids, "confirm": "1", "opinion": "同意", "idempotency_key": "b2"},
            )
        assert cases[0].events.filter(kind=EventKind.APPROVED).count() == 1

    def test_leaves_out_what_does_not_wait_for_the_person(
        self, world: World, cases: list[Case]
    ) -> None:
        response = browser(world.brm).post("/inbox/bulk/", {"item": self.ids(cases)})
        assert response.status_code == 422
        assert "INB-06" in text_of(response)

    def test_needs_something_ticked(self, world: World) -> None:
        assert browser(world.tl).post("/inbox/bulk/", {}).status_code == 422

    def test_says_for_each_when_the_opinion_is_missing(
        self, world: World, cases: list[Case]
    ) -> None:
        shown = self.post(world.tl, self.ids(cases), confirm="1", opinion=" ")
        assert shown.count("WF-06") == 3
        assert Case.objects.filter(state=CaseState.IN_APPROVAL).count() == 3


class TestSavedFilters:
    def save(self, who: Employee, **data: str) -> None:
        response = browser(who).post("/inbox/filters/", {"name": "大额", **data})
        assert response.status_code == 302

    def test_stand_above_the_list_and_can_be_used(self, world: World) -> None:
        self.save(world.tl, query="tab=todo&least=500000")
        response = browser(world.tl).get("/inbox/")
        assert "大额" in text_of(response)
        address = re.search(r'href="(\?[^"]*least=500000[^"]*)"', response.content.decode())
        assert address is not None
        assert (
            browser(world.tl).get(f"/inbox/{address[1].replace('&amp;', '&')}").status_code == 200
        )

    def test_of_the_same_name_are_replaced(self, world: World) -> None:
        self.save(world.tl, query="least=1")
        self.save(world.tl, query="least=2")
        assert SavedFilter.objects.get().query == "tab=todo&least=2"

    def test_are_removed_by_their_owner_only(self, world: World) -> None:
        self.save(world.tl, query="least=1")
        path = f"/inbox/filters/{SavedFilter.objects.get().pk}/remove/"
        assert browser(world.brm).post(path).status_code == 404
        assert browser(world.tl).post(path).status_code == 302
        assert not SavedFilter.objects.exists()

    def test_are_not_shown_to_others(self, world: World) -> None:
        self.save(world.tl, query="least=1")
        assert "大额" not in text_of(browser(world.brm).get("/inbox/"))

    def test_keep_only_what_the_inbox_understands(self, world: World) -> None:
        self.save(world.tl, query="least=1&next=//evil.example&tab=<script>")
        assert SavedFilter.objects.get().query == "tab=todo&least=1"

    @pytest.mark.parametrize("data", [{"name": ""}, {"name": " "}, {"name": "名" * 41}])
    def test_with_a_bad_name_are_not_kept(self, world: World, data: dict[str, str]) -> None:
        response = browser(world.tl).post("/inbox/filters/", data)
        assert response.status_code < 500
        assert not SavedFilter.objects.exists()


class TestPhrases:
    def add(self, who: Employee, text: str, act: str = "approve") -> int:
        sent = {"act": act, "text": text}
        return browser(who).post("/inbox/phrases/", sent, headers=HTMX).status_code

    def test_are_offered_with_the_next_opinion(self, world: World) -> None:
        case = world.submitted()
        assert self.add(world.tl, "材料齐全,同意上报") == 204
        shown = text_of(browser(world.tl).get(f"/cases/{case.pk}/"))
        assert "材料齐全,同意上报" in shown

    def test_are_the_persons_own(self, world: World) -> None:
        case = world.submitted()
        self.add(world.brm, "风险可控")
        assert "风险可控" not in text_of(browser(world.tl).get(f"/cases/{case.pk}/"))

    def test_are_kept_once(self, world: World) -> None:
        assert self.add(world.tl, "风险可控") == 204
        assert self.add(world.tl, "风险可控") == 409
        assert OpinionPhrase.objects.filter(owner=world.tl).count() == 1

    @pytest.mark.parametrize("text", ["", " \n ", "\x00", "好" * 201])
    def test_are_words(self, world: World, text: str) -> None:
        assert self.add(world.tl, text) == 422

    def test_are_thirty_at_most(self, world: World) -> None:
        for n in range(30):
            OpinionPhrase.objects.create(owner=world.tl, act="approve", text=f"短语{n}")
        assert self.add(world.tl, "第三十一") == 409


class TestPeoplePickerOfAnAct:
    """A picker offers nobody whom the service would refuse, and everybody whom it takes."""

    @staticmethod
    def offered(who: Employee, **wanted: Any) -> set[int]:
        response = browser(who).get("/inbox/people/", wanted, headers=HTMX)
        assert response.status_code == 200
        found = re.findall(r'<option value="(\d+)"', response.content.decode())
        return {int(pk) for pk in found}

    @pytest.mark.parametrize("act", ["transfer", "delegate", "add_signers"])
    def test_offers_exactly_whom_the_guard_takes(self, world: World, act: str) -> None:
        assert world.committee() and world.deputy and world.auditors
        case = world.approve(world.submitted(), world.tl)
        item = world.item(case, world.brm)
        offered = self.offered(world.brm, item=item.pk, act=act)
        taken = {
            who.pk
            for who in Employee.objects.exclude(pk=world.brm.pk)
            if takes(act, item.pk, fresh(world.brm), who)
        }
        assert offered == taken
        assert taken
        assert not taken & {world.am.pk, world.tl.pk, world.adm.pk}

    def test_of_a_reassignment_too(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        item = world.item(case, world.brm)
        offered = self.offered(world.adm, stage=item.stage_id)
        assert {world.ceo.pk, world.hrm.pk, world.bgm.pk} <= offered
        assert not offered & {world.am.pk, world.tl.pk, world.adm.pk}

    @pytest.mark.parametrize("key", ["", "x", "-1", "9" * 30, "0", "\u0661"])
    @pytest.mark.parametrize("name", ["item", "stage"])
    def test_of_what_is_not_there_is_not_found(self, world: World, name: str, key: str) -> None:
        response = browser(world.tl).get("/inbox/people/", {name: key}, headers=HTMX)
        assert response.status_code == 404

    def test_of_a_case_that_one_does_not_see_is_not_found(self, world: World) -> None:
        item = world.item(world.submitted())
        stranger = world._local("AM")
        response = browser(stranger).get("/inbox/people/", {"item": item.pk}, headers=HTMX)
        assert response.status_code == 404


def takes(act: str, item_id: int, actor: Employee, who: Employee) -> bool:
    """Whether the service would do the act; nothing of it stays."""
    values: dict[str, Any] = {"item_id": item_id, "actor": actor, "now": NOW, "reason": "请处理"}
    try:
        with transaction.atomic():
            match act:
                case "transfer":
                    items.transfer(recipient=who, **values)
                case "delegate":
                    signers.delegate(recipient=who, **values)
                case _:
                    signers.add_signers(people=[who], position="BEFORE", **values)
            transaction.set_rollback(True)
    except DomainError:
        return False
    return True


class TestPeoplePicker:
    def find(self, who: Employee, text: str) -> str:
        response = browser(who).get("/inbox/people/", {"q": text}, headers=HTMX)
        assert response.status_code == 200
        return text_of(response)

    def test_finds_colleagues_and_not_oneself(self, world: World) -> None:
        assert world.brm.employee_no in self.find(world.tl, world.brm.name)
        assert world.tl.employee_no not in self.find(world.tl, world.tl.employee_no)

    def test_leaves_out_who_has_left(self, world: World) -> None:
        Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
        assert world.brm.employee_no not in self.find(world.tl, world.brm.employee_no)

    def test_says_who_is_away(self, world: World) -> None:
        now = timezone.now()
        for days, is_away in ((-1, False), (1, True)):
            Employee.objects.filter(pk=world.brm.pk).update(away_until=now + timedelta(days=days))
            assert ("away until" in self.find(world.tl, world.brm.name)) == is_away

    @pytest.mark.parametrize("text", ["", "\x00", "%", "名" * 500, "' OR 1=1", "<b>"])
    def test_takes_any_text(self, world: World, text: str) -> None:
        assert "<b>" not in browser(world.tl).get("/inbox/people/", {"q": text}).content.decode()

    def test_shows_twenty_at_most(self, world: World) -> None:
        for _ in range(25):
            world._local("AM")
        body = browser(world.tl).get("/inbox/people/").content.decode()
        assert body.count("<option") == 20
