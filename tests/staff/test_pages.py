"""The organisation's pages: who may open them, what they cost, what bad input gets."""

import re

from django.urls import reverse

import pytest

from lending_crm.common.models import ChangeRecord
from staff.models import Branch, Department, Employee, HolidayOverride, Notification
from tests.staff.factories import (
    NOW,
    BranchFactory,
    DepartmentFactory,
    EmployeeFactory,
    person,
    role,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.staff.urls")]

ROLES = ["AM", "TL", "BRM", "BGM", "HRM", "PLM", "ARD", "FIN", "RC", "RCC", "RCS", "CEO", "ADM"]
FOR_EVERYBODY = [
    "people",
    "branches",
    "roles",
    "calendar",
    "profile",
    "preferences",
    "notifications",
    "notification_badge",
]
FOR_THE_KEEPER = ["person_new", "branch_new", "changes"]


@pytest.fixture
def adm(client):
    employee = person("ADM")
    client.force_login(employee)
    return employee


def someone(code):
    department = DepartmentFactory()
    return person(code, branch=department.branch, department=department)


class TestAccess:
    @pytest.mark.parametrize("code", ROLES)
    def test_each_role(self, client, code):
        client.force_login(someone(code))
        for name in FOR_EVERYBODY:
            assert client.get(reverse(f"staff:{name}")).status_code == 200, name
        wanted = 200 if code == "ADM" else 403
        for name in FOR_THE_KEEPER:
            assert client.get(reverse(f"staff:{name}")).status_code == wanted, name

    @pytest.mark.parametrize("name", FOR_EVERYBODY + FOR_THE_KEEPER)
    def test_a_visitor_is_sent_to_the_login(self, client, name):
        response = client.get(reverse(f"staff:{name}"))
        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("person_edit", "person"),
            ("person_deactivate", "person"),
            ("person_reactivate", "person"),
            ("person_reset_password", "person"),
            ("role_assign", "person"),
            ("role_revoke", "assignment"),
            ("branch_edit", "branch"),
            ("department_new", "branch"),
            ("department_edit", "department"),
            ("role_edit", "role"),
        ],
    )
    def test_only_the_administrator_changes_anything(self, client, name, kind):
        victim = someone("TL")
        pk = {
            "person": victim.pk,
            "assignment": victim.role_assignments.get().pk,
            "branch": victim.branch_id,
            "department": victim.department_id,
            "role": role("AM").pk,
        }[kind]
        client.force_login(someone("CEO"))
        before = ChangeRecord.objects.count()
        response = client.post(reverse(f"staff:{name}", args=[pk]), {"role": role("HRM").pk})
        assert response.status_code == 403
        assert ChangeRecord.objects.count() == before
        victim.refresh_from_db()
        assert victim.is_active and victim.role_assignments.count() == 1

    def test_a_get_changes_nothing(self, client, adm):
        victim = EmployeeFactory()
        for name in ("person_deactivate", "person_reset_password"):
            assert client.get(reverse(f"staff:{name}", args=[victim.pk])).status_code == 405

    @pytest.mark.parametrize("pk", [999999, 10**30])
    def test_what_does_not_exist_is_a_404(self, client, adm, pk):
        for name in ("person", "person_edit", "branch_edit", "department_edit", "role_edit"):
            response = client.get(reverse(f"staff:{name}", args=[pk]))
            assert response.status_code == 404, name
        assert client.post(reverse("staff:role_revoke", args=[pk])).status_code == 404
        assert client.get(reverse("staff:notification_open", args=[pk])).status_code == 404


class TestPeople:
    def test_finds_by_name_number_and_initials(self, client, adm):
        from staff.services.people import create_employee
        from staff.services.people_data import PersonData

        create_employee(
            data=PersonData(
                username="wl", employee_no="SH007", name="王磊", branch=BranchFactory()
            ),
            actor=adm,
            now=NOW,
        )
        for text in ("王磊", "SH007", "wl", "wanglei", "WangLei"):
            page = client.get(reverse("staff:people"), {"q": text}).content.decode()
            assert "SH007" in page, text
        assert "SH007" not in client.get(reverse("staff:people"), {"q": "李"}).content.decode()

    @pytest.mark.parametrize(
        "query",
        [
            {"q": "\x00"},
            {"q": "x" * 5000},
            {"q": "😀"},
            {"branch": "abc"},
            {"branch": "9" * 40},
            {"role": "-1"},
            {"status": "nonsense"},
            {"cursor": "nonsense"},
            {"cursor": "\x00"},
        ],
    )
    def test_a_nonsense_filter_is_answered(self, client, adm, query):
        assert client.get(reverse("staff:people"), query).status_code == 200

    def test_shows_people_who_left_only_when_asked(self, client, adm):
        EmployeeFactory(name="走了的人", is_active=False)
        assert "走了的人" not in client.get(reverse("staff:people")).content.decode()
        left = client.get(reverse("staff:people"), {"status": "left"}).content.decode()
        assert "走了的人" in left and adm.employee_no not in left

    def test_the_cost_does_not_grow_with_the_people(
        self, client, adm, django_assert_max_num_queries
    ):
        for _number in range(12):
            someone("TL")
        client.get(reverse("staff:profile"))  # the first click of a session notes its time
        for name, most in (("people", 10), ("branches", 6), ("roles", 6), ("changes", 6)):
            with django_assert_max_num_queries(most):
                client.get(reverse(f"staff:{name}"))
        url = reverse("staff:person", args=[adm.pk])
        with django_assert_max_num_queries(10):
            client.get(url)

    def test_the_phone_is_masked_for_colleagues(self, client):
        colleague = EmployeeFactory(phone="13812345678")
        client.force_login(someone("AM"))
        for url in (reverse("staff:people"), reverse("staff:person", args=[colleague.pk])):
            page = client.get(url).content.decode()
            assert "13812345678" not in page and "138****5678" in page
        client.force_login(person("ADM"))
        page = client.get(reverse("staff:person", args=[colleague.pk])).content.decode()
        assert "13812345678" in page

    def test_markup_in_a_name_is_text(self, client, adm):
        EmployeeFactory(name="<script>alert(1)</script>")
        page = client.get(reverse("staff:people")).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page

    def test_pages_by_key(self, client, adm):
        EmployeeFactory.create_batch(60, branch=adm.branch)
        page = client.get(reverse("staff:people")).content.decode()
        cursor = re.search(r'rel="next" href="\?cursor=([^"]+)"', page)[1]
        second = client.get(f"{reverse('staff:people')}?cursor={cursor}").content.decode()
        assert 'rel="prev"' in second


def person_values(**values):
    return {
        "name": "王磊",
        "employee_no": "E9001",
        "username": "wanglei",
        "branch": BranchFactory().pk,
        "phone": "",
        "email": "",
        **values,
    }


class TestPersonForms:
    def test_a_new_person_gets_a_password_that_is_shown_once(self, client, adm):
        response = client.post(reverse("staff:person_new"), person_values())
        employee = Employee.objects.get(username="wanglei")
        password = re.search(r"<output[^>]*>([^<]+)</output>", response.content.decode())[1]
        assert employee.check_password(password)
        assert "no-store" in response.headers["Cache-Control"]

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"name": ""}, "name"),
            ({"name": "名" * 41}, "40"),
            ({"phone": "123"}, "phone"),
            ({"email": "x"}, "e-mail"),
            ({"username": "a b"}, "user name"),
            ({"branch": "abc"}, "choice"),
            ({"branch": "9" * 40}, "choice"),
            ({"superior": "x"}, "choice"),
            ({"name": "a\x00b"}, "ull"),
        ],
    )
    def test_bad_input_is_said_and_kept(self, client, adm, values, sentence):
        response = client.post(
            reverse("staff:person_new"),
            person_values(employee_no="KEEP-ME", **values),
            headers={"Accept-Language": "en"},
        )
        page = response.content.decode()
        assert response.status_code == 422
        assert "KEEP-ME" in page
        assert sentence.lower() in page.lower()
        assert not Employee.objects.filter(employee_no="KEEP-ME").exists()

    def test_ten_megabytes_of_name_are_refused(self, client, adm):
        response = client.post(reverse("staff:person_new"), person_values(name="名" * 3_000_000))
        assert response.status_code == 422

    def test_a_stale_tab_gets_wf_12_and_keeps_what_was_typed(self, client, adm):
        employee = EmployeeFactory()
        url = reverse("staff:person_edit", args=[employee.pk])
        first = person_values(version=1, name="第一个", branch=employee.branch_id)
        second = person_values(version=1, name="第二个", branch=employee.branch_id)
        assert client.post(url, first).status_code == 302
        response = client.post(url, second)
        assert response.status_code == 422 and "第二个" in response.content.decode()
        employee.refresh_from_db()
        assert employee.name == "第一个"

    def test_a_double_click_makes_one_person(self, client, adm):
        values = person_values()
        client.post(reverse("staff:person_new"), values)
        assert client.post(reverse("staff:person_new"), values).status_code == 422
        assert Employee.objects.filter(username="wanglei").count() == 1


class TestPersonActs:
    def test_gives_and_takes_a_role(self, client, adm):
        employee = EmployeeFactory()
        url = reverse("staff:role_assign", args=[employee.pk])
        assert client.post(url, {"role": role("HRM").pk}).status_code == 302
        clash = client.post(url, {"role": role("AM").pk}, headers={"Accept-Language": "en"})
        assert clash.status_code == 422
        assert "cannot be held by the same person" in clash.content.decode()
        assignment = employee.role_assignments.get()
        client.post(reverse("staff:role_revoke", args=[assignment.pk]))
        assert not employee.role_assignments.exists()

    def test_closing_an_account_says_what_is_left(self, client, adm):
        employee = EmployeeFactory(name="李四")
        EmployeeFactory(superior=employee)
        response = client.post(
            reverse("staff:person_deactivate", args=[employee.pk]),
            headers={"Accept-Language": "en"},
        )
        assert response.status_code == 409
        assert "1 items left" in response.content.decode()

    def test_closes_opens_and_resets(self, client, adm):
        employee = EmployeeFactory()
        client.post(reverse("staff:person_deactivate", args=[employee.pk]))
        employee.refresh_from_db()
        assert not employee.is_active
        client.post(reverse("staff:person_reactivate", args=[employee.pk]))
        response = client.post(reverse("staff:person_reset_password", args=[employee.pk]))
        employee.refresh_from_db()
        assert employee.is_active and employee.must_change_password
        assert response.status_code == 200


class TestStructurePages:
    def test_branch_and_department(self, client, adm):
        response = client.post(
            reverse("staff:branch_new"), {"code": "NJ", "name": "南京分公司", "is_active": "on"}
        )
        assert response.status_code == 302
        branch = Branch.objects.get(code="NJ")
        client.post(
            reverse("staff:department_new", args=[branch.pk]),
            {"name": "业务一部", "is_active": "on"},
        )
        department = Department.objects.get(branch=branch)
        client.post(
            reverse("staff:department_edit", args=[department.pk]),
            {"name": "业务二部", "is_active": "on", "version": 1},
        )
        page = client.get(reverse("staff:branches")).content.decode()
        assert "南京分公司" in page and "业务二部" in page

    @pytest.mark.parametrize(
        "values",
        [
            {"code": "", "name": "x"},
            {"code": "太长了不行", "name": "x"},
            {"code": "NJ", "name": ""},
            {"code": "NJ\x00", "name": "x"},
            {"code": "NJ", "name": "x", "version": "abc"},
            {"code": "NJ", "name": "x", "version": "9" * 30},
        ],
    )
    def test_bad_input(self, client, adm, values):
        assert client.post(reverse("staff:branch_new"), values).status_code == 422
        assert not Branch.objects.filter(code__startswith="NJ").exists()

    def test_a_parent_of_another_branch_is_no_choice(self, client, adm):
        response = client.post(
            reverse("staff:department_new", args=[BranchFactory().pk]),
            {"name": "x", "parent": DepartmentFactory().pk, "is_active": "on"},
        )
        assert response.status_code == 422

    def test_renames_a_role(self, client, adm):
        url = reverse("staff:role_edit", args=[role("AM").pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"title": "业务经理", "title_en": "Officer"}).status_code == 302
        assert role("AM").title == "业务经理"
        assert client.post(url, {"title": "", "title_en": ""}).status_code == 422

    def test_the_change_log_names_what_changed(self, client, adm):
        client.post(
            reverse("staff:branch_new"), {"code": "NJ", "name": "南京分公司", "is_active": "on"}
        )
        page = client.get(reverse("staff:changes")).content.decode()
        assert "南京分公司" in page and adm.name in page


class TestCalendarPage:
    def test_shows_a_year_and_its_exceptions(self, client, adm):
        response = client.post(
            reverse("staff:calendar_set"),
            {"day": "2026-11-24", "is_working": "no", "name": "停电"},
        )
        assert response.status_code == 302
        page = client.get(response.url).content.decode()
        assert "停电" in page and "staff-day is-exception" in page
        client.post(reverse("staff:calendar_clear"), {"day": "2026-11-24"})
        assert not HolidayOverride.objects.exists()

    @pytest.mark.parametrize("year", ["", "abc", "0", "99999", "1", "²²²²", "9999", "\x00"])
    def test_a_nonsense_year_shows_this_one(self, client, adm, year):
        assert client.get(reverse("staff:calendar"), {"year": year}).status_code == 200

    @pytest.mark.parametrize(
        "values",
        [
            {"day": "", "is_working": "no", "name": "x"},
            {"day": "2026-02-30", "is_working": "no", "name": "x"},
            {"day": "9999-12-31", "is_working": "no", "name": "x"},
            {"day": "2026-11-24", "is_working": "maybe", "name": "x"},
            {"day": "2026-11-24", "is_working": "no", "name": ""},
            {"day": "2026-11-24", "is_working": "no", "name": "x" * 41},
        ],
    )
    def test_bad_input(self, client, adm, values):
        assert client.post(reverse("staff:calendar_set"), values).status_code == 422
        assert not HolidayOverride.objects.exists()

    @pytest.mark.parametrize("day", ["", "x", "2026-02-30", "\x00"])
    def test_clearing_nonsense_is_a_404(self, client, adm, day):
        assert client.post(reverse("staff:calendar_clear"), {"day": day}).status_code == 404

    def test_only_the_administrator(self, client):
        client.force_login(someone("HRM"))
        values = {"day": "2026-11-24", "is_working": "no", "name": "x"}
        assert client.post(reverse("staff:calendar_set"), values).status_code == 403
        assert client.post(reverse("staff:calendar_clear"), values).status_code == 403

    def test_story_10_names_the_missing_year(self, client, adm, time_machine):
        time_machine.move_to("2027-01-04T10:00:00+08:00")
        client.force_login(adm)
        page = client.get(reverse("staff:calendar"))
        assert page.status_code == 200
        assert "2027 年节假日未配置" in page.content.decode()

    def test_says_on_the_administrators_other_pages_where_to_enter_them(
        self, client, adm, time_machine
    ):
        time_machine.move_to("2027-01-04T10:00:00+08:00")
        client.force_login(adm)
        page = client.get(reverse("staff:profile")).content.decode()
        assert "2027 年节假日未配置" in page
        assert f'<a href="{reverse("staff:calendar")}?year=2027">' in page

    @pytest.mark.parametrize("code", ["AM", "HRM", "CEO"])
    def test_nobody_else_is_told_what_he_cannot_put_right(self, client, code, time_machine):
        time_machine.move_to("2027-01-04T10:00:00+08:00")
        client.force_login(someone(code))
        for name in ("calendar", "profile"):
            page = client.get(reverse(f"staff:{name}"))
            assert page.status_code == 200
            assert "节假日未配置" not in page.content.decode()


class TestNotificationPages:
    @pytest.fixture
    def reader(self, client):
        employee = someone("AM")
        client.force_login(employee)
        return employee

    def tell(self, employee, **values):
        values = {"event": "case.approved", "url": "/cases/1/", **values}
        return Notification.objects.create(
            recipient=employee,
            params={"doc_no": "YW-1", "party": "甲公司", "actor": "王磊", "subject": "s"},
            created_at=NOW,
            **values,
        )

    def test_opening_one_marks_it_and_goes_there(self, client, reader):
        row = self.tell(reader)
        response = client.get(reverse("staff:notification_open", args=[row.pk]))
        assert response.url == "/cases/1/"
        row.refresh_from_db()
        assert row.read_at is not None

    @pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:x", ""])
    def test_never_leads_elsewhere(self, client, reader, url):
        row = self.tell(reader, url=url)
        response = client.get(reverse("staff:notification_open", args=[row.pk]))
        assert response.url == reverse("staff:notifications")

    def test_nobody_opens_another_persons(self, client, reader):
        row = self.tell(EmployeeFactory())
        response = client.get(reverse("staff:notification_open", args=[row.pk]))
        assert response.status_code == 404
        client.post(reverse("staff:notifications_read"))
        row.refresh_from_db()
        assert row.read_at is None

    def test_the_badge_counts_and_announces_what_is_new_once(self, client, reader):
        url = reverse("staff:notification_badge")
        self.tell(reader)
        first = client.get(url)
        assert "1" in first.content.decode() and "HX-Trigger" not in first.headers
        self.tell(reader)
        assert "toast" in client.get(url).headers["HX-Trigger"]
        assert "HX-Trigger" not in client.get(url).headers
        self.tell(reader)
        self.tell(reader)
        assert "2 " in client.get(url, headers={"Accept-Language": "en"}).headers["HX-Trigger"]
        client.post(reverse("staff:notifications_read"))
        assert client.get(url).content.decode().strip() == ""

    def test_polling_is_cheap(self, client, reader, django_assert_max_num_queries):
        url = reverse("staff:notification_badge")
        client.get(url)
        with django_assert_max_num_queries(8):
            client.get(url, headers={"HX-Request": "true"})

    def test_the_list_and_its_cost(self, client, reader, django_assert_max_num_queries):
        for _number in range(30):
            self.tell(reader)
        with django_assert_max_num_queries(8):
            page = client.get(reverse("staff:notifications"), {"show": "unread"})
        assert page.content.decode().count("YW-1") == 30
