"""What all benchmarks share: a database of their own, turns, medians, the machine's name."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg


@contextmanager
def own_database(address: str, kept: str = "") -> Iterator[str]:
    """A fresh database beside the given one, dropped afterwards; one named ``kept`` stays."""
    parts = urlsplit(address)
    name = kept or f"bench_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        known = server.execute("SELECT FROM pg_database WHERE datname = %s", [kept]).fetchone()
        if known is None:
            server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        from django.db import connections

        connections.close_all()
        if not kept:
            with psycopg.connect(address, autocommit=True) as server:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(measure: Callable[[str, argparse.Namespace], str], parser: argparse.ArgumentParser) -> int:
    """Set Django up on a database of its own, measure, print; 1 without a server."""
    options = parser.parse_args()
    address = os.environ.get("DATABASE_URL")
    if not address:
        print("Set DATABASE_URL to a PostgreSQL server; a database of its own is made there.")
        return 1
    with own_database(address, getattr(options, "keep", "")) as own:
        os.environ["DATABASE_URL"] = own
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        print(f"{sys.argv[0].rsplit('/', 1)[-1]}  {machine(own)}")
        print(measure(own, options), flush=True)
    return 0


def machine(address: str) -> str:
    """Date, processors, load and server version, for the record of a run."""
    with psycopg.connect(address) as server:
        version = server.execute("SHOW server_version").fetchone()[0].split()[0]  # type: ignore[index]
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {load:.1f}, "
        f"Python {platform.python_version()}, PostgreSQL {version}"
    )


def each(call: Callable[[], object], times: int) -> float:
    """Seconds of one call, as the mean of ``times`` calls."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def in_turns(sides: Mapping[str, Callable[[], float]], runs: int) -> dict[str, float]:
    """The median over ``runs`` of each side, the sides taking turns within each run."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            found[name].append(side())
    return {name: statistics.median(seconds) for name, seconds in found.items()}


class Meter:
    """What single calls took, in milliseconds: by the clock, and of this process's processor.

    The clock also counts what other work on the machine took meanwhile; the processor time does
    not, but leaves out the database server.
    """

    def __init__(self) -> None:
        self._calls: list[tuple[float, float]] = []

    def run(self, call: Callable[[], object], times: int) -> None:
        for _ in range(times):
            began, used = time.perf_counter(), time.process_time()
            call()
            self._calls.append((time.perf_counter() - began, time.process_time() - used))

    def wall(self, share: float) -> float:
        return percentile([wall for wall, _ in self._calls], share) * 1000

    def cpu(self, share: float) -> float:
        return percentile([cpu for _, cpu in self._calls], share) * 1000


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def resident() -> float:
    """Megabytes of this process that are in memory now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
