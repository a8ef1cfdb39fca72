"""The extension or overdue request as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.calculation import due_after
from applications.models import BusinessApplication
from customers.querysets import ReadByRecovery
from documents import categories, errors
from documents.booking import booked_by_approval
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.printing.forms import LANGUAGE, form_context, printed_content
from funds.choices import ChargeKind, InterestTreatment
from funds.models import Loan, LoanCharge
from funds.selectors.loans import loan_position, settlement_figure
from funds.selectors.settings import current_setting
from funds.services.extensions import extend_loan
from lending_crm.common.errors import DomainError, refuse_all
from postloan.choices.extension import ExtType
from postloan.models import ExtensionRequest
from postloan.rules.collection import FLAG, contact_warnings, logged
from postloan.rules.extension import refusals
from postloan.rules.extension.creation import (
    loan_refusal,
    nothing_to_ask,
    refuse_wrong_person,
)
from postloan.rules.extension.length import extended_months, month_limit
from postloan.rules.extension.submission import CONSENT_CATEGORY, cost_refusals, submission_refusals
from postloan.services.measures import record_measure
from postloan.tables.extension import COLLECTION
from staff.choices import RoleCode
from staff.selectors import roles_of
from staff.services.guards import lock_row
from workflows.kinds import DocumentField, Fact, FactValue, FieldChange, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "extension_request"
FORM = "extension-form"
CONSENT = categories.AttachmentCategory(CONSENT_CATEGORY, _("Guarantor's consent to the extension"))
PROOF = categories.AttachmentCategory("COLLECTION_PROOF", _("Proof of the collection"))
CATEGORIES = (CONSENT, PROOF, categories.FINANCIALS, categories.OTHER)
_PREFIXES = {ExtType.EXTENSION.value: "ZQ", ExtType.OVERDUE.value: "YQ"}
_REQUIRED = {
    ExtType.EXTENSION.value: ("months", "rate", "interest_treatment"),
    ExtType.OVERDUE.value: ("overdue_kind",),
}
#: columns that the ledger fills, as they stand on the day
_LEDGER_COLUMNS = (
    "original_amount",
    "original_due",
    "current_rate",
    "unpaid_principal",
    "unpaid_interest",
    "settlement",
    "extension_count",
    "overdue_days",
    "penalty",
    "extend_from",
    "total_months",
    "month_limit",
    "new_due",
)
#: what an approval moves on the loan, and its change log tells
_MOVED = ("due_date", "annual_rate", "extension_count")
#: what the paper sets side by side: label, before, after
_COMPARED = (
    (_("Amount (CNY)"), "unpaid_principal", "amount"),
    (_("Due date"), "extend_from", "new_due"),
    (_("Annual rate"), "current_rate", "rate"),
)


class ExtensionRequestKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Extension or overdue request")
    model = ExtensionRequest
    prefix = _PREFIXES[ExtType.EXTENSION.value]
    url_name = "postloan:extension_detail"
    reckons_at_submission = True
    editable_fields = (
        "subject",
        "ext_type",
        "amount",
        "months",
        "rate",
        "interest_treatment",
        "overdue_kind",
        "reason",
        "plan",
        "remark",
    )
    required_fields = ("reason", "plan")
    row_tables = (COLLECTION,)
    sections = (
        Section(
            "loan",
            _("The loan today"),
            (
                "customer",
                "loan",
                "original_amount",
                "original_due",
                "current_rate",
                "unpaid_principal",
                "unpaid_interest",
                "penalty",
                "settlement",
                "extension_count",
                "overdue_days",
            ),
        ),
        Section("request", _("Request"), ("subject", "ext_type", "amount", "reason", "plan")),
        Section(
            "extension",
            _("Extension"),
            (
                "extend_from",
                "months",
                "new_due",
                "total_months",
                "month_limit",
                "rate",
                "interest_treatment",
            ),
        ),
        Section("overdue", _("Overdue"), ("overdue_kind",), ("collection_log",)),
        Section("remark", _("Remark"), ("remark",)),
    )
    select_related = (
        "customer",
        "loan",
        "loan__application",
        "loan__product",
    )
    material_fields = frozenset({"amount", "months", "rate", "interest_treatment"})
    capital_fields = frozenset({"amount"})
    facts = (
        Fact("ext_type", "choice", _("extension type"), choices=lambda: ExtType.choices),
        Fact("amount", "money", _("requested amount (CNY)")),
        Fact("exposure", "money", _("unpaid principal of customer and group (CNY)")),
        Fact("extension_no", "integer", _("which extension of the loan it is")),
        Fact("overdue_days", "integer", _("days overdue")),
        Fact("months", "integer", _("extension (months)")),
    )
    fields = (DocumentField("rate", _("annual rate of the extension (%)")),)
    print_forms = {FORM: _("Extension or overdue approval form")}
    print_templates = {FORM: "postloan/print/extension_form.html"}

    def lock(self, document_id: int) -> Any:
        """The request and its loan: whoever submits or books about it waits here."""
        of = ("self", "document_ptr", "loan")
        return self._load(self.queryset().select_for_update(of=of, no_key=True), document_id)

    # the draft

    def number_prefix(self, fields: Mapping[str, Any]) -> str:
        return _PREFIXES.get(fields.get("ext_type", ""), self.prefix)

    def lock_origin(self, origin: Loan) -> Loan:
        return lock_row(Loan, origin.pk)

    def begin(self, origin: Loan, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, EXT-01, EXT-10, EXT-02, and EXT-03 to EXT-05 where nothing is left."""
        refuse_wrong_person(origin, actor=actor)
        day = local_day(now)
        if reason := loan_refusal(origin, day=day):
            raise reason
        is_late = loan_position(origin, day).days_overdue > 0
        limit = current_setting().extension_limit
        if reason := nothing_to_ask(origin, day=day, limit=limit, is_late=is_late):
            raise reason
        return Start(
            party=origin.customer.name,
            fields={
                "customer": origin.customer,
                "loan": origin,
                "ext_type": ExtType.OVERDUE if day > origin.due_date else ExtType.EXTENSION,
                "amount": origin.unpaid_principal,
                "rate": origin.annual_rate,
            },
        )

    def check_draft(
        self, document: ExtensionRequest, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        found = []
        ext_type = values.get("ext_type", document.ext_type)
        if not document.doc_no.startswith(f"{_PREFIXES.get(ext_type, '')}-"):
            found.append(refusals.type_is_fixed())
        if values.get("amount", document.amount) <= 0:
            found.append(refusals.amount_not_positive())
        return found

    def compute(self, document: ExtensionRequest, *, now: datetime) -> None:
        """The ledger's figures of today, and where the new due date falls."""
        loan, day = document.loan, local_day(now)
        settlement = settlement_figure(loan, day)
        position = settlement.position
        document.original_amount = loan.principal
        document.original_due = loan.original_due_date
        document.current_rate = loan.annual_rate
        document.unpaid_principal = position.unpaid_principal
        document.unpaid_interest = position.interest
        document.settlement = settlement.total
        document.extension_count = loan.extension_count
        document.overdue_days = position.days_overdue
        document.penalty = position.penalty + _breach(loan)
        months = document.months if document.is_extension else None
        earlier = extended_months(loan.original_due_date, loan.due_date)
        document.extend_from = loan.due_date
        document.month_limit = month_limit(loan.term_months)
        document.total_months = None if months is None else earlier + months
        document.new_due = None if months is None else due_after(loan.due_date, months)

    # what the engine copies

    def party(self, document: ExtensionRequest) -> str:
        return document.customer.name

    def amount(self, document: ExtensionRequest) -> Decimal | None:
        return document.amount

    def search_text(self, document: ExtensionRequest) -> str:
        return document.customer.search_text

    def risk_flags(self, document: ExtensionRequest) -> Sequence[str]:
        with translation.override(None):
            return [str(FLAG)] if contact_warnings(logged(document)) else []

    # submission

    def missing_fields(self, document: ExtensionRequest) -> list[Any]:
        found = super().missing_fields(document)
        found += [
            ExtensionRequest._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            for name in _REQUIRED[document.ext_type]
            if getattr(document, name) in (None, "")
        ]
        if not document.is_extension and not logged(document):
            found.append(COLLECTION.label)
        return found

    def check_rules(
        self, document: ExtensionRequest, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document, day=local_day(now)))

    def warnings(self, document: ExtensionRequest, *, now: datetime) -> list[Any]:
        return contact_warnings(logged(document))

    def collect_facts(self, document: ExtensionRequest, *, now: datetime) -> dict[str, FactValue]:
        return {
            "ext_type": document.ext_type,
            "amount": document.amount,
            "exposure": _exposure(document),
            "extension_no": document.loan.extension_count + 1,
            "overdue_days": document.overdue_days,
            "months": document.months,
        }

    def moved_facts(self, document: ExtensionRequest, *, now: datetime) -> Mapping[str, FactValue]:
        """The days go on and other loans are paid out while it is decided (N18)."""
        position = loan_position(document.loan, local_day(now))
        return {
            "exposure": _exposure(document),
            "extension_no": document.loan.extension_count + 1,
            "overdue_days": position.days_overdue,
        }

    # life after submission

    def set_status(
        self, document: ExtensionRequest, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = ExtensionRequest.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            figures = {name: getattr(document, name) for name in _LEDGER_COLUMNS}
            own.update(open_loan=document.loan_id, **figures)
        elif status != WfStatus.RETURNED:
            own.update(open_loan=None)
        super().set_status(document, status, case=case, now=now)

    def change_fields(
        self,
        document: ExtensionRequest,
        values: Mapping[str, str],
        *,
        actor: Employee,
        now: datetime,
    ) -> list[FieldChange]:
        """A lower rate than the loan's takes head-office risk control; the cap holds for all."""
        changes = super().change_fields(document, values, actor=actor, now=now)
        rate, current = document.rate, document.loan.annual_rate
        is_lower = rate is not None and rate < current
        if is_lower and not roles_of(actor).has(RoleCode.HRM):
            raise refusals.rate_below_current(rate, current)
        if document.is_extension:
            refuse_all(list(cost_refusals(document, day=local_day(now))))
        return changes

    def conclude(
        self,
        document: ExtensionRequest,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """展期: the ledger moves the due date. 逾期: the measures stand on the loan.

        Refuses what the ledger no longer allows (EXT-01, EXT-06, EXT-08, EXT-11).
        """
        if outcome == "REJECTED":
            return
        if not document.is_extension:
            record_measure(request=document, conditions=conditions, now=now)
            return
        new_due, rate = document.new_due, document.rate
        if new_due is None or rate is None:
            raise errors.required_fields(self.missing_fields(document))
        with booked_by_approval(document.loan, _MOVED, case=case, decisions=decisions, now=now):
            extend_loan(
                loan_id=document.loan_id,
                new_due=new_due,
                rate=rate,
                treatment=document.interest_treatment or InterestTreatment.SETTLE_FIRST,
                reference=document.doc_no,
                actor=document.handler,
                now=now,
                amount=document.amount,
            )

    def followers(self, document: ExtensionRequest) -> Sequence[object]:
        """What an approval did stands in the ledger and is not undone by voiding the paper."""
        if document.wf_status == WfStatus.APPROVED:
            return [document.loan.loan_no]
        return super().followers(document)

    def print_context(
        self, document: ExtensionRequest, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        """The usual form, above it the terms as they are and as they will be."""
        context = form_context(document, form, hidden=hidden)
        with translation.override(LANGUAGE):
            content = printed_content(document, hidden=hidden)
            context["comparison"] = [
                (str(label), content.shown(before), content.shown(after))
                for label, before, after in _COMPARED
                if document.is_extension
            ]
        return context


def _breach(loan: Loan) -> Decimal:
    """违约金 that is charged and unpaid, in yuan."""
    charges = LoanCharge.objects.filter(loan=loan, kind=ChargeKind.BREACH)
    return sum((charge.unpaid for charge in charges), Decimal("0.00"))


def _exposure(document: ExtensionRequest) -> Decimal:
    """敞口 (domain §2.3); nothing is paid out, so the request is in the unpaid principal."""
    party = BusinessApplication.objects.of_party(document.customer).values("pk")
    loans = Loan.objects.running().filter(application__in=party)
    return loans.aggregate(total=Sum("unpaid_principal"))["total"] or Decimal("0.00")
