"""Filters of the people list."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

import django_filters

from staff.models import Branch, Department, Employee, Role


class PeopleFilter(django_filters.FilterSet):
    """Search by name, number or pinyin initials; people who left only when asked for."""

    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=80)
    branch = django_filters.ModelChoiceFilter(
        queryset=Branch.objects.all(), label=_("Branch"), empty_label=_("All branches")
    )
    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.select_related("branch"),
        label=_("Department"),
        empty_label=_("All departments"),
    )
    role = django_filters.ModelChoiceFilter(
        field_name="role_assignments__role",
        queryset=Role.objects.all(),
        label=_("Role"),
        empty_label=_("All roles"),
        distinct=True,
    )
    status = django_filters.ChoiceFilter(
        method="by_status",
        label=_("Status"),
        empty_label=_("Active"),
        choices=[("left", _("Left")), ("all", _("Active and left"))],
    )

    class Meta:
        model = Employee
        fields: list[str] = []

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def by_status(self, queryset: Any, name: str, value: str) -> Any:
        return queryset

    def filter_queryset(self, queryset: QuerySet[Employee]) -> QuerySet[Employee]:
        found = super().filter_queryset(queryset)
        status = self.form.cleaned_data.get("status")
        if status == "all":
            return found
        return found.filter(is_active=status != "left")
