"""The reconsideration as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.assessment import (
    Assessment,
    current_setting,
    local_day,
    lpr_on,
)
from applications.authority import required_level
from applications.choices import (
    RECONSIDERATION_FORM,
    BizStatus,
    UpliftReason,
    is_secured,
)
from applications.claims import settle_claims
from applications.facts import FACTS
from applications.facts import facts_of as request_facts
from applications.granting import grant
from applications.kinds.reconsideration_sections import SECTIONS
from applications.kinds.terms import TERM_FIELDS
from applications.models import BusinessApplication, Reconsideration
from applications.permissions import may_apply
from applications.reconsidered_securities import (
    offers_other_securities,
    take_over_securities,
)
from applications.reconsidering import (
    assess_reconsideration,
    deciding_level,
    reconsidered_lines,
)
from applications.rejections import rejection_of
from applications.row_tables import GUARANTEE_ITEMS, RECONSIDERED_SECURITIES
from applications.rules import refusals
from applications.rules.approved import check_terms, falls_below_floor, requested_terms
from applications.rules.eligibility import customer_refusals
from applications.rules.limits import cost_cap
from applications.rules.reconsideration import (
    amount_above_original,
    origin_refusals,
    says_nothing_new,
    text_refusals,
)
from applications.rules.refinancing import old_loan_refusals
from applications.rules.submission import missing_securities, submission_refusals, warnings
from customers import errors as customer_errors
from customers.querysets import ReadByRecovery
from customers.rules.permissions import may_edit
from documents import categories
from documents.categories import AttachmentCategory
from documents.kinds import RoutedDocumentKind, Start, routed_kind
from documents.models import Attachment
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError, refuse_all
from workflows.kinds import (
    Authority,
    DocumentField,
    Fact,
    FactValue,
    StageDecision,
)

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "reconsideration"
NEW_MATERIAL = AttachmentCategory("NEW_MATERIAL", _("Material new since the rejection"))
CATEGORIES = (NEW_MATERIAL, categories.COLLATERAL, categories.FINANCIALS, categories.OTHER)

#: how the refusals of an amount line are called on this document
_FIELDS = {"amount": "amount", "term_months": "term_months", "annual_rate": "annual_rate"}


class ReconsiderationKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Reconsideration")
    model = Reconsideration
    prefix = "FY"
    url_name = "applications:reconsideration_detail"
    editable_fields = (
        "subject",
        "reason",
        "new_facts",
        "amount",
        "term_months",
        "annual_rate",
        "guarantee",
        "guarantee_note",
        "remark",
    )
    required_fields = ("reason", "new_facts", "term_months", "annual_rate", "guarantee")
    row_tables = (RECONSIDERED_SECURITIES,)
    sections = SECTIONS
    select_related = (
        "customer",
        "customer__group",
        "opportunity",
        "origin",
    )
    facts = (
        Fact("rejected_level", "integer", _("authority level of the rejection")),
        Fact("deciding_level", "integer", _("level that decides")),
        *FACTS,
    )
    term_fields = TERM_FIELDS
    fields = (
        DocumentField("reason", _("reason for the reconsideration"), input="long"),
        DocumentField("new_facts", _("new facts"), input="long"),
        DocumentField("guarantee_note", _("change of the guarantee"), input="long"),
        DocumentField("guarantee_items", _("Securities and guarantors")),
        DocumentField("rejected_opinion", _("opinion of the rejection")),
        DocumentField("remark", _("remark"), input="long"),
    )
    person_fields = (("customer_owner", _("The customer's account manager")),)
    material_fields = frozenset(
        {"amount", "term_months", "annual_rate", "guarantee", "guarantee_items"}
    )
    capital_fields = frozenset({"amount"})
    print_forms = {
        RECONSIDERATION_FORM: pgettext_lazy("approval form", "Reconsideration approval form")
    }
    print_templates = {RECONSIDERATION_FORM: "applications/print/reconsideration.html"}

    def lock(self, document_id: int) -> Any:
        """The document with the application that it may grant, its customer and opportunity."""
        found: Reconsideration = super().lock(document_id)
        origin = routed_kind("business_application").lock(found.origin_id)
        found.origin, found.customer, found.opportunity = (
            origin,
            origin.customer,
            origin.opportunity,
        )
        return found

    def person_field(self, document: Reconsideration, name: str) -> int | None:
        return document.customer.owner_id if name == "customer_owner" else None

    # the draft

    def lock_origin(self, origin: BusinessApplication) -> BusinessApplication:
        locked: BusinessApplication = routed_kind("business_application").lock(origin.pk)
        return locked

    def begin(self, origin: BusinessApplication, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, CUS-11, BUS-07, OPP-05 and REC-01 to REC-04, REC-08."""
        refuse_unless(may_apply(actor))
        if not may_edit(actor, origin.customer):
            raise customer_errors.not_the_owner()
        rejection = rejection_of(origin)
        reasons = list(
            origin_refusals(origin, rejection, setting=current_setting(), day=local_day(now))
        )
        reasons += customer_refusals(origin.customer)
        if not origin.opportunity.is_open:
            reasons.append(customer_errors.opportunity_closed())
        refuse_all(reasons)
        assert rejection is not None  # noqa: S101 - REC-01 has been refused
        asked = requested_terms(origin.lines.all())
        return Start(
            party=origin.customer.name,
            fields={
                "customer": origin.customer,
                "opportunity": origin.opportunity,
                "origin": origin,
                "open_origin": origin,
                "rejected_node": rejection.node,
                "rejected_node_en": rejection.node_en,
                "rejected_by": rejection.people,
                "rejected_opinion": rejection.opinion,
                "rejected_on": rejection.on,
                "rejected_level": rejection.level,
                "amount": origin.amount_total,
                "term_months": asked.term,
                "annual_rate": asked.rate,
                "guarantee": list(origin.guarantee),
            },
            rows={RECONSIDERED_SECURITIES.name: GUARANTEE_ITEMS.typed(origin)},
        )

    def check_draft(
        self,
        document: Reconsideration,
        values: Mapping[str, Any],
        rows: Mapping[str, list[Any]],
    ) -> list[DomainError]:
        amount = values.get("amount")
        if amount is None:
            return []
        if amount <= 0:
            return [refusals.amount_not_positive(field="amount")]
        if amount > document.origin.amount_total:
            return [amount_above_original(document.origin.amount_total)]
        return []

    def compute(self, document: Reconsideration, *, now: datetime) -> None:
        self._measure(document, assess_reconsideration(document, now=now))

    def _measure(self, document: Reconsideration, assessment: Assessment) -> None:
        document.exposure = assessment.exposure.group
        document.all_in_rate = assessment.cost.rate
        document.uplift_reasons = list(assessment.uplift)

    # what the engine copies

    def party(self, document: Reconsideration) -> str:
        return document.customer.name

    def amount(self, document: Reconsideration) -> Any:
        return document.amount

    def search_text(self, document: Reconsideration) -> str:
        return f"{document.customer.search_text} {document.origin.doc_no.lower()}"

    def risk_flags(self, document: Reconsideration) -> Sequence[str]:
        with translation.override(None):
            flags = [str(UpliftReason(reason).label) for reason in document.uplift_reasons]
            return [str(_("rejected before")), *flags]

    # submission

    def required_categories(self, document: Reconsideration) -> Collection[str]:
        """The papers of a security that the application did not offer, or did not rest on."""
        if not is_secured(document.guarantee):
            return ()
        if is_secured(document.origin.guarantee) and not offers_other_securities(document):
            return ()
        return (categories.COLLATERAL.code,)

    def check_submission(
        self, document: Reconsideration, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        self._assess(document, now=now)
        return super().check_submission(document, actor=actor, now=now)

    def missing_fields(self, document: Reconsideration) -> list[Any]:
        """A changed guarantee rests on the securities that the reconsideration lists."""
        assessment: Assessment = document.__dict__["_assessment"]
        return [
            *super().missing_fields(document),
            *assessment.party.gap_labels(),
            *missing_securities(document.guarantee, assessment.request.guarantee_items),
        ]

    def check_rules(
        self, document: Reconsideration, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        """The window counts to the first submission; a correction does not lose it."""
        found = list(text_refusals(document))
        day = document.rejected_on if document.case_id else local_day(now)
        found += origin_refusals(
            document.origin,
            rejection_of(document.origin),
            setting=current_setting(),
            day=day,
            own=document.pk,
        )
        found += old_loan_refusals(document.origin)
        if not self._has_new_material(document):
            found.append(says_nothing_new())
        other = (
            BusinessApplication.objects.filter(open_opportunity=document.opportunity_id)
            .exclude(pk=document.origin_id)
            .values_list("doc_no", flat=True)
            .first()
        )
        if other is not None:
            found.append(refusals.application_open(other))
        if not document.opportunity.is_open:
            found.append(customer_errors.opportunity_closed())
        return [*found, *map(_on_document, submission_refusals(self._assess(document, now=now)))]

    def _has_new_material(self, document: Reconsideration) -> bool:
        """A file that the approvers of the original application have not seen (REC-06)."""
        seen = Attachment.objects.filter(document=document.origin_id).values("file")
        own = Attachment.objects.current().filter(document=document.pk, supplement=None)
        return own.exclude(file__in=seen).exists()

    def collect_facts(self, document: Reconsideration, *, now: datetime) -> dict[str, FactValue]:
        assessment = self._assess(document, now=now)
        return {
            **request_facts(assessment),
            "rejected_level": document.rejected_level,
            "deciding_level": deciding_level(document, authority_level=assessment.level),
        }

    def warnings(self, document: Reconsideration, *, now: datetime) -> list[Any]:
        return list(warnings(self._assess(document, now=now)))

    def _assess(self, document: Reconsideration, *, now: datetime) -> Assessment:
        """Assess once for each loaded document and put the computed columns right."""
        known = document.__dict__.get("_assessment")
        if known is None:
            known = document.__dict__["_assessment"] = assess_reconsideration(document, now=now)
            self._measure(document, known)
        return known

    # life after submission

    def set_status(
        self, document: Reconsideration, status: str, *, case: Case | None, now: datetime
    ) -> None:
        settle_claims(document, status, now=now)
        super().set_status(document, status, case=case, now=now)

    def followers(self, document: Reconsideration) -> Sequence[object]:
        """What was made of the application that it granted."""
        origin, found = document.origin, list(super().followers(document))
        if origin.reconsidered_by_id != document.pk:
            return found
        if origin.biz_status not in (BizStatus.APPROVED, BizStatus.EXPIRED):
            found.append(origin)
        return [*found, *routed_kind(origin.kind).followers(origin)]

    # decisions

    def check_terms(
        self,
        document: Reconsideration,
        terms: Mapping[str, Any],
        *,
        beside: Sequence[StageDecision] = (),
    ) -> dict[str, Any]:
        """Dated by the submission, whose LPR the request was measured by."""
        day = local_day(document.updated_at)
        return check_terms(
            terms,
            lines=reconsidered_lines(document),
            fees=list(document.origin.fees.all()),
            cap=cost_cap(current_setting(), lpr=lpr_on(day), day=day),
            day=day,
            beside=beside,
        )

    def authority(
        self,
        document: Reconsideration,
        *,
        now: datetime,
        decisions: Sequence[StageDecision] = (),
    ) -> Authority:
        """The level above the rejection, or more when the exposure of this moment needs it.

        One band up, too, for a rate below the product's floor that approvers have set.
        """
        assessment = assess_reconsideration(document, now=now)
        is_uplifted = bool(assessment.uplift) or falls_below_floor(
            assessment.request.lines, decisions
        )
        level = required_level(
            assessment.exposure.group, assessment.limits, is_uplifted=is_uplifted
        )
        return Authority(
            level=deciding_level(document, authority_level=level),
            amount=assessment.exposure.group,
            limits=assessment.limits,
        )

    def conclude(
        self,
        document: Reconsideration,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Grant the original application with the reconsidered terms and securities; its own
        status stays.

        Refuses the approval as the application's own: BUS-05, BUS-07, BUS-09, BUS-10.
        """
        if outcome == "REJECTED":
            return  # the claims were settled with the status
        take_over_securities(document, case=case, decisions=decisions, now=now)
        grant(
            document.origin,
            lines=reconsidered_lines(document),
            case=case,
            decisions=decisions,
            conditions=conditions,
            now=now,
            reconsidered_by=document.pk,
            guarantee=list(document.guarantee),
        )

    def print_context(
        self, document: Reconsideration, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        # Papers read the kind's snapshot, so they are imported when something is printed.
        from applications.reconsideration_printing import reconsideration_context

        return reconsideration_context(document, form, hidden=hidden)


def _on_document(reason: DomainError) -> DomainError:
    """A refusal of one of the lines, bound to the field that sets all of them."""
    column = (reason.field or "").rpartition(".")[2]
    return DomainError(
        reason.code,
        reason.sentence,
        status=reason.status,
        field=_FIELDS.get(column),
        params=reason.params,
    )
