"""The processes of a run: started, watched, started again when one dies, stopped together."""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import subprocess
import time
from collections import deque
from pathlib import Path

from scripts.dev.console import complain, stop
from scripts.dev.places import LOGS, ROOT

_PATIENCE_SECONDS = 60
_GRACE_SECONDS = 10
# More deaths than this within a minute are no accident.
_DEATHS = 5
_PR_SET_PDEATHSIG = 1


class Service:
    """One long-running process with its log."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.log = LOGS / f"{name}.log"
        self._command = command
        self._environment = environment
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches only the runner, which stops the services in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the runner has one thread
            )

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def revive(self) -> None:
        """Start the service that died again; stop the run when that happens too often."""
        assert self._process is not None
        self._deaths.append(time.monotonic())
        if len(self._deaths) == _DEATHS and self._deaths[-1] - self._deaths[0] < 60:
            stop(f"The {self.name} process dies again and again: see {self.log}.")
        code = self._process.returncode
        why = f"signal {-code}" if code < 0 else f"exit code {code}"
        complain(f"The {self.name} process died ({why}) and is started again; see {self.log}.")
        self.start()

    def ask_to_stop(self) -> None:
        if self._process is not None and self.is_alive:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def wait_until_served(port: int, service: Service) -> None:
    """Return when the health page answers; stop when the server died or takes too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if not service.is_alive:
            stop(f"The web server does not start: see {service.log} ({_last_line(service.log)}).")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.3)
    stop(f"The web server does not answer on port {port}: see {service.log}.")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it is empty"


def _die_with_parent() -> None:
    """No service outlives a runner that was killed (Linux only; elsewhere nothing happens)."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
