"""'Why me': the rule, scope and replacement behind a work item, as one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from staff.choices import RoleCode
from staff.models import Employee
from workflows.access import holds_pool, is_of_pool
from workflows.bpmn.model import Definition, RoleReach
from workflows.bpmn.words import why_skipped
from workflows.choices import CaseState, ItemState
from workflows.conflicts import has_handled
from workflows.kinds import kind_for
from workflows.models import Case, WorkItem

_REACHES = {
    RoleReach.HEAD_OFFICE.value: lambda: pgettext("why me", "at head office"),
    RoleReach.BRANCH.value: lambda: _("in the branch of the document"),
    RoleReach.DEPARTMENT.value: lambda: _("in the department of the document"),
    RoleReach.ANYWHERE.value: lambda: "",
}


_ASKED = {
    "BEFORE": lambda: _("%(name)s asked you to sign before him."),
    "BESIDE": lambda: _("%(name)s asked you to sign as well."),
    "AFTER": lambda: _("%(name)s asked you to sign after him."),
    "DELEGATE": lambda: _("%(name)s asks for your answer; he decides himself."),
}


def why_me(item: WorkItem, definition: Definition | None = None) -> str:
    """The sentence in the reader's language; built from what was stored when he was asked.

    With the case's ``definition`` also the condition (an amount band, for example) under which
    the route comes to this step at all.
    """
    reason = item.reason
    parts = _standing_in(reason) if "for" in reason else [_by_rule(reason)]
    because = reason.get("because")
    if because == "handler":
        parts.append(
            _("You decide instead of %(name)s, who handles this document.")
            % {"name": reason.get("instead_of", "")}
        )
    elif because == "decided":
        parts.append(
            _("You decide instead of %(name)s, who has decided in this round already.")
            % {"name": reason.get("instead_of", "")}
        )
    elif because == "recused":
        parts.append(
            _("You decide instead of %(name)s, who must abstain as a related party.")
            % {"name": reason.get("instead_of", "")}
        )
    elif because == "empty":
        parts.append(_("Nobody else could be found for this step."))
    elif because == "transfer":
        parts.append(_("%(name)s transferred it to you.") % {"name": reason.get("from", "")})
    elif because == "overdue":
        parts.append(
            _("It was overdue with %(name)s; you are asked as the superior.")
            % {"name": reason.get("from", "")}
        )
    elif because == "successor":
        parts.append(_("You follow %(name)s, who left it.") % {"name": reason.get("from", "")})
    elif because == "left":
        parts.append(
            _("You decide instead of %(name)s, who left it.") % {"name": reason.get("from", "")}
        )
    if item.has_veto:
        parts.append(_("You hold a veto."))
    if definition is not None and item.stage.node_id in definition.elements:
        facts = kind_for(item.case.document_kind).condition_facts
        condition = why_skipped(definition, item.stage.node_id, facts)
        if condition:
            parts.append(
                _("The step is part of the route %(condition)s.") % {"condition": condition}
            )
    return " ".join(part for part in parts if part)


def why_not_me(case: Case, items: Sequence[WorkItem], reader: Employee) -> str:
    """Why somebody who might expect to decide is not asked; empty when there is nothing to say."""
    if has_handled(case, reader.pk):
        return _("You submitted this document as its handler and do not decide on it.")
    if str(reader.pk) in case.recusals:
        return _("You are related to this case and must abstain (%(reason)s).") % {
            "reason": _(case.recusals[str(reader.pk)])
        }
    if case.state != CaseState.IN_APPROVAL or reader.pk in (case.handler_id, case.creator_id):
        return ""
    decided = {
        pk
        for item in items
        if item.round == case.round and item.state == ItemState.DECIDED
        for pk in (item.decided_by_id, item.on_behalf_of_id)
    }
    for item in items:
        if item.state != ItemState.OPEN or item.pool_role_id is None:
            continue
        if item.assignee is not None and item.assignee_id != reader.pk and holds_pool(item, reader):
            return _("%(name)s has claimed it.") % {"name": item.assignee.name}
        if reader.pk in decided and is_of_pool(item, reader):
            return _("You have decided on this document in this round already.")
    return ""


def _standing_in(reason: dict[str, Any]) -> list[str]:
    """A delegate is told for whom, until when, and why that person would have been asked."""
    until = timezone.localtime(datetime.fromisoformat(reason["until"]))
    parts = [
        _("You decide for %(name)s, who is away until %(until)s.")
        % {"name": reason["for"], "until": f"{until:%Y-%m-%d %H:%M}"}
    ]
    if reason.get("rule") == "ROLE":
        parts.append(
            _("%(name)s holds the role %(role)s %(reach)s.")
            % {
                "name": reason["for"],
                "role": role_title(reason["role"]),
                "reach": _REACHES[reason["reach"]](),
            }
        )
    return parts


#: he is asked for another reason than the rule of the step, which may not fit him
_OTHERWISE = ("empty", "overdue", "transfer", "successor", "left")


def _by_rule(reason: dict[str, Any]) -> str:
    if reason.get("because") in _OTHERWISE or "instead_of" in reason:
        return ""
    match reason.get("rule"):
        case "ROLE":
            return _("You hold the role %(role)s %(reach)s.") % {
                "role": role_title(reason["role"]),
                "reach": _REACHES[reason["reach"]](),
            }
        case "PEOPLE":
            return _("You are named at this step.")
        case "SUPERIOR":
            return _("You are the handler's superior.")
        case "SUPERIOR_CHAIN":
            return _("You are in the handler's line of superiors.")
        case "PERSON_FIELD":
            return _("The document names you.")
        case "REASSIGNED":
            return _("The administrator %(name)s gave it to you.") % {"name": reason["from"]}
        case "ASKED":
            return _ASKED[reason["link"]]() % {"name": reason.get("from", "")}
        case "HANDLER":
            return _("You handle this document: correct it and submit it again.")
    return ""


def holder_words(item: WorkItem) -> str:
    """Who holds an item: a person, a pool, or nobody."""
    if item.assignee is not None:
        return item.assignee.name
    if item.state == ItemState.VACANT:
        return _("empty seat: %(seats)s") % {"seats": seat_words(item.reason)}
    return str(item.pool_role)


def seat_words(reason: Mapping[str, Any]) -> str:
    """Who has to sit in a seat that nobody holds, from the place that it stands for."""
    match reason.get("rule"):
        case "ROLE":
            reach = _REACHES[reason["reach"]]()
            return " ".join(part for part in (role_title(reason["role"]), reach) if part)
        case "PEOPLE" | "APPLICANT" | "PREVIOUS" if reason.get("name"):
            return str(reason["name"])
        case "APPLICANT":
            return _("chosen by the applicant")
        case "PREVIOUS":
            return _("chosen by the approver before")
        case "SUPERIOR" | "SUPERIOR_CHAIN":
            return _("the handler's superior at level %(level)s") % {
                "level": reason.get("at", reason.get("level", 1))
            }
        case "PERSON_FIELD":
            return _("the person whom the document names")
    return _("the seat that was given away")


def role_title(code: str) -> str:
    """The role's usual title; a role of the lender's own keeps its code."""
    return str(RoleCode(code).label) if code in RoleCode.values else code
