"""Simulators as child processes: a scratch folder each, a deadline, and nothing left running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DEADLINE = 120.0
"""Time after which a simulator is taken to hang [s; chosen: a circuit of 400 junctions takes some ten seconds]."""
_LOG = "simulator.log"
_RUNNING: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How a simulator ended.

    Parameters
    ----------
    status : int or None
        Exit status; None if it was stopped at the deadline.
    log : str
        Everything it printed.
    """

    status: int | None
    log: str

    def tail(self, lines: int = 6) -> str:
        """Last lines that say something, for an error message."""
        told = [line.strip() for line in self.log.splitlines() if line.strip()]
        return " | ".join(told[-lines:]) or "nothing was printed"


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty working folder with an empty folder ``home`` in it, and remove both afterwards."""
    with tempfile.TemporaryDirectory(prefix="neurofluxon-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "home").mkdir()
        yield folder


def run_limited(
    command: Sequence[str], *, folder: Path, timeout: float, environment: dict[str, str] | None = None
) -> Finished:
    """Run a command in ``folder`` with HOME = ``folder/home`` until it ends or ``timeout`` [s] have passed.

    The command leads a process group of its own, and the whole group is killed at the deadline and on any exception,
    Ctrl-C included.
    """
    variables = {**os.environ, "LC_ALL": "C", **(environment or {}), "HOME": str(folder / "home")}
    log = folder / _LOG
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status: int | None = None
        _RUNNING.add(process)
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(timeout)
        finally:
            _RUNNING.discard(process)
            if status is None:
                _kill_group(process)
    return Finished(status=status, log=log.read_text(encoding="utf-8", errors="replace"))


def stop_all() -> None:
    """Kill every simulator that runs, in whatever thread; the calls that wait for them come back as failed."""
    for process in tuple(_RUNNING):
        _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
