"""A database with all tables that every test database of a run is copied from.

Each process of the suite needs a database of its own. The suite runs on what the migrations make,
which takes minutes; ``tests/architecture/test_schema.py`` holds `manage.py build_schema` to it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

from scripts.dev.console import step
from scripts.dev.places import PYTHON, ROOT

NAME = "lending_test_template"


@contextmanager
def copied_database(
    address: str, settings: dict[str, str], *, made_by: str
) -> Iterator[dict[str, str]]:
    """What to add to the environment of tests on this server, so that they copy their database.

    ``made_by`` is the command that makes the tables: ``migrate`` or ``build_schema``.
    """
    step("Making the database that the tests copy")
    drop = f"DROP DATABASE IF EXISTS {NAME}"  # one run that was killed may have left it
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(f"CREATE DATABASE {NAME}")
        try:
            subprocess.run(
                [PYTHON, "manage.py", made_by, "--verbosity", "0"],
                cwd=ROOT,
                env={**os.environ, **settings, "DATABASE_URL": _beside(address)},
                check=True,
            )
            yield {"TEST_DATABASE_TEMPLATE": NAME}
        finally:
            connection.execute(drop)


def _beside(address: str) -> str:
    return urlsplit(address)._replace(path=f"/{NAME}").geturl()
