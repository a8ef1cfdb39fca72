"""公海参数: how long a grade is effective, how many claims, how soon again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from customers import errors, pool_errors
from customers.models import PoolSetting
from customers.rules.permissions import may_set_pool
from customers.rules.values import clean_values
from customers.services.guards import ensure_version
from customers.services.log import ChangeLog
from lending_crm.common.errors import refuse_all
from staff.models import Employee
from staff.services.guards import lock_row

FIELDS = ("effective_days", "extension_days", "claim_limit", "reclaim_days", "falls_by_itself")


def ensure_may_set_pool(actor: Employee) -> None:
    """POL-07 for everybody but the information administrator."""
    if not may_set_pool(actor):
        raise pool_errors.may_not_set_pool()


@transaction.atomic
def update_pool_setting(
    *,
    values: Mapping[str, Any],
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> PoolSetting:
    """Change the figures; they count from the next run and the next claim on.

    Raises POL-07, WF-12, CUS-17 and CUS-29 (numbers below 1).
    """
    PoolSetting.objects.get_or_create(pk=1)
    setting = lock_row(PoolSetting, 1)
    ensure_may_set_pool(actor)
    ensure_version(setting, version)
    cleaned, found = clean_values(PoolSetting, {name: values[name] for name in FIELDS})
    found += [errors.empty_field(name) for name, value in cleaned.items() if value is None]
    refuse_all(found)
    log = ChangeLog(setting, FIELDS)
    for name, value in cleaned.items():
        setattr(setting, name, value)
    try:
        setting.validate_constraints()
    except ValidationError:
        refuse_all(
            errors.wrong_number(name)
            for name in ("effective_days", "extension_days", "claim_limit")
            if getattr(setting, name) < 1
        )
    setting.version += 1
    setting.save()
    log.write(setting, actor=actor, now=now, ip=ip)
    return setting
