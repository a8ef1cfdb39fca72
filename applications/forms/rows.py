"""The lists of the application form. Rows left empty are no rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from applications.calculation import annual_from_monthly, monthly_rate
from applications.choices import (
    DisburseMode,
    FeeBasis,
    FeeKind,
    FeeTiming,
    GuaranteeItemKind,
    RepaymentMethod,
)
from applications.models import AmountLine, BusinessApplication, FeeLine, GuaranteeItem, Product
from applications.plans import plan_text, read_plan
from applications.row_tables import APPLICATION_TABLES, FEES, GUARANTEE_ITEMS
from documents.desk.row_forms import RowForm, formset_of
from documents.rows import read_together
from lending_crm.common.forms import MoneyField, MonthsField, PercentField, WordField


def _label(model: Any, name: str) -> Any:
    return capfirst(model._meta.get_field(name).verbose_name)


def _choices(choices: Any) -> list[tuple[str, Any]]:
    return [("", "—"), *choices]


class LineForm(RowForm):
    """申请金额明细; a monthly rate (月息 1分5) fills the annual one when that is left empty."""

    preset = frozenset({"disburse_mode"})

    product = forms.ChoiceField(label=_label(AmountLine, "product"))
    amount = MoneyField(label=_label(AmountLine, "amount"))
    term_months = MonthsField(label=_label(AmountLine, "term_months"))
    annual_rate = PercentField(label=_label(AmountLine, "annual_rate"), required=False)
    monthly_rate = PercentField(label=_("Monthly rate (%)"), required=False)
    method = forms.ChoiceField(
        label=_label(AmountLine, "method"), choices=_choices(RepaymentMethod.choices)
    )
    disburse_mode = forms.ChoiceField(
        label=_label(AmountLine, "disburse_mode"),
        choices=DisburseMode.choices,
        initial=DisburseMode.ONCE,
    )
    plan = forms.CharField(
        label=_label(AmountLine, "plan"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "3: 100000\n6: 100000"}),
        help_text=_("One repayment of principal a line: month, colon, amount."),
    )

    def __init__(self, *args: Any, products: Mapping[str, Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._products = products
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((key, product.name) for key, product in products.items()),
        ]
        # The label is red although the server also takes the monthly rate instead.
        self.fields["annual_rate"].required = not self._has_monthly_rate()

    def clean_product(self) -> Product:
        return self._products[self.cleaned_data["product"]]

    def _has_monthly_rate(self) -> bool:
        return self.is_bound and bool(self.data.get(self.add_prefix("monthly_rate"), "").strip())

    def clean_plan(self) -> list[list[Any]]:
        if self.data.get(self.add_prefix("method")) != RepaymentMethod.CUSTOM:
            return []
        return read_plan(self.cleaned_data["plan"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        monthly = cleaned.pop("monthly_rate", None)
        if cleaned.get("annual_rate") is None and monthly is not None:
            cleaned["annual_rate"] = annual_from_monthly(monthly)
            if cleaned["annual_rate"] > 100:
                self.add_error("monthly_rate", _("The annual rate would be above 100 percent."))
        return cleaned


class GuaranteeForm(RowForm):
    """担保物/保证人清单."""

    kind = WordField(label=_label(GuaranteeItem, "kind"), words=GuaranteeItemKind)
    name = forms.CharField(label=_label(GuaranteeItem, "name"), max_length=100)
    owner_name = forms.CharField(
        label=_label(GuaranteeItem, "owner_name"), max_length=80, required=False
    )
    assessed_value = MoneyField(label=_label(GuaranteeItem, "assessed_value"), required=False)
    ratio = PercentField(label=_label(GuaranteeItem, "ratio"), required=False)


class FeeForm(RowForm):
    """费用: a percentage of the requested amount or a fixed amount."""

    preset = frozenset({"basis", "timing"})

    kind = WordField(label=_label(FeeLine, "kind"), words=FeeKind)
    basis = forms.ChoiceField(
        label=_label(FeeLine, "basis"), choices=FeeBasis.choices, initial=FeeBasis.RATE
    )
    rate = PercentField(label=_label(FeeLine, "rate"), required=False)
    amount = MoneyField(label=_label(FeeLine, "amount"), required=False)
    timing = forms.ChoiceField(
        label=_label(FeeLine, "timing"), choices=FeeTiming.choices, initial=FeeTiming.UPFRONT
    )
    payee = forms.CharField(label=_label(FeeLine, "payee"), max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        needed, unused = "rate", "amount"
        if cleaned.get("basis") != FeeBasis.RATE:
            needed, unused = unused, needed
        # The other field is hidden on the page; what is left in it must not stand in the way.
        self.errors.pop(unused, None)
        cleaned[unused] = None
        if cleaned.get(needed) is None and needed not in self.errors:
            self.add_error(needed, self.fields[needed].error_messages["required"])
        return cleaned


LineFormSet = formset_of(LineForm)
GuaranteeFormSet = formset_of(GuaranteeForm)
FeeFormSet = formset_of(FeeForm)


def products_for(application: BusinessApplication | None) -> dict[str, Product]:
    """What a line may name: products on offer, and retired ones that its lines have."""
    offered = Q(is_active=True)
    if application is not None:
        offered |= Q(pk__in=application.lines.values("product"))
    return {str(product.pk): product for product in Product.objects.filter(offered)}


def initial_rows(application: BusinessApplication) -> dict[str, list[dict[str, Any]]]:
    """The stored rows as the forms show them; one statement."""
    stored = read_together(APPLICATION_TABLES, application)
    return {
        "lines": [
            {
                "product": line.product_id,
                "amount": line.amount,
                "term_months": line.term_months,
                "annual_rate": line.annual_rate,
                "monthly_rate": monthly_rate(line.annual_rate),
                "method": line.method,
                "disburse_mode": line.disburse_mode,
                "plan": plan_text(line.plan),
            }
            for line in stored["lines"]
        ],
        **{
            table.name: [
                {name: getattr(row, name) for name in table.columns} for row in stored[table.name]
            ]
            for table in (GUARANTEE_ITEMS, FEES)
        },
    }
