"""在途单据迁移: look at every running case first, then move those that fit, one at a time.

Looking takes a batch a step, moving a case a step; each step is one transaction that also
writes how far it has come. A worker that is stopped or killed loses nothing, and workers that
run at once share the cases and move none of them twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet

from lending_crm.common.errors import DomainError, not_found
from staff.models import Employee
from workflows import errors
from workflows.act import Act, lock_case
from workflows.choices import (
    ENDED,
    Fit,
    MoveReason,
    MoveState,
    RunState,
    VersionState,
)
from workflows.definitions import definition_of
from workflows.menu import may_configure
from workflows.models import Case, FlowMigration, FlowMigrationCase, FlowVersion
from workflows.moving import assess, standings
from workflows.services.case_moves import move_case
from workflows.services.opinions import cleaned_reason

BATCH = 100
REASON_LENGTH = 2
#: How long a move waits for the lock of a case; a busy case is tried again later.
LOCK_WAIT = "500ms"
_LONGEST_REST = timedelta(minutes=1)
_LOCK_CODES = {"55P03", "40P01"}  # not available in time; a deadlock that PostgreSQL ended


class Progress(Enum):
    """What a step did: something, nothing because cases are busy, or nothing any more."""

    WORKED = 1
    RESTING = 2
    OVER = 3


@transaction.atomic
def request_migration(*, version_id: int, actor: Employee, now: datetime) -> FlowMigration:
    """Ask for a dry run of all running cases against the published version.

    The one that is open is answered when there is one. Raises FLOW-33 for any other version.
    """
    _administrators_only(actor)
    target = (
        FlowVersion.objects.select_for_update(of=("self",), no_key=True)
        .select_related("definition")
        .filter(pk=version_id)
        .first()
    )
    if target is None:
        raise not_found()
    if target.state != VersionState.PUBLISHED:
        raise errors.migrate_to_published()
    live = target.migrations.filter(state__in=_LIVE).first()
    if live is not None:
        return live
    return FlowMigration.objects.create(
        target=target,
        requested_by=actor,
        requested_at=now,
        total=movable_cases(target).count(),
    )


_LIVE = [RunState.WAITING, RunState.RUNNING]


def movable_cases(target: FlowVersion) -> QuerySet[Case]:
    """Every case of the flow that is alive and runs on another version."""
    return (
        Case.objects.filter(document_kind=target.definition.document_kind)
        .exclude(state__in=ENDED)
        .exclude(flow_version=target)
    )


@transaction.atomic
def map_stages(
    *, migration_id: int, actor: Employee, now: datetime, mapping: Mapping[str, str]
) -> FlowMigration:
    """Say at which stage cases go on; every case is checked again with it.

    Raises FLOW-34 for a stage that the target has not, FLOW-36 once cases are moved.
    """
    _administrators_only(actor)
    migration = _lock(migration_id)
    if migration.is_started or not migration.is_live:
        raise errors.migration_over()
    stages = {stage.id for stage in definition_of(migration.target_id).stages()}
    for target in mapping.values():
        if target not in stages:
            raise errors.bad_mapping(target)
    migration.mapping = dict(mapping)
    migration.cases.all().delete()
    migration.is_checked = False
    migration.state = RunState.WAITING
    migration.seen, migration.cursor = 0, None
    migration.total = movable_cases(migration.target).count()
    migration.save()
    return migration


@transaction.atomic
def start_migration(
    *, migration_id: int, actor: Employee, now: datetime, reason: str
) -> FlowMigration:
    """Move the cases that fit; the reason stands in the history of each of them.

    Raises FLOW-35 before the check is over, FLOW-36 for a migration that has begun or ended.
    """
    _administrators_only(actor)
    migration = _lock(migration_id)
    if migration.is_started or not migration.is_live:
        raise errors.migration_over()
    if not migration.is_checked:
        raise errors.migration_not_ready()
    migration.reason = cleaned_reason(reason, REASON_LENGTH)
    migration.is_started = True
    migration.started_by = actor
    migration.state = RunState.RUNNING
    migration.save()
    return migration


@transaction.atomic
def cancel_migration(*, migration_id: int, actor: Employee, now: datetime) -> FlowMigration:
    """Stop; cases that were moved stay moved, the others stay where they are."""
    _administrators_only(actor)
    migration = _lock(migration_id)
    if migration.is_live:
        _end(migration, RunState.CANCELLED, now)
    return migration


def continue_migration(*, migration_id: int, now: datetime, batch: int = BATCH) -> Progress:
    """Do one step: check a batch of cases, or move one case."""
    migration = (
        FlowMigration.objects.select_related("target__definition", "started_by")
        .filter(pk=migration_id, state__in=_LIVE)
        .first()
    )
    if migration is None:
        return Progress.OVER
    if not migration.is_checked:
        return _check_batch(migration_id, now, batch)
    if not migration.is_started:
        return Progress.OVER
    return _move_next(migration, now)


@transaction.atomic
def _check_batch(migration_id: int, now: datetime, batch: int) -> Progress:
    migration = (
        FlowMigration.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("target__definition")
        .filter(pk=migration_id, state__in=_LIVE, is_checked=False)
        .first()
    )
    if migration is None:
        return Progress.OVER
    rows = movable_cases(migration.target).select_related("handler").order_by("pk")
    if migration.cursor is not None:
        rows = rows.filter(pk__gt=migration.cursor)
    cases = list(rows[:batch])
    new = definition_of(migration.target_id)
    found = []
    for standing in standings(cases).values():
        move = assess(standing, new, migration.mapping)
        found.append(
            FlowMigrationCase(
                migration=migration,
                case=standing.case,
                from_version_id=standing.case.flow_version_id,
                fit=move.fit,
                reason=move.reason or "",
                place=standing.place,
                detail=move.detail(),
                due_at=now,
            )
        )
    FlowMigrationCase.objects.bulk_create(found)
    migration.seen += len(cases)
    if cases:
        migration.cursor = cases[-1].pk
    if len(cases) < batch:
        migration.is_checked = True
        migration.total = migration.seen
        migration.state = RunState.WAITING
    else:
        migration.total = max(migration.total, migration.seen)
        migration.state = RunState.RUNNING
    migration.save()
    return Progress.OVER if migration.is_checked else Progress.WORKED


def _move_next(migration: FlowMigration, now: datetime) -> Progress:
    """Move the next case that is due; a case whose lock is held rests and comes again."""
    if migration.target.state != VersionState.PUBLISHED:
        # Another version was published meanwhile: nobody goes on into a retired one.
        return _finish(migration, RunState.CANCELLED, now)
    row_id = None
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
            row = (
                FlowMigrationCase.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(migration=migration, state=MoveState.PENDING, fit=Fit.FITS, due_at__lte=now)
                .order_by("due_at", "id")
                .first()
            )
            if row is not None:
                row_id = row.pk
                _move(row, migration, now)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in _LOCK_CODES or row_id is None:
            raise
        _rest(row_id, now)
        return Progress.WORKED
    if row_id is not None:
        return Progress.WORKED
    if migration.cases.filter(state=MoveState.PENDING, fit=Fit.FITS).exists():
        return Progress.RESTING
    return _finish(migration, RunState.DONE, now)


def _finish(migration: FlowMigration, state: RunState, now: datetime) -> Progress:
    running = FlowMigration.objects.filter(pk=migration.pk, state=RunState.RUNNING)
    running.update(state=state, finished_at=now)
    return Progress.OVER


def _move(row: FlowMigrationCase, migration: FlowMigration, now: datetime) -> None:
    """Look at the case once more under its lock, and move it when it still fits."""
    case = lock_case(pk=row.case_id)
    if case.state in ENDED or case.flow_version_id == migration.target_id:
        row.state, row.moved_at = MoveState.SKIPPED, now
        row.save(update_fields=["state", "moved_at"])
        return
    actor = migration.started_by or migration.requested_by
    standing = standings([case])[case.pk]
    move = assess(standing, definition_of(migration.target_id), migration.mapping)
    row.fit, row.reason, row.detail = move.fit, move.reason or "", move.detail()
    row.place = standing.place
    if move.fit == Fit.FITS:
        try:
            with transaction.atomic():
                act = Act(case, actor=actor, now=now, while_suspended=True)
                move_case(act, standing, move, migration)
            row.state, row.moved_at = MoveState.MOVED, now
        except DomainError:
            row.fit, row.reason = Fit.BLOCKED, MoveReason.NOBODY
            row.detail = {**row.detail, "stages": list(move.anew)}
    row.save()


def _rest(row_id: int, now: datetime) -> None:
    """A busy case comes again after a while, however often that takes."""
    row = FlowMigrationCase.objects.get(pk=row_id)
    wait = min(timedelta(seconds=2 ** min(row.attempts, 6)), _LONGEST_REST)
    FlowMigrationCase.objects.filter(pk=row_id, state=MoveState.PENDING).update(
        attempts=F("attempts") + 1, due_at=now + wait
    )


def _lock(migration_id: int) -> FlowMigration:
    found = (
        FlowMigration.objects.select_for_update(of=("self",))
        .select_related("target__definition")
        .filter(pk=migration_id)
        .first()
    )
    if found is None:
        raise not_found()
    return found


def _end(migration: FlowMigration, state: RunState, now: datetime) -> None:
    migration.state = state
    migration.finished_at = now
    migration.save()


def _administrators_only(actor: Employee) -> None:
    if not may_configure(actor):
        raise errors.administrators_only()
