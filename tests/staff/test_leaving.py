"""Who leaves hands over everything in one act, with a preview and a result for each thing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone

import pytest

from documents.models import Document
from lending_crm.common.errors import DomainError
from staff.models import Delegation, Employee, RoleAssignment
from staff.services.delegations import give_delegation
from staff.services.leaving import HandoverResult, Part, hand_over_all, holdings_of
from tests.workflows.pages import browser, statements, text_of
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import AssigneeKind, AssigneeRule, DecideMode
from workflows.choices import EventKind
from workflows.models import Case, HistoryEvent, WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def hand_over(world: World, who: Employee, *parts: Part, **values: Any) -> HandoverResult:
    return hand_over_all(
        employee=fresh(who), parts=parts, actor=fresh(world.adm), now=NOW, **values
    )


def held(who: Employee) -> dict[str, int]:
    groups = holdings_of(fresh(who), now=timezone.now())
    return {group.source.code: len(group.holdings) for group in groups if group.holdings}


def codes(result: HandoverResult) -> list[str]:
    return [
        moved.refusal.code if moved.refusal else "" for part in result.parts for moved in part.moved
    ]


def asked(case: Case) -> list[Employee | None]:
    items = WorkItem.objects.filter(case=case, state="OPEN").order_by("id")
    return [item.assignee for item in items]


def named(*people: Employee, decide: DecideMode = DecideMode.ANY) -> Any:
    rule = AssigneeRule(AssigneeKind.PEOPLE, people=tuple(p.pk for p in people))
    chain = Chain("r", "r", nodes=(stage("a", rule, decide=decide),))
    return from_chain(chain)


class TestWorkItems:
    def test_to_a_successor(self, world: World) -> None:
        world.publish(named(world.tl))
        case = world.submitted()
        result = hand_over(world, world.tl, Part("work_items", fresh(world.bgm)))
        assert (codes(result), asked(case)) == ([""], [world.bgm])
        event = HistoryEvent.objects.get(case=case, kind=EventKind.HANDED_ON)
        assert (event.actor, event.data["from"]) == (world.adm, world.tl.name)

    def test_by_rule_to_the_superior(self, world: World) -> None:
        world.publish(named(world.tl))
        case = world.submitted()
        hand_over(world, world.tl, Part("work_items"))
        assert asked(case) == [world.bgm]

    def test_by_rule_others_of_any_decide(self, world: World) -> None:
        other = world._local("TL")
        world.publish(named(world.tl, other))
        case = world.submitted()
        hand_over(world, world.tl, Part("work_items"))
        assert asked(case) == [other]

    def test_by_rule_of_all_somebody_else_is_asked_too(self, world: World) -> None:
        other = world._local("TL")
        world.publish(named(world.tl, other, decide=DecideMode.ALL))
        case = world.submitted()
        hand_over(world, world.tl, Part("work_items"))
        assert set(asked(case)) == {other, world.bgm}

    def test_the_way_that_opens_by_it_is_in_the_history(self, world: World) -> None:
        other = world._local("TL")
        both = stage("a", by_role("TL"), decide=DecideMode.ALL)
        last = stage("b", AssigneeRule(AssigneeKind.PEOPLE, people=(world.ceo.pk,)))
        world.publish(from_chain(Chain("r", "r", nodes=(both, last))))
        case = world.submitted()
        world.approve(case, other)
        hand_over(world, world.tl, Part("work_items"))
        assert asked(case) == [world.ceo]
        event = HistoryEvent.objects.get(case=case, kind=EventKind.HANDED_ON)
        assert (event.path, event.data["recipient"]) == (["a_to_b"], "由本节点其他审批人处理")

    def test_a_claimed_one_goes_back_to_its_pool(self, world: World) -> None:
        world.publish(from_chain(Chain("r", "r", nodes=(stage("a", by_role("BRM")),))))
        world._local("BRM")
        case = world.submitted()
        WorkItem.objects.filter(case=case).update(assignee=world.brm, claimed_at=NOW)
        hand_over(world, world.brm, Part("work_items"))
        assert asked(case) == [None]
        assert not WorkItem.objects.waiting_for(fresh(world.brm)).exists()

    def test_nobody_left_blocks_and_tells(self, world: World) -> None:
        world.publish(named(world.ceo))
        case = world.submitted()
        hand_over(world, world.ceo, Part("work_items"))
        assert asked(case) == []
        assert case.stages.filter(is_blocked=True).exists()

    def test_never_to_the_handler(self, world: World) -> None:
        world.publish(named(world.tl))
        case = world.submitted()
        result = hand_over(world, world.tl, Part("work_items", fresh(world.am)))
        assert (codes(result), asked(case)) == (["WF-14"], [world.tl])

    def test_a_committee_seat_needs_a_name(self, world: World) -> None:
        members = [world._local("RC") for _ in range(3)]
        vote = stage("v", by_role("RC"), decide=DecideMode.VOTE, duty_line="COMMITTEE")
        world.publish(from_chain(Chain("r", "r", nodes=(vote,))))
        case = world.submitted()
        assert codes(hand_over(world, members[0], Part("work_items"))) == ["WF-20"]
        new = world._local("RC")
        assert codes(hand_over(world, members[0], Part("work_items", new))) == [""]
        assert set(asked(case)) == {new, *members[1:]}


class TestDocuments:
    def test_a_draft_goes_to_the_successor(self, world: World) -> None:
        successor = world._local("AM")
        document = world.document()
        assert codes(hand_over(world, world.am, Part("documents", successor))) == [""]
        document.refresh_from_db()
        assert (document.handler, document.creator) == (successor, world.am)

    def test_under_approval_the_case_follows(self, world: World) -> None:
        successor = world._local("AM")
        case = world.submitted()
        hand_over(world, world.am, Part("documents", successor))
        case.refresh_from_db()
        assert case.handler == successor
        assert asked(case) == [None]
        world.approve(case, world.tl)

    def test_hnd_05_the_receivers_own_step_goes_up(self, world: World) -> None:
        """He would approve his own document: his step is resolved again, upwards."""
        case = world.submitted()
        result = hand_over(world, world.am, Part("documents", fresh(world.tl)))
        assert world.bgm.name in result.parts[0].moved[0].said
        assert asked(case) == [world.bgm]
        assert not WorkItem.objects.waiting_for(fresh(world.tl)).filter(case=case).exists()

    def test_a_returned_one_brings_its_correction_along(self, world: World) -> None:
        from workflows.services.decisions import return_case

        successor = world._local("AM")
        case = world.submitted()
        return_case(
            item_id=world.item(case, world.tl).pk, actor=fresh(world.tl), now=NOW,
            opinion="请补充材料说明",
        )  # fmt: skip
        hand_over(world, world.am, Part("documents", successor))
        assert asked(case) == [successor]
        assert held(world.am) == {"roles": 1}
        world.submit(Document.objects.get(pk=case.document_id))

    @pytest.mark.parametrize(
        ("who", "code"), [("brm", "HND-08"), ("hrm", "HND-03"), (None, "HND-09")]
    )
    def test_refusals(self, world: World, who: str | None, code: str) -> None:
        world.document()
        successor = fresh(getattr(world, who)) if who else None
        assert codes(hand_over(world, world.am, Part("documents", successor))) == [code]


class TestTheRest:
    def test_subordinates_roles_and_delegations(self, world: World) -> None:
        successor = world._local("TL", superior=world.bgm)
        later = timezone.now() + timedelta(days=3)
        give_delegation(
            principal=world.tl, delegate=world.bgm, actor=fresh(world.tl), now=timezone.now(),
            starts_at=timezone.now(), ends_at=later,
        )  # fmt: skip
        assert held(world.tl) == {"delegations": 1, "subordinates": 1, "roles": 1}
        parts = [Part("delegations"), Part("subordinates", successor), Part("roles")]
        result = hand_over(world, world.tl, *parts, closes_account=True)
        assert set(codes(result)) == {""}
        assert result.is_closed
        assert held(world.tl) == {}
        assert fresh(world.am).superior == successor
        assert not fresh(world.tl).is_active
        assert not Delegation.objects.filter(ended_at=None).exists()

    def test_a_role_goes_to_the_successor(self, world: World) -> None:
        successor = world._local("TL")
        RoleAssignment.objects.filter(employee=successor).delete()
        hand_over(world, world.tl, Part("roles", fresh(successor)))
        assert [r.role.code for r in successor.role_assignments.all()] == ["TL"]

    def test_org_01_holds_for_successors(self, world: World) -> None:
        assert codes(hand_over(world, world.tl, Part("roles", fresh(world.brm)))) == ["ORG-01"]

    def test_what_is_left_keeps_the_account_open(self, world: World) -> None:
        world.document()
        result = hand_over(world, world.am, Part("documents"), closes_account=True)
        assert codes(result) == ["HND-09"]
        assert result.refusal is not None
        assert result.refusal.code == "HND-06"
        assert fresh(world.am).is_active

    def test_who_left_is_never_asked_again(self, world: World) -> None:
        hand_over(world, world.tl, Part("subordinates"), Part("roles"), closes_account=True)
        case = world.submitted()
        assert world.tl not in asked(case)


class TestPreview:
    def test_says_the_same_and_changes_nothing(self, world: World) -> None:
        world.publish(named(world.tl))
        case = world.submitted()
        parts = [Part("work_items"), Part("subordinates"), Part("roles")]
        preview = hand_over(world, world.tl, *parts, is_preview=True, closes_account=True)
        assert asked(case) == [world.tl]
        assert fresh(world.tl).is_active
        assert not HistoryEvent.objects.filter(kind=EventKind.HANDED_ON).exists()
        done = hand_over(world, world.tl, *parts)
        assert [m.said for p in preview.parts for m in p.moved] == [
            m.said for p in done.parts for m in p.moved
        ]

    def test_refusals_of_the_whole(self, world: World) -> None:
        for successor, code in ((world.tl, "HND-01"), (world.bgm, "HND-02")):
            Employee.objects.filter(pk=world.bgm.pk).update(is_active=False)
            with pytest.raises(DomainError) as refused:
                hand_over(world, world.tl, Part("work_items", fresh(successor)))
            assert refused.value.code == code

    def test_only_for_administrators(self, world: World) -> None:
        with pytest.raises(DomainError) as refused:
            hand_over_all(employee=world.tl, parts=[], actor=fresh(world.bgm), now=NOW)
        assert refused.value.code == "ORG-02"


class TestPage:
    def test_preview_then_move(self, world: World) -> None:
        world.publish(named(world.tl))
        case = world.submitted()
        path = f"/organisation/people/{world.tl.pk}/handover/"
        me = browser(world.adm)
        assert case.doc_no in text_of(me.get(path))
        typed = {"move-work_items": "on", "to-work_items": world.bgm.pk}
        preview = me.post(path, typed)
        assert "Nothing is changed yet" in text_of(preview)
        assert asked(case) == [world.tl]
        done = me.post(path, {**typed, "confirm": "1"})
        assert "1 moved, 0 stayed" in text_of(done)
        assert asked(case) == [world.bgm]

    def test_what_is_not_ticked_stays(self, world: World) -> None:
        world.publish(named(world.tl))
        case = world.submitted()
        path = f"/organisation/people/{world.tl.pk}/handover/"
        browser(world.adm).post(path, {"to-work_items": world.bgm.pk, "confirm": "1"})
        assert asked(case) == [world.tl]

    def test_every_link_opens_for_the_administrator(self, world: World) -> None:
        """Business is closed to him: its things are named, cases that wait are linked."""
        world.publish(named(world.tl))
        case = world.submitted()
        me = browser(world.adm)
        for who, is_linked in ((world.tl, True), (world.am, False)):
            path = f"/organisation/people/{who.pk}/handover/"
            page = me.get(path).content.decode()
            assert case.doc_no in page
            urls = re.findall(r'<th scope="row"><a href="([^"]+)"', page)
            assert (f"/cases/{case.pk}/" in urls) is is_linked
            assert {me.get(url).status_code for url in urls} <= {200}

    @pytest.mark.parametrize("who", ["tl", "bgm", "ceo"])
    def test_others_may_not(self, world: World, who: str) -> None:
        path = f"/organisation/people/{world.tl.pk}/handover/"
        assert browser(getattr(world, who)).get(path).status_code == 403

    def test_bad_input(self, world: World) -> None:
        world.document()
        path = f"/organisation/people/{world.am.pk}/handover/"
        answer = browser(world.adm).post(path, {"move-documents": "on", "to-documents": "x"})
        assert answer.status_code == 422
        assert browser(world.adm).get("/organisation/people/99999/handover/").status_code == 404

    def test_statements_do_not_grow_with_the_list(self, world: World) -> None:
        path = f"/organisation/people/{world.am.pk}/handover/"
        me = browser(world.adm)
        world.document()
        before = len(statements(me, path))
        for _ in range(3):
            world.document()
        assert len(statements(me, path)) == before


class TestApi:
    def test_holdings_preview_and_move(self, world: World) -> None:
        world.publish(named(world.tl))
        case = world.submitted()
        me = browser(world.adm)
        base = f"/api/v1/employees/{world.tl.pk}"
        groups = {g["source"]: g["holdings"] for g in me.get(f"{base}/holdings/").json()}
        assert [h["label"] for h in groups["work_items"]] == [f"{case.doc_no} {case.party}"]
        body = {"parts": [{"source": "work_items", "successor": world.bgm.pk}], "preview": True}
        answer = me.post(f"{base}/hand-over/", body, content_type="application/json")
        assert (answer.json()["done"], asked(case)) == (1, [world.tl])
        body["preview"] = False
        answer = me.post(f"{base}/hand-over/", body, content_type="application/json")
        assert (answer.status_code, asked(case)) == (200, [world.bgm])

    def test_only_for_administrators(self, world: World) -> None:
        me = browser(world.bgm)
        assert me.get(f"/api/v1/employees/{world.tl.pk}/holdings/").status_code == 403
        answer = me.post(
            f"/api/v1/employees/{world.tl.pk}/hand-over/", {"parts": []},
            content_type="application/json",
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (403, "ORG-02")

    def test_unknown_source(self, world: World) -> None:
        answer = browser(world.adm).post(
            f"/api/v1/employees/{world.tl.pk}/hand-over/",
            {"parts": [{"source": "nothing"}]}, content_type="application/json",
        )  # fmt: skip
        assert answer.status_code == 422 or answer.status_code == 400
