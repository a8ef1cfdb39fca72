"""A leaver's items move while somebody decides them: real connections."""

from __future__ import annotations

from typing import Any

import pytest

from staff.services.leaving import Part, hand_over_all
from tests.workflows.test_races import together
from tests.workflows.world import NOW, World, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import AssigneeKind, AssigneeRule
from workflows.models import Case, WorkItem
from workflows.services import decisions
from workflows.verification import verify_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


class TestHandoverAgainstDecision:
    def test_exactly_one_wins(self, world: World) -> None:

        named = AssigneeRule(AssigneeKind.PEOPLE, people=(world.tl.pk,))
        last = AssigneeRule(AssigneeKind.PEOPLE, people=(world.brm.pk,))
        world.publish(from_chain(Chain("r", "r", nodes=(stage("a", named), stage("b", last)))))
        for _ in range(5):
            case = world.submitted()
            item = world.item(case, world.tl)

            def move() -> Any:
                return hand_over_all(
                    employee=fresh(world.tl), parts=[Part("work_items", fresh(world.bgm))],
                    actor=fresh(world.adm), now=NOW,
                )  # fmt: skip

            def decide(item: WorkItem = item) -> Any:
                return decisions.approve(
                    item_id=item.pk, actor=fresh(world.tl), now=NOW, opinion="同意"
                )

            moved, decided = together(move, decide)
            was_decided = not isinstance(decided, Exception)
            # What was decided first is simply no longer there to move, or says why it stays.
            assert was_decided == (moved.done == 0)
            holder = WorkItem.objects.get(case=case, state="OPEN").assignee
            assert holder == (world.brm if was_decided else world.bgm)
            assert verify_case(Case.objects.get(pk=case.pk)) is None
