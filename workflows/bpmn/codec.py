"""Lists, settings and conditions as plain JSON, for the page's form and the API.

Everything that comes in is checked strictly: each mistake names its field, as in
``nodes.2.settings.limit_hours``, and all of them are raised at once (``FLOW-01``, 422).
What is allowed but makes no sense yet (a stage without people) is for the publish checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.bpmn.chain import Chain, ChainNode, ChainService, ChainStage
from workflows.bpmn.codec_input import BOOLEANS, ChainReader
from workflows.bpmn.conditions import AllOf, Comparison, Condition
from workflows.bpmn.ladder import ladder_to_json
from workflows.bpmn.model import (
    AssigneeRule,
    Element,
    StageAction,
    StageSettings,
)
from workflows.kinds import Fact

# -- out ---------------------------------------------------------------------------------


def chain_to_json(chain: Chain) -> dict[str, Any]:
    return {
        "process_id": chain.process_id,
        "name": chain.name,
        "name_en": chain.name_en,
        "start": _names_to_json(chain.start),
        "end": _names_to_json(chain.end),
        "nodes": [node_to_json(node) for node in chain.nodes],
    }


def node_to_json(node: ChainNode) -> dict[str, Any]:
    condition = None if node.condition is None else condition_to_json(node.condition)
    names = {**_names_to_json(node), "condition": condition}
    if isinstance(node, ChainStage):
        return {"type": "stage", **names, "settings": settings_to_json(node.settings)}
    if isinstance(node, ChainService):
        return {"type": "service", **names, "handler": node.handler}
    return {"type": "copy", **names, "assignees": [rule_to_json(r) for r in node.assignees]}


def settings_to_json(settings: StageSettings) -> dict[str, Any]:
    """Decimals and shares become text: JSON numbers are floats to many readers."""
    hours = settings.limit_hours
    return {
        "assignees": [rule_to_json(rule) for rule in settings.assignees],
        "decide": settings.decide.value,
        "vote": {
            "quorum": str(settings.vote.quorum),
            "pass_ratio": str(settings.vote.pass_ratio),
            "is_secret": settings.vote.is_secret,
        },
        "duty_line": str(settings.duty_line),
        "actions": [action.value for action in StageAction if action in settings.actions],
        **{name: getattr(settings, name) for name in BOOLEANS},
        "reason_length": settings.reason_length,
        "reject_reason_length": settings.reject_reason_length,
        "limit_hours": None if hours is None else f"{hours:f}",
        "ladder": ladder_to_json(settings.ladder),
        "authority_level": settings.authority_level,
        "term_fields": list(settings.term_fields),
        "hidden_fields": list(settings.hidden_fields),
        "editable_fields": list(settings.editable_fields),
        "on_empty": settings.on_empty.value,
        "empty_person": settings.empty_person,
        "on_handler": settings.on_handler.value,
        "on_same_person": settings.on_same_person.value,
    }


def rule_to_json(rule: AssigneeRule) -> dict[str, Any]:
    return {
        "kind": rule.kind.value,
        "people": list(rule.people),
        "role": rule.role,
        "reach": rule.reach.value,
        "level": rule.level,
        "field": rule.field,
        "weight": rule.weight,
        "has_veto": rule.has_veto,
    }


def condition_to_json(condition: Condition) -> dict[str, Any]:
    """``{"all": […]}``, ``{"any": […]}`` or ``{"fact", "operator", "value"}``."""
    if isinstance(condition, Comparison):
        return {
            "fact": condition.fact,
            "operator": condition.operator.value,
            "value": _value_to_json(condition.value),
        }
    key = "all" if isinstance(condition, AllOf) else "any"
    return {key: [condition_to_json(item) for item in condition.items]}


def _value_to_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value_to_json(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _names_to_json(named: Element | ChainNode) -> dict[str, Any]:
    return {"id": named.id, "name": named.name, "name_en": named.name_en}


# -- in ----------------------------------------------------------------------------------


def chain_from_json(data: Any, *, facts: Sequence[Fact]) -> Chain:
    """Raises ``DomainError`` (several at once) with the field of each mistake."""
    reader = ChainReader(facts)
    chain = reader.chain(data)
    reader.json.finish()
    return chain


def settings_from_json(data: Any) -> StageSettings:
    reader = ChainReader(())
    settings = reader.settings(data, "")
    reader.json.finish()
    return settings


def condition_from_json(data: Any, *, facts: Sequence[Fact]) -> Condition:
    """A group of one becomes its item."""
    reader = ChainReader(facts)
    condition = reader.condition(data, "", 0)
    reader.json.finish()
    return condition
