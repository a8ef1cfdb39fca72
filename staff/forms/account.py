"""Login and what a person keeps about himself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm

from staff.events import all_events
from staff.models import NotificationPreference
from staff.services.account import Preference


class LoginForm(AllauthLoginForm):
    """User name and password; the session's length is the company's choice, not the person's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].max_length = 150
        self.fields["password"].label = _("Password")
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)


class ReauthenticateForm(AllauthReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.pop("placeholder", None)


def password_field(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        help_text=help_text,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class PasswordForm(forms.Form):
    old_password = password_field(_("Current password"), "current-password")
    new_password = password_field(
        _("New password"),
        "new-password",
        _("At least 10 characters, not only digits, nothing that is easily guessed."),
    )
    new_password_again = password_field(_("New password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, second = values.get("new_password"), values.get("new_password_again")
        if first and second and first != second:
            self.add_error("new_password_again", _("The two passwords differ."))
        return values


class PreferencesForm(forms.Form):
    """Two boxes for each event: in the product, by e-mail."""

    def __init__(self, *args: Any, employee: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = {
            row.event: row for row in NotificationPreference.objects.filter(employee=employee)
        }
        self.events = all_events()
        for event in self.events:
            row = chosen.get(event.code)
            for name, initial in (
                ("in_app", row.in_app if row else True),
                ("email", row.email if row else event.by_email),
            ):
                self.fields[f"{event.code}-{name}"] = forms.BooleanField(
                    label=event.label, required=False, initial=initial
                )

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [
            (event.label, self[f"{event.code}-in_app"], self[f"{event.code}-email"])
            for event in self.events
        ]

    def chosen(self) -> list[Preference]:
        return [
            Preference(
                event.code,
                in_app=self.cleaned_data[f"{event.code}-in_app"],
                email=self.cleaned_data[f"{event.code}-email"],
            )
            for event in self.events
        ]
