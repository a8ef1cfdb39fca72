"""Filter of 借据台账; the address holds its state."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

import django_filters

from customers.choices import RiskClass
from documents.desk.filters import day_filter
from funds.choices import LoanStatus
from funds.models import Loan
from lending_crm.common.search import with_words
from lending_crm.common.text import clean_line
from staff.models import Branch, Employee

_SEARCHED = (
    "loan_no__lower",
    "contract_no__lower",
    "application__doc_no__lower",
    "customer__search_text",
)


class LoanFilter(django_filters.FilterSet):
    """``q`` finds by number, contract, customer's name or pinyin; the others narrow."""

    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=80)
    status = django_filters.ChoiceFilter(
        label=_("loan status"), choices=LoanStatus.choices, empty_label=_("All")
    )
    risk_class = django_filters.ChoiceFilter(
        label=_("risk class"), choices=RiskClass.choices, empty_label=_("All")
    )
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch"), queryset=Branch.objects.order_by("code"), empty_label=_("All")
    )
    due_from = day_filter("due_date", "gte", _("from"))
    due_to = day_filter("due_date", "lte", _("to"))

    class Meta:
        model = Loan
        fields: list[str] = []

    def __init__(self, *args: Any, user: Employee, sees_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sees_all = sees_all
        if not sees_all:  # everything that he sees is of his own branch
            del self.filters["branch"]

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return with_words(queryset, clean_line(value), _SEARCHED, sees_all=self.sees_all)
