"""Work handovers, requests for full numbers and escalated issues."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils import timezone

from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from issues.models import IssueEscalation
from issues.services import issues as answers
from privacy.models import ExportRequest
from privacy.services.exports import export_approved
from reports.demo.clock import Story
from reports.demo.matters import DataRequest, Handover, Issue, IssueStep
from reports.demo.plans.office import DATA_REQUESTS, GRANTED, HANDED, HANDOVERS, ISSUES
from reports.demo.routing import pass_route, submit
from reports.demo.world import World
from resources.choices import HandoverMode
from resources.models import WorkHandover
from resources.services.execution import execute_handover
from resources.services.items import include_items


def start_office(world: World) -> None:
    for handover in HANDOVERS:
        world.timeline.start(_hand_over(world, handover))
    for request in DATA_REQUESTS:
        world.timeline.start(_ask_for_numbers(world, request))
    for issue in ISSUES:
        world.timeline.start(IssueHistory(world, issue).story())


def _hand_over(world: World, plan: Handover) -> Story:
    people = world.company.people
    now = yield plan.hours
    head = people[plan.head]
    draft: WorkHandover = create_draft(
        kind=routed_kind("work_handover"),
        origin=people[plan.giver],
        actor=head,
        now=now,
        values={
            "to_employee": people[plan.receiver],
            "supervisor": people[plan.supervisor],
            "reason": plan.reason,
            "mode": HandoverMode.BY_ITEM,
            "remark": plan.remark,
        },
    )
    chosen = [world.customers[name].pk for name in plan.customers]
    listed = draft.items.filter(customer__in=chosen, receiver__isnull=False)
    include_items(
        handover_id=draft.pk,
        items=list(listed.values_list("pk", flat=True)),
        is_included=True,
        actor=head,
        now=now,
    )
    draft = WorkHandover.objects.get(pk=draft.pk)
    hours = yield from pass_route(world, draft, plan.people, begins=plan.hours - 0.5, words=HANDED)
    if plan.is_carried_out:
        now = yield hours - world.hours(1, 4)
        execute_handover(handover_id=draft.pk, actor=world.company.administrator, now=now)


def _ask_for_numbers(world: World, plan: DataRequest) -> Story:
    applicant = world.company.people[plan.applicant]
    now = yield plan.hours
    draft: ExportRequest = create_draft(
        kind=routed_kind("export_request"),
        origin=None,
        actor=applicant,
        now=now,
        values={
            "subject": plan.subject,
            "list_code": plan.list_code,
            "query": plan.query,
            "numbers": list(plan.numbers),
            "purpose": plan.purpose,
            "reason": plan.reason,
            "wanted_until": timezone.localdate(now) + timedelta(days=7),
        },
    )
    hours = yield from pass_route(world, draft, plan.people, begins=plan.hours - 0.5, words=GRANTED)
    if plan.is_exported:
        now = yield hours - world.hours(0.3, 2)
        export_approved(request_id=draft.pk, actor=applicant, now=now)


class IssueHistory:
    """One issue, from its report to where it stands."""

    def __init__(self, world: World, plan: Issue) -> None:
        self.world, self.plan = world, plan
        self.people = world.company.people

    def story(self) -> Story:
        plan, hours = self.plan, self.plan.hours
        now = yield hours
        customer = self.world.customers[plan.customer]
        self.issue: IssueEscalation = create_draft(
            kind=routed_kind("issue_escalation"),
            origin=None,
            actor=self.people[plan.handler],
            now=now,
            values={
                "subject": plan.subject,
                "issue_kind": plan.kind,
                "severity": plan.severity,
                "reporter": plan.reporter or customer.legal_rep or customer.name,
                "reporter_contact": customer.phone,
                "reported_on": timezone.localdate(now),
                "customer": customer,
                "description": plan.description,
                "demand": plan.demand,
                "owner": self.people[plan.owner],
            },
        )
        submit(self.issue, now=now)
        for step in plan.steps:
            hours -= step.hours
            now = yield hours
            self._act(step)(actor=self.people[step.who], now=now)

    def _act(self, step: IssueStep) -> Callable[..., object]:
        issue = self.issue.pk
        match step.what:
            case "answer":
                return partial(answers.answer_issue, issue_id=issue, text=step.text)
            case "escalate":
                return partial(
                    answers.escalate_issue, issue_id=issue, reason=step.reason, text=step.text
                )
            case "confirm":
                return partial(answers.confirm_answer, issue_id=issue, text=step.text)
            case "report":
                return partial(answers.write_report, issue_id=issue, values=step.parts, version=0)
        raise LookupError(f"nobody can {step.what} an issue")
