"""`manage.py build_schema` makes what the migrations make."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
NAME = f"built_{os.getpid()}"

#: What a table is made of. viewflow's first migrations named their constraints in another way, and
#: the key of auth's link of groups, of which the product has none, has another width.
PARTS = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            a.attidentity, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
        AND NOT a.attisdropped AND (c.relname, a.attname) <> ('auth_group_permissions', 'id')
    """,
    "constraints": """
        SELECT c.relname, CASE WHEN c.relname LIKE 'viewflow%' THEN '' ELSE k.conname END,
            pg_get_constraintdef(k.oid), k.condeferrable, k.condeferred
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.connamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t
        JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
    """,
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
    """,
    "applied": "SELECT app, name FROM django_migrations",
    "permissions": "SELECT codename FROM auth_permission",
}


def address(name: str) -> str:
    """Of a database beside that of the tests."""
    connection.ensure_connection()
    info = connection.connection.info
    where = urlencode({"host": info.host, "port": info.port})
    return f"postgresql://{quote(info.user)}:{quote(info.password or '')}@/{name}?{where}"


def build() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "build_schema"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address(NAME)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[psycopg.Connection]:
    """A database beside that of the tests, made by the command."""
    with (
        django_db_blocker.unblock(),
        psycopg.connect(address("postgres"), autocommit=True) as server,
    ):
        server.execute(f"CREATE DATABASE {NAME}")  # type: ignore[call-overload]
        try:
            done = build()
            assert done.returncode == 0, done.stderr
            with psycopg.connect(address(NAME)) as own:
                yield own
        finally:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS)
def test_the_built_schema_is_the_migrated_one(built: psycopg.Connection, part: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PARTS[part])
        migrated = sorted(map(repr, cursor.fetchall()))
    assert sorted(map(repr, built.execute(PARTS[part]).fetchall())) == migrated  # type: ignore[call-overload]
    assert migrated


@pytest.mark.django_db
def test_a_database_with_tables_is_refused(built: psycopg.Connection) -> None:
    again = build()
    assert again.returncode == 1
    assert "manage.py migrate" in again.stderr
