"""The entry form of a customer, in the sections of the manual."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers.choices import CustomerType
from customers.forms.fields import PickerField
from customers.models import Customer, CustomerGroup
from customers.rules.fields import (
    CUSTOMER_FIELDS,
    CUSTOMER_TO_SAVE,
    CUSTOMER_TO_SUBMIT,
    SENSITIVE,
)
from customers.services.log import mask
from lending_crm.common.forms import RecordForm, field_of, initial_of
from staff.models import Employee

Sections = tuple[tuple[str | Promise, tuple[str, ...]], ...]

_SECTIONS: Sections = (
    (
        _("Basic information"),
        ("name", "uscc", "id_no", "relation_kind", "principal_customer", "phone", "group"),
    ),
    (
        _("Company information"),
        (
            "legal_rep",
            "controller",
            "founded_on",
            "reg_capital",
            "paid_capital",
            "industry",
            "size",
            "reg_addr",
            "biz_addr",
            "main_business",
        ),
    ),
    (_("Channel agreement"), ("agreement_no", "rebate_ratio", "agreement_end")),
    (_("Account information"), ("bank", "acct_name", "acct_no")),
    (_("Source and contact"), ("source", "channel", "sms_consent", "remark")),
)
_WIDE = frozenset({"main_business", "remark"})
_SENSITIVE = SENSITIVE["customers.customer"]


class CustomerForm(RecordForm):
    """The fields of one customer type; numbers of a stored customer are shown masked.

    ``principal`` is the key of the customer whose page started a new 上下游企业.
    """

    def __init__(
        self,
        *args: Any,
        customer_type: str,
        user: Employee,
        customer: Customer | None = None,
        principal: str = "",
        **kwargs: Any,
    ) -> None:
        names = CUSTOMER_FIELDS[customer_type]
        initial = initial_of(customer, names)
        for name in _SENSITIVE:
            if name in initial:
                initial[name] = mask(name, initial[name])
        if customer is None:
            initial |= {"creation_key": uuid.uuid4(), "principal_customer": principal}
        else:
            initial["version"] = customer.version
        super().__init__(*args, initial=initial, **kwargs)
        self._type = customer_type
        needed = CUSTOMER_TO_SAVE[customer_type]
        for name in names:
            self.fields[name] = self._field(name, user, customer, required=name in needed)
        for name in _SENSITIVE:
            if name in self.fields:
                self.hide_number(name)
        if customer is not None and any(name in initial for name in _SENSITIVE):
            self.masked_note = _("Masked numbers stay as they are unless you type a new one.")
        self.required_to_submit = frozenset(CUSTOMER_TO_SUBMIT[customer_type])

    masked_note: str | Promise = ""

    def _field(
        self, name: str, user: Employee, customer: Customer | None, *, required: bool
    ) -> forms.Field:
        label = capfirst(Customer._meta.get_field(name).verbose_name)
        others = Customer.objects.exclude(pk=customer.pk) if customer else Customer.objects.all()
        if name == "channel":
            return PickerField(
                _with_stored(others.channels_for(user), customer, name),
                source="channel",
                label=label,
                required=required,
                help_text=_("Needed to submit when a channel introduced the customer."),
            )
        if name == "principal_customer":
            offered = others.visible_to(user).exclude(customer_type=CustomerType.CHANNEL)
            return PickerField(
                _with_stored(offered, customer, name),
                source="principal",
                label=label,
                required=required,
            )
        if name == "group":
            return PickerField(
                CustomerGroup.objects.all(),
                source="group",
                label=label,
                required=required,
                help_text=_("The exposure of all members is added up."),
            )
        return field_of(Customer, name, required=required)

    @property
    def sections(self) -> list[tuple[str | Promise, list[tuple[BoundField, bool]]]]:
        """Title and (field, spans the row) of each section that has fields."""
        shown = [
            (title, [(self[name], name in _WIDE) for name in names if name in self.fields])
            for title, names in _SECTIONS
        ]
        if self._type == CustomerType.PERSON:
            shown = [
                (_("Business situation") if title == _SECTIONS[1][0] else title, fields)
                for title, fields in shown
            ]
        return [(title, fields) for title, fields in shown if fields]


def _with_stored(offered: Any, customer: Customer | None, name: str) -> Any:
    """What the customer already names stays choosable, also when it is out of sight now."""
    stored = getattr(customer, f"{name}_id", None)
    if stored is None:
        return offered.order_by("name")
    return (offered | Customer.objects.filter(pk=stored)).distinct().order_by("name")


class OwnerForm(forms.Form):
    """更换客户经理."""

    owner = forms.ModelChoiceField(Employee.objects.none(), label=_("New account manager"))

    def __init__(self, *args: Any, receivers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = receivers  # type: ignore[attr-defined]


class GroupForm(forms.Form):
    """新建关联集团."""

    name = forms.CharField(label=_("Group name"), max_length=80)


class MembershipForm(forms.Form):
    """Which group a customer belongs to, set by risk control."""

    group = PickerField(
        CustomerGroup.objects.all(), source="group", label=_("Customer group"), required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)


class GroupMemberForm(forms.Form):
    """加入集团, from the page of the group."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, user: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"] = PickerField(
            Customer.objects.visible_to(user).order_by("name"),
            source="visible",
            label=_("Customer"),
        )
        self.order_fields(["customer", "reason"])


class LeaveGroupForm(forms.Form):
    """移出集团."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        # It stands on one page with the form that adds a member.
        super().__init__(*args, **{"auto_id": "leave_%s"} | kwargs)
        self.fields["customer"] = forms.ModelChoiceField(members, label=_("Customer"))
        self.order_fields(["customer", "reason"])
