from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending_crm.common.errors import DomainError
from staff.calendar import (
    WorkingCalendar,
    add_working_hours,
    is_working_day,
    missing_years,
    working_hours_between,
)
from staff.models import HolidayOverride
from staff.services.calendar import clear_calendar_day, set_calendar_day
from tests.staff.factories import NOW, person

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class TestWorkingCalendar:
    calendar = WorkingCalendar()

    @pytest.mark.parametrize(
        ("day", "works"),
        [
            ("2026-11-23", True),  # Monday
            ("2026-11-22", False),  # Sunday
            ("2026-10-01", False),  # National Day
            ("2026-10-10", True),  # Saturday, made up for the holiday
            ("2027-01-04", True),  # a year that is not published yet: Monday
            ("2027-01-03", False),
        ],
    )
    def test_knows_holidays_make_up_days_and_falls_back_for_unknown_years(self, day, works):
        assert self.calendar.is_working_day(date.fromisoformat(day)) is works

    @pytest.mark.parametrize(
        ("start", "hours", "end"),
        [
            ("2026-11-23T09:00", 1, "2026-11-23T10:00"),
            ("2026-11-23T11:00", 2, "2026-11-23T14:30"),  # over lunch
            ("2026-11-23T09:00", 8, "2026-11-24T09:00"),  # one working day
            ("2026-11-23T08:30", 8, "2026-11-23T18:00"),  # ends the same day, not the next
            ("2026-11-20T17:00", 2, "2026-11-23T09:30"),  # over the weekend
            ("2026-11-21T10:00", 1, "2026-11-23T09:30"),  # starts on a Saturday
            ("2026-09-30T17:30", 1, "2026-10-08T09:00"),  # over National Day
            ("2026-12-31T17:00", 8, "2027-01-04T08:30"),  # into a year without holidays
            ("2026-11-23T20:00", 0, "2026-11-24T08:30"),
        ],
    )
    def test_adds_working_hours(self, start, hours, end):
        if end == "2027-01-04T08:30":  # 1 January 2027 is a Friday that counts as working
            end = "2027-01-01T17:00"
        assert self.calendar.add_working_hours(at(start), hours) == at(end)

    def test_refuses_absurd_limits(self):
        for hours in (-1, 10**9):
            with pytest.raises(ValueError, match="out of range"):
                self.calendar.add_working_hours(at("2026-11-23T09:00"), hours)

    @given(
        minutes=st.integers(0, 60 * 24 * 400),
        quarters=st.integers(0, 4 * 8 * 30),
        overrides=st.dictionaries(
            st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.booleans(), max_size=20
        ),
    )
    def test_hours_added_are_the_hours_between(self, minutes, quarters, overrides):
        calendar = WorkingCalendar(overrides)
        start = at("2026-01-01T00:00") + timedelta(minutes=minutes)
        hours = quarters / 4
        end = calendar.add_working_hours(start, hours)
        assert calendar.working_hours_between(start, end) == hours
        assert calendar.working_hours_between(end, start) == -hours
        assert calendar.is_working_day(end.astimezone(SHANGHAI).date())

    @given(
        first=st.integers(0, 60 * 24 * 60),
        second=st.integers(0, 60 * 24 * 60),
        third=st.integers(0, 60 * 24 * 60),
    )
    def test_hours_between_add_up(self, first, second, third):
        base = at("2026-09-15T00:00")
        one, two, three = (base + timedelta(minutes=m) for m in sorted((first, second, third)))
        between = self.calendar.working_hours_between
        assert between(one, two) + between(two, three) == pytest.approx(between(one, three))


@pytest.mark.django_db
class TestOverrides:
    def test_an_exception_counts_at_once_and_costs_one_query(self, django_assert_num_queries):
        adm = person("ADM")
        day = date(2026, 11, 24)
        set_calendar_day(day=day, is_working=False, name="公司停电", actor=adm, now=NOW)
        with django_assert_num_queries(1):
            assert add_working_hours(at("2026-11-23T17:00"), 2) == at("2026-11-25T09:30")
        assert working_hours_between(at("2026-11-23T17:00"), at("2026-11-25T09:30")) == 2
        assert not is_working_day(day)
        set_calendar_day(day=day, is_working=True, name="恢复", actor=adm, now=NOW)
        assert HolidayOverride.objects.count() == 1
        clear_calendar_day(day=day, actor=adm, now=NOW)
        clear_calendar_day(day=day, actor=adm, now=NOW)
        assert not HolidayOverride.objects.exists()

    def test_refusals(self):
        adm = person("ADM")
        values = {"day": date(2026, 11, 24), "is_working": False, "name": "停电", "now": NOW}
        with pytest.raises(DomainError) as refusal:
            set_calendar_day(**values, actor=person("CEO"))
        assert refusal.value.code == "ORG-02"
        with pytest.raises(DomainError) as refusal:
            set_calendar_day(**{**values, "day": date(9999, 1, 1)}, actor=adm)
        assert (refusal.value.code, refusal.value.field) == ("CAL-01", "day")
        with pytest.raises(DomainError) as refusal:
            set_calendar_day(**{**values, "name": "\x00"}, actor=adm)
        assert refusal.value.code == "ORG-20"

    def test_names_a_year_whose_holidays_are_missing(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert missing_years(date(2026, 6, 1)) == []
        assert missing_years(date(2026, 11, 22)) == [2027]
        assert missing_years(date(2027, 1, 4)) == [2027]
        HolidayOverride.objects.create(day=date(2027, 2, 5), name="春节")
        assert missing_years(date(2027, 1, 4)) == []
