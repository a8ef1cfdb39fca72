"""Every act of the engine in one table, and what is left when one was done."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from documents.services.handlers import change_handler
from lending_crm.common.errors import not_found
from lending_crm.common.models import OutboxMessage
from staff.models import Delegation, Employee, Role
from staff.services import delegations, roles
from tests.workflows.world import NOW, World, fresh
from workflows.models import Case, FlowMigration, Timer
from workflows.services import (
    administration,
    collaboration,
    corrections,
    decisions,
    flow_migrations,
    handing_on,
    items,
    limits,
    recusals,
    redaction,
    role_changes,
    signers,
    standing_in,
    submission,
    supplements,
    system_steps,
    timers,
)

REASON = "负债过高,不符合准入条件"


@dataclass(frozen=True)
class Hand:
    """One person with one work item in front of him, and who acts beside him."""

    world: World
    item_id: int
    case_id: int
    stage_id: int
    who: Employee
    beside: Employee
    key: str = ""

    @property
    def document_id(self) -> int:
        return Case.objects.values_list("document_id", flat=True).get(pk=self.case_id)


Step = Callable[[Hand], Any]


@dataclass(frozen=True)
class Deed:
    """One act: the service that it is, and its transactions in their order, mostly one."""

    service: Callable[..., Any]
    steps: tuple[Step, ...]

    def __call__(self, hand: Hand) -> None:
        for step in self.steps:
            step(hand)

    @property
    def knows_retries(self) -> bool:
        """Whether a second call with the same key is told from another act."""
        return "idempotency_key" in inspect.signature(self.service).parameters


Who = Callable[[Hand], Employee]


def _on_item(service: Callable[..., Any], **values: Any) -> Deed:
    return _deed(service, lambda h: h.who, lambda h: {"item_id": h.item_id}, values)


def _on_case(service: Callable[..., Any], who: Who, **values: Any) -> Deed:
    return _deed(service, who, lambda h: {"case_id": h.case_id}, values)


def _deed(
    service: Callable[..., Any],
    who: Who,
    target: Callable[[Hand], dict[str, Any]],
    values: dict[str, Any],
) -> Deed:
    known = inspect.signature(service).parameters

    def do(hand: Hand) -> Any:
        given = {name: v(hand) if callable(v) else v for name, v in values.items()}
        common = {
            "actor": fresh(who(hand)), "now": NOW, "idempotency_key": hand.key or None,
        }  # fmt: skip
        common = {name: value for name, value in common.items() if name in known}
        return service(**target(hand), **common, **given)

    return Deed(service, (do,))


def _handler(hand: Hand) -> Employee:
    return hand.world.am


def _administrator(hand: Hand) -> Employee:
    return hand.world.adm


def _deputy(hand: Hand) -> Employee:
    return hand.world.deputy


def _away(hand: Hand) -> None:
    """The person gives a delegation that is to move what waits for him."""
    delegations.create_delegation(
        principal=fresh(hand.who), delegate=fresh(hand.world.deputy), actor=fresh(hand.who),
        now=NOW, starts_at=NOW, ends_at=NOW + timedelta(days=3), moves_open_items=True,
    )  # fmt: skip


def _begin(hand: Hand) -> None:
    given = Delegation.objects.filter(principal=hand.who, begun_at=None, ended_at=None).first()
    if given is not None:
        delegations.begin_delegation(delegation=given, now=NOW)


def _back(hand: Hand) -> None:
    """Whoever of the two is away comes back before his time."""
    given = Delegation.objects.filter(delegate__in=(hand.who, hand.beside)).first()
    if given is None:
        raise not_found()
    delegations.end_delegation(delegation=given, actor=fresh(given.principal), now=NOW)


def _lose_role(hand: Hand) -> None:
    held = fresh(hand.who).role_assignments.first()
    if held is not None:
        roles.revoke_role(assignment=held, actor=fresh(hand.world.adm), now=NOW)


def _lose_quietly(hand: Hand) -> None:
    fresh(hand.who).role_assignments.all().delete()


def _look_again(hand: Hand) -> None:
    """What the worker does after a loss that no act has noticed, with its tick."""
    with transaction.atomic():
        role_changes.look_again(OutboxMessage(payload={"employee": hand.who.pk}), NOW)
    role_changes.stop_unattended_stages(now=NOW)


def _gain_role(hand: Hand) -> None:
    roles.assign_role(
        employee=fresh(hand.world.hrm2), role=Role.objects.get(code=LACKING),
        actor=fresh(hand.world.adm), now=NOW,
    )  # fmt: skip


def _drop_timer(hand: Hand) -> None:
    timer = Timer.objects.filter(stage=hand.stage_id, last_error__gt="").first()
    if timer is None:
        raise not_found()
    timers.drop_timer(timer_id=timer.pk, actor=fresh(hand.world.adm), now=NOW, reason="不再需要")


def _migrate(hand: Hand) -> None:
    migration = FlowMigration.objects.first()
    if migration is None:
        raise not_found()
    flow_migrations.continue_migration(migration_id=migration.pk, now=NOW)


def _new_handler(hand: Hand) -> None:
    change_handler(
        document_id=hand.document_id, successor=fresh(hand.world.successor),
        actor=fresh(hand.world.adm), now=NOW,
    )  # fmt: skip


def _redact(hand: Hand) -> None:
    redaction.redact_case(
        case_id=hand.case_id, party="匿名客户", now=NOW,
        scrub=lambda content: "" if isinstance(content, str) else {"removed": True},
    )  # fmt: skip


#: a role that nobody holds: the seat of a scene that waits for somebody
LACKING = "FIN"

#: name → the act, done by whoever may do it
ACTS: dict[str, Deed] = {
    "approve": _on_item(decisions.approve, opinion="同意"),
    "conditions": _on_item(decisions.approve, opinion="同意", conditions=["配偶签字"]),
    "reject": _on_item(decisions.reject, opinion=REASON),
    "abstain": _on_item(decisions.abstain, opinion="利害关系不明"),
    "investigate": _on_item(decisions.investigate, opinion="请补充调查说明"),
    "close_vote": _on_item(decisions.close_vote),
    "return": _on_item(decisions.return_case, opinion=REASON),
    "claim": _on_item(items.claim),
    "release": _on_item(items.release),
    "transfer": _on_item(items.transfer, recipient=lambda h: h.world.ceo, reason="出差"),
    "take_back": _on_item(items.take_back),
    "signers": _on_item(
        signers.add_signers, people=lambda h: [h.world.hrm], position="BEFORE", reason="请核实"
    ),
    "remove_signers": _on_item(
        signers.remove_signers, people=lambda h: [h.beside], reason="不必了"
    ),
    "delegate": _on_item(signers.delegate, recipient=_deputy, reason="出差"),
    "answer": _on_item(signers.answer, opinion="已核实"),
    "material": _on_item(collaboration.request_material, text="请补流水", pauses_clock=True),
    "correct": _on_item(corrections.correct_document, values={"subject": "另一个主题"}),
    "hand_on": _deed(
        handing_on.hand_on, _administrator, lambda h: {"item_id": h.item_id},
        {"leaving": lambda h: h.who, "successor": None},
    ),
    "supplement": _on_case(
        supplements.record_supplement, _handler, supplement_no="BC-1", note="流水",
        files=[{"title": "流水.pdf"}],
    ),
    "submit": _deed(
        submission.submit_document, _handler,
        lambda h: {"kind": "toy", "document_id": h.document_id}, {},
    ),
    "withdraw": _on_case(submission.withdraw_case, _handler, reason="资料有误"),
    "void": _on_case(submission.void_case, _handler, reason="客户放弃"),
    "urge": _on_case(collaboration.urge, _handler),
    "comment": _on_case(
        collaboration.comment, lambda h: h.who, text="请核实", mentioned=lambda h: [h.world.ceo]
    ),
    "copy": _on_case(collaboration.copy_case, _handler, recipients=lambda h: [h.world.ceo]),
    "reassign": _on_case(
        items.reassign, _administrator, stage_id=lambda h: h.stage_id, recipient=_deputy,
        reason="离职",
    ),
    "suspend": _on_case(administration.suspend_case, _administrator, reason=REASON),
    "resume": _on_case(administration.resume_case, _administrator, reason=REASON),
    "jump": _on_case(administration.jump_to_stage, _administrator, target="last", reason=REASON),
    "terminate": _on_case(administration.terminate_case, _administrator, reason=REASON),
    "recuse": _on_case(recusals.review_recusals, _administrator),
    "retime": Deed(
        limits.retime_case,
        (lambda h: limits.retime_case(OutboxMessage(payload={
            "case": h.case_id, "because": "CALENDAR", "by": "",
        }), NOW),),
    ),
    "drop_timer": Deed(timers.drop_timer, (_drop_timer,)),
    "new_handler": Deed(change_handler, (_new_handler,)),
    "stand_in": Deed(standing_in.CaseKeeper.begin, (_away, _begin)),
    "come_back": Deed(standing_in.CaseKeeper.bring_back, (_back,)),
    "lose_role": Deed(role_changes.release_lost_items, (_lose_role,)),
    "look_again": Deed(role_changes.look_again, (_lose_quietly, _look_again)),
    "system_step": Deed(
        system_steps.note_system_step,
        (lambda h: system_steps.note_system_step(
            case_id=h.case_id, title="短信", title_en="Text", said="sent", now=NOW,
        ),),
    ),
    "gain_role": Deed(role_changes.wake_blocked_stages, (_gain_role,)),
    "stop": Deed(
        role_changes.stop_unattended_stages,
        (lambda h: role_changes.stop_unattended_stages(now=NOW),),
    ),
    "fill": Deed(
        role_changes.fill_vacant_seats, (lambda h: role_changes.fill_vacant_seats(now=NOW),)
    ),
    "redact": Deed(redaction.redact_case, (_redact,)),
    "migrate": Deed(flow_migrations.continue_migration, (_migrate,)),
}  # fmt: skip


#: acts on the item in front of one's eyes; the others are acts on the case
ON_ITEM: tuple[str, ...] = tuple(
    name
    for name, deed in ACTS.items()
    if "item_id" in inspect.signature(deed.service).parameters
    or name in ("stand_in", "lose_role", "reassign")
)
#: acts after which the same people are asked, at the same stages
MOVES_NOTHING = frozenset(
    {
        "material",
        "correct",
        "supplement",
        "urge",
        "comment",
        "copy",
        "retime",
        "drop_timer",
        "system_step",
    }
)

_LEFT = """
SELECT jsonb_build_object(
  'case', jsonb_build_array(c.state, c.round, c.version, c.suspended_at, c.handler_id, c.recusals),
  'route', (SELECT v.number FROM workflows_flowversion v WHERE v.id = c.flow_version_id),
  'tokens', (SELECT jsonb_agg(t ORDER BY t::text) FROM jsonb_array_elements(c.tokens) t),
  'stages', (SELECT jsonb_agg(x ORDER BY x::text) FROM (SELECT jsonb_build_array(
      s.node_id, s.outcome, s.is_blocked, s.paused_at, s.due_at) x
    FROM workflows_stage s WHERE s.process_id = c.id) q),
  'items', (SELECT jsonb_agg(x ORDER BY x::text) FROM (SELECT jsonb_build_array(
      s.node_id, s.outcome, i.kind, i.state, i.round, i.assignee_id, i.on_behalf_of_id, i.link,
      i.decision, i.decided_by_id, i.claimed_at) x
    FROM workflows_workitem i JOIN workflows_stage s ON s.id = i.stage_id
    WHERE i.case_id = c.id) q),
  'events', (SELECT jsonb_agg(x ORDER BY x::text) FROM (SELECT jsonb_build_array(
      e.kind, e.actor_id, e.round, e.node_id) x
    FROM workflows_historyevent e WHERE e.case_id = c.id) q),
  'messages', (SELECT jsonb_agg(x ORDER BY x) FROM (SELECT m.payload->>'event' x
    FROM common_outboxmessage m WHERE (m.payload->>'case_id')::bigint = c.id) q),
  'conditions', (SELECT jsonb_agg(jsonb_build_array(k.text, k.revoked_at) ORDER BY k.id)
    FROM workflows_approvalcondition k WHERE k.case_id = c.id),
  'requests', (SELECT jsonb_agg(jsonb_build_array(r.text, r.answered_at) ORDER BY r.id)
    FROM workflows_materialrequest r WHERE r.case_id = c.id),
  'copies', (SELECT jsonb_agg(k.recipient_id ORDER BY k.recipient_id)
    FROM workflows_casecopy k WHERE k.case_id = c.id),
  'snapshots', (SELECT count(*) FROM workflows_snapshot n WHERE n.case_id = c.id)
)::text
FROM workflows_case c WHERE c.id = %s
"""


def left_by(case_id: int) -> str:
    """What is stored of a case, without ids and moments: two runs that agree left the same."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [case_id])
        (left,) = cursor.fetchone()
    return str(left)
