"""Publish checks on flows that lead back, and on conditions that ask for the stage before."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from workflows.bpmn.answers import answered_before, asking_gateways
from workflows.bpmn.findings import Finding
from workflows.bpmn.model import Definition, SequenceFlow, Stage
from workflows.bpmn.naming import about_element, active_language
from workflows.bpmn.soundness import following
from workflows.bpmn.structure_checks import closure


class LoopChecks:
    """A drawn circle asks somebody in each lap, ends by what he answers, and has one way in."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def findings(self) -> Iterator[Finding]:
        yield from self._answers()
        stages = {stage.id for stage in self.definition.stages()}
        asking = {gateway.id for gateway in asking_gateways(self.definition)}
        for flow_id in sorted(self.definition.backward):
            flow = self.definition.flows[flow_id]
            if lap := self._lap(flow, without=stages):
                yield self._about(
                    "loop-without-stage",
                    flow,
                    lap,
                    _("The circle %(names)s asks nobody. Put a stage on it."),
                )
            elif lap := self._lap(flow, without=asking):
                yield self._about(
                    "loop-without-answer",
                    flow,
                    lap,
                    _(
                        "The circle %(names)s is walked never or for ever: facts of the document "
                        "do not change on the way. Let a condition on it ask for the answer of "
                        "the step before, or remove the flow back and let people return the case."
                    ),
                )
            elif flow.source in self._reached(without={flow.target}):
                yield self._about(
                    "loop-second-entry",
                    flow,
                    self._lap(flow, without=()),
                    _(
                        "The circle %(names)s can be entered behind “%(element)s”, where it "
                        "begins. Let every way into it lead there."
                    ),
                )

    def _answers(self) -> Iterator[Finding]:
        for gateway in asking_gateways(self.definition):
            for element in answered_before(self.definition, gateway):
                if not isinstance(element, Stage):
                    yield about_element(
                        "answer-unclear",
                        gateway,
                        _(
                            "A condition at “%(element)s” asks for the answer of the step before, "
                            "but in front of it is “%(other)s”, where nobody answers. Put a stage "
                            "between them."
                        ),
                        other=element.title(active_language()) or element.id,
                    )
                    break

    def _lap(self, flow: SequenceFlow, *, without: Collection[str]) -> list[str]:
        """A circle over the flow that avoids some elements; empty when there is none."""
        before: dict[str, str] = {}
        todo = [flow.target] if flow.target not in without else []
        source = self.definition.anchor(flow.source)
        while todo and source not in {flow.target, *before}:
            current = todo.pop(0)
            for node in following(self.definition, current):
                if node not in before and node not in without and node != flow.target:
                    before[node] = current
                    todo.append(node)
        if source in without or source not in {flow.target, *before}:
            return []
        lap = [source]
        while lap[-1] != flow.target:
            lap.append(before[lap[-1]])
        return lap[::-1]

    def _reached(self, *, without: Collection[str]) -> set[str]:
        definition = self.definition
        start = definition.start.id
        return closure(
            [start], lambda node: [n for n in following(definition, node) if n not in without]
        )

    def _about(
        self, code: str, flow: SequenceFlow, lap: list[str], sentence: str | Promise
    ) -> Finding:
        elements = [self.definition.elements[each] for each in lap]
        names = [e.title(active_language()) or e.id for e in elements]
        return about_element(
            code,
            self.definition.elements[flow.target],
            sentence,
            names=pgettext("between values", ", ").join(names[:8]),
        )
