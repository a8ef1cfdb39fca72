"""Filter of the list of applications; the address holds its state."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

import django_filters

from documents.desk.filters import DeskFilter
from lending_crm.common.forms import MoneyField


class _MoneyFilter(django_filters.NumberFilter):
    field_class = MoneyField


class ApplicationFilter(DeskFilter):
    """What every desk narrows by, and the requested amount."""

    amount_from = _MoneyFilter(field_name="amount_total", lookup_expr="gte", label=_("from"))
    amount_to = _MoneyFilter(field_name="amount_total", lookup_expr="lte", label=_("to"))
