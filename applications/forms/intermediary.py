"""What is typed after the approval of intermediary business: bookings, days, reasons."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from applications.choices import BookingKind
from applications.models import FeeBooking, IntermediaryApplication
from applications.sheet import Sheet
from documents.desk.declaration import Action
from lending_crm.common.forms import MoneyField

#: steps that wait until no money of the customer is left with the company (MED-02)
_NEED_CLEARED = frozenset({"settlement", "termination"})


def _label(name: str) -> Any:
    return capfirst(FeeBooking._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _day(label: Any) -> forms.DateField:
    """A day of this business; today is offered."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, initial=timezone.localdate, widget=widget)


class BookingForm(forms.Form):
    line = forms.IntegerField(label=_("Fee item"), min_value=1, max_value=2**31 - 1)
    kind = forms.ChoiceField(label=_label("kind"), choices=BookingKind.choices)
    amount = MoneyField(label=_label("amount"))
    booked_on = _day(_label("booked_on"))
    voucher = forms.CharField(label=_label("voucher"), max_length=60, required=False)
    note = forms.CharField(label=_label("note"), max_length=200, required=False)


class DayForm(forms.Form):
    day = _day(_("Date"))


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("At least 5 characters."),
    )


def booking_form(sheet: Sheet, kinds: Collection[BookingKind]) -> BookingForm:
    """The form with the lines of the sheet and the ``kinds`` of bookings to choose from."""
    form = BookingForm(prefix=None, auto_id="booking-%s")
    lines = [(row.line.pk, f"{row.line} ({row.balances.balance:,})") for row in sheet.lines]
    form.fields["line"].widget = forms.Select(choices=lines)
    form.fields["kind"].widget.choices = [(kind, kind.label) for kind in kinds]
    return form


@dataclass(frozen=True)
class StepDialog:
    """A step of the business as the page asks for it."""

    id: str
    title: str | Promise
    text: str | Promise
    url: str
    action: Action
    form: forms.Form | None = None
    tone: str = "btn-primary"


_WORDS: dict[str, tuple[Any, Any, str, type[forms.Form] | None]] = {
    "funding": (
        _("Funder has paid out"),
        _("The funder has paid the loan out to the customer."),
        "coins",
        DayForm,
    ),
    "fee": (
        _("Service fee received"),
        _("The service fee is in our account."),
        "cash",
        DayForm,
    ),
    "settlement": (
        _("Settle"),
        _("Everything is collected, passed on and cleared; the business ends."),
        "circle-check",
        None,
    ),
    "termination": (
        _("Terminate"),
        _("The business comes to nothing; its contract number is free again."),
        "ban",
        ReasonForm,
    ),
}


def step_dialog(step: str, document: IntermediaryApplication, *, reason: str) -> StepDialog:
    """``reason`` is why the sheet is not cleared, empty when it is."""
    title, text, icon, form = _WORDS[step]
    name = f"{step}-dialog"
    is_end = step == "termination"
    return StepDialog(
        id=name,
        title=title,
        text=text,
        url=reverse(f"applications:intermediary_{step}", args=[document.pk]),
        action=Action(
            title,
            icon=icon,
            dialog=name,
            reason=reason if step in _NEED_CLEARED else "",
            is_primary=not is_end,
        ),
        form=form(auto_id=f"{step}-%s") if form else None,
        tone="btn-danger" if is_end else "btn-primary",
    )
