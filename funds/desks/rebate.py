"""资金管理 → 返点申请: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.choices import BizStatus
from applications.models import BusinessApplication
from applications.permissions import may_apply
from documents.desk import Column, Figure, Head, Origin
from documents.desk.declaration import Label
from funds.choices import RebateStatus, TransferStatus
from funds.desks.payment import SimplePaymentDesk
from funds.errors import business_completed
from funds.models import FundTransfer, RebateApplication
from funds.rules import rebate_refusals as refusals
from funds.selectors.rebates import reserve_of, with_rebate_left
from funds.services.rebates import KIND_CODE
from lending_crm.common.errors import DomainError
from lending_crm.common.money import capital_amount, format_amount, format_rate

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee


def own_businesses(user: Employee) -> QuerySet[BusinessApplication]:
    """Granted businesses with a channel, of the customers that the user manages."""
    executed = FundTransfer.objects.filter(
        application=OuterRef("pk"), biz_status=TransferStatus.EXECUTED
    )
    return (
        BusinessApplication.objects.visible_to(user)
        .granted()
        .filter(customer__owner=user, channel__isnull=False)
        .annotate(is_paid_out=Exists(executed))
        .select_related("customer", "channel", "open_rebate")
    )


def _with_reserve_left(
    applications: QuerySet[BusinessApplication],
) -> QuerySet[BusinessApplication]:
    """CMP-04, REB-01: not those that are completed or whose reserve is all asked for."""
    return with_rebate_left(applications.exclude(biz_status=BizStatus.COMPLETED))


def _refusal(application: BusinessApplication, user: Employee) -> DomainError | None:
    if application.biz_status == BizStatus.COMPLETED:
        return business_completed(application.doc_no)
    if not getattr(application, "is_paid_out", True):
        return refusals.not_disbursed()
    other = getattr(application, "open_rebate", None)
    if other is not None:
        return refusals.request_open(application.doc_no, other.doc_no)
    channel = application.channel
    ended = channel.agreement_end if channel else None
    if ended is not None and ended < local_day(timezone.now()):
        return refusals.agreement_ended(ended)
    return None


def _describe(application: BusinessApplication) -> Sequence[str]:
    return (
        application.doc_no,
        application.customer.name,
        application.channel.name if application.channel else "",
        f"{format_rate(application.rebate_ratio)}%" if application.rebate_ratio else "—",
    )


class RebateDesk(SimplePaymentDesk):
    """Rebates to the channels of businesses whose money went out."""

    kind_code = KIND_CODE
    name = "rebate"
    path = "rebates"
    icon = "cash"
    plural = _("Rebate applications")
    order = 30
    columns = (
        Column("customer__name", _("customer")),
        Column("channel__name", _("channel")),
        Column("amount"),
    )
    links = ("application",)
    search = (
        "customer__search_text",
        "channel__search_text",
        "application__doc_no__lower",
        "bank_ref__lower",
    )
    biz_marks = {
        RebateStatus.PENDING: ("amber", "clock"),
        RebateStatus.PAID: ("green", "coins"),
    }
    quiet_biz = frozenset({RebateStatus.APPLYING})
    waiting_statuses = (RebateStatus.PENDING,)
    paid_status = RebateStatus.PAID
    pay_label = _("Book the rebate's payment")
    origin = Origin(
        field="application",
        label=_("Business application"),
        candidates=own_businesses,
        search=("doc_no", "customer__search_text", "channel__search_text"),
        heads=(
            Head(_("Number")),
            Head(_("customer")),
            Head(_("channel")),
            Head(_("rebate ratio (%)"), is_number=True),
        ),
        describe=_describe,
        offered=_with_reserve_left,
        refusal=_refusal,
        empty=_("None of your businesses has a rebate channel."),
    )

    def may_create(self, user: Employee) -> bool:
        return may_apply(user)

    def origin_facts(self, origin: BusinessApplication) -> list[tuple[Label, str]]:
        """Channel and money of the business."""
        found = reserve_of(origin.pk)
        return [
            (_("Customer"), origin.customer.name),
            (_("Rebate channel"), origin.channel.name if origin.channel else ""),
            (_("Disbursed amount"), format_amount(found.principal)),
            (_("Rebate available"), format_amount(found.available)),
        ]

    def figures(self, document: RebateApplication) -> list[Figure]:
        return [
            Figure(
                _("Requested amount"),
                format_amount(document.amount),
                capital_amount(document.amount),
            ),
            Figure(_("Rebate available"), format_amount(document.available)),
            Figure(
                _("Disbursed amount"),
                format_amount(document.disbursed),
                f"{format_rate(document.rebate_ratio)}%",
            ),
        ]


REBATE_DESK = RebateDesk()
