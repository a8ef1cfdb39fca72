"""Rejected applications that are asked for again (业务复议申请单)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from applications.kinds.reconsideration import NEW_MATERIAL
from applications.models import BusinessApplication
from documents.kinds import routed_kind
from documents.services.attachments import add_attachment
from documents.services.drafts import create_draft
from reports.demo import papers
from reports.demo.clock import Story
from reports.demo.history import CaseHistory
from reports.demo.steps import Appeal
from reports.demo.world import World


class AppealHistory(CaseHistory):
    """One reconsideration from its draft to where it stands now."""

    kind = "reconsideration"

    def __init__(self, world: World, appeal: Appeal) -> None:
        super().__init__(world, appeal)
        self.appeal = appeal

    def story(self, origin: BusinessApplication) -> Story:  # type: ignore[override]
        self.handler = origin.handler
        now = yield self.begins
        kind = routed_kind(self.kind)
        self.application = create_draft(
            kind=kind,
            origin=BusinessApplication.objects.select_related("customer").get(pk=origin.pk),
            actor=self.handler,
            now=now,
            values={
                "reason": self.appeal.reason,
                "new_facts": self.appeal.facts,
                "amount": Decimal(self.appeal.amount),
                "guarantee_note": self.appeal.guarantee,
            },
        )
        now = yield self._submitted + self._preparation / 2
        self._attach(now)
        yield from self._take_steps()

    def _attach(self, now: datetime) -> None:
        customer = self.application.customer
        title = "复议补充材料"
        lines = [
            f"客户:{customer.name}",
            self.appeal.facts,
            f"日期:{timezone.localdate(now):%Y年%m月%d日}",
        ]
        add_attachment(
            document_id=self.application.pk,
            actor=self.handler,
            now=now,
            title=title,
            category=NEW_MATERIAL.code,
            upload=papers.pdf(f"{title}-{customer.name}", title, lines),
        )
