"""Now and then: lock files, message catalogues, the snapshots of the architecture tests."""

from __future__ import annotations

import os
import subprocess

from scripts.dev import database
from scripts.dev.console import step
from scripts.dev.places import PYTHON, ROOT, VENV

_LOCKS = ("base", "production", "dev", "bench")


def lock() -> int:
    """Resolve requirements/*.in anew into *.txt with hashes and without any address."""
    for name in _LOCKS:
        step(f"Locking requirements/{name}.txt")
        subprocess.run(
            [
                VENV / "bin" / "pip-compile", "--quiet", "--upgrade", "--strip-extras",
                "--generate-hashes", "--allow-unsafe", "--no-header", "--no-emit-index-url",
                "--no-emit-trusted-host", "--no-emit-find-links",
                "--output-file", f"requirements/{name}.txt", f"requirements/{name}.in",
            ],
            cwd=ROOT,
            check=True,
        )  # fmt: skip
    return 0


def messages() -> int:
    """Bring locale/ up to date with the sentences in code and templates."""
    return _with_database("manage.py", "messages", "--update")


def openapi() -> int:
    """Store the API's description that the architecture tests compare with."""
    return _with_database("manage.py", "spectacular", "--file", "tests/architecture/openapi.yaml")


def roles() -> int:
    """Print the measured table of addresses and roles for tests/architecture/url_roles.py."""
    return _with_database("-m", "pytest", "-q", "-s", "tests/architecture/measure_url_roles.py")


def _with_database(*command: str) -> int:
    with database.ready(folder="test", fast=True) as address:
        environment = {
            **os.environ,
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "lending_crm.settings.test",
        }
        return subprocess.run([PYTHON, *command], cwd=ROOT, env=environment, check=False).returncode
