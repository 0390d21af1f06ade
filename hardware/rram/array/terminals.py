"""Terminals of lines, and the currents that leave by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.lines import Lines, terminal_current

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LineEnds:
    """What the terminals of a set of lines are joined by [ohm], shape (lines,); infinite where there is none.

    Parameters
    ----------
    start, end : array, shape (lines,)
        Terminal resistance and outermost segment together.
    """

    start: Floats
    end: Floats

    def floating(self, lines: NDArray[np.bool_]) -> LineEnds:
        """Return them with some lines joined to nothing."""
        return LineEnds(start=np.where(lines, np.inf, self.start), end=np.where(lines, np.inf, self.end))


def leaving(
    ends: LineEnds,
    lines: Lines,
    voltages: Floats,
    arriving: Floats,
    last: Floats,
    entering: Callable[[], tuple[Floats, Floats]],
) -> Floats:
    """Currents out of the array [A].

    ``last`` are the voltages next to the end terminals; ``entering`` gives what flows into each of these lines but
    for the wires, and the sum of what that is a difference of.
    """
    voltages = np.where(np.isfinite(ends.start) | np.isfinite(ends.end), voltages, 0.0)
    single = terminal_current(lines, voltages, arriving)
    two = np.isfinite(ends.end) & np.isfinite(ends.start)
    if not np.any(two):
        return single
    cells, size = entering()
    # Of two differences that are the same current, the one of smaller numbers.
    held = np.abs(voltages) * (lines.end + lines.total / (1 + lines.start * lines.total))
    both = single + lines.end * (last - voltages)
    return np.where(two, np.where(held < size, both, cells), single)


def into(
    g: Floats, beyond: Floats, here: Floats, injection: Floats | None, shunt: Floats | None, axis: int
) -> tuple[Floats, Floats]:
    """Currents into lines [A] from cells, from outside, and less what flows to ground; and the sum of all sizes."""
    currents, sizes = g * (beyond - here), g * (np.abs(beyond) + np.abs(here))
    if injection is not None:
        currents, sizes = currents + injection, sizes + np.abs(injection)
    if shunt is not None:
        currents, sizes = currents - shunt * here, sizes + shunt * np.abs(here)
    return currents.sum(axis=axis), sizes.sum(axis=axis)
