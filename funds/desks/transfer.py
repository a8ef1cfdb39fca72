"""资金管理 → 资金划拨确认书: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.choices import BizStatus
from applications.models import BusinessApplication, IntermediaryApplication, LenderSetting
from applications.rules.intermediary import no_principal_transfer
from contracts.models import ContractReview
from documents.choices import WfStatus
from documents.desk import Column, Figure, Head, Origin
from documents.desk.declaration import Action, Extra
from documents.desk.forms import HeaderForm
from funds.choices import PAYABLE_STATUSES, TransferStatus
from funds.desks.payment import PaymentDesk
from funds.forms.payments import ReceiptForm
from funds.forms.transfers import ExecutionForm, OutcomeForm
from funds.kinds.transfer import COMPUTED, KIND_CODE
from funds.models import FundTransfer
from funds.permissions import may_book
from funds.rules import refusals
from funds.rules.transfers import may_create, may_create_from, unpayable
from funds.selectors.payable import with_money_left
from funds.services.payments import may_pay
from lending_crm.common.errors import DomainError
from lending_crm.common.money import capital_amount, format_amount, format_rate
from staff.models import Employee

if TYPE_CHECKING:
    from django.db.models import QuerySet

_WAITING = (BizStatus.SIGNED, BizStatus.PARTLY_DISBURSED)


def payable_reviews(user: Employee) -> QuerySet[ContractReview]:
    """Passed contract reviews in sight whose money is not all out."""
    cap = LenderSetting.objects.filter(pk=1).values("rebate_cap")
    return (
        ContractReview.objects.visible_to(user)
        .filter(wf_status=WfStatus.APPROVED, application__biz_status__in=_WAITING)
        .annotate(rebate_cap=Subquery(cap))
        .select_related("application__customer", "application__branch", "application__channel")
    )


def _with_money_left(reviews: QuerySet[ContractReview]) -> QuerySet[ContractReview]:
    """FTR-03: not those whose money is all paid out or asked for."""
    waiting = BusinessApplication.objects.filter(biz_status__in=_WAITING)
    return reviews.filter(application__in=with_money_left(waiting).values("pk"))


def _refusal(review: ContractReview, user: Employee) -> DomainError | None:
    if not may_create_from(review, user):
        return refusals.not_risk_manager()
    if reason := unpayable(review, day=local_day(timezone.now())):
        return reason
    cap: Decimal = review.rebate_cap  # type: ignore[attr-defined]
    ratio = review.application.rebate_ratio
    return refusals.rebate_above_cap(ratio, cap) if ratio is not None and ratio > cap else None


def _stranger(pk: int, user: Employee) -> DomainError | None:
    """MED-07: the money of an intermediary business in sight is the funder's."""
    arranged = IntermediaryApplication.objects.visible_to(user).filter(pk=pk)
    return no_principal_transfer() if arranged.exists() else None


def _describe(review: ContractReview) -> Sequence[str]:
    return (
        review.doc_no,
        review.contract_no,
        review.application.customer.name,
        format_amount(review.amount) if review.amount is not None else "",
    )


class TransferHeaderForm(HeaderForm):
    """Refuses values for the computed amounts, which no field of the form offers (FTR-04)."""

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        for name in COMPUTED:
            if name in self.data:
                self.add_error(None, str(refusals.amounts_typed(name).sentence))
                break
        return found


class TransferDesk(PaymentDesk):
    """Fund transfer confirmations: from the passed contract review to the money."""

    kind_code = KIND_CODE
    name = "transfer"
    path = "fund-transfers"
    plural = _("Fund transfer confirmations")
    order = 10
    columns = (
        Column("customer__name", _("customer")),
        Column("principal", _("amount")),
        Column("plan_on"),
    )
    links = ("customer", "application", "review")
    search = ("customer__search_text", "application__doc_no__lower", "bank_ref__lower")
    waiting_statuses = PAYABLE_STATUSES
    paid_status = TransferStatus.EXECUTED
    biz_marks = {
        TransferStatus.PENDING: ("amber", "clock"),
        TransferStatus.EXECUTED: ("green", "coins"),
        TransferStatus.FAILED: ("red", "alert-triangle"),
        TransferStatus.REVERSED: ("grey", "ban"),
    }
    quiet_biz = frozenset({TransferStatus.APPLYING})
    origin = Origin(
        field="review",
        label=_("Passed contract formality review"),
        candidates=payable_reviews,
        search=("doc_no", "contract_no", "application__doc_no", "customer__search_text"),
        heads=(
            Head(_("Number")),
            Head(_("contract number")),
            Head(_("customer")),
            Head(_("contract amount (CNY)"), is_number=True),
        ),
        describe=_describe,
        offered=_with_money_left,
        refusal=_refusal,
        stranger=_stranger,
        empty=_("No passed contract review waits for its money."),
    )

    @property
    def form_class(self) -> type[HeaderForm]:
        return TransferHeaderForm

    def may_create(self, user: Employee) -> bool:
        return may_create(user)

    def figures(self, document: FundTransfer) -> list[Figure]:
        return [
            Figure(
                _("Total amount"),
                format_amount(document.total_amount),
                capital_amount(document.total_amount),
            ),
            Figure(
                _("Head-office amount"),
                format_amount(document.hq_amount),
                f"{format_rate(document.hq_ratio)}%",
            ),
            Figure(_("Branch amount"), format_amount(document.branch_amount)),
            Figure(
                _("Rebate amount"),
                format_amount(document.rebate_amount),
                f"{format_rate(document.rebate_ratio)}%",
            ),
        ]

    def alerts(self, document: FundTransfer) -> list[tuple[str, Any]]:
        if not document.outcome_reason:
            return []
        tone = "red" if document.biz_status == TransferStatus.FAILED else "amber"
        return [(tone, f"{document.get_biz_status_display()}: {document.outcome_reason}")]

    def actions(self, document: FundTransfer, user: Employee) -> list[Action]:
        if document.wf_status != WfStatus.APPROVED or not may_book(user):
            return []
        reason = "" if may_pay(document, user) else refusals.own_transfer().message
        if document.biz_status == TransferStatus.EXECUTED:
            return [
                Action(
                    _("Reverse the transfer"), icon="ban", dialog="reverse-dialog", reason=reason
                ),
                *self.receipt_actions(document, user),
            ]
        if document.biz_status not in PAYABLE_STATUSES:
            return []
        if not reason and (against := unpayable(document, day=local_day(timezone.now()))):
            reason = against.message
        return [
            Action(_("Report a failure"), icon="alert-triangle", dialog="failure-dialog"),
            Action(
                _("Execute the transfer"),
                icon="coins",
                dialog="execute-dialog",
                reason=reason,
                is_primary=True,
            ),
        ]

    def extras(self, document: FundTransfer, user: Employee) -> list[Extra]:
        return [self.outcome(document, user)]

    def outcome(
        self,
        document: FundTransfer,
        user: Employee,
        *,
        execution: ExecutionForm | None = None,
        failure: OutcomeForm | None = None,
        reversal: OutcomeForm | None = None,
        receipt: ReceiptForm | None = None,
    ) -> Extra:
        """What became of the money, with the dialogs; a bound form opens its own again."""
        acts = {action.dialog for action in self.actions(document, user) if not action.reason}
        initial = {"executed_on": local_day(timezone.now()), "paid_amount": document.principal}
        return Extra(
            "funds/_transfer_outcome.html",
            {
                "transfer": document,
                "acts": acts,
                "execution": execution or ExecutionForm(initial=initial),
                "failure": failure or OutcomeForm(prefix="failure"),
                "reversal": reversal or OutcomeForm(prefix="reversal"),
                "document": document,
                "desk": self,
                "receipt": receipt or ReceiptForm(),
            },
        )


TRANSFER_DESK = TransferDesk()
