"""BPMN files in and out: what a file would become here, and which version an export names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from workflows.bpmn.checks import check
from workflows.bpmn.findings import Finding
from workflows.bpmn.model import Definition
from workflows.choices import VersionState
from workflows.definitions import read_file
from workflows.models import FlowDefinition, FlowVersion
from workflows.services.definitions import findings_of

#: findings that only a document kind could settle
_NEEDS_A_KIND = frozenset({"unknown-fact", "wrong-operator", "wrong-type", "unknown-choice"})


@dataclass(frozen=True)
class FileCheck:
    """What a file would become: a route, or the reasons why it cannot be one.

    ``notes`` tell what is not taken over, ``to_do`` what the publish checks will ask for.
    """

    definition: Definition | None
    errors: Sequence[Finding]
    notes: Sequence[Finding]
    to_do: Sequence[Finding]

    @property
    def is_accepted(self) -> bool:
        return self.definition is not None


def check_file(data: str | bytes, document_kind: str | None) -> FileCheck:
    """Read a file as an import would, and run the publish checks over what it holds.

    Without a document kind the facts in its conditions cannot be judged, nor can people.
    """
    reading = read_file(data, document_kind)
    errors = [finding for finding in reading.findings if finding.is_error]
    notes = [finding for finding in reading.findings if not finding.is_error]
    to_do: list[Finding] = []
    if reading.definition is not None and document_kind is not None:
        to_do = findings_of(reading.definition, document_kind)
    elif reading.definition is not None:
        found = check(reading.definition, facts=())
        to_do = [finding for finding in found if finding.code not in _NEEDS_A_KIND]
    return FileCheck(reading.definition, errors, notes, to_do)


def find_version(name: str) -> FlowVersion:
    """The version that ``CODE``, ``CODE@3``, ``CODE@draft`` or ``CODE@published`` names.

    ``CODE`` alone is the published version, or the draft where nothing is published yet.
    Raises FLOW-07 with what there is.
    """
    code, _at, wanted = name.partition("@")
    flow = FlowDefinition.objects.filter(code=code).first() if "\x00" not in code else None
    if flow is None:
        known = ", ".join(FlowDefinition.objects.order_by("code").values_list("code", flat=True))
        raise _unknown(_("There is no flow “%(name)s”. Known flows: %(known)s."), code, known)
    versions = list(flow.versions.select_related("definition"))
    for version in versions:
        if wanted in (str(version.number), f"v{version.number}", version.state.lower()):
            return version
    if not wanted:
        best = next((v for v in versions if v.state == VersionState.PUBLISHED), None)
        if best is not None or versions:
            return best or versions[0]
    known = ", ".join(f"{version.number} ({version.state.lower()})" for version in versions)
    raise _unknown(_("There is no version “%(name)s”. Known versions: %(known)s."), name, known)


def _unknown(sentence: object, name: str, known: str) -> DomainError:
    return DomainError(
        "FLOW-07", str(sentence), status=404, params={"name": name[:80], "known": known or "—"}
    )
