"""Flow administration: definitions, versions, and the list editor of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from staff.models import Employee, Role
from workflows.bpmn.chain import (
    Chain,
    ChainCopy,
    ChainNode,
    ChainService,
    ChainStage,
    NotAChain,
    to_chain,
)
from workflows.bpmn.findings import Finding
from workflows.bpmn.model import Definition, Stage
from workflows.bpmn.naming import shown_title
from workflows.bpmn.svg import render_svg
from workflows.bpmn.theme import ThemeName
from workflows.bpmn.words import (
    assignees_in_words,
    condition_in_words,
    condition_words,
    route_words,
    stage_words,
)
from workflows.choices import CaseState, VersionState
from workflows.definitions import parse
from workflows.kinds import DocumentKind, kind_for
from workflows.models import Case, FlowDefinition, FlowVersion, Replay
from workflows.screens.diagram import element_labels
from workflows.screens.replays import latest_replay
from workflows.service_tasks import offered, title_of
from workflows.services.definitions import findings_of


def flow_list() -> list[FlowDefinition]:
    """Every definition with its versions and how many cases run on each."""
    running = Case.objects.filter(flow_version=OuterRef("pk"), state=CaseState.IN_APPROVAL)
    counted = running.order_by().values("flow_version").annotate(n=Count("flow_version"))
    versions = FlowVersion.objects.annotate(running=Coalesce(Subquery(counted.values("n")), 0))
    versions = versions.defer("bpmn").order_by("-number")
    found = FlowDefinition.objects.prefetch_related(
        Prefetch("versions", queryset=versions.select_related("published_by"))
    )
    flows = list(found)
    for flow in flows:
        rows = list(flow.versions.all())
        flow.published = next((v for v in rows if v.state == VersionState.PUBLISHED), None)  # type: ignore[attr-defined]
        flow.draft = next((v for v in rows if v.state == VersionState.DRAFT), None)  # type: ignore[attr-defined]
    return flows


def copy_targets() -> list[FlowDefinition]:
    """The flows that a version could be copied into: those without a draft."""
    return list(FlowDefinition.objects.exclude(versions__state=VersionState.DRAFT))


@dataclass(frozen=True)
class NodeRow:
    """One node of the list, in words; ``title`` is in the reader's language."""

    node: ChainNode
    title: str
    who: str
    how: Sequence[str]
    when: str
    has_error: bool

    @property
    def is_copy(self) -> bool:
        return isinstance(self.node, ChainCopy)

    @property
    def is_service(self) -> bool:
        return isinstance(self.node, ChainService)


@dataclass(frozen=True)
class EditorPage:
    version: FlowVersion
    kind: DocumentKind
    definition: Definition
    chain: Chain | None
    reasons: Sequence[Finding]
    rows: Sequence[NodeRow]
    findings: Sequence[Finding]

    @property
    def replay(self) -> Replay | None:
        """What the newest replay found; it stands beside the publish button."""
        return latest_replay(self.version)

    @property
    def has_services(self) -> bool:
        """Whether the system can do anything in a route of this kind."""
        return bool(offered(self.kind))

    @property
    def errors(self) -> int:
        return sum(finding.is_error for finding in self.findings)


def load_editor(version: FlowVersion) -> EditorPage:
    """A version as a list, with its findings; without a list, why it cannot be one."""
    kind = kind_for(version.definition.document_kind)
    definition = parse(version.bpmn, kind.code)
    chain = to_chain(definition)
    findings = findings_of(definition, kind.code)
    if isinstance(chain, NotAChain):
        return EditorPage(version, kind, definition, None, chain.reasons, (), findings)
    wrong = {finding.element_id for finding in findings if finding.is_error}
    resolve = Names(definition)
    rows = [
        _row(node, shown_title(definition, node.id), kind, resolve, node.id in wrong)
        for node in chain.nodes
    ]
    return EditorPage(version, kind, definition, chain, (), rows, findings)


def _row(
    node: ChainNode, title: str, kind: DocumentKind, resolve: Names, has_error: bool
) -> NodeRow:
    when = condition_in_words(node.condition, kind.condition_facts) if node.condition else ""
    if isinstance(node, ChainStage):
        words = stage_words(node.settings, resolve)
        return NodeRow(node, title, words[0], words[1:], when, has_error)
    if isinstance(node, ChainService):
        return NodeRow(node, title, title_of(node.handler) or "—", (), when, has_error)
    return NodeRow(node, title, assignees_in_words(node.assignees, resolve), (), when, has_error)


class Names:
    """Names of the people and roles that routes mention, by two statements."""

    def __init__(self, *definitions: Definition) -> None:
        rules = [
            rule
            for definition in definitions
            for element in definition.elements.values()
            for rule in (
                element.settings.assignees
                if isinstance(element, Stage)
                else getattr(element, "assignees", ())
            )
        ]
        ids = {pk for rule in rules for pk in rule.people}
        ids |= {
            stage.settings.empty_person
            for definition in definitions
            for stage in definition.stages()
            if stage.settings.empty_person
        }
        self._people = dict(Employee.objects.filter(pk__in=ids).values_list("pk", "name"))
        self._roles = {role.code: str(role) for role in Role.objects.all()}

    def __call__(self, what: Literal["person", "role", "field"], key: int | str) -> str:
        found: dict[Any, str] = self._people if what == "person" else self._roles
        return found.get(key, str(key))


def draw_version(version: FlowVersion, *, theme: ThemeName, is_vertical: bool) -> str:
    """The route of a version as SVG, with its conditions in words."""
    kind = kind_for(version.definition.document_kind)
    definition = parse(version.bpmn, kind.code)
    language = get_language() or "zh-hans"
    return render_svg(
        definition,
        language=language,
        theme=theme,
        condition_words=condition_words(definition, kind.condition_facts, language=language),
        orientation="vertical" if is_vertical else "horizontal",
    )


def version_marks(version: FlowVersion) -> dict[str, Any]:
    """What the drawing in the browser marks on a version that is not walked: its conditions."""
    kind = kind_for(version.definition.document_kind)
    definition = parse(version.bpmn, kind.code)
    labels = element_labels(definition, kind.code)
    return {"nodes": {}, "taken": [], "returns": [], "labels": labels}


def version_words(version: FlowVersion) -> list[str]:
    """The route in sentences."""
    kind = kind_for(version.definition.document_kind)
    definition = parse(version.bpmn, kind.code)
    return route_words(definition, kind.condition_facts, resolve=Names(definition))
