"""Conditions, stages and routes in words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from tests.workflows.bpmn.strategies import FACTS, conditions, definitions
from workflows.bpmn.chain import Chain, ChainCopy, ChainStage, from_chain
from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    StageSettings,
    VoteSettings,
)
from workflows.bpmn.theme import Mark, State
from workflows.bpmn.words import (
    condition_in_words,
    condition_words,
    route_words,
    rule_in_words,
    stage_words,
    why_skipped,
)
from workflows.kinds import Fact

LARGE = Comparison("exposure", Operator.GT, Decimal("3000000.00"))
CREDIT = Comparison("guarantees", Operator.CONTAINS, "CREDIT")
ZH_FACTS = (
    Fact("exposure", "money", "敞口"),
    Fact("guarantees", "choices", "担保方式", lambda: [("CREDIT", "信用"), ("PLEDGE", "质押")]),
    Fact("risk_class", "choice", "风险分类", lambda: [("WATCH", "关注"), ("BAD", "不良")]),
    Fact("term", "integer", "期限"),
)


def resolve(kind, key):
    return {("person", 7): "王强", ("role", "RC"): "委员", ("field", "surveyor"): "尽调人"}[
        kind, key
    ]


class TestConditionInWords:
    def test_in_chinese(self, chinese):
        condition = AllOf((LARGE, CREDIT))

        assert (
            condition_in_words(condition, ZH_FACTS)
            == "敞口 大于 3,000,000.00 元 且 担保方式 包含 信用"
        )

    def test_in_english(self):
        assert (
            condition_in_words(AllOf((LARGE, CREDIT)), FACTS, language="en")
            == "Exposure is more than 3,000,000.00 yuan and Guarantees contains Credit"
        )

    def test_groups_are_bracketed(self, chinese):
        condition = AllOf(
            (AnyOf((LARGE, CREDIT)), Comparison("risk_class", Operator.IN, ("WATCH", "BAD")))
        )

        assert condition_in_words(condition, ZH_FACTS) == (
            "(敞口 大于 3,000,000.00 元 或 担保方式 包含 信用) 且 风险分类 属于 关注、不良"
        )

    @pytest.mark.parametrize(
        ("value", "zh", "en"),
        [
            ("3000000", "敞口 > 300万", "Exposure > 3,000,000"),
            ("500000.00", "敞口 > 50万", "Exposure > 500,000"),
            ("1234567.89", "敞口 > 1,234,567.89", "Exposure > 1,234,567.89"),
            ("250000000", "敞口 > 2.5亿", "Exposure > 250,000,000"),
            ("9999.5", "敞口 > 9,999.5", "Exposure > 9,999.5"),
            ("0", "敞口 > 0", "Exposure > 0"),
        ],
    )
    def test_short_on_the_drawing_but_exact(self, chinese, value, zh, en):
        condition = Comparison("exposure", Operator.GT, Decimal(value))

        assert condition_in_words(condition, ZH_FACTS, is_short=True) == zh
        assert condition_in_words(condition, FACTS, is_short=True, language="en") == en

    def test_dates_booleans_and_unknown_things(self):
        words = [
            condition_in_words(condition, FACTS, language="en")
            for condition in (
                Comparison("signed_date", Operator.GE, date(2026, 1, 31)),
                Comparison("is_renewal", Operator.EQ, True),
                Comparison("colour", Operator.EQ, "red"),
                Comparison("risk_class", Operator.EQ, "GONE"),
                AllOf(()),
                AnyOf(()),
            )
        ]

        assert words == [
            "Signed on is on or after 2026-01-31",
            "Renewal is yes",
            "colour is red",
            "Risk class is GONE",
            "always",
            "never",
        ]

    @settings(max_examples=100, deadline=None)
    @given(conditions())
    def test_every_condition_has_words(self, condition):
        assert condition_in_words(condition, FACTS, language="en")
        assert condition_in_words(condition, (), language="zh-hans", is_short=True)


def chain():
    return Chain(
        "p",
        "流程",
        "Route",
        (
            ChainStage("a", "主管", "Head"),
            ChainStage("b", "委员会", "Committee", condition=LARGE),
            ChainCopy("c", "财务", "Finance"),
        ),
    )


class TestWhySkipped:
    def test_names_the_condition(self):
        definition = from_chain(chain())

        assert why_skipped(definition, "a", FACTS) == ""
        assert (
            why_skipped(definition, "b", FACTS)
            == "only when Exposure is more than 3,000,000.00 yuan"
        )


class TestConditionWords:
    def test_by_flow(self):
        assert condition_words(from_chain(chain()), FACTS) == {
            "b_gateway_to_b": "Exposure > 3,000,000"
        }


class TestStageWords:
    def test_a_vote(self, chinese):
        settings_ = StageSettings(
            assignees=(
                AssigneeRule(AssigneeKind.ROLE, role="RC", reach=RoleReach.ANYWHERE),
                AssigneeRule(AssigneeKind.PEOPLE, people=(7,), weight=2, has_veto=True),
            ),
            decide=DecideMode.VOTE,
            vote=VoteSettings(Fraction(2, 3), Fraction(1, 2)),
            claim_required=True,
            attachment_required=True,
            signature_required=True,
            authority_level=3,
            on_empty=OnEmpty.PERSON,
            empty_person=7,
            on_handler=OnHandler.SKIP_IF_OTHERS,
            on_same_person=OnSamePerson.AUTO_PASS,
        )

        assert stage_words(settings_, resolve) == [
            "由委员(不限机构)、王强审批:票签表决。",
            "按票权计,出席不少于 2/3,同意不少于 1/2 即通过。",
            "秘密投票。",
            "王强每票计 2 票。",
            "王强有一票否决权。",
            "可用操作:同意、退回、转办、抄送。",
            "须在 8 个工作小时内处理。",
            "须先签收。",
            "请填写审批意见。",
            "必须上传附件。",
            "必须签名。",
            "审批权限:第 3 级。",
            "找不到审批人时:由王强审批。",
            "审批人是经办人本人时:由其他人审批,本人回避。",
            "本轮已审批过的人:自动通过。",
        ]

    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            (AssigneeRule(AssigneeKind.SUPERIOR), "the handler's direct superior"),
            (
                AssigneeRule(AssigneeKind.SUPERIOR, level=2),
                "the handler's superior at level 2",
            ),
            (
                AssigneeRule(AssigneeKind.SUPERIOR_CHAIN, level=3),
                "the handler's superiors up to level 3",
            ),
            (
                AssigneeRule(AssigneeKind.PERSON_FIELD, field="surveyor"),
                "the person in the field “尽调人”",
            ),
            (AssigneeRule(AssigneeKind.PEOPLE), "nobody yet"),
            (AssigneeRule(AssigneeKind.ROLE), "nobody yet"),
            (
                AssigneeRule(AssigneeKind.ROLE, role="RC", reach=RoleReach.HEAD_OFFICE),
                "委员 at head office",
            ),
        ],
    )
    def test_each_kind_of_rule(self, rule, words):
        assert rule_in_words(rule, resolve) == words


class TestRouteWords:
    def test_with_progress(self):
        at = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
        marks = {
            "a": Mark(State.DONE, ("Li",), at),
            "b": Mark(State.CURRENT, ("Wang", "Zhao"), None, Decimal("1.0")),
        }

        assert route_words(from_chain(chain()), FACTS, marks=marks, language="en") == [
            "The route begins: Submitted.",
            "1. Head. Approved by Li, 2026-11-20 12:30.",
            "2. Committee; only when Exposure is more than 3,000,000.00 yuan. "
            "Waiting for Wang, Zhao for 1 hour.",
            "3. Finance; a copy is sent.",
            "The case is approved.",
        ]

    @pytest.mark.parametrize(
        ("mark", "words"),
        [
            (Mark(State.RETURNED, ("Li",)), "Returned by Li, time unknown."),
            (Mark(State.REJECTED, ()), "Rejected by the system, time unknown."),
            (Mark(State.SKIPPED), "Skipped."),
            (Mark(State.NOT_REACHED), "Not reached."),
            (Mark(State.CURRENT, ("Li",)), "Waiting for Li."),
        ],
    )
    def test_each_state(self, mark, words):
        sentences = route_words(from_chain(chain()), FACTS, marks={"a": mark}, language="en")

        assert sentences[1] == f"1. Head. {words}"

    def test_with_people(self):
        stage = StageSettings(assignees=(AssigneeRule(AssigneeKind.PEOPLE, people=(7,)),))
        definition = from_chain(Chain("p", "", nodes=(ChainStage("a", "主管", "", stage),)))

        assert (
            route_words(definition, FACTS, resolve=resolve, language="en")[1]
            == "1. 主管. Decided by 王强: one of them decides."
        )

    @settings(max_examples=40, deadline=None)
    @given(definitions())
    def test_every_task_is_told_once(self, definition):
        sentences = route_words(definition, FACTS, language="en")
        numbered = [each for each in sentences if each.split(".")[0].isdecimal()]
        tasks = [
            e for e in definition.elements.values() if type(e).__name__.endswith(("Stage", "Task"))
        ]

        assert len(numbered) == len(tasks)
