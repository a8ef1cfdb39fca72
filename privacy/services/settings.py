"""The lender's figures about personal information."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import refuse_all
from privacy import retention_errors as errors
from privacy.models import PrivacySetting
from privacy.models.setting import LEAST_YEARS
from privacy.rules.retention import ensure_may_administer
from staff.models import Employee
from staff.services.guards import lock_row, refuse_stale

FIELDS = ("keep_years", "runs_daily", "export_days")
MOST_YEARS, MOST_DAYS = 50, 30


@transaction.atomic
def update_privacy_setting(
    *,
    values: Mapping[str, Any],
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> PrivacySetting:
    """Change the figures; they count from the next run and the next approval on.

    Raises RET-01, WF-12, RET-08 (years) and RET-09 (days).
    """
    PrivacySetting.objects.get_or_create(pk=1)
    setting = lock_row(PrivacySetting, 1)
    ensure_may_administer(actor)
    refuse_stale(setting, version)
    found = []
    if not LEAST_YEARS <= (values["keep_years"] or 0) <= MOST_YEARS:
        found.append(errors.wrong_years())
    if not 1 <= (values["export_days"] or 0) <= MOST_DAYS:
        found.append(errors.wrong_days())
    refuse_all(found)
    before = field_values(setting, FIELDS)
    for name in FIELDS:
        setattr(setting, name, values[name])
    setting.version += 1
    setting.save()
    after = field_values(setting, FIELDS)
    record_changes(instance=setting, before=before, after=after, actor=actor, now=now, ip=ip)
    return setting
