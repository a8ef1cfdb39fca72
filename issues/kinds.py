"""问题升级单 as the approval engine sees it (X3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.assessment import local_day
from customers.querysets import ReadByRecovery
from documents import categories
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.lists import Head, ReadTable
from documents.printing.forms import LANGUAGE, form_context
from documents.rules import refuse_unless
from documents.values import displayed
from issues import refusals
from issues.choices import Confirmation, IssueKind, IssueStatus, Level, Severity, StepKind
from issues.models import REPORT_PARTS, IssueEscalation, IssueReport, IssueStep, part_label
from issues.rules import may_report, visible_document, visible_loan
from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_moment
from workflows.bpmn.model import StageAction
from workflows.kinds import Fact, FactValue, StageDecision
from workflows.screens.tables import aligned

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case, WorkItem

KIND_CODE = "issue_escalation"
FORM = "issue-escalation"
EVIDENCE = categories.AttachmentCategory("ISSUE_EVIDENCE", _("Evidence of the issue"))
CATEGORIES = (EVIDENCE, categories.OTHER)
#: the record of a level by the engine's act that carries it
_RECORDS = {
    StageAction.APPROVE: StepKind.ESCALATE,
    StageAction.RETURN: StepKind.ANSWER,
}
STEPS = ReadTable(
    "steps",
    _("Handling records"),
    (
        Head(_("Time")),
        Head(_("level")),
        Head(_("What happened")),
        Head(_("Reason")),
        Head(_("Record")),
        Head(_("Written by")),
    ),
)
REPORT = ReadTable("report", _("Report in eight parts"), (Head(_("Part")), Head(_("Content"))))


class IssueEscalationKind(ReadByRecovery, RoutedDocumentKind):
    code = KIND_CODE
    title = _("Issue escalation")
    model = IssueEscalation
    prefix = "WT"
    url_name = "issues:issue_detail"
    handler_title = pgettext_lazy("approval form", "Filed by")
    editable_fields = (
        "subject",
        "issue_kind",
        "severity",
        "reporter",
        "reporter_contact",
        "reported_on",
        "customer",
        "loan_no",
        "about_no",
        "description",
        "demand",
        "owner",
        "remark",
    )
    required_fields = ("owner",)
    further_tables = (STEPS, REPORT)

    sections = (
        Section(
            "issue",
            _("Issue"),
            (
                "subject",
                "issue_kind",
                "severity",
                "reporter",
                "reporter_contact",
                "reported_on",
                "customer",
                "loan_no",
                "about_no",
                "description",
                "demand",
                "remark",
            ),
        ),
        Section("handling", _("Handling"), ("owner", "level", "confirmation"), ("steps",)),
        Section("report", _("Report in eight parts"), tables=("report",)),
    )
    select_related = ("customer", "loan", "about", "owner")
    material_fields = frozenset({"level", "confirmation"})
    own_decisions = {action: refusals.on_its_page().sentence for action in _RECORDS}
    facts = (
        Fact("level", "integer", _("level")),
        Fact("is_confirmed", "boolean", _("confirmed by the reporter")),
        Fact("issue_kind", "choice", _("kind of issue"), choices=lambda: IssueKind.choices),
        Fact("severity", "choice", _("severity"), choices=lambda: Severity.choices),
    )
    person_fields = (("owner", _("person in charge")),)
    print_forms = {FORM: _("Issue escalation")}

    @property
    def list_titles(self) -> dict[str, Any]:
        """The report is logged part by part."""
        return super().list_titles | {name: part_label(name) for name in REPORT_PARTS}

    def person_field(self, document: IssueEscalation, name: str) -> int | None:
        return document.owner_id if name == "owner" else None

    # the draft

    def begin(self, origin: None, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05; an issue is begun from nothing."""
        refuse_unless(may_report(actor))
        return Start(party=str(actor.branch), fields={"reported_on": local_day(now)})

    def check_draft(
        self, document: IssueEscalation, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        """ISS-01, ISS-02 and ISS-11: people, and numbers that the handler sees."""
        found = []
        owner = values.get("owner", document.owner)
        if owner is not None and owner.pk == document.handler_id:
            found.append(refusals.own_issue())
        if number := values.get("about_no"):
            about = visible_document(number, document.handler)
            if about is None or about.pk == document.pk:
                found.append(refusals.unknown_number("about_no", number))
        if number := values.get("loan_no", document.loan_no):
            loan = visible_loan(number, document.handler)
            customer = values.get("customer", document.customer)
            if loan is None:
                found.append(refusals.unknown_number("loan_no", number))
            elif customer is not None and loan.customer_id != customer.pk:
                found.append(refusals.other_customer())
        return found

    def compute(self, document: IssueEscalation, *, now: datetime) -> None:
        """Find what the numbers name; a loan names its customer. A serious issue that was not
        reported yet begins with the department head (性质严重)."""
        handler = document.handler
        document.loan = visible_loan(document.loan_no, handler) if document.loan_no else None
        document.about = visible_document(document.about_no, handler) if document.about_no else None
        if document.loan is not None and document.customer is None:
            document.customer = document.loan.customer
        if document.case_id is None:
            is_serious = document.severity == Severity.SERIOUS
            document.level = Level.DEPARTMENT if is_serious else Level.OWNER

    # what the engine copies

    def party(self, document: IssueEscalation) -> str:
        return document.customer.name if document.customer else document.reporter

    def search_text(self, document: IssueEscalation) -> str:
        customer = document.customer
        return f"{document.reporter} {customer.search_text}" if customer else document.reporter

    def snapshot_tables(self, document: IssueEscalation) -> list[dict[str, Any]]:
        """处理记录 and, once it is begun, the report."""
        tables = [_steps_table(document)]
        if report := IssueReport.objects.filter(issue=document.pk).first():
            tables.append(_report_table(report))
        return tables

    # submission

    def check_rules(
        self, document: IssueEscalation, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        found = []
        if document.reported_on > local_day(now):
            found.append(refusals.in_future())
        if document.owner_id == document.handler_id:
            found.append(refusals.own_issue())
        if document.wf_status == WfStatus.RETURNED and not document.confirmation:
            found.append(refusals.not_judged())
        return found

    def collect_facts(self, document: IssueEscalation, *, now: datetime) -> dict[str, FactValue]:
        return {
            "level": document.level,
            "is_confirmed": document.confirmation == Confirmation.ACCEPTED,
            "issue_kind": document.issue_kind,
            "severity": document.severity,
        }

    # life after submission

    def ends_by_handler(self, document: IssueEscalation) -> bool:
        """The reporter has agreed: no level is asked again."""
        return document.confirmation == Confirmation.ACCEPTED

    def check_decision(
        self, case: Case, item: WorkItem, *, action: str, actor: Employee
    ) -> list[DomainError]:
        """ISS-05: what a level decides, it has written down first (answer or reason)."""
        wanted = _RECORDS.get(StageAction(action))
        # Whom the level asked to sign too (跨部门会议) gives an opinion, not the level's word.
        is_opinion = item.link and action == StageAction.APPROVE
        if wanted is None or is_opinion:
            return []
        kept = IssueStep.objects.filter(
            issue=case.document_id,
            kind=wanted,
            round=case.round,
            node_id=item.stage.node_id,
            by=actor,
        )
        return [] if kept.exists() else [refusals.on_its_page()]

    def set_status(
        self, document: IssueEscalation, status: str, *, case: Case | None, now: datetime
    ) -> None:
        own = IssueEscalation.objects.filter(pk=document.pk)
        if status == WfStatus.IN_APPROVAL:
            own.update(biz_status=IssueStatus.HANDLING)
        elif status == WfStatus.RETURNED:
            # The reporter has not spoken to this answer yet.
            own.update(biz_status=IssueStatus.ANSWERED, confirmation="")
        elif status == WfStatus.WITHDRAWN:
            own.update(biz_status=IssueStatus.OPEN, confirmation="")
        super().set_status(document, status, case=case, now=now)

    def conclude(
        self,
        document: IssueEscalation,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Closed with the reporter's word, and never without it (ISS-04)."""
        if outcome == "REJECTED":
            return
        if document.confirmation != Confirmation.ACCEPTED:
            raise refusals.not_confirmed()
        IssueEscalation.objects.filter(pk=document.pk).update(
            biz_status=IssueStatus.CLOSED, closed_at=now
        )
        document.biz_status, document.closed_at = IssueStatus.CLOSED, now

    def print_context(
        self, document: IssueEscalation, form: str, *, hidden: Collection[str]
    ) -> dict[str, Any]:
        """The usual form; level, record and report as they are now, not as last submitted."""
        context = form_context(document, form, hidden=hidden)
        with translation.override(LANGUAGE):
            tables = {table["name"]: table for table in self.snapshot_tables(document)}
            moving = {
                str(_label(name)): displayed(document, name)
                for name in ("level", "confirmation")
                if name not in hidden
            }
        for part in context["sections"]:
            for cell in (cell for row in part["cells"] for cell in row["cells"]):
                cell["text"] = moving.get(cell["label"], cell["text"])
        shown = [
            part
            for part in zip(context["sections"][1:], self.sections, strict=True)
            if part[1].tables
        ]
        for drawn, section in shown:
            drawn["tables"] = [
                aligned(tables[name], self.table_columns(name))
                for name in section.tables
                if name in tables and name not in hidden
            ]
        return context


def _label(name: str) -> Any:
    column: Any = IssueEscalation._meta.get_field(name)
    return column.verbose_name


def _steps_table(document: IssueEscalation) -> dict[str, Any]:
    rows = IssueStep.objects.filter(issue=document.pk).select_related("by")
    return STEPS.snapshot(
        [
            [
                format_moment(step.at),
                step.get_level_display(),
                step.get_kind_display(),
                step.get_reason_display(),
                step.text,
                step.by.name,
            ]
            for step in rows
        ]
    )


def _report_table(report: IssueReport) -> dict[str, Any]:
    return REPORT.snapshot(
        [[str(part_label(name)), getattr(report, name)] for name in REPORT_PARTS]
    )
