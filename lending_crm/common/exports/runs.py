"""Take a list out of the system: ask for it, make the workbook, fetch it, forget its file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.exports.declarations import ListExport, export_of
from lending_crm.common.exports.workbook import write_workbook
from lending_crm.common.models import ExportRun, ExportState
from lending_crm.common.outbox import publish_all
from lending_crm.common.text import clean_line

TOPIC = "list-export"
READY_EVENT = "export.ready"
#: up to here the file is made while its reader waits
AT_ONCE_ROWS = 2_000
MOST_ROWS = 100_000
SHORTEST_REASON = 5
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


def request_list_export(
    *,
    code: str,
    query: str,
    is_full: bool,
    reason: str,
    actor: Any,
    now: datetime,
    ip: str | None = None,
) -> ExportRun:
    """Book an export and write down who, what and why; a small one is made at once.

    Raises SYS-404 (list), EXP-01 (too many rows), EXP-02 (full numbers without a reason).
    """
    export = opened(code, actor)
    why = clean_line(reason)[:200]
    if is_full and len(why) < SHORTEST_REASON:
        raise reason_missing()
    query = query[:2000]
    count = rows_of(export, actor, query, now=now).order_by()[: MOST_ROWS + 1].count()
    if count > MOST_ROWS:
        raise too_many()
    with transaction.atomic():
        run = ExportRun.objects.create(
            code=code,
            query=query,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            is_full=is_full and export.is_sensitive,
            reason=why,
            actor=actor,
            at=now,
            ip=ip,
        )
        if count > AT_ONCE_ROWS:
            publish_all([(TOPIC, {"run": run.pk})], now=now)
    if count <= AT_ONCE_ROWS:
        build_list_export(run_id=run.pk, now=now, tells=False)
        run.refresh_from_db()
    return run


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


def open_list_export(*, run_id: int, actor: Any) -> tuple[ExportRun, IO[bytes]]:
    """The file, for who asked for it and may still open the list; EXP-03 when it is gone."""
    run = ExportRun.objects.filter(pk=run_id, actor=actor, state=ExportState.DONE).first()
    if run is None:
        raise not_found()
    opened(run.code, actor)
    try:
        return run, _path(run).open("rb")
    except OSError as error:
        raise is_gone() from error


def forget_list_exports(*, now: datetime) -> int:
    """Remove the files of old exports; the rows of the log stay. Returns how many went."""
    gone = 0
    for run in ExportRun.objects.filter(is_kept=True, finished_at__lt=now - _KEPT).iterator():
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


def reason_missing() -> DomainError:
    return DomainError(
        "EXP-02",
        _("Say in at least %(n)s characters why you need the full numbers."),
        status=422,
        field="reason",
        params={"n": SHORTEST_REASON},
    )


def is_gone() -> DomainError:
    return DomainError(
        "EXP-03",
        _("The file of this export is not kept any more; export the list again."),
        status=410,
    )


def _write(run: ExportRun, now: datetime) -> int:
    export = opened(run.code, run.actor)
    rows = rows_of(export, run.actor, run.query, now=now)[:MOST_ROWS]
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
        yield [value(row, user=run.actor, is_full=run.is_full) for value in value_of]


def _end(run: ExportRun, now: datetime, **values: Any) -> bool:
    waiting = ExportRun.objects.filter(pk=run.pk, state=ExportState.WAITING)
    return bool(waiting.update(finished_at=now, **values))


def _path(run: ExportRun) -> Path:
    return Path(settings.MEDIA_ROOT) / "list-exports" / f"{run.key}.xlsx"
