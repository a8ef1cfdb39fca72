"""/design/: every component in every state, for whoever builds a page (development only)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from django_htmx.http import trigger_client_event

from lending_crm.common.design.samples import sample_context
from lending_crm.common.errors import DomainError


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    return render(request, "design/components.html", sample_context(timezone.now()))


@require_POST
def fragment(request: HttpRequest) -> HttpResponse:
    """What htmx can answer: a toast, or a refusal that leaves the form as it is."""
    if request.POST.get("answer") == "refusal":
        refusal = DomainError(
            "WF-12", _("The document was changed by someone else; refresh and try again.")
        )
        context = {"refusal": refusal, "reasons": refusal.reasons}
        return render(request, "components/refusal.html", context, status=refusal.status)
    toast = {"message": _("Saved."), "level": "success"}
    return trigger_client_event(HttpResponse(status=204), "toast", toast)
