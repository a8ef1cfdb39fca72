"""Form fields of the flow administration."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ShareField(forms.CharField):
    """An exact share such as ``2/3``, ``0.8`` or ``80%``."""

    def clean(self, value: Any) -> Fraction:
        text = super().clean(value).strip()
        if "e" in text.lower():  # an exponent makes a fraction of a million digits
            raise forms.ValidationError(_("Write a share such as 2/3 or 80%."))
        try:
            share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
        except (ValueError, ZeroDivisionError) as error:
            raise forms.ValidationError(_("Write a share such as 2/3 or 80%.")) from error
        if not 0 < share <= 1:
            raise forms.ValidationError(_("A share lies above 0 and is at most 1."))
        return share
