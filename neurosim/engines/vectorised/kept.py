"""Whether the compiled loop of the engine ``discrete`` is kept on disk, and a word in the log when it is compiled."""

from __future__ import annotations

import logging
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core import event

from neurosim.engines.vectorised import loop
from spice_models.engines.native import compilation

LOG = logging.getLogger(__name__)

MARK = "discrete-engine.stamp"
"""File beside the compiled code that says of which sources it is."""


def kept() -> compilation.Kept:
    """Look at what is kept of the compiled loop."""
    folder = Path(loop.advance.stats.cache_path)
    file = folder / MARK
    current = file.exists() and file.read_text(encoding="ascii") == _present()
    return compilation.Kept(folder=folder, current=current, lasting=compilation.kept().lasting)


def mark() -> None:
    """Note beside the kept code of which source it is."""
    with suppress(OSError):  # the code itself is kept, or not, without it
        (kept().folder / MARK).write_text(_present(), encoding="ascii")


def announce() -> None:
    """Log one line from now on when the loop is about to be compiled, and mark the folder where it is kept."""
    event.register("numba:compile", _Announcer())


def _present() -> str:
    return f"{sha256(Path(loop.__file__).read_bytes()).hexdigest()[:16]} numba {numba.__version__}"


class _Announcer(event.Listener):  # type: ignore[misc, unused-ignore]
    def on_start(self, event: Any) -> None:
        if event.data["dispatcher"] is loop.advance:
            LOG.warning("compiling the engine discrete: once, some five seconds")

    def on_end(self, event: Any) -> None:
        if event.data["dispatcher"] is loop.advance:
            mark()
