"""The first page of the day: for each role what it has to do, most urgent first.

Which parts a person gets follows from the roles he holds now; somebody with two roles gets
the parts of both. Each part costs one statement, whatever it shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from applications.models import BusinessApplication
from applications.permissions import may_apply, may_see_list
from customers.models import Customer
from postloan.selectors.supervision_duties import Duty, duties_for_workbench
from reports.selectors import approvals, business
from reports.selectors.approvals import OpenCase, Standing
from reports.selectors.committee import Committee, committee
from reports.selectors.operations import Operations, operations
from staff.calendar import shown_calendar
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.choices import CaseState
from workflows.models import CaseCopy, WorkItem

#: roles that decide on cases, so that an empty list is news to them
_DECIDE = (
    RoleCode.TL,
    RoleCode.BRM,
    RoleCode.BGM,
    RoleCode.HRM,
    RoleCode.RC,
    RoleCode.RCC,
    RoleCode.CEO,
)
_NO_DOCUMENTS = business.Documents(drafts=[], approved=[])
_NO_PURSUITS = business.Pursuits(due=[], stalled=[])


@dataclass(frozen=True)
class Workbench:
    """Everything on the page. ``None`` is a part that the person's roles do not have; an
    empty list is a part with nothing in it."""

    today: date
    now: datetime
    has_roles: bool
    may_apply: bool
    decides: bool
    to_decide: list[WorkItem]
    to_claim: list[WorkItem]
    copies: list[CaseCopy]
    own: list[OpenCase]
    late: list[OpenCase]
    blocked: list[OpenCase]
    standings: list[Standing] | None
    documents: business.Documents
    awaits_signature: bool
    pursuits: business.Pursuits
    bad_customers: list[Customer] | None
    operations: Operations | None
    duties: list[Duty] | None
    committee: Committee | None
    reads_copies: bool

    @property
    def returned(self) -> list[OpenCase]:
        """Returned to him; what he withdrew himself is no news."""
        return [one for one in self.own if one.case.state == CaseState.RETURNED]

    @property
    def withdrawn(self) -> list[OpenCase]:
        return [one for one in self.own if one.case.state == CaseState.WITHDRAWN]

    @property
    def running(self) -> list[OpenCase]:
        return [one for one in self.own if not one.is_with_handler]

    def overdue(self, items: Iterable[WorkItem]) -> int:
        return sum(1 for item in items if item.due_at is not None and item.due_at < self.now)

    @property
    def late_duties(self) -> list[Duty]:
        return [duty for duty in self.duties or () if duty.is_late(self.today)]

    @property
    def ending(self) -> list[BusinessApplication]:
        return self.documents.ending(self.today)

    @property
    def unsubmitted(self) -> int:
        return len(self.documents.drafts) + len(self.withdrawn)

    @property
    def running_in_area(self) -> int:
        return sum(row.running for row in self.standings or ())

    @property
    def signs_first(self) -> bool:
        """Nothing else stands on the left: what was approved is his first business."""
        return not self.decides and not self.may_apply and self.bad_customers is None


def load_workbench(user: Employee, *, now: datetime) -> Workbench:
    """At most ten statements for any one role, the session and the person included."""
    today = timezone.localdate(now)
    roles = roles_of(user)
    items = approvals.waiting_items(user)
    cases = approvals.open_cases(user, now=now)
    sees_business = may_see_list(user)
    follows = roles.has_any(RoleCode.AM, RoleCode.TL)
    return Workbench(
        today=today,
        now=now,
        has_roles=bool(roles.assignments),
        may_apply=may_apply(user),
        decides=roles.has_any(*_DECIDE),
        to_decide=[item for item in items if not _must_claim(item)],
        to_claim=[item for item in items if _must_claim(item)],
        copies=approvals.unread_copies(user),
        own=cases.own,
        # What waits for himself stands at the top already.
        late=[one for one in cases.late if one.case.pk not in {item.case_id for item in items}],
        blocked=cases.blocked,
        standings=_standings(user, now=now),
        documents=business.documents(user) if sees_business else _NO_DOCUMENTS,
        awaits_signature=sees_business and not roles.codes <= {RoleCode.ARD},
        pursuits=business.pursuits(user, now=now, today=today) if follows else _NO_PURSUITS,
        bad_customers=business.bad_customers(user) if roles.has(RoleCode.ARD) else None,
        operations=operations(now=now, today=today) if roles.has(RoleCode.ADM) else None,
        duties=duties_for_workbench(user, today=today, most=approvals.MOST_ROWS + 1),
        committee=committee(user),
        reads_copies=roles.has_any(RoleCode.RCS, RoleCode.PLM),
    )


def _must_claim(item: WorkItem) -> bool:
    return item.assignee_id is None and item.claim_required


def _standings(user: Employee, *, now: datetime) -> list[Standing] | None:
    rows = approvals.standings(user, now=now)
    if not rows:
        return rows
    return approvals.measured(rows, calendar=shown_calendar(), now=now)
