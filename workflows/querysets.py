"""Who sees which cases and work items; every page and API call starts here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from staff.choices import DutyLine, RoleCode
from staff.selectors import roles_of
from workflows.choices import ALIVE, ItemState

if TYPE_CHECKING:
    from staff.models import Employee


def pool_of(user: Employee) -> Q:
    """Pool items that the user may take: one clause per role that he holds now."""
    clause = Q(pk__in=[])
    for held in roles_of(user).assignments:
        pool = Q(pool_role_id=held.role_id)
        if held.branch_id is not None:
            pool &= Q(pool_branch_id=None) | Q(pool_branch_id=held.branch_id)
        if held.department_id is not None:
            pool &= Q(pool_department_id=None) | Q(pool_department_id=held.department_id)
        clause |= pool
    return clause & ~Q(barred__contains=[user.pk])


class WorkItemQuerySet(models.QuerySet):
    def open(self) -> WorkItemQuerySet:
        return self.filter(state=ItemState.OPEN)

    def waiting_for(self, user: Employee) -> WorkItemQuerySet:
        """待我审批: mine, and pool items that may be decided without claiming.

        A claimed item whose holder lost the role is not his any more.
        """
        roles = [held.role_id for held in roles_of(user).assignments]
        mine = Q(assignee=user) & (Q(pool_role=None) | Q(pool_role__in=roles))
        free_pool = Q(assignee=None, claim_required=False) & pool_of(user)
        return self.open().filter(mine | free_pool)

    def claimable_by(self, user: Employee) -> WorkItemQuerySet:
        """待签收: pool items that must be claimed before they are decided."""
        return self.open().filter(Q(assignee=None, claim_required=True) & pool_of(user))

    def decided_by_user(self, user: Employee) -> WorkItemQuerySet:
        """我已审批."""
        return self.filter(decided_by=user)


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> CaseQuerySet:
        """Own cases, cases in the scope of a role, and cases one was asked about or sent.

        Committee members see only what was sent to them; administrators of information see the
        way of every live case, so that they can help one that went wrong (``veil``).
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        roles = roles_of(user)
        if roles.sees_all:
            return self
        from workflows.kinds import all_kinds
        from workflows.models import CaseCopy, Stage, WorkItem

        items = WorkItem.objects.filter(case=OuterRef("pk"))
        clause: Any = (
            Q(handler=user)
            | Q(creator=user)
            | Exists(items.filter(Q(assignee=user) | Q(decided_by=user) | Q(on_behalf_of=user)))
            | Exists(items.open().filter(Q(assignee=None) & pool_of(user)))
            | Exists(CaseCopy.objects.filter(case=OuterRef("pk"), recipient=user))
        )
        branches = roles.branch_ids(RoleCode.BRM) | roles.branch_ids(RoleCode.BGM)
        if branches:
            clause |= Q(branch__in=branches)
        departments = roles.department_ids(RoleCode.TL)
        if departments:
            clause |= Q(department__in=departments)
        for kind in all_kinds():
            if (documents := kind.seen_by_matter(user)) is not None:
                clause |= Q(document_kind=kind.code, document_id__in=documents)
        if roles.has(RoleCode.RCS):
            # The secretary records and closes the votes, so he reads what came to one.
            voted_on = Stage.objects.filter(process=OuterRef("pk"), duty_line=DutyLine.COMMITTEE)
            clause |= Exists(voted_on)
        if roles.has(RoleCode.ADM):
            clause |= Q(state__in=ALIVE)
        return self.filter(clause)
