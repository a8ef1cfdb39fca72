"""The entry form of a contact; the type decides which fields it has."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.choices import ContactType, InfluenceStrength, InfluenceType
from customers.forms.fields import PickerField
from customers.models import Contact
from customers.rules.fields import CONTACT_FIELDS, CONTACT_TO_SAVE, CONTACT_TO_SUBMIT, SENSITIVE
from customers.services.log import mask
from lending_crm.common.forms import RecordForm, field_of, initial_of

_SECTIONS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (
        _("Identity information"),
        ("family_relation", "name", "id_type", "id_no", "mobile", "phone2", "wechat"),
    ),
    (_("Shareholding"), ("capital", "share_pct", "capital_kind")),
    (_("Work information"), ("position", "years")),
    (_("Personal situation"), ("marital", "education", "household_addr", "home_addr", "housing")),
    (_("Income and assets"), ("income", "assets", "debts")),
    (_("Other information"), ("sms_consent", "remark")),
)
_WIDE = frozenset({"assets", "debts", "remark"})
_SENSITIVE = SENSITIVE["customers.contact"]


class ContactForm(RecordForm):
    """``contact_type`` is a field: choosing another one draws the form anew.

    ``typed`` is what stood in the form before; it is shown again without being checked.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        typed: Any = None,
        contact: Contact | None = None,
        contact_type: str = ContactType.MAIN,
        **kwargs: Any,
    ) -> None:
        before: Any = data or typed or {}
        chosen = before.get("contact_type")
        if chosen in ContactType.values:
            contact_type = chosen
        elif contact is not None:
            contact_type = contact.contact_type
        self.contact_type = contact_type
        names = CONTACT_FIELDS[contact_type]
        initial = {"contact_type": contact_type, "id_type": "ID_CARD", **initial_of(contact, names)}
        for name in _SENSITIVE:
            if name in initial:
                initial[name] = mask(name, initial[name])
        if contact is None:
            initial["creation_key"] = uuid.uuid4()
        else:
            initial["version"] = contact.version
        super().__init__(data, initial=initial, **kwargs)
        needed = CONTACT_TO_SAVE[contact_type]
        for name in names:
            self.fields[name] = field_of(Contact, name, required=name in needed)
        for name in _SENSITIVE:
            self.hide_number(name)
        self.required_to_submit = frozenset(CONTACT_TO_SUBMIT[contact_type])
        if contact is not None:
            self.masked_note = _("Masked numbers stay as they are unless you type a new one.")
        if typed is not None:
            self.initial.update({name: typed[name] for name in self.fields if name in typed})

    masked_note: str | Promise = ""

    @property
    def sections(self) -> list[tuple[str | Promise, list[tuple[BoundField, bool]]]]:
        """Title and (field, spans the row) of each section that has fields."""
        shown = [
            (title, [(self[name], name in _WIDE) for name in names if name in self.fields])
            for title, names in _SECTIONS
        ]
        return [(title, fields) for title, fields in shown if fields]


class CustomerChoiceForm(forms.Form):
    """Which customer a new contact or opportunity belongs to, when it is started from a list."""

    def __init__(self, *args: Any, customers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"] = PickerField(customers, source="own", label=_("Customer"))


class RelationPickForm(forms.Form):
    """选择需要关联的人员: who, and with which type and strength the arrows are drawn."""

    influence_type = forms.ChoiceField(label=_("Influence type"), choices=InfluenceType.choices)
    strength = forms.TypedChoiceField(
        label=_("Influence strength"),
        choices=InfluenceStrength.choices,
        coerce=int,
        initial=InfluenceStrength.MEDIUM,
    )
    note = forms.CharField(label=_("Short note"), max_length=200, required=False)

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"] = forms.ModelMultipleChoiceField(
            offered,
            error_messages={
                "required": _("Choose at least one contact."),
                "invalid_choice": _("Choose contacts of the same or a related customer."),
                "invalid_pk_value": _("Choose contacts of the same or a related customer."),
            },
        )


class RelationForm(forms.Form):
    """修改影响关系."""

    influence_type = forms.ChoiceField(label=_("Influence type"), choices=InfluenceType.choices)
    strength = forms.TypedChoiceField(
        label=_("Influence strength"), choices=InfluenceStrength.choices, coerce=int
    )
    note = forms.CharField(label=_("Short note"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
