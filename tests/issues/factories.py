"""Set-up for the tests of issues: an issue of the account manager, and the acts on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from issues.kinds import KIND_CODE
from issues.models import REPORT_PARTS, IssueEscalation
from issues.services import issues as services
from staff.models import Employee
from tests.customers.factories import World, build_world, make_customer
from workflows.services.submission import submit_document


class Issues:
    """``world.am`` files, ``world.colleague`` is in charge."""

    def __init__(self, now: datetime, world: World | None = None) -> None:
        self.now, self.world = now, world or build_world()

    def draft(self, *, actor: Employee | None = None, **values: Any) -> IssueEscalation:
        made: IssueEscalation = create_draft(
            kind=routed_kind(KIND_CODE),
            origin=None,
            actor=actor or self.world.am,
            now=self.now,
            values={
                "issue_kind": "COMPLAINT",
                "reporter": "张三",
                "reported_on": self.now.date(),
                "description": "客户投诉放款延迟三天",
                "owner": self.world.colleague,
            }
            | values,
        )
        return made

    def submit(self, issue: IssueEscalation, *, hours: float = 0) -> Any:
        return submit_document(
            kind=KIND_CODE,
            document_id=issue.pk,
            actor=issue.handler,
            now=self.now + timedelta(hours=hours),
        )

    def reported(self, **values: Any) -> IssueEscalation:
        issue = self.draft(**values)
        self.submit(issue)
        return self.stored(issue)

    def customer(self, **values: Any) -> Any:
        return make_customer(self.world.am, self.now, **values)

    def answer(self, issue: IssueEscalation, who: Employee, text: str = "已联系财务当天放款", **at):
        return self._do(services.answer_issue, issue, who, text=text, **at)

    def escalate(self, issue: IssueEscalation, who: Employee, reason: str = "INEFFECTIVE", **at):
        text = at.pop("text", "本级无法解决该问题")
        return self._do(services.escalate_issue, issue, who, reason=reason, text=text, **at)

    def confirm(self, issue: IssueEscalation, who: Employee | None = None, **at):
        text = at.pop("text", "报告人电话确认认可")
        return self._do(services.confirm_answer, issue, who or issue.handler, text=text, **at)

    def refuse(self, issue: IssueEscalation, reason: str = "DISAGREEMENT", **at):
        act = {"reason": reason, "text": "报告人不认可该答复"}
        return self._do(services.refuse_answer, issue, at.pop("who", issue.handler), **act, **at)

    def overdue(self, issue: IssueEscalation, who: Employee | None = None, **at):
        text = "超过一个工作日未答复"
        return self._do(services.escalate_overdue, issue, who or issue.handler, text=text, **at)

    def report(
        self, issue: IssueEscalation, who: Employee, *, version: int | None = None, **values
    ):
        parts = {name: f"{name} 内容" for name in REPORT_PARTS} | values
        return self._do(services.write_report, issue, who, values=parts, version=version)

    def up_to(self, level: int) -> IssueEscalation:
        """An issue that every level below has handed up."""
        issue = self.reported()
        world = self.world
        for hours, who in enumerate((world.colleague, world.tl, world.bgm, world.ceo)[: level - 1]):
            issue = self.escalate(issue, who, hours=hours)
        return issue

    def stored(self, issue: IssueEscalation) -> IssueEscalation:
        return IssueEscalation.objects.get(pk=issue.pk)

    def _do(self, act: Any, issue: IssueEscalation, who: Employee, *, hours: float = 0, **given):
        return act(issue_id=issue.pk, actor=who, now=self.now + timedelta(hours=hours), **given)
