"""Marks of customers, risk and opportunities: one word, icon and tone each, everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from customers.models import Customer, Opportunity
from customers.rules.opportunities import is_stalled
from customers.rules.permissions import may_reveal
from customers.services.log import mask
from lending_crm.common.templatetags.ui import badge, grade_badge

register = template.Library()

_OPPORTUNITY = {
    "OPEN": ("blue", "target-arrow"),
    "WON": ("green", "circle-check"),
    "LOST": ("slate", "circle-x"),
}


@register.simple_tag
def customer_badge(customer: Customer) -> SafeString:
    """客户状态."""
    return grade_badge(customer, "biz_status")


@register.simple_tag
def opportunity_badge(opportunity: Opportunity) -> SafeString:
    """跟进中, 已成交 or 已流失."""
    return badge(opportunity.get_biz_status_display(), *_OPPORTUNITY[opportunity.biz_status])


@register.filter
def stalled(opportunity: Opportunity, now: datetime) -> bool:
    """业务机会预警: open and quiet for too long."""
    return is_stalled(opportunity, tier=opportunity.customer.tier, now=now)


@register.inclusion_tag("customers/masked.html", takes_context=True)
def masked(context: Any, record: Any, field: str) -> dict[str, Any]:
    """A masked number; whoever may open it gets the button for that (N25)."""
    value = getattr(record, field)
    return {
        "value": mask(field, value),
        "may_reveal": bool(value) and may_reveal(context["user"], record, field),
        "model": record._meta.model_name,
        "pk": record.pk,
        "field": field,
        "label": record._meta.get_field(field).verbose_name,
    }
