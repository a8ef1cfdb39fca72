"""Documents and opportunities that their people have to think of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from applications.choices import BizStatus
from applications.models import BusinessApplication
from applications.querysets import GRANTED
from customers.choices import CustomerStatus, OpportunityStatus
from customers.models import Customer, Opportunity
from customers.rules.opportunities import is_stalled
from customers.selectors.opportunities import opportunity_list, stalled
from documents.choices import WfStatus
from lending_crm.common.arms import FirstKeys
from reports.selectors.approvals import MOST_ROWS
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

#: an approval that ends within so many days is called out
SOON_DAYS = 14
#: roles that act on what has been approved, or answer for it
_AFTER_APPROVAL = (
    RoleCode.TL,
    RoleCode.BRM,
    RoleCode.BGM,
    RoleCode.HRM,
    RoleCode.CEO,
    RoleCode.FIN,
    RoleCode.PLM,
)
#: of each kind of row, one more than is counted
_FEW = MOST_ROWS + 1
_LATEST = (("updated_at", True), ("id", True))


@dataclass(frozen=True)
class Documents:
    """``drafts`` are his own, the latest first; ``approved`` wait for a contract, the one whose
    approval ends first at the top."""

    drafts: list[BusinessApplication]
    approved: list[BusinessApplication]

    def ending(self, today: date) -> list[BusinessApplication]:
        return [row for row in self.approved if days_left(row, today) <= SOON_DAYS]


def days_left(application: BusinessApplication, today: date) -> int:
    """Days until the last day of the approval; 0 is that day itself."""
    until = application.approval_valid_until
    return (until - today).days if until else 0


def documents(user: Employee) -> Documents:
    """One statement; an account manager is told of his own, the others of what they see."""
    own = BusinessApplication.objects.filter(handler=user)
    drafts = own.filter(wf_status=WfStatus.DRAFT)
    signs = roles_of(user).has_any(*_AFTER_APPROVAL)
    seen = BusinessApplication.objects.visible_to(user) if signs else own
    approved = seen.filter(GRANTED, biz_status=BizStatus.APPROVED)
    soonest = FirstKeys(approved, [("approval_valid_until", False), *_LATEST], _FEW, is_alone=True)
    rows = BusinessApplication.objects.filter(
        Q(pk__among=FirstKeys(drafts, _LATEST, _FEW)) | Q(pk__among=soonest)
    )
    found = list(
        rows.select_related("customer", "handler", "branch").order_by(
            "approval_valid_until", "-updated_at", "-id"
        )
    )
    return Documents(
        drafts=[row for row in found if row.wf_status == WfStatus.DRAFT],
        approved=[row for row in found if row.is_granted],
    )


@dataclass(frozen=True)
class Pursuits:
    """``due`` are his own follow-ups of today or earlier; ``stalled`` also those of his people."""

    due: list[Opportunity]
    stalled: list[Opportunity]


def pursuits(user: Employee, *, now: datetime, today: date) -> Pursuits:
    """One statement for both lists; an opportunity that is due and stalled stands in both."""
    mine = Q(customer__owner=user, customer__pooled_at=None, next_follow_on__lte=today)
    order = ("next_follow_on", "last_activity_at", "id")
    rows = opportunity_list(user).filter(mine | stalled(now=now), biz_status=OpportunityStatus.OPEN)
    first = FirstKeys(rows, [(name, False) for name in order], 2 * MOST_ROWS)
    found = list(opportunity_list(user).filter(pk__among=first).order_by(*order))
    quiet = [row for row in found if is_stalled(row, tier=row.customer.tier, now=now)]
    return Pursuits(
        due=[
            row for row in found if row.customer.owner_id == user.pk and row.next_follow_on <= today
        ],
        stalled=sorted(quiet, key=lambda row: row.last_activity_at),
    )


def bad_customers(user: Employee) -> list[Customer]:
    """不良 customers that the user sees, for asset recovery."""
    return list(
        Customer.objects.visible_to(user)
        .filter(biz_status=CustomerStatus.BAD)
        .select_related("owner", "branch")
        .order_by("-updated_at", "-id")[: MOST_ROWS + 1]
    )
