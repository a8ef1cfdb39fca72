"""Enter, change, hand over and delete customers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import translation
from django.utils.translation import gettext as _

from customers import errors, hooks
from customers.choices import CustomerStatus, CustomerType, RiskClass, Tier
from customers.models import Customer
from customers.rules.customers import check_customer
from customers.rules.fields import CUSTOMER_FIELDS
from customers.rules.permissions import may_enter, may_keep
from customers.rules.values import clean_values
from customers.services.guards import (
    already_created,
    author_of,
    ensure_may_reassign,
    ensure_version,
    keep_masked_numbers,
    lock_customer,
    today_of,
)
from customers.services.log import LANGUAGE_OF_RECORD, ChangeLog, note_event
from customers.services.pool import leave_pool
from customers.services.relations import people_changed
from customers.services.tiers import lose_tier
from documents.numbering import next_number
from lending_crm.common.errors import DomainError, refuse_all
from staff.models import Employee
from staff.rules import require_keeper
from staff.services.guards import lock_row, refusing

NUMBER_PREFIX = "KH"
_EVERY_FIELD = tuple(dict.fromkeys(name for names in CUSTOMER_FIELDS.values() for name in names))
_IDENTITY = ("name", "uscc", "id_no")


@transaction.atomic
def create_customer(
    *,
    customer_type: str,
    data: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    ip: str | None = None,
    creation_key: uuid.UUID | None = None,
    entered_by: Employee | None = None,
) -> Customer:
    """Enter a customer; ``actor`` becomes its account manager.

    ``entered_by`` is who does it for him, when he does not himself. ``data`` holds fields of
    ``CUSTOMER_FIELDS`` by name. Raises CUS-12 (not an account manager), CUS-37 (entered for
    somebody who is none of one's own), CUS-03 (number taken) and every refusal of
    ``check_customer`` at once.
    """
    branch, department = actor.branch, actor.department
    author = author_of(actor, entered_by)
    if not may_enter(actor) or branch is None or department is None:
        raise errors.not_an_account_manager()
    if known := already_created(Customer, creation_key, actor=author):
        return known
    if customer_type not in CustomerType.values:
        raise errors.wrong_choice("customer_type")
    customer = Customer(
        customer_type=customer_type,
        creation_key=creation_key,
        owner=actor,
        creator=author,
        department=department,
        branch=branch,
        created_at=now,
        updated_at=now,
    )
    log = ChangeLog(customer, CUSTOMER_FIELDS[customer_type])
    refuse_all(_apply(customer, data, now=now))
    _refuse_taken_numbers(customer)
    customer.customer_no = next_number(NUMBER_PREFIX, branch, day=today_of(now))
    _save(customer)
    log.write(customer, actor=author, now=now, ip=ip)
    return customer


@transaction.atomic
def update_customer(
    *,
    customer: Customer,
    data: Mapping[str, Any],
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Customer:
    """Change some fields; the others stay.

    Raises CUS-11 (not the owner), WF-12 (stale form), CUS-06 (type), CUS-10 (name or number
    under approval), CUS-23 (out of a group), CUS-03 and the refusals of ``check_customer``.
    """
    locked = lock_customer(customer.pk, actor=actor)
    ensure_version(locked, version)
    values = dict(data)
    if values.pop("customer_type", locked.customer_type) != locked.customer_type:
        raise errors.type_fixed()
    before = {name: getattr(locked, name) for name in _IDENTITY}
    group_before = locked.group_id
    log = ChangeLog(locked, CUSTOMER_FIELDS[locked.customer_type])
    refusals = _apply(locked, keep_masked_numbers(locked, values), now=now)
    changed = [name for name in _IDENTITY if getattr(locked, name) != before[name]]
    if changed and hooks.has_open_documents(locked.pk):
        refusals += [errors.identity_locked(name) for name in changed]
    if group_before is not None and locked.group_id != group_before:
        refusals.append(errors.group_only_by_risk())
    refuse_all(refusals)
    _refuse_taken_numbers(locked)
    _bump(locked, now=now)
    _save(locked)
    log.write(locked, actor=actor, now=now, ip=ip)
    if locked.group_id != group_before:
        people_changed(locked.pk, now=now)
    return locked


@transaction.atomic
def change_owner(
    *,
    customer: Customer,
    owner: Employee,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    ip: str | None = None,
) -> Customer:
    """Give the customer to another account manager of its department.

    Raises CUS-13 (not the department head), CUS-14 (receiver), WF-12.
    """
    locked = lock_row(Customer, customer.pk)
    ensure_may_reassign(locked, actor)
    ensure_version(locked, version)
    return _give(locked, owner, actor=actor, now=now, ip=ip)


@transaction.atomic
def hand_over_customer(
    *,
    customer_id: int,
    owner: Employee,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Customer:
    """Give the customer of somebody who leaves to another account manager of its department,
    one in asset recovery to another officer of it.

    An information administrator's act (ORG-02); raises CUS-14 (receiver).
    """
    locked = lock_row(Customer, customer_id)
    require_keeper(actor)
    return _give(locked, owner, actor=actor, now=now, ip=ip)


def _give(
    locked: Customer, owner: Employee, *, actor: Employee, now: datetime, ip: str | None
) -> Customer:
    if owner.pk == locked.owner_id or not may_keep(owner, locked):
        raise errors.wrong_receiver()
    log = ChangeLog(locked, ("owner",))
    locked.owner = owner
    leave_pool(locked, to=owner, now=now)
    _bump(locked, now=now)
    _save(locked)
    log.write(locked, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def delete_customer(
    *,
    customer: Customer,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    ip: str | None = None,
) -> None:
    """Remove a customer that nothing refers to; the change log keeps its name.

    Raises CUS-05 (documents or opportunities), CUS-19 (other customers), CUS-11, WF-12.
    """
    locked = lock_customer(customer.pk, actor=actor)
    ensure_version(locked, version)
    if hooks.has_documents(locked.pk) or locked.opportunities.exists():
        raise errors.has_documents()
    referring = Customer.objects.referring_to(locked)
    if referring:
        raise errors.referred_to([other.name for other in referring])
    with translation.override(LANGUAGE_OF_RECORD):
        removed = _("deleted")
    note_event(
        instance=locked,
        field="customer_no",
        old=f"{locked.customer_no} {locked.name}",
        new=removed,
        actor=actor,
        now=now,
        ip=ip,
    )
    try:
        with transaction.atomic():
            locked.delete()
    except ProtectedError:
        raise errors.has_documents() from None


@transaction.atomic
def set_business_state(
    *,
    customer_id: int,
    now: datetime,
    biz_status: str | None = None,
    risk_class: str | None = None,
    tier: str | None = None,
    actor: Employee | None = None,
) -> Customer:
    """Write what events alone change: 客户状态, 风险分类, 客户等级. None leaves as it is.

    Called by the apps whose events these are (disbursement, classification, handover);
    ``actor`` is empty for the system. At 次级 and worse the borrower's tier is lost (X2).
    """
    locked = lock_row(Customer, customer_id)
    log = ChangeLog(locked, ("biz_status", "risk_class", "tier", "borrower_tier"))
    if biz_status is not None:
        locked.biz_status = CustomerStatus(biz_status).value
    if risk_class is not None:
        locked.risk_class = RiskClass(risk_class).value
    lose_tier(customer=locked, actor=actor, now=now)
    if tier is not None:
        locked.tier = Tier(tier).value
    _bump(locked, now=now)
    _save(locked)
    log.write(locked, actor=actor, now=now, ip=None)
    return locked


def _apply(customer: Customer, data: Mapping[str, Any], *, now: datetime) -> list[DomainError]:
    unknown = sorted(set(data) - set(_EVERY_FIELD))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    cleaned, found = clean_values(Customer, data)
    consented_before = customer.sms_consent
    for name, value in cleaned.items():
        setattr(customer, name, value)
    if customer.sms_consent != consented_before:
        customer.sms_consent_at = now if customer.sms_consent else None
    refused = {refusal.field for refusal in found}
    # A value that could not be read is not also reported as empty.
    found += [
        refusal
        for refusal in check_customer(customer, today=today_of(now))
        if refusal.field not in refused
    ]
    return found


def _refuse_taken_numbers(customer: Customer) -> None:
    twin = Customer.objects.with_same_number(customer)
    if twin is not None:
        raise _taken(customer, twin)


def _taken(customer: Customer, twin: Customer) -> DomainError:
    field = "uscc" if customer.uscc and customer.uscc == twin.uscc else "id_no"
    return errors.number_taken(twin.name, twin.owner.name, field=field)


def _save(customer: Customer) -> None:
    def lost_the_race() -> DomainError:
        twin = Customer.objects.with_same_number(customer)
        return _taken(customer, twin) if twin else errors.stale()

    with refusing({"customer_uscc_once": lost_the_race, "customer_id_no_once": lost_the_race}):
        customer.save()


def _bump(customer: Customer, *, now: datetime) -> None:
    customer.version += 1
    customer.updated_at = now
