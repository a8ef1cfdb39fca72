"""Who may hand over whose work (domain §2.3: 部门主管/ADM begin it, ADM carries it out)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from staff.choices import RoleCode
from staff.models import Employee
from staff.rules import keeps_organisation
from staff.selectors import roles_of

#: who may take over problem loans (HND-07)
HEADS = (RoleCode.TL, RoleCode.BGM)


def may_begin(user: Employee) -> bool:
    return roles_of(user).has_any(RoleCode.TL, RoleCode.ADM)


def may_see_list(user: Employee) -> bool:
    """Everybody may be asked to receive or to supervise one."""
    return user.is_active


def handed_over_by(user: Employee) -> QuerySet[Employee]:
    """Whose work the user may hand over: a head that of his department's people, an
    administrator everybody's."""
    people = Employee.objects.filter(branch__isnull=False, is_active=True)
    if keeps_organisation(user):
        return people
    reach = Q(pk__in=())
    for held in roles_of(user).assignments:
        if held.code != RoleCode.TL:
            continue
        if held.department_id is not None:
            reach |= Q(department=held.department_id)
        elif held.branch_id is not None:
            reach |= Q(branch=held.branch_id)
    return people.filter(reach).exclude(pk=user.pk)


def may_hand_over(user: Employee, employee: Employee) -> bool:
    return handed_over_by(user).filter(pk=employee.pk).exists()


def is_head(employee: Employee) -> bool:
    return roles_of(employee).has_any(*HEADS)


def may_execute(user: Employee) -> bool:
    return keeps_organisation(user)
