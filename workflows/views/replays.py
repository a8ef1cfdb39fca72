"""重放: run a version over the last finished cases, look at what differs, stop it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workflows.screens.replays import load_replay_page
from workflows.screens.trial import preview_version
from workflows.services import replays
from workflows.views.administration import administrators_only, version_or_404

#: How many cases the form offers.
SIZES = (100, 1_000, 10_000)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replay(request: HttpRequest, version_id: int) -> HttpResponse:
    """The result of the newest replay; a POST asks for a new one."""
    administrators_only(request)
    version = version_or_404(version_id)
    if request.method == "POST":
        last = request.POST.get("last", "")
        replays.request_replay(
            version_id=version.pk,
            actor=request.user,
            now=timezone.now(),
            last=int(last) if last.isdecimal() and len(last) < 10 else 0,
        )
        return redirect("workflows:replay", version.pk)
    page = load_replay_page(
        version,
        request.user,
        chosen=request.GET.get("how", ""),
        cursor=request.GET.get("cursor", ""),
    )
    template = "workflows/_replay.html" if request.htmx else "workflows/replay.html"
    return render(request, template, {"screen": page, "version": version, "sizes": SIZES})


@login_required
@require_safe
def preview(request: HttpRequest, version_id: int) -> HttpResponse:
    """The chain that a document would take through this version, draft or not."""
    administrators_only(request)
    version = version_or_404(version_id)
    doc_no = request.GET.get("document", "").strip()
    steps = None
    if doc_no:
        steps = preview_version(
            version, doc_no, now=timezone.now(), language=translation.get_language()
        )
    context = {"version": version, "doc_no": doc_no, "steps": steps}
    return render(request, "workflows/trial.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, replay_id: int) -> HttpResponse:
    found = replays.cancel_replay(replay_id=replay_id, actor=request.user, now=timezone.now())
    return redirect("workflows:replay", found.version_id)
