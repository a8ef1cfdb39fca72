"""资金管理 → 退息、免息: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.choices import BizStatus
from applications.permissions import may_apply
from documents.desk import Column, Figure, Head, Origin
from documents.desk.declaration import Label
from documents.desk.forms import HeaderForm
from funds.choices import ENDED_STATUSES, LoanStatus, ReliefStatus
from funds.desks.payment import SimplePaymentDesk
from funds.forms.relief import ReliefHeaderForm
from funds.models import InterestRefundWaiver, Loan
from funds.rules import relief_refusals as refusals
from funds.selectors.loans import loan_position, refundable_interest, with_refundable
from funds.services.relief import KIND_CODE
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import Mark
from lending_crm.common.errors import DomainError
from lending_crm.common.money import capital_amount, format_amount

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee


def own_loans(user: Employee) -> QuerySet[Loan]:
    """Loans of the customers whose account manager the user is, settled ones too."""
    return (
        Loan.objects.visible_to(user)
        .filter(customer__owner=user)
        .exclude(status=LoanStatus.REVERSED)
        .select_related("customer", "application", "open_relief")
    )


def _with_interest_to_give(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """INT-01, INT-02 and INT-06: running ones, and ended ones of which interest can be refunded,
    unless their business is completed."""
    found = with_refundable(loans.exclude(application__biz_status=BizStatus.COMPLETED))
    return found.filter(~Q(status__in=ENDED_STATUSES) | Q(refundable__gt=0))


def _refusal(loan: Loan, user: Employee) -> DomainError | None:
    if loan.application.biz_status == BizStatus.COMPLETED:
        return refusals.completed()
    other = getattr(loan, "open_relief", None)
    return None if other is None else refusals.request_open(loan.loan_no, other.doc_no)


def _describe(loan: Loan) -> Sequence[Label | Mark | None]:
    return (
        loan.loan_no,
        loan.customer.name,
        format_amount(loan.unpaid_principal),
        field_grade(loan, "status"),
    )


class ReliefDesk(SimplePaymentDesk):
    """Interest that goes back to its payer, and interest that is forgiven."""

    kind_code = KIND_CODE
    name = "relief"
    path = "interest-reliefs"
    icon = "receipt-refund"
    plural = _("Interest refunds and waivers")
    order = 20
    columns = (
        Column("customer__name", _("customer")),
        Column("loan__loan_no", below="amount"),
        Column("relief_type"),
        Column("amount"),
    )
    links = ("customer", "loan")
    search = (
        "customer__search_text",
        "loan__loan_no__lower",
        "application__doc_no__lower",
        "bank_ref__lower",
    )
    biz_marks = {
        ReliefStatus.PENDING: ("amber", "clock"),
        ReliefStatus.REFUNDED: ("green", "coins"),
        ReliefStatus.WAIVED: ("green", "circle-check"),
    }
    quiet_biz = frozenset({ReliefStatus.APPLYING})
    waiting_statuses = (ReliefStatus.PENDING,)
    paid_status = ReliefStatus.REFUNDED
    pay_label = _("Book the refund")
    origin = Origin(
        field="loan",
        label=_("Loan"),
        candidates=own_loans,
        search=("loan_no", "application__doc_no", "customer__search_text"),
        heads=(
            Head(_("loan number")),
            Head(_("customer")),
            Head(_("unpaid principal (CNY)"), is_number=True),
            Head(_("state")),
        ),
        describe=_describe,
        offered=_with_interest_to_give,
        refusal=_refusal,
        empty=_("None of your customers has a loan."),
    )

    @property
    def form_class(self) -> type[HeaderForm]:
        return ReliefHeaderForm

    def may_create(self, user: Employee) -> bool:
        return may_apply(user)

    def origin_facts(self, origin: Loan) -> list[tuple[Label, str]]:
        """What the loan stands at today."""
        position = loan_position(origin, local_day(timezone.now()))
        unpaid = position.interest + position.accrued
        return [
            (_("Customer"), origin.customer.name),
            (
                _("Unpaid principal and interest"),
                f"{format_amount(position.unpaid_principal)} · {format_amount(unpaid)}",
            ),
            (_("Interest that can be refunded"), format_amount(refundable_interest(origin))),
        ]

    def figures(self, document: InterestRefundWaiver) -> list[Figure]:
        found = [
            Figure(
                _("Requested amount"),
                format_amount(document.amount),
                capital_amount(document.amount),
            ),
            Figure(_("Computed amount"), _shown(document.calc_amount)),
            Figure(
                _("Refundable at most") if document.is_refund else _("Unpaid interest"),
                _shown(document.max_amount),
            ),
        ]
        if document.penalty_part:
            found.append(
                Figure(
                    _("Penalty interest waived"),
                    format_amount(document.penalty_part),
                    capital_amount(document.penalty_part),
                )
            )
        return found


def _shown(amount: object) -> str:
    return "—" if amount is None else format_amount(amount)  # type: ignore[arg-type]


RELIEF_DESK = ReliefDesk()
