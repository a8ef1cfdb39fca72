"""Give roles to people and take them away."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.changes import record_changes
from lending_crm.common.errors import DomainError
from staff.choices import COMPANY_WIDE, DutyLine, RoleCode, RoleScope
from staff.models import Branch, Department, Employee, Role, RoleAssignment
from staff.rules import lines_clash, require_keeper, separation_refused
from staff.services.guards import lock_row, required_line


class RoleLoss(Protocol):
    """Told after a person lost a role or left: who, who took it, when."""

    def __call__(self, *, employee: Employee, actor: Employee, now: datetime) -> None: ...


_role_losses: list[RoleLoss] = []


def register_role_loss(tell: RoleLoss) -> None:
    """An app names what must happen when a role is taken away; called from its ``apps.py``."""
    _role_losses.append(tell)


class RoleGain(Protocol):
    """Told after a person got a role: who, from whom (nobody for a command), when."""

    def __call__(self, *, employee: Employee, actor: Employee | None, now: datetime) -> None: ...


_role_gains: list[RoleGain] = []


def register_role_gain(tell: RoleGain) -> None:
    """An app names what must happen when a role is given; called from its ``apps.py``."""
    _role_gains.append(tell)


#: code, Chinese title, English title, duty line, scope of sight (domain.md §1)
ROLES = (
    (RoleCode.AM, "客户经理", "Account manager", DutyLine.BUSINESS, RoleScope.OWN),
    (RoleCode.TL, "部门主管", "Department head", DutyLine.BUSINESS, RoleScope.DEPARTMENT),
    (RoleCode.BRM, "分公司风控经理", "Branch risk manager", DutyLine.RISK, RoleScope.BRANCH),
    (
        RoleCode.BGM,
        "分公司总经理",
        "Branch general manager",
        DutyLine.MANAGEMENT,
        RoleScope.BRANCH,
    ),
    (RoleCode.HRM, "总部风控", "Head-office risk control", DutyLine.RISK, RoleScope.ALL),
    (RoleCode.PLM, "贷后监管部", "Post-loan supervision", DutyLine.RISK, RoleScope.ALL),
    (
        RoleCode.ARD,
        "资产保全部",
        "Asset recovery",
        DutyLine.RISK,
        RoleScope.BAD_CUSTOMERS,
    ),
    (RoleCode.FIN, "财务部/资金部", "Finance", DutyLine.FINANCE, RoleScope.ALL),
    (RoleCode.RC, "风控委员会委员", "Committee member", DutyLine.COMMITTEE, RoleScope.OWN),
    (RoleCode.RCC, "风控委员会主任", "Committee chair", DutyLine.COMMITTEE, RoleScope.OWN),
    (RoleCode.RCS, "风控委员会秘书", "Committee secretary", DutyLine.COMMITTEE, RoleScope.OWN),
    (RoleCode.CEO, "总裁", "President", DutyLine.MANAGEMENT, RoleScope.ALL),
    (
        RoleCode.ADM,
        "信息管理员",
        "Information administrator",
        DutyLine.ADMINISTRATION,
        RoleScope.OWN,
    ),
)


def ensure_roles() -> list[Role]:
    """Create the roles that are missing; titles that were changed stay as they are."""
    rows = [
        Role(code=code, title=title, title_en=title_en, duty_line=line, scope=scope)
        for code, title, title_en, line, scope in ROLES
    ]
    Role.objects.bulk_create(rows, ignore_conflicts=True)
    return list(Role.objects.all())


@transaction.atomic
def assign_role(
    *,
    employee: Employee,
    role: Role,
    actor: Employee | None,
    now: datetime,
    branch: Branch | None = None,
    department: Department | None = None,
    ip: str | None = None,
) -> RoleAssignment:
    """Let a person hold a role, in a branch or department where the role's scope asks for it.

    A role of scope OWN holds where its person works unless another place is named. Raises
    ORG-01 (business with risk, finance or committee), ORG-06 (place missing or wrong),
    ORG-07 (already held), ORG-08 (inactive person). ``actor`` is empty only for the first
    administrator, whom a command makes.
    """
    locked = lock_row(Employee, employee.pk)
    if actor is not None:
        require_keeper(actor)
    if not locked.is_active:
        raise inactive(locked)
    branch, department = _place(role, locked, branch, department)
    held = list(locked.role_assignments.select_related("role", "branch", "department"))
    if lines_clash([one.duty_line for one in held], role.duty_line):
        raise separation_refused()
    place = (role.pk, branch and branch.pk, department and department.pk)
    if place in [(one.role_id, one.branch_id, one.department_id) for one in held]:
        raise DomainError(
            "ORG-07",
            _("%(name)s already holds the role “%(role)s” there."),
            field="role",
            params={"name": locked.name, "role": role},
        )
    assignment = RoleAssignment.objects.create(
        employee=locked,
        role=role,
        branch=branch,
        department=department,
        duty_line=role.duty_line,
    )
    _record(locked, _texts(held), _texts([*held, assignment]), actor=actor, now=now, ip=ip)
    for tell in _role_gains:
        tell(employee=locked, actor=actor, now=now)
    return assignment


@transaction.atomic
def revoke_role(
    *, assignment: RoleAssignment, actor: Employee, now: datetime, ip: str | None = None
) -> None:
    """Take a role away; the person loses its open pool items with the next request.

    Raises ORG-09 for the last administrator: nobody could keep the organisation any more.
    """
    locked = lock_row(Employee, assignment.employee_id)
    require_keeper(actor)
    held = list(locked.role_assignments.select_related("role", "branch", "department"))
    target = next((one for one in held if one.pk == assignment.pk), None)
    if target is None:
        return
    if target.role.code == RoleCode.ADM:
        refuse_last_administrator(leaving=locked)
    remaining = [one for one in held if one.pk != target.pk]
    RoleAssignment.objects.filter(pk=target.pk).delete()
    _record(locked, _texts(held), _texts(remaining), actor=actor, now=now, ip=ip)
    tell_of_loss(employee=locked, actor=actor, now=now)


def tell_of_loss(*, employee: Employee, actor: Employee, now: datetime) -> None:
    """Tell the apps that the person holds fewer roles than before, or left."""
    for tell in _role_losses:
        tell(employee=employee, actor=actor, now=now)


@transaction.atomic
def rename_role(
    *,
    role: Role,
    title: str,
    title_en: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Role:
    """Change the titles of a role; flows and rules know it by its code and notice nothing."""
    locked = lock_row(Role, role.pk)
    require_keeper(actor)
    before = {"title": locked.title, "title_en": locked.title_en}
    locked.title = required_line(title, field="title", label=_("Chinese title"), limit=40)
    locked.title_en = required_line(title_en, field="title_en", label=_("English title"), limit=60)
    locked.save(update_fields=["title", "title_en"])
    after = {"title": locked.title, "title_en": locked.title_en}
    record_changes(instance=locked, before=before, after=after, actor=actor, now=now, ip=ip)
    return locked


def move_own_roles(
    *,
    employee: Employee,
    left: tuple[int | None, int | None],
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> None:
    """Let roles over own records follow their person; ``left`` is the branch and department
    that he leaves. The caller holds the lock on his row."""
    held = list(employee.role_assignments.select_related("role", "branch", "department"))
    before = _texts(held)
    for one in held:
        if one.role.scope == RoleScope.OWN and (one.branch_id, one.department_id) == left:
            one.branch, one.department = employee.branch, employee.department
            one.save(update_fields=["branch", "department"])
    _record(employee, before, _texts(held), actor=actor, now=now, ip=ip)


def revoke_all_roles(
    *, employee: Employee, actor: Employee, now: datetime, ip: str | None = None
) -> None:
    """Take every role of a person who leaves; the caller holds the lock on his row, and tells
    of the loss (``tell_of_loss``) when he has left."""
    held = list(employee.role_assignments.select_related("role", "branch", "department"))
    if any(one.role.code == RoleCode.ADM for one in held):
        refuse_last_administrator(leaving=employee)
    RoleAssignment.objects.filter(employee=employee).delete()
    _record(employee, _texts(held), [], actor=actor, now=now, ip=ip)


def refuse_last_administrator(*, leaving: Employee) -> None:
    """ORG-09; the lock on the role makes two administrators who drop each other queue up."""
    lock_row(Role, Role.objects.get(code=RoleCode.ADM).pk)
    others = RoleAssignment.objects.filter(role__code=RoleCode.ADM, employee__is_active=True)
    if not others.exclude(employee=leaving).exists():
        raise DomainError(
            "ORG-09",
            _("%(name)s is the last information administrator; appoint another one first."),
            params={"name": leaving.name},
        )


def inactive(employee: Employee) -> DomainError:
    return DomainError(
        "ORG-08", _("%(name)s is inactive."), params={"name": employee.name}, field="employee"
    )


def _place(
    role: Role, employee: Employee, branch: Branch | None, department: Department | None
) -> tuple[Branch | None, Department | None]:
    if role.scope in COMPANY_WIDE:
        return None, None
    for field, place in (("branch", branch), ("department", department)):
        if place is not None and not place.is_active:
            raise DomainError(
                "ORG-11",
                _("“%(place)s” is closed."),
                status=422,
                field=field,
                params={"place": place.name},
            )
    if department is not None:
        if branch is not None and department.branch_id != branch.pk:
            raise DomainError(
                "ORG-04",
                _("Department “%(department)s” does not belong to “%(branch)s”."),
                status=422,
                field="department",
                params={"department": department.name, "branch": branch.name},
            )
        branch = department.branch
    if role.scope == RoleScope.OWN:
        if branch is None:
            return employee.branch, employee.department
        return branch, department
    if role.scope == RoleScope.DEPARTMENT and department is None:
        raise DomainError(
            "ORG-06",
            _("Choose the department in which the role “%(role)s” holds."),
            status=422,
            field="department",
            params={"role": role},
        )
    if branch is None:
        raise DomainError(
            "ORG-06",
            _("Choose the branch in which the role “%(role)s” holds."),
            status=422,
            field="branch",
            params={"role": role},
        )
    return branch, department if role.scope == RoleScope.DEPARTMENT else None


def _texts(held: list[RoleAssignment]) -> list[str]:
    """Held roles as the change log names them: title, then where they hold."""
    return [
        f"{one.role.title}({place})" if (place := one.department or one.branch) else one.role.title
        for one in held
    ]


def _record(
    employee: Employee,
    before: list[str],
    after: list[str],
    *,
    actor: Employee | None,
    now: datetime,
    ip: str | None,
) -> None:
    record_changes(
        instance=employee,
        before={"roles": "、".join(before)},
        after={"roles": "、".join(after)},
        actor=actor,
        now=now,
        ip=ip,
    )
