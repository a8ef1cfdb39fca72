"""修改记录: compare a record before and after a change and keep what differs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import translation
from django.utils.translation import gettext

from lending_crm.common.change_titles import title_of
from lending_crm.common.formats import format_moment
from lending_crm.common.models import ChangeRecord


def field_values(instance: models.Model, names: Iterable[str]) -> dict[str, str]:
    """The named fields as a reader would see them; choices by label, relations by name."""
    values: dict[str, str] = {}
    for name in names:
        display = getattr(instance, f"get_{name}_display", None)
        value: Any = display() if callable(display) else getattr(instance, name)
        values[name] = "" if value is None else _said(value)
    return values


def new_text(old: str, new: str) -> str:
    """What is written of a value that has changed: two numbers may look alike under their masks."""
    return new if new != old else gettext("%(masked)s (changed)") % {"masked": new}


def record_changes(
    *,
    instance: models.Model,
    before: dict[str, str],
    after: dict[str, str],
    actor: Any,
    now: datetime,
    ip: str | None = None,
    approval: str = "",
    deciders: str = "",
) -> list[ChangeRecord]:
    """Store one row per field whose text differs; labels in Chinese, the language of record.

    ``approval`` and ``deciders`` as ``ChangeRecord`` has them.
    """
    rows = changed_fields(
        instance=instance,
        before=before,
        after=after,
        actor=actor,
        now=now,
        ip=ip,
        approval=approval,
        deciders=deciders,
    )
    if rows:
        ChangeRecord.objects.bulk_create(rows)
    return rows


def changed_fields(
    *,
    instance: models.Model,
    before: dict[str, str],
    after: dict[str, str],
    actor: Any,
    now: datetime,
    ip: str | None = None,
    approval: str = "",
    deciders: str = "",
) -> list[ChangeRecord]:
    """The same rows, not stored yet: whoever changes many records writes them in one statement."""
    with translation.override("zh-hans"):
        return [
            ChangeRecord(
                model=instance._meta.label_lower,
                object_id=instance.pk,
                field=name,
                field_label=_label(instance, name),
                old=before.get(name, ""),
                new=value,
                actor=actor,
                at=now,
                ip=ip,
                approval=approval,
                deciders=deciders,
            )
            for name, value in after.items()
            if before.get(name, "") != value
        ]


def _label(instance: models.Model, name: str) -> str:
    try:
        field = instance._meta.get_field(name)
    except FieldDoesNotExist:
        field = None
    if said := getattr(field, "verbose_name", None) or title_of(instance._meta.label_lower, name):
        return str(said)
    # What is neither field nor list (a contact removed, a role given) is named by its key.
    return gettext(name)


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return format_moment(value)
    if not isinstance(value, bool):
        return str(value)
    with translation.override("zh-hans"):
        return gettext("yes") if value else gettext("no")
