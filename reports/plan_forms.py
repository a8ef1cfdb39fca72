"""What is typed for work plans; the rules are the services'."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import PickerField
from customers.models import Customer
from lending_crm.common.forms import field_of
from reports.choices import PlanType, TaskState
from reports.models import PlanComment, PlanTask, WorkPlan
from staff.forms.organisation import VersionedForm
from staff.models import Employee


class WorkPlanForm(forms.Form):
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    plan_type = forms.ChoiceField(label=_("Plan type"), choices=PlanType.choices)
    day = forms.DateField(
        label=_("A day of the period"),
        help_text=_("The plan covers the whole day, week (Monday to Sunday) or month."),
    )
    goals = field_of(WorkPlan, "goals", required=False)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("plan_type", "day", "goals")}


class GoalsForm(VersionedForm):
    goals = field_of(WorkPlan, "goals", required=False)


class TaskForm(forms.Form):
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    content = field_of(PlanTask, "content", required=True)
    due_on = field_of(PlanTask, "due_on", required=False)
    is_visit = field_of(PlanTask, "is_visit", required=False)

    def __init__(self, *args: Any, plan: WorkPlan, user: Employee, **kwargs: Any) -> None:
        # The form of comments stands on the same page.
        usual = {"initial": {"creation_key": uuid.uuid4()}, "auto_id": "task_%s"}
        super().__init__(*args, **{**usual, **kwargs})
        seen: Any = Customer.objects.visible_to(plan.author)
        self.fields["customer"] = PickerField(
            seen.visible_to(user).order_by("name"),
            source="visible",
            label=_("Customer"),
            required=False,
        )

    @property
    def values(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data[name] for name in self.cleaned_data if name != "creation_key"
        }


class FinishForm(forms.Form):
    """办结: done, or why not; place and picture of a visit are optional."""

    state = forms.ChoiceField(
        label=_("What became of it"),
        choices=[
            (TaskState.DONE.value, TaskState.DONE.label),
            (TaskState.NOT_DONE.value, TaskState.NOT_DONE.label),
        ],
        widget=forms.RadioSelect,
        initial=TaskState.DONE.value,
    )
    outcome = field_of(PlanTask, "outcome", required=False)
    place = field_of(PlanTask, "place", required=False)
    photo = forms.FileField(
        label=_("Picture of the visit"),
        required=False,
        max_length=255,
        help_text=_("JPEG or PNG."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    def __init__(self, *args: Any, task: PlanTask, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].help_text = _("What came of it; needed when it was not done.")
        if not task.is_visit:
            del self.fields["place"], self.fields["photo"]

    @property
    def values(self) -> dict[str, Any]:
        typed = {name: self.cleaned_data[name] for name in self.cleaned_data if name != "state"}
        return typed | {"is_done": self.cleaned_data["state"] == TaskState.DONE}


class PlanCommentForm(forms.Form):
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    content = field_of(PlanComment, "content", required=True)
