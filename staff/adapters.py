"""How allauth and axes fit this product: no sign-up, plain sentences, secrets encrypted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from lending_crm.common import crypto


class AccountAdapter(DefaultAccountAdapter):
    """People are taken on by the administrator; nobody signs himself up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is wrong."),
        "incorrect_password": _("The password is wrong."),
        "account_inactive": _("This account is closed; ask the information administrator."),
        "enter_current_password": _("Please type your current password."),
        "rate_limited": _("Too many attempts; wait a minute and try again."),
        "incorrect_code": _("The code is wrong or has expired."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The page that follows a login says enough by itself."""


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is wrong or has expired."),
    }

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        return user.username


def name_that_is_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Under which name axes counts a failed login: one counter, whatever the case typed."""
    given = (credentials or {}).get("username") or request.POST.get("login") or ""
    return str(given).strip().lower()[:150]
