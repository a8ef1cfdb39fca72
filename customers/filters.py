"""Filters of the three lists; the address holds their state, so it can be kept as a bookmark."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import django_filters

from customers.choices import (
    ContactType,
    CustomerSource,
    CustomerStatus,
    CustomerType,
    OpportunityStatus,
    RiskClass,
    Stage,
    Tier,
)
from customers.models import Contact, Customer, Opportunity
from customers.selectors.opportunities import stalled
from staff.selectors import roles_of


class _Searchable(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=100)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        reader = self.request and self.request.user
        return queryset.search(value, sees_all=bool(reader) and roles_of(reader).sees_all)


class CustomerFilter(_Searchable):
    """By status, risk, tier, source and account manager; ``q`` by name, number or initials."""

    customer_type = django_filters.ChoiceFilter(
        label=_("Customer type"), choices=CustomerType.choices
    )
    biz_status = django_filters.ChoiceFilter(
        label=_("Customer status"), choices=CustomerStatus.choices, empty_label=_("All statuses")
    )
    risk_class = django_filters.ChoiceFilter(
        label=_("Risk class"), choices=RiskClass.choices, empty_label=_("All risk classes")
    )
    tier = django_filters.ChoiceFilter(
        label=_("Customer tier"), choices=Tier.choices, empty_label=_("All tiers")
    )
    source = django_filters.ChoiceFilter(
        label=_("Customer source"), choices=CustomerSource.choices, empty_label=_("All sources")
    )
    owner = django_filters.NumberFilter(
        label=_("Account manager"), field_name="owner_id", max_value=2**63 - 1
    )
    group = django_filters.NumberFilter(
        label=_("Customer group"), field_name="group_id", max_value=2**63 - 1
    )

    class Meta:
        model = Customer
        fields: list[str] = []


class ContactFilter(_Searchable):
    contact_type = django_filters.ChoiceFilter(
        label=_("Contact type"), choices=ContactType.choices, empty_label=_("All types")
    )
    customer = django_filters.NumberFilter(
        label=_("Customer"), field_name="customer_id", max_value=2**63 - 1
    )

    class Meta:
        model = Contact
        fields: list[str] = []


class OpportunityFilter(_Searchable):
    """``due=stalled`` keeps those that are 业务机会预警 at ``now``, the moment of the request."""

    def __init__(self, *args: Any, now: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    stage = django_filters.ChoiceFilter(
        label=_("Current stage"), choices=Stage.choices, empty_label=_("All stages")
    )
    biz_status = django_filters.ChoiceFilter(
        label=_("Status"), choices=OpportunityStatus.choices, empty_label=_("All statuses")
    )
    customer = django_filters.NumberFilter(
        label=_("Customer"), field_name="customer_id", max_value=2**63 - 1
    )
    due = django_filters.ChoiceFilter(
        method="by_due",
        label=_("Follow-up"),
        empty_label=_("Any follow-up date"),
        choices=[("today", _("Due today or earlier")), ("stalled", _("Stalled"))],
    )

    class Meta:
        model = Opportunity
        fields: list[str] = []

    def by_due(self, queryset: Any, name: str, value: str) -> Any:
        if self.now is None:
            return queryset
        if value == "stalled":
            return queryset.filter(stalled(now=self.now))
        return queryset.open().filter(next_follow_on__lte=timezone.localdate(self.now))
