from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers import errors, hooks
from customers.choices import LossReason, Stage
from customers.forms.fields import PickerField
from customers.models import Customer, FollowUp, Opportunity
from customers.rules.fields import OPPORTUNITY_TO_SUBMIT
from customers.selectors.opportunities import product_label
from customers.services.opportunities import OPPORTUNITY_FIELDS
from lending_crm.common.forms import RecordForm, WordField, field_of, initial_of, sentence_of
from staff.models import Employee

_TO_SAVE = frozenset({"subject", "product", "amount", "expected_on", "next_follow_on"})
_SECTIONS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (
        _("Intended business"),
        ("subject", "product", "amount", "term", "expected_on", "next_follow_on"),
    ),
    (_("Background"), ("channel", "competition", "need", "remark")),
)
_WIDE = frozenset({"competition", "need", "remark"})


class OpportunityForm(RecordForm):
    required_to_submit = frozenset(OPPORTUNITY_TO_SUBMIT)

    def __init__(
        self,
        *args: Any,
        user: Employee,
        customer: Customer,
        opportunity: Opportunity | None = None,
        **kwargs: Any,
    ) -> None:
        initial = initial_of(opportunity, OPPORTUNITY_FIELDS)
        if opportunity is None:
            initial |= {"creation_key": uuid.uuid4(), "channel": customer.channel_id}
        else:
            initial["version"] = opportunity.version
        super().__init__(*args, initial=initial, **kwargs)
        for name in OPPORTUNITY_FIELDS:
            self.fields[name] = self._field(name, user, opportunity)

    def _field(self, name: str, user: Employee, opportunity: Opportunity | None) -> forms.Field:
        label = capfirst(Opportunity._meta.get_field(name).verbose_name)
        if name == "channel":
            return PickerField(
                Customer.objects.channels_for(user).order_by("name"),
                source="channel",
                label=label,
                required=False,
            )
        choices = hooks.product_choices() if name == "product" else []
        if not choices:
            return field_of(Opportunity, name, required=name in _TO_SAVE)
        stored = opportunity.product if opportunity else ""
        if stored and stored not in dict(choices):
            choices = [*choices, (stored, product_label(stored))]
        return forms.ChoiceField(label=label, choices=[("", "—"), *choices])

    @property
    def sections(self) -> list[tuple[str | Promise, list[tuple[BoundField, bool]]]]:
        """Title and (field, spans the row) of each section."""
        return [
            (title, [(self[name], name in _WIDE) for name in names]) for title, names in _SECTIONS
        ]


class FollowUpForm(forms.Form):
    """跟进: what was done, and when the next step is due."""

    content = field_of(FollowUp, "content", required=True)
    next_follow_on = field_of(FollowUp, "next_follow_on", required=True)
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)


class PromoteForm(forms.Form):
    stage = forms.IntegerField(min_value=0, max_value=99)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    note = forms.CharField(max_length=500, required=False, label=_("Short note"))


def _seen_version() -> forms.IntegerField:
    """Without an id of its own: two dialogs of one page carry it."""
    widget = forms.HiddenInput(attrs={"id": False})
    return forms.IntegerField(widget=widget, min_value=1, max_value=2**31 - 1)


class StepBackForm(forms.Form):
    stage = forms.TypedChoiceField(label=_("Back to stage"), coerce=int)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": sentence_of(errors.step_back_reason())},
    )
    version = _seen_version()

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [  # type: ignore[attr-defined]
            choice for choice in reversed(Stage.choices) if choice[0] < opportunity.stage
        ]


class LoseForm(forms.Form):
    lost_reason = WordField(
        label=_("Reason of loss"),
        words=LossReason,
        error_messages={"required": sentence_of(errors.loss_reason_missing())},
    )
    note = forms.CharField(
        label=_("Short note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = _seen_version()
