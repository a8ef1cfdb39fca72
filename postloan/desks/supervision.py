"""贷后管理 → 贷后监管: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.models import BusinessApplication
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Extra, Label
from funds.choices import ENDED_STATUSES, TransferStatus
from funds.models import FundTransfer
from lending_crm.common.design.grades import field_grade
from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import capital_amount, format_amount
from postloan.choices.supervision import SupervisionStatus
from postloan.kinds.supervision import KIND_CODE
from postloan.models import PostLoanSupervision
from postloan.rules.supervision.creation import (
    is_head_office,
    may_see_supervisions,
    may_supervise,
    money_refusal,
)
from postloan.selectors.supervision import report_plan
from staff.calendar import load_calendar
from staff.models import Employee

if TYPE_CHECKING:
    from django.db.models import QuerySet


def transfers_to_supervise(user: Employee) -> QuerySet[FundTransfer]:
    """Approved transfers without a supervision whose customers the user answers for."""
    found = FundTransfer.objects.filter(wf_status=WfStatus.APPROVED, live_supervision=None)
    found = found.exclude(biz_status=TransferStatus.REVERSED)
    if not is_head_office(user):
        found = found.filter(customer__owner=user)
    return found.select_related("customer", "application", "loan")


def _of_running_loans(transfers: QuerySet[FundTransfer]) -> QuerySet[FundTransfer]:
    """PLS-06: not those whose loan has ended."""
    return transfers.exclude(loan__status__in=ENDED_STATUSES)


def _refusal(transfer: FundTransfer, user: Employee) -> DomainError | None:
    return money_refusal(transfer)


def _describe(transfer: FundTransfer) -> Sequence[str]:
    return (
        transfer.doc_no,
        transfer.customer.name,
        format_amount(transfer.principal),
        format_day(transfer.executed_on) if transfer.executed_on else "",
    )


class SupervisionDesk(Desk):
    """Post-loan supervision: where the money of a transfer went, and who watches the loan."""

    kind_code = KIND_CODE
    namespace = "postloan"
    name = "supervision"
    path = "supervisions"
    icon = "shield-check"
    section = "postloan"
    section_label = _("Post-loan management")
    plural = _("Post-loan supervisions")
    order = 10
    columns = (
        Column("customer__name", _("customer")),
        Column("loan__loan_no", below="principal"),
        Column("principal"),
        Column("colour"),
    )
    links = ("customer", "application", "transfer", "loan")
    search = (
        "customer__search_text",
        "loan__loan_no__lower",
        "application__doc_no__lower",
        "transfer__doc_no__lower",
    )
    has_biz_status = True
    biz_marks = {
        SupervisionStatus.RUNNING: ("blue", "eye"),
        SupervisionStatus.ENDED: ("grey", "checks"),
    }
    origin = Origin(
        field="transfer",
        label=_("Executed fund transfer"),
        candidates=transfers_to_supervise,
        search=("doc_no", "application__doc_no", "customer__search_text"),
        heads=(
            Head(_("Number")),
            Head(_("customer")),
            Head(_("disbursed amount (CNY)"), is_number=True),
            Head(_("transferred on")),
        ),
        describe=_describe,
        offered=_of_running_loans,
        refusal=_refusal,
        empty=_("No transfer of your customers waits for its supervision."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return may_see_supervisions(user)

    def may_create(self, user: Employee) -> bool:
        return may_supervise(user)

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        """Applications of the customer; supervisors: the people of the branch and the user."""
        if name == "application":
            mine = BusinessApplication.objects.visible_to(user)
            return mine if about is None else mine.filter(customer=about.customer_id)
        people = Employee.objects.active().order_by("employee_no")
        branches = {user.branch_id, about.branch_id if about is not None else None}
        return people.filter(branch__in=branches - {None})

    def figures(self, document: PostLoanSupervision) -> list[Figure]:
        found = [
            Figure(
                _("Disbursed amount"),
                format_amount(document.principal),
                capital_amount(document.principal),
            ),
            Figure(_("Due date"), format_day(document.due_date), document.loan.loan_no),
            Figure(
                _("Risk level"),
                document.get_colour_display() if document.colour else "—",
                grade=field_grade(document, "colour"),
            ),
        ]
        if document.base_on is None:
            found.append(Figure(_("To be submitted by"), format_day(document.submit_by)))
        else:
            note = gettext("a report every %(days)s days") % {"days": document.interval_days}
            found.append(Figure(_("Supervision began on"), format_day(document.base_on), note))
        return found

    def alerts(self, document: PostLoanSupervision) -> list[tuple[str, Label]]:
        if document.ended_on is not None:
            said = gettext("Ended on %(day)s: %(why)s.") % {
                "day": format_day(document.ended_on),
                "why": document.get_end_reason_display(),
            }
            return [("blue", said)]
        return _lateness(document, local_day(timezone.now()))

    def extras(self, document: PostLoanSupervision, user: Employee) -> list[Extra]:
        """应报日期: every report, the next ones included."""
        if document.base_on is None:
            return []
        today = local_day(timezone.now())
        plan = report_plan(document, today=today, calendar=load_calendar())
        return [Extra("postloan/_report_plan.html", {"plan": plan, "today": today})]


def _lateness(document: PostLoanSupervision, today: date) -> list[tuple[str, Label]]:
    if document.base_on is not None or today <= document.submit_by - timedelta(days=1):
        return []
    if today > document.submit_by:
        return [("red", _("The supervision is late: submit it now."))]
    return [("amber", _("The supervision is to be submitted today."))]


SUPERVISION_DESK = SupervisionDesk()
