"""Published routes in memory: a version never changes, so reading it once is enough."""

from __future__ import annotations

from functools import lru_cache

from workflows.bpmn.model import Definition
from workflows.bpmn.xml import Reading, inspect, read
from workflows.kinds import kind_for
from workflows.models import FlowVersion


def parse(bpmn: str | bytes, document_kind: str) -> Definition:
    """Read a version's BPMN with the fact types of its kind; raises ``BpmnRefused``."""
    facts = kind_for(document_kind).condition_facts
    return read(bpmn, fact_types={fact.name: fact.type for fact in facts})


def read_file(data: str | bytes, document_kind: str | None) -> Reading:
    """A file of any origin with everything that was found; without a kind facts have no types."""
    facts = kind_for(document_kind).condition_facts if document_kind is not None else ()
    return inspect(data, fact_types={fact.name: fact.type for fact in facts})


@lru_cache(maxsize=256)
def definition_of(version_id: int) -> Definition:
    """The definition of a published or retired version.

    Kept per process; safe because the database refuses to change such a version.
    """
    version = FlowVersion.objects.select_related("definition").get(pk=version_id)
    return parse(version.bpmn, version.definition.document_kind)
