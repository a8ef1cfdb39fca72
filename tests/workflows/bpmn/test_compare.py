"""What differs between two routes, told by element."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

from django.utils import translation

import pytest
from hypothesis import given, settings

from tests.workflows.bpmn.strategies import FACTS, definitions
from workflows.bpmn.chain import Chain, ChainCopy, ChainStage, from_chain
from workflows.bpmn.compare import Change, ChangeKind, compare
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import (
    Annotation,
    AssigneeKind,
    AssigneeRule,
    BoundaryTimer,
    Bounds,
    CopyTask,
    DecideMode,
    Definition,
    EndEvent,
    Gateway,
    Lane,
    Layout,
    OnHandler,
    ServiceTask,
    StageSettings,
    VoteSettings,
)
from workflows.bpmn.settings_words import _LABELS

RISK = AssigneeRule(AssigneeKind.ROLE, role="BRM")
SETTINGS = StageSettings(assignees=(RISK,))


def route(*nodes: ChainStage | ChainCopy) -> Definition:
    return from_chain(Chain("p", "业务申请", "Business application", tuple(nodes)))


def first(name: str = "部门主管", when: Comparison | None = None, **values: object) -> ChainStage:
    return ChainStage("a", name, "Team leader", replace(SETTINGS, **values), when)  # type: ignore[arg-type]


def by_id(changes: list[Change]) -> dict[str, Change]:
    return {change.element_id: change for change in changes}


class TestCompare:
    @settings(max_examples=40, deadline=None)
    @given(definitions(), definitions())
    def test_says_nothing_only_of_equal_routes(self, one: Definition, other: Definition) -> None:
        assert compare(one, one, facts=FACTS) == []
        assert bool(compare(one, other, facts=FACTS)) == (one != other)

    def test_stages_come_and_go(self) -> None:
        before = route(first(), ChainStage("b", "风控", "Risk"))
        after = route(first(), ChainStage("c", "财务", "Finance"))
        changes = by_id(compare(before, after))

        assert (changes["c"].kind, changes["c"].title) == (ChangeKind.ADDED, "Finance")
        assert (changes["b"].kind, changes["b"].title) == (ChangeKind.REMOVED, "Risk")
        assert changes["c"].what == "approval stage"
        assert "a" not in changes

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"limit_hours": Decimal("16.0")}, "Time limit (working hours): 8 → 16"),
            ({"limit_hours": None}, "Time limit (working hours): 8 → —"),
            ({"decide": DecideMode.ALL}, "How they decide: one of them decides → all of them"),
            ({"assignees": ()}, "Who decides: BRM of the document's branch → nobody yet"),
            (
                {"assignees": (replace(RISK, weight=2),)},
                "Votes and vetoes of those who decide",
            ),
            (
                {"on_handler": OnHandler.SKIP_IF_OTHERS},
                "Goes to his superior → Others decide, if any remain",
            ),
            ({"vote": VoteSettings(is_secret=False)}, "Secret until one has voted: yes → no"),
            ({"actions": frozenset()}, "Allowed actions: approve, return, transfer, copy → —"),
            ({"hidden_fields": ("remark",)}, "Hidden fields: — → remark"),
            ({"ladder": ()}, "Reminders and escalation: "),
        ],
    )
    def test_each_setting_by_its_label(self, values: dict[str, object], said: str) -> None:
        changes = compare(route(first()), route(first(**values)))

        assert [change.element_id for change in changes] == ["a"]
        assert said in changes[0].details[0]

    def test_every_setting_has_a_label(self) -> None:
        """A setting that is added later must be told in words, too."""
        kinds = (StageSettings, VoteSettings, BoundaryTimer, EndEvent, ServiceTask, CopyTask)
        names = {field.name for kind in kinds for field in fields(kind)}

        assert names - {"id", "vote"} <= set(_LABELS)

    def test_names_without_other_changes(self) -> None:
        (change,) = compare(route(first()), route(first(name="主管")))

        assert change.details == ("Chinese title: 部门主管 → 主管",)

    def test_conditions_in_the_words_of_the_kind(self) -> None:
        def when(amount: int) -> Comparison:
            return Comparison("exposure", Operator.GE, Decimal(amount))

        (change,) = compare(route(first(when=when(5))), route(first(when=when(6))), facts=FACTS)
        assert change.what == "flow"
        assert "Exposure is at least 5" in change.details[0]
        assert "Exposure is at least 6" in change.details[0]

    def test_flows_that_lead_elsewhere_and_kinds_that_change(self) -> None:
        before = route(first(), ChainStage("b", "风控", "Risk"))
        flow = before.outgoing("a")[0]
        end = before.outgoing("b")[0].target
        moved = replace(before, flows={**before.flows, flow.id: replace(flow, target=end)})
        copied = route(first(), ChainCopy("b", "风控", "Risk"))

        assert compare(before, moved)[0].details[0].startswith("Leads to: Risk → ")
        assert compare(before, copied)[0].details == ("Kind: approval stage → copy task",)

    def test_the_order_and_the_default_of_a_gateway(self) -> None:
        before = route(first(when=Comparison("exposure", Operator.GE, Decimal(5))))
        gateway = next(e for e in before.elements.values() if isinstance(e, Gateway))
        flows = dict(reversed(before.flows.items()))
        other = next(f for f in before.outgoing(gateway.id) if f.id != gateway.default)
        default = {**before.elements, gateway.id: replace(gateway, default=other.id)}

        (reordered,) = compare(before, replace(before, flows=flows))
        assert reordered.details == ("Its flows are tried in another order.",)
        (changed,) = compare(before, replace(before, elements=default))
        assert changed.details[0].startswith("Default flow: ")

    def test_lanes_notes_and_the_name_of_the_route(self) -> None:
        before = route(first())
        after = replace(
            before,
            name="新名",
            lanes=(Lane("l", "Branch", ("a",)),),
            annotations=(Annotation("n", "four eyes", "a"),),
        )
        changes = by_id(compare(before, after))

        assert changes[""].details == ("Chinese title: 业务申请 → 新名",)
        assert (changes["l"].what, changes["n"].what) == ("lane", "note")
        assert compare(after, replace(after, lanes=(Lane("l", "HQ", ()),)))[0].details == (
            "Name: Branch → HQ",
            "Holds other elements.",
        )

    def test_a_drawing_alone_is_no_difference(self) -> None:
        before = route(first())
        drawn = replace(before, layout=Layout({"a": Bounds(0, 0, 1, 1)}, {}))

        assert compare(before, drawn) == []

    @pytest.mark.usefixtures("chinese")
    def test_in_chinese(self) -> None:
        with translation.override("zh-hans"):
            (change,) = compare(route(first()), route(first(limit_hours=Decimal(4))))

        assert (change.what, change.title) == ("审批节点", "部门主管")
        assert "8 → 4" in change.details[0]
