"""修改记录 of customers, contacts and opportunities: numbers are kept masked (N25)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_noop

from customers.rules.fields import SENSITIVE
from lending_crm.common.changes import field_values, new_text, record_changes
from lending_crm.common.identity import mask_card, mask_id_no, mask_phone
from staff.models import Employee

LANGUAGE_OF_RECORD = "zh-hans"
#: what a row of the log is about when it is no field of the record
EVENTS = (
    gettext_noop("contacts"),
    gettext_noop("consents"),
    gettext_noop("influences"),
    gettext_noop("relation graphs"),
    gettext_noop("related employees"),
    gettext_noop("public pool"),
    gettext_noop("group members"),
)
_MASKS = {
    "id_no": mask_id_no,
    "acct_no": mask_card,
    "phone": mask_phone,
    "mobile": mask_phone,
    "phone2": mask_phone,
}


def mask(field: str, value: str) -> str:
    """The value of a sensitive field as everybody may see it."""
    return _MASKS[field](value) if value else ""


class ChangeLog:
    """Holds a record as it was, then writes what became different.

    Two numbers may look alike under their masks; the new one is then marked as changed.
    """

    def __init__(self, instance: models.Model, fields: Iterable[str]) -> None:
        self._fields = tuple(fields)
        self._hidden = [
            name for name in SENSITIVE.get(instance._meta.label_lower, ()) if name in self._fields
        ]
        self._before = self._read(instance) if instance.pk else {}
        self._numbers = {name: getattr(instance, name) for name in self._hidden}

    def write(
        self, instance: models.Model, *, actor: Employee | None, now: datetime, ip: str | None
    ) -> None:
        """Store one row per changed field; call it after the record was saved."""
        after = self._read(instance)
        with translation.override(LANGUAGE_OF_RECORD):
            for name in self._hidden:
                number = getattr(instance, name)
                if number != self._numbers[name]:
                    after[name] = new_text(self._before.get(name, ""), after[name])
        record_changes(
            instance=instance, before=self._before, after=after, actor=actor, now=now, ip=ip
        )

    def _read(self, instance: models.Model) -> dict[str, str]:
        with translation.override(LANGUAGE_OF_RECORD):
            values = field_values(instance, self._fields)
        for name in self._hidden:
            values[name] = mask(name, getattr(instance, name))
        return values


def note_event(
    *,
    instance: models.Model,
    field: str,
    old: str,
    new: str,
    actor: Employee | None,
    now: datetime,
    ip: str | None,
) -> None:
    """One row for what is not a field of the record: a contact removed, a consent revoked."""
    record_changes(
        instance=instance, before={field: old}, after={field: new}, actor=actor, now=now, ip=ip
    )
