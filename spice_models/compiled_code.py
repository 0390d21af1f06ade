"""Machine code of numba that is kept on disk: where, when it is stale, and a word in the log when compiling begins.

numba finds kept code by the text of the function's own file, not of the files compiled into it. So the functions of an
engine are kept together, in a folder named by the text of all its files: an edit of any of them begins another folder.
These folders lie where numba keeps its own: in ``NUMBA_CACHE_DIR``, else beside the sources, else in the user's cache.
Whoever keeps compiled code imports this module first, which gives numba a folder where it has none.
"""

from __future__ import annotations

import atexit
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numba
from numba.core import config, event

LOG = logging.getLogger(__name__)


class Kept(NamedTuple):
    """What is kept of some code.

    Parameters
    ----------
    folder : Path
        Where.
    current : bool
        Whether it has been compiled from the present sources.
    lasting : bool
        False for a folder that goes with this process.
    """

    folder: Path
    current: bool
    lasting: bool


class CompiledCode(event.Listener):  # type: ignore[misc, unused-ignore]
    """Compiled functions that are kept, and become stale, together.

    Parameters
    ----------
    name : str
        Of what they do.
    sources : sequence of Path
        Files of the functions and of all that is compiled into them.
    slow : mapping
        What is said after "compiling" when that of a function begins which takes long, by its name. The code is current
        when all of them are there.
    log : str
        Name of the log that it is said in, at level warning.
    """

    def __init__(self, name: str, *, sources: Sequence[Path], slow: Mapping[str, str], log: str) -> None:
        self.name, self.sources = name, tuple(sources)
        self.log = logging.getLogger(log)
        self._slow, self._announced = slow, dict[Any, str]()
        stamp = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
        self.version = f"{stamp} numba {numba.__version__}"
        """Tells the present sources, and the compiler, from others."""
        event.register("numba:compile", self)

    def keep(self, function: Callable[..., Any]) -> Any:
        """Compile a function at its first call, with the arithmetic of numpy, and keep the code."""
        before, config.CACHE_DIR = config.CACHE_DIR, str(self._folder)
        try:
            dispatcher = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
        finally:
            config.CACHE_DIR = before
        if function.__name__ in self._slow:
            self._announced[dispatcher] = self._slow[function.__name__]
        return dispatcher

    def kept(self) -> Kept:
        """Look at what is kept."""
        folder = self._folder
        current = all(any(folder.glob(f"*/*{name}-*.nbc")) for name in self._slow)
        return Kept(folder=folder, current=current, lasting=not _temporary)

    def compile_ahead(self, use: Callable[[], object]) -> float:
        """Compile what ``use`` needs, and remove the code of other sources; return the seconds that compiling took."""
        with event.install_listener("numba:compile", event.TimingListener()) as compiling:
            use()
        for other in self._folder.parent.glob(f"{self._own}*"):
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)
        return float(compiling.duration) if compiling.done else 0.0

    def say_ahead(self, use: Callable[[], object]) -> None:
        """Compile what ``use`` needs and print a line about it."""
        self.log.setLevel(logging.ERROR)
        seconds = self.compile_ahead(use)
        sys.stdout.write(f"{self.name}: {f'compiled in {seconds:.0f} s' if seconds else 'compiled already'}\n")

    def on_start(self, event: Any) -> None:
        """Announce the functions that take long."""
        if event.data["dispatcher"] in self._announced:
            self.log.warning("compiling %s", self._announced[event.data["dispatcher"]])

    def on_end(self, event: Any) -> None:
        """Nothing is left to do."""

    @property
    def _own(self) -> str:
        return f"{self.name} {sys.implementation.cache_tag} ".replace(" ", "-")

    @property
    def _folder(self) -> Path:
        return _place() / (self._own + self.version.replace(" ", "-"))


_temporary: list[str] = []


def keep_somewhere() -> None:
    """Give numba a folder for the duration of this process where it can write none of its own.

    It would refuse to keep code then, and with it to load any module whose code is kept.
    """
    try:
        _place()
    except RuntimeError:
        folder = tempfile.mkdtemp(prefix="neurofluxon-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _temporary.append(folder)
        config.CACHE_DIR = folder
        LOG.warning(
            "compiled code cannot be kept, so the engines are compiled anew in each process: "
            "set NUMBA_CACHE_DIR to a folder that you can write"
        )


def _place() -> Path:
    return Path(numba.njit(cache=True)(_probe).stats.cache_path)


def _probe() -> None:
    """Nothing; is asked where its code would be kept."""


keep_somewhere()
