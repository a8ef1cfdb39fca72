"""Open, rename and close branches and departments."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError
from staff.models import Branch, Department, Employee
from staff.rules import require_keeper
from staff.services.guards import lock_row, refuse_stale, refusing, required_line, taken

BRANCH_FIELDS = ("code", "name", "is_head_office", "is_active", "hq_ratio")
DEPARTMENT_FIELDS = ("branch", "name", "parent", "is_active")
_WHOLE = 100
BRANCH_CODE = re.compile(r"^[A-Z0-9]{1,8}$")


@transaction.atomic
def save_branch(
    *,
    code: str,
    name: str,
    is_head_office: bool,
    actor: Employee | None,
    now: datetime,
    branch: Branch | None = None,
    is_active: bool = True,
    hq_ratio: Decimal | None = None,
    version: int | None = None,
    ip: str | None = None,
) -> Branch:
    """Open a branch, or change one.

    The code is part of every document number and stays as it is once given. ``hq_ratio`` is
    the percentage of a loan that head office funds (domain M12), None to leave it. Raises
    ORG-12 (second head office), ORG-13 (closing with people in it), ORG-25 (code), ORG-28
    (share), WF-12.
    """
    locked = lock_row(Branch, branch.pk) if branch else Branch()
    if actor is not None:
        require_keeper(actor)
    if branch is not None:
        refuse_stale(locked, version)
    before = field_values(locked, BRANCH_FIELDS) if branch else {}
    code = required_line(code, field="code", label=_("Code"), limit=8).upper()
    name = required_line(name, field="name", label=_("Name"), limit=60)
    if not BRANCH_CODE.match(code):
        raise DomainError(
            "ORG-25",
            _("A branch code has 1 to 8 capital letters or digits."),
            status=422,
            field="code",
        )
    if branch is not None and code != locked.code:
        raise DomainError(
            "ORG-26",
            _("The branch code is part of document numbers and cannot be changed."),
            status=422,
            field="code",
        )
    hq_ratio = locked.hq_ratio if hq_ratio is None else hq_ratio
    if not 0 <= hq_ratio <= _WHOLE:
        raise DomainError(
            "ORG-28",
            _("Head office's share lies between 0 and 100 percent."),
            status=422,
            field="hq_ratio",
        )
    others = Branch.objects.exclude(pk=locked.pk)
    if others.filter(code=code).exists():
        raise taken(field="code", label=_("Code"), value=code)
    if others.filter(name=name).exists():
        raise taken(field="name", label=_("Name"), value=name)
    if is_head_office and others.filter(is_head_office=True).exists():
        raise _second_head_office()
    if branch is not None and locked.is_active and not is_active:
        _refuse_while_used(locked.name, locked.employees.filter(is_active=True).count())
    locked.code, locked.name = code, name
    locked.is_head_office, locked.is_active = is_head_office, is_active
    locked.hq_ratio = hq_ratio
    locked.version += 1 if branch else 0
    with refusing(
        {
            "one_head_office": _second_head_office,
            "staff_branch_code_key": lambda: taken(field="code", label=_("Code"), value=code),
            "staff_branch_name_key": lambda: taken(field="name", label=_("Name"), value=name),
        }
    ):
        locked.save()
    after = field_values(locked, BRANCH_FIELDS)
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def save_department(
    *,
    branch: Branch,
    name: str,
    actor: Employee | None,
    now: datetime,
    parent: Department | None = None,
    department: Department | None = None,
    is_active: bool = True,
    version: int | None = None,
    ip: str | None = None,
) -> Department:
    """Open a department in a branch, or rename, move and close one within its branch.

    Raises ORG-05 (parent in a circle or of another branch), ORG-13 (closing with people
    in it), WF-12.
    """
    locked = lock_row(Department, department.pk) if department else Department(branch=branch)
    if actor is not None:
        require_keeper(actor)
    if department is not None:
        refuse_stale(locked, version)
    before = field_values(locked, DEPARTMENT_FIELDS) if department else {}
    name = required_line(name, field="name", label=_("Name"), limit=60)
    same_name = Department.objects.filter(branch_id=locked.branch_id, name=name)
    if same_name.exclude(pk=locked.pk).exists():
        raise taken(field="name", label=_("Name"), value=name)
    if parent is not None and not _parent_fits(locked, parent):
        raise _wrong_parent()
    if department is not None and locked.is_active and not is_active:
        people = locked.employees.filter(is_active=True).count()
        children = locked.children.filter(is_active=True).count()
        _refuse_while_used(locked.name, people + children)
    locked.name, locked.parent, locked.is_active = name, parent, is_active
    locked.version += 1 if department else 0
    with refusing(
        {
            "department_name_in_branch": lambda: taken(field="name", label=_("Name"), value=name),
            "department_parent": _wrong_parent,
            "department_not_own_parent": _wrong_parent,
        }
    ):
        locked.save()
    after = field_values(locked, DEPARTMENT_FIELDS)
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    return locked


def _parent_fits(department: Department, parent: Department) -> bool:
    if parent.branch_id != department.branch_id:
        return False
    above = dict(
        Department.objects.filter(branch_id=parent.branch_id).values_list("pk", "parent_id")
    )
    seen: set[int] = set()
    step: int | None = parent.pk
    while step is not None and step not in seen:
        if step == department.pk:
            return False
        seen.add(step)
        step = above.get(step)
    return True


def _second_head_office() -> DomainError:
    return DomainError(
        "ORG-12", _("There is already a head office."), status=422, field="is_head_office"
    )


def _wrong_parent() -> DomainError:
    return DomainError(
        "ORG-05",
        _("The parent must be another department of the same branch, not one below it."),
        status=422,
        field="parent",
    )


def _refuse_while_used(name: str, count: int) -> None:
    if count:
        raise DomainError(
            "ORG-13",
            _("“%(name)s” still has %(count)s active people or departments; move them first."),
            field="is_active",
            params={"name": name, "count": count},
        )
