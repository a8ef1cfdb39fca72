"""Take a list out of the system: ask for it, make the workbook, fetch it, forget its file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from lending_crm.common.arms import first_rows
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.exports.declarations import ListExport, export_of
from lending_crm.common.exports.workbook import write_workbook
from lending_crm.common.models import ExportDownload, ExportRun, ExportState
from lending_crm.common.outbox import publish_all
from lending_crm.common.pagination import capped_count

TOPIC = "list-export"
READY_EVENT = "export.ready"
#: up to here the file is made while its reader waits, within the 200 ms of a page
AT_ONCE_ROWS = 500
MOST_ROWS = 100_000
_KEPT = timedelta(days=7)
_CHUNK = 1_000
#: of an address, what is about paging and not about which rows there are
_PAGING = ("cursor", "page")


def opened(code: str, user: Any) -> ListExport:
    """The declaration of a list that the user may open; 404 for any other (SYS-404)."""
    export = export_of(code)
    if export is None or not export.may_open(user):
        raise not_found()
    return export


def rows_of(export: ListExport, user: Any, query: str, *, now: datetime) -> QuerySet[Any]:
    """Exactly the rows that the list shows to the user with this filter (N26)."""
    asked = QueryDict(query, mutable=True)
    for name in _PAGING:
        asked.pop(name, None)
    return export.rows(user, asked, now)


@dataclass(frozen=True)
class Permit:
    """What an approved request lets out: which numbers of which rows, why, until when (R10)."""

    request_no: str
    opens: tuple[str, ...]
    reason: str
    until: datetime


def request_list_export(
    *, code: str, query: str, actor: Any, now: datetime, ip: str | None = None
) -> ExportRun:
    """Book an export, its numbers masked whoever asks, and write down who and what (N25).

    A small one is made at once. Raises SYS-404 (list), EXP-01 (too many rows).
    """
    with transaction.atomic():
        run, is_small = book_list_export(code=code, query=query, actor=actor, now=now, ip=ip)
    return made_at_once(run, now=now) if is_small else run


def book_list_export(
    *,
    code: str,
    query: str,
    actor: Any,
    now: datetime,
    ip: str | None = None,
    permit: Permit | None = None,
) -> tuple[ExportRun, bool]:
    """The row of the log, in the caller's transaction; whether its file can be made at once.

    A ``permit`` comes from the service that has checked the request under its lock. A large
    export is left to the worker. Raises SYS-404 (list), EXP-01 (too many rows).
    """
    export = opened(code, actor)
    query = query[:2000]
    count = count_rows(export, actor, query, now=now)
    if count > MOST_ROWS:
        raise too_many()
    full: dict[str, Any] = {}
    if permit is not None:
        full = {
            "is_full": True,
            "request_no": permit.request_no,
            "opens": list(permit.opens),
            "reason": permit.reason[:200],
            "open_until": permit.until,
        }
    run = ExportRun.objects.create(
        code=code,
        query=query,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        actor=actor,
        at=now,
        ip=ip,
        **full,
    )
    is_small = count <= AT_ONCE_ROWS
    if not is_small:
        publish_all([(TOPIC, {"run": run.pk})], now=now)
    return run, is_small


def made_at_once(run: ExportRun, *, now: datetime) -> ExportRun:
    """A booked export with its file; its reader is there and is not told."""
    build_list_export(run_id=run.pk, now=now, tells=False)
    run.refresh_from_db()
    return run


def count_rows(export: ListExport, user: Any, query: str, *, now: datetime) -> int:
    """How many rows the list shows, counted up to one above the most that leave at once."""
    return capped_count(rows_of(export, user, query, now=now), MOST_ROWS + 1).number


def build_list_export(*, run_id: int, now: datetime, tells: bool = True) -> None:
    """Make the file of a booked export and tell its reader; a finished one is left alone.

    A worker that dies leaves the run waiting, and the task is delivered again. Rights are
    asked anew: whoever lost the list meanwhile gets nothing.
    """
    run = ExportRun.objects.select_related("actor").get(pk=run_id)
    if run.state != ExportState.WAITING:
        return
    try:
        with translation.override(run.language):
            count = _write(run, now)
    except DomainError:
        _end(run, now, state=ExportState.FAILED)
        return
    is_first = _end(run, now, state=ExportState.DONE, rows=count, is_kept=True)
    if is_first and tells:
        payload = {
            "event": READY_EVENT,
            "recipients": [run.actor_id],
            "params": {"subject": str(count)},
            "url": reverse("exports:run", args=[run.pk]),
        }
        publish_all([("notify", payload)], now=now)


def open_list_export(
    *, run_id: int, actor: Any, now: datetime, ip: str | None = None
) -> tuple[ExportRun, IO[bytes]]:
    """The file, for who asked for it and may still open the list; each time goes into the log.

    Raises SYS-404, EXP-03 when the file is gone, EXP-04 when its approval has run out.
    """
    run = ExportRun.objects.filter(pk=run_id, actor=actor, state=ExportState.DONE).first()
    if run is None:
        raise not_found()
    opened(run.code, actor)
    if run.open_until is not None and run.open_until <= now:
        raise is_expired()
    try:
        stream = _path(run).open("rb")
    except OSError as error:
        raise is_gone() from error
    ExportDownload.objects.create(run=run, actor=actor, at=now, ip=ip)
    return run, stream


def forget_list_exports(*, now: datetime) -> int:
    """Remove the files of old exports; the rows of the log stay. Returns how many went."""
    gone = 0
    is_over = Q(finished_at__lt=now - _KEPT) | Q(open_until__lt=now)
    for run in ExportRun.objects.filter(is_over, is_kept=True).iterator():
        _path(run).unlink(missing_ok=True)
        ExportRun.objects.filter(pk=run.pk).update(is_kept=False)
        gone += 1
    return gone


def too_many() -> DomainError:
    return DomainError(
        "EXP-01",
        _("The list has more than %(n)s rows; narrow the filter."),
        status=422,
        params={"n": MOST_ROWS},
    )


def is_gone() -> DomainError:
    return DomainError(
        "EXP-03",
        _("The file of this export is not kept any more; export the list again."),
        status=410,
    )


def is_expired() -> DomainError:
    return DomainError(
        "EXP-04",
        _("The approval for these numbers in full has run out; file another request."),
        status=410,
    )


def _write(run: ExportRun, now: datetime) -> int:
    export = opened(run.code, run.actor)
    found = rows_of(export, run.actor, run.query, now=now)
    # Who gets which number in full is a matter of the whole row.
    rows = first_rows(found if run.opens else export.narrowed(found), MOST_ROWS)
    folder = _path(run).parent
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="making-", delete=False) as target:
        made = Path(target.name)
        try:
            count = write_workbook(
                target,
                title=str(export.title),
                heads=[str(column.title) for column in export.columns],
                rows=_values(export, rows, run),
            )
            target.flush()
            made.chmod(0o440)
            made.replace(_path(run))
        finally:
            made.unlink(missing_ok=True)
    return count


def _values(export: ListExport, rows: QuerySet[Any], run: ExportRun) -> Iterator[list[Any]]:
    value_of: list[Callable[..., Any]] = [column.value for column in export.columns]
    for row in rows.iterator(chunk_size=_CHUNK):
        yield [value(row, user=run.actor, opens=run.opens) for value in value_of]


def _end(run: ExportRun, now: datetime, **values: Any) -> bool:
    waiting = ExportRun.objects.filter(pk=run.pk, state=ExportState.WAITING)
    return bool(waiting.update(finished_at=now, **values))


def _path(run: ExportRun) -> Path:
    return Path(settings.MEDIA_ROOT) / "list-exports" / f"{run.key}.xlsx"
