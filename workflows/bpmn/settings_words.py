"""Single settings of a stage by label and value, for comparisons of two versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext, pgettext_lazy

from workflows.bpmn.ladder import Rung, ladder_in_words
from workflows.bpmn.model import (
    AssigneeRule,
    DecideMode,
    EndKind,
    GatewayKind,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    StageAction,
)
from workflows.bpmn.stage_words import ACTION_WORDS, DECIDE_WORDS, Resolve, assignees_in_words
from workflows.service_tasks import title_of

_LABELS: Mapping[str, Promise] = {
    "name": gettext_lazy("Chinese title"),
    "name_en": gettext_lazy("English title"),
    "assignees": gettext_lazy("Who decides"),
    "decide": gettext_lazy("How they decide"),
    "quorum": gettext_lazy("Quorum (share of the members)"),
    "pass_ratio": gettext_lazy("Passes with (share of those present)"),
    "is_secret": gettext_lazy("Secret until one has voted"),
    "duty_line": gettext_lazy("Duty line"),
    "actions": gettext_lazy("Allowed actions"),
    "claim_required": gettext_lazy("Must be claimed first"),
    "opinion_required": gettext_lazy("An opinion is required"),
    "reason_length": gettext_lazy("Reason for a return (characters)"),
    "reject_reason_length": gettext_lazy("Reason for a rejection (characters)"),
    "attachment_required": gettext_lazy("An attachment is required"),
    "signature_required": gettext_lazy("A signature is required"),
    "limit_hours": gettext_lazy("Time limit (working hours)"),
    "authority_level": gettext_lazy("May finally approve up to authority level"),
    "term_fields": gettext_lazy("Terms the approver may set"),
    "hidden_fields": gettext_lazy("Hidden fields"),
    "editable_fields": gettext_lazy("Fields the approver may correct"),
    "on_empty": gettext_lazy("If nobody is found"),
    "empty_person": gettext_lazy("Named person"),
    "on_handler": gettext_lazy("If the handler is the approver"),
    "on_same_person": gettext_lazy("If the same person decided in this round"),
    "ladder": gettext_lazy("Reminders and escalation"),
    "handler": gettext_lazy("What the system does"),
    "kind": gettext_lazy("Kind"),
    "attached_to": gettext_lazy("Sits on"),
    "is_interrupting": gettext_lazy("Ends the step"),
    "duration": gettext_lazy("After"),
}
#: by type first: members of different enumerations with one value are equal
_VALUES: Mapping[type[StrEnum], Mapping[Any, Promise]] = {
    DecideMode: DECIDE_WORDS,
    StageAction: ACTION_WORDS,
    OnEmpty: {
        OnEmpty.STOP: gettext_lazy("Stop and tell the administrator"),
        OnEmpty.SUPERIOR: gettext_lazy("Go to the handler's superior"),
        OnEmpty.PERSON: gettext_lazy("Go to a named person"),
    },
    OnHandler: {
        OnHandler.SUPERIOR: gettext_lazy("Goes to his superior"),
        OnHandler.SKIP_IF_OTHERS: gettext_lazy("Others decide, if any remain"),
    },
    OnSamePerson: {
        OnSamePerson.NEXT_PERSON: gettext_lazy("Another holder or the next superior decides"),
        OnSamePerson.AUTO_PASS: gettext_lazy("Passes automatically, as the system's act"),
    },
    EndKind: {
        EndKind.APPROVED: pgettext_lazy("end of the route", "approved"),
        EndKind.REJECTED: pgettext_lazy("end of the route", "rejected"),
        EndKind.TERMINATED: pgettext_lazy("end of the route", "terminated"),
    },
    GatewayKind: {
        GatewayKind.EXCLUSIVE: pgettext_lazy("BPMN", "exclusive gateway"),
        GatewayKind.PARALLEL: pgettext_lazy("BPMN", "parallel gateway"),
        GatewayKind.INCLUSIVE: pgettext_lazy("BPMN", "inclusive gateway"),
    },
}


def changed_settings(
    before: Any, after: Any, resolve: Resolve, *, besides: Collection[str] = ()
) -> list[str]:
    """'Label: old → new' for every field in which two settings of one type differ.

    Settings within settings are taken apart; a field without a label goes by its own name.
    """
    found = []
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new or field.name in besides:
            continue
        if is_dataclass(old) and type(old) is type(new):
            found += changed_settings(old, new, resolve)
            continue
        shown = (_value(field.name, old, resolve), _value(field.name, new, resolve))
        if shown[0] == shown[1] and field.name == "assignees":
            found.append(gettext("Votes and vetoes of those who decide"))
            continue
        label = str(_LABELS.get(field.name, field.name))
        found.append(difference(label, *shown))
    return found


def difference(label: str, old: str, new: str) -> str:
    return gettext("%(label)s: %(old)s → %(new)s") % {"label": label, "old": old, "new": new}


def _value(name: str, value: Any, resolve: Resolve) -> str:
    if value is None or value in ("", (), frozenset()):
        return assignees_in_words(()) if name == "assignees" else "—"
    if name == "handler":
        return title_of(value)
    if isinstance(value, bool):
        return pgettext("value", "yes") if value else pgettext("value", "no")
    if isinstance(value, StrEnum):
        return str(_VALUES.get(type(value), {}).get(value, value.value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, frozenset):
        value = tuple(action for action in StageAction if action in value)
    if isinstance(value, tuple) and isinstance(value[0], AssigneeRule):
        return assignees_in_words(value, resolve)
    if isinstance(value, tuple) and isinstance(value[0], Rung):
        return " ".join(ladder_in_words(value))
    if isinstance(value, tuple):
        return pgettext("between values", ", ").join(_value("", each, resolve) for each in value)
    if name == "empty_person":
        return resolve("person", value)
    return str(value)
