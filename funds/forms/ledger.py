"""Forms of the ledger's acts; the services judge, the forms only read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers.choices import RiskClass
from funds.choices import CHARGED_BY_HAND, CLASS_ORDER, Part, Treatment
from funds.models import ClassBucket, LedgerSetting, LoanCharge, LoanClassification, Repayment
from funds.services.settings import SETTING_FIELDS, Tier
from lending_crm.common.forms import MoneyField, PercentField
from staff.models import Branch

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}
_DAYS = {"min_value": 0, "max_value": 36_500}
_LONGEST_ORDER = 100
_DATE = {"attrs": {"type": "date"}}


def _label(model: Any, name: str) -> Any:
    return capfirst(model._meta.get_field(name).verbose_name)


def _sane(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise forms.ValidationError(_("The day must lie between 2000 and 2100."))
    return day


class RepaymentForm(forms.Form):
    """还款登记."""

    paid_on = forms.DateField(
        label=_label(Repayment, "paid_on"), widget=forms.DateInput(**_DATE, format="%Y-%m-%d")
    )
    amount = MoneyField(label=_label(Repayment, "amount"), min_value=None)
    bank_ref = forms.CharField(label=_label(Repayment, "bank_ref"), max_length=60)
    payer = forms.CharField(label=_label(Repayment, "payer"), max_length=80)
    treatment = forms.ChoiceField(
        label=_label(Repayment, "treatment"), choices=Treatment.choices, initial=Treatment.DUE
    )


class PreviewForm(forms.Form):
    """The part of 还款登记 that decides where the money goes."""

    paid_on = forms.DateField()
    amount = MoneyField(min_value=None)
    treatment = forms.ChoiceField(choices=Treatment.choices, required=False)


class ReversalForm(forms.Form):
    reason = forms.CharField(label=_label(Repayment, "reverse_reason"), max_length=200)


class FeeForm(forms.Form):
    """A fee that finance charges; ``creation_key`` makes the same form charge it once."""

    kind = forms.ChoiceField(
        label=_label(LoanCharge, "kind"),
        choices=[(kind.value, kind.label) for kind in CHARGED_BY_HAND],
    )
    amount = MoneyField(label=_label(LoanCharge, "amount"), min_value=None)
    due_on = forms.DateField(
        label=_label(LoanCharge, "due_on"), widget=forms.DateInput(**_DATE, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label=_label(LoanCharge, "note"),
        max_length=200,
        help_text=_("What it is charged for: the clause of the contract, the bill."),
    )
    creation_key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_due_on(self) -> date:
        return _sane(self.cleaned_data["due_on"])


class ClassForm(forms.Form):
    """A class by hand; other dialogs of the page ask for a reason too, so it names its fields."""

    risk_class = forms.ChoiceField(
        label=_label(LoanClassification, "new_class"), choices=RiskClass.choices
    )
    reason = forms.CharField(label=_label(LoanClassification, "reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_class_%s"} | kwargs)


class WriteOffForm(forms.Form):
    """Why a loan is to be written off, or is not; booking it asks for nothing."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, asks_why: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_write_off_%s"} | kwargs)
        if not asks_why:
            del self.fields["reason"]


class DayForm(forms.Form):
    """A day of a calculation or report; ``branch`` narrows reports."""

    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(**_DATE, format="%Y-%m-%d")
    )
    branch = forms.ModelChoiceField(
        label=_("Branch"),
        queryset=Branch.objects.order_by("code"),
        required=False,
        empty_label=_("All"),
    )

    def clean_day(self) -> date | None:
        day = self.cleaned_data["day"]
        return None if day is None else _sane(day)

    @property
    def branch_id(self) -> int | None:
        branch = self.cleaned_data.get("branch") if self.is_valid() else None
        return branch.pk if branch else None

    def day_or(self, today: date) -> date:
        return (self.cleaned_data.get("day") if self.is_valid() else None) or today


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File (.xlsx)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )


class _OrderField(forms.Field):
    """Parts in their order, by their words or codes, separated by arrows or commas."""

    def to_python(self, value: Any) -> list[str]:
        text = str(value or "")[:_LONGEST_ORDER]
        words = text.replace("→", ",").replace("，", ",").replace("、", ",").split(",")
        by_word = {str(label): code for code, label in Part.choices}
        return [by_word.get(word.strip(), word.strip()) for word in words if word.strip()]

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return " → ".join(str(Part(part).label) for part in value if part in Part.values)
        return value


class LedgerSettingForm(forms.Form):
    penalty_multiple = forms.DecimalField(
        label=_label(LedgerSetting, "penalty_multiple"),
        max_digits=5,
        decimal_places=2,
        min_value=0,
    )
    misuse_multiple = forms.DecimalField(
        label=_label(LedgerSetting, "misuse_multiple"),
        max_digits=5,
        decimal_places=2,
        min_value=0,
    )
    grace_days = forms.IntegerField(label=_label(LedgerSetting, "grace_days"), **_DAYS)
    late_interest = forms.BooleanField(
        label=_label(LedgerSetting, "late_interest"),
        required=False,
        help_text=_("Besides the penalty interest; both together stay below the cap."),
    )
    is_compound = forms.BooleanField(label=_label(LedgerSetting, "is_compound"), required=False)
    normal_order = _OrderField(label=_label(LedgerSetting, "normal_order"))
    bad_order = _OrderField(label=_label(LedgerSetting, "bad_order"))
    rest_day = forms.ChoiceField(
        label=_label(LedgerSetting, "rest_day"),
        choices=LedgerSetting._meta.get_field("rest_day").choices,  # type: ignore[union-attr]
    )
    rounding = forms.ChoiceField(
        label=_label(LedgerSetting, "rounding"),
        choices=LedgerSetting._meta.get_field("rounding").choices,  # type: ignore[union-attr]
    )
    observation_months = forms.IntegerField(
        label=_label(LedgerSetting, "observation_months"), **_DAYS
    )
    extension_watch_days = forms.IntegerField(
        label=_label(LedgerSetting, "extension_watch_days"), **_DAYS
    )
    extension_limit = forms.IntegerField(label=_label(LedgerSetting, "extension_limit"), **_DAYS)
    bad_share = PercentField(label=_label(LedgerSetting, "bad_share"))
    rebate_month_cap = MoneyField(label=_label(LedgerSetting, "rebate_month_cap"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, **_VERSION)

    def __init__(self, *args: Any, setting: LedgerSetting, **kwargs: Any) -> None:
        names = (*SETTING_FIELDS, "version")
        kwargs["initial"] = {name: getattr(setting, name) for name in names}
        super().__init__(*args, **kwargs)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SETTING_FIELDS}


class BucketForm(forms.Form):
    """分类档: three fields for each class, named by it."""

    def __init__(self, *args: Any, buckets: Sequence[ClassBucket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in sorted(buckets, key=lambda each: CLASS_ORDER[each.risk_class]):
            code, name = row.risk_class, row.get_risk_class_display()
            self.fields[f"from_{code}"] = forms.IntegerField(
                label=_("%(class)s from day") % {"class": name}, initial=row.from_day, **_DAYS
            )
            self.fields[f"to_{code}"] = forms.IntegerField(
                label=_("%(class)s to day") % {"class": name},
                initial=row.to_day,
                required=False,
                **_DAYS,
            )
            self.fields[f"rate_{code}"] = PercentField(
                label=_("%(class)s provision") % {"class": name}, initial=row.provision_rate
            )

    @property
    def rows(self) -> list[tuple[str, Any, Any, Any]]:
        return [
            (
                str(RiskClass(code).label),
                self[f"from_{code}"],
                self[f"to_{code}"],
                self[f"rate_{code}"],
            )
            for code in CLASS_ORDER
        ]

    @property
    def tiers(self) -> list[Tier]:
        data = self.cleaned_data
        return [
            Tier(code, data[f"from_{code}"], data[f"to_{code}"], data[f"rate_{code}"])
            for code in CLASS_ORDER
        ]
