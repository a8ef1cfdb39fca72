"""What a person changes about himself: password, language, messages, API token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import Token

from lending_crm.common.changes import record_changes
from lending_crm.common.errors import DomainError
from staff.choices import Language
from staff.events import event_for
from staff.models import Employee, NotificationPreference
from staff.services.guards import lock_row, refuse_weak

HIDDEN = "••••••"


@transaction.atomic
def change_own_password(
    *,
    actor: Employee,
    old_password: str,
    new_password: str,
    now: datetime,
    ip: str | None = None,
) -> Employee:
    """Set a new password; every other session of the person ends.

    Raises ACC-01 (old password wrong), ACC-02 (same as before) and ACC-03 with each
    reason why the new one is too weak.
    """
    locked = lock_row(Employee, actor.pk)
    if not locked.check_password(old_password):
        raise DomainError(
            "ACC-01", _("The current password is wrong."), status=422, field="old_password"
        )
    if locked.check_password(new_password):
        raise DomainError(
            "ACC-02",
            _("The new password must differ from the current one."),
            status=422,
            field="new_password",
        )
    refuse_weak(new_password, person=locked, field="new_password")
    locked.set_password(new_password)
    locked.must_change_password = False
    locked.save(update_fields=["password", "must_change_password"])
    record_changes(
        instance=locked, before={}, after={"password": HIDDEN}, actor=locked, now=now, ip=ip
    )
    return locked


@transaction.atomic
def set_language(*, actor: Employee, language: str) -> Employee:
    """Remember the language, in which messages are then written too."""
    locked = lock_row(Employee, actor.pk)
    if language not in Language.values:
        raise DomainError(
            "ACC-04", _("This language is not available."), status=422, field="language"
        )
    locked.language = language
    locked.save(update_fields=["language"])
    return locked


@dataclass(frozen=True)
class Preference:
    event: str
    in_app: bool
    email: bool


@transaction.atomic
def set_preferences(*, actor: Employee, preferences: Iterable[Preference]) -> None:
    """Choose how each kind of event arrives. Raises ACC-05 for an unknown event."""
    chosen = list(preferences)
    for one in chosen:
        if event_for(one.event) is None:
            raise DomainError(
                "ACC-05",
                _("There is no event “%(event)s”."),
                status=422,
                params={"event": one.event},
            )
    NotificationPreference.objects.bulk_create(
        [
            NotificationPreference(
                employee=actor, event=one.event, in_app=one.in_app, email=one.email
            )
            for one in chosen
        ],
        update_conflicts=True,
        unique_fields=["employee", "event"],
        update_fields=["in_app", "email"],
    )


@transaction.atomic
def create_api_token(*, actor: Employee, now: datetime, ip: str | None = None) -> str:
    """A new token for programs; the one before it stops working. Shown this once."""
    locked = lock_row(Employee, actor.pk)
    Token.objects.filter(user=locked).delete()
    token = Token.objects.create(user=locked)
    record_changes(
        instance=locked, before={}, after={"api_token": HIDDEN}, actor=locked, now=now, ip=ip
    )
    return token.key


@transaction.atomic
def revoke_api_token(*, actor: Employee, now: datetime, ip: str | None = None) -> None:
    locked = lock_row(Employee, actor.pk)
    deleted, _rows = Token.objects.filter(user=locked).delete()
    if deleted:
        record_changes(
            instance=locked,
            before={"api_token": HIDDEN},
            after={"api_token": ""},
            actor=locked,
            now=now,
            ip=ip,
        )
