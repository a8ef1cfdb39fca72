"""Publish checks: what a route must fulfil before cases may run on it (engine.md §2)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from workflows.bpmn.choice_checks import choice_findings
from workflows.bpmn.condition_checks import ConditionChecks
from workflows.bpmn.findings import Finding, Severity
from workflows.bpmn.loop_checks import LoopChecks
from workflows.bpmn.model import BoundaryTimer, CopyTask, Definition, ServiceTask, Stage
from workflows.bpmn.naming import about_element, about_route
from workflows.bpmn.parsing import parse, schema_findings
from workflows.bpmn.stage_checks import (
    Resolves,
    stage_findings,
    task_findings,
    timer_findings,
)
from workflows.bpmn.structure_checks import StructureChecks
from workflows.bpmn.writer import write
from workflows.kinds import Fact


def check(
    definition: Definition,
    *,
    facts: Sequence[Fact],
    resolves: Resolves | None = None,
    term_fields: Collection[str] | None = None,
    fields: Collection[str] | None = None,
    handlers: Callable[[str], bool] | None = None,
    editable: Collection[str] | None = None,
    closing: Callable[[str], bool] | None = None,
) -> list[Finding]:
    """Every finding, errors first; a route without errors may be published.

    ``facts`` are the document kind's; ``resolves`` tells whether an assignee rule could ever
    find anybody, ``term_fields`` and ``fields`` are the names that a stage may set and hide,
    ``editable`` those that it may open to correction, ``handlers`` knows the registered service
    tasks, ``closing`` those that need the route's approval. What is None is not checked.
    """
    checking = _Checking(
        definition, facts, resolves, term_fields, fields, handlers, editable, closing
    )
    return sorted(checking.findings(), key=lambda each: not each.is_error)


class _Checking:
    def __init__(
        self,
        definition: Definition,
        facts: Sequence[Fact],
        resolves: Resolves | None,
        term_fields: Collection[str] | None,
        fields: Collection[str] | None,
        handlers: Callable[[str], bool] | None,
        editable: Collection[str] | None,
        closing: Callable[[str], bool] | None,
    ) -> None:
        self.definition = definition
        self.structure = StructureChecks(definition)
        self.conditions = ConditionChecks(definition, facts)
        self.resolves = resolves
        self.term_fields = term_fields
        self.fields = fields
        self.handlers = handlers
        self.editable = editable
        self.closing = closing

    def findings(self) -> Iterator[Finding]:
        dangling = list(self.structure.dangling())
        if dangling:
            yield from dangling
            return
        structure = list(self.structure.findings())
        structure += [] if structure else LoopChecks(self.definition).findings()
        conditions = list(self.conditions.conditions())
        gateways = [] if conditions else list(self.conditions.gateways())
        unsound = [] if structure else list(self.structure.soundness())
        found = [*structure, *conditions, *gateways, *unsound]
        yield from found
        if not any(each.is_error for each in found):
            yield from self.conditions.runs()
        yield from self._elements()
        yield from self._schema()

    def _elements(self) -> Iterator[Finding]:
        names: set[str] = set()
        for element in self.definition.elements.values():
            match element:
                case Stage():
                    yield from stage_findings(
                        element,
                        resolves=self.resolves,
                        term_fields=self.term_fields,
                        fields=self.fields,
                        editable=self.editable,
                    )
                    yield from choice_findings(self.definition, element)
                    if element.name and element.name in names:
                        yield about_element(
                            "same-name",
                            element,
                            _("Two stages are called “%(element)s”."),
                            Severity.WARNING,
                        )
                    names.add(element.name)
                case CopyTask() | ServiceTask():
                    yield from task_findings(
                        element,
                        definition=self.definition,
                        resolves=self.resolves,
                        handlers=self.handlers,
                        closing=self.closing,
                    )
                    if isinstance(element, CopyTask):
                        yield from choice_findings(self.definition, element)
                case BoundaryTimer():
                    yield from timer_findings(self.definition, element)

    def _schema(self) -> Iterator[Finding]:
        try:
            text = write(self.definition)
        except ValueError:
            yield about_route(
                "not-writable", _("A name or value holds characters that cannot be stored.")
            )
            return
        yield from schema_findings(parse(text))
