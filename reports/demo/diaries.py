"""Work plans and work reports, week by week, with what the superior says to them."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from django.utils import timezone

from reports.choices import PlanType, ReportType
from reports.demo.clock import Story
from reports.demo.matters import Diary
from reports.demo.plans.office import DIARIES, GOALS, NOT_DONE, TASKS
from reports.demo.world import World
from reports.models import PlanTask, WorkPlan, WorkReport
from reports.services.work_plans import (
    add_task,
    comment_on_plan,
    create_plan,
    finish_task,
)
from reports.services.work_reports import (
    comment_on_report,
    create_report,
    generate_table,
    note_reading,
    submit_report,
)
from staff.work_figures import figure_sources

_WEEK = timedelta(days=7)
_PLANNED, _REPORTED = 5, 6
_TASKS_A_WEEK = 4
#: working hours from ten in the morning to the end of an afternoon
_AFTERNOON = 5.5


def start_diaries(world: World) -> None:
    today = world.clock.today
    monday = today - timedelta(days=today.weekday())
    for diary in DIARIES:
        history = _Diarist(world, diary)
        for back in range(_PLANNED, -1, -1):
            world.timeline.start(history.plan_week(monday - back * _WEEK, back))
        for back in range(_REPORTED, -1, -1):
            world.timeline.start(history.report_week(monday - back * _WEEK, back))
    world.timeline.start(_Diarist(world, DIARIES[0]).report_month(monday.replace(day=1)))


class _Diarist:
    """One account manager with his superior."""

    def __init__(self, world: World, diary: Diary) -> None:
        self.world, self.diary, self.clock = world, diary, world.clock
        self.author = world.company.people[diary.author]
        self.superior = world.company.people[diary.superior]
        self.chance = random.Random(diary.author)  # noqa: S311

    # plans

    def plan_week(self, monday: date, back: int) -> Story:
        now = yield self.clock.hours_since(monday)
        if not self._lies_in(now, monday):
            return
        plan = create_plan(
            data={"plan_type": PlanType.WEEK, "day": monday, "goals": GOALS},
            actor=self.author,
            now=now,
        )
        tasks = [self._add(plan, monday, back, place, now) for place in range(_TASKS_A_WEEK)]
        if back <= 1:
            now = yield self.clock.hours_since(monday) - 4
            self._say(plan, back, now=now)
        for place, task in enumerate(tasks):
            day = monday + timedelta(days=1 + place)
            # Of the running week somebody has done the first half at most.
            if day > self.clock.today or (back == 0 and place >= _TASKS_A_WEEK // 2):
                return
            now = yield self.clock.hours_since(day) - self.chance.uniform(2, 5)
            self._finish(task, is_done=(back + place) % 5 != 4, now=now)

    def _add(self, plan: WorkPlan, monday: date, back: int, place: int, now: datetime) -> PlanTask:
        number = back * _TASKS_A_WEEK + place
        text, is_visit, _outcome = TASKS[number % len(TASKS)]
        customers = [name for name in self.diary.customers if name in self.world.customers]
        name = customers[(number + number // len(TASKS)) % len(customers)]
        return add_task(
            plan=plan,
            data={
                "content": text.format(customer=name),
                "customer": self.world.customers[name],
                "due_on": monday + timedelta(days=1 + place),
                "is_visit": is_visit,
            },
            actor=self.author,
            now=now,
        )

    def _say(self, plan: WorkPlan, back: int, *, now: datetime) -> None:
        comment_on_plan(plan=plan, content=self.diary.comment, actor=self.superior, now=now)
        if back == 0:
            add_task(
                plan=plan,
                data={"content": self.diary.added, "due_on": plan.starts_on + timedelta(days=4)},
                actor=self.superior,
                now=now,
            )

    def _finish(self, task: PlanTask, *, is_done: bool, now: datetime) -> None:
        outcome = next(said for text, _visit, said in TASKS if _same(text, task.content))
        place = task.customer.biz_addr or task.customer.reg_addr if task.customer else ""
        finish_task(
            task=task,
            is_done=is_done,
            outcome=outcome if is_done else NOT_DONE,
            place=place if is_done and task.is_visit else "",
            actor=self.author,
            now=now,
        )

    # reports

    def report_week(self, monday: date, back: int) -> Story:
        friday = monday + timedelta(days=4)
        if friday > self.clock.today:
            return
        now = yield self.clock.hours_since(friday) - self.chance.uniform(4, _AFTERNOON)
        report = self._write(ReportType.WEEK, monday, back, now=now)
        yield from self._read(report, back)

    def report_month(self, first: date) -> Story:
        """The month before ``first``, on the first working day after it."""
        now = yield self.clock.hours_since(first) - 1
        report = self._write(ReportType.MONTH, first - timedelta(days=1), 0, now=now)
        yield from self._read(report, 2)

    def _write(self, kind: ReportType, day: date, back: int, *, now: datetime) -> WorkReport:
        problems = self.diary.problems
        span = "本月" if kind == ReportType.MONTH else "本周"
        names = "、".join(self.diary.customers[:2])
        report = create_report(
            data={
                "title": f"{self.author.name}{kind.label} {day:%Y年%m月%d日}",
                "report_type": kind,
                "day": day,
                "work_done": f"{span}走访{names}等客户,完成贷后检查和资料收集;"
                "在途申请按审批意见补充材料,与客户核对还款计划。",
                "problems": problems[back % len(problems)],
                "next_plan": "推进在途申请审批,按期提交贷后监管报告,回访意向客户。",
            },
            actor=self.author,
            now=now,
        )
        generate_table(report=report, objects=list(figure_sources()), actor=self.author, now=now)
        return submit_report(report=report, receivers=[self.superior], actor=self.author, now=now)

    def _read(self, report: WorkReport, back: int) -> Story:
        """The latest lies unread; of the others every second has a word of the superior."""
        if back == 0:
            return
        written = timezone.localdate(report.submitted_at)
        now = yield self.clock.hours_since(written + timedelta(days=1)) - self.chance.uniform(0, 3)
        note_reading(report=report, reader=self.superior, now=now)
        if back % 2 == 0:
            comment_on_report(
                report=report,
                content=self.chance.choice(
                    ("已阅,客户走访扎实,注意监管报告时限。", "重点跟进大额在途,下周例会汇报。")
                ),
                actor=self.superior,
                now=now,
            )

    @staticmethod
    def _lies_in(now: datetime, monday: date) -> bool:
        """A week of holidays has no plan."""
        return timezone.localdate(now) < monday + _WEEK


def _same(text: str, content: str) -> bool:
    before, _name, after = text.partition("{customer}")
    return content.startswith(before) and content.endswith(after)
