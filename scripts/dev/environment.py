"""The virtual environment: made once, filled from the lock file, left alone while that stands."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys

from scripts.dev.console import step, stop
from scripts.dev.places import LOGS, PYTHON, ROOT, VENV

LOCK = ROOT / "requirements" / "dev.txt"
_STAMP = VENV / ".lending-crm"

_NO_NETWORK = (
    "NewConnectionError",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "Connection refused",
    "ReadTimeoutError",
    "ConnectTimeoutError",
    "No matching distribution found",
    "ProxyError",
)


def ensure() -> None:
    """Make .venv hold exactly what the lock file names."""
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if _is_usable() and _STAMP.exists() and _STAMP.read_text() == wanted:
        return
    if not _is_usable():
        _create()
    step("Installing Python packages (the first time takes a few minutes)")
    _pip("install", "--require-hashes", "--no-deps", "-r", str(LOCK))
    _STAMP.write_text(wanted)


def system_packages() -> list[str]:
    """What the system lacks to make the environment.

    Debian splits the venv module off its own Python; no other Python comes without it.
    """
    if _is_usable() or importlib.util.find_spec("ensurepip") or sys.base_prefix != "/usr":
        return []
    return [_venv_package()]


def inside() -> bool:
    return sys.prefix == str(VENV)


def enter(arguments: list[str]) -> None:
    """Go on as the environment's own Python; does not return."""
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "scripts.dev", *arguments])


def _is_usable() -> bool:
    if not PYTHON.exists():
        return False
    answer = subprocess.run(
        [PYTHON, "-c", f"import sys, pip; print(sys.version_info[:2] == {_version()})"],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() == "True"


def _version() -> tuple[int, int]:
    return sys.version_info[:2]


def _venv_package() -> str:
    major, minor = _version()
    return f"python{major}.{minor}-venv"


def _create() -> None:
    step(f"Creating the virtual environment {VENV.name}")
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    words = made.stdout + made.stderr
    if "No space left" in words:
        stop("The disk is full: free 2 GiB and run this again.")
    if "ensurepip" in words:
        stop(
            f"This Python lacks its venv module: install the package {_venv_package()} "
            "and run this again."
        )
    stop(f"The virtual environment cannot be created: {_last_line(words)}")


def _pip(*arguments: str) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "pip.log"
    with log.open("w") as out:
        done = subprocess.run(
            [PYTHON, "-m", "pip", "--retries", "2", "--disable-pip-version-check", *arguments],
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode == 0:
        return
    words = log.read_text(errors="replace")
    if "No space left on device" in words:
        stop("The disk is full: free 2 GiB and run this again.")
    if any(sign in words for sign in _NO_NETWORK):
        stop(
            "The Python packages cannot be downloaded: connect this machine to the network "
            f"(or set up pip's index) and run this again; pip's own words are in {log}."
        )
    stop(f"The Python packages cannot be installed: {_last_line(words)} (all of it: {log})")


def _last_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given."
