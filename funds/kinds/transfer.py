"""The fund transfer confirmation as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.assessment import current_setting, local_day
from applications.models import IntermediaryApplication
from applications.rules.intermediary import no_principal_transfer
from contracts.models import ContractReview
from contracts.rules.cost import contract_cost_refusals
from customers.querysets import ReadByRecovery
from documents import categories
from documents.categories import AttachmentCategory
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.lists import Head, ReadTable
from funds import errors
from funds.categories import RECEIPT, offered
from funds.choices import TransferStatus
from funds.kinds.papers import payment_context
from funds.models import FundTransfer
from funds.models.fields import ZERO
from funds.rules import refusals
from funds.rules.transfers import (
    amount_refusals,
    amounts,
    may_create_from,
    payee_differs,
    submission_refusals,
    unpayable,
)
from funds.selectors.payable import Payable, in_use, payable_of
from funds.services.payments import tell_finance
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.money import format_amount
from staff.calendar import load_calendar
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "fund_transfer"
FORM = "fund-transfer"
CATEGORIES = (RECEIPT, categories.OTHER)
#: the four amounts that nobody types (FTR-04)
COMPUTED = ("total_amount", "hq_amount", "branch_amount", "rebate_amount")
#: what is computed, as it stands at the submission
_RECKONED = ("approved_amount", "disbursed", "undisbursed", "hq_ratio", *COMPUTED)
LINES = ReadTable(
    "lines",
    _("Breakdown"),
    (
        Head(_("kind of amount")),
        Head(_("borne by / due to")),
        Head(_("amount"), is_number=True),
    ),
)


class FundTransferKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Fund transfer confirmation")
    model = FundTransfer
    prefix = "HB"
    url_name = "funds:transfer_detail"
    reckons_at_submission = True
    editable_fields = ("subject", "principal", "plan_on", "remark")
    required_fields = ("principal", "plan_on")
    further_tables = (LINES,)
    sections = (
        Section(
            "business",
            _("Business"),
            (
                "subject",
                "customer",
                "application",
                "review",
                "approved_amount",
                "disbursed",
                "undisbursed",
            ),
        ),
        Section(
            "amounts",
            _("Amounts"),
            (
                "principal",
                "plan_on",
                "hq_ratio",
                "channel",
                "rebate_ratio",
                "total_amount",
                "hq_amount",
                "branch_amount",
                "rebate_amount",
            ),
            ("lines",),
        ),
        Section(
            "payee",
            _("Account that the money goes to"),
            ("payee_name", "payee_bank", "payee_account", "remark"),
        ),
    )
    select_related = (
        "customer",
        "application",
        "application__customer",
        "review",
        "channel",
        "executor",
        "loan",
    )
    material_fields = frozenset({"principal", "payee_account", "total_amount"})
    facts = (Fact("amount", "money", _("amount of this disbursement (CNY)")),)
    print_forms = {FORM: _("Fund transfer confirmation")}
    print_templates = {FORM: "funds/print/transfer.html"}
    handler_title = pgettext_lazy("approval form", "Branch risk manager")
    capital_fields = frozenset({"principal", "total_amount"})

    def lock(self, document_id: int) -> Any:
        """The transfer and its application: whoever pays out of it waits here (FTR-03)."""
        of = ("self", "document_ptr", "application")
        return self._load(
            self.queryset()
            .select_related("application__document_ptr")
            .select_for_update(of=of, no_key=True),
            document_id,
        )

    # the draft

    def lock_origin(self, origin: ContractReview | IntermediaryApplication) -> ContractReview:
        """The review read anew, with its application locked; MED-07 for intermediary business, of
        which no principal goes out."""
        if isinstance(origin, IntermediaryApplication):
            raise no_principal_transfer()
        found: ContractReview = (
            ContractReview.objects.select_related("application__customer", "application__channel")
            .select_for_update(of=("self", "application"), no_key=True)
            .get(pk=origin.pk)
        )
        return found

    def begin(self, origin: ContractReview, *, actor: Employee, now: datetime) -> Start:
        """Refuses FTR-10, BUS-07, FTR-02, FTR-01, FTR-03 and FTR-06; offers what is left."""
        if not may_create_from(origin, actor):
            raise refusals.not_risk_manager()
        if reason := unpayable(origin, day=local_day(now)):
            raise reason
        application = origin.application
        payable, used = payable_of(application), in_use(application)
        if used >= payable.amount:
            raise errors.nothing_undisbursed(application.doc_no, payable.amount)
        left = payable.amount - used
        ratio = application.rebate_ratio or ZERO
        if ratio > (cap := current_setting().rebate_cap):
            raise refusals.rebate_above_cap(ratio, cap)
        return Start(
            party=application.customer.name,
            fields={
                "customer": application.customer,
                "application": application,
                "review": origin,
                "principal": left,
                "plan_on": _next_working_day(local_day(now)),
                "payee_name": origin.payee_name,
                "payee_bank": origin.payee_bank,
                "payee_account": origin.payee_account,
                "channel": application.channel,
                "rebate_ratio": ratio,
                "hq_ratio": application.branch.hq_ratio,
                **_figures(payable, used),
                **_parts(left, application.branch.hq_ratio, ratio),
            },
        )

    def check_draft(
        self, document: FundTransfer, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        """What level S of domain §0 asks of the amount; the day waits for the submission."""
        principal = values.get("principal", document.principal)
        return list(amount_refusals(document.application, principal, excluding=document.pk))

    def compute(self, document: FundTransfer, *, now: datetime) -> None:
        used = in_use(document.application, excluding=document.pk)
        figures = _figures(payable_of(document.application), used)
        document.hq_ratio = document.application.branch.hq_ratio
        parts = _parts(document.principal, document.hq_ratio, document.rebate_ratio)
        for name, value in {**figures, **parts}.items():
            setattr(document, name, value)

    # what the engine copies

    def party(self, document: FundTransfer) -> str:
        return document.customer.name

    def amount(self, document: FundTransfer) -> Decimal | None:
        return document.principal

    def search_text(self, document: FundTransfer) -> str:
        return document.customer.search_text

    def snapshot_tables(self, document: FundTransfer) -> list[dict[str, Any]]:
        """明细: the amounts by what they are and whose they are."""
        channel = document.channel.name if document.channel else "—"
        rows = [
            (_("Principal paid out"), _("Head office"), document.hq_amount),
            (_("Principal paid out"), document.application.branch.name, document.branch_amount),
            (pgettext_lazy("transfer line", "Rebate"), channel, document.rebate_amount),
        ]
        return [
            LINES.snapshot(
                [[str(kind), str(party), format_amount(amount)] for kind, party, amount in rows]
            )
        ]

    # submission

    def attachment_categories(self, document: FundTransfer) -> tuple[AttachmentCategory, ...]:
        return offered(document)

    def check_rules(
        self, document: FundTransfer, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document, day=local_day(now)))

    def collect_facts(self, document: FundTransfer, *, now: datetime) -> dict[str, FactValue]:
        return {"amount": document.principal}

    # life after submission

    def set_status(
        self, document: FundTransfer, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = FundTransfer.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            # Since it was saved other transfers may have been submitted (FTR-03).
            own.update(
                claimed=document.principal, **{name: getattr(document, name) for name in _RECKONED}
            )
        elif status != WfStatus.APPROVED:
            # Returned too: the handler may change the amount, and then claims it anew.
            own.update(claimed=ZERO)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: FundTransfer,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Approved: finance may pay. Refuses what has lapsed meanwhile (N12, N14, N20, N22)."""
        if outcome == "REJECTED":
            return
        reasons = [unpayable(document, day=local_day(now))]
        reasons.append(refusals.other_payee() if payee_differs(document) else None)
        refuse_all(
            [
                *(reason for reason in reasons if reason is not None),
                *contract_cost_refusals(document.review),
            ]
        )
        FundTransfer.objects.filter(pk=document.pk).update(biz_status=TransferStatus.PENDING)
        document.biz_status = TransferStatus.PENDING
        tell_finance(document=document, actor=document.handler, now=now)

    def followers(self, document: FundTransfer) -> Sequence[object]:
        """While the money is out the document stays (DOC-02); it is reversed first."""
        is_paid = document.biz_status == TransferStatus.EXECUTED and document.loan is not None
        own = [document.loan.loan_no] if is_paid and document.loan else []
        return [*own, *super().followers(document)]

    def print_context(
        self, document: FundTransfer, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        return payment_context(document, form, hidden=hidden) | {
            "contract_no": document.review.contract_no,
            "loan_no": document.loan.loan_no if document.loan else "",
        }


def _figures(payable: Payable, used: Decimal) -> dict[str, Decimal]:
    return {
        "approved_amount": payable.approved,
        "disbursed": used,
        "undisbursed": payable.amount - used,
    }


def _parts(principal: Decimal, hq_ratio: Decimal, rebate_ratio: Decimal) -> dict[str, Decimal]:
    found = amounts(principal, hq_ratio=hq_ratio, rebate_ratio=rebate_ratio)
    return {
        "hq_amount": found.hq,
        "branch_amount": found.branch,
        "rebate_amount": found.rebate,
        "total_amount": found.total,
    }


def _next_working_day(day: date) -> date:
    calendar = load_calendar()
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day
