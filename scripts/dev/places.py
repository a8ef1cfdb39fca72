"""Where things are: the checkout, its virtual environment, its state."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from scripts.dev.console import stop

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = Path(os.environ.get("LENDING_VAR_DIR", ROOT / "var"))
LOGS = VAR / "log"
DATABASE_ADDRESS = VAR / "database-url"

_NEEDED_GIB = 2


def database_home() -> Path:
    """The folder of the embedded database.

    PostgreSQL never runs as root, so root's database belongs to another user, who must be
    able to reach it. A checkout under /root is closed to him, and opening it would show
    root's files to everybody: such data lives in /var/tmp instead.
    """
    if os.geteuid() != 0:
        return VAR / "postgresql"
    name = hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
    return Path("/var/tmp") / f"lending-crm-{name}"


def require_space() -> None:
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < _NEEDED_GIB and not PYTHON.exists():
        stop(
            f"The disk is nearly full ({free:.1f} GiB free in {ROOT}): "
            f"free {_NEEDED_GIB} GiB and run this again."
        )
