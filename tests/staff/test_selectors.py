import pytest

from staff.models import Employee, RoleAssignment
from staff.selectors import holders, roles_of, superior_chain
from staff.services.roles import assign_role, revoke_role
from tests.staff.factories import (
    NOW,
    BranchFactory,
    DepartmentFactory,
    EmployeeFactory,
    person,
    role,
)

pytestmark = pytest.mark.django_db


class TestRolesOf:
    def test_asks_once_for_each_instance(self, django_assert_num_queries):
        employee = person("BRM")
        with django_assert_num_queries(1):
            roles = roles_of(employee)
            assert roles_of(employee) is roles
        assert roles.codes == {"BRM"}
        assert roles.has("BRM") and roles.has_any("AM", "BRM") and not roles.has("AM")
        assert roles.branch_ids("BRM") == {employee.branch_id}
        assert roles.branch_ids("AM") == frozenset()
        assert roles.assignments == (("BRM", role("BRM").pk, employee.branch_id, None, False),)

    @pytest.mark.parametrize("code", ["HRM", "PLM", "FIN", "CEO"])
    def test_sees_all_with_a_role_of_the_whole_company(self, code):
        assert roles_of(person(code)).sees_all

    @pytest.mark.parametrize("code", ["AM", "TL", "BRM", "BGM", "ARD", "RC", "RCC", "RCS", "ADM"])
    def test_does_not_see_all_with_a_narrower_role(self, code):
        assert not roles_of(person(code)).sees_all

    @pytest.mark.parametrize(("code", "crosses"), [("HRM", True), ("ARD", True), ("BRM", False)])
    def test_knows_who_meets_more_than_one_branch(self, code, crosses):
        assert roles_of(person(code)).crosses_branches is crosses

    def test_an_inactive_person_holds_nothing(self):
        employee = person("CEO")
        Employee.objects.filter(pk=employee.pk).update(is_active=False)
        assert roles_of(Employee.objects.get(pk=employee.pk)).codes == frozenset()

    def test_joining_and_leaving_takes_effect_with_the_next_request(self):
        adm, employee = person("ADM"), EmployeeFactory()
        assignment = assign_role(employee=employee, role=role("HRM"), actor=adm, now=NOW)
        assert roles_of(Employee.objects.get(pk=employee.pk)).has("HRM")
        revoke_role(assignment=assignment, actor=adm, now=NOW)
        assert not roles_of(Employee.objects.get(pk=employee.pk)).has("HRM")


class TestHolders:
    def test_finds_who_holds_the_role_in_the_branch_or_everywhere(self):
        here, elsewhere = person("BRM"), person("BRM")
        everywhere = EmployeeFactory()
        RoleAssignment.objects.create(employee=everywhere, role=role("BRM"), duty_line="RISK")
        assert holders("BRM", branch_id=here.branch_id) == [here, everywhere]
        assert holders("BRM") == [here, elsewhere, everywhere]

    def test_finds_who_heads_the_department(self):
        department = DepartmentFactory()
        head = person("TL", branch=department.branch, department=department)
        other = DepartmentFactory(branch=department.branch)
        person("TL", branch=department.branch, department=other)
        found = holders("TL", branch_id=department.branch_id, department_id=department.pk)
        assert found == [head]

    def test_leaves_inactive_people_out_and_names_nobody_twice(self):
        employee = person("BRM")
        gone = person("BRM")
        Employee.objects.filter(pk=gone.pk).update(is_active=False)
        RoleAssignment.objects.create(
            employee=employee, role=role("BRM"), branch=BranchFactory(), duty_line="RISK"
        )
        assert holders("BRM") == [employee]


class TestSuperiorChain:
    def test_walks_up_nearest_first_by_two_queries(self, django_assert_num_queries):
        top = EmployeeFactory()
        middle = EmployeeFactory(superior=top)
        bottom = EmployeeFactory(superior=middle)
        with django_assert_num_queries(2):
            assert superior_chain(bottom, 5) == [middle, top]
        assert superior_chain(bottom, 1) == [middle]
        assert superior_chain(top, 3) == []
        assert superior_chain(bottom, 0) == []

    def test_passes_an_inactive_superior_over_for_the_one_above(self):
        top = EmployeeFactory()
        left = EmployeeFactory(superior=top, is_active=False)
        bottom = EmployeeFactory(superior=left)
        assert superior_chain(bottom, 1) == [top]

    def test_ends_where_it_would_enter_a_circle(self):
        """The trigger forbids circles; an import that switched it off must not hang a case."""
        import pgtrigger

        first, second = EmployeeFactory(), EmployeeFactory()
        with pgtrigger.ignore("staff.Employee:superior_cycle"):
            Employee.objects.filter(pk=first.pk).update(superior=second)
            Employee.objects.filter(pk=second.pk).update(superior=first)
        first.refresh_from_db()
        assert superior_chain(first, 10) == [second]
