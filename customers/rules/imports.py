"""What a workbook of customers, contacts or opportunities may hold, and how a row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers import errors, hooks
from customers.choices import CustomerType
from customers.models import Contact, Customer, Opportunity
from customers.rules.fields import (
    CONTACT_FIELDS,
    CONTACT_TO_SAVE,
    CUSTOMER_FIELDS,
    CUSTOMER_TO_SAVE,
)
from customers.rules.permissions import enters_for_others, may_enter, may_enter_for
from lending_crm.common.errors import DomainError
from staff.models import Employee

#: a consent needs its proof, a group is given by risk control: neither comes out of a workbook
_NOT_IMPORTED = ("sms_consent", "group")
_OPPORTUNITY = (
    "subject", "product", "amount", "term", "expected_on", "channel", "competition", "need",
    "next_follow_on", "remark",
)  # fmt: skip
_OPPORTUNITY_TO_SAVE = ("subject", "product", "amount", "expected_on", "next_follow_on")
#: the column by which contacts and opportunities name their customer
OWNER_COLUMN = "customer_no"
#: the column by which a workbook of somebody else names the account manager
MANAGER_COLUMN = "manager"


@dataclass(frozen=True)
class Target:
    """One kind of workbook. ``fields`` are its columns in order, the first ones needed to save."""

    code: str
    title: str | Promise
    model: type[models.Model]
    fields: tuple[str, ...]
    needed: tuple[str, ...]

    def label(self, name: str) -> str:
        """The head of a column, in the language that is active."""
        if name == MANAGER_COLUMN:
            return str(capfirst(Customer._meta.get_field("owner").verbose_name))  # type: ignore[union-attr]
        model = Customer if name == OWNER_COLUMN else self.model
        column: Any = model._meta.get_field(name)
        return str(capfirst(column.verbose_name))

    def for_others(self) -> Target:
        """The same workbook with the account manager, as department heads and administrators
        fill it in."""
        return replace(
            self,
            fields=(MANAGER_COLUMN, *self.fields),
            needed=(MANAGER_COLUMN, *self.needed),
        )

    def heads(self) -> dict[str, str]:
        """Label → field in both languages: a workbook may come from a colleague's screen."""
        found: dict[str, str] = {}
        for language in ("en", "zh-hans"):
            with translation.override(language):
                found |= {self.label(name): name for name in self.fields}
        return found


def _customer_target(kind: CustomerType) -> Target:
    fields = tuple(name for name in CUSTOMER_FIELDS[kind] if name not in _NOT_IMPORTED)
    return Target(kind.value, kind.label, Customer, fields, CUSTOMER_TO_SAVE[kind])


_CONTACT_FIELDS = tuple(
    dict.fromkeys(
        name for names in CONTACT_FIELDS.values() for name in names if name not in _NOT_IMPORTED
    )
)
TARGETS: dict[str, Target] = {
    **{kind.value: _customer_target(kind) for kind in CustomerType},
    "CONTACT": Target(
        "CONTACT",
        _("Contacts"),
        Contact,
        (OWNER_COLUMN, *_CONTACT_FIELDS),
        (OWNER_COLUMN, *CONTACT_TO_SAVE["MAIN"]),
    ),
    "OPPORTUNITY": Target(
        "OPPORTUNITY",
        _("Business development"),
        Opportunity,
        (OWNER_COLUMN, *_OPPORTUNITY),
        (OWNER_COLUMN, *_OPPORTUNITY_TO_SAVE),
    ),
}


def target_for(target: Target, user: Employee) -> Target:
    """The workbook as this person fills it in."""
    return target.for_others() if enters_for_others(user) else target


def manager_of(values: Mapping[str, str], user: Employee) -> Employee:
    """For whom a row is entered: who is named by number or, where only one has it, by name;
    without a name an account manager himself. Raises CUS-17 (nobody named), CUS-37."""
    named = values.get(MANAGER_COLUMN, "")
    if not named:
        if may_enter(user):
            return user
        raise errors.empty_field(MANAGER_COLUMN)
    active = Employee.objects.active()
    found = list(active.filter(employee_no=named)) or list(active.filter(name=named)[:2])
    fitting = [person for person in found if may_enter_for(user, person)]
    if len(found) != 1 or not fitting:
        raise errors.wrong_manager(named)
    return fitting[0]


def read_values(
    target: Target, values: Mapping[str, str], user: Employee
) -> tuple[dict[str, Any], list[DomainError]]:
    """The values of a row as the services take them: choices by code, customers as records.

    ``user`` is the account manager: a customer that he does not see is not found, whatever its
    number (N26).
    """
    read: dict[str, Any] = {}
    found: list[DomainError] = []
    for name in target.fields:
        if name == MANAGER_COLUMN:
            continue
        try:
            if name == OWNER_COLUMN:
                read["customer"] = _customer(values.get(name, ""), user, name)
            elif name in values:
                read[name] = _value(target, name, values[name], user)
        except DomainError as refusal:
            found.append(refusal)
    return read, found


def _value(target: Target, name: str, text: str, user: Employee) -> Any:
    column: Any = target.model._meta.get_field(name)
    if isinstance(column, models.ForeignKey):
        return _customer(text, user, name)
    choices = hooks.product_choices() if name == "product" else column.flatchoices
    if choices:
        return _choice(choices, text, name)
    return text


def _choice(choices: Any, text: str, name: str) -> str:
    wanted = text.casefold()
    for code, label in choices:
        spoken = {str(code).casefold()}
        for language in ("en", "zh-hans"):
            with translation.override(language):
                spoken.add(str(label).casefold())
        if wanted in spoken:
            return str(code)
    raise errors.wrong_choice(name)


def _customer(text: str, user: Employee, name: str) -> Customer:
    if not text:
        raise errors.empty_field(name)
    rows = Customer.objects.channels_for(user) if name == "channel" else None
    seen = rows if rows is not None else Customer.objects.visible_to(user)
    found: Customer | None = seen.filter(customer_no=text).first()
    if found is None:
        raise errors.wrong_customer(name)
    return found
