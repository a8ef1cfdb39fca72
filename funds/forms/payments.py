"""Forms of what finance does with an approved refund or rebate, and of a receipt."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from documents.files.inspection import LIMITS
from funds.models import RebateApplication

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}


def receipt_field(*, required: bool) -> forms.FileField:
    """回单; the service looks into the file itself (ATT-02)."""
    return forms.FileField(
        label=_("Bank receipt"),
        required=required,
        widget=forms.FileInput(attrs={"accept": LIMITS.accept}),
        help_text="" if required else _("May be added later."),
    )


class PaymentForm(forms.Form):
    """What the bank's receipt says."""

    paid_on = forms.DateField(
        label=capfirst(RebateApplication._meta.get_field("paid_on").verbose_name),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    bank_ref = forms.CharField(
        label=capfirst(RebateApplication._meta.get_field("bank_ref").verbose_name), max_length=60
    )
    receipt = receipt_field(required=False)
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput, **_VERSION)


class ReceiptForm(forms.Form):
    upload = receipt_field(required=True)
