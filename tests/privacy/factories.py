"""Set-up for the tests of personal information: a request of the account manager, and its way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from privacy.kinds import KIND_CODE
from privacy.models import ExportRequest
from privacy.services.exports import export_approved
from staff.models import Employee
from tests.customers.factories import World, build_world
from workflows.access import is_his
from workflows.models import WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document


class Requests:
    """``world.am`` applies; his superiors and head-office risk decide."""

    def __init__(self, now: datetime, world: World | None = None) -> None:
        self.now, self.world = now, world or build_world()

    def draft(self, *, actor: Employee | None = None, **values: Any) -> ExportRequest:
        made: ExportRequest = create_draft(
            kind=routed_kind(KIND_CODE),
            origin=None,
            actor=actor or self.world.am,
            now=self.now,
            values={
                "list_code": "customers",
                "numbers": ["PHONE"],
                "purpose": "REGULATOR",
                "reason": "地方金融监管局现场检查,报送客户清单",
                "wanted_until": self.now.date() + timedelta(days=30),
            }
            | values,
        )
        return made

    def submit(self, request: ExportRequest) -> None:
        submit_document(kind=KIND_CODE, document_id=request.pk, actor=request.handler, now=self.now)

    def approve(self, request: ExportRequest) -> Employee:
        """By whoever is asked next; answers who that was."""
        item = WorkItem.objects.get(case__document=request.pk, state="OPEN")
        person = next(
            each
            for each in Employee.objects.filter(is_active=True).order_by("pk")
            if each.pk != request.handler_id and is_his(item, each)
        )
        if item.assignee_id is None:
            claim(item_id=item.pk, actor=person, now=self.now)
        approve(item_id=item.pk, actor=person, now=self.now, opinion="同意")
        return person

    def approved(self, **values: Any) -> ExportRequest:
        request = self.draft(**values)
        self.submit(request)
        while self.stored(request).wf_status == "IN_APPROVAL":
            self.approve(request)
        return self.stored(request)

    def export(
        self, request: ExportRequest, *, who: Employee | None = None, days: float = 0
    ) -> Any:
        return export_approved(
            request_id=request.pk,
            actor=who or self.world.am,
            now=self.now + timedelta(days=days),
            ip="10.0.0.9",
        )

    def stored(self, request: ExportRequest) -> ExportRequest:
        return ExportRequest.objects.get(pk=request.pk)
