"""What the gateway calls: delivery reports and replies, signed by the shared secret."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sms import errors
from sms.gateways import current_gateway
from sms.gateways.base import Reply, Report
from sms.gateways.signatures import check_signature
from sms.services.consents import take_reply
from sms.services.delivery import note_report

_LONGEST_CALL = 64 * 1024
_LONGEST_TEXT = 1000


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> JsonResponse:
    """``{"reference", "status": "delivered" | "failed", "error"}``."""
    call = _call(request)
    if call.get("status") not in ("delivered", "failed"):
        raise errors.wrong_call()
    try:
        reference = UUID(_text(call, "reference", 36))
    except ValueError:
        raise errors.wrong_call() from None
    given = Report(
        reference,
        is_delivered=call["status"] == "delivered",
        error=_text({"error": "", **call}, "error", _LONGEST_TEXT),
    )
    is_known = note_report(report=given, now=timezone.now())
    return JsonResponse({"known": is_known})


@csrf_exempt
@require_POST
def reply(request: HttpRequest) -> JsonResponse:
    """``{"id", "mobile", "text"}``; R as text takes the consent back."""
    call = _call(request)
    given = Reply(
        gateway_id=_text(call, "id", 80),
        number=_text(call, "mobile", 30),
        text=_text(call, "text", _LONGEST_TEXT),
    )
    if not given.gateway_id:
        raise errors.wrong_call()
    take_reply(reply=given, gateway=current_gateway().code, now=timezone.now())
    return JsonResponse({"ok": True})


def _call(request: HttpRequest) -> dict[str, Any]:
    """The body of a call whose signature is right; SMS-20 and SMS-21 otherwise."""
    body = request.body
    if len(body) > _LONGEST_CALL:
        raise errors.wrong_call()
    check_signature(
        stamp=request.headers.get("X-Timestamp", ""),
        signature=request.headers.get("X-Signature", ""),
        body=body,
        now=timezone.now(),
    )
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        raise errors.wrong_call() from None
    if not isinstance(call, dict):
        raise errors.wrong_call()
    return call


def _text(call: dict[str, Any], name: str, limit: int) -> str:
    value = call.get(name)
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise errors.wrong_call()
    return value
