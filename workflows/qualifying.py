"""Whether somebody still may hold what he holds: who loses a role loses what it gave him."""

from __future__ import annotations

from staff.choices import DutyLine
from staff.models import Employee
from staff.ranks import ranks_of
from workflows.access import holds_pool, is_his
from workflows.assignment import may_stand_in
from workflows.basis import Basis, basis_of, holds_role
from workflows.bpmn.model import AssigneeKind
from workflows.choosing import candidates, rule_of
from workflows.definitions import definition_of
from workflows.models import Case, WorkItem


def still_qualifies(item: WorkItem, holder: Employee, case: Case) -> bool:
    """Whether what brought the item to the holder still holds; nobody who has left qualifies."""
    if not holder.is_active:
        return False
    basis = basis_of(item, holder)
    if basis == Basis.POOL:
        return item.claimed_at is None or holds_pool(item, holder)
    if basis == Basis.PERSON:
        return True
    if basis == Basis.ROLE:
        return holds_role(item, holder, case)
    if basis == Basis.ASKED:
        ranks = ranks_of([holder.pk])[holder.pk]
        return any(rank.line != DutyLine.ADMINISTRATION for rank in ranks)
    stage = definition_of(case.flow_version_id).stage(item.stage.node_id)
    if basis == Basis.GIVEN:
        return may_stand_in(holder, stage.settings, case)
    choosing = rule_of(stage, AssigneeKind(item.reason["rule"]))
    return choosing is None or holder in candidates(stage, choosing, case)


def may_decide_again(item: WorkItem, decider: Employee, case: Case) -> bool:
    """Whether who decided on the item could decide on it anew: it is his still."""
    must_abstain = str(decider.pk) in case.recusals
    return not must_abstain and is_his(item, decider) and still_qualifies(item, decider, case)
