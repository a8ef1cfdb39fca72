"""Sessions that nobody uses end, made-up passwords are replaced, the language is remembered."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_htmx.http import HttpResponseClientRedirect

from lending_crm.common import problems
from lending_crm.common.errors import DomainError
from staff.choices import Language
from staff.services.account import set_language

GetResponse = Callable[[HttpRequest], HttpResponse]

LAST_USE = "last_use"
#: the session row is written at most this often, so that a page view costs no UPDATE
TOUCH_EVERY = 300
#: addresses that a page polls by itself, which is no use by its reader
POLLED = frozenset({"notification_badge"})
#: what a person with a made-up password may open
ALLOWED_BEFORE_CHANGE = frozenset(
    {"account_change_password", "account_logout", "account_reauthenticate", "set_language"}
)


class IdleSessionMiddleware:
    """Ends a session after SESSION_IDLE_TIMEOUT without a click."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Only a session that holds a login is looked at: a visitor causes no query here.
        if "_auth_user_id" in request.session:
            seconds = timezone.now().timestamp()
            last = request.session.get(LAST_USE)
            if last is not None and seconds - last > settings.SESSION_IDLE_TIMEOUT.total_seconds():
                logout(request)
            elif (last is None or seconds - last > TOUCH_EVERY) and _name(request) not in POLLED:
                request.session[LAST_USE] = seconds
        return self.get_response(request)


class PasswordChangeMiddleware:
    """A password that somebody else made up opens only the page to change it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            user.is_authenticated
            and user.must_change_password
            and _name(request) not in ALLOWED_BEFORE_CHANGE
            and not request.path.startswith(settings.STATIC_URL)
        ):
            if problems.is_api(request):
                return problems.refusal_response(request, _change_first())
            url = reverse("account_change_password")
            if getattr(request, "htmx", False):
                return HttpResponseClientRedirect(url)
            return HttpResponseRedirect(url)
        return self.get_response(request)


class LanguageMiddleware:
    """The language switch of the header also decides in which language messages come."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and _name(request) == "set_language":
            chosen = response.cookies.get(settings.LANGUAGE_COOKIE_NAME)
            user = request.user
            # Django also sets the cookie for languages that this product does not speak.
            if chosen is not None and chosen.value in Language.values and user.is_authenticated:
                set_language(actor=user, language=chosen.value)
        return response


def _change_first() -> DomainError:
    return DomainError(
        "ACC-07", _("Change the password that was made up for you first."), status=403
    )


def _name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None
