"""A progress bar for work that may take long: on a terminal if asked for, or whatever a caller brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from spice_models.errors import DescriptionError

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

Progress = bool | Callable[[float], None] | None

PATIENCE = 2.0
"""Seconds of work without a bar [chosen]."""


@contextmanager
def reporting(progress: Progress, text: str) -> Iterator[Callable[[float], None]]:
    """Yield what is told the part that is done, from 0 to 1.

    Parameters
    ----------
    progress : bool or callable
        True for a bar on standard error if that is a terminal and the work goes on for `PATIENCE`, a callable to be
        told instead, False or None for none.
    text : str
        Beside the bar.
    """
    if callable(progress):
        yield progress
    elif progress is None or progress is False:
        yield lambda done: None
    elif progress is True:
        bar = _LateBar(text)
        try:
            yield bar.report
        finally:
            bar.close()
    else:
        raise DescriptionError(f"progress is True, False, or a function of the part that is done, got {progress!r}")


class _LateBar:
    shown = False  # two bars at once would write over each other: the outer one stays

    def __init__(self, text: str) -> None:
        self._text, self._due = text, monotonic() + PATIENCE
        self._bar: tuple[Bar, TaskID] | None = None

    def report(self, done: float) -> None:
        if self._bar is None and monotonic() >= self._due and done < 1 and not _LateBar.shown:
            from rich.console import Console
            from rich.progress import Progress as Bar

            console = Console(stderr=True)
            bar = Bar(console=console, transient=True, disable=not console.is_terminal)
            self._bar = bar, bar.add_task(self._text, total=1.0)
            bar.start()
            _LateBar.shown = True
        if self._bar is not None:
            self._bar[0].update(self._bar[1], completed=done)

    def close(self) -> None:
        if self._bar is not None:
            self._bar[0].stop()
            _LateBar.shown = False
