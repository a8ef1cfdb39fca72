"""What every endpoint of the REST API shares: idempotency keys, versions seen, problems."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from lending_crm.common.errors import DomainError

_KEY = re.compile(r"[\x21-\x7e]{8,64}")
_MAX_VERSION = 2**31 - 1

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=(
        "8 to 64 printable characters chosen by the client, new for each intention; "
        "a repeated request with the same key answers as the first did and does nothing."
    ),
)


class BoundedJSONParser(JSONParser):
    """JSON as Django REST framework reads it; nesting without end is the sender's fault."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error


def idempotency_key(request: Request) -> str:
    """The client's key of this act; SYS-400 when it is missing or malformed."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not _KEY.fullmatch(key):
        raise DomainError(
            "SYS-400",
            _("Send an Idempotency-Key header of 8 to 64 printable characters."),
            status=400,
            field="Idempotency-Key",
        )
    return key


def seen_version(request: Request) -> int:
    """The version of the document that the client had read; SYS-400 when it sent none."""
    value: Any = request.data.get("seen_version") if hasattr(request.data, "get") else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_VERSION:
        raise DomainError(
            "SYS-400",
            _("Send seen_version: the version of the record that you had read."),
            status=400,
            field="seen_version",
        )
    return value


_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem document.",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Code of the message catalogue, e.g. WF-03."},
        "detail": {"type": "string", "description": "One sentence in the reader's language."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail", "field"],
                "properties": {
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                },
            },
        },
    },
}
_METHODS = {"get", "post", "put", "patch", "delete"}


def describe_problems(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """drf-spectacular hook: every operation may answer with a problem document."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    answer = {
        "description": "The request was refused; nothing was changed.",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if method in _METHODS:
                operation["responses"].setdefault("default", answer)
    return result
