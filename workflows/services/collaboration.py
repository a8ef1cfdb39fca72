"""评论, @提及, 抄送, 催办, 要求补件, 补充材料: around a case, without moving it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import not_found
from lending_crm.common.text import clean_text
from staff.models import Employee
from workflows import errors
from workflows.access import ActionLabel, check_may_decide, check_offered, may_copy
from workflows.act import Act, lock_case
from workflows.bpmn.model import StageAction
from workflows.choices import CaseState, EventKind, ItemKind, ItemState
from workflows.models import Case, CaseCopy, CaseReading, HistoryEvent, MaterialRequest
from workflows.pools import pool_holders
from workflows.services.opinions import OPINION_LIMIT, cleaned_reason
from workflows.timing.clock import pause_clocks
from workflows.veil import is_veiled

URGE_EVERY = timedelta(minutes=60)
MATERIAL_TEXT_LENGTH = 2
MATERIAL_TEXT_LIMIT = 500


def check_may_share(case: Case, actor: Employee) -> None:
    """Whoever sees the case may speak in it and copy it; an administrator only sees that it
    stopped (WF-32): a copy to himself would open the business to him."""
    if not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise not_found()
    if is_veiled(case, actor):
        raise errors.business_is_hidden()


@transaction.atomic
def comment(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    text: str,
    mentioned: Sequence[Employee] = (),
    idempotency_key: str | None = None,
) -> Case:
    """评论; people who are mentioned get a copy of the case and a message.

    Raises WF-18 for somebody who does not see the case where the step allows no copies.
    """
    act = Act(
        lock_case(pk=case_id),
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        while_suspended=True,
    )
    if act.is_replay(EventKind.COMMENTED):
        return act.case
    check_may_share(act.case, actor)
    text = clean_text(text)
    if not text:
        raise errors.opinion_missing()
    if len(text) > OPINION_LIMIT:
        raise errors.too_long("opinion", OPINION_LIMIT)
    people = _recipients(mentioned)
    _check_may_mention(act, people)
    act.add_copies(people)
    act.record(EventKind.COMMENTED, opinion=text, data={"mentioned": [p.name for p in people]})
    act.notify("case.mentioned", [p.pk for p in people])
    act.notify("case.commented", {act.case.handler_id} - {p.pk for p in people})
    return act.commit()


@transaction.atomic
def copy_case(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    recipients: Sequence[Employee],
    idempotency_key: str | None = None,
) -> Case:
    """抄送: let people read the case; they have not to act.

    Raises WF-18 where the step does not allow it.
    """
    act = Act(
        lock_case(pk=case_id),
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        while_suspended=True,
    )
    if act.is_replay(EventKind.COPIED):
        return act.case
    check_may_share(act.case, actor)
    if not may_copy(act.case, act.items, act.definition, actor):
        raise errors.not_allowed_here(ActionLabel.COPY.label)
    people = _recipients(recipients)
    if not people:
        raise errors.bad_recipient(_("Choose at least one person."))
    act.add_copies(people)
    act.record(EventKind.COPIED, data={"recipients": [p.name for p in people]})
    act.notify("case.copied", [p.pk for p in people])
    return act.commit()


def _check_may_mention(act: Act, people: Sequence[Employee]) -> None:
    if not people or may_copy(act.case, act.items, act.definition, act.actor):
        return
    for person in people:
        if not Case.objects.visible_to(person).filter(pk=act.case.pk).exists():
            raise errors.not_allowed_here(ActionLabel.COPY.label)


def _recipients(people: Iterable[Employee]) -> list[Employee]:
    found = list({person.pk: person for person in people}.values())
    if any(not person.is_active for person in found):
        raise errors.bad_recipient(_("This person does not work here any more."))
    return found


@transaction.atomic
def urge(
    *, case_id: int, actor: Employee, now: datetime, idempotency_key: str | None = None
) -> Case:
    """催办: the handler reminds whoever holds the case, at most once an hour (WF-22)."""
    act = Act(lock_case(pk=case_id), actor=actor, now=now, idempotency_key=idempotency_key)
    case = act.case
    if act.is_replay(EventKind.URGED):
        return case
    check_may_urge(case, actor)
    if case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(case.state)
    if case.urged_at is not None and now - case.urged_at < URGE_EVERY:
        raise errors.urged_recently(int(URGE_EVERY.total_seconds() // 60))
    case.urged_at = now
    act.record(EventKind.URGED)
    act.notify("case.urged", waiting_people(act))
    return act.commit()


def check_may_urge(case: Case, actor: Employee) -> None:
    """WF-29 for anybody but the handler and the creator."""
    if actor.pk not in (case.handler_id, case.creator_id):
        raise errors.not_handler()


def waiting_people(act: Act) -> set[int]:
    """Who holds an open item: assignees, and everybody of an unclaimed pool."""
    found: set[int] = set()
    for item in act.items:
        if item.state != ItemState.OPEN or item.kind == ItemKind.CORRECTION:
            continue
        if item.assignee_id is not None:
            found.add(item.assignee_id)
        else:
            found.update(pool_holders(item))
    return found


@transaction.atomic
def request_material(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    text: str,
    pauses_clock: bool = False,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """要求补件: ask the handler for material; the case stays where it is."""
    act = Act(lock_case(items=item_id), actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.MATERIAL_REQUESTED, at=item):
        return act.case
    check_may_decide(act, item)
    settings = act.definition.stage(item.stage.node_id).settings
    check_offered(settings, StageAction.REQUEST_MATERIAL)
    act.check_seen(seen_version)
    text = cleaned_reason(text, MATERIAL_TEXT_LENGTH)
    if len(text) > MATERIAL_TEXT_LIMIT:
        raise errors.too_long("opinion", MATERIAL_TEXT_LIMIT)
    MaterialRequest.objects.create(
        case=act.case,
        stage=item.stage,
        requested_by=actor,
        requested_at=now,
        text=text,
        pauses_clock=pauses_clock,
    )
    if pauses_clock:
        pause_clocks(act, [item.stage])
    act.record(
        EventKind.MATERIAL_REQUESTED,
        stage=item.stage,
        opinion=text,
        arrived_at=item.arrived_at,
        data={"pauses_clock": pauses_clock},
        item=item,
    )
    act.notify("case.material_requested", [act.case.handler_id], text=text)
    return act.commit()


@transaction.atomic
def note_reading(
    *, case_id: int, reader: Employee, now: datetime, through: int | None = None
) -> None:
    """Remember what a reader has seen, and that a copy was read; never moves backwards.

    ``through`` is the last event that his page showed: what came after it is still new to
    him, however late his page reports. Without it he has seen everything.
    """
    seen = Case.objects.filter(pk=case_id).values_list(
        "event_count", "snapshot_number", "supplement_count"
    )
    event_sequence, snapshot_number, supplement_count = seen.get()
    if through is not None and through < event_sequence:
        shown = HistoryEvent.objects.filter(case_id=case_id, sequence__lte=through)
        newest = shown.order_by("-sequence").values_list("snapshot_number", flat=True)
        event_sequence, snapshot_number = through, newest.first() or 0
        supplement_count = shown.filter(kind=EventKind.SUPPLEMENTED).count()
    of_case = CaseReading.objects.filter(case_id=case_id, reader=reader)
    if not of_case.filter(event_sequence__gt=event_sequence).exists():
        CaseReading.objects.update_or_create(
            case_id=case_id,
            reader=reader,
            defaults={
                "seen_at": now,
                "event_sequence": event_sequence,
                "snapshot_number": snapshot_number,
                "supplement_count": supplement_count,
            },
        )
    CaseCopy.objects.filter(case_id=case_id, recipient=reader, read_at=None).update(read_at=now)
