"""The viewflow nodes that every document's flow class is built of.

viewflow keeps the state machine of a task and walks from node to node; what is written
goes through the ``Act`` that the case carries, so that a decision costs few statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from viewflow import this
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Node
from viewflow.workflow.nodes.mixins import NextNodeMixin
from viewflow.workflow.status import PROCESS, STATUS

from workflows import route
from workflows.bpmn.model import EndKind
from workflows.bpmn.walk import Arrival, Token
from workflows.choices import CaseState, StageOutcome
from workflows.conclusion import conclude
from workflows.models import Stage


class _CaseActivation(Activation):
    """An activation whose task is written by the act, not by itself.

    viewflow keeps activations in sets, and a task that is not written yet has no id; its
    place in the act stands in, which also makes the order of parallel stages certain.
    """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _CaseActivation) and self.task is other.task

    def __hash__(self) -> int:
        return self.process.act.place_of(self.task)

    @classmethod
    def create(
        cls,
        flow_task: Any,
        prev_activation: Any,
        token: Any,
        data: Any = None,
        seed: Any = None,
    ) -> _CaseActivation:
        return cls(route.new_stage(prev_activation.process, flow_task))

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.DONE)
    def complete(self) -> None:
        self.task.finished = self.process.act.now


class SubmissionActivation(_CaseActivation):
    """The first submission: the case begins, the route follows."""

    @Activation.status.super()
    def activate(self) -> None:
        """Nothing to wait for: the handler submits by opening the case."""

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        yield from self.flow_task._next.enter(self)


class Submission(NextNodeMixin, Node):
    """提交审批: the node where a case begins."""

    activation_class = SubmissionActivation
    task_type = "SUBMISSION"
    task_title = _("Submission")
    bpmn_element = "startEvent"

    def begin(self, case: Any) -> Activation:
        """The finished activation of a case that begins now; call ``activate_next`` on it."""
        activation = self.activation_class(route.new_stage(case, self))
        activation.activate()
        activation.complete()
        return activation


class ApprovalActivation(_CaseActivation):
    """One stage of the route: opens, waits for people, and goes where they decided."""

    @classmethod
    def create(
        cls,
        flow_task: Any,
        prev_activation: Any,
        token: Any,
        data: Any = None,
        seed: Any = None,
    ) -> ApprovalActivation:
        return cls(route.new_stage(prev_activation.process, flow_task, arrival=data))

    @Activation.status.super()
    def activate(self) -> None:
        """Ask the people of the stage; a stage that passes by itself is done at once."""
        self.task.status = STATUS.ASSIGNED
        act = self.process.act
        if Token(self.task.node_id) not in act.tokens:
            # A sister that passed by itself has ended the route before this one opened.
            act.close_stage(self.task, StageOutcome.CLOSED)
        elif route.open_stage(act, self.task):
            self.decide()

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """Never by itself: only a decision ends a stage."""

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.DONE)
    def decide(self) -> None:
        self.task.finished = self.process.act.now

    def fire(self, timer_id: str) -> None:
        """A timer on the stage's boundary ran out: open what it leads to."""
        walk = route.fire(self.process.act, self.task, timer_id)
        self._activate_next(set(self.flow_task.follow(self, walk.arrivals, walk.outcome)))

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        yield from self.flow_task.leave(self)


class Approval(Node):
    """审批: walks the published route; every stage of it is a task of this node.

    ``Next`` follows approval, ``Rejected`` a rejection, ``Returned`` a return to the handler.
    """

    activation_class = ApprovalActivation
    task_type = "APPROVAL"
    task_title = _("Approval")
    bpmn_element = "callActivity"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._next: Any = None
        self._rejected: Any = None
        self._returned: Any = None

    def Next(self, node: Any) -> Approval:  # noqa: N802 - viewflow's own style
        self._next = node
        return self

    def Rejected(self, node: Any) -> Approval:  # noqa: N802
        self._rejected = node
        return self

    def Returned(self, node: Any) -> Approval:  # noqa: N802
        self._returned = node
        return self

    def _resolve(self, instance: Any) -> None:
        self._next = this.resolve(instance, self._next)
        self._rejected = this.resolve(instance, self._rejected)
        self._returned = this.resolve(instance, self._returned)

    def _outgoing(self) -> Iterator[Edge]:
        yield Edge(src=self, dst=self._next, edge_class="next")
        yield Edge(src=self, dst=self._rejected, edge_class="cond_false")
        yield Edge(src=self, dst=self._returned, edge_class="cond_false")

    def enter(self, prev: Activation, *, at: str | None = None) -> Iterator[Activation]:
        """Come in from the start of the route, or straight at the stage ``at``."""
        walk = route.begin(prev.process.act, at=at)
        yield from self.follow(prev, walk.arrivals, walk.outcome)

    def leave(self, activation: ApprovalActivation) -> Iterator[Activation]:
        """Go where the stage's outcome leads."""
        stage: Stage = activation.task
        act = activation.process.act
        if act.is_returning and act.return_target:
            yield from self.enter(activation, at=act.return_target)
        elif act.is_returning:
            yield self._returned._create(activation, stage.token)
        elif stage.outcome == StageOutcome.REJECTED:
            yield self._rejected._create(activation, stage.token)
        else:
            walk = route.advance(act, stage)
            yield from self.follow(activation, walk.arrivals, walk.outcome)

    def follow(
        self, prev: Activation, arrivals: tuple[Arrival, ...], outcome: EndKind | None
    ) -> Iterator[Activation]:
        """The activations of what a step of the route reached."""
        if outcome is not None:
            ending = self._next if outcome == EndKind.APPROVED else self._rejected
            yield ending._create(prev, prev.task.token)
            return
        stages = prev.process.act.definition.elements
        for arrival in arrivals:
            if route.is_stage(stages[arrival.element_id]):
                yield self._create(prev, prev.task.token, data=arrival)


class CorrectionActivation(_CaseActivation):
    """The handler has the document again; waits until he submits it."""

    @Activation.status.super()
    def activate(self) -> None:
        self.task.status = STATUS.ASSIGNED
        route.hand_back(self.process.act, self.task)

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """Never by itself: only the handler submits again."""

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.DONE)
    def resume(self) -> None:
        self.task.finished = self.process.act.now

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        act = self.process.act
        yield from self.flow_task._next.enter(self, at=act.resume_at)


class Correction(NextNodeMixin, Node):
    """退回修改: the document is with its handler."""

    activation_class = CorrectionActivation
    task_type = "CORRECTION"
    task_title = _("Correction by the handler")
    bpmn_element = "userTask"


class ConclusionActivation(_CaseActivation):
    """The route has ended; the document's app books what follows."""

    @Activation.status.super()
    def activate(self) -> None:
        act = self.process.act
        conclude(act, self.flow_task.outcome)

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        yield self.flow_task._next._create(self, self.task.token)


class Conclusion(NextNodeMixin, Node):
    """办结: books an approval or a rejection in the transaction of the last decision."""

    activation_class = ConclusionActivation
    task_type = "CONCLUSION"
    task_title = _("Conclusion")
    bpmn_element = "serviceTask"

    def __init__(self, outcome: Literal["APPROVED", "REJECTED"], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome = CaseState(outcome)


class EndActivation(_CaseActivation):
    """Nothing waits any more."""

    @Activation.status.super()
    def activate(self) -> None:
        self.process.status = PROCESS.DONE
        self.process.finished = self.process.act.now

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        yield from ()


class End(Node):
    """The case is over."""

    activation_class = EndActivation
    task_type = "END"
    task_title = _("End")
    bpmn_element = "endEvent"

    def _outgoing(self) -> Iterator[Edge]:
        yield from ()
