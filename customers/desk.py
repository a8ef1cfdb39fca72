"""客户 → 客户等级调整: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.choices import BORROWER_STATUSES, CustomerType
from customers.kinds import KIND_CODE
from customers.models import Customer, TierChange
from customers.rules.permissions import sees_business
from customers.rules.tiers import may_ask, unaskable
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.panels import document_panel
from documents.panels import PanelContent, register_panel
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_amount
from staff.models import Employee

if TYPE_CHECKING:
    from django.db.models import QuerySet


def own_borrowers(user: Employee) -> QuerySet[Customer]:
    """The user's own customers who borrow or have borrowed."""
    return (
        Customer.objects.filter(owner=user, pooled_at=None, biz_status__in=BORROWER_STATUSES)
        .exclude(customer_type=CustomerType.CHANNEL)
        .select_related("owner", "branch")
    )


def _describe(customer: Customer) -> Sequence[str]:
    return (customer.customer_no, customer.name, customer.get_borrower_tier_display())


class TierDesk(Desk):
    """Tier adjustments: which borrower is 普通, 银, 金 or 钻, and why."""

    kind_code = KIND_CODE
    namespace = "customers"
    name = "tier"
    path = "tier-changes"
    icon = "crown"
    section = "customers"
    section_label = _("Customers")
    plural = _("Customer tier adjustments")
    order = 27
    columns = (
        Column("customer__name", _("customer")),
        Column("from_tier"),
        Column("earned_tier"),
        Column("to_tier"),
    )
    origin = Origin(
        field="customer",
        label=_("Borrower"),
        candidates=own_borrowers,
        search=("search_text",),
        heads=(
            Head(_("customer number")),
            Head(_("customer")),
            Head(_("present tier")),
        ),
        describe=_describe,
        refusal=unaskable,
        empty=_("None of your customers borrows or has borrowed."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return sees_business(user)

    def may_create(self, user: Employee) -> bool:
        return may_ask(user)

    def origin_facts(self, origin: Any) -> list[tuple[Any, str]]:
        return [
            (_("present tier"), origin.get_borrower_tier_display()),
            (_("risk class"), origin.get_risk_class_display()),
        ]

    def figures(self, document: TierChange) -> list[Figure]:
        days = document.overdue_days
        return [
            Figure(
                _("Tier earned"),
                document.get_earned_tier_display(),
                _("figures as of %s") % format_day(document.figures_on),
                tone="warning" if document.is_exception else "",
            ),
            Figure(_("Interest and fees of 12 months"), format_amount(document.income)),
            Figure(_("Years as a borrower"), str(document.years)),
            Figure(
                _("Longest overdue in 12 months"),
                ngettext("%s day", "%s days", days) % days,
                tone="bad" if days else "good",
            ),
        ]

    def alerts(self, document: TierChange) -> list[tuple[str, Any]]:
        is_decided = document.wf_status in (WfStatus.APPROVED, WfStatus.REJECTED, WfStatus.VOID)
        if not document.is_exception or is_decided:
            return []
        return [
            (
                "amber",
                _("The tier asked for is above what the customer has earned; head office decides."),
            )
        ]


TIER_DESK = TierDesk()


def begin_for(customer: Customer, user: Employee) -> PanelContent:
    """Where the account manager asks for another tier, or why he cannot now."""
    if not may_ask(user) or customer.owner_id != user.pk:
        return PanelContent()
    if reason := unaskable(customer, user):
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=TIER_DESK.new_url(customer))


def register_tier_panel() -> None:
    register_panel(
        document_panel(
            TIER_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            begin=begin_for,
            order=90,
        )
    )
