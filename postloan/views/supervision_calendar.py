"""贷后管理 → 贷后日历: a month and its list."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from applications.assessment import local_day
from documents.rules import refuse_unless
from lending_crm.common.pagination import CappedCount
from postloan.rules.supervision.creation import may_see_supervisions
from postloan.selectors import supervision_calendar as selectors
from postloan.selectors.supervision_calendar import Entry, Found, Scope
from staff.banners import without_holidays
from staff.calendar import WorkingCalendar, load_calendar
from staff.models import Branch, Employee
from staff.selectors import roles_of
from staff.views.request import actor_of

#: entries of one day that stand in the month; the list has the rest
_SHOWN = 3


class CalendarFilter(forms.Form):
    """Which month and whose; the address holds its state."""

    month = forms.DateField(required=False, input_formats=["%Y-%m"], widget=forms.HiddenInput)
    #: one day of it, all that is due on it
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    what = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[
            ("", _("All")),
            (selectors.SUPERVISION, _("Supervisions to submit")),
            (selectors.REPORT, _("Supervision reports")),
            (selectors.INSTALMENT, _("Instalments")),
            (selectors.LOAN_DUE, _("Due dates of loans")),
        ],
    )
    branch = forms.ModelChoiceField(
        label=_("Branch"),
        queryset=Branch.objects.order_by("code"),
        required=False,
        empty_label=_("All"),
    )
    person = forms.ModelChoiceField(
        label=_("Responsible"),
        queryset=Employee.objects.none(),
        required=False,
        empty_label=_("All"),
    )

    def __init__(self, *args: Any, user: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not roles_of(user).sees_all:
            del self.fields["branch"]
        if selectors.chooses_person(user):
            self.fields["person"].queryset = selectors.people_in_sight(user)  # type: ignore[attr-defined]
        else:
            del self.fields["person"]

    def clean_month(self) -> date | None:
        return _in_reach(self.cleaned_data["month"])

    def clean_day(self) -> date | None:
        return _in_reach(self.cleaned_data["day"])

    @property
    def chosen_day(self) -> date | None:
        return self.cleaned_data.get("day")

    def month_or(self, today: date) -> date:
        asked = self.chosen_day or self.cleaned_data.get("month")
        return (asked or today).replace(day=1)

    @property
    def scope(self) -> Scope:
        branch, person = self.cleaned_data.get("branch"), self.cleaned_data.get("person")
        return Scope(
            branch_id=branch.pk if branch else None,
            person_id=person.pk if person else None,
            what=self.cleaned_data.get("what", ""),
        )


def _in_reach(day: date | None) -> date | None:
    if day is not None and not 2000 <= day.year <= 2100:
        raise forms.ValidationError(_("The month must lie between 2000 and 2100."))
    return day


@dataclass(frozen=True)
class Day:
    """One cell: ``count`` things are due, of which it shows the first; none outside the month."""

    day: date
    shown: list[Entry]
    count: int
    is_in_month: bool
    is_today: bool
    is_rest: bool

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


@login_required
@require_GET
def calendar_page(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_see_supervisions(user))
    form = CalendarFilter(request.GET, user=user)
    form.is_valid()
    today = local_day(timezone.now())
    month, day = form.month_or(today), form.chosen_day
    working = load_calendar()
    weeks = Calendar().monthdatescalendar(month.year, month.month)
    first, last = (day, day) if day else (month, _shifted(month, 1) - timedelta(days=1))
    found = selectors.find(user, form.scope, first=first, last=last, today=today, calendar=working)
    late = found.late if day is None else []
    context = {
        "form": form,
        "month": month,
        "day": day,
        "today": today,
        "previous": _shifted(month, -1),
        "next": _shifted(month, 1),
        "weeks": _cells(weeks, found, month=month, today=today, working=working),
        "weekdays": weeks[0],
        "days": _by_day(found.entries),
        "late": _by_day(late[: selectors.MOST_LATE]),
        "late_count": CappedCount(
            min(len(late), selectors.MOST_LATE), len(late) > selectors.MOST_LATE
        ),
        "count": sum(found.by_day.values()),
        "listed": len(found.entries),
        "is_cut": found.is_cut,
        "no_holidays": without_holidays(weeks[-1][-1].year, today=today),
    }
    return render(request, "postloan/supervision_calendar.html", context)


def _by_day(found: list[Entry]) -> list[tuple[date, list[Entry]]]:
    days: dict[date, list[Entry]] = defaultdict(list)
    for entry in found:
        days[entry.day].append(entry)
    return list(days.items())


def _cells(
    weeks: list[list[date]],
    found: Found,
    *,
    month: date,
    today: date,
    working: WorkingCalendar,
) -> list[list[Day]]:
    by_day = dict(_by_day(found.entries))
    return [
        [
            Day(
                day=day,
                shown=by_day.get(day, [])[:_SHOWN],
                count=found.by_day.get(day, 0),
                is_in_month=day.month == month.month,
                is_today=day == today,
                is_rest=not working.is_working_day(day),
            )
            for day in week
        ]
        for week in weeks
    ]


def _shifted(month: date, by: int) -> date:
    """The first day of the month before or after."""
    inside = month - timedelta(days=1) if by < 0 else month + timedelta(days=31)
    return inside.replace(day=1)
