"""Cases that are studies: measurements against properties of hardware or inputs, with no patterns and no levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, kw_only=True)
class StudyCase:
    """A study that is run as a whole.

    Parameters
    ----------
    name, summary : str
        For the command line.
    study : str
        What runs it, as ``"module:function"``; imported when it is run.
    report : str
        Module with ``show(result, console)`` and ``write_pictures(result, folder)``, which returns the files.
    """

    name: str
    summary: str
    study: str
    report: str

    @property
    def patterns(self) -> tuple[str, ...]:
        """None: its input is a data set, or drawn."""
        return ()

    def run(self, *, quick: bool = False, seed: int = 0, progress: Callable[[str, float], None] | None = None) -> Any:
        """Run the study.

        Parameters
        ----------
        quick : bool
            Fewer values of each property, fewer draws and samples.
        seed : int
            Of all that is random.
        progress : callable, optional
            Told in a few words what comes next, and the part that is done.
        """
        module, _, function = self.study.partition(":")
        return getattr(import_module(module), function)(self.name, quick=quick, seed=seed, progress=progress)
