import threading

from django.db import IntegrityError, connection, transaction

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.choices import RoleCode
from staff.models import Employee, Role, RoleAssignment
from staff.services.roles import assign_role, ensure_roles, rename_role, revoke_role
from tests.staff.factories import (
    NOW,
    BranchFactory,
    DepartmentFactory,
    EmployeeFactory,
    person,
    role,
)

pytestmark = pytest.mark.django_db

CONTROL = ["BRM", "HRM", "PLM", "ARD", "FIN", "RC", "RCC", "RCS"]


def assign(employee, code, **values):
    return assign_role(
        employee=employee, role=role(code), actor=values.pop("actor", None), now=NOW, **values
    )


class TestEnsureRoles:
    def test_creates_every_role_once_and_keeps_changed_titles(self):
        ensure_roles()
        Role.objects.filter(code="AM").update(title="业务经理")
        ensure_roles()
        assert set(Role.objects.values_list("code", flat=True)) == set(RoleCode.values)
        assert Role.objects.get(code="AM").title == "业务经理"

    def test_code_and_duty_line_never_change(self):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic():
            Role.objects.filter(pk=role("AM").pk).update(duty_line="RISK")


class TestAssignRole:
    @pytest.mark.parametrize("business", ["AM", "TL"])
    @pytest.mark.parametrize("control", CONTROL)
    def test_org_01_business_and_control_never_in_one_hand(self, business, control):
        department = DepartmentFactory()
        place = {"branch": department.branch, "department": department}
        for first, second in ((business, control), (control, business)):
            employee = EmployeeFactory(**place)
            assign(employee, first, **place)
            with pytest.raises(DomainError) as refusal:
                assign(employee, second, **place)
            assert refusal.value.code == "ORG-01"
            assert employee.role_assignments.count() == 1

    def test_management_goes_with_either(self):
        employee = EmployeeFactory()
        assign(employee, "BGM", branch=employee.branch)
        assign(employee, "AM")
        assert employee.role_assignments.count() == 2

    def test_the_database_holds_org_01_by_itself(self):
        employee = person("AM")
        risk = role("BRM")
        with pytest.raises(IntegrityError, match="ORG-01"), transaction.atomic():
            RoleAssignment.objects.create(
                employee=employee, role=risk, branch=employee.branch, duty_line=risk.duty_line
            )
        # A lie about the duty line is overwritten by the role's own.
        with pytest.raises(IntegrityError, match="ORG-01"), transaction.atomic():
            RoleAssignment.objects.create(
                employee=employee, role=risk, branch=employee.branch, duty_line="MANAGEMENT"
            )

    def test_own_roles_hold_where_the_person_works(self):
        department = DepartmentFactory()
        employee = EmployeeFactory(branch=department.branch, department=department)
        assignment = assign(employee, "AM")
        assert (assignment.branch, assignment.department) == (department.branch, department)

    def test_a_company_role_names_no_place(self):
        employee = EmployeeFactory()
        assignment = assign(employee, "HRM", branch=employee.branch)
        assert assignment.branch is None

    @pytest.mark.parametrize(("code", "field"), [("BRM", "branch"), ("TL", "department")])
    def test_refuses_a_role_without_its_place(self, code, field):
        with pytest.raises(DomainError) as refusal:
            assign(EmployeeFactory(), code)
        assert (refusal.value.code, refusal.value.field) == ("ORG-06", field)

    def test_refuses_a_closed_branch_and_a_department_of_another(self):
        with pytest.raises(DomainError) as refusal:
            assign(EmployeeFactory(), "BRM", branch=BranchFactory(is_active=False))
        assert refusal.value.code == "ORG-11"
        with pytest.raises(DomainError) as refusal:
            assign(EmployeeFactory(), "TL", branch=BranchFactory(), department=DepartmentFactory())
        assert refusal.value.code == "ORG-04"

    def test_refuses_the_same_role_twice_and_inactive_people(self):
        employee = person("HRM")
        with pytest.raises(DomainError) as refusal:
            assign(employee, "HRM")
        assert refusal.value.code == "ORG-07"
        with pytest.raises(DomainError) as refusal:
            assign(EmployeeFactory(is_active=False), "HRM")
        assert refusal.value.code == "ORG-08"

    def test_only_the_administrator_assigns(self):
        with pytest.raises(DomainError) as refusal:
            assign(EmployeeFactory(), "HRM", actor=person("CEO"))
        assert (refusal.value.code, refusal.value.status) == ("ORG-02", 403)

    def test_writes_the_change_log(self):
        adm, employee = person("ADM"), EmployeeFactory()
        assign(employee, "HRM", actor=adm, ip="10.0.0.7")
        row = ChangeRecord.objects.get(model="staff.employee", object_id=employee.pk)
        assert (row.field, row.old, row.new) == ("roles", "", "总部风控")
        assert (row.actor, row.at, row.ip) == (adm, NOW, "10.0.0.7")


class TestRevokeRole:
    def test_the_last_administrator_stays(self):
        adm = person("ADM")
        with pytest.raises(DomainError) as refusal:
            revoke_role(assignment=adm.role_assignments.get(), actor=adm, now=NOW)
        assert refusal.value.code == "ORG-09"
        person("ADM")
        revoke_role(assignment=adm.role_assignments.get(), actor=adm, now=NOW)
        assert not adm.role_assignments.exists()

    def test_twice_is_once(self):
        adm, employee = person("ADM"), person("HRM")
        assignment = employee.role_assignments.get()
        revoke_role(assignment=assignment, actor=adm, now=NOW)
        revoke_role(assignment=assignment, actor=adm, now=NOW)
        assert ChangeRecord.objects.filter(object_id=employee.pk, field="roles").count() == 1


class TestRenameRole:
    def test_changes_titles_only(self):
        renamed = rename_role(
            role=role("AM"), title="业务经理", title_en="Loan officer", actor=person("ADM"), now=NOW
        )
        assert (renamed.code, renamed.title) == ("AM", "业务经理")
        with pytest.raises(DomainError) as refusal:
            rename_role(role=role("AM"), title=" \x00 ", title_en="x", actor=person("ADM"), now=NOW)
        assert (refusal.value.code, refusal.value.field) == ("ORG-20", "title")


@pytest.mark.django_db(transaction=True)
class TestRace:
    """Two administrators give clashing roles to one person at the same moment (ORG-01)."""

    @pytest.mark.parametrize("through_service", [True, False])
    def test_one_wins_and_the_other_is_told(self, through_service):
        employee = EmployeeFactory()
        codes = ("AM", "BRM")
        roles = {code: role(code) for code in codes}
        start = threading.Barrier(2)
        outcome: dict[str, str] = {}

        def give(code):
            mine = Employee.objects.get(pk=employee.pk)
            try:
                with transaction.atomic():
                    start.wait(timeout=5)
                    if through_service:
                        assign_role(
                            employee=mine,
                            role=roles[code],
                            branch=mine.branch,
                            actor=None,
                            now=NOW,
                        )
                    else:
                        RoleAssignment.objects.create(
                            employee=mine,
                            role=roles[code],
                            branch=mine.branch,
                            duty_line=roles[code].duty_line,
                        )
                outcome[code] = "won"
            except (DomainError, IntegrityError) as error:
                outcome[code] = "ORG-01" if "ORG-01" in str(error) else repr(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=give, args=(code,)) for code in codes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert sorted(outcome.values()) == ["ORG-01", "won"]
        assert RoleAssignment.objects.filter(employee=employee).count() == 1
