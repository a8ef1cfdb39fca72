"""What the pages of a session send; the rules on it are the services'."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from riskcommittee.choices import Mode, Opinion
from riskcommittee.selectors import (
    BallotRow,
    Proceedings,
    observers_for,
    seated,
    secretaries,
)
from staff.models import Employee
from workflows.kinds import TermField
from workflows.models import Case, Stage

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeopleField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": _("Choose people from the list."),
        "invalid_pk_value": _("Choose people from the list."),
        "invalid_list": _("Choose people from the list."),
    }

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class PersonField(forms.ModelChoiceField):
    default_error_messages = {"invalid_choice": _("Choose a person from the list.")}

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ConveneForm(forms.Form):
    """召集: the people on offer are those whom the engine has asked for a vote."""

    held_on = forms.DateField(label=_("Session date"), widget=_DATE)
    mode = forms.ChoiceField(label=_("Mode"), choices=Mode.choices)
    place = forms.CharField(label=_("Place"), max_length=100)
    chair = PersonField(label=_("Chair"), queryset=Employee.objects.none(), empty_label=None)
    members = PeopleField(
        label=_("Committee members"),
        queryset=Employee.objects.none(),
        help_text=_("With the chair an odd number, at least three."),
    )
    recused = PeopleField(
        label=_("Recused"),
        queryset=Employee.objects.none(),
        required=False,
        help_text=_("Members who are related to the customer; they have no vote."),
    )
    secretary = PersonField(
        label=_("Secretary"), queryset=Employee.objects.none(), empty_label=None
    )
    observers = PeopleField(
        label=_("Observers"),
        queryset=Employee.objects.none(),
        required=False,
        help_text=_("They attend without a vote."),
    )
    risk_report = forms.FileField(label=_("Risk review report"), max_length=255)

    def __init__(self, *args: Any, case: Case, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = seated(stage)
        chairs = [item.assignee_id for item in items if item.has_veto]
        members = [item.assignee_id for item in items if not item.has_veto]
        people = Employee.objects.order_by("employee_no")
        self._offer("chair", people.filter(pk__in=chairs))
        self._offer("members", people.filter(pk__in=members))
        self._offer("recused", people.filter(pk__in=members))
        self._offer("secretary", secretaries())
        self._offer("observers", observers_for(case))

    def _offer(self, name: str, people: Any) -> None:
        self.fields[name].queryset = people  # type: ignore[attr-defined]


class AttendanceForm(forms.Form):
    """缺席: those of the members who have not voted and may stay away."""

    absent = PeopleField(label=_("Absent"), queryset=Employee.objects.none(), required=False)

    def __init__(self, *args: Any, rows: Sequence[BallotRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [row.seat.employee_id for row in rows if not row.has_voted]
        self.fields["absent"].queryset = (  # type: ignore[attr-defined]
            Employee.objects.filter(pk__in=people).order_by("employee_no")
        )


class CloseForm(forms.Form):
    minutes = forms.FileField(label=_("Session minutes"), max_length=255)


class VoteForm(forms.Form):
    """表决: four opinions, a reason, and the terms that the document's kind lets be proposed."""

    opinion = forms.ChoiceField(
        label=_("Opinion of the vote"), choices=Opinion.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason for the vote"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give a reason for the vote.")},
    )
    conditions = forms.CharField(
        label=_("Conditions"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line; for an approval with conditions."),
    )
    idempotency_key = forms.CharField(
        max_length=80, required=False, widget=forms.HiddenInput, initial=lambda: str(uuid.uuid4())
    )

    def __init__(self, *args: Any, found: Proceedings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = list(found.terms)
        for term in self.terms:
            self.fields[_name(term)] = forms.CharField(
                label=term.label,
                required=False,
                max_length=40,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )

    @property
    def term_fields(self) -> list[forms.BoundField]:
        return [self[_name(term)] for term in self.terms]

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of ``cast_vote``."""
        data = self.cleaned_data
        return {
            "opinion": Opinion(data["opinion"]),
            "reason": data["reason"],
            "conditions": data["conditions"].splitlines(),
            "terms": {term.name: data[_name(term)].strip() for term in self.terms},
            "idempotency_key": data["idempotency_key"] or None,
        }


def _name(term: TermField) -> str:
    return f"term_{term.name}"
