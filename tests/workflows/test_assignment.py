"""Who is asked at a stage: every rule, every policy, and the people who are never asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.models import Document
from staff.models import Employee
from tests.staff.factories import BranchFactory, DepartmentFactory, person
from tests.workflows.world import NOW, TOY, World, by_role, stage
from workflows.assignment import resolve
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    StageSettings,
)
from workflows.models import WorkItem
from workflows.pools import pool_holders
from workflows.preview import draft_case
from workflows.seats import Resolution

pytestmark = pytest.mark.django_db


def named(*people: Employee, **values: Any) -> AssigneeRule:
    return AssigneeRule(AssigneeKind.PEOPLE, people=tuple(p.pk for p in people), **values)


def superior(level: int) -> AssigneeRule:
    return AssigneeRule(AssigneeKind.SUPERIOR, level=level)


class Asked:
    """Who a stage with these rules and settings would ask about a document."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(
        self,
        *rules: AssigneeRule,
        handler: Employee | None = None,
        creator: Employee | None = None,
        decided: Iterable[Employee] = (),
        **values: Any,
    ) -> Resolution:
        document = self.world.document(handler=handler)
        if creator is not None:
            Document.objects.filter(pk=document.pk).update(creator=creator)
            document.refresh_from_db()
        case = draft_case(TOY, document, self.world.version.pk, NOW)
        return resolve(
            StageSettings(assignees=rules, **values),
            case,
            kind=TOY,
            document=lambda: document,
            decided={who.pk for who in decided},
        )


@pytest.fixture
def asked(world: World) -> Asked:
    return Asked(world)


class TestRules:
    def test_named_people_in_their_order_without_those_who_left(
        self, world: World, asked: Asked
    ) -> None:
        world.ceo.is_active = False
        world.ceo.save()
        found = asked(named(world.hrm, world.ceo, world.bgm), decide=DecideMode.ALL)
        assert [seat.employee for seat in found.seats] == [world.hrm, world.bgm]

    def test_named_people_are_seats_and_no_pool(self, world: World, asked: Asked) -> None:
        found = asked(named(world.hrm), by_role("BGM"))
        assert {seat.employee for seat in found.seats} == {world.hrm, world.bgm}
        assert found.pools == ()

    @pytest.mark.parametrize(("level", "who"), [(1, "tl"), (2, "bgm"), (4, "ceo")])
    def test_the_superior_at_a_level(
        self, world: World, asked: Asked, level: int, who: str
    ) -> None:
        assert asked(superior(level)).people() == [getattr(world, who)]

    def test_a_level_above_the_top_finds_nobody(self, asked: Asked) -> None:
        assert asked(superior(5)).is_empty

    def test_the_chain_of_superiors_up_to_a_level(self, world: World, asked: Asked) -> None:
        rule = AssigneeRule(AssigneeKind.SUPERIOR_CHAIN, level=3)
        found = asked(rule, decide=DecideMode.ALL)
        assert found.people() == [world.tl, world.bgm, world.hrm]

    def test_the_person_whom_the_document_names(
        self, world: World, asked: Asked, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(TOY, "person_field", lambda document, name: world.ceo.pk, raising=True)
        rule = AssigneeRule(AssigneeKind.PERSON_FIELD, field="sponsor")
        found = asked(rule)
        assert found.people() == [world.ceo]
        assert found.seats[0].reason == {"rule": "PERSON_FIELD", "field": "sponsor"}

    def test_nobody_when_the_document_names_none(self, asked: Asked) -> None:
        assert asked(AssigneeRule(AssigneeKind.PERSON_FIELD, field="sponsor")).is_empty

    def test_who_is_found_by_two_rules_has_one_seat_with_the_veto_of_either(
        self, world: World, asked: Asked
    ) -> None:
        """A chair who is a plain member as well keeps his veto and the greater weight."""
        found = asked(
            named(world.hrm, weight=1),
            named(world.hrm, weight=3, has_veto=True),
            decide=DecideMode.VOTE,
        )
        (seat,) = found.seats
        assert (seat.weight, seat.has_veto) == (3, True)

    def test_the_reason_names_rule_role_and_reach(self, asked: Asked) -> None:
        (pool,) = asked(by_role("BRM")).pools
        assert pool.reason == {"rule": "ROLE", "role": "BRM", "reach": "BRANCH"}


class TestReach:
    """A role is looked up where the document lives, and nowhere else."""

    @pytest.fixture
    def elsewhere(self, world: World) -> dict[str, Employee]:
        other = BranchFactory()
        return {
            "branch": person("TL", branch=other, department=DepartmentFactory(branch=other)),
            "department": person(
                "TL", branch=world.branch, department=DepartmentFactory(branch=world.branch)
            ),
            "head_office": person("TL", branch=world.head_office, department=world.risk),
        }

    @pytest.mark.parametrize(
        ("reach", "strangers"),
        [
            (RoleReach.DEPARTMENT, []),
            (RoleReach.BRANCH, ["department"]),
            (RoleReach.ANYWHERE, ["department", "branch", "head_office"]),
        ],
    )
    def test_reaches_as_far_as_it_says(
        self,
        world: World,
        asked: Asked,
        elsewhere: dict[str, Employee],
        reach: RoleReach,
        strangers: list[str],
    ) -> None:
        found = asked(by_role("TL", reach)).people()
        assert set(found) == {world.tl, *(elsewhere[name] for name in strangers)}

    def test_head_office_is_not_the_branch(
        self, world: World, asked: Asked, elsewhere: dict[str, Employee]
    ) -> None:
        found = asked(by_role("TL", RoleReach.HEAD_OFFICE)).people()
        assert found == [elsewhere["head_office"]]

    @pytest.mark.parametrize("reach", list(RoleReach))
    def test_the_pool_shows_its_item_to_exactly_those_who_were_found(
        self, db: None, reach: RoleReach
    ) -> None:
        """Resolution, the inbox and the messages must agree on who is meant."""
        world = World(stage("one", by_role("TL", reach), on_empty=OnEmpty.PERSON))
        other = BranchFactory()
        people = [
            world.tl,
            person("TL", branch=other, department=DepartmentFactory(branch=other)),
            person("TL", branch=world.branch, department=DepartmentFactory(branch=world.branch)),
            person("TL", branch=world.head_office, department=world.risk),
            world.bgm,
        ]
        found = Asked(world)(by_role("TL", reach)).people()
        item = WorkItem.objects.get(case=world.submitted())
        sees = {p for p in people if WorkItem.objects.waiting_for(p).filter(pk=item.pk).exists()}
        assert sees == set(found)
        assert set(pool_holders(item)) == {p.pk for p in found}


class TestHandler:
    def test_n2_his_superior_decides_instead(self, world: World, asked: Asked) -> None:
        found = asked(by_role("BRM"), handler=world.brm)
        (seat,) = found.seats
        assert seat.employee == world.bgm
        assert (seat.reason["because"], seat.reason["instead_of"]) == ("handler", world.brm.name)

    def test_n2_so_does_the_superior_of_the_creator(self, world: World, asked: Asked) -> None:
        assert asked(by_role("BRM"), creator=world.brm).people() == [world.bgm]

    def test_the_others_of_a_countersign_stay(self, world: World, asked: Asked) -> None:
        rules = (by_role("BRM"), named(world.ceo))
        found = asked(*rules, handler=world.brm, decide=DecideMode.ALL)
        assert set(found.people()) == {world.ceo, world.bgm}

    def test_a_superior_who_is_asked_anyway_has_one_seat(self, world: World, asked: Asked) -> None:
        rules = (by_role("BRM"), by_role("BGM"))
        found = asked(*rules, handler=world.brm, decide=DecideMode.ALL)
        assert found.people() == [world.bgm]
        assert len(found.seats) == 1

    def test_has_no_seat_and_no_substitute_in_a_vote(self, world: World, asked: Asked) -> None:
        rules = (by_role("BRM"), by_role("BGM"))
        found = asked(*rules, handler=world.brm, decide=DecideMode.VOTE)
        assert found.people() == [world.bgm]

    def test_is_left_out_when_others_remain_and_the_stage_says_so(
        self, world: World, asked: Asked
    ) -> None:
        rules = (by_role("BRM"), named(world.ceo))
        found = asked(
            *rules, handler=world.brm, decide=DecideMode.ALL, on_handler=OnHandler.SKIP_IF_OTHERS
        )
        assert found.people() == [world.ceo]

    def test_goes_to_his_superior_when_no_others_remain(self, world: World, asked: Asked) -> None:
        found = asked(by_role("BRM"), handler=world.brm, on_handler=OnHandler.SKIP_IF_OTHERS)
        assert found.people() == [world.bgm]

    def test_never_decides_where_nobody_stands_above_him(self, world: World, asked: Asked) -> None:
        assert asked(named(world.ceo), handler=world.ceo).is_empty

    def test_passes_over_superiors_who_are_away_or_have_decided(
        self, world: World, asked: Asked
    ) -> None:
        world.bgm.is_active = False
        world.bgm.save()
        found = asked(by_role("BRM"), handler=world.brm, decided=[world.hrm])
        assert found.people() == [world.ceo]


class TestWhoHasDecided:
    def test_another_holder_decides(self, world: World, asked: Asked) -> None:
        rule = by_role("HRM", RoleReach.HEAD_OFFICE)
        assert asked(rule, decided=[world.hrm]).people() == [world.hrm2]

    def test_his_superior_decides_when_no_other_holder_is_there(
        self, world: World, asked: Asked
    ) -> None:
        found = asked(by_role("BRM"), decided=[world.brm, world.bgm])
        (seat,) = found.seats
        assert (seat.employee, seat.reason["because"]) == (world.hrm, "decided")

    def test_passes_only_where_the_stage_says_so(self, world: World, asked: Asked) -> None:
        found = asked(by_role("TL"), decided=[world.tl], on_same_person=OnSamePerson.AUTO_PASS)
        assert (found.auto_pass, found.people()) == (world.tl.name, [])

    def test_n16_does_not_pass_while_somebody_can_be_asked(
        self, world: World, asked: Asked
    ) -> None:
        rule = by_role("HRM", RoleReach.HEAD_OFFICE)
        found = asked(rule, decided=[world.hrm], on_same_person=OnSamePerson.AUTO_PASS)
        assert (found.auto_pass, found.people()) == ("", [world.hrm2])

    def test_n16_a_stage_without_people_never_passes(self, asked: Asked) -> None:
        found = asked(by_role("PLM"), on_same_person=OnSamePerson.AUTO_PASS)
        assert found.is_empty


class TestNobody:
    def test_stops(self, asked: Asked) -> None:
        assert asked(by_role("PLM")).is_empty

    def test_goes_to_the_handlers_superior(self, world: World, asked: Asked) -> None:
        found = asked(by_role("PLM"), on_empty=OnEmpty.SUPERIOR, decided=[world.tl])
        (seat,) = found.seats
        assert (seat.employee, seat.reason["because"]) == (world.bgm, "empty")

    def test_goes_to_the_named_person(self, world: World, asked: Asked) -> None:
        found = asked(by_role("PLM"), on_empty=OnEmpty.PERSON, empty_person=world.ceo.pk)
        assert found.people() == [world.ceo]

    @pytest.mark.parametrize("why", ["handler", "decided", "left", "unknown"])
    def test_stops_when_the_named_person_may_not_decide(
        self, world: World, asked: Asked, why: str
    ) -> None:
        values: dict[str, Any] = {"empty_person": world.ceo.pk}
        match why:
            case "handler":
                values["handler"] = world.ceo
            case "decided":
                values["decided"] = [world.ceo]
            case "left":
                world.ceo.is_active = False
                world.ceo.save()
            case "unknown":
                values["empty_person"] = None
        assert asked(by_role("PLM"), on_empty=OnEmpty.PERSON, **values).is_empty


class TestNever:
    """Whatever is configured: not the handler, not the creator, not who decided, not who left."""

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(data=st.data())
    def test_asks_those_who_may_not_decide(
        self, world: World, asked: Asked, data: st.DataObject
    ) -> None:
        people = [world.am, world.tl, world.brm, world.bgm, world.hrm, world.hrm2, world.ceo]
        someone = st.sampled_from(people)
        rule = st.one_of(
            st.builds(by_role, st.sampled_from(["TL", "BRM", "BGM", "HRM", "CEO", "PLM"]),
                      st.sampled_from(list(RoleReach))),
            st.lists(someone, max_size=3).map(lambda found: named(*found)),
            st.integers(1, 5).map(superior),
            st.integers(1, 5).map(lambda n: AssigneeRule(AssigneeKind.SUPERIOR_CHAIN, level=n)),
        )  # fmt: skip
        handler, creator = data.draw(someone), data.draw(someone)
        decided = data.draw(st.sets(someone, max_size=3))
        left = data.draw(st.sampled_from([*people, None]))
        Employee.objects.update(is_active=True)
        if left is not None:
            Employee.objects.filter(pk=left.pk).update(is_active=False)
        found = asked(
            *data.draw(st.lists(rule, min_size=1, max_size=3)),
            handler=handler,
            creator=creator,
            decided=decided,
            decide=data.draw(st.sampled_from([DecideMode.ANY, DecideMode.ALL, DecideMode.VOTE])),
            on_empty=data.draw(st.sampled_from(list(OnEmpty))),
            empty_person=data.draw(someone).pk,
            on_handler=data.draw(st.sampled_from(list(OnHandler))),
            on_same_person=data.draw(st.sampled_from(list(OnSamePerson))),
        )
        asked_people = found.people()
        assert not set(asked_people) & {handler, creator, left, *decided}
        assert len({seat.employee.pk for seat in found.seats}) == len(found.seats)
        if found.auto_pass:
            assert found.auto_pass in {who.name for who in decided}
        if found.is_empty:
            assert not asked_people
