"""A progress bar for work that may take long: on a terminal if asked for, or whatever a caller brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from spice_models.errors import DescriptionError

Progress = bool | Callable[[float], None] | None


@contextmanager
def reporting(progress: Progress, text: str) -> Iterator[Callable[[float], None]]:
    """Yield what is told the part that is done, from 0 to 1.

    Parameters
    ----------
    progress : bool or callable
        True for a bar on standard error if that is a terminal, a callable to be told instead, False or None for none.
    text : str
        Beside the bar.
    """
    if callable(progress):
        yield progress
    elif progress is None or progress is False:
        yield lambda done: None
    elif progress is True:
        from rich.console import Console
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(text, total=1.0)
            yield lambda done: bar.update(task, completed=done)
    else:
        raise DescriptionError(f"progress is True, False, or a function of the part that is done, got {progress!r}")
