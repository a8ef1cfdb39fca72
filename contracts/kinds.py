"""The contract review as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.calculation import due_after
from applications.choices import BizStatus, RepaymentMethod
from applications.models import BusinessApplication
from applications.plans import plan_text, read_plan
from contracts.choices import Formality, PayeeKind
from contracts.models import ContractReview
from contracts.row_tables import CONDITIONS, FORMALITIES
from contracts.rules import refusals
from contracts.rules.cost import contract_cost_refusals
from contracts.rules.creation import other_review, refuse_wrong_person, unsignable
from contracts.rules.papers import laid_down_papers
from contracts.rules.plans import approved_plan
from contracts.rules.submission import submission_refusals
from customers.choices import Stage
from customers.querysets import ReadByRecovery
from customers.services.opportunities import advance_by_system
from documents import categories
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.values import field_refusals
from lending_crm.common.errors import DomainError, refuse_all
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "contract_review"
FORM = "contract-review"
#: 综合融资成本告知书, which the borrower signs before the review is submitted (R1)
NOTICE = "cost-notice"
SIGNING = categories.AttachmentCategory("SIGNING", _("Pictures of the signing"))
#: the notice with the borrower's signature, which goes with the contract (R1)
SIGNED_NOTICE = categories.AttachmentCategory("COST_NOTICE", _("Signed notice of the all-in cost"))
CONTRACT = categories.AttachmentCategory("CONTRACT", _("Signed contract"))
CATEGORIES = (CONTRACT, SIGNED_NOTICE, SIGNING, categories.COLLATERAL, categories.OTHER)


class ContractReviewKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Contract formality review")
    model = ContractReview
    prefix = "HS"
    url_name = "contracts:review_detail"
    editable_fields = (
        "subject",
        "contract_no",
        "contract_name",
        "signed_on",
        "amount",
        "term_months",
        "annual_rate",
        "method",
        "plan",
        "start_date",
        "payee_kind",
        "payee_name",
        "payee_bank",
        "payee_account",
        "entrusted_contract",
        "first_verifier",
        "second_verifier",
        "remark",
    )
    required_fields = (
        "amount",
        "term_months",
        "annual_rate",
        "method",
        "start_date",
        "payee_name",
        "payee_bank",
        "payee_account",
        "first_verifier",
        "second_verifier",
    )
    row_tables = (FORMALITIES, CONDITIONS)
    required_tables = ("formalities",)
    sections = (
        Section(
            "contract",
            _("Contract"),
            (
                "subject",
                "customer",
                "application",
                "contract_no",
                "contract_name",
                "signed_on",
                "amount",
                "term_months",
                "annual_rate",
                "method",
                "plan",
                "start_date",
                "due_date",
            ),
        ),
        Section(
            "payee",
            _("Account that the money goes to"),
            ("payee_kind", "payee_name", "payee_bank", "payee_account", "entrusted_contract"),
        ),
        Section("formalities", _("Formalities"), tables=("formalities",)),
        Section("conditions", _("Conditions of the approval"), tables=("conditions",)),
        Section("verification", _("Verification"), ("first_verifier", "second_verifier", "remark")),
    )
    select_related = ("customer", "application", "first_verifier", "second_verifier")
    material_fields = frozenset(
        {
            "amount",
            "term_months",
            "annual_rate",
            "method",
            "plan",
            "payee_name",
            "payee_account",
        }
    )
    facts = (
        Fact("amount", "money", _("contract amount (CNY)")),
        Fact("term", "integer", _("term (months)")),
        Fact("open_conditions", "integer", _("number of conditions")),
    )
    print_forms = {FORM: _("Contract formality review"), NOTICE: Formality.COST_NOTICE.label}
    print_templates = {NOTICE: "contracts/print/cost_notice.html"}
    capital_fields = frozenset({"amount"})

    def lock(self, document_id: int) -> Any:
        """The review and its application: whoever signs or pays it out waits here."""
        of = ("self", "document_ptr", "application")
        return self._load(
            self.queryset()
            .select_related("application__document_ptr")
            .select_for_update(of=of, no_key=True),
            document_id,
        )

    # the draft

    def lock_origin(self, origin: BusinessApplication) -> BusinessApplication:
        return lock_row(BusinessApplication, origin.pk)

    def begin(self, origin: BusinessApplication, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, CTR-10, CTR-01, BUS-13, OPP-05 and CTR-08; lays down the lists."""
        refuse_wrong_person(origin, actor=actor)
        if reason := unsignable(origin, day=local_day(now)):
            raise reason
        if other := other_review(origin):
            raise refusals.review_exists(other)
        customer, first = origin.customer, origin.lines.first()
        method = first.method if first else ""
        return Start(
            party=customer.name,
            fields={
                "customer": customer,
                "application": origin,
                "contract_name": str(Formality.LOAN_CONTRACT.label),
                "amount": origin.approved_amount,
                "term_months": origin.approved_term,
                "annual_rate": origin.approved_rate,
                "method": method,
                "plan": plan_text(approved_plan(origin))
                if method == RepaymentMethod.CUSTOM
                else "",
                "payee_name": customer.acct_name or customer.name,
                "payee_bank": customer.bank,
                "payee_account": customer.acct_no,
                "signed_on": local_day(now),
            },
            rows={
                "formalities": [{"item": item} for item in laid_down_papers(origin)],
                "conditions": [
                    {"condition": text} for text in origin.approved_conditions.splitlines()
                ],
            },
        )

    def check_draft(
        self, document: ContractReview, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        first = values.get("first_verifier", document.first_verifier)
        second = values.get("second_verifier", document.second_verifier)
        found = [refusals.same_verifier()] if first is not None and first == second else []
        try:
            read_plan(values.get("plan", ""))
        except ValidationError as error:
            found += field_refusals(error, otherwise="plan")
        return found

    def compute(self, document: ContractReview, *, now: datetime) -> None:
        start, months = document.start_date, document.term_months
        document.due_date = due_after(start, months) if start and months else None

    # what the engine copies

    def party(self, document: ContractReview) -> str:
        return document.customer.name

    def amount(self, document: ContractReview) -> Decimal | None:
        return document.amount

    def search_text(self, document: ContractReview) -> str:
        return document.customer.search_text

    # submission

    def missing_fields(self, document: ContractReview) -> list[Any]:
        found = super().missing_fields(document)
        is_entrusted = document.payee_kind == PayeeKind.ENTRUSTED
        if is_entrusted and not document.entrusted_contract.strip():
            found.append(_("contract behind the entrusted payment"))
        return found

    def required_categories(self, document: ContractReview) -> Collection[str]:
        return (CONTRACT.code, SIGNED_NOTICE.code, SIGNING.code)

    def check_rules(
        self, document: ContractReview, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document, day=local_day(now)))

    def collect_facts(self, document: ContractReview, *, now: datetime) -> dict[str, FactValue]:
        return {
            "amount": document.amount,
            "term": document.term_months,
            "open_conditions": document.conditions.count(),
        }

    # life after submission

    def set_status(
        self, document: ContractReview, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = ContractReview.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            own.update(valid_application=document.application_id)
        elif status in (WfStatus.WITHDRAWN, WfStatus.REJECTED, WfStatus.VOID):
            own.update(valid_application=None)
            if document.wf_status == WfStatus.APPROVED:
                _set_business(document, BizStatus.APPROVED)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: ContractReview,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Signed: the application waits for the money. Refuses what has lapsed meanwhile."""
        if outcome == "REJECTED":
            return
        lapsed = unsignable(document.application, day=local_day(now))
        refuse_all([lapsed] if lapsed else contract_cost_refusals(document))
        _set_business(document, BizStatus.SIGNED)
        advance_by_system(
            document.application.opportunity, Stage.SIGNED, now=now, reason=document.doc_no
        )

    # paper

    def paper_status(self, document: ContractReview, form: str) -> str:
        """The notice tells what was approved, and is signed before the review is: no watermark
        of the review lies across it."""
        is_own = form != NOTICE or not document.application.is_granted
        return document.wf_status if is_own else WfStatus.APPROVED

    def print_context(
        self, document: ContractReview, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        if form != NOTICE:
            return super().print_context(document, form, hidden=hidden)
        # Papers calculate, so that is imported when something is printed.
        from contracts.notice import notice_context

        return notice_context(document)


def _set_business(document: ContractReview, status: BizStatus) -> None:
    BusinessApplication.objects.filter(pk=document.application_id).update(biz_status=status)
