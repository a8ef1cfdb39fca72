"""Between the server and the views: size limits, refusals, the request log."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import time
import uuid
from collections.abc import Callable
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

import structlog
from django_htmx.http import HttpResponseClientRedirect

from lending_crm.common import problems

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Turn what a view refuses into the answer that the asker can read.

    It also sends htmx to the login page as a whole page: without that the login form
    would be swapped into the fragment that was asked for.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "htmx", False) and isinstance(response, HttpResponseRedirect):
            login = resolve_url(settings.LOGIN_URL)
            if response.url.split("?")[0] == login:
                return HttpResponseClientRedirect(login)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refusal = problems.refusal_for(error)
        # Django's own 403 and 404 have pages of their own, reached through its handlers.
        if refusal is None or isinstance(error, Http404 | PermissionDenied):
            return None
        if isinstance(error, DatabaseError | ValueError):
            # A guard should have said this before the database had to.
            log.warning("refused", code=refusal.code, exc_info=error)
        return problems.refusal_response(request, refusal)


class RequestSizeMiddleware:
    """Refuse a body that is too large before anything parses it.

    Django bounds form text but neither files nor a JSON body that DRF reads as a stream.
    """

    # A browser shows the answer only after its body was taken; more than this is cut off.
    _drain_limit: ClassVar[int] = 256 * 1024 * 1024
    _chunk: ClassVar[int] = 1024 * 1024

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        size = _content_length(request)
        limit = (
            settings.MAX_REQUEST_BYTES
            if request.content_type == "multipart/form-data"
            else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        )
        if size <= limit:
            return self.get_response(request)
        if size <= self._drain_limit:
            while request.read(self._chunk):
                pass
        return problems.refusal_response(request, problems.too_large())


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class ClientAddressMiddleware:
    """Make REMOTE_ADDR the client's address where our own proxies hide it.

    Only the last TRUSTED_PROXIES entries of X-Forwarded-For were written by them; whatever
    stands before is what the client claims.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops = settings.TRUSTED_PROXIES
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        if hops and len(forwarded) >= hops:
            with contextlib.suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(forwarded[-hops].strip()))
        return self.get_response(request)


class RequestLogMiddleware:
    """One line per request: who (row number), which route, how long; no address, no query.

    The route is the pattern, not the path that was asked for: paths and queries may hold names.
    """

    _quiet: ClassVar[tuple[str, ...]] = (settings.STATIC_URL, "/healthz", "/metrics")
    _given_id: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9-]{8,64}")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if self._given_id.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if not request.path.startswith(self._quiet):
                match = request.resolver_match
                # Never load the user only to log him.
                user = getattr(request, "_cached_user", None)
                log.info(
                    "request",
                    method=request.method,
                    route=match.route if match else None,
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000),
                    user=getattr(user, "pk", None),
                )
        response.headers["X-Request-ID"] = request_id
        return response
