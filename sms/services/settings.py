"""系统设置 → 短信: the lender's figures about text messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.text import clean_line
from sms import errors
from sms.models import SmsSetting
from sms.rules.permissions import may_change_settings
from staff.models import Employee
from staff.services.guards import lock_row, refuse_stale

SETTING_FIELDS = (
    "signature",
    "quiet_from",
    "quiet_until",
    "do_notices_wait",
    "notice_cap",
    "collection_cap",
    "marketing_cap",
    "birthday_cap",
    "due_days",
    "keep_days",
)


@transaction.atomic
def update_sms_setting(
    *,
    values: Mapping[str, Any],
    seen_version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> SmsSetting:
    """Change the figures; they hold for every message from then on.

    Raises SMS-15 (administrators only), WF-12, and SMS-14 for what the law does not leave to
    the lender: six collection messages a day, six months of keeping, 22:00 to 08:00 (R13).
    """
    setting = lock_row(SmsSetting, 1)
    if not may_change_settings(actor):
        raise errors.may_not_configure()
    refuse_stale(setting, seen_version)
    unknown = sorted(set(values) - set(SETTING_FIELDS))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    with translation.override("zh-hans"):
        before = field_values(setting, SETTING_FIELDS)
        for name, value in values.items():
            setattr(setting, name, clean_line(value) if isinstance(value, str) else value)
        after = field_values(setting, SETTING_FIELDS)
    try:
        setting.full_clean()
    except ValidationError as error:
        refuse_all(_refusals(error))
    setting.version += 1
    setting.save()
    record_changes(instance=setting, before=before, after=after, actor=actor, now=now, ip=ip)
    return setting


def ensure_setting() -> None:
    """The one row exists after each migration."""
    SmsSetting.objects.get_or_create(pk=1)


def _refusals(error: ValidationError) -> list[DomainError]:
    return [
        errors.wrong_setting(None if name == "__all__" else name, message)
        for name, messages in error.message_dict.items()
        for message in messages
    ]
