"""Open work items as a person's holdings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy

from staff.handing import Holding, Move, Moved, Warrant
from staff.models import Employee
from staff.services.handing import one_by_one
from workflows import errors
from workflows.choices import LIVE, ItemKind
from workflows.models import WorkItem
from workflows.services.handing_on import hand_on


class WorkItemHoldings:
    """What waits for him personally; pools are left with his roles."""

    code = "work_items"
    title = gettext_lazy("Work items")
    by_rule = gettext_lazy("go to their pool, to whom the step's rules find, or to the superior")
    order = 40
    opens_to_keepers = True

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        items = (
            WorkItem.objects.filter(assignee=employee, state__in=LIVE)
            # A correction is the document's: it goes to the document's next handler.
            .exclude(kind=ItemKind.CORRECTION)
            .select_related("case", "stage")
            .order_by("arrived_at", "id")
        )
        return [
            Holding(
                item.pk,
                f"{item.case.doc_no} {item.case.party}".strip(),
                str(item.stage),
                f"/cases/{item.case_id}/",
            )
            for item in items
        ]

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        return hand_on(item_id=pk, leaving=employee, successor=successor, actor=actor, now=now)


class WorkItemWork(WorkItemHoldings):
    """The same in a 工作移交: 待办审批, to whom the step's rules find unless somebody is named."""

    title = gettext_lazy("Pending approvals")
    by_rule = gettext_lazy("by the rules of the step")
    option = "approvals"

    def hand_over(
        self,
        moves: Sequence[Move],
        *,
        employee: Employee,
        actor: Employee | None,
        now: datetime,
        warrant: Warrant,
    ) -> Mapping[int, Moved]:
        def act(move: Move) -> Moved:
            holding = move.holding
            if not WorkItem.objects.filter(pk=holding.pk, assignee=employee).exists():
                raise errors.stale()
            said = hand_on(
                item_id=holding.pk,
                leaving=employee,
                successor=move.successor,
                actor=actor,
                now=now,
            )
            return Moved(holding.label, holding.url, said)

        return one_by_one(moves, act)

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {}
