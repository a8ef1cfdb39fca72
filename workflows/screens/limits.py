"""The time limits of a version: the route's own, and those in force for running cases."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count
from django.utils.translation import get_language

from workflows.bpmn.ladder import ladder_in_words
from workflows.definitions import parse
from workflows.models import FlowVersion
from workflows.pools import open_stages


@dataclass(frozen=True)
class LimitRow:
    """A stage: ``own`` is what was published, ``changed`` what holds instead, in hours."""

    node_id: str
    title: str
    own: Decimal | None
    changed: Decimal | None
    ladder: list[str]
    open_steps: int

    @property
    def hours(self) -> Decimal | None:
        return self.own if self.changed is None else self.changed


def limit_rows(version: FlowVersion) -> list[LimitRow]:
    """The stages in the order of the route, with how many steps are open at each."""
    definition = parse(version.bpmn, version.definition.document_kind)
    here = open_stages().filter(process__flow_version=version)
    open_steps = dict(here.values_list("node_id").annotate(n=Count("pk")).order_by())
    language = get_language() or "zh-hans"
    return [
        LimitRow(
            node_id=stage.id,
            title=stage.title(language),
            own=stage.settings.limit_hours,
            changed=Decimal(version.limits[stage.id]) if stage.id in version.limits else None,
            ladder=ladder_in_words(stage.settings.ladder),
            open_steps=open_steps.get(stage.id, 0),
        )
        for stage in definition.stages()
    ]
