"""业务管理 → 业务展期/逾期申请单: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.choices import BizStatus
from applications.permissions import may_apply, may_see_list
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Label
from funds.models import LedgerSetting, Loan
from lending_crm.common.errors import DomainError
from lending_crm.common.money import capital_amount, format_amount
from postloan.kinds.extension import KIND_CODE
from postloan.models import ExtensionRequest, OverdueMeasure
from postloan.rules.extension import refusals
from postloan.rules.extension.creation import nothing_to_ask, standing_refusal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee


def own_loans(user: Employee) -> QuerySet[Loan]:
    """Running loans of the customers whose account manager the user is."""
    limit = LedgerSetting.objects.filter(pk=1).values("extension_limit")
    return (
        Loan.objects.visible_to(user)
        .running()
        .filter(customer__owner=user)
        .annotate(extension_limit=Subquery(limit))
        .select_related("customer", "application", "open_extension")
    )


def _of_running_businesses(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """EXT-01: not those of a completed business."""
    return loans.exclude(application__biz_status=BizStatus.COMPLETED)


def refusal(loan: Loan, user: Employee) -> DomainError | None:
    day = local_day(timezone.now())
    if reason := standing_refusal(loan, day=day):
        return reason
    if other := getattr(loan, "open_extension", None):
        return refusals.request_open(loan.loan_no, other.doc_no)
    limit: int = loan.extension_limit  # type: ignore[attr-defined]
    is_late = loan.overdue_days > 0 or day > loan.due_date
    return nothing_to_ask(loan, day=day, limit=limit, is_late=is_late)


def _describe(loan: Loan) -> Sequence[str]:
    return (
        loan.loan_no,
        loan.customer.name,
        format_amount(loan.unpaid_principal),
        loan.due_date.isoformat(),
    )


class ExtensionDesk(Desk):
    """Requests for more time on a loan, and for the handling of one past due."""

    kind_code = KIND_CODE
    namespace = "postloan"
    name = "extension"
    path = "extension-requests"
    icon = "calendar"
    section = "business"
    section_label = _("Business management")
    plural = _("Extension and overdue requests")
    order = 25
    columns = (
        Column("customer__name", _("customer")),
        Column("ext_type"),
        Column("loan__loan_no", below="amount"),
        Column("amount"),
        Column("new_due"),
    )
    links = ("customer", "loan")
    search = ("customer__search_text", "loan__loan_no__lower")
    origin = Origin(
        field="loan",
        label=_("Loan"),
        candidates=own_loans,
        search=("loan_no", "application__doc_no", "customer__search_text"),
        heads=(
            Head(_("loan number")),
            Head(_("customer")),
            Head(_("unpaid principal (CNY)"), is_number=True),
            Head(_("due date")),
        ),
        describe=_describe,
        offered=_of_running_businesses,
        refusal=refusal,
        empty=_("None of your customers has a running loan."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return may_see_list(user)

    def may_create(self, user: Employee) -> bool:
        return may_apply(user)

    def figures(self, document: ExtensionRequest) -> list[Figure]:
        unpaid, due = document.unpaid_principal, document.new_due
        found = [
            Figure(
                _("Requested amount"),
                format_amount(document.amount),
                capital_amount(document.amount),
            ),
            Figure(_("Unpaid principal"), "—" if unpaid is None else format_amount(unpaid)),
        ]
        if document.is_extension:
            found.append(Figure(_("New due date"), due.isoformat() if due else "—"))
        else:
            days = document.overdue_days or 0
            found.append(Figure(_("Days overdue"), str(days), tone="bad" if days else ""))
        return found

    def alerts(self, document: ExtensionRequest) -> list[tuple[str, Label]]:
        is_due = OverdueMeasure.objects.filter(request=document, needs_handover=True).exists()
        if not is_due:
            return []
        return [("red", _("More than 90 days overdue: hand the customer over as a bad one."))]


EXTENSION_DESK = ExtensionDesk()
