"""A folder of results that only grows: what was computed before an interruption or a kill is found again."""

from __future__ import annotations

import logging
import pickle
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from spice_models.atomic import write_bytes
from spice_models.errors import OutputError

_log = logging.getLogger(__name__)

INTERVAL = 1.0
"""Time [s] after which new results are written [chosen: what a kill can cost]."""


class ResultStore:
    """Results by key, in files of a folder; each file is written under another name first and never changed.

    Results are pickled: open no store that you do not trust. Several processes may add to one folder.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot keep results in {folder}: {error.strerror or error}") from error
        self._known: dict[str, Any] = {}
        self._new: dict[str, Any] = {}
        self._written = time.monotonic()
        for path in sorted(self.folder.glob("part-*.pkl")):
            try:
                self._known.update(pickle.loads(path.read_bytes()))
            except Exception as error:
                # Classes that have moved since, for example: such results are computed anew.
                _log.warning("results in %s cannot be read and are left out: %s", path, error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __len__(self) -> int:
        return len(self._known)

    def __getitem__(self, key: str) -> Any:
        return self._known[key]

    def add(self, key: str, result: Any) -> None:
        """Take in a result; it is on the disk within `INTERVAL` of work, or after `flush`."""
        self._known[key] = self._new[key] = result
        if time.monotonic() - self._written > INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Write what is new."""
        if self._new:
            write_bytes(self.folder / f"part-{time.time_ns()}-{uuid.uuid4().hex[:8]}.pkl", pickle.dumps(self._new))
            self._new = {}
        self._written = time.monotonic()
