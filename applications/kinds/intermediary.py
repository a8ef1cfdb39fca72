"""The intermediary application as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.assessment import current_setting, local_day, party_of
from applications.choices import INTERMEDIARY_FORM, IntermediaryStatus
from applications.facts import branch_choices
from applications.models import IntermediaryApplication
from applications.permissions import may_apply
from applications.row_tables import INTERMEDIARY_LINES, SHEET
from applications.rules import intermediary as rules
from applications.rules.eligibility import Party, customer_refusals, party_refusals
from applications.sheet import sheet_of
from customers import errors as customer_errors
from customers.choices import CustomerType, Stage
from customers.models import Customer, Opportunity
from customers.querysets import ReadByRecovery
from customers.rules.permissions import may_edit
from customers.rules.submission import opportunity_gaps
from customers.services.opportunities import advance_by_system
from documents import categories
from documents.categories import AttachmentCategory
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.locks import lock_name
from staff.services.guards import lock_row
from workflows.kinds import DocumentField, Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "intermediary_application"
CATEGORIES = (
    AttachmentCategory("SERVICE_CONTRACT", _("Service contract")),
    AttachmentCategory("FEE_VOUCHER", _("Vouchers of receipts and payments")),
    categories.IDENTITY,
    categories.CREDIT_AUTHORISATION,
    categories.OTHER,
)


class IntermediaryApplicationKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Intermediary application")
    model = IntermediaryApplication
    prefix = "ZJ"
    url_name = "applications:intermediary_detail"
    editable_fields = (
        "subject",
        "funder",
        "signed_on",
        "contract_no",
        "signer",
        "sign_amount",
        "term_months",
        "funder_rate",
        "fee_rate",
        "remark",
    )
    row_tables = (INTERMEDIARY_LINES, SHEET)
    required_tables = ("lines",)
    sections = (
        Section(
            "signing",
            _("Signing"),
            (
                "customer",
                "opportunity",
                "subject",
                "funder",
                "signed_on",
                "contract_no",
                "signer",
                "sign_amount",
                "term_months",
                "funder_rate",
                "fee_rate",
                "fee",
                "remark",
            ),
            tab=_("Signing"),
        ),
        Section("sheet", _("Fee sheet"), tables=("sheet",), tab=_("Fee sheet")),
        Section("lines", _("Requested amounts"), ("amount_total",), tables=("lines",)),
    )
    select_related = ("customer", "opportunity", "funder")
    facts = (
        Fact("sign_amount", "money", _("signed amount (CNY)")),
        Fact("fee", "money", _("service fee (CNY)")),
        Fact("fee_rate", "number", _("service fee rate (%)")),
        Fact("branch", "choice", _("owning branch"), branch_choices),
        Fact("customer_type", "choice", _("customer type"), lambda: CustomerType.choices),
    )
    # Not the funder: every list names it.
    fields = (
        DocumentField("fee_rate", _("service fee rate (%)")),
        DocumentField("sheet", _("Fee sheet")),
        DocumentField("remark", _("remark"), input="long"),
    )
    person_fields = (("customer_owner", _("The customer's account manager")),)
    material_fields = frozenset({"sign_amount", "term_months", "funder_rate", "fee_rate", "lines"})
    capital_fields = frozenset({"sign_amount", "fee"})
    print_forms = {
        INTERMEDIARY_FORM: pgettext_lazy("approval form", "Intermediary business approval form")
    }

    def person_field(self, document: IntermediaryApplication, name: str) -> int | None:
        return document.customer.owner_id if name == "customer_owner" else None

    # the draft

    def lock_origin(self, origin: Opportunity) -> Opportunity:
        customer = lock_row(Customer, origin.customer_id)
        opportunity = lock_row(Opportunity, origin.pk)
        opportunity.customer = customer
        return opportunity

    def begin(self, origin: Opportunity, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, CUS-11, BUS-07 and OPP-05."""
        refuse_unless(may_apply(actor))
        if not may_edit(actor, origin.customer):
            raise customer_errors.not_the_owner()
        reasons = list(customer_refusals(origin.customer))
        if not origin.is_open:
            reasons.append(customer_errors.opportunity_closed())
        refuse_all(reasons)
        return Start(
            party=origin.customer.name,
            fields={"customer": origin.customer, "opportunity": origin},
        )

    def check_draft(
        self,
        document: IntermediaryApplication,
        values: Mapping[str, Any],
        rows: Mapping[str, list[Any]],
    ) -> list[DomainError]:
        reasons = []
        funder = values.get("funder")
        if funder is not None and funder.customer_type != CustomerType.CHANNEL:
            reasons.append(customer_errors.wrong_customer("funder"))
        number = values.get("contract_no", document.contract_no)
        if self._is_held(number, document):
            reasons.append(rules.contract_exists(number))
        return reasons

    def check_days(
        self, document: IntermediaryApplication, values: Mapping[str, Any], *, now: datetime
    ) -> list[DomainError]:
        """MED-09: 签约日期 is not after the day on which it is saved (level S)."""
        signed_on = values.get("signed_on")
        is_ahead = signed_on is not None and signed_on > local_day(now)
        return [rules.in_the_future("signed_on")] if is_ahead else []

    def _is_held(self, number: str, document: IntermediaryApplication) -> bool:
        """MED-06; whoever asks for the same number in the same second waits and then sees it."""
        lock_name(f"intermediary contract {number}")
        others = IntermediaryApplication.objects.exclude(pk=document.pk)
        return others.filter(held_contract_no=number).exists()

    def compute(self, document: IntermediaryApplication, *, now: datetime) -> None:
        document.fee = rules.service_fee(document)
        total = document.lines.aggregate(total=Sum("amount"))["total"]
        document.amount_total = total or Decimal("0.00")
        document.held_contract_no = document.contract_no

    # what the engine copies

    def party(self, document: IntermediaryApplication) -> str:
        return document.customer.name

    def amount(self, document: IntermediaryApplication) -> Decimal:
        return document.sign_amount

    def search_text(self, document: IntermediaryApplication) -> str:
        return f"{document.customer.search_text} {document.contract_no.lower()}"

    # submission

    def missing_fields(self, document: IntermediaryApplication) -> list[Any]:
        return [
            *super().missing_fields(document),
            *opportunity_gaps(document.opportunity),
            *_party(document).gap_labels(),
        ]

    def check_rules(
        self, document: IntermediaryApplication, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        day, setting = local_day(now), current_setting()
        found = [
            *rules.submission_refusals(document, setting=setting),
            *rules.date_refusals(document, day=day),
            *party_refusals(_party(document), limits=setting.customer_limits, day=day),
        ]
        if not document.opportunity.is_open:
            found.append(customer_errors.opportunity_closed())
        return found

    def collect_facts(
        self, document: IntermediaryApplication, *, now: datetime
    ) -> dict[str, FactValue]:
        return {
            "sign_amount": document.sign_amount,
            "fee": document.fee,
            "fee_rate": document.fee_rate,
            "branch": document.branch.code,
            "customer_type": document.customer.customer_type,
        }

    # life after submission

    def set_status(
        self, document: IntermediaryApplication, status: str, *, case: Case | None, now: datetime
    ) -> None:
        """Lifts the opportunity to 上报审批 (M4), ends a rejected or void business; refuses voiding
        what holds money (MED-02)."""
        if status == WfStatus.VOID and (balance := sheet_of(document).total.balance):
            raise rules.not_cleared(balance)
        if status == WfStatus.IN_APPROVAL:
            advance_by_system(
                document.opportunity, Stage.SUBMITTED, now=now, reason=document.doc_no
            )
        elif status in (WfStatus.REJECTED, WfStatus.VOID):
            IntermediaryApplication.objects.filter(pk=document.pk).update(
                held_contract_no=None, biz_status=IntermediaryStatus.TERMINATED
            )
        super().set_status(document, status, case=case, now=now)

    def followers(self, document: IntermediaryApplication) -> Sequence[object]:
        """Money that was booked on the sheet, or that the funder has paid out."""
        found = list(super().followers(document))
        if document.biz_status != IntermediaryStatus.IN_PROGRESS:
            found.append(document)
        return [*found, *document.sheet.filter(bookings__isnull=False)[:1]]

    def conclude(
        self,
        document: IntermediaryApplication,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Refuses the approval when the customer was barred meanwhile (BUS-07)."""
        if outcome == "APPROVED":
            refuse_all(customer_refusals(document.customer))


def _party(document: IntermediaryApplication) -> Party:
    """Read once for each loaded document."""
    known: Party | None = document.__dict__.get("_party")
    if known is None:
        known = document.__dict__["_party"] = party_of(document.customer)
    return known
