"""Every act of the engine in one table, and what is left when one was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from lending_crm.common.models import OutboxMessage
from staff.models import Employee
from tests.workflows.random_routes import side_by_side
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.models import Case, WorkItem
from workflows.services import (
    administration,
    collaboration,
    decisions,
    items,
    signers,
    submission,
)

REASON = "负债过高,不符合准入条件"


@dataclass(frozen=True)
class Hand:
    """One person with one work item in front of him."""

    world: World
    item_id: int
    case_id: int
    stage_id: int
    who: Employee
    key: str = ""

    def on_item(self, service: Callable[..., Any], **values: Any) -> Any:
        return service(item_id=self.item_id, actor=fresh(self.who), **self._common, **values)

    def on_case(self, service: Callable[..., Any], who: Employee, **values: Any) -> Any:
        return service(case_id=self.case_id, actor=fresh(who), **self._common, **values)

    @property
    def _common(self) -> dict[str, Any]:
        return {"now": NOW, "idempotency_key": self.key or None}


#: name → the act, done by whoever may do it
ACTS: dict[str, Callable[[Hand], Any]] = {
    "approve": lambda h: h.on_item(decisions.approve, opinion="同意"),
    "conditions": lambda h: h.on_item(decisions.approve, opinion="同意", conditions=["配偶签字"]),
    "reject": lambda h: h.on_item(decisions.reject, opinion=REASON),
    "return": lambda h: h.on_item(decisions.return_case, opinion=REASON),
    "transfer": lambda h: h.on_item(items.transfer, recipient=h.world.ceo, reason="出差"),
    "signers": lambda h: h.on_item(
        signers.add_signers, people=[h.world.hrm], position="BEFORE", reason="请核实"
    ),
    "delegate": lambda h: h.on_item(signers.delegate, recipient=h.world.deputy, reason="出差"),
    "claim": lambda h: h.on_item(items.claim),
    "material": lambda h: h.on_item(collaboration.request_material, text="请补流水"),
    "withdraw": lambda h: h.on_case(submission.withdraw_case, h.world.am, reason="资料有误"),
    "urge": lambda h: h.on_case(collaboration.urge, h.world.am),
    "comment": lambda h: h.on_case(collaboration.comment, h.who, text="请核实"),
    "reassign": lambda h: h.on_case(
        items.reassign, h.world.adm, stage_id=h.stage_id, recipient=h.world.deputy, reason="离职"
    ),
    "suspend": lambda h: h.on_case(administration.suspend_case, h.world.adm, reason=REASON),
    "jump": lambda h: h.on_case(
        administration.jump_to_stage, h.world.adm, target="last", reason=REASON
    ),
    "terminate": lambda h: h.on_case(administration.terminate_case, h.world.adm, reason=REASON),
}  # fmt: skip


def one_stage_for_two(world: World) -> None:
    """或签: either of two heads decides; then one more stage."""
    route = Chain(
        "toy_route", "玩具流程",
        nodes=(_stage("first", by_role("TL")), _stage("last", by_role("CEO", _HEAD))),
    )  # fmt: skip
    world.publish(from_chain(route))


def countersigned(world: World) -> None:
    """会签: two people of one stage must both agree."""
    both = (by_role("BRM"), by_role("BGM"))
    nodes = (
        _stage("both", *both, decide=DecideMode.ALL), _stage("last", by_role("CEO", _HEAD)),
    )  # fmt: skip
    world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=nodes)))


def two_branches(world: World) -> None:
    """Two stages side by side, one behind the join."""
    nodes = (
        _stage("brm", by_role("BRM")),
        _stage("bgm", by_role("BGM")),
        _stage("last", by_role("CEO", _HEAD)),
    )
    chain = from_chain(Chain("toy_route", "玩具流程", nodes=nodes))
    world.publish(side_by_side(chain, "brm", "bgm"))


_HEAD = RoleReach.HEAD_OFFICE


def _stage(node_id: str, *rules: Any, **values: Any) -> Any:
    return stage(node_id, *rules, duty_line="MANAGEMENT", **values)


def hand_of(world: World, case: Case, who: Employee, *, key: str = "") -> Hand:
    item = world.item(case, who)
    return Hand(world, item.pk, case.pk, item.stage_id, who, key)


def left_by(case_id: int) -> Any:
    """What is stored of a case, without ids and moments: two runs that agree left the same."""
    case = Case.objects.get(pk=case_id)
    found = WorkItem.objects.filter(case=case).values_list(
        "stage__node_id", "stage__outcome", "assignee", "state", "decision", "round"
    )
    told = OutboxMessage.objects.filter(payload__case_id=case.pk).values_list("payload__event")
    return {
        "case": (case.state, case.round, case.version, case.suspended_at is not None),
        "tokens": sorted(case.tokens),
        "items": Counter(found),
        "events": Counter(case.events.values_list("kind", "actor")),
        "messages": Counter(dict(told.annotate(Count("pk")))),
        "conditions": list(case.conditions.values_list("text", "revoked_at")),
        "snapshots": case.snapshots.count(),
    }
