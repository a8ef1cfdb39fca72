"""JSON of the list editor and the API: what goes out comes in, and nothing else does."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending_crm.common.errors import DomainError
from tests.workflows.bpmn.strategies import FACTS, chains, conditions, stage_settings
from workflows.bpmn.chain import Chain, ChainStage
from workflows.bpmn.codec import (
    chain_from_json,
    chain_to_json,
    condition_from_json,
    condition_to_json,
    settings_from_json,
    settings_to_json,
)
from workflows.bpmn.conditions import Comparison, Operator, fact_names
from workflows.bpmn.model import StageSettings

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


def fields(act):
    """The refused fields with their sentences."""
    with pytest.raises(DomainError) as caught:
        act()
    assert all(reason.code == "FLOW-01" for reason in caught.value.reasons)
    assert all(reason.status == 422 for reason in caught.value.reasons)
    return {reason.field: reason.message for reason in caught.value.reasons}


class TestChainToJson:
    @settings(max_examples=50, deadline=None)
    @given(chains())
    def test_a_list_comes_back(self, chain):
        text = json.dumps(chain_to_json(chain))
        # Text is cleaned on its way in, once.
        found = chain_from_json(json.loads(text), facts=FACTS)

        assert chain_from_json(chain_to_json(found), facts=FACTS) == found
        for before, after in zip(chain.nodes, found.nodes, strict=True):
            if "purpose" not in fact_names(before.condition):
                assert replace(after, name=before.name, name_en=before.name_en) == before

    @settings(max_examples=60, deadline=None)
    @given(stage_settings)
    def test_settings_come_back(self, settings_):
        text = json.dumps(settings_to_json(settings_))

        assert settings_from_json(json.loads(text)) == settings_

    @settings(max_examples=100, deadline=None)
    @given(conditions())
    def test_conditions_come_back(self, condition):
        data = json.loads(json.dumps(condition_to_json(condition)))
        try:
            found = condition_from_json(data, facts=FACTS)
        except DomainError as error:
            # Text with control characters is cleaned, empty groups and names are refused.
            assert error.message
        else:
            assert condition_to_json(found)

    def test_missing_settings_have_their_defaults(self):
        assert settings_from_json({}) == StageSettings()
        chain = chain_from_json(
            {"process_id": "p", "name": "P", "nodes": [{"type": "stage", "id": "a"}]}, facts=()
        )
        assert chain == Chain("p", "P", nodes=(ChainStage("a"),))


class TestSettingsFromJson:
    @pytest.mark.parametrize(
        ("name", "value", "field"),
        [
            ("decide", "SOMETIMES", "decide"),
            ("decide", None, "decide"),
            ("decide", ["ANY"], "decide"),
            ("limit_hours", "eight", "limit_hours"),
            ("limit_hours", 8.5, "limit_hours"),
            ("limit_hours", "1E+400", "limit_hours"),
            ("limit_hours", "NaN", "limit_hours"),
            ("limit_hours", "0.123", "limit_hours"),
            ("limit_hours", "99999", "limit_hours"),
            ("reason_length", -1, "reason_length"),
            ("reason_length", True, "reason_length"),
            ("reason_length", "9" * 30, "reason_length"),
            ("authority_level", 0, "authority_level"),
            ("empty_person", 2**63, "empty_person"),
            ("opinion_required", "yes", "opinion_required"),
            ("duty_line", "PIRACY", "duty_line"),
            ("actions", ["approve", "explode"], "actions.1"),
            ("actions", "approve", "actions"),
            ("assignees", [{"kind": "ROLE"}, {"kind": "X"}], "assignees.1.kind"),
            ("assignees", [{"kind": "PEOPLE", "people": [1, "x"]}], "assignees.0.people.1"),
            ("assignees", [{"kind": "PEOPLE", "people": [0]}], "assignees.0.people.0"),
            ("assignees", [{"kind": "ROLE", "roll": "TL"}], "assignees.0.roll"),
            ("assignees", [7], "assignees.0"),
            ("assignees", {}, "assignees"),
            ("assignees", [{"kind": "ROLE", "level": 99}], "assignees.0.level"),
            ("vote", {"quorum": "3/2"}, "vote.quorum"),
            ("vote", {"quorum": "1/0"}, "vote.quorum"),
            ("vote", {"pass_ratio": 0.5}, "vote.pass_ratio"),
            ("vote", {"pass_ratio": "0"}, "vote.pass_ratio"),
            ("hidden_fields", ["a b"], "hidden_fields.0"),
            ("surprise", 1, "surprise"),
        ],
    )
    def test_names_the_field(self, name, value, field):
        found = fields(lambda: settings_from_json({name: value}))

        assert list(found) == [field]
        assert found[field]

    def test_names_all_mistakes_at_once(self):
        found = fields(lambda: settings_from_json({"decide": 1, "actions": 1, "reason_length": []}))

        assert set(found) == {"decide", "actions", "reason_length"}

    def test_refuses_what_is_no_object(self):
        assert fields(lambda: settings_from_json("x")) == {None: "An object is expected here."}

    @settings(max_examples=150, deadline=None)
    @given(anything)
    def test_anything_is_read_or_refused(self, data):
        try:
            settings_from_json(data)
        except DomainError as error:
            assert error.message


class TestChainFromJson:
    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"process_id": "1x"}, "process_id"),
            ({"process_id": "p", "name": "n" * 201}, "name"),
            ({"process_id": "p", "name": "n" * 10_000_000}, "name"),
            ({"process_id": "p", "nodes": {}}, "nodes"),
            ({"process_id": "p", "nodes": [{}] * 101}, "nodes"),
            ({"process_id": "p", "nodes": [5]}, "nodes.0"),
            ({"process_id": "p", "nodes": [{"type": "ghost", "id": "a"}]}, "nodes.0.type"),
            ({"process_id": "p", "nodes": [{"type": "stage"}]}, "nodes.0.id"),
            ({"process_id": "p", "nodes": [{"type": "stage", "id": "p"}]}, "nodes.0.id"),
            ({"process_id": "p", "nodes": [{"type": "stage", "id": "start"}]}, "nodes.0.id"),
            (
                {"process_id": "p", "nodes": [{"type": "copy", "id": "a", "settings": {}}]},
                "nodes.0.settings",
            ),
            (
                {
                    "process_id": "p",
                    "nodes": [{"type": "stage", "id": "a", "settings": {"limit_hours": "x"}}],
                },
                "nodes.0.settings.limit_hours",
            ),
        ],
    )
    def test_names_the_field(self, data, field):
        assert field in fields(lambda: chain_from_json(data, facts=FACTS))

    def test_an_id_used_twice(self):
        nodes = [{"type": "stage", "id": "a"}, {"type": "copy", "id": "a"}]
        found = fields(lambda: chain_from_json({"process_id": "p", "nodes": nodes}, facts=FACTS))

        assert found == {"nodes.1.id": "The id “a” is used twice."}

    def test_control_characters_are_taken_out_of_names(self):
        chain = chain_from_json({"process_id": "p", "name": "a\x00b \n c"}, facts=())

        assert chain.name == "ab c"

    @settings(max_examples=100, deadline=None)
    @given(st.fixed_dictionaries({"process_id": st.just("p"), "nodes": st.lists(anything)}))
    def test_anything_is_read_or_refused(self, data):
        try:
            chain_from_json(data, facts=FACTS)
        except DomainError as error:
            assert error.message


class TestConditionFromJson:
    def test_money_may_have_separators(self):
        data = {"fact": "exposure", "operator": "gt", "value": "3,000,000.00"}

        found = condition_from_json({"all": [data]}, facts=FACTS)
        assert found == Comparison("exposure", Operator.GT, found.value)
        assert str(found.value) == "3000000.00"

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"fact": "colour", "operator": "eq", "value": "red"}, "fact"),
            ({"fact": ["exposure"], "operator": "eq", "value": "1"}, "fact"),
            ({"fact": "exposure", "operator": "like", "value": "1"}, "operator"),
            ({"fact": "exposure", "operator": "contains", "value": "1"}, "operator"),
            ({"fact": "exposure", "operator": "gt", "value": 1.5}, "value"),
            ({"fact": "exposure", "operator": "gt", "value": "1.234"}, "value"),
            ({"fact": "exposure", "operator": "gt", "value": "9" * 17}, "value"),
            ({"fact": "exposure", "operator": "gt", "value": None}, "value"),
            ({"fact": "exposure", "operator": "gt"}, "value"),
            ({"fact": "term_months", "operator": "eq", "value": "12.5"}, "value"),
            ({"fact": "is_renewal", "operator": "eq", "value": "yes"}, "value"),
            ({"fact": "signed_date", "operator": "lt", "value": "31.1.2026"}, "value"),
            ({"fact": "signed_date", "operator": "lt", "value": 20260131}, "value"),
            ({"fact": "risk_class", "operator": "eq", "value": "GONE"}, "value"),
            ({"fact": "risk_class", "operator": "in", "value": "NORMAL"}, "value"),
            ({"fact": "risk_class", "operator": "in", "value": []}, "value"),
            ({"fact": "risk_class", "operator": "in", "value": ["NORMAL", 3]}, "value.1"),
            ({"all": []}, "all"),
            ({"all": [1]}, "all.0"),
            ({"all": [], "any": []}, "any"),
            (7, None),
        ],
    )
    def test_names_the_field(self, data, field):
        assert field in fields(lambda: condition_from_json(data, facts=FACTS))

    def test_refuses_deep_nesting(self):
        data = {"fact": "is_renewal", "operator": "eq", "value": True}
        for _level in range(20):
            data = {"all": [data, data]}
        found = fields(lambda: condition_from_json(data, facts=FACTS))

        assert set(found.values()) == {"The condition is nested too deeply."}

    @settings(max_examples=100, deadline=None)
    @given(anything)
    def test_anything_is_read_or_refused(self, data):
        try:
            condition_from_json(data, facts=FACTS)
        except DomainError as error:
            assert error.message
