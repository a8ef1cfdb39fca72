"""What every endpoint of the REST API shares: idempotency keys, versions seen, problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from lending_crm.common.errors import DomainError

_KEY = re.compile(r"[\x21-\x7e]{8,64}")
_MAX_VERSION = 2**31 - 1
#: of the names that nobody knows; the answer must not grow with what was sent
TOLD_AT_MOST = 20

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


if TYPE_CHECKING:
    _Base = serializers.Serializer
else:
    _Base = object


class KnownFieldsOnly(_Base):
    """Refuses a name that it does not know, beside whatever else is wrong with the body.

    A misspelt optional field would be dropped without a word otherwise, and the act done
    without it. What an answer holds may be sent back: read-only fields are known.
    """

    def to_internal_value(self, data: Any) -> Any:
        unknown = {
            name: [ErrorDetail(str(_("There is no such field.")), code="unknown")]
            for name in islice((n for n in _names_in(data) if n not in self.fields), TOLD_AT_MOST)
        }
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**unknown, **error.detail}) from error  # type: ignore[dict-item]
        if unknown:
            raise ValidationError(unknown)
        return values


class InputSerializer(KnownFieldsOnly, serializers.Serializer):
    """What an endpoint takes."""


class ModelInputSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    """What an endpoint takes of a record."""


class KnownFieldsExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The description says that no other members are taken."""

    target_class = KnownFieldsOnly
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "request" and schema.get("type") == "object":
            schema["additionalProperties"] = False
        if schema.get("description") in (InputSerializer.__doc__, ModelInputSerializer.__doc__):
            del schema["description"]  # what the bases say is for developers
        return schema


def _names_in(data: Any) -> list[str]:
    """The members of an object; in a form ``lines[0]rate`` and ``choices.tl`` are members too."""
    if not isinstance(data, Mapping):
        return []
    if not isinstance(data, MultiValueDict):
        return [str(name) for name in data]
    names = dict.fromkeys(re.split(r"[.\[]", name, maxsplit=1)[0] for name in data)
    return [name for name in names if name != "csrfmiddlewaretoken"]


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
