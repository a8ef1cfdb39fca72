"""委托: who is away is stood in for, within its limits, and gets back what is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

import pytest

from lending_crm.common.errors import DomainError
from staff.models import Delegation, Employee, Role
from staff.services.delegations import (
    create_delegation,
    end_delegation,
    give_delegation,
    tend_delegations,
)
from staff.services.roles import assign_role
from tests.staff.factories import BranchFactory, person
from tests.workflows.invariants import check
from tests.workflows.world import NOW, TOY, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import DecideMode, OnSamePerson, RoleReach
from workflows.choices import EventKind
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.preview import draft_case, preview_submission
from workflows.screens.reasons import why_me
from workflows.services import decisions, items

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def give(principal: Employee, delegate: Employee, **values: Any) -> Delegation:
    values.setdefault("starts_at", NOW)
    values.setdefault("ends_at", NOW + 5 * DAY)
    values.setdefault("now", NOW)
    values.setdefault("actor", fresh(principal))
    given = give_delegation(principal=fresh(principal), delegate=fresh(delegate), **values)
    return given.delegations[0]


def open_items(case: Case) -> list[tuple[Employee | None, Employee | None]]:
    found = WorkItem.objects.filter(case=case, state="OPEN").order_by("id")
    return [(item.assignee, item.on_behalf_of) for item in found]


def refused(call: Any, **values: Any) -> str:
    with pytest.raises(DomainError) as error:
        call(**values)
    return error.value.code


@pytest.fixture
def two(world: World) -> World:
    world.brm2 = world._local("BRM")  # type: ignore[attr-defined]
    return world


class TestWhoIsAsked:
    def test_the_delegate_of_the_only_holder(self, world: World) -> None:
        give(world.tl, world.bgm)
        case = world.submitted()
        assert open_items(case) == [(world.bgm, world.tl)]
        assert world.tl.name in why_me(world.item(case, world.bgm))

    def test_history_says_for_whom(self, world: World) -> None:
        give(world.tl, world.bgm)
        case = world.approve(world.submitted(), world.bgm)
        event = HistoryEvent.objects.get(case=case, kind=EventKind.APPROVED)
        assert (event.actor, event.on_behalf_of) == (world.bgm, world.tl)
        assert event.on_behalf_name == world.tl.name

    def test_others_of_the_pool_stay_and_who_is_away_leaves(self, two: World) -> None:
        give(two.brm, two.bgm)
        case = two.approve(two.submitted(), two.tl)
        assert open_items(case) == [(two.bgm, two.brm), (None, None)]
        assert not WorkItem.objects.waiting_for(fresh(two.brm)).filter(case=case).exists()
        assert WorkItem.objects.waiting_for(fresh(two.brm2)).filter(case=case).exists()  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        "values",
        [
            {"starts_at": NOW + DAY},
            {"kinds": ["business_application"]},
            {"max_amount": Decimal("99999.99")},
        ],
        ids=["not yet", "another kind", "above the ceiling"],
    )
    def test_not_outside_its_limits(self, world: World, values: dict[str, Any]) -> None:
        give(world.tl, world.bgm, **values)
        case = world.submitted(amount="100000.00")
        assert (world.bgm, world.tl) not in open_items(case)
        assert WorkItem.objects.waiting_for(fresh(world.tl)).filter(case=case).exists()

    def test_the_ceiling_includes_its_amount(self, world: World) -> None:
        give(world.tl, world.bgm, max_amount=Decimal(100000), kinds=["toy"])
        assert open_items(world.submitted(amount="100000.00")) == [(world.bgm, world.tl)]

    def test_never_chains(self, world: World) -> None:
        give(world.tl, world.bgm)
        give(world.bgm, world.ceo)
        assert open_items(world.submitted()) == [(world.bgm, world.tl)]

    def test_never_to_the_handler(self, world: World) -> None:
        """Who handles the document stands in for nobody on it: who is away is asked himself."""
        world.publish(from_chain(Chain("r", "r", nodes=(stage("a", by_role("BRM")),))))
        give(world.brm, world.bgm)
        case = world.submit(world.document(handler=world.bgm))
        assert open_items(case) == [(None, None)]
        assert WorkItem.objects.waiting_for(fresh(world.brm)).filter(case=case).exists()

    def test_never_twice_in_a_round(self, world: World) -> None:
        """The branch manager decided himself; he does not decide again for risk."""
        chain = Chain("r", "r", nodes=(stage("a", by_role("BGM")), stage("b", by_role("BRM"))))
        world.publish(from_chain(chain))
        give(world.brm, world.bgm)
        case = world.approve(world.submitted(), world.bgm)
        assert WorkItem.objects.waiting_for(fresh(world.brm)).filter(case=case).exists()

    def test_who_was_stood_in_for_counts_as_having_decided(self, world: World) -> None:
        again = stage("b", by_role("TL"), on_same_person=OnSamePerson.NEXT_PERSON)
        world.publish(from_chain(Chain("r", "r", nodes=(stage("a", by_role("TL")), again))))
        given = give(world.tl, world.bgm)
        case = world.approve(world.submitted(), world.bgm)
        end_delegation(delegation=given, actor=fresh(world.tl), now=NOW)
        assert (world.tl, None) not in open_items(case)
        item = WorkItem.objects.filter(case=case, state="OPEN").get()
        code = refused(
            decisions.approve, item_id=item.pk, actor=fresh(world.tl), now=NOW, opinion="同意"
        )
        assert code == "WF-02"

    def test_a_committee_seat_is_personal(self, world: World) -> None:
        vote = stage("v", by_role("RC"), decide=DecideMode.VOTE, duty_line="COMMITTEE")
        world.publish(from_chain(Chain("r", "r", nodes=(vote,))))
        members = [world._local("RC") for _ in range(3)]
        give(members[0], members[1])
        assert {who for who, _for in open_items(world.submitted())} == set(members)

    def test_across_the_duty_lines_nobody_stands_in(self, world: World) -> None:
        assert refused(give, principal=world.brm, delegate=world.tl) == "DEL-05"

    def test_never_for_a_higher_level_or_another_branch(self, world: World) -> None:
        elsewhere = person("BRM", branch=BranchFactory())
        assert refused(give, principal=world.ceo, delegate=world.bgm) == "DEL-05"
        assert refused(give, principal=world.hrm, delegate=world.brm) == "DEL-05"
        assert refused(give, principal=world.brm, delegate=elsewhere) == "DEL-05"
        assert give(world.brm, world.hrm)

    def test_a_step_of_a_higher_level_stays_with_who_is_away(self, world: World) -> None:
        """He heads a department too, and the branch manager stands in for him there only."""
        assign_role(
            employee=world.ceo, role=Role.objects.get(code="TL"), actor=world.adm, now=NOW,
            branch=world.branch, department=world.sales,
        )  # fmt: skip
        top = stage("ceo", by_role("CEO", RoleReach.ANYWHERE), duty_line="MANAGEMENT")
        world.publish(from_chain(Chain("r", "r", nodes=(top,))))
        give(world.ceo, world.bgm)
        case = world.submitted()
        assert world.bgm not in {who for who, _for in open_items(case)}
        assert WorkItem.objects.waiting_for(fresh(world.ceo)).filter(case=case).exists()

    def test_the_preview_names_both(self, world: World) -> None:
        give(world.tl, world.bgm)
        document = world.document()
        case = draft_case(TOY, document, world.version.pk, NOW)
        steps = preview_submission(TOY, document, case, language="en", now=NOW)
        assert world.bgm.name in steps[0].people[0]
        assert world.tl.name in steps[0].people[0]

    def test_nobody_away_costs_no_statement(self, world: World) -> None:
        case = world.submitted()
        with CaptureQueriesContext(connection) as before:
            world.approve(case, world.tl)
        assert not [q for q in before if "staff_delegation" in q["sql"]]


class TestWhatIsOpen:
    def test_moves_when_asked(self, world: World) -> None:
        case = world.submitted()
        give(world.tl, world.bgm, moves_open_items=True)
        assert open_items(case) == [(world.bgm, world.tl)]
        assert HistoryEvent.objects.filter(case=case, kind=EventKind.STOOD_IN).exists()

    def test_stays_when_not_asked(self, world: World) -> None:
        case = world.submitted()
        give(world.tl, world.bgm)
        assert world.item(case, world.tl)

    def test_moves_when_its_time_comes_once(self, world: World) -> None:
        case = world.submitted()
        give(world.tl, world.bgm, moves_open_items=True, starts_at=NOW + DAY)
        assert tend_delegations(now=NOW + DAY - timedelta(seconds=1)) == []
        assert [moved.refusal for moved in tend_delegations(now=NOW + DAY)] == [None]
        assert tend_delegations(now=NOW + DAY) == []
        assert open_items(case) == [(world.bgm, world.tl)]

    def test_says_what_could_not_move(self, world: World) -> None:
        world.submitted(amount="700000.00")
        given = give_delegation(
            principal=world.tl, delegate=world.bgm, actor=fresh(world.tl), now=NOW,
            starts_at=NOW, ends_at=NOW + DAY, moves_open_items=True, max_amount=Decimal(500000),
        )  # fmt: skip
        assert [moved.refusal.code for moved in given.moved if moved.refusal] == ["WF-65"]

    @pytest.mark.parametrize("by_time", [True, False], ids=["in time", "before its time"])
    def test_comes_back_when_it_ends(self, world: World, by_time: bool) -> None:
        given = give(world.tl, world.bgm)
        case = world.submitted()
        if by_time:
            tend_delegations(now=NOW + 5 * DAY)
        else:
            end_delegation(delegation=given, actor=fresh(world.tl), now=NOW + DAY)
        assert open_items(case) == [(world.tl, None)]
        item = world.item(case, world.tl)
        with translation.override("en"):
            assert why_me(item).startswith("You hold the role")
        world.approve(case, world.tl, minutes=6 * 24 * 60)

    def test_the_delegate_cannot_decide_after_the_end(self, world: World) -> None:
        """The worker may be late; the end is not."""
        give(world.tl, world.bgm)
        case = world.submitted()
        item = world.item(case, world.bgm)
        code = refused(
            decisions.approve,
            item_id=item.pk, actor=fresh(world.bgm), now=NOW + 5 * DAY, opinion="同意",
        )  # fmt: skip
        assert code == "WF-61"

    def test_from_a_pool_the_seat_comes_back(self, two: World) -> None:
        case = two.approve(two.submitted(), two.tl)
        given = give(two.brm, two.bgm, moves_open_items=True)
        assert (two.bgm, two.brm) in open_items(case)
        end_delegation(delegation=given, actor=fresh(two.brm), now=NOW)
        assert (two.brm, None) in open_items(case)

    def test_comes_back_upwards_when_who_was_away_has_left(self, world: World) -> None:
        give(world.tl, world.ceo)
        case = world.submitted()
        Employee.objects.filter(pk=world.tl.pk).update(is_active=False)
        tend_delegations(now=NOW + 5 * DAY)
        assert open_items(case) == [(world.bgm, None)]

    def test_the_way_is_on_record_where_the_step_then_goes_on(self, db: None) -> None:
        """The other holder of the role has approved; who was away has left."""
        both = stage("both", by_role("TL"), decide=DecideMode.ALL, duty_line="MANAGEMENT")
        world = World(both, stage("last", by_role("CEO", RoleReach.HEAD_OFFICE)))
        other = world._local("TL")
        given = give(other, world.deputy)
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        Employee.objects.filter(pk=other.pk).update(is_active=False)
        end_delegation(delegation=given, actor=fresh(world.adm), now=NOW)
        event = HistoryEvent.objects.get(case=case, kind=EventKind.CAME_BACK)
        assert event.path == ["both_to_last"]
        check(Case.objects.get(pk=case.pk), document, world)

    def test_a_transfer_by_the_delegate_leaves_the_delegation(self, world: World) -> None:
        give(world.tl, world.bgm)
        case = world.submitted()
        items.transfer(
            item_id=world.item(case, world.bgm).pk, actor=fresh(world.bgm), now=NOW,
            recipient=world.ceo, reason="出差",
        )  # fmt: skip
        assert open_items(case) == [(world.ceo, None)]


class TestGiving:
    def test_overlaps_are_refused(self, world: World) -> None:
        give(world.tl, world.bgm)
        later = {"starts_at": NOW + 4 * DAY, "ends_at": NOW + 9 * DAY}
        assert refused(give, principal=world.tl, delegate=world.ceo, **later) == "DEL-04"
        give(world.tl, world.ceo, starts_at=NOW + 5 * DAY, ends_at=NOW + 9 * DAY)

    def test_two_kinds_may_have_two_delegates(self, world: World) -> None:
        give(world.tl, world.bgm, kinds=["toy"])
        give(world.tl, world.ceo, kinds=["business_application"])
        assert refused(give, principal=world.tl, delegate=world.ceo) == "DEL-04"

    def test_the_database_refuses_overlaps_too(self, world: World) -> None:
        given = give(world.tl, world.bgm)
        with pytest.raises(IntegrityError), transaction.atomic():
            Delegation.objects.create(
                principal=world.tl, delegate=world.ceo, starts_at=NOW, ends_at=given.ends_at,
                created_by=world.tl, created_at=NOW,
            )  # fmt: skip

    def test_ended_ones_make_room(self, world: World) -> None:
        end_delegation(delegation=give(world.tl, world.bgm), actor=fresh(world.tl), now=NOW)
        give(world.tl, world.ceo)

    def test_only_oneself_or_the_administrator(self, world: World) -> None:
        give(world.tl, world.bgm, actor=fresh(world.adm))
        assert refused(give, principal=world.brm, delegate=world.bgm, actor=world.bgm) == "DEL-01"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"ends_at": NOW}, "DEL-03"),
            ({"ends_at": NOW + 400 * DAY}, "DEL-03"),
            ({"max_amount": Decimal(0)}, "DEL-06"),
            ({"kinds": ["nothing"]}, "DEL-07"),
        ],
    )
    def test_refusals(self, world: World, values: dict[str, Any], code: str) -> None:
        assert refused(give, principal=world.tl, delegate=world.bgm, **values) == code

    def test_del_02_oneself(self, world: World) -> None:
        assert refused(give, principal=world.tl, delegate=world.tl) == "DEL-02"

    def test_nothing_is_backdated(self, world: World) -> None:
        assert give(world.tl, world.bgm, starts_at=NOW - DAY).starts_at == NOW

    def test_the_mark_of_absence_follows(self, world: World) -> None:
        given = give(world.tl, world.bgm)
        assert fresh(world.tl).away_until == given.ends_at
        end_delegation(delegation=given, actor=fresh(world.tl), now=NOW)
        assert fresh(world.tl).away_until is None

    def test_created_only(self, world: World) -> None:
        rows = create_delegation(
            principal=world.tl, delegate=world.bgm, actor=fresh(world.adm), now=NOW,
            starts_at=datetime(2026, 5, 1, tzinfo=NOW.tzinfo), kinds=["toy", "toy"],
            ends_at=datetime(2026, 5, 4, tzinfo=NOW.tzinfo),
        )  # fmt: skip
        assert [row.document_kind for row in rows] == ["toy"]
