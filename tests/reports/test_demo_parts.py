"""The demo's clock, numbers and papers, each by itself."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

import pytest

from documents.files.inspection import inspect_file
from lending_crm.common.identity import (
    check_id_no,
    check_mobile,
    check_phone,
    check_uscc,
    luhn_warning,
)
from reports.demo import papers
from reports.demo.clock import Clock, Timeline
from reports.demo.numbers import NumberMaker
from reports.demo.organisation import Company
from reports.demo.routing import in_office
from staff.calendar import WorkingCalendar

SUNDAY = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
MONDAY_ELEVEN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
CALENDAR = WorkingCalendar()


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


class TestRouting:
    def test_a_document_waits_while_its_branch_has_no_manager(self) -> None:
        """Its day follows from a due date, which may fall into those hours."""
        company = Company(vacant={1})
        world: Any = SimpleNamespace(company=company)
        passage = in_office(world, SimpleNamespace(branch_id=1), 2.3)
        assert next(passage) == 2.3
        assert passage.send(SUNDAY) == pytest.approx(1.8)
        company.vacant.clear()
        with pytest.raises(StopIteration) as ended:
            passage.send(MONDAY_ELEVEN)
        assert ended.value.value == (pytest.approx(1.8), MONDAY_ELEVEN)


class TestClock:
    def test_counts_back_in_working_hours(self) -> None:
        clock = Clock(MONDAY_ELEVEN, CALENDAR)
        assert local(clock.ago(1)) == "03-02 10:00"
        # Two and a half hours on Monday, then Saturday 28 February, a make-up working day.
        assert local(clock.ago(3)) == "02-28 17:30"

    def test_takes_a_sunday_for_the_end_of_the_last_working_day(self) -> None:
        assert local(Clock(SUNDAY, CALENDAR).ago(0)) == "02-28 18:00"

    def test_never_leads_into_the_future(self) -> None:
        assert Clock(MONDAY_ELEVEN, CALENDAR).ago(-5) <= MONDAY_ELEVEN

    @pytest.mark.parametrize("hours", [0.3, 4.0, 8.0, 77.7, 600.0])
    def test_agrees_with_the_working_calendar(self, hours: float) -> None:
        moment = Clock(MONDAY_ELEVEN, CALENDAR).ago(hours)
        between = CALENDAR.working_hours_between(moment, MONDAY_ELEVEN)
        assert between == pytest.approx(hours, abs=0.001)

    def test_tells_the_hours_since_a_day(self) -> None:
        clock = Clock(MONDAY_ELEVEN, CALENDAR)
        day = date(2026, 1, 12)
        assert timezone.localtime(clock.ago(clock.hours_since(day))).date() == day


class TestTimeline:
    def test_lets_stories_happen_in_the_order_of_time(self) -> None:
        timeline = Timeline(Clock(MONDAY_ELEVEN, CALENDAR))
        heard: list[str] = []

        def story(name: str, *hours: float):
            for number in hours:
                yield number
                heard.append(name)

        timeline.start(story("a", 9.0, 2.0))
        timeline.start(story("b", 5.0, 1.0))
        timeline.run(reached=lambda moment: None)
        assert heard == ["a", "b", "a", "b"]

    def test_nothing_happens_before_what_led_to_it(self) -> None:
        timeline = Timeline(Clock(MONDAY_ELEVEN, CALENDAR))
        moments: list[datetime] = []

        def later():
            moments.append((yield 50.0))

        def first():
            moments.append((yield 10.0))
            timeline.start(later())

        timeline.start(first())
        timeline.run(reached=lambda moment: None)
        assert moments[0] < moments[1]


class TestNumberMaker:
    def test_makes_numbers_that_pass_every_check(self) -> None:
        today = date(2026, 2, 28)
        numbers = NumberMaker(random.Random(1), today=today)
        codes, people = set(), set()
        for age in range(20, 60):
            facts = check_id_no(numbers.identity("370102", age=age, is_male=False), today=today)
            assert facts.gender == "F"
            assert facts.age_on(today) - age in (0, 1)
            people.add(facts.number)
            codes.add(check_uscc(numbers.credit_code("370202")))
            check_mobile(numbers.mobile())
            check_phone(numbers.landline("0531"))
            assert luhn_warning(numbers.bank_card()) is None
        assert len(codes) == len(people) == 40


class TestPapers:
    @pytest.mark.parametrize(
        "paper",
        [
            papers.pdf("授权书", "个人信息授权书", ["授权人:张三" * 20, ""]),
            papers.word("分析", "偿债能力分析", ["<流水> & 负债"]),
            papers.excel("流水", "流水", ["月份", "收入"], [["1月", 12.5]]),
            papers.picture("执照", "91370102MA3000001X", random.Random(1)),
        ],
        ids=lambda paper: paper.name.rpartition(".")[2],
    )
    def test_are_what_their_names_say(self, paper) -> None:
        kind = inspect_file(paper.file, name=paper.name, size=paper.size)
        assert paper.name.endswith(kind.extension)

    def test_have_a_moment_that_does_not_change(self) -> None:
        assert papers.word("a", "b", []).read() == papers.word("a", "b", []).read()

    def test_stay_within_a_year_of_the_clock(self) -> None:
        clock = Clock(MONDAY_ELEVEN, CALENDAR)
        assert clock.ago(1300) > MONDAY_ELEVEN - timedelta(days=366)
