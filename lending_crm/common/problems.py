"""How a refusal or a failure is shown: as a page, as a fragment for htmx, as problem+json.

The rule: whoever asks gets a sentence in his language, the code of the message catalogue,
the right status and a way back; never a traceback.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from lending_crm.common.errors import DomainError, busy, not_found

API_PREFIX = "/api/"
CONTENT_TYPE = "application/problem+json"

# lock_not_available, deadlock_detected, serialization_failure, query_canceled
_BUSY_STATES = {"55P03", "40P01", "40001", "57014"}
_UNIQUE_VIOLATION = "23505"


def too_large() -> DomainError:
    return DomainError(
        "SYS-413",
        _("This is more than the system takes at once: files up to 50 MB, text up to 12 MB."),
        status=413,
    )


def unreadable() -> DomainError:
    return DomainError(
        "SYS-400",
        _("The system cannot store what was sent: a character or a number is not valid."),
        status=400,
    )


def invalid_request() -> DomainError:
    return DomainError("SYS-400", _("The system does not understand this request."), status=400)


def forbidden() -> DomainError:
    return DomainError("SYS-403", _("You may not do this."), status=403)


def collision() -> DomainError:
    return DomainError(
        "SYS-409",
        _("Somebody else just saved the same; open the record again and check."),
        status=409,
    )


def failure() -> DomainError:
    return DomainError(
        "SYS-500",
        _("Something went wrong on our side and was recorded; try again in a moment."),
        status=500,
    )


def refusal_for(error: BaseException) -> DomainError | None:
    """The refusal that stands for this exception; None when it is a fault of the program."""
    match error:
        case DomainError():
            return error
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return too_large()
        case OperationalError() if _sqlstate(error) in _BUSY_STATES:
            return busy()
        case IntegrityError() if _sqlstate(error) == _UNIQUE_VIOLATION:
            return collision()
        case DataError() | UnicodeEncodeError():
            return unreadable()
        case ValueError() if "NUL" in str(error) or "null byte" in str(error):
            return unreadable()
        case Http404():
            return not_found()
        case PermissionDenied():
            return forbidden()
    return None


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


def refusal_response(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """The refusal in the form that the asker reads."""
    if is_api(request):
        return JsonResponse(
            problem(refusal),
            status=refusal.status,
            content_type=CONTENT_TYPE,
            json_dumps_params={"ensure_ascii": False},
        )
    fragment = bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(
        request,
        "components/refusal.html" if fragment else "errors/refusal.html",
        {
            "refusal": refusal,
            "reasons": refusal.reasons,
            "status": refusal.status,
            "back_url": _way_back(request),
            "request_id": getattr(request, "request_id", ""),
        },
        status=refusal.status,
    )


def problem(refusal: DomainError) -> dict[str, Any]:
    """The refusal as an RFC 9457 problem document."""
    return {
        "type": f"urn:lending-crm:problem:{refusal.code}",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.message,
        "errors": [
            {"code": reason.code, "detail": reason.message, "field": reason.field}
            for reason in refusal.reasons
        ],
    }


def _way_back(request: HttpRequest) -> str:
    came_from = request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came_from if known else "/"


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER; None lets a fault of the program go on to handler500."""
    refusal = refusal_for(error)
    headers: dict[str, str] = {}
    if refusal is not None:
        body = problem(refusal)
    elif isinstance(error, APIException):
        body = _api_problem(error)
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait))
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _api_problem(error: APIException) -> dict[str, Any]:
    code = f"SYS-{error.status_code}"
    errors = list(_flatten(error.detail, ())) if isinstance(error, ValidationError) else []
    detail = str(_("Please correct the fields that are marked.")) if errors else str(error.detail)
    return {
        "type": f"urn:lending-crm:problem:{code}",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
        "code": code,
        "detail": detail,
        "errors": errors or [{"code": code, "detail": detail, "field": None}],
    }


def _flatten(detail: Any, path: tuple[str, ...]) -> Any:
    """Each message of a nested validation error with the dotted path of its field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flatten(inner, path if name == "non_field_errors" else (*path, str(name)))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flatten(inner, (*path, str(index)) if nested else path)
    else:
        yield {
            "code": getattr(detail, "code", "invalid"),
            "detail": str(detail),
            "field": ".".join(path) or None,
        }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django finds suspicious, before or outside a view."""
    refusal = refusal_for(exception)
    if refusal is None and not is_api(request):
        return render(request, "400.html", status=400)
    return refusal_response(request, refusal or invalid_request())


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403"""
    if is_api(request) or getattr(request, "htmx", False):
        return refusal_response(request, forbidden())
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404"""
    if is_api(request) or getattr(request, "htmx", False):
        return refusal_response(request, not_found())
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: shows the number under which the log has the story."""
    if is_api(request) or getattr(request, "htmx", False):
        return refusal_response(request, failure())
    # No request context: what failed may be the session, the database or a context processor.
    page = render(None, "500.html", {"request_id": getattr(request, "request_id", "")})  # type: ignore[arg-type]
    page.status_code = 500
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: nearly always a page left open over a new login."""
    if is_api(request) or getattr(request, "htmx", False):
        stale = DomainError(
            "SYS-403",
            _("This page is too old; reload it and try again."),
            status=403,
        )
        return refusal_response(request, stale)
    return render(request, "403_csrf.html", status=403)
