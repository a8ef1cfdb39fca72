from django.db import IntegrityError, transaction

import pytest

from lending_crm.common.errors import DomainError
from staff.models import Branch, Department
from staff.selectors import department_trees
from staff.services.structure import save_branch, save_department
from tests.staff.factories import NOW, BranchFactory, DepartmentFactory, EmployeeFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def adm():
    return person("ADM")


def branch_values(adm, **values):
    return {
        "code": "SH",
        "name": "上海分公司",
        "is_head_office": False,
        "actor": adm,
        "now": NOW,
        **values,
    }


class TestSaveBranch:
    def test_opens_and_changes_one(self, adm):
        branch = save_branch(**branch_values(adm, code="sh"))
        assert branch.code == "SH"
        changed = save_branch(**branch_values(adm, branch=branch, name="上海二分", version=1))
        assert (changed.name, changed.version) == ("上海二分", 2)

    @pytest.mark.parametrize(
        ("values", "code", "field"),
        [
            ({"code": "上海"}, "ORG-25", "code"),
            ({"code": ""}, "ORG-20", "code"),
            ({"name": "x" * 61}, "ORG-21", "name"),
        ],
    )
    def test_refuses_bad_input(self, adm, values, code, field):
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(adm, **values))
        assert (refusal.value.code, refusal.value.field) == (code, field)

    def test_refuses_taken_names_and_codes(self, adm):
        taken = BranchFactory(code="SH")
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(adm))
        assert (refusal.value.code, refusal.value.field) == ("ORG-22", "code")
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(adm, code="NJ", name=taken.name))
        assert (refusal.value.code, refusal.value.field) == ("ORG-22", "name")

    def test_there_is_one_head_office(self, adm):
        BranchFactory(is_head_office=True)
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(adm, is_head_office=True))
        assert refusal.value.code == "ORG-12"
        with pytest.raises(IntegrityError, match="one_head_office"), transaction.atomic():
            BranchFactory(is_head_office=True)

    def test_the_code_stays(self, adm):
        branch = save_branch(**branch_values(adm))
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(adm, branch=branch, code="SZ"))
        assert refusal.value.code == "ORG-26"

    def test_closes_only_when_empty(self, adm):
        branch = save_branch(**branch_values(adm))
        employee = EmployeeFactory(branch=branch)
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(adm, branch=branch, is_active=False))
        assert refusal.value.code == "ORG-13"
        type(employee).objects.filter(pk=employee.pk).update(is_active=False)
        assert not save_branch(**branch_values(adm, branch=branch, is_active=False)).is_active

    def test_stale_and_forbidden(self, adm):
        branch = save_branch(**branch_values(adm))
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(adm, branch=branch, version=7))
        assert refusal.value.code == "WF-12"
        with pytest.raises(DomainError) as refusal:
            save_branch(**branch_values(person("CEO"), branch=branch))
        assert refusal.value.status == 403
        assert Branch.objects.get(pk=branch.pk).version == 1


class TestSaveDepartment:
    def test_builds_a_tree(self, adm):
        branch = BranchFactory()
        top = save_department(branch=branch, name="业务部", actor=adm, now=NOW)
        below = save_department(branch=branch, name="一组", parent=top, actor=adm, now=NOW)
        save_department(branch=branch, name="风控部", actor=adm, now=NOW)
        EmployeeFactory(branch=branch, department=below)
        nodes = department_trees([branch])[0].nodes
        tree = [(node.department.name, node.depth, node.people) for node in nodes]
        assert tree == [("业务部", 0, 0), ("一组", 1, 1), ("风控部", 0, 0)]

    def test_refuses_a_circle_or_a_parent_elsewhere(self, adm):
        top = DepartmentFactory()
        below = DepartmentFactory(branch=top.branch, parent=top)
        for parent in (top, below, DepartmentFactory()):
            with pytest.raises(DomainError) as refusal:
                save_department(
                    branch=top.branch,
                    name=top.name,
                    department=top,
                    parent=parent,
                    actor=adm,
                    now=NOW,
                )
            assert (refusal.value.code, refusal.value.field) == ("ORG-05", "parent")

    def test_the_database_holds_the_tree_and_the_branch(self):
        top = DepartmentFactory()
        below = DepartmentFactory(branch=top.branch, parent=top)
        with pytest.raises(IntegrityError, match="ORG-05"), transaction.atomic():
            Department.objects.filter(pk=top.pk).update(parent=below)
        with pytest.raises(Exception, match="Cannot"), transaction.atomic():
            Department.objects.filter(pk=top.pk).update(branch=BranchFactory())

    def test_refuses_the_same_name_in_a_branch(self, adm):
        department = DepartmentFactory()
        with pytest.raises(DomainError) as refusal:
            save_department(branch=department.branch, name=department.name, actor=adm, now=NOW)
        assert refusal.value.code == "ORG-22"

    def test_closes_only_when_empty(self, adm):
        department = DepartmentFactory()
        DepartmentFactory(branch=department.branch, parent=department)
        with pytest.raises(DomainError) as refusal:
            save_department(
                branch=department.branch,
                name=department.name,
                department=department,
                is_active=False,
                actor=adm,
                now=NOW,
            )
        assert refusal.value.code == "ORG-13"
