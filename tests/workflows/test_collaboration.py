from __future__ import annotations

from datetime import timedelta

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.models import Employee
from tests.workflows.pages import browser, buttons
from tests.workflows.world import ALL_ACTIONS, NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, ChainCopy, from_chain
from workflows.bpmn.model import RoleReach, StageAction
from workflows.choices import EventKind
from workflows.models import Case, CaseCopy, CaseReading, MaterialRequest, Stage
from workflows.services import collaboration
from workflows.services.supplements import record_supplement

pytestmark = pytest.mark.django_db


def sent(event: str) -> list[list[int]]:
    rows = OutboxMessage.objects.order_by("id")
    return [r.payload["recipients"] for r in rows if r.payload["event"] == event]


class TestComment:
    def test_is_recorded_and_does_not_move_the_case(self, world: World) -> None:
        case = world.submitted()
        seen = case.version
        collaboration.comment(case_id=case.pk, actor=fresh(world.tl), now=NOW, text="请核实 <b>")
        case.refresh_from_db()
        assert case.version == seen
        assert case.events.get(kind=EventKind.COMMENTED).opinion == "请核实 <b>"
        assert sent("case.commented") == [[world.am.pk]]

    def test_lets_who_is_mentioned_read_the_case(self, world: World) -> None:
        case = world.submitted()
        stranger = world._local("AM")
        assert not Case.objects.visible_to(fresh(stranger)).exists()
        collaboration.comment(
            case_id=case.pk,
            actor=fresh(world.tl),
            now=NOW,
            text="看一下",
            mentioned=[stranger],
        )
        assert Case.objects.visible_to(fresh(stranger)).get() == case
        assert sent("case.mentioned") == [[stranger.pk]]

    def test_wf_18_a_mention_opens_no_case_where_the_step_allows_no_copies(self) -> None:
        world = World(stage("tl", by_role("TL"), actions=ALL_ACTIONS - {StageAction.COPY}))
        case = world.submitted()
        call = {"case_id": case.pk, "actor": fresh(world.tl), "now": NOW, "text": "看一下"}
        with pytest.raises(DomainError) as refused:
            collaboration.comment(mentioned=[world._local("AM")], **call)
        assert refused.value.code == "WF-18"
        collaboration.comment(mentioned=[world.am], **call)  # who sees the case is just told
        assert sent("case.mentioned") == [[world.am.pk]]

    def test_n26_is_not_for_who_may_not_see_the_case(self, world: World) -> None:
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            collaboration.comment(
                case_id=case.pk, actor=fresh(world._local("AM")), now=NOW, text="路过"
            )
        assert refused.value.status == 404


class TestCopyCase:
    def test_lets_people_read(self, world: World) -> None:
        case = world.submitted()
        reader = world._head("FIN")
        call = {
            "case_id": case.pk,
            "actor": fresh(world.tl),
            "now": NOW,
            "recipients": [reader],
        }
        collaboration.copy_case(**call)
        collaboration.copy_case(**call)
        assert CaseCopy.objects.get().recipient == reader


class TestCopiesOfARoute:
    def test_reach_everybody_named_also_where_one_of_them_handles_the_document(
        self, world: World
    ) -> None:
        """His superior got the copy in place of all the others: that is a rule for decisions."""
        other = world._local("TL", superior=world.bgm)
        copy = ChainCopy("copy", "抄送", "Copy", (by_role("TL"),))
        last = stage("brm", by_role("BRM"), duty_line="RISK")
        world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=(copy, last))))
        case = world.submit(world.document(handler=world.tl))
        assert {copy.recipient for copy in case.copies.all()} == {other}
        assert sent("case.copied") == [[other.pk]]


class TestUrge:
    def test_reminds_everybody_of_the_pool(self, world: World) -> None:
        case = world.submitted()
        collaboration.urge(case_id=case.pk, actor=fresh(world.am), now=NOW)
        assert sent("case.urged") == [[world.tl.pk]]

    def test_wf_22_within_the_hour(self, world: World) -> None:
        case = world.submitted()
        collaboration.urge(case_id=case.pk, actor=fresh(world.am), now=NOW)
        with pytest.raises(DomainError) as refused:
            collaboration.urge(
                case_id=case.pk, actor=fresh(world.am), now=NOW + timedelta(minutes=59)
            )
        assert refused.value.code == "WF-22"
        collaboration.urge(case_id=case.pk, actor=fresh(world.am), now=NOW + timedelta(minutes=60))


class TestRequestMaterial:
    def test_asks_the_handler_and_the_case_stays(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        collaboration.request_material(
            item_id=item.pk,
            actor=fresh(world.tl),
            now=NOW,
            text="请补近三月流水",
            pauses_clock=True,
        )
        assert MaterialRequest.objects.get().text == "请补近三月流水"
        assert Stage.objects.get(pk=item.stage_id).paused_at == NOW
        assert sent("case.material_requested") == [[world.am.pk]]
        assert world.item(case, world.tl) == item


class TestRecordSupplement:
    def supplement(self, world: World, case: Case, hours: int = 0) -> Case:
        return record_supplement(
            case_id=case.pk, actor=fresh(world.am), now=NOW + timedelta(hours=hours),
            supplement_no="BC-1", note="流水", files=[{"title": "流水.pdf"}],
        )  # fmt: skip

    def test_story_3_leaves_node_and_items_alone(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        before = (world.item(case, world.brm).pk, world.item(case, world.brm).due_at)
        case = self.supplement(world, case)
        item = world.item(case, world.brm)
        assert (item.pk, item.due_at) == before
        assert case.supplement_count == 1
        assert sent("case.supplemented") == [sorted([world.tl.pk, world.brm.pk])]

    def test_later_opinions_say_which_supplements_there_were(self, world: World) -> None:
        case = self.supplement(world, world.submitted())
        case = world.approve(case, world.tl)
        assert case.events.get(kind=EventKind.APPROVED).data["supplements"] == 1

    def test_makes_pages_opened_before_stale(self, world: World) -> None:
        case = world.submitted()
        seen = case.version
        self.supplement(world, case)
        with pytest.raises(DomainError) as refused:
            world.approve(case, world.tl, seen_version=seen)
        assert refused.value.code == "WF-12"

    def test_lets_a_paused_clock_run_again(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        collaboration.request_material(
            item_id=item.pk,
            actor=fresh(world.tl),
            now=NOW,
            text="请补流水",
            pauses_clock=True,
        )
        due = item.due_at
        self.supplement(world, case, hours=2)
        stage = Stage.objects.get(pk=item.stage_id)
        assert stage.paused_at is None
        assert stage.due_at > due
        assert MaterialRequest.objects.get().answered_by_supplement == "BC-1"


class TestCopyWhereAStepForbidsIt:
    """抄送 is an act of the step like the others; the handler may always let people read."""

    @pytest.fixture
    def world(self, db: None) -> World:
        without = ALL_ACTIONS - {StageAction.COPY}
        return World(
            stage("tl", by_role("TL", RoleReach.DEPARTMENT), actions=without),
            stage("brm", by_role("BRM"), duty_line="RISK"),
        )

    def copy(self, case: Case, who: Employee, to: Employee) -> None:
        collaboration.copy_case(case_id=case.pk, actor=fresh(who), now=NOW, recipients=[to])

    @pytest.mark.parametrize("who", ["tl", "brm"])
    def test_wf_18_is_refused(self, world: World, who: str) -> None:
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            self.copy(case, getattr(world, who), world.ceo)
        assert refused.value.code == "WF-18"
        assert not CaseCopy.objects.exists()

    def test_wf_18_by_page_and_api_too(self, world: World) -> None:
        case = world.submitted()
        page = browser(world.tl).post(f"/cases/{case.pk}/copy/", {"recipients": [world.ceo.pk]})
        assert (page.status_code, "WF-18" in page.content.decode()) == (403, True)
        answer = browser(world.tl).post(
            f"/api/v1/cases/{case.pk}/copy/", {"recipients": [world.ceo.pk]},
            content_type="application/json", headers={"Idempotency-Key": "copy-0001"},
        )  # fmt: skip
        assert answer.json()["code"] == "WF-18"
        assert not CaseCopy.objects.exists()

    def test_is_not_offered(self, world: World) -> None:
        case = world.submitted()
        assert "copy" not in buttons(browser(world.tl).get(f"/cases/{case.pk}/"))

    def test_the_handler_still_may(self, world: World) -> None:
        case = world.submitted()
        assert "copy" in buttons(browser(world.am).get(f"/cases/{case.pk}/"))
        self.copy(case, world.am, world.ceo)
        assert CaseCopy.objects.get().recipient == world.ceo

    def test_the_next_step_has_its_own_rule(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        self.copy(case, world.brm, world.ceo)
        assert CaseCopy.objects.count() == 1


class TestNoteReading:
    def test_remembers_what_was_seen_and_reads_the_copy(self, world: World) -> None:
        case = world.submitted()
        collaboration.copy_case(
            case_id=case.pk, actor=fresh(world.tl), now=NOW, recipients=[world.ceo]
        )
        collaboration.note_reading(case_id=case.pk, reader=world.ceo, now=NOW)
        assert CaseReading.objects.get().event_sequence == 2
        assert CaseCopy.objects.get().read_at == NOW

    def test_what_came_after_the_page_was_opened_is_still_new(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        note = collaboration.note_reading
        note(case_id=case.pk, reader=world.brm, now=NOW, through=1)
        reading = CaseReading.objects.get()
        assert (reading.event_sequence, reading.snapshot_number) == (1, 1)
        note(case_id=case.pk, reader=world.brm, now=NOW, through=999)
        note(case_id=case.pk, reader=world.brm, now=NOW, through=1)
        assert CaseReading.objects.get().event_sequence == case.event_count == 2
