"""The stories: a customer comes, opportunities are followed up, applications are filed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from customers.choices import CustomerStatus, CustomerType, LossReason, RiskClass, Stage
from customers.models import Customer, Opportunity
from customers.services.customers import set_business_state
from customers.services.opportunities import (
    advance_by_system,
    create_opportunity,
    log_follow_up,
    lose_opportunity,
    promote_opportunity,
)
from reports.demo.appeals import AppealHistory
from reports.demo.clock import Story
from reports.demo.customers import Entry, Introduction, entries
from reports.demo.deals import (
    ATTENTION,
    BAD,
    BLACKLISTED,
    DEALS,
    PROSPECTS,
    SIGNED,
    WON,
    Deal,
    owners,
)
from reports.demo.deeds import start_deeds
from reports.demo.diaries import start_diaries
from reports.demo.filing import product
from reports.demo.history import CaseHistory
from reports.demo.lending import LendingHistory, daily_jobs
from reports.demo.mediation import MediationHistory
from reports.demo.office import start_office
from reports.demo.opinions import COMPETITION, FOLLOW_UPS, NEEDS
from reports.demo.plans import PLANS
from reports.demo.plans.mediations import MEDIATIONS
from reports.demo.steps import Act, Mediation, Plan
from reports.demo.texting import start_texting
from reports.demo.world import World

_CHANNELS_CAME = 2070.0
_MEDIATED_CAME = 760.0
#: why the opportunity of an application is lost, by the last step of its case
_LOST_AFTER = {Act.REJECT: LossReason.REJECTED, Act.VOID: LossReason.NO_NEED}


def start_business(world: World) -> int:
    """Let the stories of all customers begin; returns how many customers there are."""
    histories: dict[str, list[tuple[Plan, CaseHistory, float]]] = {}
    for plan in PLANS:
        history = CaseHistory(world, plan)
        opened = history.begins + world.hours(24, 80)
        histories.setdefault(plan.customer, []).append((plan, history, opened))
    deals: dict[str, list[Deal]] = {}
    for deal in DEALS:
        deals.setdefault(deal.customer, []).append(deal)
    came: dict[str, float] = {}
    table = list(entries(owners(), PROSPECTS))
    for entry in reversed(table):
        name = entry.firm.name
        known = [deal.begun for deal in deals.get(name, [])]
        # Known well before the first paper of a mediation, whose bank is known longer still.
        known += [_MEDIATED_CAME for each in MEDIATIONS if each.customer == name]
        known += [opened for _plan, _history, opened in histories.get(name, [])]
        first = max(known, default=world.hours(60, 700)) + world.hours(2, 40)
        if entry.kind == CustomerType.CHANNEL:
            first = _CHANNELS_CAME + world.hours(0, 40)
        came[name] = max(first, came.get(name, 0.0))
        if entry.principal:
            # The principal is known before the company that names it.
            came[entry.principal] = max(came[name] + 4, came.get(entry.principal, 0.0))
    world.timeline.start(daily_jobs(world))
    for start in (start_deeds, start_office, start_diaries, start_texting):
        start(world)
    for entry in table:
        name = entry.firm.name
        world.timeline.start(
            _customer(world, entry, came[name], deals.get(name, []), histories.get(name, []))
        )
    return len(table)


def _customer(
    world: World,
    entry: Entry,
    hours: float,
    deals: list[Deal],
    histories: list[tuple[Plan, CaseHistory, float]],
) -> Story:
    now = yield hours
    customer = Introduction(world, entry, now).make()
    if customer.name in ATTENTION:
        set_business_state(customer_id=customer.pk, risk_class=RiskClass.ATTENTION, now=now)
    world.customers[customer.name] = customer
    for deal in deals:
        world.timeline.start(_Pursuit(world, customer).of_deal(deal))
    for mediation in (each for each in MEDIATIONS if each.customer == customer.name):
        world.timeline.start(_Pursuit(world, customer).of_mediation(mediation))
    for plan, history, opened in histories:
        world.timeline.start(_Pursuit(world, customer).of_plan(plan, history, opened))


class _Pursuit:
    """One opportunity of a customer, from first contact to where it stands."""

    def __init__(self, world: World, customer: Customer) -> None:
        self.world, self.customer = world, customer
        self.owner = customer.owner

    def of_deal(self, deal: Deal) -> Story:
        now = yield deal.begun
        if deal.tier != self.customer.tier:
            set_business_state(customer_id=self.customer.pk, tier=deal.tier, now=now)
        self._open(deal.product, deal.amount, deal.term, now=now)
        goal = deal.goal if isinstance(deal.goal, int) else 4 if deal.goal in (WON, SIGNED) else 2
        moments = self._moments(deal.begun, deal.quiet, 2 * (goal - 1) + 1)
        for stage in range(Stage.NEEDS, goal + 1):
            now = yield next(moments)
            self._follow_up(now, due=3)
            now = yield next(moments)
            self._promote(stage, now=now)
        now = yield deal.quiet
        if isinstance(deal.goal, int):
            self._follow_up(now, due=deal.due, from_today=True)
        elif deal.goal in (WON, SIGNED):
            yield from self._book_old_business(deal, now=now)
        else:
            lose_opportunity(
                opportunity=self.opportunity, lost_reason=deal.goal, actor=self.owner, now=now
            )
            if self.customer.name == BLACKLISTED:
                self._set_status(CustomerStatus.BLACKLISTED, now=now)

    def of_plan(self, plan: Plan, history: CaseHistory, opened: float) -> Story:
        now = yield opened
        self._open(plan.product, plan.amount, plan.term, now=now)
        moments = self._moments(opened, history.begins, 5)
        for stage in (Stage.NEEDS, Stage.INVESTIGATION, Stage.PROPOSAL):
            now = yield next(moments)
            self._promote(stage, now=now)
            if stage != Stage.PROPOSAL:
                now = yield next(moments)
                self._follow_up(now, due=self.world.chance.randint(1, 14), from_today=True)
        yield from history.story(self.customer, self.opportunity)
        if plan.appeal is not None:
            yield from AppealHistory(self.world, plan.appeal).story(history.application)
        elif plan.lending is not None:
            yield from LendingHistory(self.world, plan.lending).story(
                history.application, approved=history.ended
            )
        else:
            yield from self._afterwards(plan, history)

    def of_mediation(self, plan: Mediation) -> Story:
        history = MediationHistory(self.world, plan)
        now = yield history.begins + self.world.hours(6, 20)
        self._open(plan.product, plan.amount, plan.term, now=now)
        yield from history.story(self.customer, self.opportunity)

    def _afterwards(self, plan: Plan, history: CaseHistory) -> Story:
        """What the officer does when his case has ended."""
        if not (plan.days or plan.is_draft) or not plan.steps:
            return
        reason = _LOST_AFTER.get(plan.steps[-1].act)
        if reason is not None:
            now = yield history.ended * 0.8
            lose_opportunity(
                opportunity=self.opportunity, lost_reason=reason, actor=self.owner, now=now
            )
            return
        for part in (0.6, 0.2):
            now = yield history.ended * part
            self._follow_up(
                now,
                due=self.world.chance.randint(1, 12),
                from_today=True,
                text="电话催办签约手续,客户正在准备抵押登记所需材料。",
            )

    def _book_old_business(self, deal: Deal, *, now: datetime) -> Story:
        """Business from before the system: signed, and mostly paid out, by paper."""
        hours = deal.quiet
        reason = f"系统上线前存量业务,合同 HT-{self.customer.branch.code}-{deal.amount // 10_000}"
        stages = [Stage.SUBMITTED, Stage.SIGNED]
        if deal.goal == WON:
            stages.append(Stage.DISBURSED)
        for stage in stages:
            advance_by_system(self.opportunity, stage, now=now, reason=reason)
            hours *= 0.9
            now = yield hours
        if deal.goal == SIGNED:
            self._follow_up(now, due=deal.due, from_today=True, text="已签约,等待抵押登记办结。")
        else:
            self._set_status(CustomerStatus.ACTIVE, now=now)
        if self.customer.name == BAD:
            now = yield hours * 0.3
            set_business_state(
                customer_id=self.customer.pk,
                biz_status=CustomerStatus.BAD,
                risk_class=RiskClass.SUBSTANDARD,
                now=now,
            )

    def _open(self, code: str, amount: int, term: int, *, now: datetime) -> None:
        today = timezone.localdate(now)
        chance, writer = self.world.chance, self.world.writer
        wan = amount / 10_000
        data: dict[str, Any] = {
            "subject": f"{product(code).name}{wan:g}万元",
            "product": code,
            "amount": Decimal(amount),
            "term": term,
            "expected_on": today + timedelta(days=chance.randint(45, 90)),
            "next_follow_on": today + timedelta(days=chance.randint(1, 6)),
            "need": writer.next_of(NEEDS, wan=wan),
            "competition": writer.next_of(COMPETITION, wan=wan),
            "channel": self.customer.channel,
        }
        self.wan = wan
        self.opportunity: Opportunity = create_opportunity(
            customer=self.customer, data=data, actor=self.owner, now=now
        )

    def _promote(self, stage: int, *, now: datetime) -> None:
        promote_opportunity(opportunity=self.opportunity, stage=stage, actor=self.owner, now=now)

    def _follow_up(
        self, now: datetime, *, due: int, from_today: bool = False, text: str = ""
    ) -> None:
        day = timezone.localdate(now)
        wanted = (self.world.clock.today if from_today else day) + timedelta(days=due)
        log_follow_up(
            opportunity=self.opportunity,
            content=text or self.world.writer.next_of(FOLLOW_UPS, wan=self.wan),
            next_follow_on=max(wanted, day),
            actor=self.owner,
            now=now,
        )

    def _set_status(self, status: CustomerStatus, *, now: datetime) -> None:
        set_business_state(customer_id=self.customer.pk, biz_status=status, now=now)

    @staticmethod
    def _moments(begin: float, end: float, number: int) -> Iterator[float]:
        """``number`` moments between two, at even distances."""
        step = (begin - end) / (number + 1)
        return iter([begin - step * (place + 1) for place in range(number)])
