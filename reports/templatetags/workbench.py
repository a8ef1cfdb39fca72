"""``{% load workbench %}``: how the workbench shows its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from applications.models import BusinessApplication
from customers.models import Opportunity
from reports import tiles
from reports.selectors import business

register = template.Library()


@register.filter
def top(rows: Sequence[Any], number: int) -> Sequence[Any]:
    """The first rows; the rest stand behind the link below the list."""
    return rows[:number]


@register.filter
def counted(rows: Sequence[Any]) -> str:
    """How many rows there are, ``100+`` above the number that is read."""
    return tiles.count(rows) if rows else ""


@register.filter
def quiet_days(opportunity: Opportunity, now: datetime) -> int:
    """Calendar days since anything happened."""
    return (timezone.localdate(now) - timezone.localdate(opportunity.last_activity_at)).days


@register.filter
def days_left(application: BusinessApplication, today: date) -> int:
    return business.days_left(application, today)
