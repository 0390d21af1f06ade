"""A cell under a voltage of any course: the current and the state along it, such as a hysteresis loop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, real, reals
from hardware.rram.device.cell import CellModel
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

COARSE = 0.01
"""Largest error of the state after one step that is accepted [chosen]."""

_MOST_HALVINGS = 40


class Driven(NamedTuple):
    """Course of a cell: current [A] and state at each sample of the voltage, shape (samples,)."""

    current: Floats
    state: Floats


def drive(model: CellModel, voltage: ArrayLike, step: float, *, state: float = 0.0) -> Driven:
    """Follow one cell along samples of its voltage.

    Over each step the voltage is the mean of its ends, while the state is followed as closely as ever. Each step is
    taken in two halves as well, which tells the error.

    Parameters
    ----------
    model : CellModel
    voltage : array, shape (samples,)
        [V], a step apart.
    step : float
        Time between samples [s].
    state : float
        At the first sample.

    Raises
    ------
    DescriptionError
        Where the state misses by more than `COARSE` within a step; it names the largest safe step.

    Examples
    --------
    >>> from hardware.rram.device import VTEAM
    >>> t = np.linspace(0, 1e-6, 401)
    >>> loop = drive(VTEAM(), 0.5 * np.sin(2e6 * np.pi * t), 2.5e-9, state=0.3)
    >>> bool(loop.state.max() == 1.0 and abs(loop.current[0]) < 1e-12)
    True
    """
    instance("the cell that is driven", model, CellModel, "a cell model such as VTEAM()")
    v = reals("the voltage of a cell", voltage)
    if v.ndim != 1 or len(v) < 2 or not np.all(np.isfinite(v)):
        raise DescriptionError(f"the voltage of a cell must be two finite samples or more, got shape {v.shape}")
    time = real("the step between samples [s]", step, above=0.0)
    s = np.empty_like(v)
    s[0] = real("the state of a cell", state, least=0.0, most=1.0)
    safe, where = time, 0
    for k in range(len(v) - 1):
        s[k + 1], needed = _stepped(model, float(v[k]), float(v[k + 1]), float(s[k]), time)
        if needed < safe:
            safe, where = needed, k
    if safe < time:
        raise DescriptionError(
            f"a {type(model).__name__} moves too much within a step of {time:.3g} s (at {where * time:.4g} s): the "
            f"largest safe step is {safe:.3g} s"
        )
    return Driven(model.current(v, s), s)


def _stepped(model: CellModel, begin: float, end: float, state: float, step: float) -> tuple[float, float]:
    """State after one step, and the largest step, halved again and again, of which every part is safe."""
    once = float(model.advance((begin + end) / 2, state, step))
    for halvings in range(1, _MOST_HALVINGS):
        edges = np.linspace(begin, end, 2**halvings + 1)
        part = step / 2**halvings
        s, worst, before = state, 0.0, state
        for j, mean in enumerate((edges[:-1] + edges[1:]) / 2):
            s = float(model.advance(mean, s, part))
            if j % 2:
                whole = float(model.advance(edges[j], before, 2 * part)) if halvings > 1 else once
                worst, before = max(worst, abs(s - whole)), s
        if worst <= COARSE:
            return s, 2 * part
    return s, 2 * part
