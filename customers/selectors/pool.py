"""公海 and the grades of prospects, as each role may see them (X2)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from customers.choices import BLOCKED_STATUSES, CustomerStatus, CustomerType
from customers.models import CreditShare, Customer, GradeChange, PoolSetting
from customers.querysets import visible_customers
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

#: who finds the pool of his branch
_OF_BRANCH = frozenset({RoleCode.AM, RoleCode.TL, RoleCode.BRM, RoleCode.BGM})


def pool_setting() -> PoolSetting:
    """The lender's figures; those of domain.md X2 until somebody changes them."""
    return PoolSetting.objects.filter(pk=1).first() or PoolSetting(pk=1)


def pooled(user: Employee) -> QuerySet[Customer]:
    """The pool of the user's branch, of all branches for head office (N26)."""
    clause = visible_customers(user)
    rows = Customer.objects.filter(pooled_at__isnull=False).exclude(biz_status__in=BLOCKED_STATUSES)
    if clause is not None:
        held = roles_of(user).assignments
        branches = {h.branch_id for h in held if h.code in _OF_BRANCH} - {None}
        if any(h.code in _OF_BRANCH for h in held) and user.branch_id is not None:
            branches.add(user.branch_id)
        rows = rows.filter(clause | Q(branch__in=branches))
    # Never NULL here, which the paging has to know of the column that it walks along.
    return rows.annotate(since=F("pooled_at")).select_related("owner", "branch")


def graded_prospects(user: Employee) -> QuerySet[Customer]:
    """Prospects in sight whose grade runs out, those that run out first at the top."""
    return (
        Customer.objects.visible_to(user)
        .filter(biz_status=CustomerStatus.PROSPECT, pooled_at=None, grade_due__isnull=False)
        .exclude(customer_type=CustomerType.CHANNEL)
        .annotate(due=F("grade_due"))
        .select_related("owner", "branch", "department")
    )


def grade_history(customer: Customer) -> QuerySet[GradeChange]:
    return customer.grade_changes.select_related("owner", "by")


def credit_of(customer: Customer) -> QuerySet[CreditShare]:
    """Who earned the customer's deals, the newest first."""
    return (
        CreditShare.objects.filter(opportunity__customer=customer)
        .select_related("employee", "opportunity")
        .order_by("-at", "id")
    )


def recent_claims(employee: Employee, *, since: date) -> int:
    return employee.pool_claims.filter(claimed_at__date__gt=since).count()


def week_before(day: date) -> date:
    return day - timedelta(days=7)
