"""监管参数: change them, with every change on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from documents.rules import refuse_unless
from documents.values import field_refusals
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import refuse_all
from postloan.models import SupervisionSetting
from postloan.permissions import may_change_settings
from staff.services.guards import lock_row, refuse_stale

if TYPE_CHECKING:
    from staff.models import Employee

SETTING_FIELDS = ("interval_days", "on_site_every", "submit_within")


@transaction.atomic
def update_supervision_setting(
    *,
    values: Mapping[str, int],
    seen_version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> SupervisionSetting:
    """Change the settings; supervisions that have begun keep their days between reports.

    Raises DOC-05, WF-12 and DOC-06 for values out of range.
    """
    refuse_unless(may_change_settings(actor))
    unknown = sorted(set(values) - set(SETTING_FIELDS))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    SupervisionSetting.objects.get_or_create(pk=1)
    setting = lock_row(SupervisionSetting, 1)
    refuse_stale(setting, seen_version)
    with translation.override("zh-hans"):
        before = field_values(setting, values)
        for name, value in values.items():
            setattr(setting, name, value)
        after = field_values(setting, values)
    _check(setting)
    if before != after:
        setting.version += 1
        setting.save()
        record_changes(instance=setting, before=before, after=after, actor=actor, now=now, ip=ip)
    return setting


def _check(setting: Any) -> None:
    try:
        setting.full_clean()
    except ValidationError as error:
        refuse_all(field_refusals(error))
