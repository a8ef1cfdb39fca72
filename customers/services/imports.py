"""Import a workbook: every row through the same services as the pages, tried before it is kept.

The first pass runs each row's service and takes it back, so what it finds is what the second
pass would refuse. Each pass goes on in small transactions from where the row of the run says it
stopped; a worker that dies repeats at most one batch, whose rows know their creation key.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from customers import errors
from customers.models import ImportRun, ImportState
from customers.rules.imports import TARGETS, Target, manager_of, read_values, target_for
from customers.rules.permissions import may_import
from customers.services.contacts import create_contact
from customers.services.customers import create_customer
from customers.services.opportunities import create_opportunity
from documents.files.inspection import inspect_file
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.exports.workbook import write_workbook
from lending_crm.common.imports import read_sheet
from lending_crm.common.imports.workbook import no_workbook, too_large
from lending_crm.common.outbox import publish_all
from lending_crm.common.text import clean_line
from staff.models import Employee
from staff.services.guards import lock_row

TOPIC = "customers.import"
MAX_BYTES = 5 * 1024 * 1024
#: a batch holds the branch's number series; others wait for it, two seconds at most
BATCH = 10


class _TakeBack(Exception):
    """Ends the trial of a row: nothing of it stays."""


def target_of(code: str) -> Target:
    """The kind of workbook of that code; SYS-404 for any other."""
    if code not in TARGETS:
        raise not_found()
    return TARGETS[code]


def write_template(stream: IO[bytes], *, target: Target) -> None:
    """An empty workbook with the columns; a star marks what is needed to save."""
    heads = [target.label(name) + ("*" if name in target.needed else "") for name in target.fields]
    write_workbook(stream, title=str(target.title), heads=heads, rows=[])


def request_import(
    *,
    code: str,
    stream: IO[bytes],
    file_name: str,
    size: int,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> ImportRun:
    """Read a workbook and have its rows tried by the worker; nothing is entered yet.

    Account managers enter their own; in the workbook of a department head or an administrator
    each row names the account manager whom it is for. Raises CUS-12 (none of these), ATT-02
    (not what its name says, a bomb), IMP-01 to IMP-04 (cannot be read, other columns, too many
    rows, too large).
    """
    if not may_import(actor):
        raise errors.not_an_account_manager()
    target = target_for(target_of(code), actor)
    if size > MAX_BYTES:
        raise too_large(MAX_BYTES)
    if inspect_file(stream, name=file_name, size=size).extension != "xlsx":
        raise no_workbook()
    stream.seek(0)
    read = read_sheet(stream, heads=target.heads())
    rows = [[row.number, row.values, row.faults] for row in read]
    with transaction.atomic():
        run = ImportRun.objects.create(
            target=code,
            file_name=clean_line(file_name)[-255:],
            content=json.dumps(rows, ensure_ascii=False),
            total=len(rows),
            language=translation.get_language() or settings.LANGUAGE_CODE,
            actor=actor,
            at=now,
            ip=ip,
        )
        publish_all([(TOPIC, {"run": run.pk})], now=now)
    return run


@transaction.atomic
def start_import(*, run_id: int, actor: Employee, now: datetime) -> ImportRun:
    """Enter the rows that were found good; those with faults are left out.

    Raises SYS-404 for somebody else's run; a run that has begun already is answered as it is.
    """
    run = lock_row(ImportRun, run_id)
    if run.actor_id != actor.pk:
        raise not_found()
    if not may_import(actor):
        raise errors.not_an_account_manager()
    if run.state == ImportState.CHECKED:
        run.state, run.position, run.results = ImportState.RUNNING, 0, []
        run.save(update_fields=["state", "position", "results"])
        publish_all([(TOPIC, {"run": run.pk})], now=now)
    return run


@transaction.atomic
def advance_import(*, run_id: int, now: datetime) -> bool:
    """Look at the next rows of a run; whether there are more of this pass."""
    run = lock_row(ImportRun, run_id)
    if not run.is_live:
        return False
    target, keeps = target_for(TARGETS[run.target], run.actor), run.state == ImportState.RUNNING
    batch = run.rows[run.position : run.position + BATCH]
    with translation.override(run.language):
        run.results += [_result(run, target, *row, keeps=keeps, now=now) for row in batch]
    run.position += len(batch)
    if run.position >= run.total:
        run.state = ImportState.DONE if keeps else ImportState.CHECKED
        if keeps:
            run.content = ""  # numbers of people are kept no longer than they are needed
    run.save(update_fields=["results", "position", "state", "content"])
    return run.is_live


def _result(
    run: ImportRun,
    target: Target,
    number: int,
    values: Mapping[str, str],
    unreadable: Mapping[str, str],
    *,
    keeps: bool,
    now: datetime,
) -> dict[str, Any]:
    faults = [[target.label(name), words] for name, words in unreadable.items()]
    record: Any = None
    if not faults:
        try:
            with transaction.atomic():
                record = _enter(run, target, values, now=now)
                if not keeps:
                    raise _TakeBack
        except _TakeBack:
            record = None
        except DomainError as refusal:
            record = None
            faults = [[_column(target, each.field), each.message] for each in refusal.reasons]
    kept = {"name": str(record), "url": record.get_absolute_url()} if record else {}
    return {"row": number, "faults": faults, **kept}


def _enter(run: ImportRun, target: Target, values: Mapping[str, str], *, now: datetime) -> Any:
    manager = manager_of(values, run.actor)
    data, found = read_values(target, values, manager)
    refuse_all(found)
    act: dict[str, Any] = {
        "actor": manager,
        "entered_by": run.actor,
        "now": now,
        "ip": run.ip,
        "creation_key": _key(run, values),
    }
    if target.code == "CONTACT":
        return create_contact(customer=data.pop("customer"), data=data, **act)
    if target.code == "OPPORTUNITY":
        return create_opportunity(customer=data.pop("customer"), data=data, **act)
    return create_customer(customer_type=target.code, data=data, **act)


def _key(run: ImportRun, values: Mapping[str, str]) -> uuid.UUID:
    """The same row by the same person is the same record, also from another upload."""
    content = json.dumps([run.actor_id, run.target, values], sort_keys=True, ensure_ascii=False)
    return uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(content.encode()).hexdigest())


def _column(target: Target, name: str | None) -> str:
    return target.label(name) if name in target.fields else ""
