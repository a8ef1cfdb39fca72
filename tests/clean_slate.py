"""Rows kept aside and put back, so that a test with real commits begins where the last one did.

Django empties every table by one TRUNCATE after such a test and ships roles, permissions and
default flows anew: about as long as many of these tests take themselves. The rows that Django
leaves then are always the same, so they are copied once and put back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase


class Slate:
    """All rows of the database as they are when ``keep`` is called; ``put_back`` restores them.

    The copies lie in a schema of their own. Only rows that have changed are written, triggers
    and foreign keys rest meanwhile, which only a superuser may ask for, and sequences go on
    from where they are. A connection of its own keeps the plans of the statements.
    """

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._own: BaseDatabaseWrapper | None = None

    @property
    def is_kept(self) -> bool:
        return self._own is not None

    def keep(self) -> None:
        """Copy what is there now, in place of what was kept before."""
        self.forget()
        self._own = connection.copy()
        schema, statements = self._schema, []
        with self._own.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
            cursor.execute(f"CREATE SCHEMA {schema}")
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (since,) = cursor.fetchone()
            for table, (columns, key) in _tables().items():
                # A row that is older than the copies is as it was.
                statements.append(f'DELETE FROM "{table}" WHERE xmin::text::bigint >= {since}')
                cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
                if cursor.fetchone() == (True,):
                    cursor.execute(f'CREATE TABLE {schema}."{table}" AS TABLE "{table}"')
                    statements.append(
                        f'INSERT INTO "{table}" ({columns}) SELECT {columns}'
                        f' FROM {schema}."{table}" WHERE {key} NOT IN (SELECT {key} FROM "{table}")'
                    )
            cursor.execute(
                f"CREATE FUNCTION {schema}.put_back() RETURNS void LANGUAGE plpgsql"
                f" AS $$ BEGIN {'; '.join(statements)}; END $$"
            )

    def put_back(self) -> None:
        assert self._own is not None
        with self._own.cursor() as cursor:
            cursor.execute(f"SELECT {self._schema}.put_back()")

    def forget(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self._schema} CASCADE")
        self.close()

    def close(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None


def _tables() -> dict[str, tuple[str, str]]:
    """What Django would empty: the columns of each table that are not computed, and its key."""
    ours = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname,"
            " string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)"
            "  FILTER (WHERE a.attgenerated = ''),"
            " min(quote_ident(a.attname)) FILTER (WHERE a.attnum = i.indkey[0])"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace"
            " GROUP BY c.relname"
        )
        found = {table: (columns, key) for table, columns, key in cursor.fetchall()}
    return {table: found[table] for table in ours}


SHIPPED = Slate("shipped")


def clean_up_fast() -> None:
    """Let tests with real commits clean up by ``SHIPPED``; the first one cleans up as ever."""
    flush: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown

    def clean_up(case: TransactionTestCase) -> None:
        if case.available_apps is not None or case.serialized_rollback:
            flush(case)
        elif SHIPPED.is_kept:
            SHIPPED.put_back()
        else:
            flush(case)
            if _may_rest_triggers():
                SHIPPED.keep()

    TransactionTestCase._fixture_teardown = clean_up


def _may_rest_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone() == (True,)
