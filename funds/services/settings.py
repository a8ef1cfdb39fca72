"""台账参数 and 分类档: change them, with every change on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from documents.rules import refuse_unless
from documents.values import as_stored, field_refusals
from funds import errors
from funds.choices import CLASS_ORDER, Part
from funds.models import ClassBucket, LedgerSetting
from funds.permissions import may_change_settings
from funds.rules.classification import are_continuous
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import refuse_all
from staff.services.guards import lock_row, refuse_stale

if TYPE_CHECKING:
    from staff.models import Employee

SETTING_FIELDS = (
    "penalty_multiple",
    "misuse_multiple",
    "grace_days",
    "late_interest",
    "is_compound",
    "normal_order",
    "bad_order",
    "rest_day",
    "rounding",
    "observation_months",
    "extension_watch_days",
    "extension_limit",
    "bad_share",
    "rebate_month_cap",
)
_BUCKET_FIELDS = ("from_day", "to_day", "provision_rate")


@dataclass(frozen=True)
class Tier:
    """A class as typed: from and to days overdue (None: no end), provision in percent."""

    risk_class: str
    from_day: int
    to_day: int | None
    provision_rate: Decimal


@transaction.atomic
def update_ledger_setting(
    *,
    values: Mapping[str, Any],
    seen_version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> LedgerSetting:
    """Change the ledger's settings; what is in the journal already stays as it was counted.

    Raises APP-01, WF-12, and LED-01 for an order that does not name each part once.
    """
    refuse_unless(may_change_settings(actor))
    unknown = sorted(set(values) - set(SETTING_FIELDS))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    setting = lock_row(LedgerSetting, 1)
    refuse_stale(setting, seen_version)
    _refuse_orders(values)
    names = list(values)
    with translation.override("zh-hans"):
        before = field_values(setting, names)
        for name, value in values.items():
            setattr(setting, name, as_stored(LedgerSetting, name, value))
        _check(setting)
        after = field_values(setting, names)
    if before != after:
        setting.version += 1
        setting.save()
        record_changes(instance=setting, before=before, after=after, actor=actor, now=now, ip=ip)
    return setting


@transaction.atomic
def update_class_buckets(
    *, tiers: list[Tier], actor: Employee, now: datetime, ip: str | None = None
) -> list[ClassBucket]:
    """Set all five tiers at once; loans follow with the next run.

    Raises APP-01, and CLS-02 when the tiers overlap, leave a gap or miss a class.
    """
    refuse_unless(may_change_settings(actor))
    stored = {row.risk_class: row for row in ClassBucket.objects.select_for_update()}
    if not are_continuous([(tier.risk_class, tier.from_day, tier.to_day) for tier in tiers]):
        raise errors.buckets_broken()
    for tier in sorted(tiers, key=lambda each: CLASS_ORDER[each.risk_class]):
        row = stored.get(tier.risk_class) or ClassBucket(risk_class=tier.risk_class)
        before = field_values(row, _BUCKET_FIELDS) if row.pk else {}
        row.from_day, row.to_day = tier.from_day, tier.to_day
        row.provision_rate = as_stored(ClassBucket, "provision_rate", tier.provision_rate)
        _check(row)
        row.save()
        record_changes(
            instance=row,
            before=before,
            after=field_values(row, _BUCKET_FIELDS),
            actor=actor,
            now=now,
            ip=ip,
        )
        stored[tier.risk_class] = row
    return list(ClassBucket.objects.order_by("from_day"))


def _refuse_orders(values: Mapping[str, Any]) -> None:
    for name in ("normal_order", "bad_order"):
        if name in values and sorted(values[name]) != sorted(Part.values):
            raise errors.order_incomplete(name)


def _check(instance: Any) -> None:
    try:
        instance.full_clean()
    except ValidationError as error:
        refuse_all(field_refusals(error))
