"""The interest refund or waiver as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from customers.models import Customer
from customers.querysets import ReadByRecovery
from documents import categories
from documents.categories import AttachmentCategory
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.printing.forms import form_context
from documents.rules import refuse_unless
from funds.categories import RECEIPT, offered
from funds.choices import LoanStatus, ReliefStatus, ReliefType
from funds.kinds.papers import payment_context
from funds.models import InterestRefundWaiver, Loan
from funds.models.fields import ZERO
from funds.rules import relief_refusals as refusals
from funds.rules.relief import loan_refusal, may_request, submission_refusals
from funds.selectors.loans import loan_position
from funds.selectors.relief import interest_of_loan, payers_of, relief_figures
from funds.services.payments import tell_finance
from funds.services.relief import KIND_CODE, book_waiver
from lending_crm.common.errors import DomainError, refuse_all
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

FORM = "interest-relief"
CATEGORIES = (categories.FINANCIALS, RECEIPT, categories.OTHER)
_PREFIXES = {ReliefType.REFUND.value: "TX", ReliefType.WAIVER.value: "MX"}
_PAYEE = ("payee_name", "payee_bank", "payee_account")
#: columns that the ledger fills, as they stand on the day
_COMPUTED = ("base", "annual_rate", "days", "calc_amount", "max_amount", "unpaid_penalty")


class InterestReliefKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Interest refund or waiver")
    model = InterestRefundWaiver
    prefix = _PREFIXES[ReliefType.WAIVER.value]
    url_name = "funds:relief_detail"
    reckons_at_submission = True
    editable_fields = (
        "subject",
        "relief_type",
        "reason",
        "from_date",
        "to_date",
        "amount",
        "penalty_part",
        *_PAYEE,
        "remark",
    )
    required_fields = ("relief_type", "reason", "from_date", "to_date", "amount")
    sections = (
        Section(
            "request",
            _("Request"),
            ("subject", "customer", "application", "loan", "relief_type", "reason"),
        ),
        Section(
            "period",
            _("Interest period"),
            ("from_date", "to_date", "base", "annual_rate", "days", "calc_amount", "max_amount"),
        ),
        Section("amounts", _("Amounts"), ("amount", "penalty_part", "unpaid_penalty", "remark")),
        Section("payee", _("Account that the refund goes to"), _PAYEE),
    )
    select_related = ("customer", "application", "loan", "loan__product", "executor", "entry")
    material_fields = frozenset({"amount", "penalty_part", "reason", "payee_account"})
    capital_fields = frozenset({"amount"})
    facts = (
        Fact("relief_type", "choice", _("refund or waiver"), choices=lambda: ReliefType.choices),
        Fact("amount", "money", _("interest and penalty interest together (CNY)")),
        Fact("interest_share", "number", _("share of the loan's interest (%)")),
    )
    print_forms = {FORM: _("Interest refund or waiver approval form")}
    print_templates = {FORM: "funds/print/payment.html"}

    def lock(self, document_id: int) -> Any:
        """Customer and loan first, as every act of the ledger takes them."""
        found = InterestRefundWaiver.objects.filter(pk=document_id)
        for customer_id, loan_id in found.values_list("customer_id", "loan_id"):
            lock_row(Customer, customer_id)
            lock_row(Loan, loan_id)
        return super().lock(document_id)

    # the draft

    def number_prefix(self, fields: Mapping[str, Any]) -> str:
        return _PREFIXES.get(fields.get("relief_type", ""), self.prefix)

    def lock_origin(self, origin: Loan) -> Loan:
        lock_row(Customer, origin.customer_id)
        return lock_row(Loan, origin.pk)

    def begin(self, origin: Loan, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, INT-06 and INT-03; offers the payer's account for a refund."""
        refuse_unless(may_request(origin, actor) and origin.status != LoanStatus.REVERSED)
        if reason := loan_refusal(origin):
            raise reason
        day = local_day(now)
        position = loan_position(origin, day)
        is_owed = not origin.is_ended and position.interest + position.accrued > 0
        last = origin.settled_on or min(max(origin.due_date, origin.booked_to), day)
        return Start(
            party=origin.customer.name,
            fields={
                "customer": origin.customer,
                "application": origin.application,
                "loan": origin,
                "relief_type": ReliefType.WAIVER if is_owed else ReliefType.REFUND,
                "from_date": origin.start_date,
                "to_date": last if last > origin.start_date else None,
                **_payee(origin),
            },
        )

    def check_draft(
        self,
        document: InterestRefundWaiver,
        values: Mapping[str, Any],
        rows: Mapping[str, list[Any]],
    ) -> list[DomainError]:
        """What level S of domain §0 asks; the ledger's limits wait for the submission."""
        found = []
        relief_type = values.get("relief_type", document.relief_type)
        amount = values.get("amount", document.amount)
        penalty = values.get("penalty_part", document.penalty_part)
        if not document.doc_no.startswith(f"{_PREFIXES.get(relief_type, '')}-"):
            found.append(refusals.type_is_fixed())
        if amount + penalty <= 0:
            found.append(refusals.amount_not_positive())
        if relief_type == ReliefType.REFUND and penalty > 0:
            found.append(refusals.penalty_of_refund())
        return found

    def compute(self, document: InterestRefundWaiver, *, now: datetime) -> None:
        figures = relief_figures(document, day=local_day(now))
        for name in _COMPUTED:
            setattr(document, name, getattr(figures, name))

    # what the engine copies

    def party(self, document: InterestRefundWaiver) -> str:
        return document.customer.name

    def amount(self, document: InterestRefundWaiver) -> Decimal | None:
        return document.amount + document.penalty_part

    def search_text(self, document: InterestRefundWaiver) -> str:
        return document.customer.search_text

    # submission

    def attachment_categories(
        self, document: InterestRefundWaiver
    ) -> tuple[AttachmentCategory, ...]:
        return offered(document)

    def missing_fields(self, document: InterestRefundWaiver) -> list[Any]:
        found = super().missing_fields(document)
        if document.is_refund:
            found += [
                InterestRefundWaiver._meta.get_field(name).verbose_name  # type: ignore[union-attr]
                for name in _PAYEE
                if not getattr(document, name)
            ]
        return found

    def check_rules(
        self, document: InterestRefundWaiver, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        payers = payers_of(document.loan)
        return list(submission_refusals(document, day=local_day(now), payers=payers))

    def collect_facts(
        self, document: InterestRefundWaiver, *, now: datetime
    ) -> dict[str, FactValue]:
        asked = document.amount + document.penalty_part
        interest = interest_of_loan(document.loan)
        return {
            "relief_type": document.relief_type,
            "amount": asked,
            "interest_share": asked * 100 / interest if interest else Decimal(100),
        }

    # life after submission

    def set_status(
        self, document: InterestRefundWaiver, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = InterestRefundWaiver.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            figures = {name: getattr(document, name) for name in _COMPUTED}
            own.update(open_loan=document.loan_id, claimed=document.amount, **figures)
        elif status == WfStatus.RETURNED:
            # It stays the loan's open request, though its amount may change now.
            own.update(claimed=ZERO)
        elif status != WfStatus.APPROVED:
            own.update(open_loan=None, claimed=ZERO)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: InterestRefundWaiver,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """免息: the ledger forgives the interest now. 退息: finance may pay.

        Refuses what the ledger no longer allows (N11: INT-01, INT-02, INT-12, REP-10), and
        INT-04 to INT-06.
        """
        if outcome == "REJECTED":
            return
        self.compute(document, now=now)
        payers = payers_of(document.loan)
        refuse_all(submission_refusals(document, day=local_day(now), payers=payers))
        if not document.is_refund:
            book_waiver(request=document, actor=document.handler, now=now)
            return
        own = InterestRefundWaiver.objects.filter(pk=document.pk)
        own.update(biz_status=ReliefStatus.PENDING)
        document.biz_status = ReliefStatus.PENDING
        tell_finance(document=document, actor=document.handler, now=now)

    def followers(self, document: InterestRefundWaiver) -> Sequence[object]:
        """What stands in the ledger is not undone by voiding the paper."""
        done = (ReliefStatus.REFUNDED, ReliefStatus.WAIVED)
        own = [document.loan.loan_no] if document.biz_status in done else []
        return [*own, *super().followers(document)]

    def print_context(
        self, document: InterestRefundWaiver, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        """A refund with its payment and the whole account; a waiver moves no money, has no payment
        and opens no number (N25)."""
        if document.is_refund:
            return payment_context(document, form, hidden=hidden) | {"is_paid": True}
        return form_context(document, form, hidden=hidden) | {"is_paid": False}


def _payee(loan: Loan) -> dict[str, str]:
    """Who paid last; bank and account where the customer's own account is that one."""
    payer = next(iter(payers_of(loan)), "")
    customer = loan.customer
    if not payer or payer not in (customer.acct_name, customer.name):
        return {"payee_name": payer}
    return {
        "payee_name": payer,
        "payee_bank": customer.bank,
        "payee_account": customer.acct_no,
    }
