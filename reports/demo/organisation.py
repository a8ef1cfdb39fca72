"""Open the branches, take the people on, give them their roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from reports.demo.people import (
    ADMINISTRATOR,
    BRANCHES,
    HEAD_OFFICE,
    NEW_MANAGER,
    OLD_MANAGER,
    PEOPLE,
    Person,
)
from staff.choices import COMPANY_WIDE, RoleCode, RoleScope
from staff.models import Branch, Department, Employee, Role
from staff.services.administrators import create_administrator
from staff.services.people import create_employee, update_employee
from staff.services.people_data import PersonData
from staff.services.roles import assign_role, revoke_role
from staff.services.structure import save_branch, save_department

#: Set by this command only; it opens nothing but the demo's own people.
PASSWORD = "demo-lending"  # noqa: S105
#: The number of the demo's administrator tells a demo from a lender's own database.
FIRST_NUMBER = "HY0001"


@dataclass
class Company:
    """The people by login, the places by name; one object for the whole demo."""

    people: dict[str, Employee] = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=dict)
    departments: dict[tuple[str, str], Department] = field(default_factory=dict)
    #: who has taken over whose place, by login
    successors: dict[str, str] = field(default_factory=dict)
    #: branches that have no general manager at the moment
    vacant: set[int | None] = field(default_factory=set)

    @property
    def administrator(self) -> Employee:
        return self.people[ADMINISTRATOR.login]

    def holder(self, role: str, of: Employee) -> Employee:
        """Who holds a role for the documents of ``of``; a login finds that person.

        Department heads by department, branch roles by branch.
        """
        code = role.upper()
        local = {RoleCode.TL: "department_id", RoleCode.BRM: "branch_id", RoleCode.BGM: "branch_id"}
        place = local.get(RoleCode(code)) if code in RoleCode.values else None
        if place is None:
            return self.people[role]
        return next(
            found
            for person in PEOPLE
            if person.role == code and person.login not in self.successors
            if (found := self.people.get(person.login)) is not None
            and getattr(found, place) == getattr(of, place)
        )


def build_company(*, now: datetime) -> Company:
    company = Company()
    administrator = create_administrator(
        username=ADMINISTRATOR.login,
        name=ADMINISTRATOR.name,
        password=PASSWORD,
        employee_no=FIRST_NUMBER,
        now=now,
    )
    company.people[ADMINISTRATOR.login] = administrator
    for code, name, departments in BRANCHES:
        branch = Branch.objects.filter(code=code).first() or save_branch(
            code=code, name=name, is_head_office=code == HEAD_OFFICE, actor=administrator, now=now
        )
        company.branches[code] = branch
        for title in departments:
            company.departments[code, title] = save_department(
                branch=branch, name=title, actor=administrator, now=now
            )
    for person in PEOPLE:
        if person.login != NEW_MANAGER:
            hire(company, person, now=now)
    _keep(company, ADMINISTRATOR, now=now)
    return company


def hire(company: Company, person: Person, *, now: datetime) -> None:
    """Take a person on and give him his role: in his branch, department or everywhere."""
    made = create_employee(
        data=_data(company, person),
        password=PASSWORD,
        must_change_password=False,
        actor=company.administrator,
        now=now,
    )
    company.people[person.login] = made.employee
    role = Role.objects.get(code=person.role)
    department = company.departments[person.branch, person.department]
    assign_role(
        employee=company.people[person.login],
        role=role,
        branch=company.branches[person.branch] if role.scope not in COMPANY_WIDE else None,
        department=department if role.scope == RoleScope.DEPARTMENT else None,
        actor=company.administrator,
        now=now,
    )


def vacate(company: Company, *, now: datetime) -> None:
    """The general manager of a branch goes; for some hours the branch has none."""
    manager = company.people[OLD_MANAGER]
    for assignment in manager.role_assignments.all():
        revoke_role(assignment=assignment, actor=company.administrator, now=now)
    company.vacant.add(manager.branch_id)


def succeed(company: Company, *, now: datetime) -> None:
    """The new general manager comes, and everybody below stands under him."""
    person = next(person for person in PEOPLE if person.login == NEW_MANAGER)
    hire(company, person, now=now)
    company.successors[OLD_MANAGER] = NEW_MANAGER
    company.vacant.discard(company.people[NEW_MANAGER].branch_id)
    for below in PEOPLE:
        if below.superior == OLD_MANAGER:
            _keep(company, below, now=now)


def enter_addresses(company: Company, *, now: datetime) -> None:
    """Note everybody's e-mail address.

    Comes last: while a person has no address the dispatcher writes him no letter, so
    nobody gets half a year of e-mail about what has long been decided.
    """
    for person in (ADMINISTRATOR, *PEOPLE):
        _keep(company, person, email=f"{person.login}@huiyin.example", now=now)


def _keep(company: Company, person: Person, *, now: datetime, email: str = "") -> None:
    """Write the person's data as they are now; loads him anew, without remembered roles."""
    update_employee(
        employee=company.people[person.login],
        data=_data(company, person, email=email),
        actor=company.administrator,
        now=now,
    )
    company.people[person.login] = Employee.objects.select_related("branch", "department").get(
        username=person.login
    )


def _data(company: Company, person: Person, *, email: str = "") -> PersonData:
    number = PEOPLE.index(person) + 2 if person in PEOPLE else 1
    superior = company.successors.get(person.superior, person.superior)
    return PersonData(
        username=person.login,
        employee_no=f"HY{number:04}",
        name=person.name,
        branch=company.branches[person.branch],
        department=company.departments[person.branch, person.department],
        superior=company.people.get(superior),
        phone=f"138{53_100_000 + 217 * number}",
        email=email,
    )
