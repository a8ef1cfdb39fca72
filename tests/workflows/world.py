"""A small lender for the engine's tests: people, a route, documents on it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any

from applications.flows import BusinessApplicationFlow
from documents.models import Document
from staff.models import Employee
from tests.staff.factories import BranchFactory, DepartmentFactory, person
from tests.workflows.toy import ToyConduct, ToyKind
from workflows import conduct, conflicts, flows, kinds
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    Definition,
    OnEmpty,
    RoleReach,
    StageAction,
    StageSettings,
)
from workflows.bpmn.xml import write
from workflows.models import Case, FlowDefinition, FlowVersion, WorkItem
from workflows.services import decisions, submission
from workflows.services.definitions import ship_definition

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ALL_ACTIONS = frozenset(StageAction)
_numbers = count(1)

TOY = ToyKind()
if "toy" not in kinds._kinds:
    kinds.register(TOY)
    flows.register_flow("toy", BusinessApplicationFlow)
    conflicts.register_conflict_check(TOY.related_to, kinds=["toy"])
    conduct.register_vote_conduct(ToyConduct())


def by_role(role: str, reach: RoleReach = RoleReach.BRANCH, **values: Any) -> AssigneeRule:
    return AssigneeRule(AssigneeKind.ROLE, role=role, reach=reach, **values)


def stage(node_id: str, *rules: AssigneeRule, when: Any = None, **values: Any) -> ChainStage:
    values.setdefault("actions", ALL_ACTIONS)
    settings = StageSettings(assignees=rules, **values)
    return ChainStage(node_id, f"节点{node_id}", f"Step {node_id}", settings, when)


def at_least(fact: str, value: Any) -> Comparison:
    return Comparison(fact, Operator.GE, value)


def default_stages() -> list[ChainStage]:
    return [
        stage("tl", by_role("TL", RoleReach.DEPARTMENT), on_empty=OnEmpty.SUPERIOR),
        stage("brm", by_role("BRM"), duty_line="RISK"),
        stage(
            "bgm", by_role("BGM"), duty_line="MANAGEMENT", authority_level=1,
            term_fields=("approved_amount",),
        ),
        stage(
            "hrm", by_role("HRM", RoleReach.HEAD_OFFICE), when=at_least("level", 2),
            duty_line="RISK", claim_required=True, authority_level=2,
            term_fields=("approved_amount",),
        ),
        stage(
            "committee",
            by_role("RC", RoleReach.HEAD_OFFICE),
            by_role("RCC", RoleReach.HEAD_OFFICE, has_veto=True),
            when=at_least("level", 3), decide=DecideMode.VOTE, duty_line="COMMITTEE",
        ),
    ]  # fmt: skip


class World:
    """Head office, one branch, one person a role; ``route`` publishes the toy's flow."""

    def __init__(self, *stages: ChainStage) -> None:
        self.head_office = BranchFactory(code="HQ", is_head_office=True)
        self.branch = BranchFactory()
        self.sales = DepartmentFactory(branch=self.branch)
        self.risk = DepartmentFactory(branch=self.head_office)
        self.ceo = self._head("CEO")
        self.hrm = self._head("HRM", superior=self.ceo)
        self.hrm2 = self._head("HRM", superior=self.hrm)
        self.adm = self._head("ADM")
        self.bgm = self._local("BGM", superior=self.hrm)
        self.brm = self._local("BRM", superior=self.bgm)
        self.tl = self._local("TL", superior=self.bgm)
        self.am = self._local("AM", superior=self.tl)
        self.route(*(stages or default_stages()))

    def _head(self, role: str, **values: Any) -> Employee:
        return person(role, branch=self.head_office, department=self.risk, **values)

    def _local(self, role: str, **values: Any) -> Employee:
        return person(role, branch=self.branch, department=self.sales, **values)

    @cached_property
    def members(self) -> list[Employee]:
        return [self._head("RC") for _ in range(4)]

    @cached_property
    def chair(self) -> Employee:
        return self._head("RCC")

    @cached_property
    def auditors(self) -> list[Employee]:
        """Two people whom nothing else in the world asks."""
        return [self._head("PLM") for _ in range(2)]

    @cached_property
    def deputy(self) -> Employee:
        """Somebody of general management, who may be given any step."""
        return self._head("CEO")

    @cached_property
    def successor(self) -> Employee:
        """Who may take over what the account manager handles."""
        return self._local("AM", superior=self.tl)

    def with_everybody(self) -> World:
        """Whom random walks may meet are there before them, and stay when they are undone."""
        assert self.committee() and self.auditors and self.secretary and self.crowd
        assert self.successor
        return self

    @cached_property
    def crowd(self) -> list[Employee]:
        """Colleagues in the roles that routes ask for, so that long routes find somebody."""
        local = [self._local(role) for role in ("TL", "TL", "BRM", "BRM", "BGM", "BGM")]
        return [*local, *(self._head(role) for role in ("HRM", "CEO", "CEO"))]

    @cached_property
    def secretary(self) -> Employee:
        return self._head("RCS")

    def committee(self) -> list[Employee]:
        return [*self.members, self.chair]

    def route(self, *stages: ChainStage) -> None:
        definition = from_chain(Chain("toy_route", "玩具流程", nodes=tuple(stages)))
        self.version = ship_definition(
            code="toy", document_kind="toy", title="玩具", title_en="Toy",
            definition=definition, now=NOW,
        )  # fmt: skip

    def publish(self, definition: Definition) -> None:
        """Another version of the toy's flow; the publish checks are not asked."""
        versions = FlowVersion.objects.filter(definition__document_kind="toy")
        versions.filter(state="PUBLISHED").update(state="RETIRED")
        self.version = FlowVersion.objects.create(
            definition=FlowDefinition.objects.get(document_kind="toy"),
            number=versions.count() + 1,
            bpmn=write(definition),
            sha256="",
            state="PUBLISHED",
            created_at=NOW,
        )

    def document(self, *, handler: Employee | None = None, **values: Any) -> Document:
        handler = handler or self.am
        values.setdefault("amount", "100000.00")
        return Document.objects.create(
            kind="toy",
            doc_no=f"TY-{next(_numbers):06}",
            subject="玩具申请",
            handler=handler,
            creator=handler,
            branch=handler.branch,
            department=handler.department,
            remark=json.dumps(values),
            created_at=NOW,
            updated_at=NOW,
        )

    def submit(self, document: Document, *, at: datetime = NOW, **values: Any) -> Case:
        handler = Employee.objects.get(pk=document.handler_id)
        return submission.submit_document(
            kind="toy", document_id=document.pk, actor=handler, now=at, **values
        )

    def submitted(self, **values: Any) -> Case:
        return self.submit(self.document(**values))

    def item(self, case: Case, who: Employee | None = None) -> WorkItem:
        """The open item of the case; with ``who``, the one that waits for him."""
        items = WorkItem.objects.filter(case=case, state="OPEN")
        if who is not None:
            who = fresh(who)
            items = WorkItem.objects.waiting_for(who).filter(
                case=case
            ) | WorkItem.objects.claimable_by(who).filter(case=case)
        return items.get()

    def approve(self, case: Case, who: Employee, *, minutes: int = 1, **values: Any) -> Case:
        values.setdefault("opinion", "同意")
        return decisions.approve(
            item_id=self.item(case, who).pk,
            actor=fresh(who),
            now=NOW + timedelta(minutes=minutes),
            **values,
        )

    def edit(self, document: Document, **values: Any) -> None:
        document.refresh_from_db()
        document.remark = json.dumps({**json.loads(document.remark), **values})
        document.version += 1
        document.save()


def fresh(who: Employee) -> Employee:
    """The person as a new request would load him, without remembered roles."""
    return Employee.objects.get(pk=who.pk)
