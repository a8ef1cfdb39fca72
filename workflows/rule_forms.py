"""The row of a node's form that answers 'who decides'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.models import Employee, Role
from workflows.bpmn.model import AssigneeKind, AssigneeRule, RoleReach

_RULES = [
    (AssigneeKind.ROLE.value, _("Holders of a role")),
    (AssigneeKind.PEOPLE.value, _("Named people")),
    (AssigneeKind.SUPERIOR.value, _("The handler's superior at a level")),
    (AssigneeKind.SUPERIOR_CHAIN.value, _("All superiors up to a level")),
]
_REACHES = [
    (RoleReach.BRANCH.value, _("of the document's branch")),
    (RoleReach.DEPARTMENT.value, _("of the document's department")),
    (RoleReach.HEAD_OFFICE.value, _("at head office")),
    (RoleReach.ANYWHERE.value, _("anywhere")),
]


class RuleForm(forms.Form):
    """One answer to 'who decides'."""

    kind = forms.ChoiceField(label=_("Who"), choices=_RULES)
    role = forms.ModelChoiceField(
        label=_("Role"), queryset=Role.objects.all(), to_field_name="code", required=False
    )
    reach = forms.ChoiceField(label=_("Where"), choices=_REACHES, required=False)
    people = forms.ModelMultipleChoiceField(
        label=_("People"), queryset=Employee.objects.active(), required=False
    )
    level = forms.IntegerField(label=_("Level"), min_value=1, max_value=8, required=False)
    weight = forms.IntegerField(label=_("Votes"), min_value=1, max_value=100, required=False)
    has_veto = forms.BooleanField(label=_("Veto"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == AssigneeKind.ROLE.value and not data.get("role"):
            self.add_error("role", _("Choose the role."))
        if data.get("kind") == AssigneeKind.PEOPLE.value and not data.get("people"):
            self.add_error("people", _("Choose at least one person."))
        return data

    def rule(self) -> AssigneeRule:
        data = self.cleaned_data
        kind = AssigneeKind(data["kind"])
        return AssigneeRule(
            kind,
            people=tuple(p.pk for p in data["people"]) if kind == AssigneeKind.PEOPLE else (),
            role=data["role"].code if kind == AssigneeKind.ROLE else "",
            reach=RoleReach(data["reach"] or RoleReach.BRANCH.value),
            level=data["level"] or 1,
            weight=data["weight"] or 1,
            has_veto=data["has_veto"],
        )
