"""The rebate application as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.models import BusinessApplication
from customers.models import Customer
from documents import categories
from documents.categories import AttachmentCategory
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.lists import Head, ReadTable
from documents.rules import refuse_unless
from funds.categories import AGREEMENT, INVOICE, RECEIPT, offered
from funds.choices import RebateStatus
from funds.kinds.papers import payment_context
from funds.models import RebateApplication
from funds.models.fields import ZERO
from funds.rules import rebate_refusals as refusals
from funds.rules.rebates import (
    business_refusals,
    channel_account,
    channel_refusals,
    may_request,
    submission_refusals,
)
from funds.selectors.rebates import executed_transfers, reserve_of
from funds.services.payments import tell_finance
from funds.services.rebates import KIND_CODE
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_amount, format_rate
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

FORM = "rebate-application"
CATEGORIES = (INVOICE, AGREEMENT, RECEIPT, categories.OTHER)
_PAYEE = ("payee_name", "payee_bank", "payee_account")
_COMPUTED = ("disbursed", "reserve", "available")
TRANSFERS = ReadTable(
    "transfers",
    _("Executed fund transfers"),
    (
        Head(_("fund transfer confirmation")),
        Head(_("transferred on")),
        Head(_("disbursed amount"), is_number=True),
        Head(_("rebate ratio (%)"), is_number=True),
        Head(_("rebate amount"), is_number=True),
    ),
)


class RebateApplicationKind(RoutedDocumentKind):
    code = KIND_CODE
    title = _("Rebate application")
    model = RebateApplication
    prefix = "FD"
    url_name = "funds:rebate_detail"
    reckons_at_submission = True
    editable_fields = ("subject", "amount", *_PAYEE, "remark")
    required_fields = ("amount", *_PAYEE)
    further_tables = (TRANSFERS,)
    sections = (
        Section("business", _("Business"), ("subject", "customer", "application", "channel")),
        Section(
            "amounts",
            _("Amounts"),
            ("disbursed", "rebate_ratio", "reserve", "available", "amount", "remark"),
            ("transfers",),
        ),
        Section("payee", _("Account that the rebate goes to"), _PAYEE),
    )
    select_related = (
        "customer",
        "application",
        "application__customer",
        "channel",
        "executor",
    )
    material_fields = frozenset({"amount", "payee_account"})
    capital_fields = frozenset({"amount"})
    facts = (Fact("amount", "money", _("requested rebate (CNY)")),)
    print_forms = {FORM: _("Rebate application form")}
    print_templates = {FORM: "funds/print/payment.html"}

    def lock(self, document_id: int) -> Any:
        """The channel and the application first: whoever takes of their reserves waits (N9)."""
        found = RebateApplication.objects.filter(pk=document_id)
        for channel_id, application_id in found.values_list("channel_id", "application_id"):
            lock_row(Customer, channel_id)
            lock_row(BusinessApplication, application_id)
        return super().lock(document_id)

    # the draft

    def lock_origin(self, origin: BusinessApplication) -> BusinessApplication:
        return lock_row(BusinessApplication, origin.pk)

    def begin(self, origin: BusinessApplication, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, CMP-04, REB-08, REB-03, REB-05, REB-06 and REB-07; offers what is left
        and the channel's account."""
        refuse_unless(may_request(origin, actor))
        found, channel = reserve_of(origin.pk), origin.channel
        refuse_all(business_refusals(origin, found))
        if channel is None:
            raise TypeError("a business without a channel was not refused")
        refuse_all(channel_refusals(channel, day=local_day(now)))
        left = {"amount": found.available} if found.available else {}
        return Start(
            party=origin.customer.name,
            fields={
                "customer": origin.customer,
                "application": origin,
                "channel": channel,
                "rebate_ratio": origin.rebate_ratio or ZERO,
                **channel_account(channel),
                **left,
            },
        )

    def check_draft(
        self,
        document: RebateApplication,
        values: Mapping[str, Any],
        rows: Mapping[str, list[Any]],
    ) -> list[DomainError]:
        """What level S of domain §0 asks of the amount."""
        amount = values.get("amount", document.amount)
        if amount <= 0:
            return [refusals.amount_not_positive()]
        left = reserve_of(document.application_id, excluding=document.pk).available
        return [refusals.above_reserve(amount, left)] if amount > left else []

    def compute(self, document: RebateApplication, *, now: datetime) -> None:
        found = reserve_of(document.application_id, excluding=document.pk)
        document.disbursed = found.principal
        document.reserve = found.reserve
        document.available = found.available

    # what the engine copies

    def party(self, document: RebateApplication) -> str:
        return document.customer.name

    def amount(self, document: RebateApplication) -> Decimal | None:
        return document.amount

    def search_text(self, document: RebateApplication) -> str:
        return f"{document.customer.search_text} {document.channel.search_text}"

    def snapshot_tables(self, document: RebateApplication) -> list[dict[str, Any]]:
        """资金划拨确认书: the executed transfers that the reserve comes from."""
        rows = [
            [
                transfer.doc_no,
                format_day(transfer.executed_on) if transfer.executed_on else "",
                format_amount(transfer.principal),
                format_rate(transfer.rebate_ratio),
                format_amount(transfer.rebate_amount),
            ]
            for transfer in executed_transfers(document.application_id)
        ]
        return [TRANSFERS.snapshot(rows)]

    # submission

    def attachment_categories(self, document: RebateApplication) -> tuple[AttachmentCategory, ...]:
        return offered(document)

    def required_categories(self, document: RebateApplication) -> Collection[str]:
        return (INVOICE.code, AGREEMENT.code)

    def check_rules(
        self, document: RebateApplication, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document, day=local_day(now)))

    def collect_facts(self, document: RebateApplication, *, now: datetime) -> dict[str, FactValue]:
        return {"amount": document.amount}

    # life after submission

    def set_status(
        self, document: RebateApplication, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = RebateApplication.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            figures = {name: getattr(document, name) for name in _COMPUTED}
            own.update(
                open_application=document.application_id,
                claimed=document.amount,
                claimed_on=local_day(now),
                **figures,
            )
        elif status == WfStatus.RETURNED:
            # It stays the business's open request, though its amount may change now.
            own.update(claimed=ZERO, claimed_on=None)
        elif status != WfStatus.APPROVED:
            own.update(open_application=None, claimed=ZERO, claimed_on=None)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: RebateApplication,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Approved: finance may pay. Refuses CMP-04 and REB-01 to REB-09, as they hold now (N9)."""
        if outcome == "REJECTED":
            return
        refuse_all(submission_refusals(document, day=local_day(now)))
        RebateApplication.objects.filter(pk=document.pk).update(biz_status=RebateStatus.PENDING)
        document.biz_status = RebateStatus.PENDING
        tell_finance(document=document, actor=document.handler, now=now)

    def followers(self, document: RebateApplication) -> Sequence[object]:
        """A rebate that is paid is not undone by voiding its paper."""
        own = [document.bank_ref] if document.bank_ref else []
        return [*own, *super().followers(document)]

    def print_context(
        self, document: RebateApplication, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        return payment_context(document, form, hidden=hidden) | {"is_paid": True}
