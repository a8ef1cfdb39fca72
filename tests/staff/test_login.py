"""Who gets in, how long he stays, and what a stranger meets at the door."""

from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from staff.middleware import LAST_USE
from staff.models import Employee, NotificationPreference
from staff.services.people import reset_password
from tests.staff.factories import NOW, EmployeeFactory, person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.staff.urls")]

PASSWORD = "river-stone-42"


@pytest.fixture
def employee():
    employee = EmployeeFactory(username="WangLei", name="王磊")
    employee.set_password(PASSWORD)
    employee.save()
    return employee


def log_in(client, username="wanglei", password=PASSWORD, **values):
    return client.post(
        reverse("account_login"), {"login": username, "password": password, **values}
    )


class TestLogin:
    def test_by_user_name_in_any_case(self, client, employee):
        for name in ("WangLei", "wanglei", "WANGLEI"):
            assert log_in(client, name).url == "/"
            client.logout()

    def test_goes_on_to_where_he_wanted(self, client, employee):
        assert log_in(client, next="/profile/").url == "/profile/"
        client.logout()
        assert log_in(client, next="https://evil.example/").url == "/"

    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("wanglei", "wrong"),
            ("nobody", PASSWORD),
            ("", ""),
            ("x" * 5000, "y" * 5000),
            ("a\x00b", "c\x00d"),
            ("<b>", "😀"),
        ],
    )
    def test_a_wrong_one_stays_outside(self, client, employee, username, password):
        response = log_in(client, username, password)
        assert response.status_code == 200
        assert "_auth_user_id" not in client.session

    def test_says_the_same_for_a_wrong_name_and_a_wrong_password(self, client, employee):
        wanted = "The user name or the password is wrong."
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        for name in ("wanglei", "nobody"):
            assert wanted in log_in(client, name, "wrong-password").content.decode()

    def test_who_left_does_not_get_in_and_falls_out(self, client, employee):
        log_in(client)
        assert client.get(reverse("staff:profile")).status_code == 200
        Employee.objects.filter(pk=employee.pk).update(is_active=False)
        assert client.get(reverse("staff:profile")).status_code == 302
        response = log_in(client)
        assert response.url == reverse("account_inactive")
        assert client.get(response.url).status_code == 200
        assert client.get(reverse("staff:profile")).status_code == 302

    @pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email"])
    def test_there_is_no_other_door(self, name):
        with pytest.raises(NoReverseMatch):
            reverse(name)

    def test_the_page_speaks_both_languages_and_names_nobody(self, client, employee):
        page = client.get(reverse("account_login"), headers={"Accept-Language": "en"})
        assert "Sign in" in page.content.decode()
        page = client.get(reverse("account_login"), headers={"Accept-Language": "zh-CN"})
        assert "登录" in page.content.decode()
        assert "wanglei" not in page.content.decode().lower()


class TestLockOut:
    def test_five_wrong_passwords_lock_the_name(self, client, employee):
        for number in range(settings.AXES_FAILURE_LIMIT):
            # The case of the letters opens no second account of attempts.
            response = log_in(client, "wanglei" if number % 2 else "WANGLEI", "wrong")
        assert response.status_code == 429
        locked = log_in(client)
        assert locked.status_code == 429
        assert "15" in locked.content.decode()
        assert "_auth_user_id" not in client.session

    def test_colleagues_elsewhere_are_not_locked_out(self, client, employee):
        for _number in range(settings.AXES_FAILURE_LIMIT):
            log_in(client, password="wrong")
        assert log_in(client).status_code == 429
        elsewhere = Client(REMOTE_ADDR="10.9.8.7")
        assert log_in(elsewhere).status_code == 302

    def test_the_lock_opens_after_a_quarter_of_an_hour(self, client, employee, time_machine):
        time_machine.move_to(timezone.now(), tick=False)
        for _number in range(settings.AXES_FAILURE_LIMIT):
            log_in(client, password="wrong")
        time_machine.shift(timedelta(minutes=14))
        assert log_in(client).status_code == 429
        time_machine.shift(timedelta(minutes=2))
        assert log_in(client).status_code == 302

    def test_a_new_password_from_the_administrator_opens_it(self, client, employee):
        for _number in range(settings.AXES_FAILURE_LIMIT):
            log_in(client, password="wrong")
        made = reset_password(employee=employee, actor=person("ADM"), now=NOW)
        assert log_in(client, password=made.password).status_code == 302


class TestSession:
    def test_logout_is_a_post(self, client, employee):
        client.force_login(employee)
        assert client.get(reverse("account_logout")).status_code == 200
        assert "_auth_user_id" in client.session
        client.post(reverse("account_logout"))
        assert "_auth_user_id" not in client.session

    def test_ends_after_two_idle_hours(self, client, employee, time_machine):
        time_machine.move_to(timezone.now(), tick=False)
        client.force_login(employee)
        client.get(reverse("staff:profile"))
        for _hour in range(3):
            time_machine.shift(timedelta(hours=1, minutes=50))
            assert client.get(reverse("staff:profile")).status_code == 200
        time_machine.shift(timedelta(hours=2, minutes=1))
        assert client.get(reverse("staff:profile")).status_code == 302

    def test_polling_keeps_nobody_logged_in(self, client, employee, time_machine):
        time_machine.move_to(timezone.now(), tick=False)
        client.force_login(employee)
        client.get(reverse("staff:profile"))
        used = client.session[LAST_USE]
        for _minute in range(5):
            time_machine.shift(timedelta(minutes=20))
            assert client.get(reverse("staff:notification_badge")).status_code == 200
        assert client.session[LAST_USE] == used
        time_machine.shift(timedelta(minutes=30))
        assert client.get(reverse("staff:notification_badge")).status_code == 302


class TestPasswordPage:
    url = "/accounts/password/change/"

    def values(self, **values):
        return {
            "old_password": PASSWORD,
            "new_password": "meadow-lamp-77",
            "new_password_again": "meadow-lamp-77",
            **values,
        }

    def test_ends_the_other_sessions_and_keeps_this_one(self, client, employee):
        elsewhere = Client()
        for browser in (client, elsewhere):
            browser.force_login(employee)
        assert client.post(self.url, self.values()).status_code == 302
        assert client.get(reverse("staff:profile")).status_code == 200
        assert elsewhere.get(reverse("staff:profile")).status_code == 302
        employee.refresh_from_db()
        assert employee.check_password("meadow-lamp-77")

    @pytest.mark.parametrize(
        "values",
        [
            {"old_password": "wrong"},
            {"new_password_again": "other-lamp-77"},
            {"new_password": "12345678901", "new_password_again": "12345678901"},
            {"new_password": "", "new_password_again": ""},
            {"new_password": "x" * 2000, "new_password_again": "x" * 2000},
            {"new_password": "a\x00bcdefghij", "new_password_again": "a\x00bcdefghij"},
        ],
    )
    def test_refuses_and_shows_no_password(self, client, employee, values):
        client.force_login(employee)
        response = client.post(self.url, self.values(**values))
        assert response.status_code == 422
        assert "meadow-lamp-77" not in response.content.decode()
        employee.refresh_from_db()
        assert employee.check_password(PASSWORD)

    def test_a_made_up_password_opens_nothing_else(self, client, employee):
        Employee.objects.filter(pk=employee.pk).update(must_change_password=True)
        log_in(client)
        assert client.get(reverse("staff:profile")).url == self.url
        htmx = client.get(reverse("staff:notification_badge"), headers={"HX-Request": "true"})
        assert htmx.headers["HX-Redirect"] == self.url
        api = client.get("/api/v1/me/")
        assert (api.status_code, api.json()["code"]) == (403, "ACC-07")
        assert client.get(self.url).status_code == 200
        client.post(self.url, self.values())
        assert client.get(reverse("staff:profile")).status_code == 200


class TestProfile:
    def test_preferences(self, client, employee):
        client.force_login(employee)
        url = reverse("staff:preferences")
        assert client.get(url).status_code == 200
        client.post(url, {"case.approved-in_app": "on", "nonsense": "on"})
        row = NotificationPreference.objects.get(employee=employee, event="case.approved")
        assert (row.in_app, row.email) == (True, False)
        other = NotificationPreference.objects.get(employee=employee, event="case.urged")
        assert (other.in_app, other.email) == (False, False)

    def test_the_language_switch_is_remembered_for_messages(self, client, employee):
        client.force_login(employee)
        for language, kept in (("en", "en"), ("zh-hans", "zh-hans"), ("fr", "zh-hans")):
            client.post(reverse("set_language"), {"language": language})
            employee.refresh_from_db()
            assert employee.language == kept

    def test_an_api_token_is_shown_once_works_and_is_revoked(self, client, employee):
        client.force_login(employee)
        page = client.post(reverse("staff:token_create")).content.decode()
        key = page.split('class="staff-secret"')[1].split(">")[1].split("<")[0]
        program = Client(headers={"Authorization": f"Token {key}"})
        assert program.get("/api/v1/me/").json()["name"] == "王磊"
        assert key not in client.get(reverse("staff:profile")).content.decode()
        client.post(reverse("staff:token_revoke"))
        assert program.get("/api/v1/me/").status_code == 401


class TestTwoSteps:
    def code(self, secret, step=0):
        counter = next(iter(yield_hotp_counters_from_time())) + step
        return format_hotp_value(hotp_value(secret, counter))

    def test_from_turning_on_to_a_recovery_code(self, client, employee):
        log_in(client)
        asked = client.get(reverse("mfa_activate_totp"))
        client.post(asked.url, {"password": PASSWORD})
        assert client.get(reverse("mfa_activate_totp")).status_code == 200
        secret = client.session["mfa.totp.secret"]
        wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
        assert wrong.status_code == 200
        response = client.post(reverse("mfa_activate_totp"), {"code": self.code(secret)})
        assert response.status_code == 302
        codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
        assert len(codes) == 10
        for name in ("mfa_index", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
            assert client.get(reverse(name)).status_code == 200, name
        # The secret is not readable in the database.
        assert secret not in str(list(employee.authenticator_set.values_list("data", flat=True)))

        client.post(reverse("account_logout"))
        assert log_in(client).url == reverse("mfa_authenticate")
        assert client.get(reverse("staff:profile")).status_code == 302
        assert client.get(reverse("mfa_authenticate")).status_code == 200
        assert client.post(reverse("mfa_authenticate"), {"code": "12"}).status_code == 200
        assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).url == "/"
        assert client.get(reverse("staff:profile")).status_code == 200
        client.post(reverse("account_logout"))
        log_in(client)
        used = client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert used.status_code == 200

    def test_asks_for_the_password_again_before_it_changes(self, client, employee):
        client.force_login(employee)
        response = client.get(reverse("mfa_activate_totp"))
        assert response.url.startswith(reverse("account_reauthenticate"))
        assert client.get(response.url).status_code == 200
        assert client.post(response.url, {"password": "wrong"}).status_code == 200
        assert client.post(response.url, {"password": PASSWORD}).status_code == 302
