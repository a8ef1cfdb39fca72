"""The supervision report as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.models import BusinessApplication
from customers.choices import CreditColour
from documents import categories
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.rules import refuse_unless
from funds.models import Repayment
from funds.selectors.loans import loan_position
from lending_crm.common.errors import DomainError
from postloan.choices.supervision import InspectionWay
from postloan.kinds.supervision import ReadBySupervisor, flags_of
from postloan.models import PostLoanSupervision, SupervisionReport
from postloan.rules.supervision import refusals
from postloan.rules.supervision.creation import (
    due_on_of,
    may_report,
    planned_day,
    report_refusal,
)
from postloan.rules.supervision.schedule import last_day
from postloan.rules.supervision.submission import report_refusals
from postloan.selectors.supervision import current_setting
from staff.calendar import load_calendar
from staff.services.guards import lock_row
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "supervision_report"
FORM = "supervision-report"
PHOTOS = categories.AttachmentCategory("SITE_PHOTO", _("Photos of the site visit"))
CATEGORIES = (PHOTOS, categories.FINANCIALS, categories.OTHER)
#: 还款情况, as the ledger tells it
_LEDGER_COLUMNS = (
    "unpaid_principal",
    "due_total",
    "overdue_days",
    "repaid",
    "next_due",
    "next_amount",
)


class SupervisionReportKind(ReadBySupervisor, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Supervision report")
    model = SupervisionReport
    prefix = "JB"
    url_name = "postloan:report_detail"
    editable_fields = (
        "subject",
        "inspected_on",
        "way",
        "operations",
        "finances",
        "use_of_funds",
        "security",
        "signs",
        "colour",
        "suggested_class",
        "next_steps",
        "remark",
    )
    required_fields = ("operations", "finances", "use_of_funds", "security", "signs", "colour")
    sections = (
        Section(
            "report",
            _("Report"),
            ("subject", "customer", "supervision", "loan", "period", "due_on", "is_late"),
        ),
        Section(
            "inspection",
            _("Inspection"),
            ("inspected_on", "way", "operations", "finances", "use_of_funds", "security"),
        ),
        Section("repayment", _("Repayment"), _LEDGER_COLUMNS),
        Section(
            "judgement",
            _("Judgement"),
            ("signs", "colour", "suggested_class", "next_steps", "remark"),
        ),
    )
    select_related = ("customer", "supervision", "loan")
    material_fields = frozenset({"colour", "signs", "way", "inspected_on", "next_steps"})
    facts = (
        Fact("colour", "choice", _("risk level"), choices=lambda: CreditColour.choices),
        Fact("overdue_days", "integer", _("days overdue")),
        Fact("is_late", "boolean", _("reported late")),
    )
    print_forms = {FORM: _("Supervision report")}

    def lock(self, document_id: int) -> Any:
        """The report and its supervision: reports of one supervision take turns (SPR-01). Then
        the business, whose completion waits for no report that is being submitted (CMP-02)."""
        of = ("self", "document_ptr", "supervision")
        report = self._load(
            self.queryset()
            .select_related("supervision__document_ptr")
            .select_for_update(of=of, no_key=True),
            document_id,
        )
        report.supervision.application = lock_row(
            BusinessApplication, report.supervision.application_id
        )
        return report

    # the draft

    def lock_origin(self, origin: PostLoanSupervision) -> PostLoanSupervision:
        found: PostLoanSupervision = (
            PostLoanSupervision.objects.select_related(
                "customer", "loan", "application__branch", "branch", "department"
            )
            .select_for_update(of=("self",), no_key=True)
            .get(pk=origin.pk)
        )
        return found

    def begin(self, origin: PostLoanSupervision, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05, SPR-05 and SPR-07; the report is the first that is missing."""
        refuse_unless(may_report(origin, actor))
        if reason := report_refusal(origin):
            raise reason
        period = next_period(origin)
        return Start(
            party=origin.customer.name,
            fields={
                "supervision": origin,
                "customer": origin.customer,
                "loan": origin.loan,
                "period": period,
                "due_on": due_on_of(origin, period),
                "inspected_on": local_day(now),
            },
            place=origin.department,
        )

    def compute(self, document: SupervisionReport, *, now: datetime) -> None:
        """The ledger's figures of today."""
        day = local_day(now)
        position = loan_position(document.loan, day)
        document.unpaid_principal = position.unpaid_principal
        document.due_total = position.due_total
        document.overdue_days = position.days_overdue
        document.next_due = position.next_due
        document.next_amount = position.next_amount
        document.repaid = _repaid(document, until=day)

    # what the engine copies

    def party(self, document: SupervisionReport) -> str:
        return document.customer.name

    def amount(self, document: SupervisionReport) -> Decimal | None:
        return document.unpaid_principal

    def search_text(self, document: SupervisionReport) -> str:
        return document.customer.search_text

    def risk_flags(self, document: SupervisionReport) -> Sequence[str]:
        with translation.override(None):
            late = [str(_("reported late"))] if document.is_late else []
            return flags_of(document.colour) + late

    # submission

    def required_categories(self, document: SupervisionReport) -> Collection[str]:
        return [PHOTOS.code] if document.way == InspectionWay.ON_SITE else []

    def check_submission(
        self, document: SupervisionReport, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        # What is decided on are the figures of this day, and whether this day is late.
        self.compute(document, now=now)
        _mark_reported(document, day=local_day(now))
        return super().check_submission(document, actor=actor, now=now)

    def check_rules(
        self, document: SupervisionReport, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        every = current_setting().on_site_every
        return list(report_refusals(document, day=local_day(now), on_site_every=every))

    def warnings(self, document: SupervisionReport, *, now: datetime) -> list[Any]:
        return [_("The report is late and will be marked so.")] if document.is_late else []

    def collect_facts(self, document: SupervisionReport, *, now: datetime) -> dict[str, FactValue]:
        return {
            "colour": document.colour,
            "overdue_days": document.overdue_days,
            "is_late": bool(document.is_late),
        }

    # life after submission

    def set_status(
        self, document: SupervisionReport, status: str, *, case: Case | None, now: datetime
    ) -> None:
        """Claims the period of a submitted report and gives it free again.

        Refuses to withdraw or reject one that later ones rest on (SPR-02): they would be reports
        without the one before them. It is returned for correction instead and keeps its period.
        """
        values: dict[str, Any] = {}
        gives_free = status in (WfStatus.WITHDRAWN, WfStatus.REJECTED)
        if gives_free and (later := _later_reports(document)):
            raise refusals.later_ones_rest_on_it(later)
        if status == WfStatus.IN_APPROVAL:
            day = local_day(now)
            _mark_reported(document, day=day)
            values = {name: getattr(document, name) for name in _LEDGER_COLUMNS}
            values |= {
                "claimed_period": document.period,
                "submitted_on": day,
                "reported_on": document.reported_on,
                "is_late": document.is_late,
            }
        elif status == WfStatus.RETURNED:
            values = {"submitted_on": None}
        elif status in (WfStatus.WITHDRAWN, WfStatus.REJECTED, WfStatus.VOID):
            values = {
                "claimed_period": None,
                "submitted_on": None,
                "reported_on": None,
                "is_late": None,
            }
        if values:
            SupervisionReport.objects.filter(pk=document.pk).update(**values)
            for name, value in values.items():
                setattr(document, name, value)
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: SupervisionReport,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Nothing is booked: the colour is read where it counts."""

    def followers(self, document: SupervisionReport) -> Sequence[object]:
        """The reports after it rest on it: they would have no report before them (SPR-02)."""
        return [*_later_reports(document), *super().followers(document)]


def next_period(supervision: PostLoanSupervision) -> int:
    """The first period of which no report is submitted."""
    claimed = set(
        SupervisionReport.objects.filter(
            supervision=supervision, claimed_period__isnull=False
        ).values_list("claimed_period", flat=True)
    )
    return next(period for period in range(1, len(claimed) + 2) if period not in claimed)


def _later_reports(document: SupervisionReport) -> list[str]:
    """The numbers of the submitted reports after it; its supervision is locked."""
    later = SupervisionReport.objects.filter(
        supervision=document.supervision_id, claimed_period__gt=document.period
    )
    return list(later.order_by("period").values_list("doc_no", flat=True))


def _mark_reported(document: SupervisionReport, *, day: date) -> None:
    """A report that comes back for correction keeps the day of its first submission."""
    if document.reported_on is None:
        document.reported_on = day
    document.is_late = document.reported_on > last_day(document.due_on, load_calendar())


def _repaid(document: SupervisionReport, *, until: date) -> Decimal:
    """What was repaid since the due day of the report before; the last period may be shorter."""
    since = planned_day(document.supervision, document.period - 1)
    paid = Repayment.objects.filter(loan=document.loan_id, paid_on__gt=since, paid_on__lte=until)
    return paid.standing().aggregate(total=Sum("amount"))["total"] or Decimal("0.00")


def live_reports(supervision: Any) -> list[str]:
    """What follows from a supervision; while there are any it is not voided."""
    gone = (WfStatus.VOID, WfStatus.REJECTED)
    return list(supervision.reports.exclude(wf_status__in=gone).values_list("doc_no", flat=True))
