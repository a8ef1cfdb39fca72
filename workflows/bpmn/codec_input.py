"""JSON of the list editor and the API read into lists, settings and conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from staff.choices import DutyLine
from workflows.bpmn.chain import Chain, ChainCopy, ChainNode, ChainService, ChainStage
from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Condition, Operator
from workflows.bpmn.fact_rules import LISTS, problems
from workflows.bpmn.json_input import JsonInput, field_path
from workflows.bpmn.ladder import ladder_from_json
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    EndEvent,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    StageAction,
    StageSettings,
    StartEvent,
    VoteSettings,
)
from workflows.kinds import Fact

NODES_AT_MOST = 100
NESTING_AT_MOST = 6
ITEMS_AT_MOST = 30
LIST_VALUES_AT_MOST = 200
MONEY_AT_MOST = Decimal("9999999999999999.99")
BIGINT = 2**63 - 1

_CHAIN_KEYS = ("process_id", "name", "name_en", "nodes", "start", "end")
_NAME_KEYS = ("id", "name", "name_en")
_NODE_KEYS = {
    "stage": (*_NAME_KEYS, "type", "condition", "settings"),
    "copy": (*_NAME_KEYS, "type", "condition", "assignees"),
    "service": (*_NAME_KEYS, "type", "condition", "handler"),
}
_RULE_KEYS = ("kind", "people", "role", "reach", "level", "field", "weight", "has_veto")
_VOTE_KEYS = ("quorum", "pass_ratio", "is_secret")
BOOLEANS = ("claim_required", "opinion_required", "attachment_required", "signature_required")
_SETTING_KEYS = (
    "assignees",
    "decide",
    "vote",
    "duty_line",
    "actions",
    *BOOLEANS,
    "reason_length",
    "reject_reason_length",
    "limit_hours",
    "ladder",
    "authority_level",
    "term_fields",
    "hidden_fields",
    "editable_fields",
    "on_empty",
    "empty_person",
    "on_handler",
    "on_same_person",
)


class ChainReader:
    """Reads one document; ``json`` holds what was wrong with it."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.json = JsonInput()
        self.facts = facts
        self.known = {fact.name: fact for fact in facts}

    def chain(self, data: Any) -> Chain:
        found = self.json.mapping(data, "", _CHAIN_KEYS)
        nodes = tuple(
            self.node(each, f"nodes.{index}")
            for index, each in enumerate(
                self.json.items(found.get("nodes", []), "nodes", NODES_AT_MOST)
            )
        )
        default = Chain("chain", "")
        chain = Chain(
            process_id=self.json.identifier(found.get("process_id"), "process_id"),
            name=self.json.text(found.get("name", ""), "name"),
            name_en=self.json.text(found.get("name_en", ""), "name_en"),
            nodes=nodes,
            start=StartEvent(**self._names(found["start"], "start", _NAME_KEYS))
            if "start" in found
            else default.start,
            end=EndEvent(**self._names(found["end"], "end", _NAME_KEYS))
            if "end" in found
            else default.end,
        )
        seen = {chain.process_id, chain.start.id, chain.end.id}
        for index, node in enumerate(nodes):
            if node.id in seen and node.id:
                self.json.refuse(
                    f"nodes.{index}.id", _("The id “%(id)s” is used twice."), id=node.id
                )
            seen.add(node.id)
        return chain

    def _names(self, data: Any, path: str, keys: Sequence[str]) -> dict[str, Any]:
        found = self.json.mapping(data, path, keys)
        return {
            "id": self.json.identifier(found.get("id"), field_path(path, "id")),
            "name": self.json.text(found.get("name", ""), field_path(path, "name")),
            "name_en": self.json.text(found.get("name_en", ""), field_path(path, "name_en")),
        }

    def node(self, data: Any, path: str) -> ChainNode:
        if not isinstance(data, Mapping):
            self.json.mapping(data, path, ())
            return ChainStage("")
        found, kind = data, data.get("type")
        if kind not in _NODE_KEYS:
            self.json.refuse(field_path(path, "type"), _("This is not one of the choices."))
            kind = "stage"
        names = self._names(data, path, _NODE_KEYS[kind])
        condition = None
        if found.get("condition") is not None:
            condition = self.condition(found["condition"], field_path(path, "condition"), 0)
        if kind == "copy":
            rules = self.rules(found.get("assignees", []), field_path(path, "assignees"))
            return ChainCopy(**names, assignees=rules, condition=condition)
        if kind == "service":
            handler = self.json.text(found.get("handler", ""), field_path(path, "handler"))
            return ChainService(**names, handler=handler, condition=condition)
        settings = self.settings(found.get("settings", {}), field_path(path, "settings"))
        return ChainStage(**names, settings=settings, condition=condition)

    def settings(self, data: Any, path: str) -> StageSettings:
        """A setting that is missing has its default; null means none where there may be none."""
        json = self.json
        found = json.mapping(data, path, _SETTING_KEYS)
        default = StageSettings()

        def at(name: str) -> str:
            return field_path(path, name)

        def get(name: str) -> Any:
            return found.get(name, getattr(default, name))

        values: dict[str, Any] = {name: json.boolean(get(name), at(name)) for name in BOOLEANS}
        for name in ("reason_length", "reject_reason_length"):
            values[name] = json.integer(get(name), at(name), 0, 2000)
        hours = found.get("limit_hours", "8")
        values["limit_hours"] = (
            None
            if hours in (None, "")
            else json.decimal(hours, at("limit_hours"), places=2, high=Decimal(10_000))
        )
        for name, low, high in (("authority_level", 1, 100), ("empty_person", 1, BIGINT)):
            held = found.get(name)
            values[name] = None if held in (None, "") else json.integer(held, at(name), low, high)
        for name in ("term_fields", "hidden_fields", "editable_fields"):
            entries = json.items(found.get(name, []), at(name), 100)
            values[name] = tuple(
                json.identifier(each, f"{at(name)}.{index}") for index, each in enumerate(entries)
            )
        actions = json.items(found.get("actions", list(default.actions)), at("actions"), 20)
        values["actions"] = frozenset(
            json.choice(each, f"{at('actions')}.{index}", StageAction, StageAction.APPROVE)
            for index, each in enumerate(actions)
        )
        duty_line = found.get("duty_line", default.duty_line)
        if duty_line not in DutyLine.values:
            json.refuse(at("duty_line"), _("This is not one of the choices."))
            duty_line = default.duty_line
        return StageSettings(
            **values,
            duty_line=str(duty_line),
            assignees=self.rules(found.get("assignees", []), at("assignees")),
            vote=self.vote(found.get("vote", {}), at("vote")),
            ladder=ladder_from_json(json, found["ladder"], at("ladder"))
            if "ladder" in found
            else default.ladder,
            decide=json.choice(get("decide"), at("decide"), DecideMode, DecideMode.ANY),
            on_empty=json.choice(get("on_empty"), at("on_empty"), OnEmpty, OnEmpty.STOP),
            on_handler=json.choice(
                get("on_handler"), at("on_handler"), OnHandler, OnHandler.SUPERIOR
            ),
            on_same_person=json.choice(
                get("on_same_person"),
                at("on_same_person"),
                OnSamePerson,
                OnSamePerson.NEXT_PERSON,
            ),
        )

    def vote(self, data: Any, path: str) -> VoteSettings:
        found = self.json.mapping(data, path, _VOTE_KEYS)
        return VoteSettings(
            quorum=self.json.share(found.get("quorum", "2/3"), field_path(path, "quorum")),
            pass_ratio=self.json.share(
                found.get("pass_ratio", "2/3"), field_path(path, "pass_ratio")
            ),
            is_secret=self.json.boolean(
                found.get("is_secret", True), field_path(path, "is_secret")
            ),
        )

    def rules(self, data: Any, path: str) -> tuple[AssigneeRule, ...]:
        entries = self.json.items(data, path, 30)
        return tuple(self.rule(each, f"{path}.{index}") for index, each in enumerate(entries))

    def rule(self, data: Any, path: str) -> AssigneeRule:
        json = self.json
        found = json.mapping(data, path, _RULE_KEYS)
        if not isinstance(data, Mapping):
            return AssigneeRule(AssigneeKind.PEOPLE)

        def at(name: str) -> str:
            return field_path(path, name)

        people = json.items(found.get("people", []), at("people"))
        return AssigneeRule(
            kind=json.choice(found.get("kind"), at("kind"), AssigneeKind, AssigneeKind.PEOPLE),
            people=tuple(
                json.integer(each, f"{at('people')}.{index}", 1, BIGINT)
                for index, each in enumerate(people)
            ),
            role=json.text(found.get("role", ""), at("role"), 40),
            reach=json.choice(
                found.get("reach", RoleReach.BRANCH), at("reach"), RoleReach, RoleReach.BRANCH
            ),
            level=json.integer(found.get("level", 1), at("level"), 1, 10),
            field=json.text(found.get("field", ""), at("field"), 60),
            weight=json.integer(found.get("weight", 1), at("weight"), 0, 1000),
            has_veto=json.boolean(found.get("has_veto", False), at("has_veto")),
        )

    # -- conditions ----------------------------------------------------------------------

    def condition(self, data: Any, path: str, depth: int) -> Condition:
        never = AnyOf(())
        if depth > NESTING_AT_MOST:
            self.json.refuse(path, _("The condition is nested too deeply."))
            return never
        if isinstance(data, Mapping) and ("all" in data or "any" in data):
            key = "all" if "all" in data else "any"
            found = self.json.mapping(data, path, (key,))
            at = field_path(path, key)
            entries = self.json.items(found[key], at, ITEMS_AT_MOST)
            if not entries:
                self.json.refuse(at, _("Add at least one comparison."))
            items = tuple(
                self.condition(each, f"{at}.{index}", depth + 1)
                for index, each in enumerate(entries)
            )
            if len(items) == 1:
                return items[0]
            return AllOf(items) if key == "all" else AnyOf(items)
        return self.comparison(data, path)

    def comparison(self, data: Any, path: str) -> Condition:
        found = self.json.mapping(data, path, ("fact", "operator", "value"))
        name = found.get("fact")
        fact = self.known.get(name) if isinstance(name, str) else None
        if fact is None:
            if found:
                self.json.refuse(field_path(path, "fact"), _("Choose a field from the list."))
            return AnyOf(())
        operator = self.json.choice(
            found.get("operator"), field_path(path, "operator"), Operator, Operator.EQ
        )
        before = len(self.json.errors)
        at = field_path(path, "value")
        held = found.get("value")
        value: Any
        if operator in LISTS:
            entries = self.json.items(held, at, LIST_VALUES_AT_MOST)
            value = tuple(
                self.value(each, f"{at}.{index}", fact) for index, each in enumerate(entries)
            )
        else:
            value = self.value(held, at, fact)
        comparison = Comparison(fact.name, operator, value)
        if len(self.json.errors) == before:
            for problem in problems(comparison, self.facts):
                field = "operator" if problem.code == "wrong-operator" else "value"
                self.json.refuse(field_path(path, field), problem.sentence, **problem.params)
        return comparison

    def value(self, data: Any, path: str, fact: Fact) -> Any:
        match fact.type:
            case "money":
                return self.json.decimal(data, path, places=2, high=MONEY_AT_MOST)
            case "number":
                return self.json.decimal(data, path, places=6, high=MONEY_AT_MOST)
            case "integer":
                return self.json.integer(data, path, -(10**12), 10**12)
            case "boolean":
                return self.json.boolean(data, path)
            case "date":
                return self._day(data, path)
        return self.json.text(data, path)

    def _day(self, data: Any, path: str) -> date:
        try:
            return date.fromisoformat(data)
        except (TypeError, ValueError):
            self.json.refuse(path, _("A date such as 2026-01-31 is expected here."))
            return date.min
