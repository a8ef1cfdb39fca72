from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from customers.models import Customer, CustomerGroup
from lending_crm.common.text import clean_line
from staff.models import Employee

_SHOWN = 200


def group_list(user: Employee, *, text: str = "") -> QuerySet[CustomerGroup]:
    """Groups by part of the name or its pinyin, with the number of members in sight."""
    seen = (
        Customer.objects.visible_to(user)
        .filter(group=OuterRef("pk"))
        .order_by()
        .values("group")
        .annotate(number=Count("pk"))
        .values("number")
    )
    rows = CustomerGroup.objects.annotate(member_count=Coalesce(Subquery(seen), 0))
    for word in clean_line(text)[:100].lower().split():
        rows = rows.filter(search_text__contains=word)
    return rows


def group_members(user: Employee, group: CustomerGroup) -> tuple[list[Customer], int]:
    """The members in sight, and how many others count in the group's exposure."""
    members = (
        Customer.objects.visible_to(user)
        .filter(group=group)
        .select_related("owner", "branch")
        .order_by("name")
    )
    shown = list(members[:_SHOWN])
    return shown, group.members.count() - len(shown)
