"""Locks on what has no row yet."""

from __future__ import annotations

from django.db import connection


def lock_name(name: str) -> None:
    """Let only one transaction at a time work on what ``name`` stands for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
