"""不良客户交接 → 不良客户管理: list, form and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db.models import BooleanField, Exists, ExpressionWrapper, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import local_day
from applications.permissions import may_apply, may_see_list
from customers.choices import CustomerStatus, RiskClass
from customers.models import Customer
from documents.desk import Column, Desk, Figure, Head, Origin
from documents.desk.declaration import Action, Extra, Label
from funds.choices import BAD_CLASSES, ENDED_STATUSES
from funds.models import Loan
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import Mark
from lending_crm.common.errors import DomainError
from lending_crm.common.money import capital_amount, format_amount
from postloan.choices.bad_customers import Direction, HandoverStatus
from postloan.forms.bad_records import RecordForm
from postloan.kinds.bad_customers import KIND_CODE
from postloan.models import BadCustomerHandover
from postloan.rules.bad_customers import refusals
from postloan.rules.bad_customers.creation import is_co_handler
from postloan.selectors.bad_customers import MOST_DAYS, recovery_records
from postloan.selectors.supervision import red_twice
from postloan.services.bad_records import may_record
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: records on the page; the API has all of them
_SHOWN = 50


def own_debtors(user: Employee) -> QuerySet[Customer]:
    """The user's customers in arrears, classed worse than normal or red twice, with those that
    asset recovery took over from him; for its officer those that owe nothing any more.

    ``days`` is the longest time overdue.
    """
    running = ~Q(loans__status__in=ENDED_STATUSES)
    owes = Loan.objects.filter(customer=OuterRef("pk")).running()
    own = Customer.objects.filter(owner=user, co_handler=None)
    red = red_twice(list(own.values_list("pk", flat=True)))
    in_trouble = (
        Q(days__gt=0)
        | ~Q(risk_class=RiskClass.NORMAL)
        | Q(biz_status=CustomerStatus.BAD)
        | Q(pk__in=red)
    )
    return (
        Customer.objects.visible_to(user)
        .filter(Q(owner=user) | Q(co_handler=user))
        .annotate(
            days=Max("loans__overdue_days", filter=running),
            owes=Exists(owes),
            is_red=ExpressionWrapper(Q(pk__in=red), BooleanField()),
        )
        .filter(
            Q(co_handler=user)
            | Q(co_handler=None, owes=True) & in_trouble
            | Q(co_handler__isnull=False, owes=False)
        )
        .select_related("open_bad_handover")
    )


def _refusal(customer: Any, user: Employee) -> DomainError | None:
    """What the columns of ``own_debtors`` say already; beginning one asks the ledger."""
    if is_co_handler(customer, user):
        return refusals.handed_over()
    if (other := getattr(customer, "open_bad_handover", None)) is not None:
        return refusals.handover_open(other.doc_no)
    is_bad = (customer.days or 0) > MOST_DAYS or customer.risk_class in BAD_CLASSES
    if customer.is_in_recovery or is_bad or customer.is_red:
        return None
    if customer.biz_status == CustomerStatus.BAD:
        return None
    return refusals.not_bad(customer.days or 0, customer.get_risk_class_display())


def _describe(customer: Any) -> Sequence[Label | Mark | None]:
    days = _("%(days)s days overdue") % {"days": customer.days or 0}
    return (customer.name, customer.customer_no, field_grade(customer, "risk_class"), days)


class BadCustomerDesk(Desk):
    """Bad customers: their handover to asset recovery, what it does, and their return."""

    kind_code = KIND_CODE
    namespace = "postloan"
    name = "bad_customer"
    path = "bad-customers"
    icon = "user-exclamation"
    section = "bad_customers"
    section_label = _("Bad-customer handover")
    plural = _("Bad-customer management")
    order = 10
    columns = (
        Column("customer__name", _("customer")),
        Column("balance"),
        Column("overdue_days", below="balance"),
        Column("receiver__name", _("receiver")),
        Column("next_step_on", below="receiver__name"),
    )
    links = ("customer",)
    search = ("customer__search_text", "receiver__name__lower")
    has_biz_status = True
    biz_marks = {
        HandoverStatus.MANAGED: ("red", "user-exclamation"),
        HandoverStatus.RETURNED: ("green", "checks"),
    }
    quiet_biz = frozenset({HandoverStatus.APPLYING})
    origin = Origin(
        field="customer",
        label=_("Customer"),
        candidates=own_debtors,
        search=("search_text", "customer_no"),
        heads=(
            Head(_("customer")),
            Head(_("customer number")),
            Head(_("risk class")),
            Head(_("days overdue")),
        ),
        describe=_describe,
        refusal=_refusal,
        empty=_("None of your customers is in arrears, or recovered and to be given back."),
    )

    def may_see_list(self, user: Employee) -> bool:
        return may_see_list(user)

    def may_create(self, user: Employee) -> bool:
        return may_apply(user) or roles_of(user).has(RoleCode.ARD)

    def choices(self, name: str, user: Employee, *, about: Any = None) -> QuerySet:
        """Receivers by direction; whoever supervises comes from the branch or head office."""
        people = Employee.objects.active().order_by("employee_no")
        customer = about.customer if isinstance(about, BadCustomerHandover) else about
        if name == "witness":
            branch = customer.branch_id if customer else user.branch_id
            return people.filter(Q(branch=branch) | Q(branch__is_head_office=True))
        officers = Q(role_assignments__role__code=RoleCode.ARD)
        managers = Q(role_assignments__role__code=RoleCode.AM)
        if customer is None:
            return people.filter(officers | managers).distinct()
        if _is_return(about):
            return people.filter(managers, department=customer.department_id).distinct()
        return people.filter(officers).distinct()

    def figures(self, document: BadCustomerHandover) -> list[Figure]:
        days = document.overdue_days
        return [
            Figure(
                _("Unpaid principal"),
                format_amount(document.balance),
                capital_amount(document.balance) if document.balance else "",
            ),
            Figure(
                _("Interest, penalty interest and fees"),
                format_amount(document.interest + document.penalty),
            ),
            Figure(_("Days overdue"), str(days), tone="bad" if days else ""),
            Figure(
                _("Risk class"),
                document.get_risk_class_display(),
                grade=field_grade(document, "risk_class"),
            ),
        ]

    def alerts(self, document: BadCustomerHandover) -> list[tuple[str, Label]]:
        found: list[tuple[str, Label]] = []
        if document.is_proposed and document.is_editable:
            found.append(("amber", _("Opened by the system: the customer has become a bad one.")))
        is_managed = document.biz_status == HandoverStatus.MANAGED
        if is_managed and document.next_step_on is not None:
            is_late = document.next_step_on <= local_day(timezone.now())
            text = _("Next step of collection: %(day)s") % {"day": document.next_step_on}
            found.append(("red" if is_late else "azure", text))
        return found

    def actions(self, document: BadCustomerHandover, user: Employee) -> list[Action]:
        if document.biz_status != HandoverStatus.MANAGED or not may_record(document, user):
            return []
        return [Action(_("Add a record"), icon="plus", dialog="record-dialog", is_primary=True)]

    def extras(self, document: BadCustomerHandover, user: Employee) -> list[Extra]:
        if document.is_return or document.biz_status == HandoverStatus.APPLYING:
            return []
        return [self.recovery(document, user)]

    def recovery(
        self, document: BadCustomerHandover, user: Employee, *, form: RecordForm | None = None
    ) -> Extra:
        """What asset recovery did; a bound form opens its dialog again."""
        today = local_day(timezone.now())
        return Extra(
            "postloan/_recovery.html",
            {
                "handover": document,
                "records": list(recovery_records(document)[:_SHOWN]),
                "may_record": bool(self.actions(document, user)),
                "form": form or RecordForm(initial={"done_on": today, "creation_key": uuid4()}),
            },
        )


def _is_return(about: Any) -> bool:
    if isinstance(about, BadCustomerHandover):
        return about.direction == Direction.RETURN
    return bool(about.is_in_recovery)


BAD_CUSTOMER_DESK = BadCustomerDesk()
