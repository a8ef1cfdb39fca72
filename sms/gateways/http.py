"""Any gateway that takes a message by one HTTP POST, described by settings alone.

``SMS_HTTP`` holds ``URL``, ``HEADERS`` (a mapping), ``BODY`` (a template of the body),
``ID_FIELD`` (the field of the JSON answer that holds the gateway's id), ``CODE_FIELD`` with
``OK_CODES`` and ``DUPLICATE_CODES``, ``SECRET`` and ``TIMEOUT``. In ``BODY`` the marks
``$number``, ``$text`` and ``$reference`` are replaced by JSON strings.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from string import Template
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from sms.gateways.base import GatewayRefused, GatewayUnavailable

#: an answer longer than this is none that a gateway gives
_LONGEST_ANSWER = 64 * 1024
_LONGEST_WORDS = 120


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would carry the number to an address that nobody configured."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class HttpGateway:
    code = "http"

    def __init__(self, options: Mapping[str, Any]) -> None:
        if not str(options.get("URL", "")).startswith(("https://", "http://")):
            raise ImproperlyConfigured("SMS_HTTP_URL must be an http or https address.")
        self._options = options
        self._opener = urllib.request.build_opener(_NoRedirect)

    def send(self, *, reference: UUID, number: str, text: str) -> str:
        body = self._body(reference=reference, number=number, text=text)
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked above
            self._options["URL"], data=body, headers=self._headers(body), method="POST"
        )
        try:
            with self._opener.open(request, timeout=self._options["TIMEOUT"]) as answer:
                content = answer.read(_LONGEST_ANSWER)
        except urllib.error.HTTPError as error:
            with error:
                words = f"HTTP {error.code}"
            # 408, 409 and 429 are about this moment; other 4xx are about the message.
            if error.code in (408, 409, 425, 429) or error.code >= 500 or error.code < 400:
                raise GatewayUnavailable(words) from error
            raise GatewayRefused(words) from error
        except (OSError, ValueError) as error:
            raise GatewayUnavailable(type(error).__name__) from error
        return self._read(content, reference)

    def _body(self, *, reference: UUID, number: str, text: str) -> bytes:
        values = {"reference": str(reference), "number": number, "text": text}
        marks = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
        return Template(self._options["BODY"]).safe_substitute(marks).encode()

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8", **self._options["HEADERS"]}
        if secret := self._options["SECRET"]:
            headers["X-Signature"] = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return headers

    def _read(self, content: bytes, reference: UUID) -> str:
        try:
            answer = json.loads(content)
            code = str(answer.get(self._options["CODE_FIELD"], ""))
        except (ValueError, AttributeError, RecursionError) as error:
            raise GatewayUnavailable("unreadable answer") from error
        if code in self._options["DUPLICATE_CODES"]:
            return str(answer.get(self._options["ID_FIELD"]) or reference)[:80]
        if code not in self._options["OK_CODES"]:
            if not code:
                raise GatewayUnavailable("answer without a code")
            raise GatewayRefused(f"code {code}"[:_LONGEST_WORDS])
        return str(answer.get(self._options["ID_FIELD"]) or reference)[:80]
