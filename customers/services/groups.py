from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers import errors
from customers.models import CustomerGroup
from customers.rules.permissions import may_keep_groups
from customers.rules.values import clean_values
from customers.services.log import ChangeLog
from lending_crm.common.errors import refuse_all
from staff.models import Employee
from staff.services.guards import refusing


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
