"""The working calendar, a year at a time."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lending_crm.common.errors import DomainError
from staff.forms.organisation import CalendarDayForm
from staff.forms.refusals import show_refusals
from staff.rules import keeps_organisation, require_keeper
from staff.selectors.calendar import year_view
from staff.services.calendar import YEARS, clear_calendar_day, set_calendar_day
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    return _page(request, CalendarDayForm())


def _page(request: HttpRequest, form: CalendarDayForm) -> HttpResponse:
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else today.year
    if year not in YEARS:
        year = today.year
    here = reverse("staff:calendar")
    return render(
        request,
        "staff/calendar.html",
        {
            "view": year_view(year, today=today),
            "weekdays": [_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")],
            "previous_url": f"{here}?year={year - 1}",
            "next_url": f"{here}?year={year + 1}",
            "form": form,
            "can_keep": keeps_organisation(request.user),
        },
        status=422 if form.is_bound else 200,
    )


@login_required
@require_POST
def calendar_set(request: HttpRequest) -> HttpResponse:
    require_keeper(actor_of(request))
    form = CalendarDayForm(request.POST)
    if form.is_valid():
        try:
            row = set_calendar_day(
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('staff:calendar')}?year={row.day.year}")
    return _page(request, form)


@login_required
@require_POST
def calendar_clear(request: HttpRequest) -> HttpResponse:
    try:
        day = parse_date(request.POST.get("day", ""))
    except ValueError:  # a day that no calendar has, such as 30 February
        day = None
    if day is None:
        raise Http404("no such day")
    clear_calendar_day(day=day, actor=actor_of(request), now=timezone.now(), ip=ip_of(request))
    messages.success(request, _("The public calendar holds again on %(day)s.") % {"day": day})
    return redirect(f"{reverse('staff:calendar')}?year={day.year}")
