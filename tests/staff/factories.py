"""Set-up for tests of the organisation: people and places without ceremony."""

from __future__ import annotations

from datetime import UTC, datetime

import factory

from staff.choices import COMPANY_WIDE
from staff.models import Branch, Department, Employee, Role, RoleAssignment

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, ten in the morning in Shanghai


class BranchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Branch

    code = factory.Sequence(lambda n: f"F{n}")
    name = factory.Sequence(lambda n: f"分公司{n}")


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Department

    branch = factory.SubFactory(BranchFactory)
    name = factory.Sequence(lambda n: f"业务{n}部")


class EmployeeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Employee

    username = factory.Sequence(lambda n: f"person{n}")
    employee_no = factory.Sequence(lambda n: f"E{n:04}")
    name = factory.Sequence(lambda n: f"员工{n}")
    branch = factory.SubFactory(BranchFactory)


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def person(code: str, **values: object) -> Employee:
    """An employee who holds a role where he works."""
    employee = EmployeeFactory(**values)
    held = role(code)
    RoleAssignment.objects.create(
        employee=employee,
        role=held,
        branch=None if held.scope in COMPANY_WIDE else employee.branch,
        department=employee.department if held.scope == "DEPARTMENT" else None,
        duty_line=held.duty_line,
    )
    return employee
