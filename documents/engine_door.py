"""The door for the engine's own writes to documents that the database has frozen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def engine_writes() -> Iterator[None]:
    """Let the engine write what it alone may write to a document under or after approval.

    For ``DocumentKind.conclude``, for corrections that a stage allows and for a handover
    of the handler. Holds inside the current transaction only; an exception leaves the door
    to the rollback, which closes it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("engine_writes needs a transaction")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('lending.engine', true), ''),"
            " set_config('lending.engine', 'on', true)"
        )
        before = cursor.fetchone()[0]
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lending.engine', %s, true)", [before])
