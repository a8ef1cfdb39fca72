"""A stage's settings in ``extensionElements`` and back.

Every setting is written, also where it equals today's default: a published version must
mean the same after a default has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lxml import etree

from workflows.bpmn.ladder import DEFAULT_LADDER, Rung, read_ladder, write_ladder
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    StageAction,
    StageSettings,
    VoteSettings,
)
from workflows.bpmn.namespaces import lending

#: Longer lists of people are a mistake or an attack; a role is meant for them.
PEOPLE_AT_MOST = 500
NUMBER_AT_MOST = 10**9


class BadSetting(ValueError):
    """A value of our extension that cannot be read."""

    def __init__(self, name: str, value: str, sentence: str | Promise | None = None) -> None:
        super().__init__(name)
        self.sentence = sentence or _(
            "The setting “%(setting)s” of “%(element)s” cannot be “%(value)s”."
        )
        self.params = {"setting": name, "value": value[:60]}


def _bool(text: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise ValueError(text)
    return text in ("true", "1")


def _int(text: str) -> int:
    if not text.isascii() or len(text) > 20:
        raise ValueError(text)
    number = int(text)
    if not -NUMBER_AT_MOST <= number <= NUMBER_AT_MOST:
        raise ValueError(text)
    return number


def _id(text: str) -> int:
    if not text.isascii() or len(text) > 20:
        raise ValueError(text)
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError(text)
    return number


def _hours(text: str) -> Decimal:
    if len(text) > 12:
        raise ValueError(text)
    number = Decimal(text)
    if not number.is_finite() or abs(number) > NUMBER_AT_MOST:
        raise ValueError(text)
    return number


def _ratio(text: str) -> Fraction:
    if len(text) > 40 or "e" in text.lower():
        raise ValueError(text)
    return Fraction(text)


def _people(text: str) -> tuple[int, ...]:
    found = tuple(_id(each) for each in text.split())
    if len(found) > PEOPLE_AT_MOST:
        raise ValueError(text)
    return found


def _text(text: str) -> str:
    return text


def _spell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return " ".join(str(each) for each in value)
    return str(value)


Read = Callable[[str], Any]

#: field -> (attribute, how it is read); a missing attribute of an optional field means None
_STAGE: Mapping[str, tuple[str, Read]] = {
    "decide": ("decide", DecideMode),
    "duty_line": ("dutyLine", _text),
    "claim_required": ("claimRequired", _bool),
    "opinion_required": ("opinionRequired", _bool),
    "reason_length": ("reasonLength", _int),
    "reject_reason_length": ("rejectReasonLength", _int),
    "attachment_required": ("attachmentRequired", _bool),
    "signature_required": ("signatureRequired", _bool),
    "limit_hours": ("limitHours", _hours),
    "authority_level": ("authorityLevel", _int),
    "on_empty": ("onEmpty", OnEmpty),
    "empty_person": ("emptyPerson", _id),
    "on_handler": ("onHandler", OnHandler),
    "on_same_person": ("onSamePerson", OnSamePerson),
}
_OPTIONAL = ("limit_hours", "authority_level", "empty_person")
_VOTE: Mapping[str, tuple[str, Read]] = {
    "quorum": ("quorum", _ratio),
    "pass_ratio": ("passRatio", _ratio),
    "is_secret": ("secret", _bool),
}
_RULE: Mapping[str, tuple[str, Read]] = {
    "kind": ("kind", AssigneeKind),
    "people": ("people", _people),
    "role": ("role", _text),
    "reach": ("reach", RoleReach),
    "level": ("level", _int),
    "field": ("field", _text),
    "weight": ("weight", _int),
    "has_veto": ("veto", _bool),
}


def write_stage(parent: etree._Element, settings: StageSettings) -> None:
    node = etree.SubElement(parent, lending("stage"))
    _write_attributes(node, settings, _STAGE)
    write_assignees(node, settings.assignees)
    _write_attributes(etree.SubElement(node, lending("vote")), settings.vote, _VOTE)
    for action in StageAction:
        if action in settings.actions:
            etree.SubElement(node, lending("action")).set("name", action.value)
    for name in settings.term_fields:
        etree.SubElement(node, lending("termField")).set("name", name)
    for name in settings.hidden_fields:
        etree.SubElement(node, lending("hiddenField")).set("name", name)
    for name in settings.editable_fields:
        etree.SubElement(node, lending("editableField")).set("name", name)
    write_ladder(node, settings.ladder)


def read_stage(node: etree._Element) -> StageSettings:
    """Raises ``BadSetting`` for anything that is not ours."""
    values = _read_attributes(node, _STAGE)
    for name in _OPTIONAL:
        values.setdefault(name, None)
    vote = VoteSettings()
    ladder: tuple[Rung, ...] = DEFAULT_LADDER
    actions: set[StageAction] = set()
    lists: dict[str, list[str]] = {"termField": [], "hiddenField": [], "editableField": []}
    for child in node:
        name = etree.QName(child).localname
        if child.tag == lending("vote"):
            vote = VoteSettings(**_read_attributes(child, _VOTE))
        elif child.tag == lending("action"):
            actions.add(_read_one("action", child.get("name", ""), StageAction))
        elif child.tag == lending("ladder"):
            ladder = _read_ladder(child)
        elif name in lists and child.tag == lending(name):
            lists[name].append(child.get("name", ""))
        elif child.tag != lending("assignee"):
            raise BadSetting("stage", name)
    return StageSettings(
        **values,
        assignees=read_assignees(node),
        vote=vote,
        ladder=ladder,
        actions=frozenset(actions),
        term_fields=tuple(lists["termField"]),
        hidden_fields=tuple(lists["hiddenField"]),
        editable_fields=tuple(lists["editableField"]),
    )


def _read_ladder(node: etree._Element) -> tuple[Rung, ...]:
    try:
        return read_ladder(node)
    except ValueError as error:
        raise BadSetting("ladder", str(error)) from None


def write_assignees(parent: etree._Element, rules: tuple[AssigneeRule, ...]) -> None:
    for rule in rules:
        _write_attributes(etree.SubElement(parent, lending("assignee")), rule, _RULE)


def read_assignees(parent: etree._Element) -> tuple[AssigneeRule, ...]:
    rules = []
    for node in parent.findall(lending("assignee")):
        values = _read_attributes(node, _RULE)
        if "kind" not in values:
            raise BadSetting("kind", "")
        rules.append(AssigneeRule(**values))
    return tuple(rules)


def _write_attributes(
    node: etree._Element, value: Any, fields: Mapping[str, tuple[str, Read]]
) -> None:
    for name, (attribute, _read) in fields.items():
        held = getattr(value, name)
        if held is not None:
            node.set(attribute, _spell(held))


def _read_attributes(
    node: etree._Element, fields: Mapping[str, tuple[str, Read]]
) -> dict[str, Any]:
    by_attribute = {attribute: (name, read) for name, (attribute, read) in fields.items()}
    values: dict[str, Any] = {}
    for attribute, text in node.attrib.items():
        if attribute not in by_attribute:
            raise BadSetting(str(attribute), str(text))
        name, read = by_attribute[str(attribute)]
        values[name] = _read_one(str(attribute), str(text), read)
    return values


def _read_one(name: str, text: str, read: Read) -> Any:
    try:
        return read(text)
    except (ValueError, InvalidOperation, ZeroDivisionError):
        raise BadSetting(name, text) from None
