"""Who may begin an act at all: by a table, on the page and over the API, whatever is sent with it.

What is sent cannot be read. Whoever may do the act hears what is wrong with it, everybody else
that he may not do it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from staff.models import Employee
from tests.workflows.pages import browser
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows import permits
from workflows.api.views import ACTS as API_ACTS
from workflows.api.views import CASE_ACTS as API_CASE_ACTS
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.models import Case, WorkItem
from workflows.services import decisions, items, signers
from workflows.views.actions import CASE_ACTS, ITEM_ACTS, REASSIGN

pytestmark = pytest.mark.django_db

Setting = Callable[[World], tuple[Case, WorkItem]]


def asked(world: World) -> tuple[Case, WorkItem]:
    """tl is asked by name."""
    case = world.submitted()
    return case, world.item(case)


def publish(world: World, *stages: ChainStage) -> None:
    world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=stages)))


def to_claim(world: World) -> tuple[Case, WorkItem]:
    """A pool of two, who must claim first."""
    world._local("TL")
    publish(world, stage("tl", by_role("TL"), claim_required=True), stage("bgm", by_role("BGM")))
    return asked(world)


def claimed(world: World) -> tuple[Case, WorkItem]:
    case, item = to_claim(world)
    items.claim(item_id=item.pk, actor=fresh(world.tl), now=NOW)
    return case, WorkItem.objects.get(pk=item.pk)


def waiting_for_a_delegate(world: World) -> tuple[Case, WorkItem]:
    case, item = asked(world)
    signers.delegate(
        item_id=item.pk, actor=fresh(world.tl), now=NOW, recipient=fresh(world.bgm), reason="出差"
    )
    return case, WorkItem.objects.get(case=case, kind="ADVICE")


def waiting_for_a_signer(world: World) -> tuple[Case, WorkItem]:
    case, item = asked(world)
    signers.add_signers(
        item_id=item.pk, actor=fresh(world.tl), now=NOW, people=[fresh(world.hrm)],
        position="BEFORE", reason="请核实",
    )  # fmt: skip
    return case, WorkItem.objects.get(pk=item.pk)


def approved(world: World) -> tuple[Case, WorkItem]:
    case = world.approve(world.submitted(), world.tl)
    return case, case.items.get(decided_by=world.tl)


def returned(world: World) -> tuple[Case, WorkItem]:
    case, item = asked(world)
    decisions.return_case(item_id=item.pk, actor=fresh(world.tl), now=NOW, opinion="请补充说明来源")
    return case, WorkItem.objects.get(pk=item.pk)


def voting(world: World) -> tuple[Case, WorkItem]:
    head = RoleReach.HEAD_OFFICE
    rules = (by_role("RC", head), by_role("RCC", head, has_veto=True))
    assert world.committee()
    publish(world, stage("vote", *rules, decide=DecideMode.VOTE))
    case = world.submitted()
    return case, case.items.get(assignee=world.chair)


#: act, what it is done on, and who of ``PEOPLE`` may do it
TABLE: list[tuple[str, Setting, set[str]]] = [
    ("approve", asked, {"tl"}),
    ("approve_with_conditions", asked, {"tl"}),
    ("return", asked, {"tl"}),
    ("reject", asked, {"tl"}),
    ("abstain", voting, {"chair"}),
    ("transfer", asked, {"tl"}),
    ("transfer", waiting_for_a_signer, {"tl"}),
    ("add_signers", asked, {"tl"}),
    ("remove_signers", waiting_for_a_signer, {"tl"}),
    ("delegate", asked, {"tl"}),
    ("answer", waiting_for_a_delegate, {"bgm"}),
    ("claim", to_claim, {"tl"}),
    ("release", claimed, {"tl"}),
    ("take_back", approved, {"tl"}),
    ("take_back", returned, {"tl"}),
    ("request_material", asked, {"tl"}),
    ("correct", asked, {"tl"}),
    ("close_vote", voting, {"chair", "secretary"}),
    ("withdraw", asked, {"am"}),
    ("urge", asked, {"am", "creator"}),
    ("comment", asked, {"am", "creator", "tl", "bgm", "secretary", "chair"}),
    ("copy", asked, {"am", "creator", "tl", "bgm", "secretary", "chair"}),
    ("suspend", asked, {"adm"}),
    ("resume", asked, {"adm"}),
    ("jump", asked, {"adm"}),
    ("terminate", asked, {"adm"}),
    ("reassign", asked, {"adm"}),
]
PEOPLE = ("am", "creator", "tl", "bgm", "adm", "secretary", "chair")
CASES = pytest.mark.parametrize(
    ("act", "setting", "allowed"), TABLE, ids=[f"{act}-{how.__name__}" for act, how, _ in TABLE]
)


class Cast:
    """The people of the table; the document was created by somebody else than its handler."""

    def __init__(self, world: World, setting: Setting) -> None:
        creator = world._local("AM")
        create = world.document

        def document(**values: Any) -> Any:
            made = create(**values)
            made.creator = creator
            made.save()
            return made

        world.document = document  # type: ignore[method-assign]
        self.case, self.item = setting(world)
        self.people = {name: getattr(world, name) for name in PEOPLE if name != "creator"}
        self.people["creator"] = creator

    def may(self, send: Callable[[Employee], Any], unreadable: str) -> set[str]:
        """Who hears that what he sent cannot be read; the others are refused themselves."""
        found = set()
        for name, person in self.people.items():
            answer = send(person)
            assert answer.status_code in (400, 403, 404, 409, 422), (name, answer.status_code)
            if unreadable in answer.content.decode():
                found.add(name)
        return found


def seen(cast: Cast, allowed: set[str]) -> set[str]:
    """Who of them sees the case at all: the others hear that it is not there."""
    visible = {
        name
        for name, person in cast.people.items()
        if Case.objects.visible_to(fresh(person)).filter(pk=cast.case.pk).exists()
    }
    return allowed & visible


@CASES
class TestPermits:
    def test_on_the_page_and_over_the_api(
        self, world: World, act: str, setting: Setting, allowed: set[str]
    ) -> None:
        cast = Cast(world, setting)
        on_item = f"/work-items/{cast.item.pk}/{act}/"
        on_case = f"/cases/{cast.case.pk}/{act}/"
        path = on_item if act in ITEM_ACTS else on_case
        unreadable = {"seen_version": "x"}
        may = cast.may(lambda who: browser(who).post(path, unreadable), "SYS-422")
        assert may == seen(cast, allowed)
        assert may
        name = act.replace("_", "-")
        on_item = f"/api/v1/work-items/{cast.item.pk}/{name}/"
        on_case = f"/api/v1/cases/{cast.case.pk}/{name}/"
        path = on_case if name in API_CASE_ACTS else on_item
        may = cast.may(
            lambda who: browser(who).post(path, {}, content_type="application/json"), "SYS-400"
        )
        assert may == seen(cast, allowed)


class TestTheTableIsWhole:
    def test_every_act_of_pages_and_api_is_in_it(self) -> None:
        acts = {*ITEM_ACTS, *CASE_ACTS, "reassign"}
        over_api = {name.replace("-", "_") for name in {*API_ACTS, *API_CASE_ACTS}}
        assert acts == over_api == {act for act, _setting, _allowed in TABLE}

    def test_every_service_behind_them_has_its_permit(self) -> None:
        on_item = {act.service for act in ITEM_ACTS.values()}
        on_case = {act.service for act in (*CASE_ACTS.values(), REASSIGN)}
        assert on_item == set(permits.ON_ITEM)
        assert on_case == set(permits.ON_CASE)
