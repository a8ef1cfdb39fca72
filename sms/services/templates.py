"""Text templates: write a version, have another person decide on it, put it out of use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation

from customers import errors as customer_errors
from customers.rules.values import clean_values
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import refuse_all
from lending_crm.common.text import clean_text
from sms import errors
from sms.choices import KIND_OF_USAGE, Usage, VersionState
from sms.models import SmsSetting, SmsTemplate, TemplateVersion
from sms.rules.permissions import may_approve_templates, may_write_templates
from sms.rules.sending import whole_text
from sms.rules.variables import check_text, sample_of
from staff.models import Employee
from staff.services.guards import lock_row, refuse_stale, refusing

_FIELDS = ("name", "kind", "usage", "is_active")
_SHORTEST_REASON = 5


@transaction.atomic
def create_template(
    *,
    values: Mapping[str, Any],
    text: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> SmsTemplate:
    """Enter a template with its first text, which waits for approval.

    Raises SMS-15 (role), CUS-17 (empty), SMS-16 (usage of another kind), SMS-17, SMS-18 and
    what ``check_text`` raises.
    """
    if not may_write_templates(actor):
        raise errors.may_not_configure()
    template = SmsTemplate(created_at=now)
    _apply(template, {"is_active": True, **values})
    words = _checked(template.kind, text)
    _save(template)
    _record(template, {}, actor=actor, now=now, ip=ip)
    _add_version(template, words, actor=actor, now=now)
    return template


@transaction.atomic
def update_template(
    *,
    template_id: int,
    values: Mapping[str, Any],
    seen_version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> SmsTemplate:
    """Rename it, change what sends it, put it out of use; the kind never changes."""
    template = lock_row(SmsTemplate, template_id)
    if not may_write_templates(actor):
        raise errors.may_not_configure()
    refuse_stale(template, seen_version)
    before = _read(template)
    _apply(template, {**values, "kind": template.kind})
    template.version += 1
    _save(template)
    _record(template, before, actor=actor, now=now, ip=ip)
    return template


@transaction.atomic
def write_version(
    *, template_id: int, text: str, actor: Employee, now: datetime
) -> TemplateVersion:
    """A new text; until it is approved the one before stays in use.

    Raises SMS-15 (role), SMS-22 while another text of the template waits for its decision.
    """
    template = lock_row(SmsTemplate, template_id)
    if not may_write_templates(actor):
        raise errors.may_not_configure()
    words = _checked(template.kind, text)
    if template.versions.filter(state=VersionState.DRAFT).exists():
        raise errors.draft_waits()
    return _add_version(template, words, actor=actor, now=now)


@transaction.atomic
def approve_version(*, version_id: int, actor: Employee, now: datetime) -> TemplateVersion:
    """Let a text be used. Raises SMS-15 (role), SMS-13 (decided), SMS-06 (his own)."""
    return _decide(version_id, VersionState.APPROVED, "", actor=actor, now=now)


@transaction.atomic
def reject_version(
    *, version_id: int, note: str, actor: Employee, now: datetime
) -> TemplateVersion:
    """Turn a text down, with the reason (SMS-19)."""
    return _decide(version_id, VersionState.REJECTED, note, actor=actor, now=now)


def _decide(
    version_id: int, state: str, note: str, *, actor: Employee, now: datetime
) -> TemplateVersion:
    version = lock_row(TemplateVersion, version_id)
    if not may_approve_templates(actor):
        raise errors.may_not_configure()
    if version.state != VersionState.DRAFT:
        raise errors.already_decided()
    if version.author_id == actor.pk:
        raise errors.own_text()
    cleaned, found = clean_values(TemplateVersion, {"note": note})
    refuse_all(found)
    if state == VersionState.REJECTED and len(cleaned["note"]) < _SHORTEST_REASON:
        raise errors.reason_missing()
    version.state, version.note = state, cleaned["note"]
    version.decided_by, version.decided_at = actor, now
    version.save(update_fields=["state", "note", "decided_by", "decided_at"])
    return version


def _add_version(
    template: SmsTemplate, words: str, *, actor: Employee, now: datetime
) -> TemplateVersion:
    last = template.versions.aggregate(last=Max("number"))["last"] or 0
    return TemplateVersion.objects.create(
        template=template, number=last + 1, text=words, author=actor, created_at=now
    )


def _checked(kind: str, text: str) -> str:
    words = clean_text(text)
    limit = TemplateVersion._meta.get_field("text").max_length or 0
    if not words:
        raise customer_errors.empty_field("text")
    if len(words) > limit:
        raise errors.too_long(limit)
    check_text(kind, words)
    whole_text(kind, SmsSetting.objects.get(pk=1).signature, sample_of(kind, words))
    return words


def _apply(template: SmsTemplate, values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - set(_FIELDS))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    cleaned, found = clean_values(SmsTemplate, values)
    for name, value in cleaned.items():
        setattr(template, name, value)
    refused = {refusal.field for refusal in found}
    found += [
        customer_errors.empty_field(name)
        for name in ("name", "kind")
        if name not in refused and not getattr(template, name)
    ]
    if not found and template.usage and KIND_OF_USAGE[Usage(template.usage)] != template.kind:
        found.append(errors.wrong_usage())
    refuse_all(found)


def _save(template: SmsTemplate) -> None:
    with refusing(
        {
            "sms_template_one_per_usage": errors.usage_taken,
            "sms_template_name_once": errors.name_taken,
        }
    ):
        template.save()


def _read(template: SmsTemplate) -> dict[str, str]:
    with translation.override("zh-hans"):
        return field_values(template, _FIELDS)


def _record(
    template: SmsTemplate,
    before: dict[str, str],
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
) -> None:
    record_changes(
        instance=template, before=before, after=_read(template), actor=actor, now=now, ip=ip
    )
