"""Messages: the list, the badge in the header and its toasts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from django_htmx.http import trigger_client_event

from lending_crm.common.navigation import live_counts
from lending_crm.common.pagination import capped_count, paginate
from staff.models import Notification
from staff.selectors import newest_notification, notifications_since
from staff.services.notifications import mark_read
from staff.views.request import actor_of

#: the newest message that this browser session has been told about
TOLD = "notified_up_to"


@login_required
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    rows = Notification.objects.visible_to(request.user)
    only_unread = request.GET.get("show") == "unread"
    page = paginate(
        rows.unread() if only_unread else rows,
        order=("-created_at", "-id"),
        cursor=request.GET.get("cursor"),
    )
    unread = capped_count(rows.unread())
    here = reverse("staff:notifications")
    tabs = [
        {"label": _("All"), "url": here, "is_current": not only_unread},
        {
            "label": _("Unread"),
            "url": f"{here}?show=unread",
            "is_current": only_unread,
            "count": unread,
        },
    ]
    context = {"page": page, "only_unread": only_unread, "unread": unread, "tabs": tabs}
    return render(request, "staff/notifications.html", context)


@login_required
@never_cache
@require_GET
def badge(request: HttpRequest) -> HttpResponse:
    """The unread count and the figures of the menu; what came since the last look is
    announced as a toast."""
    rows = Notification.objects.visible_to(request.user)
    newest = newest_notification(request.user)
    context = {
        "count": capped_count(rows.unread()),
        "live": live_counts(request.user) if request.htmx else [],  # type: ignore[attr-defined]
    }
    response = render(request, "staff/notification_badge.html", context)
    told = request.session.get(TOLD)
    if told == newest:
        return response
    request.session[TOLD] = newest
    if told is None:  # just logged in: the badge says enough
        return response
    fresh = notifications_since(request.user, told)
    if not fresh:
        return response
    message = fresh[0].title
    if len(fresh) > 1:
        message = ngettext("%(count)s new message", "%(count)s new messages", len(fresh)) % {
            "count": len(fresh)
        }
    return trigger_client_event(response, "toast", {"message": message, "level": "info"})


@login_required
@require_GET
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message as read and go where it points."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    mark_read(actor=actor_of(request), ids=[row.pk], now=timezone.now())
    is_own = url_has_allowed_host_and_scheme(row.url, allowed_hosts={request.get_host()})
    return redirect(row.url if is_own else "staff:notifications")


@login_required
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    mark_read(actor=actor_of(request), ids=None, now=timezone.now())
    return redirect("staff:notifications")
