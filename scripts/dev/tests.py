"""`make test`: the checks, the suite, the races on a real server, the stories in a browser."""

from __future__ import annotations

import os
import subprocess
import time

from scripts.dev import checks, database, packages, template
from scripts.dev.console import complain, say, step
from scripts.dev.places import PYTHON, ROOT

_NO_TESTS_COLLECTED = 5
#: one round of ``make soak``: about five times what the suite walks
_THOROUGH_WALKS, _BRISK_WALKS = "800", "10000"
_SOAKED = (
    "tests/workflows/test_properties.py",
    "tests/workflows/test_pairs.py",
    "tests/workflows/test_killed.py",
)
_IN_PARALLEL = ("-n", "2", "--dist", "worksteal")
#: a test that hangs is a failure that shows where every thread stands
_WATCHED = ("-o", "faulthandler_timeout=600", "-o", "faulthandler_exit_on_timeout=true")
_RUN = (*_IN_PARALLEL, *_WATCHED)
_SETTINGS = {"DJANGO_SETTINGS_MODULE": "lending_crm.settings.test"}


def test(arguments: list[str]) -> int:
    """Everything that CI runs; ``arguments`` narrow the suite (`make test ARGS=tests/staff`)."""
    started = time.monotonic()
    _compile_translations()
    if arguments:
        with database.ready(folder="test", fast=True) as address:
            return _pytest(address, *arguments)
    failed = ["checks"] if checks.check() else []
    if not packages.pdf_tools():
        say("Without poppler-utils the tests that read the text of print-outs do not run.")
    server = os.environ.get("TEST_DATABASE_URL")
    browser = packages.browser()
    with (
        database.ready(folder="test", fast=True) as address,
        template.copied_database(address, _SETTINGS, made_by="migrate") as copied,
    ):
        step("Running the suite")
        if _pytest(address, "tests", "--ignore=tests/e2e", *_RUN, **copied):
            failed.append("suite")
        if browser:
            step("Running the browser tests")
            if _pytest(address, "tests/e2e", *_RUN, CHROMIUM=browser, **copied):
                failed.append("browser")
    if server:
        with template.copied_database(server, _SETTINGS, made_by="build_schema") as copied:
            step("Running the race tests on the server of TEST_DATABASE_URL")
            if _pytest(server, "tests", "-m", "race", *_RUN, **copied):
                failed.append("races")
    minutes = (time.monotonic() - started) / 60
    if not browser:
        say("The browser tests did not run: Chromium is not installed and may not be.")
    if not server:
        say("The race tests ran on the embedded database only: TEST_DATABASE_URL is not set.")
    if failed:
        complain(f"Failed after {minutes:.1f} minutes: {', '.join(failed)}.")
        return 1
    say(f"Everything passed in {minutes:.1f} minutes.")
    return 0


def soak() -> int:
    """Far more random cases than CI has time for, and the races again; HOURS says how long."""
    hours = float(os.environ.get("HOURS", "1"))
    ends = time.monotonic() + hours * 3600
    os.environ.update(THOROUGH=_THOROUGH_WALKS, BRISK=_BRISK_WALKS, SOAK="yes")
    _compile_translations()
    rounds = 0
    with database.ready(folder="test", fast=True) as address:
        while rounds == 0 or time.monotonic() < ends:
            step(f"Round {rounds + 1} of random walks and races")
            if _pytest(address, *_SOAKED, *_IN_PARALLEL, "--hypothesis-seed", str(time.time_ns())):
                complain(f"Failed in round {rounds + 1}; what was walked stands above.")
                return 1
            rounds += 1
    say(f"{rounds} rounds in {hours:g} hours: nothing was lost, nothing happened twice.")
    return 0


def _compile_translations() -> None:
    subprocess.run(
        [PYTHON, "manage.py", "messages", "--compile"],
        cwd=ROOT,
        env={**os.environ, **_SETTINGS},
        check=True,
    )


def _pytest(address: str, *arguments: str, **environment: str) -> int:
    done = subprocess.run(
        [PYTHON, "-m", "pytest", "-q", *arguments],
        cwd=ROOT,
        env={**os.environ, **_SETTINGS, "DATABASE_URL": address, **environment},
        check=False,
    )
    return 0 if done.returncode == _NO_TESTS_COLLECTED else done.returncode
