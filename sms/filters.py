"""Filters of the log; the address holds their state."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

import django_filters

from lending_crm.common.crypto import blind_index
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import check_mobile
from lending_crm.common.text import clean_line
from sms.choices import Kind, Status
from sms.models import SmsMessage


class MessageFilter(django_filters.FilterSet):
    """``q`` is part of the recipient's name or a whole mobile number."""

    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=100)
    kind = django_filters.ChoiceFilter(
        label=_("Message kind"), choices=Kind.choices, empty_label=_("All kinds")
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=Status.choices, empty_label=_("All statuses")
    )
    customer = django_filters.NumberFilter(
        label=_("Customer"), field_name="customer_id", max_value=2**63 - 1
    )
    day_from = django_filters.DateFilter(
        label=_("From"), field_name="created_at", lookup_expr="date__gte"
    )
    day_to = django_filters.DateFilter(
        label=_("Until"), field_name="created_at", lookup_expr="date__lte"
    )

    class Meta:
        model = SmsMessage
        fields: list[str] = []

    def search(self, queryset: Any, name: str, value: str) -> Any:
        try:
            return queryset.filter(number_index=blind_index(check_mobile(value)))
        except DomainError:  # no mobile number, so it is a name
            return queryset.filter(recipient__icontains=clean_line(value))
