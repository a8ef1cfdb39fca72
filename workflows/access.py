"""Who may act on a work item, and which acts a stage offers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lending_crm.common.errors import DomainError
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import asking_errors, errors
from workflows.act import Act
from workflows.basis import Basis, basis_of, holds_role
from workflows.bpmn.model import DecideMode, Definition, StageAction, StageSettings
from workflows.choices import ASKED, LIVE, CaseState, EventKind, ItemKind, ItemState
from workflows.conflicts import has_handled
from workflows.models import Case, Stage, WorkItem


class ActionLabel(models.TextChoices):
    """What the acts are called on buttons, in history and in refusals."""

    APPROVE = "approve", _("Approve")
    APPROVE_WITH_CONDITIONS = "approve_with_conditions", _("Approve with conditions")
    RETURN = "return", _("Return")
    REJECT = "reject", _("Reject")
    ABSTAIN = "abstain", _("Abstain")
    TRANSFER = "transfer", _("Transfer")
    ADD_SIGNERS = "add_signers", _("Add signers")
    REMOVE_SIGNERS = "remove_signers", _("Remove signers")
    DELEGATE = "delegate", pgettext_lazy("act", "Delegate")
    ANSWER = "answer", _("Answer")
    REQUEST_MATERIAL = "request_material", _("Request material")
    COPY = "copy", _("Copy")
    CLOSE_VOTE = "close_vote", _("Close the vote")


#: what each decision leaves in the history
RECORDED = {
    StageAction.APPROVE: (EventKind.APPROVED,),
    StageAction.APPROVE_WITH_CONDITIONS: (EventKind.APPROVED_WITH_CONDITIONS,),
    StageAction.REJECT: (EventKind.REJECTED,),
    StageAction.ABSTAIN: (EventKind.ABSTAINED,),
    StageAction.RETURN: (EventKind.RETURNED, EventKind.INVESTIGATION_ASKED),
}


def holds_pool(item: WorkItem, actor: Employee) -> bool:
    """Whether the actor holds the item's pool role now and is not barred from it."""
    return actor.pk not in item.barred and is_of_pool(item, actor)


def is_of_pool(item: WorkItem, actor: Employee) -> bool:
    """Whether the actor holds the item's pool role now, barred or not."""
    return item.pool_role_id is not None and any(
        held.role_id == item.pool_role_id
        and (held.branch_id is None or item.pool_branch_id in (None, held.branch_id))
        and (held.department_id is None or item.pool_department_id in (None, held.department_id))
        for held in roles_of(actor).assignments
    )


def is_his(item: WorkItem, actor: Employee) -> bool:
    """Assigned to the actor (and, from a pool, he still holds the role), or his pool's."""
    if item.assignee_id == actor.pk:
        return item.pool_role_id is None or holds_pool(item, actor)
    return item.assignee_id is None and holds_pool(item, actor)


def holds_step(act: Act, stage: Stage) -> bool:
    """Whether the actor holds an item of the stage by name, also one that waits for others."""
    mine = (item for item in act.items_of(stage) if item.assignee_id == act.actor.pk)
    return any(item.state in LIVE for item in mine)


def check_may_decide(act: Act, item: WorkItem, *, may_wait: bool = False) -> None:
    """Every guard on the person and the item, in the order in which users understand them.

    Raises WF-01 for the creator and whoever handles it or has submitted it, WF-17 for related
    people, WF-02 for a second decision in the round, also where a delegate decides for somebody
    who has decided, WF-05 when the case has ended, WF-03 for everybody whose item it is not or who
    has lost the role that gave it to him, WF-12 when the stage has moved on, WF-61 when his
    delegation is over, WF-24 for a pool item that must be claimed first, WF-70 while others are
    asked first (unless ``may_wait``), WF-71 for who is asked to answer only.
    """
    actor, case = act.actor, act.case
    check_independent(case, actor)
    if item.kind == ItemKind.ADVICE and item.assignee_id == actor.pk:
        raise asking_errors.answer_only()
    if item.kind != ItemKind.DECISION:
        raise errors.not_assigned()
    voices = {actor.pk, item.on_behalf_of_id}
    if case.state == CaseState.IN_APPROVAL and not act.decided_people.isdisjoint(voices):
        raise errors.decided_already()
    if case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(case.state)
    if item.state == ItemState.WAITING and is_his(item, actor):
        if not may_wait:
            raise asking_errors.not_your_turn()
    elif item.state != ItemState.OPEN:
        asked = item.assignee_id == actor.pk or holds_pool(item, actor)
        raise errors.stale() if asked else errors.not_assigned()
    if not is_his(item, actor):
        raise errors.not_assigned()
    if basis_of(item, actor) == Basis.ROLE and not holds_role(item, actor, case):
        raise errors.not_assigned()
    if item.delegation is not None and not item.delegation.is_in_force(act.now):
        raise errors.delegation_over(item.on_behalf_name)
    if item.assignee_id is None and item.claim_required:
        raise errors.must_claim()


def check_independent(case: Case, actor: Employee) -> None:
    """WF-01 for who made, handles or has submitted the document, WF-17 for who must abstain."""
    if actor.pk in (case.handler_id, case.creator_id) or has_handled(case, actor.pk):
        raise errors.own_document()
    if str(actor.pk) in case.recusals:
        raise errors.related_party()


def is_independent(case: Case, actor: Employee) -> bool:
    try:
        check_independent(case, actor)
    except DomainError:
        return False
    return True


def check_administers(case: Case, actor: Employee) -> None:
    """WF-31 for anybody but an information administrator, WF-43 on a document of his own."""
    if not roles_of(actor).has(RoleCode.ADM):
        raise errors.administrators_only()
    if actor.pk in (case.handler_id, case.creator_id):
        raise errors.own_case()


def offered(settings: StageSettings) -> list[StageAction]:
    """The acts of a stage in their fixed order.

    A vote has no return, and its seats can neither be given away nor added to; only in a vote
    can one abstain.
    """
    order = [
        StageAction.APPROVE,
        StageAction.APPROVE_WITH_CONDITIONS,
        StageAction.RETURN,
        StageAction.REJECT,
        StageAction.ABSTAIN,
        StageAction.TRANSFER,
        StageAction.ADD_SIGNERS,
        StageAction.DELEGATE,
        StageAction.REQUEST_MATERIAL,
        StageAction.COPY,
    ]
    if settings.decide == DecideMode.VOTE:
        left_out = {
            StageAction.RETURN,
            StageAction.TRANSFER,
            StageAction.ADD_SIGNERS,
            StageAction.DELEGATE,
        }
    else:
        left_out = {StageAction.ABSTAIN}
    return [action for action in order if action in settings.actions - left_out]


def may_copy(
    case: Case, items: Iterable[WorkItem], definition: Definition, actor: Employee
) -> bool:
    """抄送 is an act of a step like the others, and always the handler's.

    Whoever is asked or has answered at an open step goes by that step's settings, everybody else
    by those of any step where the case stands. A case that is not in approval stands at none.
    """
    if case.state != CaseState.IN_APPROVAL or actor.pk in (case.handler_id, case.creator_id):
        return True
    own = {
        item.stage.node_id
        for item in items
        if item.stage.is_open
        and (item.decided_by_id == actor.pk or (item.state in ASKED and is_his(item, actor)))
    }
    here = own or {element_id for element_id, flow_id in case.tokens if not flow_id}
    return any(StageAction.COPY in definition.stage(node).settings.actions for node in here)


def check_offered(settings: StageSettings, action: StageAction) -> None:
    """Raise WF-18 when an administrator has not allowed the act at the stage."""
    if action not in offered(settings):
        raise errors.not_allowed_here(ActionLabel(action.value).label)
