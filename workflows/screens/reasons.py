"""'Why me': the rule, scope and replacement behind a work item, as one sentence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from staff.choices import RoleCode
from workflows.bpmn.model import RoleReach
from workflows.models import WorkItem

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


def why_me(item: WorkItem) -> str:
    """The sentence in the reader's language; built from what was stored when he was asked."""
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
    return " ".join(part for part in parts if part)


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


def _by_rule(reason: dict[str, Any]) -> str:
    if reason.get("because") in ("handler", "decided", "empty", "overdue"):
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


def role_title(code: str) -> str:
    """The role's usual title; a role of the lender's own keeps its code."""
    return str(RoleCode(code).label) if code in RoleCode.values else code
