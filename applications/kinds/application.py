"""The business application as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications import snapshots
from applications.assessment import (
    KIND_CODE,
    Assessment,
    assess_stored,
    authority_limits,
    current_setting,
    local_day,
    lpr_on,
)
from applications.authority import required_level
from applications.choices import (
    FORM,
    SCHEDULE_FORM,
    BizKind,
    BizStatus,
    Purpose,
    UpliftReason,
    is_secured,
)
from applications.exposure import exposure_of
from applications.facts import FACTS, facts_of
from applications.granting import grant
from applications.hooks import has_young_loan
from applications.kinds.papers import ALWAYS_REQUIRED
from applications.kinds.terms import TERM_FIELDS
from applications.models import BusinessApplication
from applications.row_tables import APPLICATION_TABLES
from applications.rules import refusals
from applications.rules.approved import check_terms, falls_below_floor
from applications.rules.limits import cost_cap
from applications.rules.opening import refuse_new_application
from applications.rules.reconsideration import bar_refusals
from applications.rules.refinancing import old_loan_refusals
from applications.rules.submission import (
    missing_rows,
    offer_refusals,
    submission_refusals,
    warnings,
)
from customers import errors as customer_errors
from customers.choices import ContactType, CustomerType, RiskClass, Stage
from customers.models import Contact, Customer, CustomerGroup, Opportunity
from customers.querysets import ReadByRecovery
from customers.rules.submission import opportunity_gaps
from customers.services.opportunities import advance_by_system
from documents import categories
from documents import errors as document_errors
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Start
from lending_crm.common.errors import DomainError
from staff.services.guards import lock_row
from workflows.kinds import Authority, DocumentField, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

#: What the handler may fill in; everything else is computed or set by the approval.
EDITABLE_FIELDS = (
    "subject",
    "borrower",
    "biz_kind",
    "previous_loan_no",
    "purpose",
    "purpose_note",
    "repay_source",
    "guarantee",
    "channel",
    "rebate_ratio",
    "remark",
)


class BusinessApplicationKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Business application")
    model = BusinessApplication
    prefix = "YW"
    url_name = "applications:detail"
    required_fields = ("borrower", "purpose", "purpose_note", "repay_source", "guarantee")
    select_related = ("customer", "customer__group", "opportunity", "borrower", "channel")
    facts = FACTS
    term_fields = TERM_FIELDS
    fields = (
        DocumentField("opportunity", _("opportunity")),
        DocumentField("borrower", _("main contact (borrower)")),
        DocumentField("previous_loan_no", _("old loan")),
        DocumentField(
            "purpose", _("use of funds"), input="choice", choices=lambda: Purpose.choices
        ),
        DocumentField("purpose_note", _("note on the use"), input="long"),
        DocumentField("repay_source", _("source of repayment"), input="long"),
        DocumentField("guarantee", _("guarantee")),
        DocumentField("guarantee_items", _("Securities and guarantors")),
        DocumentField("channel", _("rebate channel")),
        DocumentField("rebate_ratio", _("rebate ratio (%)")),
        DocumentField("fees", _("Fees borne by the borrower")),
        DocumentField("remark", _("remark"), input="long"),
    )
    person_fields = (
        ("customer_owner", _("The customer's account manager")),
        ("opportunity_creator", _("Who entered the opportunity")),
    )
    material_fields = frozenset({"lines", "guarantee", "guarantee_items"})
    editable_fields = EDITABLE_FIELDS
    row_tables = APPLICATION_TABLES
    further_tables = (snapshots.FEES_AS_READ,)
    # The schedule is printed from the page of its loan; its papers are listed here too.
    print_forms = {
        FORM: pgettext_lazy("approval form", "Business approval form"),
        SCHEDULE_FORM: pgettext_lazy("repayment schedule", "Repayment schedule"),
    }
    print_templates = {FORM: "applications/print/approval_form.html"}

    def lock(self, document_id: int) -> Any:
        """The document, its customer and its opportunity, by one statement.

        Whoever decides on another application of the same customer (or group) or submits
        another one of the same opportunity waits here, so that exposure (WF-15) and BUS-08
        are judged on what really holds.
        """
        of = ("self", "document_ptr", "customer", "opportunity")
        found = self._load(self.queryset().select_for_update(of=of, no_key=True), document_id)
        if found.customer.group_id is not None:
            list(
                CustomerGroup.objects.select_for_update(no_key=True)
                .filter(pk=found.customer.group_id)
                .values_list("pk")
            )
        return found

    def person_field(self, document: BusinessApplication, name: str) -> int | None:
        match name:
            case "customer_owner":
                return document.customer.owner_id
            case "opportunity_creator":
                return document.opportunity.creator_id if document.opportunity else None
        return None

    # the draft

    def lock_origin(self, origin: Opportunity) -> Opportunity:
        customer = lock_row(Customer, origin.customer_id)
        opportunity = lock_row(Opportunity, origin.pk)
        opportunity.customer = customer
        return opportunity

    def begin(self, origin: Opportunity, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, CUS-11, BUS-07, OPP-05 and BUS-08."""
        refuse_new_application(origin, actor=actor)
        main = Contact.objects.filter(
            customer=origin.customer_id, contact_type=ContactType.MAIN
        ).first()
        return Start(
            party=origin.customer.name,
            fields={"customer": origin.customer, "opportunity": origin, "borrower": main},
        )

    def check_draft(
        self,
        document: BusinessApplication,
        values: Mapping[str, Any],
        rows: Mapping[str, list[Any]],
    ) -> list[DomainError]:
        """Relations to other customers' records."""
        reasons = []
        borrower, channel = values.get("borrower"), values.get("channel")
        if borrower is not None and borrower.customer_id != document.customer_id:
            reasons.append(customer_errors.wrong_customer("borrower"))
        if channel is not None and channel.customer_type != CustomerType.CHANNEL:
            reasons.append(customer_errors.wrong_customer("channel"))
        return reasons

    def compute(self, document: BusinessApplication, *, now: datetime) -> None:
        assessment = assess_stored(document, now=now)
        document.amount_total = assessment.request.amount_total
        document.exposure = assessment.exposure.group
        document.all_in_rate = assessment.cost.rate
        document.uplift_reasons = list(assessment.uplift)

    # what the engine copies

    def party(self, document: BusinessApplication) -> str:
        return document.customer.name

    def amount(self, document: BusinessApplication) -> Decimal:
        return document.amount_total

    def search_text(self, document: BusinessApplication) -> str:
        return document.customer.search_text

    def risk_flags(self, document: BusinessApplication) -> Sequence[str]:
        """What moves the case one band up, as computed when the rows were last saved."""
        with translation.override(None):
            return [str(UpliftReason(reason).label) for reason in document.uplift_reasons]

    # submission

    def required_categories(self, document: BusinessApplication) -> Collection[str]:
        if is_secured(document.guarantee):
            return (*ALWAYS_REQUIRED, categories.COLLATERAL.code)
        return ALWAYS_REQUIRED

    def missing_fields(self, document: BusinessApplication) -> list[Any]:
        assessment = self._assessment(document)
        found = super().missing_fields(document)
        if document.biz_kind == BizKind.REFINANCE and not document.previous_loan_no.strip():
            found.append(_("old loan"))
        return [
            *found,
            *missing_rows(assessment.request),
            *opportunity_gaps(document.opportunity),
            *assessment.party.gap_labels(),
        ]

    def check_submission(
        self, document: BusinessApplication, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        self.assessed(document, now=now)
        return super().check_submission(document, actor=actor, now=now)

    def may_print(self, document: BusinessApplication, form: str) -> bool:
        return form == FORM

    def print_context(
        self, document: BusinessApplication, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        # Papers read the kind's snapshot, so they are imported when something is printed.
        from applications.printing import approval_form_context

        return approval_form_context(document, hidden=hidden)

    def check_rules(
        self, document: BusinessApplication, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        found: list[DomainError] = []
        other = (
            BusinessApplication.objects.filter(open_opportunity=document.opportunity_id)
            .exclude(pk=document.pk)
            .values_list("doc_no", flat=True)
            .first()
        )
        if other is not None:
            found.append(refusals.application_open(other))
        if not document.opportunity.is_open:
            found.append(customer_errors.opportunity_closed())
        assessment = self._assessment(document)
        found += bar_refusals(assessment.request, day=assessment.day)
        found += old_loan_refusals(document)
        found += offer_refusals(assessment)
        return [*found, *submission_refusals(assessment)]

    def collect_facts(
        self, document: BusinessApplication, *, now: datetime
    ) -> dict[str, FactValue]:
        return facts_of(self.assessed(document, now=now))

    def warnings(self, document: BusinessApplication, *, now: datetime) -> list[Any]:
        return list(warnings(self.assessed(document, now=now)))

    def readiness(self, document: BusinessApplication, assessment: Assessment) -> list[DomainError]:
        """What a submission would be refused for, also of rows that are only typed so far."""
        document.__dict__["_assessment"] = assessment
        found = []
        if fields := self.missing_fields(document):
            found.append(document_errors.required_fields(fields))
        if categories_ := self.missing_categories(document):
            found.append(document_errors.required_attachments(categories_))
        found += bar_refusals(assessment.request, day=assessment.day)
        found += old_loan_refusals(document)
        found += offer_refusals(assessment)
        return found + submission_refusals(assessment)

    def snapshot_fields(self, document: BusinessApplication) -> list[dict[str, Any]]:
        return snapshots.fields(document)

    def snapshot_tables(self, document: BusinessApplication) -> list[dict[str, Any]]:
        return snapshots.tables(document)

    # life after submission

    def set_status(
        self, document: BusinessApplication, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = BusinessApplication.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            # Before the status moves: from then on the database freezes these columns.
            own.update(
                open_opportunity=document.opportunity_id,
                exposure=document.exposure,
                all_in_rate=document.all_in_rate,
                uplift_reasons=document.uplift_reasons,
                biz_status=BizStatus.APPLYING,
            )
            advance_by_system(
                document.opportunity, Stage.SUBMITTED, now=now, reason=document.doc_no
            )
        elif status == WfStatus.WITHDRAWN:
            own.update(open_opportunity=None)
        elif status in (WfStatus.REJECTED, WfStatus.VOID):
            own.update(open_opportunity=None, biz_status=BizStatus.CLOSED)
        super().set_status(document, status, case=case, now=now)

    # decisions

    def check_terms(
        self,
        document: BusinessApplication,
        terms: Mapping[str, Any],
        *,
        beside: Sequence[StageDecision] = (),
    ) -> dict[str, Any]:
        """Dated by the submission, whose LPR the request was measured by."""
        day = local_day(document.updated_at)
        return check_terms(
            terms,
            lines=list(document.lines.select_related("product")),
            fees=list(document.fees.all()),
            cap=cost_cap(current_setting(), lpr=lpr_on(day), day=day),
            day=day,
            beside=beside,
        )

    def authority(
        self,
        document: BusinessApplication,
        *,
        now: datetime,
        decisions: Sequence[StageDecision] = (),
    ) -> Authority:
        """By the exposure of this moment (N18) and what else moves the case up by now.

        The rows are frozen, so their reasons hold; the customer's class and loans may have
        changed, and approvers may have set a rate below the product's floor.
        """
        limits = authority_limits()
        exposure = exposure_of(
            document.customer,
            request=document.amount_total,
            excluding=document.pk,
            day=local_day(now),
        )
        is_uplifted = (
            bool(document.uplift_reasons)
            or document.customer.risk_class == RiskClass.ATTENTION
            or has_young_loan(document.customer_id)
            or falls_below_floor(document.lines.select_related("product"), decisions)
        )
        return Authority(
            level=required_level(exposure.group, limits, is_uplifted=is_uplifted),
            amount=exposure.group,
            limits=limits,
        )

    def conclude(
        self,
        document: BusinessApplication,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Book the approved terms; refuses BUS-05, BUS-07, BUS-09 and BUS-10."""
        if outcome == "REJECTED":
            return  # the business was closed with the status
        grant(
            document,
            lines=list(document.lines.select_related("product")),
            case=case,
            decisions=decisions,
            conditions=conditions,
            now=now,
        )

    def assessed(self, document: BusinessApplication, *, now: datetime) -> Assessment:
        """Assess once for each loaded document and put the computed columns right."""
        known = document.__dict__.get("_assessment")
        if known is None:
            known = document.__dict__["_assessment"] = assess_stored(document, now=now)
            document.exposure = known.exposure.group
            document.all_in_rate = known.cost.rate
            document.uplift_reasons = list(known.uplift)
        return known

    def _assessment(self, document: BusinessApplication) -> Assessment:
        return document.__dict__["_assessment"]
