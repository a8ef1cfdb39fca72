"""The post-loan supervision as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from customers.choices import CreditColour
from customers.models import Customer
from customers.querysets import ReadByRecovery
from documents import categories
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.printing.forms import LANGUAGE
from funds.models import FundTransfer
from funds.services.misuse import mark_misused
from lending_crm.common.errors import DomainError
from postloan.choices.supervision import EndReason, SupervisionStatus, UseCheck
from postloan.models import PostLoanSupervision
from postloan.rules.supervision import refusals
from postloan.rules.supervision.creation import (
    is_head_office,
    refuse_wrong_person,
    transfer_refusal,
)
from postloan.rules.supervision.submission import supervision_refusals
from postloan.selectors.supervision import current_setting
from postloan.services.supervision import open_task
from postloan.tables.supervision import FUND_FLOW
from staff.choices import RoleCode
from staff.selectors import roles_of
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "post_loan_supervision"
FORM = "supervision-form"
CATEGORIES = (categories.PURPOSE, categories.FINANCIALS, categories.OTHER)
_GONE = {WfStatus.REJECTED: EndReason.REJECTED, WfStatus.VOID: EndReason.VOIDED}


class ReadBySupervisor(ReadByRecovery):
    """Supervision goes on after another account manager took over the customer: he reads it."""

    def concerning(self, user: Employee) -> Q | None:
        is_am = roles_of(user).has(RoleCode.AM)
        return Q(customer__owner=user) if is_am else super().concerning(user)


class PostLoanSupervisionKind(ReadBySupervisor, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Post-loan supervision")
    model = PostLoanSupervision
    prefix = "JG"
    url_name = "postloan:supervision_detail"
    editable_fields = (
        "subject",
        "application",
        "supervisor",
        "first_check_on",
        "use_check",
        "measures",
        "control",
        "colour",
        "remark",
    )
    required_fields = ("use_check", "measures", "colour")
    row_tables = (FUND_FLOW,)
    required_tables = ("fund_flow",)
    sections = (
        Section(
            "business",
            _("Business"),
            (
                "subject",
                "customer",
                "application",
                "transfer",
                "loan",
                "principal",
                "disbursed_on",
                "due_date",
                "agreed_use",
                "submit_by",
            ),
        ),
        Section("flow", _("Verified fund flow"), ("use_check",), ("fund_flow",)),
        Section(
            "supervision",
            _("Supervision"),
            ("supervisor", "first_check_on", "colour", "measures", "control", "remark"),
        ),
    )
    select_related = (
        "customer",
        "application",
        "transfer",
        "transfer__loan",
        "loan",
        "supervisor",
    )
    material_fields = frozenset({"use_check", "colour", "measures"})
    capital_fields = frozenset({"principal"})
    facts = (
        Fact("amount", "money", _("disbursed amount (CNY)")),
        Fact("colour", "choice", _("risk level"), choices=lambda: CreditColour.choices),
        Fact("use_check", "choice", _("actual use"), choices=lambda: UseCheck.choices),
    )
    print_forms = {FORM: _("Post-loan supervision approval form")}

    def lock(self, document_id: int) -> Any:
        """The customer first, as the ledger does: an approval may reach into the ledger."""
        rows = PostLoanSupervision.objects.filter(pk=document_id)
        if (customer_id := rows.values_list("customer_id", flat=True).first()) is not None:
            lock_row(Customer, customer_id)
        return super().lock(document_id)

    # the draft

    def lock_origin(self, origin: FundTransfer) -> FundTransfer:
        """The transfer read anew under its lock: two supervisions of it take turns (PLS-03)."""
        found: FundTransfer = (
            FundTransfer.objects.select_related("customer__owner", "application", "loan")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=origin.pk)
        )
        return found

    def begin(self, origin: FundTransfer, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, PLS-02, PLS-06 and PLS-03."""
        refuse_wrong_person(origin.customer, actor=actor)
        if reason := transfer_refusal(origin):
            raise reason
        application, loan = origin.application, origin.loan
        if loan is None or origin.executed_on is None:
            raise refusals.not_transferred()
        return Start(
            party=origin.customer.name,
            fields={
                "customer": origin.customer,
                "application": application,
                "transfer": origin,
                "live_transfer": origin,
                "loan": loan,
                "principal": origin.principal,
                "disbursed_on": origin.executed_on,
                "due_date": loan.due_date,
                "agreed_use": _agreed_use(application),
                "submit_by": open_task(transfer=origin, now=now).submit_by,
                "supervisor": actor,
                "first_check_on": local_day(now),
            },
            place=application.department if is_head_office(actor) else None,
        )

    def check_draft(
        self, document: PostLoanSupervision, values: Mapping[str, Any], rows: Mapping[str, Any]
    ) -> list[DomainError]:
        chosen = values.get("application", document.application)
        is_other = chosen is None or chosen.pk != document.transfer.application_id
        return [refusals.other_business()] if is_other else []

    def compute(self, document: PostLoanSupervision, *, now: datetime) -> None:
        """An extension may have moved the loan's due date since."""
        document.due_date = document.loan.due_date

    # what the engine copies

    def party(self, document: PostLoanSupervision) -> str:
        return document.customer.name

    def amount(self, document: PostLoanSupervision) -> Decimal | None:
        return document.principal

    def search_text(self, document: PostLoanSupervision) -> str:
        return document.customer.search_text

    def risk_flags(self, document: PostLoanSupervision) -> Sequence[str]:
        with translation.override(None):
            return flags_of(document.colour) + (
                [] if document.use_check == UseCheck.YES else [str(_("funds not used as agreed"))]
            )

    # submission

    def check_rules(
        self, document: PostLoanSupervision, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(supervision_refusals(document))

    def warnings(self, document: PostLoanSupervision, *, now: datetime) -> list[Any]:
        late = [_("The supervision is late: it was to be submitted by the date given.")]
        return late if document.base_on is None and local_day(now) > document.submit_by else []

    def collect_facts(
        self, document: PostLoanSupervision, *, now: datetime
    ) -> dict[str, FactValue]:
        return {
            "amount": document.principal,
            "colour": document.colour,
            "use_check": document.use_check,
        }

    # life after submission

    def set_status(
        self, document: PostLoanSupervision, status: str, *, case: Case | None, now: datetime
    ) -> None:
        """The first submission is 发起日, from which the reports' due dates follow (A6)."""
        day = local_day(now)
        values: dict[str, Any] = {}
        if status == WfStatus.IN_APPROVAL:
            values = {"submitted_on": day}
            if document.base_on is None:
                values |= {"base_on": day, "interval_days": current_setting().interval_days}
        elif status in (WfStatus.RETURNED, WfStatus.WITHDRAWN):
            values = {"submitted_on": None}
        elif status in _GONE:
            values = {"live_transfer": None, "submitted_on": None}
            if document.is_running:
                values |= {
                    "biz_status": SupervisionStatus.ENDED,
                    "ended_on": day,
                    "end_reason": _GONE[WfStatus(status)].value,
                }
        if values:
            PostLoanSupervision.objects.filter(pk=document.pk).update(**values)
            for name, value in values.items():
                setattr(document, name, value)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: PostLoanSupervision,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """用途不一致: the ledger charges and classes the loan as misused from now on."""
        if outcome == "APPROVED" and document.use_check == UseCheck.NO:
            mark_misused(loan_id=document.loan_id, actor=document.handler, now=now)


def flags_of(colour: str) -> list[str]:
    """The inbox's flag of a yellow or red document, in the active language."""
    flags = {
        CreditColour.YELLOW.value: _("risk level yellow"),
        CreditColour.RED.value: _("risk level red"),
    }
    return [str(flags[colour])] if colour in flags else []


def _agreed_use(application: Any) -> str:
    """合同用途 in the language of the record."""
    with translation.override(LANGUAGE):
        parts = (application.get_purpose_display(), application.purpose_note)
        return " ".join(str(part) for part in parts if part)
