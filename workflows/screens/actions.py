"""Which acts a reader is offered on a case, in their fixed order, and why one is not open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import errors, facts
from workflows.access import ActionLabel, is_his, is_independent, may_copy, offered
from workflows.bpmn.model import DecideMode, Definition, StageAction, StageSettings
from workflows.choices import (
    ALIVE,
    LIVE,
    CaseState,
    Decision,
    EventKind,
    ItemKind,
    ItemState,
)
from workflows.conduct import obstacle
from workflows.kinds import kind_for
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.qualifying import may_decide_again
from workflows.screens.reasons import holder_words
from workflows.services.decisions import holds_vote
from workflows.settlement import turns_at
from workflows.undoing import is_acted_on, is_untouched, taken_up, tokens_without

_LOOKS = {
    StageAction.APPROVE: ("check", "a", "btn-primary"),
    StageAction.APPROVE_WITH_CONDITIONS: ("list-check", "", ""),
    StageAction.RETURN: ("corner-up-left", "r", ""),
    StageAction.REJECT: ("circle-x", "x", "btn-outline-danger"),
    StageAction.ABSTAIN: ("minus", "", ""),
    StageAction.TRANSFER: ("arrows-exchange", "t", ""),
    StageAction.ADD_SIGNERS: ("user-plus", "g", ""),
    StageAction.DELEGATE: ("user-share", "", ""),
    StageAction.REQUEST_MATERIAL: ("paperclip", "m", ""),
    StageAction.COPY: ("copy", "", ""),
}


#: the acts that a vote refuses before its session (``conduct.obstacle``)
_BALLOTS = frozenset(
    action.value
    for action in (
        StageAction.APPROVE,
        StageAction.APPROVE_WITH_CONDITIONS,
        StageAction.RETURN,
        StageAction.REJECT,
        StageAction.ABSTAIN,
    )
)


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
    """The reader's item (if one waits for him), its settings, and his buttons.

    ``asked`` are those whom he asked to answer first or as well, and who have not yet.
    """

    item: WorkItem | None
    settings: StageSettings | None
    acts: Sequence[Offer]
    asked: Sequence[WorkItem] = ()

    def has(self, code: str) -> bool:
        return any(offer.code == code for offer in self.acts)


def offers_for(
    case: Case,
    items: Sequence[WorkItem],
    definition: Definition,
    events: Callable[[], Sequence[HistoryEvent]],
    reader: Employee,
    *,
    is_veiled: bool = False,
) -> Offers:
    """What the reader may do on this case now; the services decide again when he does it.

    ``events`` gives the history to who has approved and may take it back. With ``is_veiled``
    he sees it as an administrator only and has nothing to say in it.
    """
    item = _own_item(case, items, reader)
    settings = None
    acts: list[Offer] = []
    if item is not None and item.kind != ItemKind.CORRECTION:
        settings = definition.stage(item.stage.node_id).settings
        if item.kind == ItemKind.ADVICE:
            acts.append(Offer("answer", _("Answer"), "message", "a", "btn-primary"))
        else:
            waits = _first(item, items, settings)
            decisions = _decisions(item, settings, waits, asks=bool(_asked_by(item, items)))
            if settings.decide == DecideMode.VOTE and (against := obstacle(case, item.stage)):
                decisions = [_unopened(offer, against.message) for offer in decisions]
            acts += [_elsewhere(offer, case) for offer in decisions] if not item.link else decisions
            if settings.editable_fields and is_decidable(item):
                acts.append(Offer("correct", _("Correct the document"), "pencil"))
    owner = item or _answered_item(case, items, reader)
    asked = _asked_by(owner, items) if owner else []
    if item is None and owner is not None and asked:
        acts.append(_removal(owner))
    acts += _around(case, items, definition, events, reader)
    if not is_veiled:
        if case.state in ALIVE and may_copy(case, items, definition, reader):
            acts.append(Offer("copy", _("Copy"), "copy"))
        acts.append(Offer("comment", _("Comment"), "message", "c"))
    if case.suspended_at is not None:
        acts = [_suspended(offer) for offer in acts]
    return Offers(item, settings, acts, asked)


def _answered_item(case: Case, items: Sequence[WorkItem], reader: Employee) -> WorkItem | None:
    """The reader's answer at a stage that still asks others."""
    if case.state != CaseState.IN_APPROVAL:
        return None
    own = (i for i in items if i.decided_by_id == reader.pk and i.stage.is_open)
    return next(own, None)


def _asked_by(owner: WorkItem, items: Sequence[WorkItem]) -> list[WorkItem]:
    """The signers and delegates who have still to answer to the item's holder."""
    return [
        i
        for i in items
        if i.state in LIVE and i.stage_id == owner.stage_id and i.parent_seat == owner.seat
    ]


def _first(item: WorkItem, items: Sequence[WorkItem], settings: StageSettings) -> str:
    """Whom an item that waits is waiting for, as the reason on its buttons."""
    if item.state == ItemState.OPEN:
        return ""
    blockers = turns_at(item.stage, items, settings).blockers(item)
    names = [holder_words(i) for i in blockers]
    return _("%(names)s answer first.") % {"names": pgettext("between names", ", ").join(names)}


def _removal(owner: WorkItem) -> Offer:
    label = str(ActionLabel.REMOVE_SIGNERS.label)
    return Offer("remove_signers", label, "user-minus", item_id=owner.pk)


def _elsewhere(offer: Offer, case: Case) -> Offer:
    """What only the document's own page does is shown here with the reason."""
    words = kind_for(case.document_kind).own_decisions.get(offer.code)
    return replace(offer, reason=str(words), look="") if words and not offer.reason else offer


def _unopened(offer: Offer, reason: str) -> Offer:
    """A ballot of a vote that has not been opened; asking for papers and the like may go on."""
    if offer.code not in _BALLOTS or offer.reason:
        return offer
    return replace(offer, reason=reason, look="")


def _suspended(offer: Offer) -> Offer:
    """Around a suspended case people may talk, nothing else."""
    if offer.code in ("copy", "comment"):
        return offer
    return replace(offer, reason=errors.suspended().message)


def interventions_for(case: Case, reader: Employee) -> list[Offer]:
    """What an information administrator may do to a live case that is not his own."""
    if case.state not in ALIVE or not roles_of(reader).has(RoleCode.ADM):
        return []
    if reader.pk in (case.handler_id, case.creator_id):
        return []
    acts = []
    if case.suspended_at is not None:
        acts.append(Offer("resume", _("Resume"), "player-play"))
    elif case.state == CaseState.IN_APPROVAL:
        acts.append(Offer("reassign", _("Reassign"), "user-share"))
        acts.append(Offer("jump", _("Move to another step"), "route"))
        acts.append(Offer("suspend", _("Suspend"), "player-pause"))
    acts.append(Offer("terminate", _("Terminate"), "ban"))
    return acts


def _own_item(case: Case, items: Sequence[WorkItem], reader: Employee) -> WorkItem | None:
    if reader.pk in (case.handler_id, case.creator_id) or str(reader.pk) in case.recusals:
        return next(
            (
                i for i in items
                if i.state == ItemState.OPEN
                and i.kind == ItemKind.CORRECTION
                and i.assignee_id == reader.pk
            ),
            None,
        )  # fmt: skip
    his = [i for i in items if i.state in LIVE and is_his(i, reader)]
    return min(his, key=lambda i: i.state != ItemState.OPEN, default=None)


#: what the holder of an item may do while others answer first
_WHILE_WAITING = (StageAction.TRANSFER,)
#: 减签 stands beside 加签, in front of these
_BEHIND_REMOVAL = (StageAction.DELEGATE, StageAction.REQUEST_MATERIAL)


def is_decidable(item: WorkItem) -> bool:
    """It is his turn, and what must be claimed is claimed."""
    return item.state == ItemState.OPEN and not (item.assignee_id is None and item.claim_required)


def _decisions(item: WorkItem, settings: StageSettings, waits: str, asks: bool) -> list[Offer]:
    """``waits`` says whom the item waits for; ``asks`` whether others answer to its holder."""
    must_claim = item.assignee_id is None and item.claim_required
    acts = []
    if must_claim:
        acts.append(Offer("claim", _("Claim"), "hand-grab", "s", "btn-primary", "", True, item.pk))
    must = _("Claim the work item before you decide on it.") if must_claim else ""
    for action in offered(settings):
        if action == StageAction.COPY:
            continue
        icon, key, look = _LOOKS[action]
        reason = must or ("" if action in _WHILE_WAITING else waits)
        look = "" if reason and look == "btn-primary" else look
        label = str(ActionLabel(action.value).label)
        acts.append(Offer(action.value, label, icon, key, look, reason))
    if asks:
        behind = (n for n, offer in enumerate(acts) if offer.code in _BEHIND_REMOVAL)
        acts.insert(next(behind, len(acts)), _removal(item))
    if item.claimed_at is not None and item.state == ItemState.OPEN:
        acts.append(Offer("release", _("Release"), "hand-stop", is_direct=True, item_id=item.pk))
    return acts


def _around(
    case: Case,
    items: Sequence[WorkItem],
    definition: Definition,
    events: Callable[[], Sequence[HistoryEvent]],
    reader: Employee,
) -> list[Offer]:
    """Acts that need no work item: the vote's end, and the handler's."""
    acts: list[Offer] = []
    running = case.state == CaseState.IN_APPROVAL
    vote = _open_vote(items, definition) if running else []
    if vote and holds_vote(vote, reader) and is_independent(case, reader):
        label = _("Close the vote")
        acts.append(Offer("close_vote", label, "gavel", is_direct=True, item_id=vote[0].pk))
    own = _may_take_back(case, items, definition, events, reader)
    if own is not None:
        label = _("Take back")
        acts.append(Offer("take_back", label, "arrow-back-up", is_direct=True, item_id=own.pk))
    if reader.pk in (case.handler_id, case.creator_id) and running:
        if reader.pk == case.handler_id:
            acts.append(Offer("withdraw", _("Withdraw"), "arrow-back-up"))
        acts.append(Offer("urge", _("Urge"), "speakerphone", is_direct=True))
    return acts


def _may_take_back(
    case: Case,
    items: Sequence[WorkItem],
    definition: Definition,
    events: Callable[[], Sequence[HistoryEvent]],
    reader: Employee,
) -> WorkItem | None:
    """The reader's latest approval, while no later stage has acted (it may have led back), his
    return that waits untouched, or his ballot.
    """
    if case.state not in (CaseState.IN_APPROVAL, CaseState.RETURNED):
        return None
    for item in sorted(items, key=lambda each: each.round, reverse=True):
        if (
            item.decided_by_id == reader.pk
            and item.round >= case.round - 1
            and item.can_be_taken_back
        ):
            if item.stage.node_id not in definition.elements:
                return None
            may = may_decide_again(item, reader, case)
            if item.decision == Decision.RETURN:
                return item if may and _waits_untouched(item, items, events) else None
            if case.state != CaseState.IN_APPROVAL:
                return None
            may = may and (item.stage.is_open or _is_last_step(item, items, definition, events))
            return item if may and not _was_answered_after(item, items, definition) else None
    return None


def _waits_untouched(
    own: WorkItem, items: Sequence[WorkItem], events: Callable[[], Sequence[HistoryEvent]]
) -> bool:
    """Whether nobody has acted on what the reader returned."""
    returns = [
        event
        for event in events()
        if event.kind == EventKind.RETURNED and event.stage_id == own.stage_id
    ]
    return is_untouched(returns[-1], own.case, items, events())


def _was_answered_after(item: WorkItem, items: Sequence[WorkItem], definition: Definition) -> bool:
    """Whether somebody whose turn came by this answer has answered in the same stage."""
    settings = definition.stage(item.stage.node_id).settings
    turns = turns_at(item.stage, items, settings)
    return any(i.state == ItemState.DECIDED for i in turns.waiting_for(item))


def _is_last_step(
    own: WorkItem,
    items: Sequence[WorkItem],
    definition: Definition,
    events: Callable[[], Sequence[HistoryEvent]],
) -> bool:
    tokens = tokens_without(
        own.stage,
        definition=definition,
        facts=facts.decode(own.case.facts, kind_for(own.case.document_kind).facts),
        events=events(),
        outcomes={item.stage_id: item.stage.outcome for item in items},
    )
    if tokens is None:
        return False
    has_turned = own.round != own.case.round
    staying = set() if has_turned else {t.element_id for t in tokens if not t.is_waiting}
    acted = taken_up(events())
    return not any(
        item.stage_id in acted or is_acted_on(item)
        for item in items
        if item.stage.is_open and item.stage.node_id not in staying
    )


def _open_vote(items: Sequence[WorkItem], definition: Definition) -> list[WorkItem]:
    return [
        i
        for i in items
        if i.stage.is_open
        and i.stage.node_id in definition.elements
        and definition.stage(i.stage.node_id).settings.decide == DecideMode.VOTE
    ]
