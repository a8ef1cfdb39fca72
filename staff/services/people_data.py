"""What is kept about a person, and the rules that each field must meet."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.identity import check_phone
from staff.models import Branch, Department, Employee
from staff.services.guards import optional_line, refusing, required_line, taken

USERNAME = re.compile(r"^[\w.@+-]+$")


@dataclass(frozen=True, kw_only=True)
class PersonData:
    """The data of a person as a form or an import gives them."""

    username: str
    employee_no: str
    name: str
    branch: Branch
    department: Department | None = None
    superior: Employee | None = None
    phone: str = ""
    email: str = ""


def cleaned(data: PersonData, *, person: Employee | None) -> dict[str, Any]:
    """The values to store; raises every field's refusal at once."""
    values: dict[str, Any] = {
        "branch": data.branch,
        "department": data.department,
        "superior": data.superior,
    }
    reasons: list[DomainError] = []
    for name, label, limit, needed in (
        ("username", _("User name"), 150, True),
        ("employee_no", _("Employee number"), 20, True),
        ("name", _("Full name"), 40, True),
        ("phone", _("Phone"), 20, False),
        ("email", _("E-mail"), 254, False),
    ):
        check = required_line if needed else optional_line
        try:
            values[name] = check(getattr(data, name), field=name, label=label, limit=limit)
        except DomainError as error:
            reasons.append(error)
    reasons += _format_refusals(values)
    reasons += _uniqueness_refusals(values, person)
    reasons += _place_refusals(data, person)
    refuse_all(reasons)
    return values


def refusing_conflicts(values: dict[str, Any]) -> AbstractContextManager[None]:
    """The same sentences for two administrators who save at the same moment."""

    def username() -> DomainError:
        return taken(field="username", label=_("User name"), value=values["username"])

    return refusing(
        {
            "username_in_any_case": username,
            "staff_employee_username_key": username,
            "staff_employee_employee_no_key": lambda: taken(
                field="employee_no", label=_("Employee number"), value=values["employee_no"]
            ),
            "superior_cycle": lambda: DomainError(
                "ORG-03",
                _("The superior already stands under %(name)s."),
                status=422,
                field="superior",
                params={"name": values["name"]},
            ),
        }
    )


def _format_refusals(values: dict[str, Any]) -> list[DomainError]:
    found: list[DomainError] = []
    if values.get("username") and not USERNAME.match(values["username"]):
        found.append(
            DomainError(
                "ORG-23",
                _("A user name holds only letters, digits and the signs @ . + - _"),
                status=422,
                field="username",
            )
        )
    if values.get("email"):
        try:
            validate_email(values["email"])
        except ValidationError:
            found.append(
                DomainError(
                    "ORG-24", _("The e-mail address is not valid."), status=422, field="email"
                )
            )
    if values.get("phone"):
        try:
            values["phone"] = check_phone(values["phone"])
        except DomainError as error:
            found.append(error)
    return found


def _uniqueness_refusals(values: dict[str, Any], person: Employee | None) -> list[DomainError]:
    found: list[DomainError] = []
    others = Employee.objects.exclude(pk=person.pk) if person else Employee.objects.all()
    username, number = values.get("username"), values.get("employee_no")
    if username and others.filter(username__iexact=username).exists():
        found.append(taken(field="username", label=_("User name"), value=username))
    if number and others.filter(employee_no=number).exists():
        found.append(taken(field="employee_no", label=_("Employee number"), value=number))
    return found


def _place_refusals(data: PersonData, person: Employee | None) -> list[DomainError]:
    found: list[DomainError] = []
    if data.department is not None and data.department.branch_id != data.branch.pk:
        found.append(
            DomainError(
                "ORG-04",
                _("Department “%(department)s” does not belong to “%(branch)s”."),
                status=422,
                field="department",
                params={"department": data.department.name, "branch": data.branch.name},
            )
        )
    if data.superior is not None:
        if person is not None and data.superior.pk == person.pk:
            found.append(
                DomainError(
                    "ORG-03",
                    _("A person cannot be his own superior."),
                    status=422,
                    field="superior",
                )
            )
        elif not data.superior.is_active:
            found.append(
                DomainError(
                    "ORG-08",
                    _("%(name)s is inactive."),
                    status=422,
                    field="superior",
                    params={"name": data.superior.name},
                )
            )
    return found
