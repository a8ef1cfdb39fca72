from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from customers import errors
from customers.models import Customer, CustomerGroup
from customers.rules.permissions import may_keep_groups
from customers.rules.values import clean_values
from customers.services.guards import ensure_may_regroup, ensure_version
from customers.services.log import LANGUAGE_OF_RECORD, ChangeLog, note_event
from customers.services.relations import people_changed
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.text import clean_line
from staff.models import Employee
from staff.services.guards import lock_row, refusing

_SHORTEST_REASON, _LONGEST_REASON = 5, 200


@transaction.atomic
def create_group(
    *, name: str, actor: Employee, now: datetime, ip: str | None = None
) -> CustomerGroup:
    """Name a group; customers join it on their own page. Raises CUS-24, CUS-25, CUS-17."""
    if not may_keep_groups(actor):
        raise errors.may_not_group()
    values, found = clean_values(CustomerGroup, {"name": name})
    if not found and not values["name"]:
        found = [errors.empty_field("name")]
    refuse_all(found)
    group = CustomerGroup(name=values["name"], created_by=actor, created_at=now)
    log = ChangeLog(group, ("name",))
    with refusing({"customers_customergroup_name_key": errors.group_exists}):
        group.save()
    log.write(group, actor=actor, now=now, ip=ip)
    return group


@transaction.atomic
def change_group(
    *,
    customer: Customer,
    group: CustomerGroup | None,
    reason: str,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    ip: str | None = None,
) -> Customer:
    """Put the customer into a group or take it out, by risk control.

    The change log of the customer and of both groups keeps the reason, and whoever is related
    to a member abstains from now on for all of them. Raises CUS-23 (not risk control), CUS-35
    (no change), CUS-36 (reason), WF-12.
    """
    locked = lock_row(Customer, customer.pk)
    ensure_may_regroup(locked, actor)
    ensure_version(locked, version)
    refuse_all(_membership_refusals(locked, group, reason))
    left = locked.group
    log = ChangeLog(locked, ("group",))
    locked.group = group
    locked.version += 1
    locked.updated_at = now
    locked.save(update_fields=["group", "version", "updated_at"])
    log.write(locked, actor=actor, now=now, ip=ip)
    with translation.override(LANGUAGE_OF_RECORD):
        said = _("%(name)s: %(reason)s") % {"name": locked.name, "reason": clean_line(reason)}
    for party, old, new in ((left, said, ""), (group, "", said)):
        if party is not None:
            note_event(
                instance=party, field="group members", old=old, new=new, actor=actor, now=now, ip=ip
            )
    people_changed(locked.pk, *_one_of(left), now=now)
    return locked


def _membership_refusals(
    customer: Customer, group: CustomerGroup | None, reason: str
) -> list[DomainError]:
    found = []
    if customer.group_id == (group.pk if group else None):
        found.append(errors.same_group())
    text = clean_line(reason)
    if len(text) < _SHORTEST_REASON:
        found.append(errors.membership_reason())
    elif len(text) > _LONGEST_REASON:
        found.append(errors.too_long("reason", _LONGEST_REASON))
    return found


def _one_of(group: CustomerGroup | None) -> list[int]:
    """A member that stays: through it the worker finds the others."""
    return [] if group is None else list(group.members.values_list("pk", flat=True)[:1])
