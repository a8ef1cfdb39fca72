"""Cases on routes that lead back: rounds, returns, take-backs and counts on a drawn circle."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending_crm.common.errors import DomainError
from tests.workflows.invariants import check
from tests.workflows.pages import browser
from tests.workflows.test_patterns import AND, REASON, XOR, Lender, at
from tests.workflows.world import NOW, TOY, fresh
from workflows.bpmn.answers import LAST_ANSWER, TIMES_PASSED
from workflows.bpmn.conditions import AllOf, Comparison, Operator
from workflows.bpmn.model import OnSamePerson
from workflows.choices import CaseState, EventKind
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.preview import preview_submission
from workflows.selectors import standing_stages
from workflows.services import administration, decisions, items
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db

WITH_CONDITIONS = Comparison(LAST_ANSWER, Operator.EQ, "APPROVE_WITH_CONDITIONS")
TEXT = "补充购销合同"


@pytest.fixture
def world(db: None) -> Lender:
    """tl → brm; with conditions over bgm back to tl, at most twice, then up to the ceo."""
    world = Lender()
    world.take(
        "start merge", "merge tl", "tl brm", "brm choose",
        "choose bgm", "bgm merge", "choose ceo", "ceo end", "choose end",
        gateways={"merge": XOR, "choose": XOR},
        when={
            "choose bgm": AllOf((WITH_CONDITIONS, Comparison(TIMES_PASSED, Operator.LE, 2))),
            "choose ceo": WITH_CONDITIONS,
        },
        default={"choose": "end"},
    )  # fmt: skip
    return world


def lap(world: Lender, case: Case) -> Case:
    """Once round the circle."""
    case = world.goes(case, "tl")
    case = world.approve(case, world.brm, conditions=[TEXT])
    return world.goes(case, "bgm")


class TestRounds:
    def test_each_lap_is_a_round_in_which_everybody_decides_again(self, world: Lender) -> None:
        case = lap(world, world.submitted())
        assert (at(case), case.round, case.state) == ({"tl"}, 2, CaseState.IN_APPROVAL)
        case = world.goes(case, "tl", "brm")
        assert case.state == CaseState.APPROVED
        assert verify_case(case) is None

    def test_the_count_leads_out_of_the_circle(self, world: Lender) -> None:
        case = lap(world, lap(world, world.submitted()))
        assert case.round == 3
        case = world.goes(case, "tl")
        case = world.approve(case, world.brm, conditions=[TEXT])
        assert at(case) == {"ceo"}

    def test_a_resubmission_counts_anew(self, world: Lender) -> None:
        case = lap(world, lap(world, world.submitted()))
        case = decisions.return_case(
            item_id=world.item(case, world.tl).pk, actor=fresh(world.tl), now=NOW,
            opinion=REASON, resumes_directly=False,
        )  # fmt: skip
        document = TOY.get(case.document_id)
        later = NOW + timedelta(hours=1)
        case = world.submit(document, at=later)
        case = lap(world, case)
        assert (at(case), case.round) == ({"tl"}, 5)

    def test_a_return_on_the_circle_goes_back_and_never_ahead(self, world: Lender) -> None:
        case = lap(world, world.submitted())
        case = world.goes(case, "tl")
        item = world.item(case, world.brm)
        with pytest.raises(DomainError) as refused:
            decisions.return_case(
                item_id=item.pk, actor=fresh(world.brm), now=NOW, opinion=REASON, target="bgm"
            )
        assert refused.value.code == "WF-19"
        case = decisions.return_case(
            item_id=item.pk, actor=fresh(world.brm), now=NOW, opinion=REASON, target="tl"
        )
        assert (at(case), case.round) == ({"tl"}, 3)
        case = world.goes(case, "tl", "brm")
        assert case.state == CaseState.APPROVED

    def test_a_jump_onto_the_detour_leads_round(self, world: Lender) -> None:
        case = world.submitted()
        case = administration.jump_to_stage(
            case_id=case.pk, actor=fresh(world.adm), now=NOW, target="bgm", reason=REASON
        )
        assert at(case) == {"bgm"}
        assert at(world.goes(case, "bgm")) == {"tl"}

    def test_the_preview_takes_plain_approval_for_granted(self, world: Lender) -> None:
        case = world.submitted()
        steps = preview_submission(TOY, TOY.get(case.document_id), case, language="zh-hans")
        assert [s.node_id for s in steps if s.state == "ahead"] == ["tl", "brm"]
        aside = {s.node_id: s.reason for s in steps if s.state == "skipped"}
        assert set(aside) == {"bgm", "ceo"}
        assert "上一步的意见" in aside["ceo"]

    def test_the_case_page_shows_the_second_lap(self, world: Lender) -> None:
        case = lap(world, world.submitted())
        page = browser(world.tl).get(f"/cases/{case.pk}/")
        assert page.status_code == 200
        assert "Round 2" in page.content.decode()


class TestTakeBack:
    def take_back(self, world: Lender, case: Case, who: str) -> Case:
        person = fresh(getattr(world, who))
        item = WorkItem.objects.filter(case=case, decided_by=person).latest("id")
        return items.take_back(item_id=item.pk, actor=person, now=NOW + timedelta(minutes=9))

    def test_an_approval_that_led_back_can_be_taken_back(self, world: Lender) -> None:
        case = lap(world, world.submitted())
        shown = browser(world.bgm).get(f"/cases/{case.pk}/").content.decode()
        assert "Take back" in shown
        case = self.take_back(world, case, "bgm")
        assert (at(case), case.round) == ({"bgm"}, 1)
        check(case, TOY.get(case.document_id), world)
        assert at(world.goes(case, "bgm")) == {"tl"}

    def test_not_when_the_next_lap_has_begun(self, world: Lender) -> None:
        case = world.goes(lap(world, world.submitted()), "tl")
        with pytest.raises(DomainError) as refused:
            self.take_back(world, case, "bgm")
        assert refused.value.code == "WF-21"

    def test_within_the_second_lap(self, world: Lender) -> None:
        case = world.goes(lap(world, world.submitted()), "tl")
        case = self.take_back(world, case, "tl")
        assert (at(case), case.round) == ({"tl"}, 2)
        check(case, TOY.get(case.document_id), world)

    def test_where_a_step_that_passed_by_itself_led_back(self, world: Lender) -> None:
        """Taken back and given again the answer counts once: there is one lap, not none."""
        again = world.stage("again", "tl", on_same_person=OnSamePerson.AUTO_PASS)
        world.take(
            "start first", "first merge", "merge tl", "tl again", "again choose", "choose merge",
            "choose end", gateways={"merge": XOR, "choose": XOR},
            when={"choose merge": Comparison(TIMES_PASSED, Operator.LE, 1)},
            default={"choose": "end"}, stages=(again, world.stage("first", "brm")),
        )  # fmt: skip
        case = world.goes(world.submitted(), "brm", "tl")
        assert (at(case), case.round) == ({"tl"}, 2)
        case = self.take_back(world, case, "tl")
        assert (at(case), case.round) == ({"tl"}, 1)
        assert standing_stages(case) == {"first"}
        case = world.goes(case, "tl")
        assert (at(case), case.round) == ({"tl"}, 2)

    def test_on_a_circle_of_one_stage(self, world: Lender) -> None:
        world.take(
            "start merge", "merge tl", "tl choose", "choose merge", "choose end",
            gateways={"merge": XOR, "choose": XOR}, when={"choose merge": WITH_CONDITIONS},
            default={"choose": "end"},
        )  # fmt: skip
        case = world.approve(world.submitted(), world.tl, conditions=[TEXT])
        assert (at(case), case.round) == ({"tl"}, 2)
        case = self.take_back(world, case, "tl")
        assert (at(case), case.round) == ({"tl"}, 1)
        check(case, TOY.get(case.document_id), world)
        assert world.goes(case, "tl").state == CaseState.APPROVED


class TestWhatIsBooked:
    """Terms and conditions of a lap that the route has led back in front of are not."""

    @pytest.fixture
    def world(self, world: Lender) -> Lender:
        world.take(
            "start merge", "merge tl", "tl brm", "brm choose", "choose merge", "choose end",
            gateways={"merge": XOR, "choose": XOR}, when={"choose merge": WITH_CONDITIONS},
            default={"choose": "end"},
            stages=(world.stage("tl", term_fields=("approved_amount",)),),
        )  # fmt: skip
        TOY.concluded.clear()
        return world

    def test_of_the_last_lap_alone(self, world: Lender) -> None:
        case = world.approve(
            world.submitted(), world.tl, terms={"approved_amount": "5"}, conditions=["盖章"]
        )
        case = world.approve(case, world.brm, conditions=[TEXT])
        case = world.goes(case, "tl", "brm")
        assert case.state == CaseState.APPROVED
        assert TOY.concluded == [("APPROVED", [], [])]

    def test_an_answer_that_was_taken_back_led_nowhere(self, world: Lender) -> None:
        case = world.approve(
            world.submitted(), world.tl, terms={"approved_amount": "5"}, conditions=["盖章"]
        )
        case = world.approve(case, world.brm, conditions=[TEXT])
        item = WorkItem.objects.get(case=case, decided_by=fresh(world.brm))
        case = items.take_back(
            item_id=item.pk, actor=fresh(world.brm), now=NOW + timedelta(minutes=9)
        )
        case = world.goes(case, "brm")
        assert case.state == CaseState.APPROVED
        assert TOY.concluded == [("APPROVED", [{"approved_amount": "5"}], ["盖章"])]


class TestAuthority:
    def test_the_answer_that_ends_the_route_needs_it(self, world: Lender) -> None:
        world.take(
            "start tl", "tl choose", "choose ceo", "ceo end", "choose end_now",
            gateways={"choose": XOR},
            when={"choose end_now": WITH_CONDITIONS}, default={"choose": "ceo"},
            stages=(world.stage("tl", authority_level=1),),
        )  # fmt: skip
        case = world.submitted(level_now=3)
        with pytest.raises(DomainError) as refused:
            world.approve(case, world.tl, conditions=[TEXT])
        assert refused.value.code == "WF-15"
        assert at(world.goes(case, "tl")) == {"ceo"}


class TestBranchesOnACircle:
    def test_each_lap_asks_both_branches_again(self, world: Lender) -> None:
        world.take(
            "start merge", "merge fork", "fork tl", "fork brm", "tl join", "brm join",
            "join bgm", "bgm choose", "choose merge", "choose end",
            gateways={"merge": XOR, "fork": AND, "join": AND, "choose": XOR},
            when={"choose merge": WITH_CONDITIONS}, default={"choose": "end"},
        )  # fmt: skip
        case = world.goes(world.submitted(), "tl", "brm")
        case = world.approve(case, world.bgm, conditions=[TEXT])
        assert (at(case), case.round) == ({"tl", "brm"}, 2)
        check(case, TOY.get(case.document_id), world)
        case = world.goes(case, "tl")
        case = decisions.return_case(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            opinion=REASON, target="tl",
        )  # fmt: skip
        # brm's approval of the lap before does not stand in this one
        assert at(case) == {"tl", "brm"}
        check(case, TOY.get(case.document_id), world)
        case = world.goes(case, "tl", "brm")
        assert at(case) == {"bgm"}
        assert world.goes(case, "bgm").state == CaseState.APPROVED


def test_the_history_says_where_the_route_led_back(world: Lender) -> None:
    case = lap(world, world.submitted())
    events = HistoryEvent.objects.filter(case=case)
    back = events.get(data__turned_to="merge")
    assert (back.kind, back.round, back.node_id) == (EventKind.APPROVED, 1, "bgm")
    brm = events.get(node_id="brm")
    assert brm.data["answer"] == {LAST_ANSWER: "APPROVE_WITH_CONDITIONS", TIMES_PASSED: 1}
