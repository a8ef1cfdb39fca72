from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from customers import hooks
from customers.models import Customer, CustomerGroup
from customers.rules.permissions import may_regroup
from lending_crm.common.models import ChangeRecord
from lending_crm.common.text import clean_line
from staff.models import Employee

_SHOWN = 200
_SHOWN_CHANGES = 20
_SUGGESTED = 20


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


@dataclass(frozen=True)
class Member:
    customer: Customer
    exposure: Decimal
    may_remove: bool


@dataclass(frozen=True)
class Suggestion:
    """A customer that may belong to the group: ``because`` names the head that it shares."""

    customer: Customer
    because: str
    may_add: bool


@dataclass(frozen=True)
class GroupPage:
    """``total`` is the exposure of the members in sight; ``hidden`` others count as well."""

    group: CustomerGroup
    members: list[Member]
    hidden: int
    total: Decimal
    limit: Decimal | None
    suggestions: list[Suggestion]
    changes: list[ChangeRecord]

    @property
    def is_above_limit(self) -> bool:
        return self.limit is not None and self.total > self.limit


def group_page(user: Employee, group: CustomerGroup, *, day: date) -> GroupPage:
    """One group as the user may see it; members out of sight are only counted (N26)."""
    seen = Customer.objects.visible_to(user).select_related("owner", "branch")
    members = list(seen.filter(group=group).order_by("name")[:_SHOWN])
    owed = hooks.exposures([customer.pk for customer in members], day)
    return GroupPage(
        group=group,
        members=[
            Member(each, owed.amounts.get(each.pk, Decimal(0)), may_regroup(user, each))
            for each in members
        ],
        hidden=group.members.count() - len(members),
        total=sum(owed.amounts.values(), Decimal(0)),
        limit=owed.group_limit,
        suggestions=[
            Suggestion(each, because, may_regroup(user, each))
            for each, because in _suggested(seen, members)
        ],
        changes=list(
            ChangeRecord.objects.filter(
                model=CustomerGroup._meta.label_lower, object_id=group.pk
            ).select_related("actor")[:_SHOWN_CHANGES]
        ),
    )


def _suggested(seen: QuerySet[Customer], members: list[Customer]) -> list[tuple[Customer, str]]:
    """Customers in sight, in no group, led by who leads a member or tied to one as company."""
    heads = {name for each in members for name in (each.legal_rep, each.controller)} - {""}
    keys = [each.pk for each in members]
    rows = (
        seen.filter(group=None)
        .filter(
            Q(legal_rep__in=heads)
            | Q(controller__in=heads)
            | Q(principal_customer__in=keys)
            | Q(related_companies__in=keys)
        )
        .distinct()
        .order_by("name")[:_SUGGESTED]
    )
    found = []
    for each in rows:
        shared = heads & {each.legal_rep, each.controller}
        because = "、".join(sorted(shared)) or next(
            (m.name for m in members if each.pk == m.principal_customer_id
             or m.pk == each.principal_customer_id), ""
        )  # fmt: skip
        found.append((each, because))
    return found
