"""A real Chromium on a real server; every page that a test visits is watched for faults."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from staff.models import Employee
from tests.e2e.world import World

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
HAS_CHROMIUM = Path(CHROMIUM).is_file()
NO_CHROMIUM = "The browser tests did not run: no Chromium was found; set CHROMIUM to its path."
HERE = Path(__file__).parent
SHOTS = settings.VAR_DIR / "e2e"  # what a failed test saw
CHECKS = (HERE / "checks.js").read_text()
FAILED = pytest.StashKey[bool]()
# What the browser and htmx say about every 4xx (tests that provoke one look at the page itself)
# and about requests that were still on their way when the page was left.
_EXPECTED = re.compile(
    r"Failed to load resource: the server responded with a status of 4\d\d"
    r"|Response Status Error Code 4\d\d|htmx:(afterRequest|sendError|sendAbort)"
)

Visit = Callable[..., Page]
PATIENCE = 30_000  # milliseconds that a page may take on a busy machine


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "e2e: drives Chromium through the pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("e2e")
            if not HAS_CHROMIUM:
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not HAS_CHROMIUM:
        terminalreporter.write_line(NO_CHROMIUM)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # The driver's event loop runs in this thread, so Django would refuse every query here.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
            ],
        )
        yield opened
        opened.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def world(transactional_db: None, tmp_path: Path, settings: Any) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return World()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained about: script errors, policy violations, broken files."""
    return []


@pytest.fixture
def visit(
    browser: Browser,
    live_server: LiveServer,
    world: World,
    faults: list[str],
    request: pytest.FixtureRequest,
) -> Iterator[Visit]:
    """``visit(world.am, "/inbox/")`` opens a page; each call has cookies of its own."""
    contexts = []

    def opened(who: Employee | None, path: str = "", *, width: int = 1440, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 844 if width < 600 else 900},
            **{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
            | options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.add_init_script(CHECKS)
        if who is not None:
            context.add_cookies([_session_of(who, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: _note(faults, page, said))
        page.on("response", lambda answer: _note_response(faults, answer))
        if path:
            page.goto(path)
        return page

    yield opened
    pages = [page for context in contexts for page in context.pages]
    if request.node.stash.get(FAILED, False):
        for number, page in enumerate(pages):
            page.screenshot(path=SHOTS / f"{request.node.name}-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    _let_requests_end()
    assert faults == []


def _let_requests_end() -> None:
    """The server answers on after a page was left; the next test begins with empty tables."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE / 1000)


def _session_of(who: Employee, url: str) -> Any:
    client = Client()
    client.force_login(Employee.objects.get(pk=who.pk))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": session.key, "value": session.value, "url": url}


def _note(faults: list[str], page: Page, said: ConsoleMessage) -> None:
    if said.type in ("error", "warning") and not _EXPECTED.search(said.text):
        faults.append(f"{page.url}: {said.text}")


def _note_response(faults: list[str], answer: Response) -> None:
    is_broken_file = answer.status >= 400 and "/static/" in answer.url
    if answer.status >= 500 or is_broken_file:
        faults.append(f"{answer.status} {answer.url}")
