"""One answer to 'who decides' as a form: the rows of the list editor and of the designer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.models import Employee, Role
from workflows.bpmn.model import AssigneeKind, AssigneeRule, RoleReach
from workflows.kinds import DocumentKind

_RULES = [
    (AssigneeKind.ROLE.value, _("Holders of a role")),
    (AssigneeKind.PEOPLE.value, _("Named people")),
    (AssigneeKind.SUPERIOR.value, _("The handler's superior at a level")),
    (AssigneeKind.SUPERIOR_CHAIN.value, _("All superiors up to a level")),
    (AssigneeKind.COMMITTEE.value, _("The committee; its chair has a veto")),
    (AssigneeKind.PERSON_FIELD.value, _("A person whom the document names")),
    (AssigneeKind.APPLICANT.value, _("Chosen by the applicant")),
    (AssigneeKind.PREVIOUS.value, _("Chosen by the approver before")),
]
_REACHES = [
    (RoleReach.BRANCH.value, _("of the document's branch")),
    (RoleReach.DEPARTMENT.value, _("of the document's department")),
    (RoleReach.HEAD_OFFICE.value, _("at head office")),
    (RoleReach.ANYWHERE.value, _("anywhere")),
]
#: kinds that look for holders of a role; where people are chosen, naming one is optional
_WITH_ROLE = (AssigneeKind.ROLE, AssigneeKind.APPLICANT, AssigneeKind.PREVIOUS)


class RuleForm(forms.Form):
    """One row; what belongs to other kinds than the chosen one is not kept."""

    kind = forms.ChoiceField(label=_("Who"), choices=_RULES)
    role = forms.ModelChoiceField(
        label=_("Role"), queryset=Role.objects.all(), to_field_name="code", required=False
    )
    reach = forms.ChoiceField(label=_("Where"), choices=_REACHES, required=False)
    people = forms.ModelMultipleChoiceField(
        label=_("People"), queryset=Employee.objects.active(), required=False
    )
    level = forms.IntegerField(label=_("Level"), min_value=1, max_value=8, required=False)
    field = forms.ChoiceField(label=_("Field of the document"), required=False)
    weight = forms.IntegerField(label=_("Votes"), min_value=1, max_value=100, required=False)
    has_veto = forms.BooleanField(label=_("Veto"), required=False)

    def __init__(self, *args: Any, kind: DocumentKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = [("", "—"), *kind.person_fields]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind")
        if kind == AssigneeKind.ROLE.value and not data.get("role"):
            self.add_error("role", _("Choose the role."))
        if kind == AssigneeKind.PEOPLE.value and not data.get("people"):
            self.add_error("people", _("Choose at least one person."))
        if kind == AssigneeKind.PERSON_FIELD.value and not data.get("field"):
            self.add_error("field", _("Choose the field."))
        return data

    def rule(self) -> AssigneeRule:
        data = self.cleaned_data
        kind = AssigneeKind(data["kind"])
        return AssigneeRule(
            kind,
            people=tuple(p.pk for p in data["people"]) if kind == AssigneeKind.PEOPLE else (),
            role=data["role"].code if kind in _WITH_ROLE and data["role"] else "",
            reach=RoleReach(data["reach"] or RoleReach.BRANCH.value),
            level=data["level"] or 1,
            field=data["field"] if kind == AssigneeKind.PERSON_FIELD else "",
            weight=data["weight"] or 1,
            has_veto=data["has_veto"],
        )


RuleFormSet = forms.formset_factory(
    RuleForm, extra=0, can_delete=True, max_num=10, absolute_max=20, validate_max=True
)


def rule_initial(rule: AssigneeRule) -> dict[str, Any]:
    return {
        "kind": rule.kind.value,
        "role": rule.role,
        "reach": rule.reach.value,
        "people": list(rule.people),
        "level": rule.level,
        "field": rule.field,
        "weight": rule.weight,
        "has_veto": rule.has_veto,
    }
