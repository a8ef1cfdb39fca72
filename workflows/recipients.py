"""Who may be given a work item, or be asked by somebody who holds one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from staff.choices import DutyLine
from staff.models import Employee
from staff.ranks import Rank, ranks_of
from workflows import asking_errors, errors
from workflows.act import Act
from workflows.assignment import is_fit
from workflows.choices import LIVE
from workflows.conflicts import has_handled, recused
from workflows.models import Stage


def check_is_another(act: Act, person: Employee) -> None:
    """WF-20 for oneself, also where the item lies in a pool and nobody's name is on it yet."""
    if person.pk == act.actor.pk:
        raise errors.bad_recipient(_("Choose somebody else than yourself."))


def check_recipient(act: Act, stage: Stage, recipient: Employee) -> None:
    """WF-14 for the handler; WF-20 for who has left, must abstain, has decided, is asked, or may
    not."""
    refusal = recipient_refusal(act, stage, recipient, ranks_of([recipient.pk])[recipient.pk])
    if refusal is not None:
        raise refusal


def recipient_refusal(
    act: Act, stage: Stage, person: Employee, ranks: set[Rank]
) -> DomainError | None:
    """Why the person, who has these ranks, cannot be given the step; None when he can.

    The one rule behind the guard and behind the pickers, which offer nobody whom it refuses.
    """
    refusal = _barred(act, person)
    settings = act.definition.stage(stage.node_id).settings
    if refusal is None and not is_fit(ranks, settings, act.case):
        return errors.bad_recipient(
            _("This person holds no role of this step's duty line and level in its branch.")
        )
    return refusal


def signer_refusal(act: Act, signer: Employee, ranks: set[Rank]) -> DomainError | None:
    """Why the person cannot be asked to sign as well; None when he can.

    A signer may belong to another duty line than the step, which keeps its own approver; who
    decides on nothing anywhere (account managers, administrators) does not sign either.
    """
    try:
        check_is_another(act, signer)
    except DomainError as refused:
        return asking_errors.bad_person(signer.name, refused)
    refusal = _barred(act, signer)
    if refusal is None and all(rank.line == DutyLine.ADMINISTRATION for rank in ranks):
        refusal = errors.bad_recipient(_("This person holds no role that decides."))
    return asking_errors.bad_person(signer.name, refusal) if refusal is not None else None


def _barred(act: Act, person: Employee) -> DomainError | None:
    case = act.case
    if person.pk in (case.handler_id, case.creator_id) or has_handled(case, person.pk):
        return errors.handler_cannot_receive()
    if person.pk in recused(case):
        return errors.bad_recipient(
            _("This person is a related party of this case and must abstain.")
        )
    if not person.is_active:
        return errors.bad_recipient(_("This person does not work here any more."))
    if person.pk in act.decided_people:
        return errors.bad_recipient(_("This person has decided in this round already."))
    if any(i.assignee_id == person.pk and i.state in LIVE for i in act.items):
        return errors.bad_recipient(_("This person has been asked already."))
    return None
