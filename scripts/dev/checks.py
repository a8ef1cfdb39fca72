"""`make check`: everything that is found without running the product."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass, field

from scripts.dev import database
from scripts.dev.console import complain, say
from scripts.dev.places import PYTHON, ROOT, VENV

# Settings that a server must have; nothing is read from or written to what they name.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "lending_crm.settings.production",
    "SECRET_KEY": "check-only-5d8c1f0e7b3a49d2a6c4e9f8b7d6c5a4f3e2d1c0b9a8f7e6",
    "FIELD_ENCRYPTION_KEY": "check-only-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "ALLOWED_HOSTS": "crm.example.com",
    "SITE_URL": "https://crm.example.com",
    "CELERY_BROKER_URL": "amqp://localhost//",
    "EMAIL_URL": "smtp://localhost:25",
    "MEDIA_ROOT": "media",
}


@dataclass(frozen=True)
class Check:
    """One tool and how it is called."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def _tool(name: str, *arguments: str) -> list[str]:
    return [str(VENV / "bin" / name), *arguments]


def _manage(*arguments: str) -> list[str]:
    return [str(PYTHON), "-W", "ignore", "manage.py", *arguments]


CHECKS = (
    Check("ruff", _tool("ruff", "check", ".")),
    Check("ruff format", _tool("ruff", "format", "--check", ".")),
    Check("import-linter", _tool("lint-imports", "--no-cache")),
    Check("djlint", _tool("djlint", "templates", "--lint", "--quiet")),
    Check("translations", _manage("messages", "--check")),
    Check("migrations", _manage("makemigrations", "--check", "--dry-run")),
    Check("deployment", _manage("check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
    Check("mypy", _tool("mypy")),
)


def check() -> int:
    """Run every check, show what failed, return 1 when something did."""
    with database.ready(folder="test", fast=True) as address:
        environment = {
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "lending_crm.settings.test",
        }
        failed = [check.name for check in CHECKS if not _passes(check, environment)]
    if failed:
        complain(f"{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}.")
        return 1
    say(f"All {len(CHECKS)} checks passed.")
    return 0


def _passes(check: Check, environment: dict[str, str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **environment, **check.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    passed = done.returncode == 0
    say(f"• {check.name:<16}{'passed' if passed else 'FAILED'} in {seconds:.1f} s")
    if not passed:
        say(done.stdout.rstrip())
    return passed
