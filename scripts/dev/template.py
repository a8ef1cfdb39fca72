"""A migrated database that every test database of a run is copied from.

Migrating takes a minute and more, and each process of the suite needs a database of its own.
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
def migrated(address: str, settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """What to add to the environment of tests on this server, so that they copy their database."""
    step("Migrating the database that the tests copy")
    drop = f"DROP DATABASE IF EXISTS {NAME}"  # one run that was killed may have left it
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(f"CREATE DATABASE {NAME}")
        try:
            subprocess.run(
                [PYTHON, "manage.py", "migrate", "--verbosity", "0"],
                cwd=ROOT,
                env={**os.environ, **settings, "DATABASE_URL": _beside(address)},
                check=True,
            )
            yield {"TEST_DATABASE_TEMPLATE": NAME}
        finally:
            connection.execute(drop)


def _beside(address: str) -> str:
    return urlsplit(address)._replace(path=f"/{NAME}").geturl()
