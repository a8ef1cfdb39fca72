"""合同管理 → 合同手续审核单: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.choices import BizStatus
from applications.models import BusinessApplication
from contracts.kinds import KIND_CODE
from contracts.models import ContractReview
from contracts.rules.creation import may_create_by_hand, unsignable
from documents.desk import Column, Desk, Figure, Head, Origin
from lending_crm.common.errors import DomainError
from lending_crm.common.money import capital_amount, format_amount, format_rate
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: Who works with contracts at all; others come by the cases that they are asked about.
_READERS = (
    RoleCode.AM,
    RoleCode.TL,
    RoleCode.BRM,
    RoleCode.BGM,
    RoleCode.HRM,
    RoleCode.PLM,
    RoleCode.ARD,
    RoleCode.FIN,
    RoleCode.CEO,
)


def signable_applications(user: Employee) -> QuerySet[BusinessApplication]:
    """Approved applications in sight that wait for their contract."""
    return (
        BusinessApplication.objects.visible_to(user)
        .filter(biz_status=BizStatus.APPROVED)
        .select_related("customer", "opportunity")
    )


def _without_review(applications: QuerySet[BusinessApplication]) -> QuerySet[BusinessApplication]:
    """CTR-08: not those whose contract is under review."""
    return applications.filter(valid_review=None)


def _refusal(application: BusinessApplication, user: Employee) -> DomainError | None:
    return unsignable(application, day=local_day(timezone.now()))


def _describe(application: BusinessApplication) -> Sequence[str]:
    approved = application.approved_amount
    return (
        application.doc_no,
        application.customer.name,
        format_amount(approved) if approved is not None else "",
    )


class ReviewDesk(Desk):
    """Contract formality reviews: the papers between an approval and the money."""

    kind_code = KIND_CODE
    namespace = "contracts"
    name = "review"
    path = "contract-reviews"
    icon = "contract"
    section = "contracts"
    section_label = _("Contract management")
    plural = _("Contract formality reviews")
    order = 10
    columns = (
        Column("customer__name", _("customer")),
        Column("contract_no", below="amount"),
        Column("amount"),
        Column("signed_on"),
    )
    links = ("customer", "application")
    search = ("customer__search_text", "contract_no__lower", "application__doc_no__lower")
    origin = Origin(
        field="application",
        label=_("Approved application"),
        candidates=signable_applications,
        search=("doc_no", "subject", "customer__search_text"),
        heads=(
            Head(_("Number")),
            Head(_("customer")),
            Head(_("approved amount (CNY)"), is_number=True),
        ),
        describe=_describe,
        offered=_without_review,
        refusal=_refusal,
        empty=_("No approved application waits for its contract."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return roles_of(user).has_any(*_READERS)

    def may_create(self, user: Employee) -> bool:
        return may_create_by_hand(user)

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        """Verifiers: colleagues of the same branch."""
        return Employee.objects.active().filter(branch=user.branch_id).order_by("employee_no")

    def figures(self, document: ContractReview) -> list[Figure]:
        application = document.application
        approved = application.approved_amount
        return [
            Figure(
                _("Contract amount"),
                format_amount(document.amount) if document.amount is not None else "—",
                capital_amount(document.amount) if document.amount else "",
            ),
            Figure(
                _("Approved amount"),
                format_amount(approved) if approved is not None else "—",
                application.doc_no,
            ),
            Figure(
                _("Annual rate"),
                "—" if document.annual_rate is None else f"{format_rate(document.annual_rate)}%",
            ),
            Figure(_("Due date"), document.due_date.isoformat() if document.due_date else "—"),
        ]


REVIEW_DESK = ReviewDesk()
