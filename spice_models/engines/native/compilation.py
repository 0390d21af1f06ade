"""Where compiled code is kept, what makes it stale, and a word in the log when compiling begins.

numba keeps machine code on disk: in ``NUMBA_CACHE_DIR``, else beside the source, else in the user's cache folder. It
finds it again by the text of the function's own file, the types of the arguments and, for a closure, the values that
it closes over.
"""

from __future__ import annotations

import atexit
import logging
import shutil
import tempfile
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numba
from numba import njit
from numba.core import config, event

PACKAGE = "spice_models.engines.native"
LOOP = "march"
"""Name of the functions that take long to compile; what they call is compiled on the way."""

MARK = "circuit-engine.stamp"
"""File beside the compiled code that says of which sources it is."""

LOG = logging.getLogger(PACKAGE)


def source_stamp(*modules: str) -> int:
    """Return a number that changes with the text of modules of this package.

    Functions compiled into those of another file are no part of what numba finds that code by. A closure over such a
    number is compiled again when one of their files has changed. They must not be kept by themselves (``cache=True``):
    numba would go on with what it has of them.

    Parameters
    ----------
    modules : str
        Names within the package, such as ``"sine"``.
    """
    digest = sha256()
    for name in modules:
        found = find_spec(f"{PACKAGE}.{name}")
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"there is no module {PACKAGE}.{name}")
        digest.update(Path(found.origin).read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")


class Kept(NamedTuple):
    """What is kept of the compiled engine.

    Parameters
    ----------
    folder : Path
        Where.
    current : bool
        Whether a time loop of the present sources has been compiled there.
    lasting : bool
        False for a folder that goes with this process.
    """

    folder: Path
    current: bool
    lasting: bool


def kept() -> Kept:
    """Look at what is kept of the compiled engine."""
    folder = Path(njit(cache=True)(_probe).stats.cache_path)
    file = folder / MARK
    current = file.exists() and file.read_text(encoding="ascii") == present()
    return Kept(folder=folder, current=current, lasting=not _temporary)


def mark() -> None:
    """Note beside the kept code of which sources it is."""
    with suppress(OSError):  # the code itself is kept, or not, without it
        (kept().folder / MARK).write_text(present(), encoding="ascii")


def present() -> str:
    """Return what tells the present sources of the time loop from others, and the compiler."""
    from spice_models.engines.native.kernel import COMPILED_IN

    return f"{source_stamp('kernel', *COMPILED_IN)} numba {numba.__version__}"


def announce() -> None:
    """Log one line from now on whenever a time loop is about to be compiled, and mark the folder where it is kept."""
    event.register("numba:compile", _Announcer())


class _Announcer(event.Listener):  # type: ignore[misc, unused-ignore]
    def on_start(self, event: Any) -> None:
        if self._concerns(event):
            LOG.warning("compiling the circuit engine for circuits of this kind: once, some ten seconds")

    def on_end(self, event: Any) -> None:
        if self._concerns(event):
            mark()

    @staticmethod
    def _concerns(event: Any) -> bool:
        function = event.data["dispatcher"].py_func
        return bool(function.__module__.startswith(PACKAGE) and function.__name__ == LOOP)


_temporary: list[str] = []


def keep_somewhere() -> None:
    """Give numba a folder for the duration of this process where it can write none of its own.

    It would refuse to keep code then, and with it to load the engine.
    """
    try:
        njit(cache=True)(_probe)
    except RuntimeError:
        folder = tempfile.mkdtemp(prefix="neurofluxon-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _temporary.append(folder)
        config.CACHE_DIR = folder
        LOG.warning(
            "compiled code cannot be kept, so the circuit engine is compiled anew in each process: "
            "set NUMBA_CACHE_DIR to a folder that you can write"
        )


def _probe() -> None:
    """Nothing; is asked where its code would be kept."""
