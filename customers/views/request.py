"""What the views of this app take from a request and send back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme

from django_htmx.http import HttpResponseClientRedirect

UNPROCESSABLE = 422


def done(request: HttpRequest, url: str, sentence: str | Promise = "") -> HttpResponse:
    """After an act: say what happened and open ``url``, also when htmx asked."""
    if sentence:
        messages.success(request, str(sentence))
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(url)
    return redirect(url)


def way_back(request: HttpRequest, default: str) -> str:
    """Where the form was opened from, if that is one of our own addresses."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if safe and wanted.startswith("/") else default


def status_of(form: Any) -> int:
    """200 for a fresh form, 422 for one that was refused."""
    return UNPROCESSABLE if form.is_bound and form.errors else 200
