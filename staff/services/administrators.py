"""The first administrator, made on the machine itself before anybody can log in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from staff.choices import RoleCode
from staff.models import Branch, Employee, Role
from staff.services.people import create_employee
from staff.services.people_data import PersonData
from staff.services.roles import assign_role, ensure_roles
from staff.services.structure import save_branch


@transaction.atomic
def create_administrator(
    *, username: str, name: str, password: str, now: datetime, employee_no: str = ""
) -> Employee:
    """A person with the role of the information administrator, at head office.

    Opens the head office when there is none yet. Raises the refusals of
    ``create_employee`` and ACC-03 for a weak password.
    """
    ensure_roles()
    if not password:
        raise DomainError("ACC-06", _("A password is required."), status=422, field="password")
    office = Branch.objects.filter(is_head_office=True).first() or save_branch(
        code="ZB", name="总部", is_head_office=True, actor=None, now=now
    )
    made = create_employee(
        data=PersonData(
            username=username,
            employee_no=employee_no or f"ADM-{username}"[:20],
            name=name,
            branch=office,
        ),
        password=password,
        must_change_password=False,
        actor=None,
        now=now,
    )
    assign_role(
        employee=made.employee, role=Role.objects.get(code=RoleCode.ADM), actor=None, now=now
    )
    return made.employee
