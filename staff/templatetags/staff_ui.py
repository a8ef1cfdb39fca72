"""``{% load staff_ui %}``: what the organisation's pages say in their own way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lending_crm.common.identity import mask_phone
from lending_crm.common.models import ChangeRecord
from staff.handing import delegable_kinds
from staff.models import Delegation
from staff.rules import keeps_organisation

register = template.Library()

#: change-log fields that are no model field
_LABELS = {"roles": gettext_lazy("roles"), "api_token": gettext_lazy("API token")}
_MODELS = {
    "staff.branch": gettext_lazy("branch"),
    "staff.delegation": gettext_lazy("delegation"),
    "staff.department": gettext_lazy("department"),
    "staff.employee": gettext_lazy("employee"),
    "staff.role": gettext_lazy("role"),
    "staff.holidayoverride": gettext_lazy("calendar exception"),
}


@register.filter
def change_label(record: ChangeRecord) -> str:
    return str(_LABELS.get(record.field, record.label))


@register.filter
def change_model(record: ChangeRecord) -> str:
    return str(_MODELS.get(record.model, record.model))


@register.filter
def masked_phone(phone: str) -> str:
    return mask_phone(phone) if phone else ""


@register.filter
def place_of(assignment: Any) -> str:
    """Where a role holds: department, branch or the whole company."""
    if assignment.department_id:
        return f"{assignment.branch} · {assignment.department}"
    return str(assignment.branch) if assignment.branch_id else _("whole company")


@register.filter
def delegated_kind(row: Delegation) -> str:
    """The kind of documents that a delegation is limited to."""
    if not row.document_kind:
        return _("all documents")
    return str(delegable_kinds().get(row.document_kind, row.document_kind))


@register.filter
def state_at(row: Delegation, now: datetime) -> str:
    return row.state(now)


@register.simple_tag(takes_context=True)
def organisation_tabs(context: Context) -> list[dict[str, Any]]:
    """The pages of the organisation that this reader may open, the current one marked."""
    request = context["request"]
    here = request.resolver_match.url_name if request.resolver_match else ""
    pages = [
        ("people", _("People"), {"people", "person", "role_assign", "handover"}),
        ("branches", _("Branches and departments"), {"branches"}),
        ("roles", _("Roles"), {"roles"}),
        ("calendar", _("Working calendar"), {"calendar", "calendar_set"}),
    ]
    if keeps_organisation(request.user):
        pages.append(("changes", _("Change log"), {"changes"}))
    return [
        {"label": label, "url": reverse(f"staff:{name}"), "is_current": here in names}
        for name, label, names in pages
    ]
