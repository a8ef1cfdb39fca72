"""Every sentence of the message catalogue says in Chinese what domain.md prints."""

from django.utils import translation

import pytest

from lending_crm.common.errors import DomainError
from staff.rules import separation_refused
from staff.services.people import deactivate_employee
from tests.staff.factories import NOW, EmployeeFactory, person


class TestMessages:
    def test_org_01(self):
        with translation.override("zh-hans"):
            assert separation_refused().message == "业务岗位与风控/财务岗位不得由同一人兼任。"
        with translation.override("en"):
            assert separation_refused().message == (
                "Business roles and risk or finance roles cannot be held by the same person."
            )

    @pytest.mark.django_db
    def test_hnd_06(self):
        employee = EmployeeFactory(name="李四")
        EmployeeFactory.create_batch(3, superior=employee)
        with pytest.raises(DomainError) as refusal, translation.override("zh-hans"):
            deactivate_employee(employee=employee, actor=person("ADM"), now=NOW)
        with translation.override("zh-hans"):
            assert refusal.value.message == "员工 李四 名下仍有 3 项未移交,不能停用账号。"
