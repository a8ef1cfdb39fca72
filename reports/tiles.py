"""The figures across the top of the workbench: at most six, each leads to its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from reports.selectors import Workbench
from reports.selectors.approvals import MOST_ROWS
from reports.selectors.business import SOON_DAYS
from workflows.models import WorkItem


@dataclass(frozen=True)
class Tile:
    """``tone`` red or amber draws the figure in that colour; grey when there is nothing to do."""

    label: str
    value: str
    url: str
    icon: str
    note: str = ""
    tone: str = ""


def count(rows: Sequence[Any]) -> str:
    return f"{MOST_ROWS}+" if len(rows) > MOST_ROWS else str(len(rows))


def tiles_of(bench: Workbench) -> list[Tile]:
    """What the person looks at first; nothing that his roles do not have."""
    return [
        *_approvals(bench),
        *_committee(bench),
        *_own(bench),
        *_supervision(bench),
        *_area(bench),
        *_operations(bench),
    ]


def _approvals(bench: Workbench) -> list[Tile]:
    found = []
    inbox = reverse("workflows:inbox")
    if bench.decides or bench.to_decide:
        found.append(
            _waiting(bench, bench.to_decide, _("Waiting for me"), f"{inbox}?tab=todo", "inbox")
        )
    if bench.to_claim:
        found.append(
            _waiting(bench, bench.to_claim, _("To be claimed"), f"{inbox}?tab=claim", "hand-grab")
        )
    return found


def _waiting(bench: Workbench, items: Sequence[WorkItem], label: str, url: str, icon: str) -> Tile:
    late = bench.overdue(items)
    note = _("%(n)s overdue") % {"n": late} if late else ""
    return Tile(label, count(items), url, icon, note=note, tone="red" if late else "")


def _committee(bench: Workbench) -> list[Tile]:
    if bench.committee is None:
        return []
    found = [Tile(_("Open sessions"), count(bench.committee.sessions), "#sessions", "gavel")]
    if bench.committee.to_convene is not None:
        waiting = bench.committee.to_convene
        tone = "amber" if waiting else ""
        found.insert(
            0, Tile(_("To be convened"), count(waiting), "#to-convene", "calendar-due", tone=tone)
        )
    return found


def _own(bench: Workbench) -> list[Tile]:
    if not (bench.may_apply or bench.own):
        return []
    returned = bench.returned
    found = [
        Tile(
            _("Returned to me"), count(returned), "#returned" if returned else "#running",
            "corner-up-left", tone="amber" if returned else "",
        ),
        Tile(_("My running cases"), count(bench.running), "#running", "hourglass"),
    ]  # fmt: skip
    if bench.may_apply:
        late = [row for row in bench.pursuits.due if row.next_follow_on < bench.today]
        found.append(
            Tile(
                _("Follow-ups due"),
                count(bench.pursuits.due),
                reverse("customers:opportunity-list") + "?due=today",
                "calendar-due",
                note=_("%(n)s from earlier days") % {"n": len(late)} if late else "",
                tone="amber" if late else "",
            )
        )
    return found


def _supervision(bench: Workbench) -> list[Tile]:
    """Supervisions and reports: due soon from himself, late in his area."""
    if not bench.duties:
        return []
    late = bench.late_duties
    return [
        Tile(
            _("Supervision due"), count(bench.duties), reverse("postloan:supervision-calendar"),
            "shield-check", note=_("%(n)s late") % {"n": count(late)} if late else "",
            tone="red" if late else "amber",
        )
    ]  # fmt: skip


def _area(bench: Workbench) -> list[Tile]:
    found = []
    if bench.standings is not None:
        late = sum(row.overdue for row in bench.standings)
        found.append(
            Tile(
                _("Cases in my area"), str(bench.running_in_area), "#standings", "git-branch",
                note=_("%(n)s overdue") % {"n": late} if late else "",
                tone="red" if late else "",
            )
        )  # fmt: skip
    if bench.pursuits.stalled:
        found.append(
            Tile(
                _("Stalled opportunities"),
                count(bench.pursuits.stalled),
                reverse("customers:opportunity-list") + "?due=stalled",
                "player-pause",
                tone="amber",
            )
        )
    if bench.awaits_signature:
        ending = bench.ending
        note = _("%(n)s end within %(days)s days") % {"n": len(ending), "days": SOON_DAYS}
        found.append(
            Tile(
                _("Approved, to be signed"), count(bench.documents.approved), "#approved",
                "signature", note=note if ending else "", tone="amber" if ending else "",
            )
        )  # fmt: skip
    return found


def _operations(bench: Workbench) -> list[Tile]:
    if bench.operations is None:
        return []
    outbox = bench.operations.outbox
    waiting = _("%(n)s waiting to be sent") % {"n": outbox.waiting}
    return [
        Tile(
            _("Blocked cases"), count(bench.blocked), "#blocked", "user-question",
            tone="red" if bench.blocked else "",
        ),
        Tile(
            _("Messages given up"), str(outbox.parked), "#operations", "mail",
            note=waiting if outbox.waiting else "", tone="red" if outbox.parked else "",
        ),
        Tile(_("Unpublished routes"), count(bench.operations.drafts), "#operations", "git-branch"),
    ]  # fmt: skip
