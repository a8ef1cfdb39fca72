"""Whole routes in sentences, for screen readers (M23) and pages without a drawing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from workflows.bpmn.condition_words import condition_in_words, why_skipped
from workflows.bpmn.grid import place
from workflows.bpmn.model import (
    BoundaryTimer,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    SequenceFlow,
    ServiceTask,
    Stage,
    StartEvent,
)
from workflows.bpmn.naming import shown_title
from workflows.bpmn.stage_words import (
    Resolve,
    assignees_in_words,
    plain_names,
    progress_in_words,
    who_and_how,
)
from workflows.bpmn.theme import Mark
from workflows.kinds import Fact
from workflows.service_tasks import title_of

_END_WORDS: Mapping[EndKind, Promise] = {
    EndKind.APPROVED: pgettext_lazy("end of the route", "The case is approved."),
    EndKind.REJECTED: pgettext_lazy("end of the route", "The case is rejected."),
    EndKind.TERMINATED: pgettext_lazy("end of the route", "The case is terminated."),
}


def route_words(
    definition: Definition,
    facts: Sequence[Fact],
    *,
    marks: Mapping[str, Mark] | None = None,
    resolve: Resolve | None = None,
    earlier: Collection[str] = (),
    language: str | None = None,
) -> list[str]:
    """The drawing as sentences in reading order, one an element that means something.

    With ``marks`` each stage tells how far the case has come; with ``resolve`` each stage
    tells who decides and how. ``earlier`` are flows that the case took before and has left since.
    """
    language = language or get_language() or "zh-hans"
    with translation.override(language):
        found = _RouteWords(definition, facts, marks, resolve, language).sentences()
        return [*found, *_left_since(definition, earlier)]


def _left_since(definition: Definition, earlier: Collection[str]) -> list[str]:
    """The ways of earlier rounds that the present one has not taken, as one sentence."""
    ways = [
        f"{shown_title(definition, flow.source)} → {shown_title(definition, flow.target)}"
        for flow in definition.flows.values()
        if flow.id in earlier
    ]
    if not ways:
        return []
    joined = pgettext("between names", ", ").join(ways)
    return [gettext("Taken before and left since: %(ways)s.") % {"ways": joined}]


class _RouteWords:
    def __init__(
        self,
        definition: Definition,
        facts: Sequence[Fact],
        marks: Mapping[str, Mark] | None,
        resolve: Resolve | None,
        language: str,
    ) -> None:
        self.definition = definition
        self.facts = facts
        self.marks = marks
        self.resolve = resolve
        self.language = language
        grid = place(definition)
        self.order = sorted(
            grid.layers, key=lambda node: (grid.layers[node], grid.rows.get(node, 0))
        )
        self.ends = sum(
            isinstance(element, EndEvent) and element.kind is EndKind.APPROVED
            for element in definition.elements.values()
        )
        self.numbers: dict[str, int] = {}
        for element_id in self.order:
            element = definition.elements[element_id]
            if isinstance(element, Stage | CopyTask | ServiceTask):
                self.numbers[element_id] = len(self.numbers) + 1

    def sentences(self) -> list[str]:
        found: list[str] = []
        for element_id in self.order:
            found += self._element(self.definition.elements[element_id])
            found += [self._timer(timer) for timer in self.definition.timers(element_id)]
        return found

    def _name(self, element: Element) -> str:
        return element.title(self.language) or element.id

    def _element(self, element: Element) -> list[str]:
        match element:
            case StartEvent():
                return [gettext("The route begins: %(name)s.") % {"name": self._name(element)}]
            case EndEvent(kind=EndKind.APPROVED) if self.ends > 1:
                return [gettext("A way ends here: %(name)s.") % {"name": self._name(element)}]
            case EndEvent():
                return [str(_END_WORDS[element.kind])]
            case Gateway():
                return self._gateway(element)
            case Stage() | CopyTask() | ServiceTask():
                back = (f for f in self.definition.outgoing(element.id) if self._leads_back(f))
                return [self._task(element), *(self._way_back(element, flow) for flow in back)]
        return []

    def _leads_back(self, flow: SequenceFlow) -> bool:
        return flow.id in self.definition.backward

    def _way_back(self, element: Element, flow: SequenceFlow) -> str:
        return gettext("Behind “%(name)s” the route goes back to “%(target)s”.") % {
            "name": self._name(element),
            "target": self._landing(self.definition.elements[flow.target]),
        }

    def _task(self, element: Element) -> str:
        parts = [
            gettext("%(number)s. %(name)s")
            % {"number": self.numbers[element.id], "name": self._name(element)}
        ]
        if isinstance(element, CopyTask):
            who = assignees_in_words(element.assignees, self.resolve or plain_names)
            if self.resolve is not None:
                parts.append(gettext("a copy goes to %(who)s") % {"who": who})
            else:
                parts.append(gettext("a copy is sent"))
        elif isinstance(element, ServiceTask):
            what = title_of(element.handler)
            parts.append(
                gettext("done by the system: %(what)s") % {"what": what}
                if what
                else gettext("done by the system")
            )
        condition = self._condition(element)
        if condition:
            parts.append(condition)
        text = pgettext("between parts", "; ").join(parts) + pgettext("sentence end", ".")
        if isinstance(element, Stage):
            details = []
            if self.resolve is not None:
                details.append(who_and_how(element.settings, self.resolve))
            if self.marks is not None:
                details.append(progress_in_words(self.marks.get(element.id)))
            # A Chinese full stop brings its own space.
            space = "" if (get_language() or "").startswith("zh") else " "
            text = space.join([text, *details])
        return text

    def _condition(self, element: Element) -> str:
        incoming = self.definition.incoming(element.id)
        sources = [self.definition.elements[flow.source] for flow in incoming]
        if len(incoming) == 1 and isinstance(sources[0], Gateway) and not self._is_told(sources[0]):
            return why_skipped(self.definition, element.id, self.facts, language=self.language)
        return ""

    def _is_told(self, gateway: Gateway) -> bool:
        """Whether the gateway has a sentence of its own: all but 'only when …, else past it'."""
        return bool(self._gateway(gateway))

    def _gateway(self, gateway: Gateway) -> list[str]:
        flows = self.definition.outgoing(gateway.id)
        found = []
        incoming = self.definition.incoming(gateway.id)
        if gateway.kind is not GatewayKind.EXCLUSIVE and len(incoming) > 1:
            found.append(gettext("The route goes on when every open branch has arrived."))
        if len(flows) < 2 or self._is_way_around(gateway, flows):
            return found
        match gateway.kind:
            case GatewayKind.PARALLEL:
                names = pgettext("between values", ", ").join(self._ahead(flow) for flow in flows)
                found.append(gettext("At the same time: %(branches)s.") % {"branches": names})
            case GatewayKind.EXCLUSIVE:
                found.append(
                    gettext("One way is taken: %(branches)s.") % {"branches": self._cases(flows)}
                )
            case GatewayKind.INCLUSIVE:
                found.append(
                    gettext("Every way that applies is taken: %(branches)s.")
                    % {"branches": self._cases(flows)}
                )
        return found

    def _is_way_around(self, gateway: Gateway, flows: Sequence[SequenceFlow]) -> bool:
        """The list editor's pattern: a conditional node and a default flow past it."""
        if gateway.kind is not GatewayKind.EXCLUSIVE or len(flows) != 2:
            return False
        conditional = next((f for f in flows if f.id != gateway.default), flows[0])
        around = next((f for f in flows if f.id == gateway.default), None)
        after = self.definition.outgoing(conditional.target)
        return (
            around is not None
            and len(self.definition.incoming(conditional.target)) == 1
            and len(after) == 1
            and after[0].target == around.target
        )

    def _cases(self, flows: Sequence[SequenceFlow]) -> str:
        found = []
        for flow in flows:
            if flow.condition is not None:
                condition = condition_in_words(flow.condition, self.facts)
                found.append(
                    gettext("when %(condition)s: %(branch)s")
                    % {"condition": condition, "branch": self._ahead(flow)}
                )
            else:
                found.append(gettext("otherwise: %(branch)s") % {"branch": self._ahead(flow)})
        return pgettext("between parts", "; ").join(found)

    def _ahead(self, flow: SequenceFlow) -> str:
        """What a branch leads to: the next element with a name."""
        element = self.definition.elements[flow.target]
        if self._leads_back(flow):
            return gettext("back to “%(name)s”") % {"name": self._landing(element)}
        if isinstance(element, Gateway) and not element.title(self.language):
            outgoing = self.definition.outgoing(element.id)
            incoming = self.definition.incoming(element.id)
            if len(incoming) > 1 and len(outgoing) == 1:
                return gettext("straight on to the end of the branch")
            return gettext("further branches")
        return self._name(element)

    def _landing(self, element: Element) -> str:
        """Where a way back arrives: gateways without a name hand on to what follows them."""
        while isinstance(element, Gateway) and not element.title(self.language):
            element = self.definition.elements[self.definition.outgoing(element.id)[0].target]
        return self._name(element)

    def _timer(self, timer: BoundaryTimer) -> str:
        flows = self.definition.outgoing(timer.id)
        target = self._ahead(flows[0]) if flows else pgettext("after a timer", "nothing")
        sentence = (
            gettext("After %(duration)s at “%(stage)s” the stage is closed; then: %(target)s.")
            if timer.is_interrupting
            else gettext("After %(duration)s at “%(stage)s”, besides: %(target)s.")
        )
        host = self.definition.elements[timer.attached_to]
        return sentence % {
            "duration": timer.title(self.language) or timer.duration,
            "stage": self._name(host),
            "target": target,
        }
