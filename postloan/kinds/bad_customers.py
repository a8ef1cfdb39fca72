"""The bad-customer handover as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from customers.models import Customer
from customers.querysets import ReadByRecovery
from documents import categories
from documents.choices import EDITABLE_STATUSES, WfStatus
from documents.engine_door import engine_writes
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.printing.forms import LANGUAGE, form_context, printed_content
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.formats import format_day
from postloan.choices.bad_customers import Direction
from postloan.models import BadCustomerHandover, HandedLoan
from postloan.rules.bad_customers.creation import (
    customer_refusal,
    direction_of,
    refuse_wrong_person,
)
from postloan.rules.bad_customers.submission import (
    conclusion_refusals,
    papers_for,
    people_refusals,
    submission_refusals,
)
from postloan.rules.collection import FLAG, contact_warnings, logged
from postloan.selectors.bad_customers import standing_of
from postloan.services.bad_customers import give_back, take_over
from postloan.tables.bad_customers import COLLECTION, FILES, LAWSUITS, LOANS
from staff.models import Employee
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from workflows.models import Case

KIND_CODE = "bad_customer_handover"
FORM = "handover-form"
EVIDENCE = categories.AttachmentCategory("COLLECTION_PROOF", _("Proof of the collection"))
COURT = categories.AttachmentCategory("COURT_PAPERS", _("Court papers"))
CATEGORIES = (EVIDENCE, COURT, categories.OTHER)
#: columns that the ledger fills, as they stand on the day
_FIGURES = ("balance", "interest", "penalty", "overdue_days", "risk_class")
#: who signs the paper
_SIGNATORIES = (
    (_("Transferor"), "transferor"),
    (_("Receiver"), "receiver"),
    (_("Supervisor of the handover"), "witness"),
)
_REQUIRED = ("receiver", "witness", "reason")
_REQUIRED_TO_HAND_OVER = ("cause", "security_state")


class BadCustomerHandoverKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Bad-customer handover")
    model = BadCustomerHandover
    prefix = "BL"
    url_name = "postloan:bad_customer_detail"
    editable_fields = (
        "subject",
        "receiver",
        "witness",
        "reason",
        "cause",
        "security_state",
        "assets",
        "remark",
    )
    required_fields = _REQUIRED
    row_tables = (COLLECTION, LAWSUITS, FILES)
    computed_tables = (LOANS,)
    sections = (
        Section(
            "customer",
            _("The customer today"),
            (
                "subject",
                "customer",
                "direction",
                "balance",
                "interest",
                "penalty",
                "overdue_days",
                "risk_class",
            ),
            ("loans",),
        ),
        Section(
            "people",
            _("Handover"),
            ("transferor", "receiver", "witness", "handed_on", "reason", "cause"),
        ),
        Section("collection", _("Collection so far"), tables=("collection_log",)),
        Section(
            "assets",
            _("Securities and assets"),
            ("security_state", "assets"),
            ("lawsuits",),
        ),
        Section("files", _("Handed papers"), tables=("files",)),
        Section("remark", _("Remark"), ("remark",)),
    )
    select_related = ("customer", "transferor", "receiver", "witness")
    material_fields = frozenset({"receiver", "loans"})
    capital_fields = frozenset({"balance"})
    facts = (
        Fact("balance", "money", _("unpaid principal (CNY)")),
        Fact("direction", "choice", _("direction"), choices=lambda: Direction.choices),
        Fact("overdue_days", "integer", _("days overdue")),
    )
    person_fields = (("receiver", _("receiver")), ("witness", _("supervisor of the handover")))
    print_forms = {FORM: _("Bad-customer handover form")}
    print_templates = {FORM: "postloan/print/bad_customer_handover.html"}

    def lock(self, document_id: int) -> Any:
        """The handover and its customer: everything booked on his loans waits here."""
        of = ("self", "document_ptr", "customer")
        return self._load(self.queryset().select_for_update(of=of, no_key=True), document_id)

    def person_field(self, document: BadCustomerHandover, name: str) -> int | None:
        return document.receiver_id if name == "receiver" else document.witness_id

    # the draft

    def lock_origin(self, origin: Customer) -> Customer:
        return lock_row(Customer, origin.pk)

    def begin(self, origin: Customer, *, actor: Employee, now: datetime) -> Start:
        """Refuses BAD-02, DOC-05, BAD-06, BAD-01 and BAD-07; ``direction`` follows from who has
        the customer."""
        refuse_wrong_person(origin, actor=actor)
        if reason := customer_refusal(origin, day=local_day(now)):
            raise reason
        direction = direction_of(origin)
        loans = standing_of(origin.pk, local_day(now)).loans
        papers = papers_for([row.loan.application.guarantee for row in loans])
        return Start(
            party=origin.name,
            fields={
                "customer": origin,
                "open_customer": origin,
                "direction": direction,
                "transferor": actor,
                "receiver": origin.co_handler if direction == Direction.RETURN else None,
            },
            rows={
                "files": [{"item": paper} for paper in papers]
                if direction == Direction.HAND_OVER
                else []
            },
            place=origin.department,
        )

    def check_draft(
        self,
        document: BadCustomerHandover,
        values: Mapping[str, Any],
        rows: Mapping[str, list[Any]],
    ) -> list[DomainError]:
        return list(
            people_refusals(
                document,
                transferor=document.handler_id,
                receiver=values.get("receiver", document.receiver),
                witness=values.get("witness", document.witness),
            )
        )

    def compute(self, document: BadCustomerHandover, *, now: datetime) -> None:
        """The ledger's figures of today, and the loans that they belong to."""
        self._measure(document, local_day(now))
        _store_loans(document)

    def _measure(self, document: BadCustomerHandover, day: date) -> None:
        """In memory alone: the figures of the day, and ``standing`` with the loans."""
        document.transferor = document.handler
        standing = standing_of(document.customer_id, day)
        for name in _FIGURES:
            setattr(document, name, getattr(standing, name))
        document.standing = standing  # type: ignore[attr-defined]

    # what the engine copies

    def party(self, document: BadCustomerHandover) -> str:
        return document.customer.name

    def amount(self, document: BadCustomerHandover) -> Decimal | None:
        return document.balance

    def search_text(self, document: BadCustomerHandover) -> str:
        return document.customer.search_text

    def snapshot_tables(self, document: BadCustomerHandover) -> list[dict[str, Any]]:
        standing = getattr(document, "standing", None)
        loans = LOANS.snapshot(document, standing.loans if standing else None)
        return [loans, *super().snapshot_tables(document)]

    def risk_flags(self, document: BadCustomerHandover) -> Sequence[str]:
        with translation.override(None):
            return [str(FLAG)] if contact_warnings(logged(document)) else []

    # submission

    def missing_fields(self, document: BadCustomerHandover) -> list[Any]:
        found = super().missing_fields(document)
        if document.is_return:
            return found
        found += [
            BadCustomerHandover._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            for name in _REQUIRED_TO_HAND_OVER
            if not getattr(document, name)
        ]
        if not logged(document):
            found.append(COLLECTION.label)
        return found

    def check_submission(
        self, document: BadCustomerHandover, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        # The draft may be of an earlier day; what is decided on are the figures of this one.
        self._measure(document, local_day(now))
        return super().check_submission(document, actor=actor, now=now)

    def check_rules(
        self, document: BadCustomerHandover, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document, day=local_day(now)))

    def warnings(self, document: BadCustomerHandover, *, now: datetime) -> list[Any]:
        return contact_warnings(logged(document))

    def collect_facts(
        self, document: BadCustomerHandover, *, now: datetime
    ) -> dict[str, FactValue]:
        return {
            "balance": document.balance,
            "direction": document.direction,
            "overdue_days": document.overdue_days,
        }

    # life after submission

    def set_status(
        self, document: BadCustomerHandover, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = BadCustomerHandover.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            with engine_writes():
                self._measure(document, local_day(now))
                _store_loans(document)
                own.update(
                    transferor=document.transferor,
                    **{name: getattr(document, name) for name in _FIGURES},
                )
        elif status not in EDITABLE_STATUSES:
            own.update(open_customer=None)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: BadCustomerHandover,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """The customer changes hands. Refuses what no longer fits (BAD-01, BAD-02, BAD-05 …),
        under the lock of the customer."""
        if outcome == "REJECTED":
            return
        refuse_all(list(conclusion_refusals(document, day=local_day(now))))
        if document.is_return:
            give_back(document, now=now)
        else:
            take_over(document, now=now)

    def print_context(
        self, document: BadCustomerHandover, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        """The usual form with the places of the three signatures (domain §7)."""
        context = form_context(document, form, hidden=hidden)
        with translation.override(LANGUAGE):
            content = printed_content(document, hidden=hidden)
            context["signatories"] = [
                (str(title), content.shown(name)) for title, name in _SIGNATORIES
            ]
            # What the approvers saw had no such day yet.
            label = str(BadCustomerHandover._meta.get_field("handed_on").verbose_name)  # type: ignore[union-attr]
            shown = format_day(document.handed_on) if document.handed_on else ""
        for part in context["sections"]:
            for cell in (cell for row in part["cells"] for cell in row["cells"]):
                if cell["label"] == label and not cell["text"]:
                    cell["text"] = shown
        return context

    def followers(self, document: BadCustomerHandover) -> Sequence[object]:
        """A customer changes hands by another handover, not by voiding the paper of this one."""
        if document.wf_status == WfStatus.APPROVED:
            return [document.customer.customer_no]
        return super().followers(document)


def _store_loans(document: BadCustomerHandover) -> None:
    """The measured loans in place of the stored ones."""
    rows: list[HandedLoan] = list(document.standing.loans)  # type: ignore[attr-defined]
    document.loans.all().delete()
    for row in rows:
        row.pk, row.document = None, document
    HandedLoan.objects.bulk_create(rows)
