"""Who sees which cases and work items; every page and API call starts here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from lending_crm.common.arms import Arms
from lending_crm.common.keys import Keys
from staff.choices import DutyLine, RoleCode
from staff.selectors import roles_of
from workflows.choices import ALIVE, ItemState

if TYPE_CHECKING:
    from staff.models import Employee


def pools_of(user: Employee) -> list[Q]:
    """Pool items that the user may take: one condition per role that he holds now."""
    found = []
    for held in roles_of(user).assignments:
        pool = Q(pool_role_id=held.role_id)
        if held.branch_id is not None:
            pool &= Q(pool_branch_id=None) | Q(pool_branch_id=held.branch_id)
        if held.department_id is not None:
            pool &= Q(pool_department_id=None) | Q(pool_department_id=held.department_id)
        found.append(pool & ~Q(barred__contains=[user.pk]))
    return found


def pool_of(user: Employee) -> Q:
    """The same by one condition."""
    return reduce(or_, pools_of(user), Q(pk__in=[]))


def areas_of(user: Employee) -> list[tuple[str, int]]:
    """Column and key of each branch and department of which a role shows him everything."""
    roles = roles_of(user)
    branches = roles.branch_ids(RoleCode.BRM) | roles.branch_ids(RoleCode.BGM)
    departments = roles.department_ids(RoleCode.TL)
    areas = [("branch", key) for key in sorted(branches)]
    return areas + [("department", key) for key in sorted(departments)]


def one_of(scopes: Sequence[tuple[str, int]]) -> Q:
    return reduce(or_, (Q(**{name: key}) for name, key in scopes))


def asked_about(user: Employee) -> models.QuerySet:
    """The cases that came to him: as his item or that of who stood in for him, in a pool of his,
    as a copy, and to the committee whose secretary he is: he records and closes its votes."""
    from workflows.models import CaseCopy, Stage, WorkItem

    items = WorkItem.objects.order_by()
    ways = [
        items.filter(decided_by=user).values("case"),
        items.filter(on_behalf_of=user).values("case"),
        items.open().filter(assignee=None).filter(pool_of(user)).values("case"),
        CaseCopy.objects.filter(recipient=user).order_by().values("case"),
    ]
    if roles_of(user).has(RoleCode.RCS):
        voted_on = Stage.objects.filter(duty_line=DutyLine.COMMITTEE).order_by()
        ways.append(voted_on.values("process"))
    return items.filter(assignee=user).values("case").union(*ways)


class WorkItemQuerySet(models.QuerySet):
    def open(self) -> WorkItemQuerySet:
        return self.filter(state=ItemState.OPEN)

    def waiting_for(self, user: Employee) -> WorkItemQuerySet:
        """待我审批: mine, and pool items that may be decided without claiming.

        A claimed item whose holder lost the role is not his any more.
        """
        free_pool = Q(assignee=None, claim_required=False) & pool_of(user)
        return self.open().filter(_mine(user) | free_pool)

    def claimable_by(self, user: Employee) -> WorkItemQuerySet:
        """待签收: pool items that must be claimed before they are decided."""
        return self.open().filter(Q(assignee=None, claim_required=True) & pool_of(user))

    def asked_of(self, user: Employee) -> WorkItemQuerySet:
        """Both: his own, and those of the pools of each of his roles."""
        ways = [_mine(user), *(Q(assignee=None) & pool for pool in pools_of(user))]
        return self.open().filter(Arms(self.model, lambda _prefix: ways).clause())

    def decided_by_user(self, user: Employee) -> WorkItemQuerySet:
        """我已审批."""
        return self.filter(decided_by=user)


def _mine(user: Employee) -> Q:
    """His items; one that he has claimed, while he holds the role of its pool."""
    roles = [held.role_id for held in roles_of(user).assignments]
    return Q(assignee=user) & (Q(pool_role=None) | Q(pool_role__in=roles))


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> CaseQuerySet:
        """Own cases, cases in the scope of a role, and cases one was asked about or sent.

        Committee members see only what was sent to them; administrators of information see the
        way of every live case, so that they can help one that went wrong (``veil``).
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if roles_of(user).sees_all:
            return self
        return self.filter(Arms(self.model, lambda _prefix: _ways_of(user)).clause())


def _ways_of(user: Employee) -> list[Q]:
    """All but the last have an index by date, or are few; the last is what came to him, and what
    a kind tells of its documents."""
    from workflows.kinds import all_kinds
    from workflows.models import Case

    areas = areas_of(user)
    ways = [Q(handler=user), Q(creator=user), *(Q(**{name: key}) for name, key in areas)]
    if roles_of(user).has(RoleCode.ADM):
        ways.append(Q(state__in=ALIVE))
    if roles_of(user).has(RoleCode.ARD):
        ways.append(Q(about_bad_customer=True))
    asked = asked_about(user)
    if areas:
        # He is asked about nearly all of his area: these go before a case is looked at.
        asked = asked.difference(Case.objects.order_by().filter(one_of(areas)).values("pk"))
    told = [Q(pk__among=Keys(asked))]
    told += [
        Q(document_kind=kind.code, document_id__among=Keys(rows))
        for kind in all_kinds()
        if (rows := kind.seen_by_matter(user)) is not None
    ]
    # Together: a row of one list of keys is not looked for in the other, key by key.
    return [*ways, reduce(or_, told)]
