"""How an application was rejected, as the history of its case tells it (M6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from applications.assessment import local_day
from applications.models import BusinessApplication
from workflows.bpmn.model import Stage as StageElement
from workflows.choices import EventKind, StageOutcome
from workflows.definitions import definition_of
from workflows.models import HistoryEvent, Stage


@dataclass(frozen=True)
class Rejection:
    """``level`` is the authority level of the step that rejected, 0 for one without."""

    node: str
    node_en: str
    people: str
    opinion: str
    at: datetime
    level: int

    @property
    def title(self) -> str:
        """The step in the reader's language."""
        is_english = (get_language() or "").startswith("en")
        return self.node_en if is_english and self.node_en else self.node

    @property
    def on(self) -> date:
        return local_day(self.at)


def rejection_of(application: BusinessApplication) -> Rejection | None:
    """The rejecting step of the application's case; None when there was none. Three queries."""
    if application.case_id is None:
        return None
    stage = _rejecting(application.case_id).select_related("process").first()
    if stage is None:
        return None
    # A vote has several of them; a chair's veto is one of them too.
    said = list(
        HistoryEvent.objects.filter(stage=stage, kind=EventKind.REJECTED).order_by("sequence")
    )
    is_vote = len(said) > 1
    return Rejection(
        node=stage.title,
        node_en=stage.title_en,
        people="、".join(event.actor_name for event in said),
        opinion="\n".join(
            f"{event.actor_name}:{event.opinion}" if is_vote else event.opinion for event in said
        ),
        at=stage.finished or said[-1].at,
        level=level_of(stage.process.flow_version_id, stage.node_id),  # type: ignore[attr-defined]
    )


def rejecting_node() -> Subquery:
    """The step that rejected an application, for the statement that reads many."""
    return Subquery(_rejecting(OuterRef("case")).values("node_id")[:1])


def _rejecting(case: Any) -> QuerySet[Stage]:
    """The steps of the case that rejected, the last one first."""
    rejecting = Stage.objects.filter(process=case, outcome=StageOutcome.REJECTED)
    return rejecting.order_by("-id")


def level_of(flow_version_id: int, node_id: str) -> int:
    """The authority level of a step of a route, 0 for one without."""
    element = definition_of(flow_version_id).elements.get(node_id)
    if not isinstance(element, StageElement):
        return 0
    return element.settings.authority_level or 0
