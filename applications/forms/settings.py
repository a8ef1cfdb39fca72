"""Forms of 产品, 审批权限表, 机构参数 and LPR."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from applications.choices import GuaranteeWay, RepaymentMethod
from applications.models import AuthorityBand, LenderSetting, LprQuote, Product
from applications.services.settings import PRODUCT_FIELDS, SETTING_FIELDS
from lending_crm.common.forms import MoneyField, MonthsField, PercentField

VERSION = {"min_value": 1, "max_value": 2**31 - 1}


def _label(model: Any, name: str) -> Any:
    return capfirst(model._meta.get_field(name).verbose_name)


class ProductForm(forms.Form):
    code = forms.CharField(label=_label(Product, "code"), max_length=20)
    name = forms.CharField(label=_label(Product, "name"), max_length=60)
    min_amount = MoneyField(label=_label(Product, "min_amount"))
    max_amount = MoneyField(label=_label(Product, "max_amount"))
    min_term = MonthsField(label=_label(Product, "min_term"))
    max_term = MonthsField(label=_label(Product, "max_term"))
    min_rate = PercentField(label=_label(Product, "min_rate"))
    floor_rate = PercentField(
        label=_label(Product, "floor_rate"),
        help_text=_("A lower rate is possible, but moves the approval one band up."),
    )
    max_rate = PercentField(label=_label(Product, "max_rate"))
    day_count = forms.ChoiceField(
        label=_label(Product, "day_count"),
        choices=Product._meta.get_field("day_count").choices,  # type: ignore[union-attr]
    )
    early_repayment_fee = PercentField(
        label=_label(Product, "early_repayment_fee"), initial=Decimal(0)
    )
    methods = forms.MultipleChoiceField(
        label=_label(Product, "methods"),
        choices=RepaymentMethod.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    guarantees = forms.MultipleChoiceField(
        label=_label(Product, "guarantees"),
        choices=GuaranteeWay.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    is_active = forms.BooleanField(label=_label(Product, "is_active"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, **VERSION)

    def __init__(self, *args: Any, product: Product | None = None, **kwargs: Any) -> None:
        if product is not None:
            names = (*PRODUCT_FIELDS, "version")
            kwargs["initial"] = {name: getattr(product, name) for name in names}
        super().__init__(*args, **kwargs)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PRODUCT_FIELDS}


class LenderSettingForm(forms.Form):
    net_assets = MoneyField(
        label=_label(LenderSetting, "net_assets"),
        required=False,
        help_text=_("Empty: the limits per borrower and group are not checked."),
    )
    borrower_limit_percent = PercentField(label=_label(LenderSetting, "borrower_limit_percent"))
    group_limit_percent = PercentField(label=_label(LenderSetting, "group_limit_percent"))
    is_licensed = forms.BooleanField(
        label=_label(LenderSetting, "is_licensed"),
        required=False,
        help_text=_("Without a licence the multiple of the LPR is the cap at any time."),
    )
    all_in_cap = PercentField(label=_label(LenderSetting, "all_in_cap"))
    lpr_multiple = PercentField(label=_label(LenderSetting, "lpr_multiple"))
    lpr_hard_from = forms.DateField(
        label=_label(LenderSetting, "lpr_hard_from"),
        help_text=_("Before this day a cost above the multiple is a warning."),
    )
    approval_valid_days = forms.IntegerField(
        label=_label(LenderSetting, "approval_valid_days"), min_value=1, max_value=3650
    )
    allows_manual_contracts = forms.BooleanField(
        label=_label(LenderSetting, "allows_manual_contracts"),
        required=False,
        help_text=_("Otherwise only from the page of an approved application, by its handler."),
    )
    min_age = forms.IntegerField(label=_label(LenderSetting, "min_age"), min_value=1, max_value=150)
    max_age = forms.IntegerField(label=_label(LenderSetting, "max_age"), min_value=1, max_value=150)
    long_term_months = MonthsField(label=_label(LenderSetting, "long_term_months"))
    reconsideration_days = forms.IntegerField(
        label=_label(LenderSetting, "reconsideration_days"), min_value=1, max_value=365
    )
    reconsideration_bar_months = MonthsField(
        label=_label(LenderSetting, "reconsideration_bar_months")
    )
    intermediary_fee_cap = PercentField(label=_label(LenderSetting, "intermediary_fee_cap"))
    rebate_cap = PercentField(label=_label(LenderSetting, "rebate_cap"))
    prohibited_words = forms.CharField(
        label=_label(LenderSetting, "prohibited_words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One word a line; a note that denies the word is not refused."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, **VERSION)

    def __init__(self, *args: Any, setting: LenderSetting, **kwargs: Any) -> None:
        names = (*SETTING_FIELDS, "version")
        kwargs["initial"] = {name: getattr(setting, name) for name in names} | {
            "prohibited_words": "\n".join(setting.prohibited_words)
        }
        super().__init__(*args, **kwargs)

    def clean_prohibited_words(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["prohibited_words"].splitlines()]
        found = list(dict.fromkeys(word for word in words if word))
        if any(len(word) > 20 for word in found):
            raise forms.ValidationError(_("A word has at most 20 characters."))
        return found

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SETTING_FIELDS}


class LprForm(forms.Form):
    quoted_on = forms.DateField(label=_label(LprQuote, "quoted_on"))
    rate = PercentField(label=_label(LprQuote, "rate"))


class AuthorityForm(forms.Form):
    """One field a level but the highest; hidden twins carry what the form was opened with."""

    def __init__(self, *args: Any, bands: Sequence[AuthorityBand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = bands[-1].level if bands else 0
        self._limited = [band for band in bands if band.level != self._open]
        for band in self._limited:
            self.fields[f"level_{band.level}"] = MoneyField(
                label=_("Level %(level)s up to") % {"level": band.level},
                initial=band.upper_limit,
                min_value=Decimal("0.01"),
            )
            self.fields[f"seen_{band.level}"] = forms.DecimalField(
                max_digits=18,
                decimal_places=2,
                initial=band.upper_limit,
                widget=forms.HiddenInput,
                required=False,
            )

    def _limits(self, prefix: str) -> dict[int, Decimal | None]:
        typed = {band.level: self.cleaned_data[f"{prefix}_{band.level}"] for band in self._limited}
        return {**typed, self._open: None}

    @property
    def limits(self) -> dict[int, Decimal | None]:
        return self._limits("level")

    @property
    def seen(self) -> dict[int, Decimal | None]:
        return self._limits("seen")
