import threading

from django.db import IntegrityError, connection, transaction

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.models import Employee
from staff.services import people
from staff.services.people import (
    create_employee,
    deactivate_employee,
    reactivate_employee,
    reset_password,
    update_employee,
)
from staff.services.people_data import PersonData
from staff.services.roles import assign_role
from tests.staff.factories import (
    NOW,
    BranchFactory,
    DepartmentFactory,
    EmployeeFactory,
    person,
    role,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def adm():
    return person("ADM")


def data(**values):
    values.setdefault("username", "wanglei")
    values.setdefault("employee_no", "E9001")
    values.setdefault("name", "王磊")
    values.setdefault("branch", values.pop("branch", None) or BranchFactory())
    return PersonData(**values)


def codes(refusal):
    return {(reason.code, reason.field) for reason in refusal.value.reasons}


class TestCreateEmployee:
    def test_makes_a_login_with_a_password_to_be_changed(self, adm):
        made = create_employee(data=data(phone="13800138000"), actor=adm, now=NOW)
        employee = Employee.objects.get(username="wanglei")
        assert employee.check_password(made.password)
        assert employee.must_change_password and employee.is_active
        assert "wl" in employee.pinyin and "wanglei" in employee.pinyin
        fields = ChangeRecord.objects.filter(object_id=employee.pk, actor=adm)
        assert set(fields.values_list("field", flat=True)) >= {"username", "name", "branch"}

    def test_says_everything_that_is_wrong_at_once(self, adm):
        taken = EmployeeFactory(username="LiNa")
        with pytest.raises(DomainError) as refusal:
            create_employee(
                data=data(
                    username="lina",
                    employee_no=taken.employee_no,
                    name="",
                    phone="12",
                    email="nobody",
                    department=DepartmentFactory(),
                    superior=EmployeeFactory(is_active=False),
                ),
                actor=adm,
                now=NOW,
            )
        assert codes(refusal) == {
            ("ORG-22", "username"),
            ("ORG-22", "employee_no"),
            ("ORG-20", "name"),
            ("CUS-04", "phone"),
            ("ORG-24", "email"),
            ("ORG-04", "department"),
            ("ORG-08", "superior"),
        }
        assert not Employee.objects.filter(username="lina").exists()

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("name", "x" * 41, "ORG-21"),
            ("name", "\x00", "ORG-20"),
            ("employee_no", "9" * 10_000_000, "ORG-21"),
            ("username", "a b", "ORG-23"),
            ("username", "<script>", "ORG-23"),
            ("phone", "１２", "CUS-04"),
            ("email", "a@b\x00", "ORG-24"),
        ],
    )
    def test_refuses_bad_input(self, adm, field, value, code):
        with pytest.raises(DomainError) as refusal:
            create_employee(data=data(**{field: value}), actor=adm, now=NOW)
        assert codes(refusal) == {(code, field)}

    def test_keeps_rare_characters_and_emoji(self, adm):
        made = create_employee(data=data(name="𠮷野😀"), actor=adm, now=NOW)
        assert Employee.objects.get(pk=made.employee.pk).name == "𠮷野😀"

    def test_a_given_password_must_be_strong(self, adm):
        with pytest.raises(DomainError) as refusal:
            create_employee(data=data(), actor=adm, now=NOW, password="12345")
        assert {code for code, _field in codes(refusal)} == {"ACC-03"}

    @pytest.mark.parametrize("code", ["AM", "CEO", "HRM"])
    def test_only_the_administrator(self, code):
        with pytest.raises(DomainError) as refusal:
            create_employee(data=data(), actor=person(code), now=NOW)
        assert (refusal.value.code, refusal.value.status) == ("ORG-02", 403)

    def test_one_user_name_whatever_its_case_also_in_the_database(self, adm):
        EmployeeFactory(username="LiNa")
        with pytest.raises(IntegrityError, match="username_in_any_case"), transaction.atomic():
            EmployeeFactory(username="lina")

    def test_who_loses_a_race_for_a_name_gets_the_same_sentence(self, adm, monkeypatch):
        EmployeeFactory(username="wanglei")
        monkeypatch.setattr(
            "staff.services.people_data._uniqueness_refusals", lambda values, person: []
        )
        with pytest.raises(DomainError) as refusal:
            create_employee(data=data(), actor=adm, now=NOW)
        assert codes(refusal) == {("ORG-22", "username")}


class TestUpdateEmployee:
    def test_changes_data_and_the_log_names_old_and_new(self, adm):
        employee = EmployeeFactory(name="张三")
        update_employee(
            employee=employee,
            data=data(branch=employee.branch, name="张叁", superior=adm),
            version=1,
            actor=adm,
            now=NOW,
        )
        rows = {
            row.field: (row.old, row.new, row.field_label)
            for row in ChangeRecord.objects.filter(object_id=employee.pk)
        }
        assert rows["name"][:2] == ("张三", "张叁")
        assert rows["superior"][:2] == ("", adm.name)

    def test_wf_12_on_a_stale_form(self, adm):
        employee = EmployeeFactory()
        values = {"employee": employee, "actor": adm, "now": NOW, "version": 1}
        update_employee(data=data(branch=employee.branch), **values)
        with pytest.raises(DomainError) as refusal:
            update_employee(data=data(branch=employee.branch, name="另一个"), **values)
        assert (refusal.value.code, refusal.value.status) == ("WF-12", 409)
        employee.refresh_from_db()
        assert employee.name == "王磊"

    def test_org_03_nobody_stands_above_himself(self, adm):
        top = EmployeeFactory(name="总")
        middle = EmployeeFactory(name="中", superior=top)
        bottom = EmployeeFactory(name="下", superior=middle)
        for superior in (top, bottom):
            with pytest.raises(DomainError) as refusal:
                update_employee(
                    employee=top,
                    data=data(branch=top.branch, superior=superior),
                    actor=adm,
                    now=NOW,
                )
            assert codes(refusal) == {("ORG-03", "superior")}
        assert "下 → 中 → 总" in refusal.value.message

    def test_the_database_refuses_a_circle_by_itself(self):
        top = EmployeeFactory()
        bottom = EmployeeFactory(superior=top)
        with pytest.raises(IntegrityError, match="ORG-03"), transaction.atomic():
            Employee.objects.filter(pk=top.pk).update(superior=bottom)
        with pytest.raises(IntegrityError, match="not_own_superior"), transaction.atomic():
            Employee.objects.filter(pk=top.pk).update(superior=top)

    def test_the_database_refuses_a_department_of_another_branch(self):
        with pytest.raises(IntegrityError, match="ORG-04"), transaction.atomic():
            EmployeeFactory(department=DepartmentFactory())

    def test_roles_over_own_records_move_along(self, adm):
        department, target = DepartmentFactory(), DepartmentFactory()
        employee = EmployeeFactory(branch=department.branch, department=department)
        assign_role(employee=employee, role=role("AM"), actor=adm, now=NOW)
        head = assign_role(
            employee=employee, role=role("TL"), department=department, actor=adm, now=NOW
        )
        update_employee(
            employee=employee,
            data=data(branch=target.branch, department=target),
            actor=adm,
            now=NOW,
        )
        held = {one.role.code: one for one in employee.role_assignments.all()}
        assert held["AM"].department == target
        assert held["TL"].department == head.department  # he may go on heading the old one
        logged = ChangeRecord.objects.filter(object_id=employee.pk, field="roles").latest("id")
        assert target.name in logged.new and target.name not in logged.old


@pytest.mark.django_db(transaction=True)
class TestRace:
    def test_two_changes_cannot_close_a_circle_together(self):
        first, second = EmployeeFactory(), EmployeeFactory()
        adm = person("ADM")
        start = threading.Barrier(2)
        outcome = []

        def put(employee, superior):
            try:
                start.wait(timeout=5)
                update_employee(
                    employee=employee,
                    data=data(
                        username=employee.username,
                        employee_no=employee.employee_no,
                        branch=employee.branch,
                        superior=superior,
                    ),
                    actor=Employee.objects.get(pk=adm.pk),
                    now=NOW,
                )
                outcome.append("won")
            except DomainError as error:
                outcome.append(error.code)
            finally:
                connection.close()

        threads = [
            threading.Thread(target=put, args=pair) for pair in ((first, second), (second, first))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert sorted(outcome) == ["ORG-03", "won"]


class TestDeactivateEmployee:
    def test_hnd_06_counts_what_every_app_still_finds(self, adm, monkeypatch):
        employee = EmployeeFactory(name="李四")
        EmployeeFactory(superior=employee)
        monkeypatch.setattr(people, "_open_items", [lambda who: 2, lambda who: 3])
        with pytest.raises(DomainError) as refusal:
            deactivate_employee(employee=employee, actor=adm, now=NOW)
        assert refusal.value.code == "HND-06"
        assert refusal.value.params == {"name": "李四", "count": 6}
        assert Employee.objects.get(pk=employee.pk).is_active

    def test_closes_the_login_and_takes_the_roles(self, adm):
        employee = person("HRM")
        deactivate_employee(employee=employee, actor=adm, now=NOW)
        employee = Employee.objects.get(pk=employee.pk)
        assert not employee.is_active
        assert employee.left_on.isoformat() == "2026-11-23"
        assert not employee.role_assignments.exists()
        reactivate_employee(employee=employee, actor=adm, now=NOW)
        employee.refresh_from_db()
        assert employee.is_active and employee.left_on is None

    def test_not_oneself_and_not_the_last_administrator(self, adm):
        with pytest.raises(DomainError) as refusal:
            deactivate_employee(employee=adm, actor=adm, now=NOW)
        assert refusal.value.code == "ORG-10"

    def test_only_the_administrator(self, adm):
        with pytest.raises(DomainError) as refusal:
            deactivate_employee(employee=adm, actor=person("BGM"), now=NOW)
        assert refusal.value.status == 403


class TestResetPassword:
    def test_gives_a_new_one_to_be_changed(self, adm):
        employee = EmployeeFactory()
        made = reset_password(employee=employee, actor=adm, now=NOW)
        employee.refresh_from_db()
        assert employee.check_password(made.password) and employee.must_change_password
        row = ChangeRecord.objects.get(object_id=employee.pk)
        assert made.password not in (row.old, row.new)
