"""The workbook of each list of the menu that can be exported: how long it takes and what it holds.

``asked`` is the answer to 导出 (a small one is made meanwhile, EXP-01 refuses more than 100,000
rows), ``ready`` when the file lies there after the worker took it up, ``first byte`` that of its
download. Each is made in a process of its own, so that its memory is its own: ``held`` is what
that process held at most beyond what it held before.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from benchmarks import harness, menu_lists

HEAD = (
    "| reader | list | filter | rows | asked | ready | of processor | first byte | held |"
    " file |\n|---|---|---|---|---|---|---|---|---|---|"
)
#: tried one after the other on a list that is refused for its length; what it does not know
#: leaves it as it was
_NARROWER = (
    "created_from=2025-01-01", "created_from=2025-09-01", "created_from=2026-03-01",
    "tier=D&biz_status=PROSPECT", "contact_type=MANAGER", "biz_status=LOST", "status=OVERDUE",
)  # fmt: skip


def table(readers: Mapping[str, Any], only: str = "") -> list[str]:
    """One line an export and reader; ``only`` is a pattern of reader and label."""
    lines = [HEAD]
    for name, reader in readers.items():
        for listed in menu_lists.lists_of(name, reader, only):
            for cells in _made(reader, listed.export) if listed.export else ():
                lines.append(f"| {name} | {listed.label} | {cells} |")
                print(lines[-1], file=sys.stderr, flush=True)
    return lines


def _made(reader: Any, address: str) -> Iterator[str]:
    """The export as the page offers it and, where that is refused, the first that is not."""
    parts = urlsplit(address)
    code, own = parts.path.strip("/").split("/")[-2], parse_qsl(parts.query)
    for narrower in ("", *_NARROWER):
        query = urlencode(own + parse_qsl(narrower))
        cells, is_made = _in_process(reader, code, query)
        if is_made or not narrower:
            yield f"{narrower or 'none'} | {cells}"
        if is_made:
            return


def _in_process(reader: Any, code: str, query: str) -> tuple[str, bool]:
    from django.db import connections

    connections.close_all()  # a connection cannot be shared with a child
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_export, args=(theirs, reader.pk, code, query))
    child.start()
    theirs.close()
    found: tuple[str, bool] = ours.recv()
    child.join()
    return found


def _export(told: Any, reader_id: int, code: str, query: str) -> None:
    from django.test import override_settings
    from django.utils import timezone

    from lending_crm.common.errors import DomainError
    from lending_crm.common.exports import runs
    from staff.models import Employee

    reader = Employee.objects.get(pk=reader_id)
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        held = harness.resident()
        began, used = time.perf_counter(), time.process_time()
        try:
            run = runs.request_list_export(
                code=code, query=query, actor=reader, now=timezone.now()
            )  # fmt: skip
        except DomainError as refusal:
            wait = (time.perf_counter() - began) * 1000
            told.send((f"| {wait:.0f} ms, refused ({refusal.code}) | | | | |", False))
            return
        asked = time.perf_counter() - began
        runs.build_list_export(run_id=run.pk, now=timezone.now())
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        run.refresh_from_db()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        wait, size = _download(reader, run.pk)
    cells = (
        f"{run.rows:,} | {asked * 1000:.0f} ms | {wall:.1f} s | {cpu:.1f} s | {wait * 1000:.0f} ms"
        f" | {max(0.0, peak - held):.0f} MB | {size / 1e6:.1f} MB"
    )
    told.send((cells, True))


def _download(reader: Any, run_id: int) -> tuple[float, int]:
    """Seconds until the first piece of the file, and its bytes."""
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(reader)
    began = time.perf_counter()
    pieces = iter(client.get(reverse("exports:file", args=[run_id])).streaming_content)  # type: ignore[attr-defined]
    first = next(pieces)
    wait = time.perf_counter() - began
    return wait, len(first) + sum(len(piece) for piece in pieces)
