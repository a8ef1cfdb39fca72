"""The filter of a desk's list; the address holds its state."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import django_filters

from documents.choices import WfStatus
from documents.models import Document
from lending_crm.common.search import with_words
from lending_crm.common.text import clean_line
from staff.models import Branch
from staff.selectors import roles_of

if TYPE_CHECKING:
    from documents.desk.declaration import Desk
    from staff.models import Employee


def day_filter(field: str, expression: str, label: Any) -> django_filters.DateFilter:
    """One end of a span of days."""
    return _days(label, field_name=field, lookup_expr=expression)


def _days(label: Any, **how: Any) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        label=label, widget=forms.DateInput(attrs={"type": "date"}), **how
    )


def _midnight(day: date) -> datetime:
    """When the day begins on the pages; an index on the moment serves no cast to a date."""
    return timezone.make_aware(datetime.combine(day, time()))


class DeskFilter(django_filters.FilterSet):
    """``q`` finds by number, subject and the desk's own words; the others narrow."""

    q = django_filters.CharFilter(method="find", label=_("Search"), max_length=80)
    wf_status = django_filters.ChoiceFilter(
        label=_("approval status"), choices=WfStatus.choices, empty_label=_("All")
    )
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch"), queryset=Branch.objects.order_by("code"), empty_label=_("All")
    )
    created_from = _days(_("from"), method="since")
    created_to = _days(_("to"), method="until")

    class Meta:
        model = Document
        fields: list[str] = []

    def __init__(self, *args: Any, desk: Desk, user: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.sees_all = roles_of(user).sees_all
        if not self.sees_all:  # everything that he sees is of his own branch
            del self.filters["branch"]
        if desk.has_biz_status:
            choices = desk.kind.model._meta.get_field("biz_status").choices  # type: ignore[union-attr, misc]
            status = django_filters.ChoiceFilter(
                field_name="biz_status",
                label=_("business status"),
                choices=choices,
                empty_label=_("All"),
            )
            status.parent = self
            status.model = desk.kind.model
            self.filters["biz_status"] = status

    def since(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__gte=_midnight(value))

    def until(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        if value == date.max:
            return queryset
        return queryset.filter(created_at__lt=_midnight(value + timedelta(days=1)))

    def find(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return with_words(queryset, clean_line(value), self.desk.searched, sees_all=self.sees_all)

    @property
    def own_fields(self) -> list[BoundField]:
        """What a desk's subclass narrows by beside what every desk has."""
        shared = {*DeskFilter.base_filters, "biz_status"}
        return [self.form[name] for name in self.filters if name not in shared]

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in self.form.fields)
