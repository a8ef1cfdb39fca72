"""What an information administrator has to put right, besides cases that stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lending_crm.common.selectors import OutboxLag, outbox_lag
from reports.selectors.approvals import MOST_ROWS
from staff.calendar import missing_years
from workflows.choices import VersionState
from workflows.models import FlowVersion


@dataclass(frozen=True)
class Operations:
    """``drafts`` of routes are not published; ``years`` have no holidays in the calendar yet."""

    drafts: list[FlowVersion]
    outbox: OutboxLag
    years: list[int]


def operations(*, now: datetime, today: date) -> Operations:
    """At most three statements."""
    drafts = FlowVersion.objects.filter(state=VersionState.DRAFT).select_related(
        "definition", "created_by"
    )
    return Operations(
        drafts=list(drafts.order_by("-created_at", "-id")[: MOST_ROWS + 1]),
        outbox=outbox_lag(now=now),
        years=missing_years(today),
    )
