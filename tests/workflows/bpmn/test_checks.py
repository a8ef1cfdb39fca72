"""Publish checks: every finding has its case, and a sound route has none."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from tests.workflows.bpmn.strategies import FACTS, conditions, definitions, facts
from workflows.bpmn.chain import Chain, ChainCopy, ChainService, ChainStage, from_chain
from workflows.bpmn.checks import check
from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Operator, holds
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    BoundaryTimer,
    DecideMode,
    Definition,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    OnEmpty,
    OnSamePerson,
    SequenceFlow,
    ServiceTask,
    Stage,
    StageAction,
    StageSettings,
    StartEvent,
    VoteSettings,
)
from workflows.bpmn.samples import TooManySamples, samples
from workflows.bpmn.stage_checks import is_duration

X, P, I = GatewayKind.EXCLUSIVE, GatewayKind.PARALLEL, GatewayKind.INCLUSIVE  # noqa: E741
WHO = StageSettings(assignees=(AssigneeRule(AssigneeKind.ROLE, role="TL"),))
LARGE = Comparison("exposure", Operator.GT, Decimal(3000000))
SMALL = Comparison("exposure", Operator.LE, Decimal(3000000))


def graph(elements, flows, conditions=None):
    """Elements by id and flows as 'source target', with conditions by flow number."""
    given = conditions or {}
    return Definition(
        "p",
        "P",
        {element.id: element for element in elements},
        {
            f"f{number}": SequenceFlow(
                f"f{number}", *pair.split(), condition=given.get(f"f{number}")
            )
            for number, pair in enumerate(flows)
        },
    )


def stage(stage_id, settings_=WHO):
    return Stage(stage_id, f"Stage {stage_id}", "", settings_)


def start_end(*inner):
    return [StartEvent("s"), *inner, EndEvent("e")]


def run(definition, **options):
    found = check(definition, facts=FACTS, **options)
    assert all(finding.message for finding in found)
    return {finding.code: finding for finding in found}


def one(settings_):
    return from_chain(Chain("p", "P", nodes=(ChainStage("a", "A", "", settings_),)))


def fork(first, second, kinds=(X, X), default="f3"):
    """s → g → (a | b) → j → e with conditions on the way to a and b."""
    return graph(
        start_end(
            Gateway("g", "Fork", "", kinds[0], default),
            stage("a"),
            stage("b"),
            Gateway("j", "Join", "", kinds[1]),
        ),
        ["s g", "g a", "a j", "g b", "b j", "j e"],
        {"f1": first, "f3": second},
    )


class TestCheck:
    def test_a_sound_route_has_no_findings(self):
        chain = Chain(
            "p",
            "P",
            nodes=(
                ChainStage("a", "A", "", WHO),
                ChainStage("b", "B", "", WHO, LARGE),
                ChainCopy("c", "C", "", WHO.assignees),
            ),
        )

        assert check(from_chain(chain), facts=FACTS, resolves=lambda rule: True) == []

    @settings(max_examples=60, deadline=None)
    @given(definitions(plain=True))
    def test_well_structured_routes_are_sound(self, definition):
        codes = {f.code for f in check(definition, facts=FACTS)}

        assert not codes & {
            "unreachable",
            "no-way-out",
            "implicit-split",
            "loop-without-answer",
            "join-waits",
            "reached-twice",
            "no-default",
            "condition-place",
            "wrong-type",
            "unknown-fact",
            "schema",
            "too-many-runs",
        }

    @pytest.mark.parametrize(
        ("definition", "code", "about"),
        [
            (graph([stage("a"), EndEvent("e")], ["a e"]), "no-start", ""),
            (
                graph(start_end(StartEvent("s2"), stage("a")), ["s a", "s2 a", "a e"]),
                "several-starts",
                "s2",
            ),
            (graph(start_end(stage("a")), ["s a", "a e", "a s"]), "flow-to-start", "s"),
            (
                graph(
                    [StartEvent("s"), stage("a"), EndEvent("e", kind=EndKind.REJECTED)],
                    ["s a", "a e"],
                ),
                "no-approval",
                "",
            ),
            (graph(start_end(stage("a")), ["s a", "a e", "e a"]), "flow-from-end", "e"),
            (graph(start_end(), ["s e"]), "no-stage", ""),
            (graph(start_end(stage("a"), stage("b")), ["s a", "a e", "b e"]), "unreachable", "b"),
            (
                graph(
                    start_end(stage("a"), stage("b"), Gateway("g", default="f2")),
                    ["s g", "g a", "g b", "a e"],
                    {"f1": LARGE},
                ),
                "no-way-out",
                "b",
            ),
            (
                graph(start_end(stage("a"), stage("b")), ["s a", "a b", "a e", "b e"]),
                "implicit-split",
                "a",
            ),
            (
                graph(
                    start_end(stage("a"), Gateway("g", default="f3")),
                    ["s a", "a g", "g a", "g e"],
                    {"f2": LARGE},
                ),
                "loop-without-answer",
                "a",
            ),
            (graph(start_end(stage("a")), ["s a", "a q"]), "dangling-flow", "f1"),
            (
                graph(start_end(stage("a"), Gateway("g", default="f0")), ["s a", "a g", "g e"]),
                "default-flow",
                "g",
            ),
            (graph(start_end(stage("a")), ["s a", "a e"], {"f1": LARGE}), "condition-place", "f1"),
            (fork(LARGE, None, (P, P), None), "condition-place", "f1"),
            (fork(LARGE, SMALL), "condition-on-default", "f3"),
            (fork(None, None), "no-condition", "f1"),
            (fork(LARGE, LARGE, default=None), "no-default", "g"),
            (fork(Comparison("colour", Operator.EQ, "red"), None), "unknown-fact", "f1"),
            (fork(Comparison("exposure", Operator.CONTAINS, "red"), None), "wrong-operator", "f1"),
            (fork(Comparison("exposure", Operator.GT, "red"), None), "wrong-type", "f1"),
            (
                fork(Comparison("term_months", Operator.GT, Decimal("1.5")), None),
                "wrong-type",
                "f1",
            ),
            (fork(Comparison("is_renewal", Operator.EQ, Decimal(1)), None), "wrong-type", "f1"),
            (fork(Comparison("risk_class", Operator.EQ, "GONE"), None), "unknown-choice", "f1"),
            (fork(LARGE, None, (X, P)), "join-waits", "j"),
            (fork(None, None, (P, X), None), "reached-twice", "j"),
            (fork(LARGE, None, (I, X)), "", ""),
        ],
    )
    def test_structure_and_conditions(self, definition, code, about):
        found = run(definition)

        if code:
            assert found[code].element_id == about
            assert found[code].is_error
        else:
            assert not found

    @pytest.mark.parametrize(
        ("settings_", "code"),
        [
            (StageSettings(), "no-assignee"),
            (replace(WHO, assignees=(AssigneeRule(AssigneeKind.PEOPLE),)), "unfinished-rule"),
            (replace(WHO, assignees=(AssigneeRule(AssigneeKind.ROLE),)), "unfinished-rule"),
            (
                replace(WHO, assignees=(AssigneeRule(AssigneeKind.SUPERIOR, level=0),)),
                "unfinished-rule",
            ),
            (replace(WHO, assignees=(AssigneeRule(AssigneeKind.PERSON_FIELD),)), "unfinished-rule"),
            (replace(WHO, actions=frozenset({StageAction.RETURN})), "no-approve"),
            (replace(WHO, decide=DecideMode.VOTE, vote=VoteSettings(Fraction(3, 2))), "vote-ratio"),
            (
                replace(WHO, decide=DecideMode.VOTE, vote=VoteSettings(pass_ratio=Fraction(0))),
                "vote-ratio",
            ),
            (
                StageSettings(
                    (AssigneeRule(AssigneeKind.ROLE, role="RC", weight=0),), DecideMode.VOTE
                ),
                "vote-weight",
            ),
            (replace(WHO, limit_hours=Decimal(0)), "limit-hours"),
            (replace(WHO, reason_length=-1), "reason-length"),
            (replace(WHO, authority_level=0), "authority-level"),
            (replace(WHO, on_empty=OnEmpty.PERSON), "empty-person"),
            (replace(WHO, term_fields=("ghost",)), "unknown-field"),
            (replace(WHO, hidden_fields=("ghost",)), "unknown-field"),
        ],
    )
    def test_settings(self, settings_, code):
        found = run(one(settings_), term_fields=["amount"], fields=["remark"])

        assert set(found) == {code}
        assert found[code].element_id == "a"
        assert "A" in found[code].message

    def test_rules_that_find_nobody(self):
        dead = AssigneeRule(AssigneeKind.ROLE, role="GHOST")
        alone = run(one(replace(WHO, assignees=(dead,))), resolves=lambda rule: rule != dead)
        beside = run(
            one(replace(WHO, assignees=(dead, *WHO.assignees))), resolves=lambda rule: rule != dead
        )

        assert alone["never-resolves"].is_error
        assert not beside["never-resolves"].is_error
        assert "GHOST" in alone["never-resolves"].message

    @pytest.mark.parametrize("mode", [DecideMode.ALL, DecideMode.SEQUENCE, DecideMode.VOTE])
    def test_where_each_seat_counts_one_rule_without_people_stops_every_case(self, mode):
        dead = AssigneeRule(AssigneeKind.ROLE, role="GHOST")
        seats = replace(WHO, assignees=(dead, *WHO.assignees), decide=mode)
        found = run(one(seats), resolves=lambda rule: rule != dead)
        filled = run(
            one(replace(seats, on_empty=OnEmpty.SUPERIOR)), resolves=lambda rule: rule != dead
        )

        assert found["never-resolves"].is_error
        assert not filled["never-resolves"].is_error

    def test_the_person_for_empty_seats_has_to_be_there(self):
        named = replace(WHO, on_empty=OnEmpty.PERSON, empty_person=7)
        gone = AssigneeRule(AssigneeKind.PEOPLE, people=(7,))

        assert run(one(named), resolves=lambda rule: rule != gone)["empty-person-left"].is_error
        assert "empty-person-left" not in run(one(named), resolves=lambda rule: True)

    @pytest.mark.parametrize(
        ("flows", "is_early"),
        [
            (["s a", "a x", "x e"], False),
            (["s x", "x a", "a e"], True),
            (["s a", "a g", "g x", "g b", "x j", "b j", "j e"], True),
        ],
    )
    def test_what_needs_the_approval_stands_behind_the_last_decision(self, flows, is_early):
        names = {name for flow in flows for name in flow.split()}
        inner = [ServiceTask("x", "Tell", "", "tell"), stage("a"), stage("b")]
        inner += [Gateway("g", "G", "", P), Gateway("j", "J", "", P)]
        definition = graph(start_end(*(e for e in inner if e.id in names)), flows)
        found = run(definition, closing=lambda name: name == "tell")

        assert ("acts-too-early" in found) == is_early
        assert "acts-too-early" not in run(definition, closing=lambda name: False)

    def test_a_way_on_which_nobody_decides_any_more_is_enough(self):
        nodes = (
            ChainStage("a", "A", "", WHO),
            ChainService("x", "X", "", "tell"),
            ChainStage("b", "B", "", WHO, LARGE),
        )
        found = run(from_chain(Chain("p", "P", nodes=nodes)), closing=lambda name: True)

        assert "acts-too-early" not in found

    def test_copies_and_service_tasks(self):
        definition = graph(
            start_end(stage("a"), ServiceTask("x", "X"), ServiceTask("y", "Y", "", "book")),
            ["s a", "a x", "x y", "y e"],
        )
        found = run(definition, handlers=lambda name: False)

        assert found["no-handler"].element_id == "x"
        assert found["unknown-handler"].element_id == "y"
        assert "unknown-handler" not in run(definition, handlers=lambda name: name == "book")
        chain = Chain("p", "P", nodes=(ChainStage("a", "A", "", WHO), ChainCopy("c", "C")))
        assert run(from_chain(chain))["no-assignee"].element_id == "c"

    def test_names(self):
        chain = Chain(
            "p", "P", nodes=(ChainStage("a", "A", "", WHO), ChainStage("b", "A", "", WHO))
        )
        found = run(from_chain(chain))

        assert not found["same-name"].is_error
        assert run(from_chain(Chain("p", "P", nodes=(ChainStage("a", "", "", WHO),))))["no-name"]

    def test_the_sentence_is_in_the_readers_language(self, chinese):
        found = run(one(StageSettings()))

        assert found["no-assignee"].message == "请设置“A”由谁处理。"

    def test_text_that_cannot_be_stored(self):
        assert "not-writable" in run(replace(one(WHO), name="a\x00"))


class TestCoverage:
    @pytest.mark.parametrize(
        ("first", "second", "is_covered"),
        [
            (LARGE, SMALL, True),
            (LARGE, Comparison("exposure", Operator.LT, Decimal(3000000)), False),
            (
                Comparison("is_renewal", Operator.EQ, True),
                Comparison("is_renewal", Operator.EQ, False),
                True,
            ),
            (
                Comparison("risk_class", Operator.EQ, "NORMAL"),
                Comparison("risk_class", Operator.EQ, "WATCH"),
                True,
            ),
            (
                Comparison("risk_class", Operator.EQ, "NORMAL"),
                Comparison("risk_class", Operator.NOT_IN, ("NORMAL",)),
                True,
            ),
            (
                Comparison("purpose", Operator.EQ, "a"),
                Comparison("purpose", Operator.EQ, "b"),
                False,
            ),
            (
                Comparison("term_months", Operator.LT, 4),
                Comparison("term_months", Operator.GE, 4),
                True,
            ),
            (
                Comparison("term_months", Operator.LT, 4),
                Comparison("term_months", Operator.GT, 3),
                True,
            ),
            (
                Comparison("guarantees", Operator.CONTAINS, "CREDIT"),
                Comparison("guarantees", Operator.NOT_CONTAINS, "CREDIT"),
                True,
            ),
            (
                AllOf((LARGE, Comparison("is_renewal", Operator.EQ, True))),
                AnyOf((SMALL, Comparison("is_renewal", Operator.EQ, False))),
                True,
            ),
            (AllOf((LARGE, Comparison("is_renewal", Operator.EQ, True))), SMALL, False),
        ],
    )
    def test_a_gateway_without_default_must_cover_everything(self, first, second, is_covered):
        found = run(fork(first, second, default=None))

        assert ("no-default" not in found) is is_covered

    def test_the_finding_names_a_case_that_is_not_covered(self):
        found = run(fork(LARGE, Comparison("exposure", Operator.LT, Decimal(5)), default=None))

        assert "Exposure = 5.00 yuan" in found["no-default"].message

    def test_branches_never_taken(self):
        contradiction = AllOf((LARGE, Comparison("exposure", Operator.LT, Decimal(5))))

        assert "contradicts" in run(fork(contradiction, None))["branch-never-taken"].message
        covered = run(fork(SMALL, Comparison("exposure", Operator.LT, Decimal(5)), default=None))
        assert "before it" in covered["branch-never-taken"].message
        everything = run(fork(AnyOf((SMALL, LARGE)), None))
        assert "default" in everything["branch-never-taken"].message
        assert not everything["branch-never-taken"].is_error

    def test_a_route_on_which_nobody_decides(self):
        chain = Chain("p", "P", nodes=(ChainStage("a", "A", "", WHO, LARGE),))
        found = run(from_chain(chain))

        assert found["nobody-decides"].is_error
        assert "Exposure = 2,999,999.99 yuan" in found["nobody-decides"].message

    def test_conditional_stages_that_together_cover_everything(self):
        chain = Chain(
            "p",
            "P",
            nodes=(
                ChainStage("a", "A", "", WHO, LARGE),
                ChainStage("b", "B", "", WHO, SMALL),
            ),
        )

        assert not run(from_chain(chain))

    def test_a_stage_behind_conditions_that_exclude_each_other(self):
        definition = graph(
            start_end(
                stage("a"), stage("b"), Gateway("g", default="f2"), Gateway("h", default="f5")
            ),
            ["s a", "a g", "g e", "g h", "h b", "h e", "b e"],
            {"f3": LARGE, "f4": Comparison("exposure", Operator.LT, Decimal(5))},
        )

        assert run(definition)["stage-never-met"].element_id == "b"

    def test_too_many_combinations_demand_a_stage_for_all(self):
        every = AllOf(
            tuple(
                Comparison(name, Operator.GT, value)
                for name in ("exposure", "rate", "term_months")
                for value in (range(1, 9) if name == "term_months" else map(Decimal, range(1, 9)))
            )
        )
        chain = Chain("p", "P", nodes=(ChainStage("a", "A", "", WHO, every),))
        safe = replace(chain, nodes=(*chain.nodes, ChainStage("b", "B", "", WHO)))

        assert "nobody-decides-perhaps" in run(from_chain(chain))
        assert not run(from_chain(safe))

    @settings(max_examples=150, deadline=None)
    @given(conditions(), facts())
    def test_what_holds_for_all_samples_holds_for_all_values(self, condition, known):
        if any(value is None for value in known.values()):
            return
        try:
            cases = samples([condition], FACTS, at_most=3000)
        except TooManySamples:
            return
        answers = {holds(condition, case) for case in cases}

        assert holds(condition, known) in answers


class TestTimers:
    @pytest.mark.parametrize(
        ("timer", "flows", "code"),
        [
            (BoundaryTimer("t", "T", "", "a", False, "PT4H"), ["t b", "b e"], ""),
            (BoundaryTimer("t", "T", "", "a", True, "PT4H"), ["t b", "b e"], ""),
            (BoundaryTimer("t", "T", "", "s", False, "PT4H"), ["t b", "b e"], "timer-host"),
            (BoundaryTimer("t", "T", "", "a", False, "4h"), ["t b", "b e"], "timer-duration"),
            (BoundaryTimer("t", "T", "", "a", False, "PT4H"), ["s b", "b e"], "timer-flow"),
            (
                BoundaryTimer("t", "T", "", "a", True, "PT4H"),
                ["t e", "a b", "b e"],
                "timer-decides",
            ),
            (
                BoundaryTimer("t", "T", "", "a", False, "PT4H"),
                ["t r", "a b", "b e"],
                "timer-decides",
            ),
        ],
    )
    def test_timers(self, timer, flows, code):
        elements = [*start_end(stage("a"), stage("b"), timer), EndEvent("r", kind=EndKind.REJECTED)]
        definition = graph(elements, ["s a", "a e", *flows])
        found = run(definition)

        if code:
            assert found[code].element_id == "t"
        else:
            assert not [f for f in found.values() if f.code.startswith("timer")]

    def test_a_stage_that_passes_by_itself_does_not_keep_time_from_deciding(self):
        timer = BoundaryTimer("t", "T", "", "a", True, "PT4H")
        passing = stage("b", replace(WHO, on_same_person=OnSamePerson.AUTO_PASS))
        definition = graph([*start_end(stage("a"), passing, timer)], ["s a", "a e", "t b", "b e"])
        assert run(definition)["timer-decides"].element_id == "t"

    @pytest.mark.parametrize("text", ["PT4H", "P1D", "P1DT12H", "PT90M", "P2W", "PT0.5S"])
    def test_durations(self, text):
        assert is_duration(text)

    @pytest.mark.parametrize("text", ["", "P", "PT", "4H", "PT0H", "P1H", "-PT4H", "PT4H "])
    def test_no_durations(self, text):
        assert not is_duration(text)


class TestAsking:
    @pytest.mark.parametrize(
        ("line", "is_refused"),
        [("BUSINESS", False), ("MANAGEMENT", False), ("RISK", True), ("FINANCE", True),
         ("COMMITTEE", True)],
    )  # fmt: skip
    def test_who_must_always_decide(self, line, is_refused):
        settings_ = replace(WHO, duty_line=line, on_same_person=OnSamePerson.AUTO_PASS)
        passing = stage("a", settings_)
        found = run(graph([*start_end(passing)], ["s a", "a e"]))
        assert ("passes-by-itself" in found) == is_refused

    def test_claiming_is_for_pools(self):
        seats = stage("a", replace(WHO, decide=DecideMode.ALL, claim_required=True))
        pool = stage("b", replace(WHO, claim_required=True))
        found = run(graph([*start_end(seats, pool)], ["s a", "a b", "b e"]))
        assert found["claims-nothing"].element_id == "a"
        assert not found["claims-nothing"].is_error
