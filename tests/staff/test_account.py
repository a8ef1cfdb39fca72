import io

from django.core.management import CommandError, call_command
from rest_framework.authtoken.models import Token

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.models import Branch, Employee
from staff.selectors import roles_of
from staff.services.account import (
    Preference,
    change_own_password,
    create_api_token,
    revoke_api_token,
    set_language,
    set_preferences,
)
from tests.staff.factories import NOW, BranchFactory, EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def employee():
    employee = EmployeeFactory(username="wanglei", must_change_password=True)
    employee.set_password("old-secret-9")
    employee.save()
    return employee


def change(employee, **values):
    values = {"old_password": "old-secret-9", "new_password": "river-stone-42", **values}
    return change_own_password(actor=employee, now=NOW, **values)


class TestChangeOwnPassword:
    def test_changes_it_and_logs_no_password(self, employee):
        change(employee)
        employee.refresh_from_db()
        assert employee.check_password("river-stone-42")
        assert not employee.must_change_password
        row = ChangeRecord.objects.get(object_id=employee.pk)
        assert (row.field, row.old, row.new) == ("password", "", "••••••")

    @pytest.mark.parametrize(
        ("values", "code", "field"),
        [
            ({"old_password": "wrong"}, "ACC-01", "old_password"),
            ({"old_password": "\x00"}, "ACC-01", "old_password"),
            ({"new_password": "old-secret-9"}, "ACC-02", "new_password"),
            ({"new_password": "1234567890"}, "ACC-03", "new_password"),
            ({"new_password": "short"}, "ACC-03", "new_password"),
            ({"new_password": "wanglei-2026"}, "ACC-03", "new_password"),
            ({"new_password": ""}, "ACC-03", "new_password"),
        ],
    )
    def test_refusals(self, employee, values, code, field):
        with pytest.raises(DomainError) as refusal:
            change(employee, **values)
        assert (refusal.value.code, refusal.value.field) == (code, field)
        employee.refresh_from_db()
        assert employee.check_password("old-secret-9")


class TestSetLanguage:
    def test_remembers_and_refuses(self, employee):
        assert set_language(actor=employee, language="en").language == "en"
        with pytest.raises(DomainError) as refusal:
            set_language(actor=employee, language="fr")
        assert refusal.value.code == "ACC-04"


class TestSetPreferences:
    def test_refuses_an_unknown_event(self, employee):
        with pytest.raises(DomainError) as refusal:
            set_preferences(actor=employee, preferences=[Preference("nothing", True, True)])
        assert refusal.value.code == "ACC-05"


class TestApiToken:
    def test_a_new_one_replaces_the_old(self, employee):
        first = create_api_token(actor=employee, now=NOW)
        second = create_api_token(actor=employee, now=NOW)
        assert first != second
        assert Token.objects.get(user=employee).key == second
        revoke_api_token(actor=employee, now=NOW)
        revoke_api_token(actor=employee, now=NOW)
        assert not Token.objects.exists()
        logged = ChangeRecord.objects.filter(object_id=employee.pk, field="api_token")
        assert not logged.filter(new=second).exists()


class TestCreateAdministrator:
    def run(self, monkeypatch, password="river-stone-42", **options):
        monkeypatch.setenv("ADMINISTRATOR_PASSWORD", password)
        out = io.StringIO()
        options = {"username": "adm", "name": "管理员", **options}
        call_command("create_administrator", stdout=out, **options)
        return out.getvalue()

    def test_makes_a_login_with_the_role_and_the_head_office(self, monkeypatch):
        assert "adm" in self.run(monkeypatch)
        employee = Employee.objects.get(username="adm")
        assert roles_of(employee).has("ADM")
        assert employee.check_password("river-stone-42") and not employee.must_change_password
        assert employee.branch == Branch.objects.get(is_head_office=True)

    def test_uses_the_head_office_that_is_there(self, monkeypatch):
        office = BranchFactory(is_head_office=True)
        self.run(monkeypatch)
        assert Employee.objects.get(username="adm").branch == office

    @pytest.mark.parametrize(
        ("password", "options", "code"),
        [
            ("", {}, "ACC-06"),
            ("123", {}, "ACC-03"),
            ("river-stone-42", {"name": ""}, "ORG-20"),
            ("river-stone-42", {"username": "a b"}, "ORG-23"),
            ("river-stone-42", {"username": "wanglei"}, "ORG-22"),
        ],
    )
    def test_refuses_plainly_and_leaves_nothing(
        self, monkeypatch, employee, password, options, code
    ):
        with pytest.raises(CommandError, match=code):
            self.run(monkeypatch, password=password, **options)
        assert not Branch.objects.filter(is_head_office=True).exists()
