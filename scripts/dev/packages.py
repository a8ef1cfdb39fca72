"""The system packages: libraries of the print-outs, Chinese fonts, gettext, the tests' browser."""

from __future__ import annotations

import os
import shutil
import subprocess

from scripts.dev.console import step, stop
from scripts.dev.places import LOGS

# Without libharfbuzz-subset0 a Chinese PDF takes fifteen seconds, without the fonts it is garbage.
NEEDED = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fonts-noto-cjk",
    "gettext",
)
BROWSER = "chromium"
PDF_TOOLS = "poppler-utils"


def ensure_needed(for_environment: list[str]) -> None:
    """Install what is missing; stop with one sentence when that is not permitted.

    ``for_environment`` are packages without which there is no environment to run in.
    """
    if os.environ.get("SYSTEM_PACKAGES") == "skip":
        return
    if shutil.which("dpkg-query") is None:
        _require_without_apt()
        return
    missing = [name for name in (*NEEDED, *for_environment) if not _is_installed(name)]
    if not missing:
        return
    names = " ".join(missing)
    prefix = _root_prefix()
    if prefix is None:
        without = "" if for_environment else ", or go on without print-outs by SYSTEM_PACKAGES=skip"
        stop(
            f"System packages are missing and this user may not install them: have `apt-get "
            f"install {names}` run{without}."
        )
    step(f"Installing system packages: {names}")
    if not _apt_install(prefix, missing):
        stop(
            f"The system packages {names} cannot be installed: check the network and "
            f"{LOGS / 'apt.log'}, then run this again."
        )


def pdf_tools() -> bool:
    """Whether the tests can read print-outs; the tools are installed when that is permitted."""
    if shutil.which("pdftotext"):
        return True
    prefix = _root_prefix()
    if prefix is None or shutil.which("apt-get") is None:
        return False
    step("Installing the tools that read print-outs in the tests")
    return _apt_install(prefix, [PDF_TOOLS])


def browser() -> str | None:
    """Chromium's path, installed when that is permitted; None when there is no browser."""
    found = _find_browser()
    prefix = _root_prefix()
    if found or prefix is None or shutil.which("apt-get") is None:
        return found
    step("Installing Chromium for the browser tests")
    _apt_install(prefix, [BROWSER])
    return _find_browser()


def _find_browser() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _is_installed(name: str) -> bool:
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", name],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout == "installed"


def _root_prefix() -> list[str] | None:
    """How to become root without a question: nothing, sudo, or not at all."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if allowed.returncode == 0:
            return ["sudo", "-n"]
    return None


def _apt_install(prefix: list[str], names: list[str]) -> bool:
    LOGS.mkdir(parents=True, exist_ok=True)
    # A machine that has just started often installs updates of its own: wait for it to finish.
    patience = ["-o", "DPkg::Lock::Timeout=300"]
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", *patience]
    with (LOGS / "apt.log").open("w") as log:
        for command in (
            [*quietly, "update"],
            [*quietly, "install", "--no-install-recommends", *names],
        ):
            done = subprocess.run(
                [*prefix, *command], stdout=log, stderr=subprocess.STDOUT, check=False
            )
    return done.returncode == 0


def _require_without_apt() -> None:
    """On a system without Debian's packages: look for what they bring."""
    from ctypes.util import find_library

    missing = [
        what
        for what, found in (
            ("Pango", find_library("pango-1.0")),
            ("PangoFT2", find_library("pangoft2-1.0")),
            ("gettext", shutil.which("msgfmt")),
        )
        if not found
    ]
    if missing:
        stop(
            f"This system lacks {', '.join(missing)}: install them, or go on without print-outs "
            "by SYSTEM_PACKAGES=skip."
        )
