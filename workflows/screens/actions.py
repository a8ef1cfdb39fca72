"""Which acts a reader is offered on a case, in their fixed order, and why one is not open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.access import ActionLabel, is_his, offered
from workflows.bpmn.model import DecideMode, Definition, StageAction, StageSettings
from workflows.choices import APPROVING, WITH_HANDLER, CaseState, ItemKind, ItemState
from workflows.models import Case, WorkItem
from workflows.services.decisions import may_close_vote
from workflows.settlement import turns_at

_LOOKS = {
    StageAction.APPROVE: ("check", "a", "btn-primary"),
    StageAction.APPROVE_WITH_CONDITIONS: ("list-check", "", ""),
    StageAction.RETURN: ("corner-up-left", "r", ""),
    StageAction.REJECT: ("circle-x", "x", "btn-outline-danger"),
    StageAction.ABSTAIN: ("minus", "", ""),
    StageAction.TRANSFER: ("arrows-exchange", "t", ""),
    StageAction.REQUEST_MATERIAL: ("paperclip", "m", ""),
    StageAction.COPY: ("copy", "", ""),
}


@dataclass(frozen=True)
class Offer:
    """One button: ``reason`` says why it cannot be used now."""

    code: str
    label: str
    icon: str
    key: str = ""
    look: str = ""
    reason: str = ""
    is_direct: bool = False
    item_id: int | None = None


@dataclass(frozen=True)
class Offers:
    """The reader's item (if one waits for him), its settings, and his buttons."""

    item: WorkItem | None
    settings: StageSettings | None
    acts: Sequence[Offer]

    def has(self, code: str) -> bool:
        return any(offer.code == code for offer in self.acts)


def offers_for(
    case: Case,
    items: Sequence[WorkItem],
    definition: Definition,
    reader: Employee,
    *,
    is_veiled: bool = False,
) -> Offers:
    """What the reader may do on this case now; the services decide again when he does it.

    With ``is_veiled`` he sees it as an administrator only and has nothing to say in it.
    """
    item = _own_item(case, items, reader)
    settings = None
    acts: list[Offer] = []
    if item is not None and item.kind == ItemKind.DECISION:
        settings = definition.stage(item.stage.node_id).settings
        acts += _decisions(item, settings)
    acts += _around(case, items, definition, reader)
    if not is_veiled:
        if case.state == CaseState.IN_APPROVAL or case.state in WITH_HANDLER:
            acts.append(Offer("copy", _("Copy"), "copy"))
        acts.append(Offer("comment", _("Comment"), "message", "c"))
    return Offers(item, settings, acts)


def _own_item(case: Case, items: Sequence[WorkItem], reader: Employee) -> WorkItem | None:
    if reader.pk in (case.handler_id, case.creator_id):
        return next(
            (
                i for i in items
                if i.state == ItemState.OPEN
                and i.kind == ItemKind.CORRECTION
                and i.assignee_id == reader.pk
            ),
            None,
        )  # fmt: skip
    return next(
        (
            i for i in items
            if i.state == ItemState.OPEN and i.kind == ItemKind.DECISION and is_his(i, reader)
        ),
        None,
    )  # fmt: skip


def _decisions(item: WorkItem, settings: StageSettings) -> list[Offer]:
    must_claim = item.assignee_id is None and item.claim_required
    acts = []
    if must_claim:
        acts.append(Offer("claim", _("Claim"), "hand-grab", "s", "btn-primary", "", True, item.pk))
    reason = _("Claim the work item before you decide on it.") if must_claim else ""
    for action in offered(settings):
        if action == StageAction.COPY:
            continue
        icon, key, look = _LOOKS[action]
        look = "" if must_claim and look == "btn-primary" else look
        label = str(ActionLabel(action.value).label)
        acts.append(Offer(action.value, label, icon, key, look, reason))
    if item.claimed_at is not None:
        acts.append(Offer("release", _("Release"), "hand-stop", is_direct=True, item_id=item.pk))
    return acts


def _around(
    case: Case, items: Sequence[WorkItem], definition: Definition, reader: Employee
) -> list[Offer]:
    """Acts that need no work item: the vote's end, the handler's, the administrator's."""
    acts: list[Offer] = []
    running = case.state == CaseState.IN_APPROVAL
    if running and (vote := _open_vote(items, definition)) and may_close_vote(vote, reader):
        label = _("Close the vote")
        acts.append(Offer("close_vote", label, "gavel", is_direct=True, item_id=vote[0].pk))
    own = _may_take_back(case, items, definition, reader) if running else None
    if own is not None:
        label = _("Take back")
        acts.append(Offer("take_back", label, "arrow-back-up", is_direct=True, item_id=own.pk))
    if reader.pk in (case.handler_id, case.creator_id) and running:
        if reader.pk == case.handler_id:
            acts.append(Offer("withdraw", _("Withdraw"), "arrow-back-up"))
        acts.append(Offer("urge", _("Urge"), "speakerphone", is_direct=True))
    if running and roles_of(reader).has(RoleCode.ADM):
        acts.append(Offer("reassign", _("Reassign"), "user-share"))
    return acts


def _may_take_back(
    case: Case, items: Sequence[WorkItem], definition: Definition, reader: Employee
) -> WorkItem | None:
    """The reader's approval of this round, while no later stage has acted."""
    for item in items:
        if (
            item.decided_by_id == reader.pk
            and item.round == case.round
            and item.decision in APPROVING
        ):
            later = [i for i in items if i.stage_id > item.stage_id]
            acted = any(i.state == ItemState.DECIDED or i.claimed_at for i in later)
            return None if acted or _was_answered_after(item, items, definition) else item
    return None


def _was_answered_after(item: WorkItem, items: Sequence[WorkItem], definition: Definition) -> bool:
    """Whether somebody whose turn came by this answer has answered in the same stage."""
    settings = definition.stage(item.stage.node_id).settings
    turns = turns_at(item.stage, items, settings)
    return any(i.state == ItemState.DECIDED for i in turns.waiting_for(item))


def _open_vote(items: Sequence[WorkItem], definition: Definition) -> list[WorkItem]:
    return [
        i
        for i in items
        if i.stage.is_open
        and i.stage.node_id in definition.elements
        and definition.stage(i.stage.node_id).settings.decide == DecideMode.VOTE
    ]
