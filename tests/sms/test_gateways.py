"""The HTTP gateway against a server that behaves as real ones do, and as they do not."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

import pytest

from sms.gateways import GatewayRefused, GatewayUnavailable, current_gateway
from sms.gateways.console import ConsoleGateway
from sms.gateways.http import HttpGateway

OPTIONS: dict[str, Any] = {
    "HEADERS": {"Authorization": "Bearer key-1"},
    "BODY": '{"mobile": $number, "content": $text, "reference": $reference}',
    "ID_FIELD": "msgid",
    "CODE_FIELD": "code",
    "OK_CODES": ["0"],
    "DUPLICATE_CODES": ["9"],
    "SECRET": "s3",
    "TIMEOUT": 1,
}


class StandIn(ThreadingHTTPServer):
    """Answers as ``answer`` says and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: tuple[int, bytes] = (200, b'{"code": 0, "msgid": "m-1"}')
        self.delay = 0.0
        self.calls: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((dict(self.headers), body))
        time.sleep(self.server.delay)
        code, content = self.server.answer
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        """Tests say nothing on the console."""


@pytest.fixture
def server() -> Iterator[StandIn]:
    made = StandIn()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def send(server: StandIn, **options: Any) -> str:
    gateway = HttpGateway({**OPTIONS, "URL": server.url} | options)
    return gateway.send(reference=uuid4(), number="13900139000", text='他说"好"\n明天')


class TestHttpGateway:
    def test_posts_the_template_with_every_value_escaped(self, server):
        assert send(server) == "m-1"

        headers, body = server.calls[0]
        call = json.loads(body)
        assert (call["mobile"], call["content"]) == ("13900139000", '他说"好"\n明天')
        assert headers["Authorization"] == "Bearer key-1"
        assert headers["X-Signature"] == hmac.new(b"s3", body, hashlib.sha256).hexdigest()

    def test_a_duplicate_is_a_message_that_was_sent(self, server):
        server.answer = (200, b'{"code": "9", "msgid": "m-1"}')

        assert send(server) == "m-1"

    @pytest.mark.parametrize("code", [302, 408, 409, 429, 500, 502, 503])
    def test_tries_again_after_a_failure_of_the_moment(self, server, code):
        server.answer = (code, b"")

        with pytest.raises(GatewayUnavailable, match=str(code)):
            send(server)
        assert len(server.calls) == 1

    @pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
    def test_gives_up_when_the_call_itself_is_refused(self, server, code):
        server.answer = (code, b"")

        with pytest.raises(GatewayRefused, match=str(code)):
            send(server)

    def test_gives_up_on_a_code_that_refuses_the_message(self, server):
        server.answer = (200, b'{"code": 13}')

        with pytest.raises(GatewayRefused, match="code 13"):
            send(server)

    def test_does_not_wait_longer_than_its_time_out(self, server):
        server.delay = 3
        started = time.monotonic()

        with pytest.raises(GatewayUnavailable):
            send(server)
        assert time.monotonic() - started < 2.5

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html>",
            b"\xff\xfe",
            b"[]",
            b"null",
            b"{}",
            b'"0"',
            b"[" * 50_000,
            b'{"code": ""}',
        ],
    )
    def test_an_answer_that_cannot_be_read_is_none(self, server, content):
        server.answer = (200, content)

        with pytest.raises(GatewayUnavailable):
            send(server)

    def test_nobody_listens(self, server):
        with pytest.raises(GatewayUnavailable):
            send(server, URL="http://127.0.0.1:1/")

    def test_refuses_an_address_that_is_no_web_address(self):
        with pytest.raises(ImproperlyConfigured):
            HttpGateway({**OPTIONS, "URL": "ftp://example.com"})


class TestCurrentGateway:
    def test_is_the_console_by_default(self):
        assert isinstance(current_gateway(), ConsoleGateway)

    def test_is_what_the_settings_name(self):
        with override_settings(
            SMS_GATEWAY="http", SMS_HTTP={**OPTIONS, "URL": "https://sms.example.com"}
        ):
            assert isinstance(current_gateway(), HttpGateway)
        with override_settings(SMS_GATEWAY="tests.sms.factories.Gateway"):
            assert current_gateway().code == "fake"

    def test_the_console_tells_neither_number_nor_words(self, capsys):
        ConsoleGateway().send(reference=uuid4(), number="13900139000", text="秘密")

        shown = "".join(capsys.readouterr())
        assert "13900139000" not in shown
        assert "秘密" not in shown
