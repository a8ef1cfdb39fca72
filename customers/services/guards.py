"""What the services of this app share: locks, the version check, masked numbers kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from customers import errors
from customers.models import Customer
from customers.rules.fields import SENSITIVE
from customers.rules.permissions import (
    decides_on_groups,
    may_edit,
    may_enter_for,
    may_reassign,
    may_regroup,
)
from customers.services.log import mask
from lending_crm.common.errors import not_found
from staff.models import Employee
from staff.services.guards import lock_row

M = TypeVar("M", bound=models.Model)


def today_of(now: datetime) -> date:
    """The calendar day in the zone of the pages."""
    return timezone.localdate(now)


def ensure_owner(customer: Customer, actor: Employee) -> None:
    """Only the customer's account manager changes it and what hangs on it (CUS-11)."""
    if not may_edit(actor, customer):
        raise errors.not_the_owner()


def ensure_may_reassign(customer: Customer, actor: Employee) -> None:
    """Only the head of its department gives a customer to somebody else (CUS-13)."""
    if not may_reassign(actor, customer):
        raise errors.may_not_reassign()


def ensure_may_regroup(customer: Customer, actor: Employee) -> None:
    """Only risk control decides which group a customer belongs to (CUS-23)."""
    if not may_regroup(actor, customer):
        raise errors.group_only_by_risk()


def ensure_decides_on_groups(actor: Employee) -> None:
    """CUS-23 for whoever holds no risk role at all."""
    if not decides_on_groups(actor):
        raise errors.group_only_by_risk()


def author_of(manager: Employee, entered_by: Employee | None) -> Employee:
    """Who writes what ``manager`` keeps: he himself, or who may enter it for him (CUS-37)."""
    if entered_by is None or entered_by.pk == manager.pk:
        return manager
    if not may_enter_for(entered_by, manager):
        raise errors.wrong_manager(manager.name)
    return entered_by


def lock_customer(customer_id: int, *, actor: Employee) -> Customer:
    """The customer under its row lock; refuses everybody but its account manager (CUS-11)."""
    customer = lock_row(Customer, customer_id)
    ensure_owner(customer, actor)
    return customer


def ensure_version(record: Any, version: int | None) -> None:
    """WF-12 when the form was filled from an older state; None when there was no form."""
    if version is not None and record.version != version:
        raise errors.stale()


def already_created(model: type[M], key: uuid.UUID | None, *, actor: Employee) -> M | None:
    """What the same form created before, for a double click; another person's is not found."""
    if key is None:
        return None
    found = model._default_manager.filter(creation_key=key).first()
    if found is None:
        return None
    authors = ("creator_id", "added_by_id", "by_id")
    author = next(getattr(found, name) for name in authors if hasattr(found, name))
    if author != actor.pk:
        raise not_found()
    return found


def keep_masked_numbers(record: models.Model, data: Mapping[str, Any]) -> dict[str, Any]:
    """A number that comes back as its mask was not touched: the stored one stays.

    Forms and the API show masks only, so that opening a form is not an access (N25).
    """
    values = dict(data)
    for name in SENSITIVE.get(record._meta.label_lower, ()):
        stored = getattr(record, name)
        if name in values and stored and values[name] == mask(name, stored):
            values[name] = stored
    return values
