"""The database of a run: the server of DATABASE_URL, or an embedded one; one run at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from scripts.dev.console import step, stop
from scripts.dev.embedded import EmbeddedServer
from scripts.dev.places import DATABASE_ADDRESS, VAR

# Any number that no other program uses for an advisory lock on this database.
_LOCK_KEY = 0x4C43524D


@contextmanager
def only_one(folder: str) -> Iterator[None]:
    """Refuse a second command that would use the same database of this checkout."""
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / f"{folder}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            what = "its database and its port" if folder == "run" else "its test database"
            stop(
                f"Another `make {folder}` of this checkout (process {holder}) holds {what}: stop "
                "that one first."
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def ready(*, folder: str, fast: bool = False) -> Iterator[str]:
    """The address of a database that answers; an embedded one stops when the block ends."""
    given = os.environ.get("DATABASE_URL")
    if given:
        step("Using the database of DATABASE_URL")
        with _held(given):
            yield given
        return
    server = EmbeddedServer(folder, fast=fast)
    try:
        address = server.start()
        if not fast:
            DATABASE_ADDRESS.write_text(address)
        yield address
    finally:
        if not fast:
            DATABASE_ADDRESS.unlink(missing_ok=True)
        server.stop()


def answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


@contextmanager
def _held(address: str) -> Iterator[None]:
    """Hold the database against a second run, perhaps from another machine."""
    try:
        connection = psycopg.connect(address, connect_timeout=5, autocommit=True)
    except psycopg.ProgrammingError as error:
        stop(f"DATABASE_URL is not a PostgreSQL address: {_first_line(error)}.")
    except psycopg.OperationalError as error:
        stop(
            f"The database of DATABASE_URL cannot be reached ({_first_line(error)}): start it, "
            "or leave DATABASE_URL away for an embedded one."
        )
    with connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK_KEY]).fetchone()
        if row is None or not row[0]:
            stop(
                "The database of DATABASE_URL is in use by another `make run`: stop that one, or "
                "give this one a database of its own."
            )
        yield


def _first_line(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    reason = lines[0].split("failed: ")[-1].removeprefix("FATAL:").strip() if lines else ""
    return reason.rstrip(".") or type(error).__name__
