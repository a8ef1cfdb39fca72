"""Filter of the list of applications; the address holds its state."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

import django_filters

from applications.choices import BizStatus
from applications.models import BusinessApplication
from documents.choices import WfStatus
from lending_crm.common.forms import MoneyField
from lending_crm.common.text import clean_line
from staff.models import Branch, Employee


class _MoneyFilter(django_filters.NumberFilter):
    field_class = MoneyField


class ApplicationFilter(django_filters.FilterSet):
    """``q`` finds by number, subject, customer's name or pinyin; the others narrow."""

    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=80)
    wf_status = django_filters.ChoiceFilter(
        label=_("approval status"), choices=WfStatus.choices, empty_label=_("All")
    )
    biz_status = django_filters.ChoiceFilter(
        label=_("business status"), choices=BizStatus.choices, empty_label=_("All")
    )
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch"), queryset=Branch.objects.order_by("code"), empty_label=_("All")
    )
    amount_from = _MoneyFilter(field_name="amount_total", lookup_expr="gte", label=_("from"))
    amount_to = _MoneyFilter(field_name="amount_total", lookup_expr="lte", label=_("to"))
    created_from = django_filters.DateFilter(
        field_name="created_at",
        lookup_expr="date__gte",
        label=_("from"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    created_to = django_filters.DateFilter(
        field_name="created_at",
        lookup_expr="date__lte",
        label=_("to"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = BusinessApplication
        fields: list[str] = []

    def __init__(self, *args: Any, user: Employee, sees_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_all:  # everything that he sees is of his own branch
            del self.filters["branch"]

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in clean_line(value).lower().split():
            queryset = queryset.filter(
                Q(doc_no__icontains=word)
                | Q(subject__icontains=word)
                | Q(customer__search_text__contains=word)
            )
        return queryset
