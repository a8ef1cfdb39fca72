"""贷后管理 → 贷后监管报告: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from applications.choices import BizStatus
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Label
from lending_crm.common.design.grades import field_grade
from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_amount
from postloan.choices.supervision import EndReason, SupervisionStatus
from postloan.kinds.report import KIND_CODE, next_period
from postloan.models import PostLoanSupervision, SupervisionReport
from postloan.rules.supervision.creation import (
    due_on_of,
    may_see_supervisions,
    may_supervise,
    report_refusal,
    reported_by,
)
from postloan.rules.supervision.schedule import last_day
from staff.calendar import shown_calendar

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee


def supervisions_to_report(user: Employee) -> QuerySet[PostLoanSupervision]:
    """Running supervisions that the user reports on, and those of settled loans whose business is
    not completed."""
    is_settled = Q(end_reason=EndReason.SETTLED) & ~Q(application__biz_status=BizStatus.COMPLETED)
    return (
        reported_by(user, PostLoanSupervision.objects.visible_to(user))
        .filter(Q(biz_status=SupervisionStatus.RUNNING) | is_settled)
        .exclude(wf_status=WfStatus.DRAFT)
        .annotate(reported=Count("reports", filter=Q(reports__claimed_period__isnull=False)))
        .select_related("customer", "loan", "application")
    )


def _refusal(supervision: PostLoanSupervision, user: Employee) -> DomainError | None:
    return report_refusal(supervision, reported=getattr(supervision, "reported", None))


def _describe(supervision: PostLoanSupervision) -> Sequence[str]:
    return (
        supervision.doc_no,
        supervision.customer.name,
        supervision.loan.loan_no,
        format_amount(supervision.principal),
    )


class ReportDesk(Desk):
    """Supervision reports: one look at the borrower every fifteen days."""

    kind_code = KIND_CODE
    namespace = "postloan"
    name = "report"
    path = "supervision-reports"
    icon = "report"
    section = "postloan"
    section_label = _("Post-loan management")
    plural = _("Supervision reports")
    order = 20
    columns = (
        Column("customer__name", _("customer")),
        Column("period", below="due_on"),
        Column("due_on"),
        Column("colour"),
        Column("is_late", _("Reported late"), below="colour"),
    )
    links = ("customer", "supervision", "loan")
    search = (
        "customer__search_text",
        "loan__loan_no__lower",
        "supervision__doc_no__lower",
    )
    origin = Origin(
        field="supervision",
        label=_("Running supervision"),
        candidates=supervisions_to_report,
        search=("doc_no", "loan__loan_no", "customer__search_text"),
        heads=(
            Head(_("Number")),
            Head(_("customer")),
            Head(_("loan number")),
            Head(_("disbursed amount (CNY)"), is_number=True),
        ),
        describe=_describe,
        refusal=_refusal,
        empty=_("Nothing that you supervise runs now."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return may_see_supervisions(user)

    def may_create(self, user: Employee) -> bool:
        return may_supervise(user)

    def origin_facts(self, origin: PostLoanSupervision) -> list[tuple[Label, str]]:
        facts: list[tuple[Label, str]] = [
            (_("Loan"), origin.loan.loan_no),
            (_("Supervisor"), origin.supervisor.name),
        ]
        if origin.base_on is not None:
            period = next_period(origin)
            facts += [
                (pgettext("supervision report", "Number"), str(period)),
                (_("Report due on"), format_day(due_on_of(origin, period))),
            ]
        return facts

    def figures(self, document: SupervisionReport) -> list[Figure]:
        days = document.overdue_days or 0
        return [
            Figure(
                pgettext("supervision report", "Number"),
                str(document.period),
                gettext("due on %(day)s") % {"day": format_day(document.due_on)},
                tone="bad" if document.is_late else "",
            ),
            Figure(
                _("Risk level"),
                document.get_colour_display() if document.colour else "—",
                grade=field_grade(document, "colour"),
            ),
            Figure(_("Unpaid principal"), format_amount(document.unpaid_principal or 0)),
            Figure(_("Days overdue"), str(days), tone="bad" if days else ""),
        ]

    def alerts(self, document: SupervisionReport) -> list[tuple[str, Label]]:
        if document.is_late:
            return [("red", _("Reported late."))]
        if document.reported_on is not None or not document.is_editable:
            return []
        last = last_day(document.due_on, shown_calendar())
        if last == document.due_on:
            return []
        said = gettext("The due date is a rest day; until %(day)s the report is in time.")
        return [("amber", said % {"day": format_day(last)})]


REPORT_DESK = ReportDesk()
