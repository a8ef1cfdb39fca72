"""``{% load applications_ui %}``: how the business life of an application is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString

from applications.calculation import monthly_rate
from applications.choices import BizStatus
from applications.models import BusinessApplication, Product
from lending_crm.common.money import format_rate
from lending_crm.common.templatetags.ui import badge

register = template.Library()

_TONES = {
    BizStatus.APPLYING: ("grey", "file-text"),
    BizStatus.APPROVED: ("green", "signature"),
    BizStatus.SIGNED: ("blue", "contract"),
    BizStatus.PARTLY_DISBURSED: ("blue", "coins"),
    BizStatus.DISBURSED: ("green", "coins"),
    BizStatus.SETTLED: ("grey", "circle-check"),
    BizStatus.COMPLETED: ("grey", "checks"),
    BizStatus.EXPIRED: ("amber", "calendar-off"),
    BizStatus.CLOSED: ("void", "ban"),
}


@register.simple_tag
def biz_badge(application: BusinessApplication) -> SafeString:
    """业务状态, but only where it says more than the approval status already does."""
    if application.biz_status in (BizStatus.APPLYING, BizStatus.CLOSED):
        return SafeString("")
    tone, icon = _TONES[BizStatus(application.biz_status)]
    return badge(application.get_biz_status_display(), tone, icon)


@register.filter
def percent(rate: Decimal | None) -> str:
    """An annual percentage without needless zeros, ``14.40%``."""
    return "—" if rate is None else f"{format_rate(rate)}%"


@register.filter
def monthly(rate: Decimal | None) -> str:
    """The monthly rate beside an annual one; staff speak of 月息."""
    return "—" if rate is None else f"{format_rate(monthly_rate(rate))}%"


@register.filter
def dictsum(rows: Any, name: str) -> Decimal:
    """The sum of one attribute over rows, for the foot of a table."""
    return sum((getattr(row, name) for row in rows), Decimal("0.00"))


@register.inclusion_tag("applications/_product_ranges.html")
def product_ranges(product: Product) -> dict[str, Any]:
    """What the product allows, in one line under the row that chose it."""
    return {"product": product}
