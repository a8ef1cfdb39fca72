"""One document on one random route, and people who do whatever the engine offers.

They mostly do what they may and sometimes what they may not; every act is either refused
without a trace or done, and then all invariants hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, TypeVar

from django.db import connection, transaction

from hypothesis import event, note

from documents.models import Document
from documents.services.handlers import change_handler
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.models import Delegation, Employee, Role
from staff.services.delegations import end_delegation, give_delegation
from staff.services.leaving import Part, hand_over_all
from staff.services.roles import assign_role, revoke_role
from tests.workflows.invariants import check
from tests.workflows.random_routes import random_route
from tests.workflows.world import NOW, TOY, World, fresh
from workflows.bpmn.model import DecideMode
from workflows.choices import LIVE, WITH_HANDLER, CaseState, ItemKind, ItemState
from workflows.definitions import definition_of
from workflows.models import (
    ApprovalCondition,
    Case,
    CaseCopy,
    HistoryEvent,
    MaterialRequest,
    Snapshot,
    Stage,
    WorkItem,
)
from workflows.pools import pool_holders
from workflows.services import (
    administration,
    collaboration,
    corrections,
    decisions,
    items,
    limits,
    recusals,
    role_changes,
    signers,
    submission,
)
from workflows.services.supplements import record_supplement

Some = TypeVar("Some")

REASON = "负债过高,还款来源不足"
ACTS = (
    "approve", "reject", "give_back", "give_back", "give_back", "claim", "release", "transfer",
    "transfer", "take_back", "take_back", "reassign", "reassign", "close_vote", "comment", "copy",
    "request_material", "supplement", "urge", "withdraw", "submit", "edit", "void", "new_version",
    "lose_role", "gain_role", "gain_role", "tick", "abstain", "add_signers", "add_signers",
    "remove_signers", "delegate", "delegate", "answer", "suspend", "resume", "resume", "resume",
    "jump", "jump", "terminate", "correct", "go_away", "go_away", "come_back", "recuse", "leave",
    "hand_documents_over", "change_limit",
)  # fmt: skip
ROUTES_TRIED = 12
TABLES = (
    Case, Stage, WorkItem, HistoryEvent, Snapshot, ApprovalCondition, CaseCopy, MaterialRequest,
    OutboxMessage, Document,
)  # fmt: skip


def _shown(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items() if name != "now")


class Walk:
    """One document on one random route; ``step`` does one act and checks everything.

    A walk that is not ``thorough`` checks the invariants only when ``check`` is called, and
    trusts that a refusal leaves nothing behind; so many more cases are walked in the same time.
    """

    _keys = count()

    def __init__(self, world: World, seed: int, *, thorough: bool = True) -> None:
        note(f"Walk(world, {seed})")
        self.world = world
        self.dice = Random(seed)
        self.thorough = thorough
        self.now: datetime = NOW
        self.people = [
            world.am, world.tl, world.brm, world.bgm, world.hrm, world.hrm2, world.ceo, world.adm,
            world.secretary, *world.committee(), *world.auditors, *world.crowd,
        ]  # fmt: skip
        TOY.related.clear()
        self.case: Case | None = None
        self._begin()

    def _begin(self) -> None:
        """Routes that have somebody at every stage are few enough to try some more than once."""
        for _attempt in range(ROUTES_TRIED):
            self.world.publish(random_route(self.world, self.dice))
            self.document = self.world.document(
                handler=self.pick([self.world.am] * 3 + [self.world.tl, self.world.hrm]),
                level=self.dice.randint(1, 3),
            )
            self.submit()
            if self.case is not None:
                return

    # -- doing ---------------------------------------------------------------------------

    def step(self) -> None:
        self.now += timedelta(minutes=self.pick([1, 45, 300, 1500]))
        chosen = self.pick(self._choices())
        getattr(self, chosen)()

    def _choices(self) -> list[str]:
        """What is tried next: half of the time what leads on, else anything."""
        if self.case is None:
            return ["submit"]
        if self.case.state in WITH_HANDLER:
            return [*ACTS, *["submit", "edit"] * (len(ACTS) // 2)]
        if self.case.suspended_at is not None:
            return [*ACTS, *["resume"] * (len(ACTS) // 2)]
        if self.case.state == CaseState.IN_APPROVAL:
            return [*ACTS, *["go_on"] * len(ACTS)]
        return list(ACTS)

    def act(self, call: Callable[..., Any], **values: Any) -> None:
        """One act: refused without a trace, or done, and then all invariants hold."""
        values.setdefault("now", self.now)
        before = self.fingerprint() if self.thorough else None
        try:
            with transaction.atomic():
                call(**values)
        except DomainError as refusal:
            event(f"{call.__name__} refused {refusal.code}")
            if self.thorough:
                assert self.fingerprint() == before, "a refusal left something behind"
            return
        event(f"{call.__name__} done")
        note(f"{call.__name__} {_shown(values)}")
        if self.thorough and values.get("idempotency_key"):
            after = self.fingerprint()
            call(**values)
            assert self.fingerprint() == after, "a retry with the same key did something"
        self.case = Case.objects.filter(document_id=self.document.pk).first()
        if self.thorough:
            self.check()

    def check(self) -> None:
        if self.case is not None:
            check(self.case, self.document, self.world)

    def fingerprint(self) -> Any:
        """Every row that the engine writes, as one statement."""
        parts = [
            f"(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY id), '')) FROM {name} t)"
            for name in (model._meta.db_table for model in TABLES)
        ]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}")
            return cursor.fetchone()

    # -- who and what --------------------------------------------------------------------

    def pick(self, options: Sequence[Some]) -> Some:
        return self.dice.choice(options)

    def mostly(self, times: int) -> bool:
        """True but for one in so many times."""
        return self.dice.randrange(times) > 0

    def coin(self) -> bool:
        return self.mostly(2)

    def someone(self) -> Employee:
        return fresh(self.pick(self.people))

    def item_and_actor(self) -> tuple[int, Employee]:
        """An open item with one of its people; now and then any item and anybody."""
        assert self.case is not None
        found = list(WorkItem.objects.filter(case=self.case).order_by("id"))
        waiting = [i for i in found if i.state == ItemState.OPEN and i.kind != ItemKind.CORRECTION]
        if not waiting or not self.mostly(10):
            item = self.pick(found)
            return item.pk, self.someone()
        item = self.pick(waiting)
        people = [item.assignee_id] if item.assignee_id else sorted(pool_holders(item))
        if not people:
            return item.pk, self.someone()
        return item.pk, Employee.objects.get(pk=self.pick(people))

    def common(self) -> dict[str, Any]:
        """A key mostly; the version that was seen sometimes, and sometimes an old one."""
        assert self.case is not None
        key = f"k{next(self._keys)}" if self.mostly(4) else None
        seen = self.pick([*[None] * 5, "now", "now", "old"])
        version = {None: None, "now": self.case.version, "old": self.case.version - 1}[seen]
        return {"idempotency_key": key, "seen_version": version}

    def on_item(self, call: Callable[..., Any], **values: Any) -> None:
        item_id, actor = self.item_and_actor()
        self.act(call, item_id=item_id, actor=actor, **self.common(), **values)

    # -- the acts ------------------------------------------------------------------------

    def go_on(self) -> None:
        """What people do all day: claim what must be claimed, approve, vote."""
        item_id, actor = self.item_and_actor()
        item = WorkItem.objects.select_related("stage", "case").get(pk=item_id)
        call: Callable[..., Any] = decisions.approve
        values: dict[str, Any] = {"opinion": REASON}
        if item.claim_required and item.assignee_id is None:
            call, values = items.claim, {}
        elif item.kind == ItemKind.ADVICE:
            call = signers.answer
        elif item.stage.node_id:
            route = definition_of(item.case.flow_version_id)
            is_vote = route.stage(item.stage.node_id).settings.decide == DecideMode.VOTE
            if is_vote and self.coin():
                call = self.pick([decisions.reject, decisions.abstain])
        self.act(call, item_id=item_id, actor=actor, **self.common(), **values)

    def submit(self) -> None:
        handler = fresh(self.document.handler)
        actor = handler if self.mostly(10) else self.someone()
        self.act(
            submission.submit_document,
            kind="toy",
            document_id=self.document.pk,
            actor=actor,
            idempotency_key=f"k{next(self._keys)}",
        )

    def edit(self) -> None:
        """The handler corrects the document, in something material or not."""
        if self.case is None or self.case.state not in WITH_HANDLER:
            return
        changes = [{"note": "已补充"}, {"amount": "200000.00"}, {"level": 3}, {"level": 1}]
        self.world.edit(self.document, **self.pick(changes))

    def approve(self) -> None:
        conditions = self.pick([None, None, None, ["配偶签字"], [" "]])
        self.on_item(decisions.approve, opinion="同意", conditions=conditions)

    def reject(self) -> None:
        self.on_item(decisions.reject, opinion=self.pick([REASON, "不"]))

    def suspend(self) -> None:
        self.intervene(administration.suspend_case)

    def resume(self) -> None:
        self.intervene(administration.resume_case)

    def jump(self) -> None:
        assert self.case is not None
        stages = [stage.id for stage in definition_of(self.case.flow_version_id).stages()]
        self.intervene(administration.jump_to_stage, target=self.pick([*stages, "nowhere"]))

    def terminate(self) -> None:
        if not self.mostly(4):
            self.intervene(administration.terminate_case)

    def intervene(self, call: Callable[..., Any], **values: Any) -> None:
        assert self.case is not None
        actor = fresh(self.world.adm) if self.mostly(6) else self.someone()
        self.act(
            call, case_id=self.case.pk, actor=actor, reason="数据有误,需要处理",
            **self.common(), **values,
        )  # fmt: skip

    def abstain(self) -> None:
        self.on_item(decisions.abstain, opinion="利害关系不明")

    def give_back(self) -> None:
        target = self.pick(["handler", "handler", "previous", "s0", "s1", "s2", "nowhere"])
        direct = self.coin()
        self.on_item(
            decisions.return_case, opinion="请补充说明", target=target, resumes_directly=direct
        )

    def add_signers(self) -> None:
        people = [self.pick([*self.world.members, self.someone()]) for _ in range(2)]
        position = self.pick(["BEFORE", "BESIDE", "AFTER"])
        self.on_item(
            signers.add_signers, people=people[: self.pick([1, 2])], position=position,
            reason="请会签",
        )  # fmt: skip

    def remove_signers(self) -> None:
        asked = WorkItem.objects.filter(case=self.case, state__in=LIVE, parent_seat__isnull=False)
        if not asked or not self.mostly(10):
            self.on_item(signers.remove_signers, people=[self.someone()], reason="不必了")
            return
        child = self.pick(list(asked.order_by("id")))
        places = WorkItem.objects.filter(stage=child.stage_id, seat=child.parent_seat)
        owner = places.order_by("id").last()
        assert owner is not None
        self.act(
            signers.remove_signers, item_id=owner.pk, actor=owner.assignee,
            people=[child.assignee], reason="不必了", **self.common(),
        )  # fmt: skip

    def delegate(self) -> None:
        heads = [self.world.bgm, self.world.ceo, self.world.hrm, self.world.hrm2]
        recipient = fresh(self.pick(heads)) if self.mostly(4) else self.someone()
        self.on_item(signers.delegate, recipient=recipient, reason="请代核实")

    def answer(self) -> None:
        advice = WorkItem.objects.filter(case=self.case, state=ItemState.OPEN, kind="ADVICE")
        if not advice or not self.mostly(10):
            self.on_item(signers.answer, opinion="已核实")
            return
        item = self.pick(list(advice))
        self.act(
            signers.answer, item_id=item.pk, actor=item.assignee, opinion="已核实", **self.common()
        )

    def claim(self) -> None:
        self.on_item(items.claim)

    def release(self) -> None:
        self.on_item(items.release)

    def transfer(self) -> None:
        heads = [self.world.bgm, self.world.ceo, self.world.hrm, self.world.hrm2]
        recipient = fresh(self.pick(heads)) if self.mostly(4) else self.someone()
        self.on_item(items.transfer, recipient=recipient, reason="出差")

    def take_back(self) -> None:
        assert self.case is not None
        mine = WorkItem.objects.filter(case=self.case, decided_by__isnull=False).order_by("-id")
        if not mine or not self.mostly(10):
            self.on_item(items.take_back)
            return
        item = self.pick(list(mine)[:3])
        actor = Employee.objects.get(pk=item.decided_by_id)
        self.act(items.take_back, item_id=item.pk, actor=actor, **self.common())

    def reassign(self) -> None:
        assert self.case is not None
        stages = list(Stage.objects.filter(process=self.case).order_by("-id")[:2])
        actor = fresh(self.world.adm) if self.mostly(5) else self.someone()
        self.act(
            items.reassign,
            case_id=self.case.pk,
            stage_id=self.pick(stages).pk,
            actor=actor,
            recipient=fresh(self.pick([self.world.bgm, self.world.ceo, self.someone()])),
            reason="改派",
        )

    def close_vote(self) -> None:
        item_id, actor = self.item_and_actor()
        if self.coin():
            actor = fresh(self.world.secretary)
        self.act(decisions.close_vote, item_id=item_id, actor=actor, **self.common())

    def comment(self) -> None:
        self.on_case(collaboration.comment, text="请核实", mentioned=[self.someone()])

    def copy(self) -> None:
        self.on_case(collaboration.copy_case, recipients=[self.someone()])

    def urge(self) -> None:
        self.on_case(collaboration.urge, actor=fresh(self.document.handler))

    def on_case(self, call: Callable[..., Any], **values: Any) -> None:
        assert self.case is not None
        values.setdefault("actor", self.someone())
        key = f"k{next(self._keys)}"
        self.act(call, case_id=self.case.pk, idempotency_key=key, **values)

    def request_material(self) -> None:
        self.on_item(
            collaboration.request_material,
            text="请补流水",
            pauses_clock=self.coin(),
        )

    def supplement(self) -> None:
        assert self.case is not None
        self.act(
            record_supplement, case_id=self.case.pk, actor=fresh(self.document.handler),
            supplement_no="BC-1", note="流水", files=[{"title": "流水.pdf"}],
        )  # fmt: skip

    def withdraw(self) -> None:
        assert self.case is not None
        actor = fresh(self.document.handler) if self.mostly(4) else self.someone()
        self.act(
            submission.withdraw_case, case_id=self.case.pk, actor=actor, reason="资料有误",
            **self.common(),
        )  # fmt: skip

    def void(self) -> None:
        assert self.case is not None
        with transaction.atomic():
            self.act(
                submission.void_case, case_id=self.case.pk, actor=fresh(self.document.handler),
                reason="客户放弃",
            )  # fmt: skip

    def new_version(self) -> None:
        """An administrator publishes another route; the running case stays on its own."""
        assert self.case is not None
        version_id = self.case.flow_version_id
        self.world.publish(random_route(self.world, self.dice))
        self.case.refresh_from_db()
        assert self.case.flow_version_id == version_id

    def gain_role(self) -> None:
        """Somebody gets a role, mostly one for which a seat is empty, and sits down there."""
        seats = WorkItem.objects.filter(case=self.case, state=ItemState.VACANT)
        wanted = [role for item in seats if (role := item.reason.get("role"))]
        code = self.pick(wanted) if wanted and self.mostly(4) else self.pick(["BRM", "HRM", "FIN"])
        at_head_office = [self.world.hrm2, self.world.ceo, *self.world.auditors]
        person = fresh(self.pick(at_head_office)) if self.mostly(4) else self.someone()
        place = {"branch": person.branch} if code in ("BRM", "BGM") else {}
        self.act(
            assign_role, employee=person, role=Role.objects.get(code=code),
            actor=fresh(self.world.adm), **place,
        )  # fmt: skip

    def tick(self) -> None:
        """The worker looks after stages that lack people."""
        self.act(role_changes.stop_unattended_stages)
        self.act(role_changes.fill_vacant_seats)

    def lose_role(self) -> None:
        """Somebody loses a role, and with it what he held through it."""
        pools = WorkItem.objects.filter(
            case=self.case, state=ItemState.OPEN, pool_role__isnull=False
        )
        affected = sorted({pk for item in pools for pk in pool_holders(item)})
        person = self.someone()
        if affected:
            person = Employee.objects.get(pk=self.pick(affected))
        held = list(person.role_assignments.exclude(role__code="ADM"))
        if held:
            self.act(revoke_role, assignment=held[0], actor=fresh(self.world.adm))

    def correct(self) -> None:
        values = self.pick(
            [{"subject": f"主题{next(self._keys)}"}, {"subject": ""}, {"colour": "x"}]
        )
        self.on_item(corrections.correct_document, values=values)

    def holder(self) -> Employee:
        """Somebody who is asked now or later; now and then anybody."""
        asked = WorkItem.objects.filter(
            case=self.case, state__in=LIVE, assignee__isnull=False
        ).exclude(kind=ItemKind.CORRECTION)
        if not asked or not self.mostly(8):
            return self.someone()
        return Employee.objects.get(pk=self.pick(list(asked.order_by("id"))).assignee_id)

    def go_away(self) -> None:
        """Somebody is away from now on, mostly with all that waits for him."""
        person = self.holder()
        self.act(
            give_delegation, principal=person, delegate=self.someone(), actor=person,
            starts_at=self.now, ends_at=self.now + timedelta(days=300),
            moves_open_items=self.mostly(4), kinds=self.pick([(), (), ("toy",)]),
            max_amount=self.pick([None, None, Decimal(150_000)]),
        )  # fmt: skip

    def come_back(self) -> None:
        given = list(Delegation.objects.filter(ended_at=None).order_by("id"))
        if given:
            ending = self.pick(given)
            self.act(end_delegation, delegation=ending, actor=fresh(ending.principal))

    def recuse(self) -> None:
        """A register names somebody as a related party of the customer."""
        assert self.case is not None
        person = self.holder()
        if person.pk not in (self.case.handler_id, self.case.creator_id):
            TOY.related[person.pk] = "is a related party of the customer"
        self.act(recusals.review_recusals, case_id=self.case.pk)

    def leave(self) -> None:
        """Somebody leaves: what he holds moves, and nobody can log in as him any more."""
        if self.coin():
            return
        person = self.holder()
        successor = self.pick([None, self.someone()])
        if person in (self.world.am, self.world.adm, self.document.handler) or person == successor:
            return
        parts = [Part("work_items", successor), Part("delegations")]
        self.act(
            hand_over_all, employee=person, parts=parts, actor=fresh(self.world.adm),
            closes_account=True,
        )  # fmt: skip
        if not fresh(person).is_active:
            self.people.remove(person)

    def hand_documents_over(self) -> None:
        """The document gets another handler, in the middle of whatever it is in."""
        self.act(
            change_handler, document_id=self.document.pk, successor=fresh(self.world.successor),
            actor=fresh(self.world.adm),
        )  # fmt: skip
        self.document.refresh_from_db()

    def change_limit(self) -> None:
        """An administrator changes how long a stage may take; the worker sets the clocks anew."""
        assert self.case is not None
        if self.coin():
            return
        stages = [stage.id for stage in definition_of(self.case.flow_version_id).stages()]
        self.act(
            limits.change_limit, version_id=self.case.flow_version_id, node_id=self.pick(stages),
            hours=self.pick([None, Decimal(8), Decimal(40)]), actor=fresh(self.world.adm),
            reason="新制度",
        )  # fmt: skip
        told = {"case": self.case.pk, "because": "LIMIT", "by": self.world.adm.name}
        self.act(limits.retime_case, message=OutboxMessage(payload=told))
