"""The filter of a desk's list; the address holds its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

import django_filters

from documents.choices import WfStatus
from documents.models import Document
from lending_crm.common.text import clean_line
from staff.models import Branch
from staff.selectors import roles_of

if TYPE_CHECKING:
    from documents.desk.declaration import Desk
    from staff.models import Employee


def day_filter(field: str, expression: str, label: Any) -> django_filters.DateFilter:
    """One end of a span of days."""
    return django_filters.DateFilter(
        field_name=field,
        lookup_expr=expression,
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class DeskFilter(django_filters.FilterSet):
    """``q`` finds by number, subject and the desk's own words; the others narrow."""

    q = django_filters.CharFilter(method="find", label=_("Search"), max_length=80)
    wf_status = django_filters.ChoiceFilter(
        label=_("approval status"), choices=WfStatus.choices, empty_label=_("All")
    )
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch"), queryset=Branch.objects.order_by("code"), empty_label=_("All")
    )
    created_from = day_filter("created_at", "date__gte", _("from"))
    created_to = day_filter("created_at", "date__lte", _("to"))

    class Meta:
        model = Document
        fields: list[str] = []

    def __init__(self, *args: Any, desk: Desk, user: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        if not roles_of(user).sees_all:  # everything that he sees is of his own branch
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

    def find(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in clean_line(value).lower().split():
            queryset = queryset.filter(self.desk.matches(word))
        return queryset

    @property
    def own_fields(self) -> list[BoundField]:
        """What a desk's subclass narrows by beside what every desk has."""
        shared = {*DeskFilter.base_filters, "biz_status"}
        return [self.form[name] for name in self.filters if name not in shared]

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in self.form.fields)
