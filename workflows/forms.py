"""What people send with an act; rules on the words are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from staff.models import Employee
from workflows import asking_errors
from workflows.choices import TO_HANDLER, PhraseAct
from workflows.services.phrases import PHRASE_LENGTH


class ActForm(forms.Form):
    """Carried by every act: the version that was seen, and a key against double clicks."""

    seen_version = forms.IntegerField(min_value=0, max_value=2**31, required=False)
    idempotency_key = forms.CharField(max_length=80, required=False)

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the service."""
        data = {name: self.cleaned_data[name] for name in self.cleaned_data}
        data["idempotency_key"] = data["idempotency_key"] or None
        return data


class OpinionForm(ActForm):
    opinion = forms.CharField(required=False, strip=False)


def read_version(data: QueryDict) -> int | None:
    """The version that the page had shown, sent as ``seen_version``; None for anything else."""
    seen = data.get("seen_version", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None


def read_choices(data: QueryDict) -> dict[str, list[int]]:
    """The people who were chosen for stages, sent as ``choose_<node>``, as employee ids."""
    chosen: dict[str, list[int]] = {}
    for key in data:
        if key.startswith("choose_"):
            values = [value for value in data.getlist(key) if value]
            if not all(v.isascii() and v.isdecimal() and len(v) < 19 for v in values):
                raise asking_errors.bad_choice(key[7:67], key[7:67])
            if values:
                chosen[key.removeprefix("choose_")] = [int(value) for value in values]
    return chosen


class ApproveForm(OpinionForm):
    """Approval with the terms that the stage lets the approver set (``term_<name>``).

    ``choose_<node>`` are the people of the next stage, where the approver chooses them.
    """

    def arguments(self) -> dict[str, Any]:
        terms = {
            key.removeprefix("term_"): str(value).strip()
            for key, value in self.data.items()
            if key.startswith("term_")
        }
        chosen = read_choices(self.data) if isinstance(self.data, QueryDict) else {}
        return {**super().arguments(), "terms": terms, "choices": chosen}


class ConditionsForm(ApproveForm):
    conditions = forms.CharField(required=False, strip=False)

    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        return {**found, "conditions": found["conditions"].splitlines()}


class CorrectForm(ActForm):
    """The corrected fields, each as ``field_<name>``."""

    def arguments(self) -> dict[str, Any]:
        values = {
            key.removeprefix("field_"): str(value)
            for key, value in self.data.items()
            if key.startswith("field_")
        }
        return {**super().arguments(), "values": values}


class ReturnForm(OpinionForm):
    target = forms.CharField(max_length=100, required=False)
    resumes_directly = forms.BooleanField(required=False)

    def clean_target(self) -> str:
        return self.cleaned_data["target"] or TO_HANDLER


class ReasonForm(ActForm):
    reason = forms.CharField(required=False, strip=False)


class PersonField(forms.ModelChoiceField):
    default_error_messages = {"invalid_choice": _("Choose a person from the list.")}


class RecipientForm(ReasonForm):
    recipient = PersonField(
        queryset=Employee.objects.all(), error_messages={"required": _("Choose a person.")}
    )


class MaterialForm(ActForm):
    text = forms.CharField(required=False, strip=False)
    pauses_clock = forms.BooleanField(required=False)


class PeopleField(forms.ModelMultipleChoiceField):
    default_error_messages = {"invalid_choice": _("Choose a person from the list.")}


class RemoveSignersForm(ReasonForm):
    people = PeopleField(queryset=Employee.objects.all(), required=False)

    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        return {**found, "people": list(found["people"])}


class AddSignersForm(RemoveSignersForm):
    position = forms.CharField(max_length=8, required=False)


class CopyForm(ActForm):
    recipients = PeopleField(queryset=Employee.objects.all(), required=False)

    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        found.pop("seen_version")
        return {**found, "recipients": list(found["recipients"])}


class CommentForm(ActForm):
    text = forms.CharField(required=False, strip=False)
    mentioned = PeopleField(queryset=Employee.objects.all(), required=False)

    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        found.pop("seen_version")
        return {**found, "mentioned": list(found["mentioned"])}


class UrgeForm(ActForm):
    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        found.pop("seen_version")
        return found


class ReassignForm(RecipientForm):
    stage = forms.IntegerField(min_value=1, max_value=2**62)

    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        found["stage_id"] = found.pop("stage")
        return found


class JumpForm(ReasonForm):
    target = forms.CharField(max_length=100, required=False)


class SavedFilterForm(forms.Form):
    name = forms.CharField(max_length=40, label=_("Name"))
    query = forms.CharField(max_length=500, required=False)


class WordsForm(forms.Form):
    text = forms.CharField(max_length=PHRASE_LENGTH, label=_("Phrase"))


class PhraseForm(WordsForm):
    act = forms.ChoiceField(choices=PhraseAct.choices, label=_("Act"))

    field_order = ("act", "text")
