"""`make run`: the product with demo data on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import kombu
import psycopg

from scripts.dev import database
from scripts.dev.console import say, step, stop
from scripts.dev.places import LOGS, PYTHON, ROOT, VAR, VENV
from scripts.dev.services import Service, wait_until_served

_ATTEMPTS = 3
DEMO_PASSWORD = "demo-lending"
DEMO_LOGINS = (
    ("am", "account manager"),
    ("am2", "account manager of another branch"),
    ("tl", "department head"),
    ("brm", "branch risk manager"),
    ("bgm", "branch general manager"),
    ("hrm", "head-office risk control"),
    ("plm", "post-loan supervision"),
    ("ard", "asset recovery"),
    ("fin", "finance"),
    ("rc1", "committee member (rc1 to rc5)"),
    ("rcc", "committee chair"),
    ("rcs", "committee secretary"),
    ("ceo", "president"),
    ("adm", "information administrator"),
)


class Interrupted(BaseException):
    """Ctrl-C, or somebody asked the runner to end."""


def run() -> int:
    port = _port()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with database.only_one("run"):
            _require_free(port)
            _require_broker()
            LOGS.mkdir(parents=True, exist_ok=True)
            with database.ready(folder="run") as address:
                environment = _environment(address, port)
                _prepare(environment, address)
                _serve(environment, address, port)
    except Interrupted:
        say("\nStopped.")
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not cut the orderly stop short.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Interrupted


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 65535:
        stop(f"PORT={given} is not a port: give a number from 1 to 65535.")
    return int(given)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            stop(f"This user may not open port {port}: choose another with `make run PORT=8001`.")
        except OSError:
            stop(
                f"Port {port} is taken by another program: stop it, or choose another port with "
                f"`make run PORT={port + 1}`."
            )


def _require_broker() -> None:
    address = os.environ.get("CELERY_BROKER_URL")
    if not address:
        return
    try:
        with kombu.Connection(address, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
    # Each transport has exceptions of its own, and an unknown one raises KeyError.
    except Exception as error:
        stop(
            f"The broker of CELERY_BROKER_URL cannot be reached ({type(error).__name__}): start "
            "it, or leave CELERY_BROKER_URL away for an embedded one."
        )


def _environment(address: str, port: int) -> dict[str, str]:
    return {
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "lending_crm.settings.local",
        **os.environ,
        "DATABASE_URL": address,
        "LENDING_VAR_DIR": str(VAR),
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def _prepare(environment: dict[str, str], address: str) -> None:
    step("Compiling translations")
    _manage(environment, "messages", "--compile")
    if _is_new(address):
        step("Making the tables")
        _manage(environment, "build_schema")
    else:
        step("Bringing the database up to date")
        _manage(environment, "migrate", "--verbosity", "0")
    if _has_people(address):
        return
    if os.environ.get("DEMO", "yes").lower() in {"no", "0", "false"}:
        _ask_for_administrator(environment)
    else:
        step("Loading demo data (about a minute)")
        _manage(environment, "demo")


def _ask_for_administrator(environment: dict[str, str]) -> None:
    if not sys.stdin.isatty():
        stop(
            "Nobody can sign in yet and there is no terminal to ask: run `make run DEMO=no` in a "
            "terminal to name the first administrator."
        )
    say("The database is empty: name the first administrator.")
    for _attempt in range(_ATTEMPTS):
        names = ["--username", input("Login name: ").strip(), "--name", input("Name: ").strip()]
        done = subprocess.run(
            [PYTHON, "manage.py", "create_administrator", *names],
            cwd=ROOT,
            env=environment,
            check=False,
        )
        if done.returncode == 0:
            return
    stop("There is no administrator yet: run this again with a login name and a good password.")


def _manage(environment: dict[str, str], *arguments: str) -> None:
    log = LOGS / f"{arguments[0]}.log"
    with log.open("w") as out:
        done = subprocess.run(
            [PYTHON, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        words = log.read_text(errors="replace").strip().splitlines()
        if any("No space left on device" in line for line in words):
            stop("The disk is full: free 2 GiB and run this again.")
        own = [line for line in words if line.startswith("CommandError: ")]
        reason = (own or words or ["no reason was given"])[-1].removeprefix("CommandError: ")
        stop(f"`manage.py {arguments[0]}` failed: {reason.strip()} (all of it: {log})")


def _is_new(address: str) -> bool:
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
        return found.fetchone() is None


def _has_people(address: str) -> bool:
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT EXISTS (SELECT 1 FROM staff_employee)").fetchone()
    return bool(row and row[0])


def _services(environment: dict[str, str], port: int) -> list[Service]:
    celery = [str(VENV / "bin" / "celery"), "-A", "lending_crm"]
    web = [
        str(VENV / "bin" / "gunicorn"), "lending_crm.wsgi:application",
        "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
        "--timeout", "120", "--graceful-timeout", "5", "--no-control-socket",
    ]  # fmt: skip
    if environment.get("DEBUG", "").lower() in {"1", "true", "yes", "on"}:
        web.append("--reload")
    # Threads suffice for one machine and take half the memory of worker processes; the
    # file-system broker knows no broadcasts, so the worker does not look for others.
    worker = ["worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING",
              "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip
    beat = ["beat", "--loglevel", "WARNING", "--pidfile", ""]
    return [
        Service("web", web, environment),
        Service("worker", [*celery, *worker], environment),
        Service("beat", [*celery, *beat], environment),
    ]


def _serve(environment: dict[str, str], address: str, port: int) -> None:
    step("Starting the web server, the worker and the timers")
    services = _services(environment, port)
    try:
        for service in services:
            service.start()
        wait_until_served(port, services[0])
        _greet(address, port)
        while True:
            time.sleep(0.5)
            for service in services:
                if not service.is_alive:
                    service.revive()
    finally:
        for service in services:
            service.ask_to_stop()
        for service in services:
            service.stop()


def _greet(address: str, port: int) -> None:
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT username FROM staff_employee WHERE is_active").fetchall()
    names = {name for (name,) in rows}
    say(f"\n  Lending CRM is running at http://127.0.0.1:{port}\n")
    shown = [(login, role) for login, role in DEMO_LOGINS if login in names]
    if shown:
        say(f"  Demo logins, all with the password {DEMO_PASSWORD}:")
        for login, role in shown:
            say(f"    {login:<6}{role}")
        say()
    say(f"  Logs: {LOGS}")
    say("  Ctrl-C stops everything.")
