"""工作移交 of customers (domain M20): any number of them in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import translation

from customers import errors, hooks
from customers.models import Customer
from customers.rules.permissions import may_keep
from documents import errors as document_errors
from lending_crm.common.changes import changed_fields, field_values
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.choices import RoleCode
from staff.handing import Warrant
from staff.models import Employee
from staff.selectors import roles_of

#: who keeps customers; a head takes over problem loans (HND-07)
KEEPERS = (RoleCode.AM, RoleCode.TL, RoleCode.BGM)
_MOVED = ("owner", "department", "branch")


@transaction.atomic
def hand_over_customers(
    *,
    receivers: Mapping[int, Employee | None],
    giver: Employee,
    actor: Employee | None,
    now: datetime,
    warrant: Warrant,
    ip: str | None = None,
) -> dict[int, DomainError | None]:
    """Give customers of ``giver`` to others; by id why one stayed, None where it moved.

    The customer goes into its receiver's department and branch; contacts, opportunities and
    loans go along. What asset recovery has goes to another officer of it only and keeps its
    branch: back to the business it comes by 逆移交 (M19). Refuses HND-11 (not his any more),
    HND-09 (nobody named), HND-01, HND-02, HND-03, CUS-38, and CUS-14 in asset recovery.
    """
    rows = (
        Customer.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=receivers)
        .select_related("owner", "department", "branch")
        .order_by("id")
    )
    done: dict[int, DomainError | None] = {
        pk: document_errors.not_his_any_more(giver.name) for pk in receivers
    }
    moved: list[Customer] = []
    changes: list[ChangeRecord] = []
    for customer in rows:
        receiver = receivers[customer.pk]
        refusal = _refusal(customer, receiver, giver, warrant)
        done[customer.pk] = refusal
        if refusal is None and receiver is not None:
            changes += _give(customer, receiver, actor=actor, now=now, ip=ip)
            moved.append(customer)
    Customer.objects.bulk_update(moved, [*_MOVED, "version", "updated_at"])
    ChangeRecord.objects.bulk_create(changes)
    hooks.customers_moved({each.pk: each.branch_id for each in moved}, actor=actor, now=now)
    return done


def _refusal(
    customer: Customer, receiver: Employee | None, giver: Employee, warrant: Warrant
) -> DomainError | None:
    if customer.owner_id != giver.pk or customer.pooled_at is not None:
        return document_errors.not_his_any_more(giver.name)
    if receiver is None:
        return document_errors.needs_successor()
    if receiver.pk == giver.pk:
        return document_errors.same_handler()
    if not receiver.is_active:
        return document_errors.receiver_inactive(receiver.name)
    if customer.is_in_recovery:
        return None if may_keep(receiver, customer) else errors.wrong_receiver()
    if receiver.department is None or not roles_of(receiver).has_any(*KEEPERS):
        return errors.no_account_holder(receiver.name)
    if receiver.branch_id != customer.branch_id and not warrant.crosses_branches:
        return document_errors.receiver_elsewhere(customer.branch.name)
    return None


def _give(
    customer: Customer,
    receiver: Employee,
    *,
    actor: Employee | None,
    now: datetime,
    ip: str | None,
) -> list[ChangeRecord]:
    with translation.override("zh-hans"):
        before = field_values(customer, _MOVED)
        customer.owner = receiver
        if not customer.is_in_recovery:
            customer.branch = receiver.branch or customer.branch
            customer.department = receiver.department or customer.department
        after = field_values(customer, _MOVED)
    customer.version += 1
    customer.updated_at = now
    return changed_fields(
        instance=customer, before=before, after=after, actor=actor, now=now, ip=ip
    )
