"""The boxes of opinions on a printed form, read from the case's append-only history.

One box a node, in the order in which the case met them: what stands is what was said at
the node's latest visit; what was said before a return or taken back stays, marked as earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import pgettext

from documents.kinds import routed_kind
from workflows.bpmn.model import DecideMode, Stage
from workflows.choices import CaseState, EventKind, StageOutcome
from workflows.definitions import definition_of
from workflows.kinds import TermField, kind_for
from workflows.models import Case, HistoryEvent
from workflows.preview import PreviewStep, preview_running
from workflows.signatures import signature_images
from workflows.terms import shown_terms

_SUBMISSIONS = (EventKind.SUBMITTED, EventKind.RESUBMITTED)
_DECISIONS = (
    EventKind.APPROVED,
    EventKind.APPROVED_WITH_CONDITIONS,
    EventKind.REJECTED,
    EventKind.ABSTAINED,
    EventKind.INVESTIGATION_ASKED,
    EventKind.RETURNED,
    EventKind.AUTO_PASSED,
)
_AHEAD = ("current", "ahead", "auto", "empty")


@dataclass
class Entry:
    """One answer; ``outcome`` is the decision in words."""

    outcome: str
    opinion: str
    signed_by: str
    at: datetime
    round: int
    stage_id: int | None = None
    is_return: bool = False
    is_rejection: bool = False
    conditions: list[str] = field(default_factory=list)
    terms: list[dict[str, str]] = field(default_factory=list)
    is_superseded: bool = False
    #: the signature used then, as an image that needs no address
    signature: str = ""

    @property
    def adds_words(self) -> bool:
        """The opinion says more than the decision itself; many just repeat it."""
        return self.opinion.strip(" 。.!！") not in ("", self.outcome)


@dataclass
class Box:
    """One boxed row of the form; a box without entries is to be filled in by hand."""

    title: str
    entries: list[Entry] = field(default_factory=list)
    is_vote: bool = False
    tally: str = ""

    @property
    def standing(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_superseded]

    @property
    def is_joint(self) -> bool:
        """Several people answered: each is named beside what he said."""
        return self.is_vote or len(self.standing) > 1

    @property
    def signed_by(self) -> str:
        return "" if self.is_joint or not self.standing else self.standing[0].signed_by

    @property
    def signature(self) -> str:
        return "" if self.is_joint or not self.standing else self.standing[0].signature

    @property
    def signed_at(self) -> datetime | None:
        return None if self.is_joint or not self.standing else self.standing[0].at


def opinion_boxes(case: Case, document: Any) -> list[Box]:
    """The handler's box, those of the nodes met so far, and blank ones for those ahead.

    Votes of a ballot that is still open are secret and are only counted.
    """
    term_fields = kind_for(case.document_kind).term_fields
    events = list(case.events.order_by("sequence"))
    images = signature_images(events)
    ahead = {step.node_id: step for step in _steps_ahead(case, document)}
    stages = case.stages.exclude(node_id="").exclude(outcome=StageOutcome.UNDONE).order_by("id")
    latest = {stage.node_id: stage for stage in stages}
    boxes: dict[str, Box] = {}
    for event in events:
        if event.kind == EventKind.TAKEN_BACK and event.node_id in boxes:
            _take_back(boxes[event.node_id], event)
        if event.kind in _DECISIONS and event.node_id:
            stage = latest[event.node_id]
            # A node that the case will meet again decides anew; only an open stage still counts.
            stands = event.stage_id == stage.pk and (stage.is_open or event.node_id not in ahead)
            entry = _entry(event, term_fields)
            entry.is_superseded = not stands
            entry.signature = images.get(event.sequence, "")
            boxes.setdefault(event.node_id, Box(event.stage_title)).entries.append(entry)
    closed = {event.stage_id: event for event in events if event.kind == EventKind.VOTE_CLOSED}
    for node_id, box in boxes.items():
        if _is_vote(case, node_id):
            _show_vote(box, closed, latest[node_id].pk)
    blank = [
        Box(step.title, is_vote=step.mode == DecideMode.VOTE)
        for node_id, step in ahead.items()
        if node_id not in boxes
    ]
    return [_handler_box(case, events), *boxes.values(), *blank]


def _handler_box(case: Case, events: Iterable[HistoryEvent]) -> Box:
    sent = [event for event in events if event.kind in _SUBMISSIONS]
    entries = [_entry(event, ()) for event in sent[-1:]]
    return Box(str(routed_kind(case.document_kind).handler_title), entries)


def _is_vote(case: Case, node_id: str) -> bool:
    element = definition_of(case.flow_version_id).elements.get(node_id)
    return isinstance(element, Stage) and element.settings.decide == DecideMode.VOTE


def _show_vote(box: Box, closed: Mapping[int | None, HistoryEvent], stage_id: int) -> None:
    box.is_vote = True
    for entry in box.entries:
        if entry.is_rejection:
            entry.outcome = pgettext("approval form", "Against")
    box.entries = [entry for entry in box.entries if entry.stage_id in closed or entry.is_return]
    if stage_id in closed and box.standing:
        box.tally = _tally(closed[stage_id].data)


def _take_back(box: Box, event: HistoryEvent) -> None:
    for entry in box.entries:
        if entry.stage_id == event.stage_id and entry.signed_by == _signer(event):
            entry.is_superseded = True


def _entry(event: HistoryEvent, term_fields: Iterable[TermField]) -> Entry:
    if event.kind == EventKind.AUTO_PASSED:
        outcome = pgettext("approval form", "Same approver, passed automatically")
        signer = event.data.get("person", "")
    else:
        outcome, signer = _outcome(event), _signer(event)
    return Entry(
        outcome=outcome,
        opinion=event.opinion,
        signed_by=signer,
        at=event.at,
        round=event.round,
        stage_id=event.stage_id,
        is_return=event.kind == EventKind.RETURNED,
        is_rejection=event.kind == EventKind.REJECTED,
        conditions=list(event.conditions),
        terms=_terms(event.data.get("terms", {}), term_fields),
    )


def _outcome(event: HistoryEvent) -> str:
    """The word that stands on the paper; a status would read wrongly over a signature."""
    return {
        EventKind.SUBMITTED: pgettext("approval form", "Submitted for approval"),
        EventKind.RESUBMITTED: pgettext("approval form", "Submitted again"),
        EventKind.APPROVED: pgettext("approval form", "Agreed"),
        EventKind.APPROVED_WITH_CONDITIONS: pgettext("approval form", "Agreed with conditions"),
        EventKind.REJECTED: pgettext("approval form", "Rejected"),
        EventKind.ABSTAINED: pgettext("approval form", "Abstained"),
        EventKind.INVESTIGATION_ASKED: pgettext("approval form", "Investigate further"),
        EventKind.RETURNED: pgettext("approval form", "Returned"),
    }[EventKind(event.kind)]


def _signer(event: HistoryEvent) -> str:
    if not event.on_behalf_name:
        return event.actor_name
    return pgettext("approval form", "%(name)s (for %(other)s)") % {
        "name": event.actor_name,
        "other": event.on_behalf_name,
    }


def _terms(terms: Mapping[str, Any], term_fields: Iterable[TermField]) -> list[dict[str, str]]:
    return [{"label": label, "value": text} for label, text in shown_terms(terms, term_fields)]


def _tally(data: Mapping[str, Any]) -> str:
    result = (
        pgettext("approval form", "passed")
        if data["passed"]
        else pgettext("approval form", "not passed")
    )
    return pgettext(
        "approval form",
        "Vote %(approving)s:%(rejecting)s, %(asked)s members, %(voted)s voted, %(result)s",
    ) % {
        **data,
        "result": result,
    }


def _steps_ahead(case: Case, document: Any) -> list[PreviewStep]:
    if case.state != CaseState.IN_APPROVAL:
        return []
    items = list(
        case.items.filter(round=case.round).select_related("stage", "assignee", "decided_by")
    )
    steps = preview_running(kind_for(case.document_kind), document, case, items, language="zh-hans")
    return [step for step in steps if step.state in _AHEAD]
