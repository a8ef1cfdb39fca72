"""The customer completion as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.utils import formats, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from applications.assessment import local_day
from applications.models import BusinessApplication
from customers.models import Customer
from customers.querysets import ReadByRecovery
from documents import categories
from documents.choices import WfStatus
from documents.engine_door import engine_writes
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.printing.forms import LANGUAGE, form_context
from documents.printing.marks import company_name
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.formats import format_day
from lending_crm.common.money import capital_amount, format_amount
from postloan.choices.completion import CompletionWay
from postloan.models import CompletedBusiness, CustomerCompletion, GuaranteeRelease
from postloan.rules.completion import refusals
from postloan.rules.completion.creation import customer_refusal, refuse_wrong_person
from postloan.rules.completion.submission import completion_refusals, release_steps
from postloan.selectors.completion import ZERO, completable, figures_of, standing_loans
from postloan.services.completion import complete_businesses
from postloan.tables.completion import BUSINESSES, FIGURES, MATERIALS, RELEASES
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from postloan.selectors.completion import BusinessFigures
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "customer_completion"
FORM = "completion-form"
CERTIFICATE = "settlement-certificate"
PROOF = categories.AttachmentCategory("SETTLEMENT_PROOF", _("Proof of the settlement"))
RELEASED = categories.AttachmentCategory("RELEASE_PROOF", _("Proof of the release"))
CATEGORIES = (PROOF, RELEASED, categories.OTHER)
_CLAIMING = (WfStatus.IN_APPROVAL, WfStatus.APPROVED)


class CustomerCompletionKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Customer completion")
    model = CustomerCompletion
    prefix = "WJ"
    url_name = "postloan:completion_detail"
    editable_fields = (
        "subject",
        "way",
        "settled_on",
        "archive_no",
        "evaluation",
        "renewal",
        "evaluation_note",
        "remark",
    )
    required_fields = ("archive_no",)
    row_tables = (BUSINESSES, RELEASES, MATERIALS)
    required_tables = ("businesses", "materials")
    sections = (
        Section(
            "completion",
            _("Completion"),
            ("subject", "customer", "way", "settled_on", "archive_no", "disbursed", "outstanding"),
            ("businesses",),
        ),
        Section("releases", _("Release of the guarantees"), tables=("releases",)),
        Section("materials", _("Materials returned"), tables=("materials",)),
        Section(
            "evaluation",
            _("Evaluation"),
            ("evaluation", "renewal", "evaluation_note", "remark"),
        ),
    )
    select_related = ("customer",)
    material_fields = frozenset({"businesses", "way", "settled_on"})
    capital_fields = frozenset({"disbursed"})
    facts = (
        Fact("disbursed", "money", _("disbursed in total (CNY)")),
        Fact("businesses", "integer", _("number of businesses")),
    )
    print_forms = {FORM: _("Customer completion form"), CERTIFICATE: _("Settlement certificate")}
    print_templates = {CERTIFICATE: "postloan/print/settlement_certificate.html"}

    def lock(self, document_id: int) -> Any:
        """The completion and its customer: everything booked on his loans waits here. Then its
        businesses: no other document about one is submitted meanwhile (CMP-02)."""
        of = ("self", "document_ptr", "customer")
        document = self._load(self.queryset().select_for_update(of=of, no_key=True), document_id)
        businesses = BusinessApplication.objects.select_for_update(of=("self",), no_key=True)
        listed = document.businesses.values("application")
        list(businesses.filter(pk__in=listed).order_by("pk").values_list("pk"))
        return document

    # the draft

    def lock_origin(self, origin: Customer) -> Customer:
        return lock_row(Customer, origin.pk)

    def begin(self, origin: Customer, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05 and CMP-09; lists every business that owes nothing any more."""
        refuse_wrong_person(origin, actor=actor)
        if reason := customer_refusal(origin):
            raise reason
        day = local_day(now)
        businesses = list(completable(origin.pk))
        figures = figures_of([each.pk for each in businesses], day)
        settled = [each for each in businesses if not figures[each.pk].outstanding] or businesses
        days = [figures[each.pk].last_settled for each in settled]
        return Start(
            party=origin.name,
            fields={
                "customer": origin,
                "way": CompletionWay.REGULAR,
                "settled_on": max((each for each in days if each is not None), default=day),
            },
            rows={"businesses": [{"application": each} for each in settled]},
        )

    def check_draft(
        self, document: CustomerCompletion, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        found: list[DomainError] = []
        seen: set[int] = set()
        for index, row in enumerate(rows.get("businesses", ())):
            business = row.application
            if business.customer_id != document.customer_id:
                found.append(refusals.not_of_customer(index, business.doc_no))
            elif business.pk in seen:
                found.append(refusals.listed_twice(index, business.doc_no))
            seen.add(business.pk)
        return found

    def compute(self, document: CustomerCompletion, *, now: datetime) -> None:
        """The ledger's figures of today, and one line a security that is to be released."""
        rows = self._measured(document, local_day(now))
        CompletedBusiness.objects.bulk_update(rows, FIGURES)
        _lay_down(document, [row.application for row in rows])

    def _measured(self, document: CustomerCompletion, day: date) -> list[CompletedBusiness]:
        """The rows with the figures of the day, and the document with their sums; in memory."""
        rows = BUSINESSES.stored(document)
        figures = figures_of([row.application_id for row in rows], day)
        for row in rows:
            for name in FIGURES:
                setattr(row, name, getattr(figures[row.application_id], name))
        document.disbursed = sum((row.disbursed for row in rows), ZERO)
        document.outstanding = sum((row.outstanding for row in rows), ZERO)
        document.measured = rows  # type: ignore[attr-defined]
        document.figures = figures  # type: ignore[attr-defined]
        return rows

    # what the engine copies

    def party(self, document: CustomerCompletion) -> str:
        return document.customer.name

    def amount(self, document: CustomerCompletion) -> Decimal | None:
        return document.disbursed

    def search_text(self, document: CustomerCompletion) -> str:
        return document.customer.search_text

    def snapshot_tables(self, document: CustomerCompletion) -> list[dict[str, Any]]:
        measured = getattr(document, "measured", None)
        return [BUSINESSES.snapshot(document, measured)] + [
            table.snapshot(document) for table in (RELEASES, MATERIALS)
        ]

    # submission

    def check_submission(
        self, document: CustomerCompletion, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        # The draft may be of an earlier day; what is decided on are the figures of this one.
        self._measured(document, local_day(now))
        return super().check_submission(document, actor=actor, now=now)

    def check_rules(
        self, document: CustomerCompletion, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return self._refusals(document, day=local_day(now))

    def _refusals(self, document: CustomerCompletion, *, day: date) -> list[DomainError]:
        """By the figures of ``_measured``."""
        rows: list[CompletedBusiness] = document.measured  # type: ignore[attr-defined]
        figures: dict[int, BusinessFigures] = document.figures  # type: ignore[attr-defined]
        businesses = [row.application for row in rows]
        return list(completion_refusals(document, businesses, figures, day=day))

    def collect_facts(self, document: CustomerCompletion, *, now: datetime) -> dict[str, FactValue]:
        return {"disbursed": document.disbursed, "businesses": document.businesses.count()}

    # life after submission

    def set_status(
        self, document: CustomerCompletion, status: str, *, case: Case | None, now: datetime
    ) -> None:
        with engine_writes():
            if status == WfStatus.IN_APPROVAL:
                rows = self._measured(document, local_day(now))
                for row in rows:
                    row.claimed = row.application
                CompletedBusiness.objects.bulk_update(rows, (*FIGURES, "claimed"))
                CustomerCompletion.objects.filter(pk=document.pk).update(
                    disbursed=document.disbursed, outstanding=document.outstanding
                )
            elif status not in _CLAIMING:
                document.businesses.update(claimed=None)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: CustomerCompletion,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """The businesses are completed. Refuses what the ledger or another document no longer
        allows (CMP-01 to CMP-07), under the lock of the customer."""
        if outcome == "REJECTED":
            return
        rows = self._measured(document, local_day(now))
        refuse_all(self._refusals(document, day=local_day(now)))
        complete_businesses(
            customer=document.customer,
            businesses=[row.application for row in rows],
            reference=document.doc_no,
            actor=document.handler,
            now=now,
        )

    def followers(self, document: CustomerCompletion) -> Sequence[object]:
        """What is completed stays completed; the paper is not voided alone."""
        if document.wf_status == WfStatus.APPROVED:
            return [row.application.doc_no for row in BUSINESSES.stored(document)]
        return super().followers(document)

    # paper

    def may_print(self, document: CustomerCompletion, form: str) -> bool:
        """结清证明 is given out for approved completions only."""
        return form != CERTIFICATE or document.wf_status == WfStatus.APPROVED

    def print_context(
        self, document: CustomerCompletion, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        if form != CERTIFICATE:
            return form_context(document, form, hidden=hidden)
        with translation.override(LANGUAGE):
            return _certificate(document)


def _lay_down(document: CustomerCompletion, businesses: list[BusinessApplication]) -> None:
    """Keep what was filled in, add what is missing, drop what belongs to no business here."""
    kept = {(row.business_no, row.security, row.step): row for row in document.releases.all()}
    rows = []
    with translation.override(LANGUAGE):
        steps = release_steps(businesses)
    for position, step in enumerate(steps):
        row = kept.get(step) or GuaranteeRelease(
            document=document, business_no=step[0], security=step[1], step=step[2]
        )
        row.pk, row.position = None, position
        rows.append(row)
    document.releases.all().delete()
    GuaranteeRelease.objects.bulk_create(rows)


def _certificate(document: CustomerCompletion) -> dict[str, Any]:
    customer = document.customer
    ids = [row.application_id for row in BUSINESSES.stored(document)]
    return {
        "company": company_name(),
        "form_title": str(CustomerCompletionKind.print_forms[CERTIFICATE]),
        "secrecy": pgettext("approval form", "Public"),
        "doc_no": document.doc_no,
        "customer": customer.name,
        "id_no": customer.uscc or customer.masked_id_no,
        "settled_on": _written_day(document.settled_on),
        "amount": format_amount(document.disbursed),
        "capital": capital_amount(document.disbursed),
        # Nothing moves an approved completion any more: this is the moment of its approval.
        "issued_on": _written_day(local_day(document.updated_at)),
        "loans": [
            {
                "contract_no": loan.contract_no or "—",
                "loan_no": loan.loan_no,
                "amount": format_amount(loan.principal),
                "start": format_day(loan.start_date),
                "settled": format_day(loan.settled_on) if loan.settled_on else "—",
            }
            for loan in standing_loans(ids)
        ],
    }


def _written_day(day: date) -> str:
    """As a letter writes it."""
    return formats.date_format(day, pgettext("settlement certificate", "j F Y"))
