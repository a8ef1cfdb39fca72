"""Take a case through its steps by the services, each at its own moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.utils import timezone

from applications.choices import FORM
from applications.services.drafts import copy_application
from applications.services.expiry import expire_approvals
from customers.models import Customer, Opportunity
from documents import categories
from documents.kinds import routed_kind
from documents.services.documents import void_document
from documents.services.printing import print_document
from documents.services.supplements import (
    add_supplement_file,
    create_supplement,
    default_subject,
    submit_supplement,
)
from reports.demo import organisation, papers
from reports.demo.clock import Story
from reports.demo.filing import Filing, supplement_paper
from reports.demo.people import role_of
from reports.demo.steps import Act, Appeal, Mediation, Plan, Step
from reports.demo.world import World
from riskcommittee.choices import Mode
from riskcommittee.models import CommitteeSession
from riskcommittee.services.sessions import close_session, convene, record_attendance
from staff.models import Employee
from workflows.models import WorkItem
from workflows.services import collaboration, decisions, items, submission

#: how long an account manager works on an application before he submits it, in working hours
_PREPARATION = (5.0, 14.0)
_BETWEEN_STEPS = (0.8, 6.5)


class CaseHistory:
    """One application from its draft to where it stands now."""

    kind = "business_application"

    def __init__(self, world: World, plan: Plan | Appeal | Mediation) -> None:
        self.world, self.plan = world, plan
        self._hours = [
            step.hours if step.hours is not None else world.hours(*_BETWEEN_STEPS)
            for step in plan.steps
        ]
        self._preparation = world.hours(*_PREPARATION)
        idle = plan.idle
        if plan.days:
            idle = world.clock.hours_since(world.clock.today - timedelta(days=plan.days))
        #: working hours ago of its last step
        self.ended = idle
        self._submitted = idle + sum(self._hours)

    @property
    def begins(self) -> float:
        """Working hours ago at which the draft is opened."""
        return self._submitted + self._preparation

    def story(self, customer: Customer, opportunity: Opportunity) -> Story:
        plan = cast("Plan", self.plan)
        self.filing = Filing(self.world, plan, customer)
        self.handler = customer.owner
        now = yield self.begins
        self.application = self.filing.open(opportunity, now=now)
        now = yield self._submitted + self._preparation / 2
        self.filing.attach_papers(self.application, now=now)
        yield from self._take_steps()
        if plan.expires:
            yield from self._expire()

    def _take_steps(self) -> Story:
        """The submission, unless it stays a draft, and everything after it."""
        if not self.plan.is_draft:
            now = yield self._submitted
            self._submit(now)
        hours = self._submitted
        for step, passed in zip(self.plan.steps, self._hours, strict=True):
            hours -= passed
            now = yield hours
            self._do(step, now)

    def _expire(self) -> Story:
        """The nightly job finds the approval run out; later the officer starts anew from it."""
        application = self._reload()
        day = application.approval_valid_until
        assert day is not None  # noqa: S101 - an approved application has its last day
        now = yield self.world.clock.hours_since(day + timedelta(days=1))
        expire_approvals(now=now)
        copied_after = cast("Plan", self.plan).copied_after
        if copied_after is not None:
            now = yield copied_after
            copy = copy_application(application_id=application.pk, actor=self.handler, now=now)
            self.filing.attach_papers(copy, now=now)

    def _submit(self, now: datetime) -> None:
        case = submission.submit_document(
            kind=self.application.kind,
            document_id=self.application.pk,
            actor=self.handler,
            now=now,
        )
        self.case_id = case.pk

    def _do(self, step: Step, now: datetime) -> None:
        getattr(self, f"_{step.act.value}")(step, self._who(step), now)
        if not self.plan.is_draft and step.act not in (Act.VACATE, Act.SUCCEED):
            for reader in (self._who(step), self.handler):
                collaboration.note_reading(case_id=self.case_id, reader=reader, now=now)

    def _who(self, step: Step) -> Employee:
        return self.world.company.holder(step.who, self.handler) if step.who else self.handler

    def _item(self, actor: Employee) -> WorkItem:
        mine = WorkItem.objects.waiting_for(actor) | WorkItem.objects.claimable_by(actor)
        return mine.get(case=self.case_id)

    # what people do, by the names of ``Act``

    def _approve(self, step: Step, actor: Employee, now: datetime) -> None:
        text = step.text or self.world.writer.opinion(
            role_of(step.who), wan=self.plan.amount / 10_000
        )
        decisions.approve(
            item_id=self._item(actor).pk,
            actor=actor,
            now=now,
            opinion=text,
            conditions=step.conditions or None,
            terms={"approved_amount": step.amount} if step.amount else None,
        )

    def _reject(self, step: Step, actor: Employee, now: datetime) -> None:
        decisions.reject(item_id=self._item(actor).pk, actor=actor, now=now, opinion=step.text)

    def _return(self, step: Step, actor: Employee, now: datetime) -> None:
        decisions.return_case(
            item_id=self._item(actor).pk,
            actor=actor,
            now=now,
            opinion=step.text,
            target=step.target or decisions.TO_HANDLER,
            resumes_directly=step.resumes_directly,
        )

    def _claim(self, step: Step, actor: Employee, now: datetime) -> None:
        items.claim(item_id=self._item(actor).pk, actor=actor, now=now)

    def _release(self, step: Step, actor: Employee, now: datetime) -> None:
        items.release(item_id=self._item(actor).pk, actor=actor, now=now)

    def _reassign(self, step: Step, actor: Employee, now: datetime) -> None:
        items.reassign(
            case_id=self.case_id,
            stage_id=WorkItem.objects.open().get(case=self.case_id).stage_id,
            actor=actor,
            now=now,
            recipient=self._others(step)[0],
            reason=step.text,
        )

    def _convene(self, step: Step, actor: Employee, now: datetime) -> None:
        """The secretary calls the committee; ``others`` are its members besides the chair."""
        customer = self._reload().customer
        lines = [f"客户:{customer.name}", "总部风控意见:方案可行,提请风控委员会表决。"]
        title = "风险审查报告"
        convene(
            case_id=self.case_id,
            actor=actor,
            now=now,
            held_on=timezone.localdate(now),
            mode=Mode.MEETING,
            place="总部三楼会议室",
            chair=self.world.company.people["rcc"],
            members=self._others(step),
            secretary=actor,
            observers=[self._reload().handler],
            risk_report=papers.pdf(f"{title}-{customer.name}", title, lines),
        )

    def _absent(self, step: Step, actor: Employee, now: datetime) -> None:
        record_attendance(
            session_id=self._session().pk, actor=actor, now=now, absent=self._others(step)
        )

    def _close_session(self, step: Step, actor: Employee, now: datetime) -> None:
        customer = self._reload().customer
        title = "风控委员会会议纪要"
        lines = [f"客户:{customer.name}", f"日期:{timezone.localdate(now):%Y年%m月%d日}", step.text]
        close_session(
            session_id=self._session().pk,
            actor=actor,
            now=now,
            minutes=papers.pdf(f"{title}-{customer.name}", title, lines),
        )

    def _session(self) -> CommitteeSession:
        return CommitteeSession.objects.filter(case=self.case_id).latest("pk")

    def _print(self, step: Step, actor: Employee, now: datetime) -> None:
        print_document(form=FORM, document=self._reload(), actor=actor, now=now, reason=step.text)

    def _transfer(self, step: Step, actor: Employee, now: datetime) -> None:
        items.transfer(
            item_id=self._item(actor).pk,
            actor=actor,
            now=now,
            recipient=self._others(step)[0],
            reason=step.text,
        )

    def _take_back(self, step: Step, actor: Employee, now: datetime) -> None:
        decided = WorkItem.objects.decided_by_user(actor).filter(case=self.case_id)
        items.take_back(item_id=decided.latest("decided_at").pk, actor=actor, now=now)

    def _submit_again(self, step: Step, actor: Employee, now: datetime) -> None:
        if step.amount:
            self.filing.correct(self.application, step.amount, now=now)
        self._submit(now)

    def _supplement(self, step: Step, actor: Employee, now: datetime) -> None:
        document = self._reload()
        supplement = create_supplement(
            document_id=document.pk,
            actor=actor,
            now=now,
            subject=default_subject(document, now=now),
            note=step.text,
        )
        title = "补充材料"
        add_supplement_file(
            supplement_id=supplement.pk,
            actor=actor,
            now=now,
            title=title,
            category=categories.OTHER.code,
            upload=supplement_paper(title, document.customer, step.text, now=now),
        )
        submit_supplement(supplement_id=supplement.pk, actor=actor, now=now)

    def _ask(self, step: Step, actor: Employee, now: datetime) -> None:
        collaboration.request_material(
            item_id=self._item(actor).pk, actor=actor, now=now, text=step.text
        )

    def _comment(self, step: Step, actor: Employee, now: datetime) -> None:
        collaboration.comment(
            case_id=self.case_id,
            actor=actor,
            now=now,
            text=step.text,
            mentioned=self._others(step),
        )

    def _copy(self, step: Step, actor: Employee, now: datetime) -> None:
        collaboration.copy_case(
            case_id=self.case_id, actor=actor, now=now, recipients=self._others(step)
        )

    def _urge(self, step: Step, actor: Employee, now: datetime) -> None:
        collaboration.urge(case_id=self.case_id, actor=actor, now=now)

    def _withdraw(self, step: Step, actor: Employee, now: datetime) -> None:
        submission.withdraw_case(case_id=self.case_id, actor=actor, now=now, reason=step.text)

    def _void(self, step: Step, actor: Employee, now: datetime) -> None:
        void_document(document_id=self.application.pk, actor=actor, now=now, reason=step.text)

    def _vacate(self, step: Step, actor: Employee, now: datetime) -> None:
        organisation.vacate(self.world.company, now=now)

    def _succeed(self, step: Step, actor: Employee, now: datetime) -> None:
        organisation.succeed(self.world.company, now=now)

    def _others(self, step: Step) -> list[Employee]:
        return [self.world.company.holder(name, self.handler) for name in step.others]

    def _reload(self) -> Any:
        return routed_kind(self.kind).get(self.application.pk)
