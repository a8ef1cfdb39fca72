"""业务管理 → 业务申请单: the list, and where a new one begins."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from applications.desks.application import DESK
from applications.filters import ApplicationFilter
from applications.permissions import may_apply
from applications.rules.eligibility import customer_refusals
from applications.selectors import application_list, own_opportunities
from documents.desk.reading import open_stages
from documents.rules import refuse_unless
from lending_crm.common.pagination import paginate
from staff.views.request import actor_of

SORTS = {
    "": ("-created_at", "-pk"),
    "created": ("created_at", "pk"),
    "amount": ("amount_total", "pk"),
    "-amount": ("-amount_total", "-pk"),
}


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    found = ApplicationFilter(
        request.GET,
        queryset=application_list(user),
        desk=DESK,
        user=user,
    )
    sort = request.GET.get("sort", "")
    page = paginate(found.qs, order=SORTS.get(sort, SORTS[""]), cursor=request.GET.get("cursor"))
    stages = open_stages(page.items)
    context = {
        "filter": found,
        "page": page,
        "rows": [(row, stages.get(row.case_id)) for row in page.items],
        "sort": sort,
        "may_apply": may_apply(user),
        "is_filtered": found.is_narrowed,
    }
    return render(request, "applications/application_list.html", context)


@login_required
@require_GET
def choose_opportunity(request: HttpRequest) -> HttpResponse:
    """新建 from the menu: the manual starts at 业务拓展, so that is chosen first."""
    user = actor_of(request)
    refuse_unless(may_apply(user))
    page = paginate(
        own_opportunities(user),
        order=("-last_activity_at", "-id"),
        cursor=request.GET.get("cursor"),
        size=20,
    )
    rows = [(row, next(customer_refusals(row.customer), None)) for row in page.items]
    return render(request, "applications/choose_opportunity.html", {"page": page, "rows": rows})
