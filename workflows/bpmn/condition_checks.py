"""Publish checks on conditions: that they fit, cover every case, and leave no one out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from workflows.bpmn import walk
from workflows.bpmn.answers import ANSWERS, asking_gateways
from workflows.bpmn.condition_words import value_in_words
from workflows.bpmn.conditions import Condition, holds
from workflows.bpmn.courses import remaining
from workflows.bpmn.fact_rules import problems
from workflows.bpmn.findings import Finding, Severity
from workflows.bpmn.model import (
    BoundaryTimer,
    Definition,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    Stage,
)
from workflows.bpmn.naming import about_element, about_flow, about_route, active_language
from workflows.bpmn.samples import TooManySamples, samples
from workflows.bpmn.soundness import following
from workflows.bpmn.structure_checks import closure
from workflows.kinds import Fact

GATEWAY_SAMPLES_AT_MOST = 5000
#: whole runs are tried, so fewer of them
ROUTE_SAMPLES_AT_MOST = 600


class ConditionChecks:
    """Checks on the conditions of a route, over the facts of its document kind."""

    def __init__(self, definition: Definition, facts: Sequence[Fact]) -> None:
        self.definition = definition
        self.facts = facts
        self.known = {fact.name: fact for fact in facts}
        #: what does not change during a case
        self.frozen = [fact for fact in facts if fact.name not in ANSWERS]

    def conditions(self) -> Iterator[Finding]:
        """Conditions in the wrong place, on unknown facts, or with values that do not fit."""
        for flow in self.definition.flows.values():
            if flow.condition is None:
                continue
            source = self.definition.elements[flow.source]
            if not isinstance(source, Gateway) or source.kind is GatewayKind.PARALLEL:
                yield about_flow(
                    self.definition,
                    "condition-place",
                    flow,
                    _(
                        "The flow “%(element)s” has a condition, which only flows from exclusive "
                        "and inclusive gateways may have."
                    ),
                )
            elif source.default == flow.id:
                yield about_flow(
                    self.definition,
                    "condition-on-default",
                    flow,
                    _(
                        "The default flow “%(element)s” has a condition. Remove it: the default "
                        "is taken when no other condition holds."
                    ),
                )
            for problem in problems(flow.condition, self.facts):
                yield about_flow(
                    self.definition,
                    problem.code,
                    flow,
                    _("The condition of the flow “%(element)s”: %(problem)s."),
                    problem=_Filled(problem.sentence, problem.params),
                )

    def gateways(self) -> Iterator[Finding]:
        """Gateways that may be stuck and branches never taken; the conditions must fit."""
        for element in self.definition.elements.values():
            if isinstance(element, Gateway) and element.kind is not GatewayKind.PARALLEL:
                yield from self._gateway(element)

    def _gateway(self, gateway: Gateway) -> Iterator[Finding]:
        flows = self.definition.outgoing(gateway.id)
        plain = [f for f in flows if f.condition is None and f.id != gateway.default]
        if plain and len(flows) > 1 and gateway.kind is GatewayKind.EXCLUSIVE:
            for flow in plain:
                yield about_flow(
                    self.definition,
                    "no-condition",
                    flow,
                    _("The flow “%(element)s” has no condition and is not the default."),
                )
            return
        conditions = {f.id: f.condition for f in flows if f.condition is not None}
        if not conditions:
            return
        try:
            cases = samples(conditions.values(), self.facts, at_most=GATEWAY_SAMPLES_AT_MOST)
        except TooManySamples:
            if gateway.default is None and not plain:
                yield self._needs_default(gateway, None)
            return
        yield from self._coverage(gateway, conditions, cases, covered=bool(plain))

    def _coverage(
        self,
        gateway: Gateway,
        conditions: Mapping[str, Condition],
        cases: Sequence[Mapping[str, Any]],
        *,
        covered: bool,
    ) -> Iterator[Finding]:
        used: set[str] = set()
        possible: set[str] = set()
        uncovered: Mapping[str, Any] | None = None
        for case in cases:
            true = [flow_id for flow_id, each in conditions.items() if holds(each, case)]
            possible.update(true)
            used.update(true[:1] if gateway.kind is GatewayKind.EXCLUSIVE else true)
            if not true and uncovered is None:
                uncovered = case
        if uncovered is not None and gateway.default is None and not covered:
            yield self._needs_default(gateway, uncovered)
        if uncovered is None and gateway.default is not None:
            yield about_flow(
                self.definition,
                "branch-never-taken",
                self.definition.flows[gateway.default],
                _(
                    "The default flow “%(element)s” is never taken: the other conditions cover "
                    "every case."
                ),
                Severity.WARNING,
            )
        for flow_id in conditions:
            if flow_id in used:
                continue
            sentence = (
                _("The flow “%(element)s” is never taken: flows before it cover its condition.")
                if flow_id in possible
                else _("The flow “%(element)s” is never taken: its condition contradicts itself.")
            )
            yield about_flow(
                self.definition,
                "branch-never-taken",
                self.definition.flows[flow_id],
                sentence,
                Severity.WARNING,
            )

    def _needs_default(self, gateway: Gateway, case: Mapping[str, Any] | None) -> Finding:
        name = gateway.title(active_language()) or self._ahead_of(gateway)
        if case is None:
            sentence = _(
                "The gateway %(gateway)s needs a default flow: it cannot be shown that "
                "its conditions cover every case."
            )
            return about_element("no-default", gateway, sentence, gateway=name)
        return about_element(
            "no-default",
            gateway,
            _("The gateway %(gateway)s has no default flow, and no condition holds for %(case)s."),
            gateway=name,
            case=self._case(case),
        )

    def _ahead_of(self, gateway: Gateway) -> str:
        """A gateway without a name is told by what stands in front of it."""
        for flow in self.definition.incoming(gateway.id):
            name = self.definition.elements[flow.source].title(active_language())
            if name:
                return pgettext("gateway", "behind “%(element)s”") % {"element": name}
        return gateway.id

    def _case(self, case: Mapping[str, Any]) -> str:
        """An example: 'Exposure = 500,000.00 yuan, Term = 12'."""
        shown = []
        for name, value in case.items():
            fact = self.known[name]
            text = value_in_words(value, fact) or pgettext("value", "none")
            shown.append(f"{fact.label} = {text}")
        return pgettext("between values", ", ").join(shown) or pgettext("value", "every case")

    def runs(self) -> Iterator[Finding]:
        """Run every case that the conditions can tell apart, with everybody approving plainly."""
        definition = self.definition
        conditions = [f.condition for f in definition.flows.values() if f.condition is not None]
        try:
            cases = samples(conditions, self.frozen, at_most=ROUTE_SAMPLES_AT_MOST)
        except TooManySamples:
            yield from self._unproved()
            return
        visited: set[str] = set()
        for case in cases:
            try:
                stages = remaining(definition, definition.start.id, case)
            except walk.WalkError:
                continue
            visited.update(stage.id for stage in stages)
            if not stages and walk.start(definition, case).outcome is EndKind.APPROVED:
                yield about_route(
                    "nobody-decides",
                    _("No stage is met for %(case)s: the case would be approved by nobody."),
                    case=self._case(case),
                )
                return
        timers = [e for e in definition.elements.values() if isinstance(e, BoundaryTimer)]
        elsewhere = closure(
            [each.id for each in (*timers, *asking_gateways(definition))],
            lambda node: following(definition, node),
        )
        for stage in definition.stages():
            if stage.id not in visited and stage.id not in elsewhere:
                yield about_element(
                    "stage-never-met",
                    stage,
                    _(
                        "“%(element)s” is never met: the conditions on the way to it exclude each "
                        "other."
                    ),
                    Severity.WARNING,
                )

    def _unproved(self) -> Iterator[Finding]:
        """Too many cases to try: some stage must then stand on every way to approval."""
        elements = self.definition.elements
        without_stages = closure(
            [self.definition.start.id],
            lambda node: [
                flow.target
                for flow in self.definition.outgoing(node)
                if not isinstance(elements[flow.target], Stage)
            ],
        )
        ends = [elements[node] for node in without_stages]
        if any(isinstance(end, EndEvent) and end.kind is EndKind.APPROVED for end in ends):
            yield about_route(
                "nobody-decides-perhaps",
                _(
                    "It cannot be shown that somebody decides in every case. Add a stage without "
                    "a condition."
                ),
            )


class _Filled:
    """A sentence with its values, put into words only when it is shown."""

    def __init__(self, sentence: Promise, params: Mapping[str, Any]) -> None:
        self.sentence = sentence
        self.params = params

    def __str__(self) -> str:
        return str(self.sentence) % self.params
