"""Take people on, move them, change their data and let them go."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import Token

import axes.utils

from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError
from lending_crm.common.text import search_key
from staff.choices import Language
from staff.models import Delegation, Employee
from staff.rules import require_keeper
from staff.selectors import superior_chain
from staff.services.guards import lock_row, refuse_stale, refuse_weak
from staff.services.people_data import PersonData, cleaned, refusing_conflicts
from staff.services.roles import inactive, move_own_roles, revoke_all_roles, tell_of_loss

OpenItems = Callable[[Employee], int]
_open_items: list[OpenItems] = []

#: fields that the change log of a person shows
TRACKED = (
    "username",
    "employee_no",
    "name",
    "branch",
    "department",
    "superior",
    "phone",
    "email",
    "left_on",
    "is_active",
)


def register_open_items(count: OpenItems) -> None:
    """An app names what a person still holds (HND-06); called from its ``apps.py``."""
    _open_items.append(count)


def open_items(employee: Employee) -> int:
    """How much must be handed over before the person may leave: work of every app, and
    the people who still stand under him."""
    subordinates = employee.subordinates.filter(is_active=True).count()
    return subordinates + sum(count(employee) for count in _open_items)


def _open_delegations(employee: Employee, now: datetime) -> int:
    rows = Delegation.objects.not_over(now)
    return rows.filter(Q(principal=employee) | Q(delegate=employee)).count()


@dataclass(frozen=True)
class NewLogin:
    """A person and the password to hand him; the password is stored nowhere in clear."""

    employee: Employee
    password: str


@transaction.atomic
def create_employee(
    *,
    data: PersonData,
    actor: Employee | None,
    now: datetime,
    password: str = "",
    must_change_password: bool = True,
    ip: str | None = None,
) -> NewLogin:
    """Take a person on; without a password one is made up.

    He must set his own at the first login, so that nobody else can act in his name.
    Raises the field refusals of ``PersonData`` and ACC-03 for a weak password. ``actor`` is
    empty only for the first administrator, whom a command makes.
    """
    if actor is not None:
        require_keeper(actor)
    values = cleaned(data, person=None)
    employee = Employee(**values, date_joined=now, language=Language.CHINESE)
    if password:
        refuse_weak(password, person=employee, field="password")
    password = password or make_password_up()
    employee.pinyin = search_key(employee.name)
    employee.must_change_password = must_change_password
    employee.set_password(password)
    with refusing_conflicts(values):
        employee.save(force_insert=True)
    after = field_values(employee, TRACKED)
    record_changes(instance=employee, before={}, after=after, actor=actor, now=now, ip=ip)
    return NewLogin(employee, password)


@transaction.atomic
def update_employee(
    *,
    employee: Employee,
    data: PersonData,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    ip: str | None = None,
) -> Employee:
    """Change a person's data. Roles that reach only his own records move along with him.

    Raises WF-12 on a stale version, ORG-03 for superiors in a circle, ORG-04 for a
    department of another branch.
    """
    locked = lock_row(Employee, employee.pk)
    require_keeper(actor)
    refuse_stale(locked, version)
    values = cleaned(data, person=locked)
    _refuse_circle(locked, data.superior)
    before = field_values(locked, TRACKED)
    moved = (locked.branch_id, locked.department_id)
    for name, value in values.items():
        setattr(locked, name, value)
    locked.pinyin = search_key(locked.name)
    locked.version += 1
    with refusing_conflicts(values):
        locked.save(update_fields=[*values, "pinyin", "version"])
    after = field_values(locked, TRACKED)
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    if moved != (locked.branch_id, locked.department_id):
        move_own_roles(employee=locked, left=moved, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def deactivate_employee(
    *,
    employee: Employee,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    ip: str | None = None,
) -> Employee:
    """Close the login of a person who leaves, and take his roles (N27).

    Raises HND-06 while anything is in his hands, ORG-09 for the last administrator and
    ORG-10 for oneself. His sessions end with their next request.
    """
    locked = lock_row(Employee, employee.pk)
    require_keeper(actor)
    refuse_stale(locked, version)
    if not locked.is_active:
        return locked
    if locked.pk == actor.pk:
        raise DomainError("ORG-10", _("You cannot deactivate your own account."))
    left = open_items(locked) + _open_delegations(locked, now)
    if left:
        raise DomainError(
            "HND-06",
            _("%(name)s: %(count)s items left; account cannot be disabled."),
            params={"name": locked.name, "count": left},
        )
    revoke_all_roles(employee=locked, actor=actor, now=now, ip=ip)
    before = field_values(locked, TRACKED)
    locked.is_active = False
    locked.left_on = timezone.localdate(now)
    locked.version += 1
    locked.save(update_fields=["is_active", "left_on", "version"])
    after = field_values(locked, TRACKED)
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    tell_of_loss(employee=locked, actor=actor, now=now)
    return locked


@transaction.atomic
def reactivate_employee(
    *, employee: Employee, actor: Employee, now: datetime, ip: str | None = None
) -> Employee:
    """Open the login of a person who came back; he starts without any role."""
    locked = lock_row(Employee, employee.pk)
    require_keeper(actor)
    if locked.is_active:
        return locked
    before = field_values(locked, TRACKED)
    locked.is_active = True
    locked.left_on = None
    locked.version += 1
    locked.save(update_fields=["is_active", "left_on", "version"])
    after = field_values(locked, TRACKED)
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def reset_password(
    *, employee: Employee, actor: Employee, now: datetime, ip: str | None = None
) -> NewLogin:
    """Give a person who forgot his password a new one, to be changed at the next login.

    His sessions and his API token end, and a lock after wrong attempts opens.
    """
    locked = lock_row(Employee, employee.pk)
    require_keeper(actor)
    if not locked.is_active:
        raise inactive(locked)
    password = make_password_up()
    locked.set_password(password)
    locked.must_change_password = True
    locked.save(update_fields=["password", "must_change_password"])
    Token.objects.filter(user=locked).delete()
    axes.utils.reset(username=locked.username.lower())
    record_changes(
        instance=locked,
        before={},
        after={"password": "••••••"},
        actor=actor,
        now=now,
        ip=ip,
    )
    return NewLogin(locked, password)


def make_password_up() -> str:
    """Random and readable over the telephone: no letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    digits = "23456789"
    parts = ["".join(secrets.choice(letters) for _i in range(4)) for _p in range(2)]
    return "-".join([*parts, "".join(secrets.choice(digits) for _i in range(4))])


@transaction.atomic
def change_superior(
    *,
    employee: Employee,
    superior: Employee | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Employee:
    """Put a person under another superior; raises ORG-03 for a circle."""
    locked = lock_row(Employee, employee.pk)
    require_keeper(actor)
    _refuse_circle(locked, superior)
    before = field_values(locked, ("superior",))
    locked.superior = superior
    locked.version += 1
    with refusing_conflicts({"name": locked.name}):
        locked.save(update_fields=["superior", "version"])
    after = field_values(locked, ("superior",))
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    return locked


def _refuse_circle(employee: Employee, superior: Employee | None) -> None:
    if superior is None or superior.pk == employee.superior_id:
        return
    chain = [superior, *superior_chain(superior, 30)]
    if employee.pk in {one.pk for one in chain}:
        names = [one.name for one in chain]
        path = names[: [one.pk for one in chain].index(employee.pk) + 1]
        raise DomainError(
            "ORG-03",
            _("%(superior)s already stands under %(name)s: %(chain)s."),
            status=422,
            field="superior",
            params={
                "superior": superior.name,
                "name": employee.name,
                "chain": " → ".join(path),
            },
        )
