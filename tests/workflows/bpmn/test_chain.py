"""The list editor's view of a route."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.workflows.bpmn.samples import VENDOR_APPROVAL, around
from tests.workflows.bpmn.strategies import FACT_TYPES, chains, definitions
from workflows.bpmn.chain import (
    Chain,
    ChainCopy,
    ChainStage,
    NotAChain,
    from_chain,
    to_chain,
    with_node,
)
from workflows.bpmn.chain_edit import (
    add_node,
    move_node,
    new_node_id,
    remove_node,
    rename_node,
    set_condition,
    update_recipients,
    update_settings,
)
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.courses import remaining
from workflows.bpmn.model import (
    Annotation,
    AssigneeKind,
    AssigneeRule,
    Lane,
    StageSettings,
)
from workflows.bpmn.xml import read, write

LARGE = Comparison("exposure", Operator.GT, Decimal(3000000))


def abc():
    return Chain("p", "P", nodes=(ChainStage("a", "A"), ChainStage("b", "B"), ChainCopy("c", "C")))


def ids(chain):
    return [node.id for node in chain.nodes]


class TestFromChain:
    @settings(max_examples=60, deadline=None)
    @given(chains())
    def test_a_list_survives_the_way_through_a_route(self, chain):
        definition = from_chain(chain)

        assert to_chain(definition) == chain
        assert from_chain(to_chain(definition)) == definition

    @settings(max_examples=20, deadline=None)
    @given(chains())
    def test_and_through_a_file(self, chain):
        assert to_chain(read(write(from_chain(chain)), fact_types=FACT_TYPES)) == chain

    @settings(max_examples=30, deadline=None)
    @given(chains())
    def test_a_node_changed_in_place_reads_as_the_changed_list(self, chain):
        for node in chain.nodes:
            changed = replace(node, name="另名", condition=LARGE if node.condition else None)
            definition = with_node(from_chain(chain), changed)
            listed = [changed if each.id == node.id else each for each in chain.nodes]

            assert to_chain(definition) == replace(chain, nodes=tuple(listed))
            assert set(definition.flows) == set(from_chain(chain).flows)

    def test_a_condition_that_appears_or_goes_needs_another_route(self):
        definition = from_chain(set_condition(abc(), "b", LARGE))

        assert with_node(definition, ChainStage("b", "B")) is None
        assert with_node(definition, ChainStage("a", "A", condition=LARGE)) is None

    def test_a_conditional_node_stands_behind_a_gateway(self):
        definition = from_chain(set_condition(abc(), "b", LARGE))
        gateway = definition.elements["b_gateway"]

        assert gateway.default == "b_gateway_to_c"
        assert definition.flows["b_gateway_to_b"].condition == LARGE
        assert definition.flows["b_gateway_to_c"].condition is None

    def test_two_conditional_nodes_in_a_row(self):
        chain = set_condition(set_condition(abc(), "a", LARGE), "b", LARGE)
        definition = from_chain(chain)

        assert definition.flows["a_gateway_to_b_gateway"].target == "b_gateway"
        small, large = {"exposure": Decimal(1)}, {"exposure": Decimal(4000000)}
        assert remaining(definition, "start", small) == []
        assert [s.id for s in remaining(definition, "start", large)] == ["a", "b"]

    def test_ids_never_collide(self):
        nodes = (ChainStage("a", condition=LARGE), ChainStage("a_gateway"))
        definition = from_chain(Chain("p", "P", nodes=nodes))

        assert "a_gateway_" in definition.elements

    @pytest.mark.parametrize("node_id", ["a", "p", "start", "approved"])
    def test_refuses_an_id_used_twice(self, node_id):
        with pytest.raises(ValueError):
            from_chain(replace(abc(), nodes=(*abc().nodes, ChainStage(node_id))))


class TestToChain:
    def test_takes_a_route_of_another_tool_that_is_linear(self):
        route = read(around('<sendTask id="x" name="Tell"/>'), fact_types={})
        chain = to_chain(route)

        assert ids(chain) == ["a", "x"]
        assert (chain.start.id, chain.end.id) == ("s", "e")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (lambda d: replace(d, lanes=(Lane("l", "L"),)), "lanes"),
            (lambda d: replace(d, annotations=(Annotation("n", "N"),)), "lanes"),
        ],
    )
    def test_says_what_would_be_lost(self, change, code):
        found = to_chain(change(from_chain(abc())))

        assert isinstance(found, NotAChain)
        assert [reason.code for reason in found.reasons] == [code]

    def test_names_of_gateways_and_flows_would_be_lost(self):
        found = to_chain(read(VENDOR_APPROVAL, fact_types=FACT_TYPES))

        assert {reason.code for reason in found.reasons} == {"named-gateway", "named-flow"}
        assert all(reason.message for reason in found.reasons)

    @settings(max_examples=60, deadline=None)
    @given(definitions(plain=True))
    def test_any_route_is_a_list_of_the_same_stages_or_has_reasons(self, definition):
        found = to_chain(definition)

        if isinstance(found, NotAChain):
            assert found.reasons
        else:
            stages = [n.id for n in found.nodes if isinstance(n, ChainStage)]
            assert set(stages) == {stage.id for stage in definition.stages()}


class TestEdit:
    def test_add_behind_a_node_and_at_the_beginning(self):
        chain = add_node(add_node(abc(), after="a", name="新节点"), kind="copy")

        assert ids(chain) == ["copy_1", "a", "stage_1", "b", "c"]
        assert chain.node("stage_1").name == "新节点"

    def test_a_new_node_never_gets_the_id_of_a_removed_one(self):
        chain = remove_node(add_node(add_node(abc())), "stage_2")

        assert new_node_id(chain) == "stage_2"
        assert new_node_id(chain, taken={"stage_2", "stage_7", "stage_x"}) == "stage_8"

    @pytest.mark.parametrize(
        ("position", "expected"),
        [(0, "bac"), (1, "abc"), (2, "acb"), (99, "acb"), (-5, "bac")],
    )
    def test_move(self, position, expected):
        assert ids(move_node(abc(), "b", position)) == list(expected)

    def test_remove_rename_and_set(self):
        rules = (AssigneeRule(AssigneeKind.PEOPLE, people=(1,)),)
        chain = remove_node(abc(), "b")
        chain = rename_node(chain, "a", name="甲", name_en="A1")
        chain = update_settings(chain, "a", StageSettings(reason_length=9))
        chain = update_recipients(chain, "c", rules)
        chain = set_condition(chain, "c", LARGE)

        assert chain.nodes == (
            ChainStage("a", "甲", "A1", StageSettings(reason_length=9)),
            ChainCopy("c", "C", "", rules, LARGE),
        )
        assert set_condition(chain, "c", None).node("c").condition is None

    def test_refuses_unknown_and_unfitting_nodes(self):
        for act in (
            lambda: remove_node(abc(), "z"),
            lambda: add_node(abc(), after="z"),
            lambda: set_condition(abc(), "z", LARGE),
        ):
            with pytest.raises(KeyError):
                act()
        with pytest.raises(TypeError):
            update_settings(abc(), "c", StageSettings())
        with pytest.raises(TypeError):
            update_recipients(abc(), "a", ())
