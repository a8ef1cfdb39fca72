"""客户完结: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from applications.models import BusinessApplication
from applications.permissions import may_apply, may_see_list
from customers.models import Customer
from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Label
from funds.choices import LoanStatus
from funds.models import Loan
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import Mark
from lending_crm.common.money import capital_amount, format_amount
from postloan.kinds.completion import KIND_CODE
from postloan.models import CustomerCompletion
from postloan.selectors.completion import ALIVE, completable

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee


def paid_out_businesses(user: Employee) -> QuerySet[BusinessApplication]:
    """Businesses of the user's own customers that a completion may name."""
    paid_out = Loan.objects.exclude(status=LoanStatus.REVERSED).filter(customer__owner=user)
    return BusinessApplication.objects.filter(
        pk__in=paid_out.values("application"), biz_status__in=ALIVE
    )


def own_borrowers(user: Employee) -> QuerySet[Customer]:
    """The user's customers with a business that could be completed."""
    return Customer.objects.visible_to(user).filter(
        owner=user, pk__in=paid_out_businesses(user).values("customer")
    )


def _with_settled_business(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """CMP-01: not those of whose businesses each one still has a running loan."""
    of_business = Loan.objects.filter(application=OuterRef("pk"))
    settled = BusinessApplication.objects.filter(
        Exists(of_business.exclude(status=LoanStatus.REVERSED)),
        ~Exists(of_business.running()),
        biz_status__in=ALIVE,
    )
    return customers.filter(pk__in=settled.values("customer"))


def _describe(customer: Customer) -> Sequence[Label | Mark | None]:
    return (customer.name, customer.customer_no, field_grade(customer, "biz_status"))


class CompletionDesk(Desk):
    """Customer completions: businesses closed for good once everything is settled."""

    kind_code = KIND_CODE
    namespace = "postloan"
    name = "completion"
    path = "customer-completions"
    icon = "clipboard-check"
    section = "completion"
    plural = _("Customer completion")
    order = 10
    columns = (
        Column("customer__name", _("customer")),
        Column("way"),
        Column("settled_on", below="way"),
        Column("disbursed", _("disbursed in total (CNY)")),
    )
    links = ("customer",)
    search = (
        "customer__search_text",
        "archive_no__lower",
        "businesses__application__doc_no__lower",
    )
    origin = Origin(
        field="customer",
        label=_("Customer"),
        candidates=own_borrowers,
        search=("search_text", "customer_no"),
        heads=(
            Head(_("customer")),
            Head(_("customer number")),
            Head(_("customer status")),
        ),
        describe=_describe,
        offered=_with_settled_business,
        empty=_("None of your customers has a settled business that is not completed."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return may_see_list(user)

    def may_create(self, user: Employee) -> bool:
        return may_apply(user)

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        """The businesses of the customer with a loan that are not completed."""
        if about is None:
            return paid_out_businesses(user)
        return completable(about.pk if isinstance(about, Customer) else about.customer_id)

    def figures(self, document: CustomerCompletion) -> list[Figure]:
        owed = document.outstanding
        return [
            Figure(
                _("Disbursed in total"),
                format_amount(document.disbursed),
                capital_amount(document.disbursed) if document.disbursed else "",
            ),
            Figure(_("Outstanding"), format_amount(owed), tone="bad" if owed else "good"),
            Figure(_("Settled on"), document.settled_on.isoformat(), document.get_way_display()),
        ]

    def alerts(self, document: CustomerCompletion) -> list[tuple[str, Label]]:
        if document.wf_status != WfStatus.APPROVED:
            return []
        return [("green", _("The businesses are completed; nothing of them changes any more."))]


COMPLETION_DESK = CompletionDesk()
