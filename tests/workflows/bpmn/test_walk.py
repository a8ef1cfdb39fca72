"""The token game: sound for every well-structured route."""

from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.workflows.bpmn.strategies import definitions, facts
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.courses import is_final, remaining
from workflows.bpmn.model import (
    BoundaryTimer,
    CopyTask,
    Definition,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    SequenceFlow,
    ServiceTask,
    Stage,
    StartEvent,
)
from workflows.bpmn.walk import (
    Arrival,
    Deadlock,
    EndlessLoop,
    NoToken,
    NoWayOut,
    Token,
    advance,
    enter,
    start,
)

LARGE = Comparison("exposure", Operator.GT, Decimal(500000))
SMALL_CASE = {"exposure": Decimal(1)}
LARGE_CASE = {"exposure": Decimal(600000)}


def graph(elements, flows, conditions=None):
    """Flows as 'source target'; their ids are 'source-target'."""
    given = conditions or {}
    found = {}
    for pair in flows:
        flow_id = pair.replace(" ", "-")
        found[flow_id] = SequenceFlow(flow_id, *pair.split(), condition=given.get(pair))
    return Definition("p", "P", {element.id: element for element in elements}, found)


def parallel(kind=GatewayKind.PARALLEL, default=None, conditions=None):
    """s → fork → (a1 → a2 | b) → join → c → e"""
    stages = [Stage(each) for each in ("a1", "a2", "b", "c")]
    fork, join = Gateway("fork", kind=kind, default=default), Gateway("join", kind=kind)
    return graph(
        [StartEvent("s"), fork, *stages, join, EndEvent("e")],
        ["s fork", "fork a1", "fork b", "a1 a2", "a2 join", "b join", "join c", "c e"],
        conditions,
    )


def run_to_the_end(definition, walk, known, pick=0):
    """Approve stage after stage; returns how often each stage opened, and all flows taken."""
    opened: dict[str, int] = {}
    taken = list(walk.taken)
    for _step in range(500):
        for arrival in walk.arrivals:
            if isinstance(definition.elements[arrival.element_id], Stage):
                opened[arrival.element_id] = opened.get(arrival.element_id, 0) + 1
        if walk.outcome is not None:
            return walk, opened, taken
        stage = walk.open_stages[pick % len(walk.open_stages)]
        walk = advance(definition, stage, known, walk.tokens)
        taken += walk.taken
    raise AssertionError("the route does not end")


class TestAdvance:
    @settings(max_examples=150, deadline=None)
    @given(definitions(plain=True), facts())
    def test_a_well_structured_route_ends_exactly_once(self, definition, known):
        walk, opened, taken = run_to_the_end(definition, start(definition, known), known)

        assert walk.outcome is EndKind.APPROVED
        assert walk.tokens == ()
        assert all(count == 1 for count in opened.values())
        assert len(taken) == len(set(taken))

    @settings(max_examples=80, deadline=None)
    @given(definitions(plain=True), facts())
    def test_the_order_of_decisions_does_not_matter(self, definition, known):
        first = run_to_the_end(definition, start(definition, known), known)
        last = run_to_the_end(definition, start(definition, known), known, pick=-1)

        assert first[1] == last[1]
        assert sorted(first[2]) == sorted(last[2])

    @settings(max_examples=80, deadline=None)
    @given(definitions(plain=True), facts())
    def test_a_path_is_connected(self, definition, known):
        walk = start(definition, known)
        for arrival in (*walk.arrivals, *walk.passed):
            place = definition.start.id
            for flow_id in arrival.path:
                flow = definition.flows[flow_id]
                assert flow.source == place
                place = flow.target
            assert place == arrival.element_id

    def test_reports_what_it_passed_and_took(self):
        definition = graph(
            [
                StartEvent("s"),
                Stage("a"),
                CopyTask("k"),
                ServiceTask("x"),
                Stage("b"),
                EndEvent("e"),
            ],
            ["s a", "a k", "k x", "x b", "b e"],
        )
        walk = advance(definition, "a", {}, start(definition, {}).tokens)

        assert walk.passed == (Arrival("k", ("a-k",)), Arrival("x", ("a-k", "k-x")))
        assert walk.arrivals == (Arrival("b", ("a-k", "k-x", "x-b")),)
        assert walk.taken == ("a-k", "k-x", "x-b")
        assert (walk.tokens, walk.outcome) == ((Token("b"),), None)

    def test_a_join_waits_for_its_sisters(self):
        definition = parallel()
        walk = start(definition, {})
        assert walk.open_stages == ("a1", "b")

        walk = advance(definition, "b", {}, walk.tokens)
        assert walk.waiting == (Token("join", "b-join"),)
        assert walk.arrivals == ()
        assert walk.taken == ("b-join",)

        walk = advance(definition, "a1", {}, walk.tokens)
        walk = advance(definition, "a2", {}, walk.tokens)
        assert walk.tokens == (Token("c"),)
        assert walk.arrivals == (Arrival("c", ("a2-join", "join-c")),)

    def test_an_inclusive_join_waits_only_for_branches_that_started(self):
        definition = parallel(GatewayKind.INCLUSIVE, "fork-b", {"fork a1": LARGE})
        walk = start(definition, SMALL_CASE)
        assert walk.open_stages == ("b",)
        assert advance(definition, "b", SMALL_CASE, walk.tokens).open_stages == ("c",)

        walk = start(definition, LARGE_CASE)
        assert walk.open_stages == ("a1",)

    def test_a_rejecting_end_closes_everything(self):
        definition = graph(
            [
                StartEvent("s"),
                Gateway("fork", kind=GatewayKind.PARALLEL),
                Stage("a"),
                Stage("b"),
                EndEvent("r", kind=EndKind.REJECTED),
                EndEvent("e"),
            ],
            ["s fork", "fork a", "fork b", "a r", "b e"],
        )
        walk = advance(definition, "a", {}, start(definition, {}).tokens)

        assert walk.outcome is EndKind.REJECTED
        assert walk.closed == ("b",)
        assert walk.tokens == ()

    def test_an_approving_end_waits_for_the_other_branches(self):
        definition = graph(
            [
                StartEvent("s"),
                Gateway("fork", kind=GatewayKind.PARALLEL),
                Stage("a"),
                Stage("b"),
                EndEvent("e"),
            ],
            ["s fork", "fork a", "fork b", "a e", "b e"],
        )
        walk = advance(definition, "a", {}, start(definition, {}).tokens)
        assert walk.outcome is None

        assert advance(definition, "b", {}, walk.tokens).outcome is EndKind.APPROVED

    @pytest.mark.parametrize("is_interrupting", [True, False])
    def test_a_timer_fires(self, is_interrupting):
        definition = graph(
            [
                StartEvent("s"),
                Stage("a"),
                BoundaryTimer("t", "", "", "a", is_interrupting, "PT4H"),
                Stage("up"),
                EndEvent("e"),
            ],
            ["s a", "a e", "t up", "up e"],
        )
        walk = advance(definition, "t", {}, start(definition, {}).tokens)

        assert walk.open_stages == (("up",) if is_interrupting else ("a", "up"))
        assert walk.closed == (("a",) if is_interrupting else ())
        with pytest.raises(NoToken):
            advance(definition, "t", {}, (Token("up"),))

    def test_refuses_to_leave_where_the_route_is_not(self):
        with pytest.raises(NoToken):
            advance(parallel(), "c", {}, start(parallel(), {}).tokens)
        with pytest.raises(NoToken):
            advance(parallel(), "b", {})

    def test_names_where_it_cannot_go_on(self):
        definition = graph(
            [StartEvent("s"), Gateway("g"), Stage("a"), EndEvent("e")],
            ["s g", "g a", "a e"],
            {"g a": LARGE},
        )
        with pytest.raises(NoWayOut) as caught:
            start(definition, SMALL_CASE)
        assert caught.value.element_id == "g"

        loose = graph([StartEvent("s"), Stage("a")], ["s a"])
        with pytest.raises(NoWayOut):
            advance(loose, "a", {})

    def test_a_circle_without_a_stage_ends(self):
        definition = graph([StartEvent("s"), CopyTask("x"), CopyTask("y")], ["s x", "x y", "y x"])
        with pytest.raises(EndlessLoop):
            start(definition, {})

    def test_a_join_that_waits_for_ever_is_an_error(self):
        definition = graph(
            [
                StartEvent("s"),
                Gateway("g", default="g-a"),
                Stage("a"),
                Stage("b"),
                Gateway("join", kind=GatewayKind.PARALLEL),
                EndEvent("e"),
            ],
            ["s g", "g a", "g b", "a join", "b join", "join e"],
            {"g b": LARGE},
        )
        with pytest.raises(Deadlock) as caught:
            advance(definition, "a", SMALL_CASE, start(definition, SMALL_CASE).tokens)
        assert caught.value.element_id == "join"

    def test_exactly_one_start(self):
        with pytest.raises(LookupError):
            start(graph([StartEvent("s"), StartEvent("t")], []), {})


class TestEnter:
    def test_sister_branches_run_again_or_count_as_decided(self):
        definition = parallel()

        assert enter(definition, "a2", {}).tokens == (Token("a2"), Token("b"))
        assert enter(definition, "a2", {}, decided={"b"}).tokens == (
            Token("a2"),
            Token("join", "b-join"),
        )
        assert enter(definition, "c", {}).tokens == (Token("c"),)
        assert [a.element_id for a in enter(definition, "a1", {}).arrivals] == ["a1", "b"]

    def test_a_stage_that_the_facts_would_skip_is_entered_all_the_same(self):
        definition = from_chain(
            Chain("p", "P", nodes=(ChainStage("a"), ChainStage("b", condition=LARGE)))
        )

        assert enter(definition, "b", SMALL_CASE).tokens == (Token("b"),)

    def test_only_stages_are_entered(self):
        with pytest.raises(KeyError):
            enter(parallel(), "join", {})

    @settings(max_examples=100, deadline=None)
    @given(definitions(plain=True), facts())
    def test_the_route_still_ends_after_a_return_to_any_stage(self, definition, known):
        for stage in definition.stages():
            walk = enter(definition, stage.id, known)
            assert Token(stage.id) in walk.tokens
            end, opened, _taken = run_to_the_end(definition, walk, known)
            assert end.outcome is EndKind.APPROVED
            assert all(count == 1 for count in opened.values())


class TestRemaining:
    @settings(max_examples=80, deadline=None)
    @given(definitions(plain=True), facts())
    def test_it_names_the_stages_that_then_open(self, definition, known):
        chain = remaining(definition, definition.start.id, known)
        _walk, opened, _taken = run_to_the_end(definition, start(definition, known), known)

        assert {stage.id for stage in chain} == set(opened)

    def test_a_circle_is_an_error(self):
        definition = graph(
            [StartEvent("s"), Stage("a"), Gateway("g", default="g-e"), EndEvent("e")],
            ["s a", "a g", "g a", "g e"],
            {"g a": LARGE},
        )

        assert [s.id for s in remaining(definition, "s", SMALL_CASE)] == ["a"]
        with pytest.raises(EndlessLoop):
            remaining(definition, "s", LARGE_CASE)

    def test_beside_an_open_branch(self):
        definition = parallel()
        walk = advance(definition, "a1", {}, start(definition, {}).tokens)

        assert [s.id for s in remaining(definition, "a2", {}, walk.tokens)] == ["c"]
        assert not is_final(definition, "a2", {}, walk.tokens)
        assert is_final(definition, "c", {}, (Token("c"),))

    @pytest.mark.parametrize(
        ("exposure", "expected"),
        [("500000", ["a"]), ("500000.01", ["a", "b"]), ("99999999", ["a", "b"])],
    )
    def test_boundaries_are_inclusive(self, exposure, expected):
        condition = Comparison("exposure", Operator.GT, Decimal(500000))
        definition = from_chain(
            Chain("p", "P", nodes=(ChainStage("a"), ChainStage("b", condition=condition)))
        )
        known = {"exposure": Decimal(exposure)}

        assert [s.id for s in remaining(definition, "start", known)] == expected
        assert is_final(definition, "a", known) is (expected == ["a"])
