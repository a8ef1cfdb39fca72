from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import errors
from customers.choices import ConsentPurpose, CustomerType
from customers.models import Customer
from customers.services.sensitive import SHORTEST_REASON
from lending_crm.common.forms import sentence_of


class ConsentForm(forms.Form):
    """上传个人信息授权书 of a contact, or of the customer himself when he is a person."""

    contact = forms.ChoiceField(label=_("Who signed"), required=False)
    upload = forms.FileField(
        label=_("Signed paper"),
        help_text=_("PDF or picture, at most 50 MB."),
        max_length=255,
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"),
        choices=ConsentPurpose.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    granted_on = forms.DateField(label=_("Granted on"))
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, help_text=_("Empty: until it is withdrawn.")
    )
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "creation_key": uuid.uuid4(),
            "purposes": [ConsentPurpose.LOAN_REVIEW, ConsentPurpose.CREDIT_QUERY],
        } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self._contacts = {str(contact.pk): contact for contact in customer.contacts.all()}
        choices = [
            (key, f"{contact.name}({contact.get_contact_type_display()})")
            for key, contact in self._contacts.items()
        ]
        if customer.customer_type == CustomerType.PERSON:
            choices.insert(0, ("", customer.name))
        else:
            self.fields["contact"].required = True
        self.fields["contact"].choices = choices  # type: ignore[attr-defined]

    @property
    def signer(self) -> Any:
        """The chosen contact; None for the customer himself."""
        return self._contacts.get(self.cleaned_data["contact"])


class RevealForm(forms.Form):
    """查看完整号码: why."""

    reason = forms.CharField(
        label=_("Why you need it"),
        max_length=200,
        error_messages={"required": sentence_of(errors.access_reason_missing(SHORTEST_REASON))},
    )
