"""Delegations as their page lists them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from staff.models import Delegation


def delegation_list(user: Any, *, is_all: bool = False) -> QuerySet[Delegation]:
    """What the user gave and takes; with ``is_all`` everything that he may see."""
    rows = Delegation.objects.visible_to(user)
    if not is_all:
        rows = rows.filter(Q(principal=user) | Q(delegate=user))
    return rows.select_related("principal", "delegate", "created_by", "ended_by").order_by(
        "-starts_at", "-id"
    )
