"""A cell under a voltage of any course: the current and the state along it, such as a hysteresis loop."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, real, reals
from hardware.rram.device.cell import CellModel
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

COARSE = 0.01
"""Largest error of the state after one step that is accepted [chosen]."""

_MOST_HALVINGS = 24


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
        Where the state misses by more than `COARSE` within a step; it names the largest step, halved from the one
        given, at which straight lines between the samples are followed safely.

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
    begun = real("the state of a cell", state, least=0.0, most=1.0)
    s, coarse = _followed(model, v, time, begun)
    if coarse is None:
        return Driven(model.current(v, s), s)
    now, halvings = begun, 1
    for begin, end in pairwise(v):
        now, needed = _halvings(model, begin, end, time, now, _MOST_HALVINGS)
        halvings = max(halvings, needed)
    parts = 2**halvings
    raise DescriptionError(
        f"a {type(model).__name__} moves too much within a step of {time:.3g} s (at {coarse * time:.4g} s): the "
        f"largest safe step is {time / parts:.3g} s"
    )


def _taken(model: CellModel, begin: float, end: float, step: float, state: float) -> tuple[float, float, float]:
    """States after one half and after both of a step, and how far one whole step is from that."""
    once = float(model.advance((begin + end) / 2, state, step))
    half = float(model.advance((3 * begin + end) / 4, state, step / 2))
    twice = float(model.advance((begin + 3 * end) / 4, half, step / 2))
    return half, twice, abs(once - twice)


def _halvings(model: CellModel, begin: float, end: float, step: float, state: float, most: int) -> tuple[float, int]:
    """State after a step, and how often the step must be halved, there alone, to be safe.

    One step may pass by chance, such as where it spans all of a switching: its halves must pass as well.
    """
    middle = (begin + end) / 2
    half, twice, off = _taken(model, begin, end, step, state)
    if most == 0:
        return twice, 0
    if off <= COARSE:
        offs = (_taken(model, begin, middle, step / 2, state)[2], _taken(model, middle, end, step / 2, half)[2])
        if max(offs) <= COARSE:
            return twice, 0
    half, first = _halvings(model, begin, middle, step / 2, state, most - 1)
    twice, second = _halvings(model, middle, end, step / 2, half, most - 1)
    return twice, 1 + max(first, second)


def _followed(model: CellModel, v: Floats, step: float, state: float) -> tuple[Floats, int | None]:
    """States at the samples, and the first step that is too coarse: one and two halves of it differ."""
    s = np.empty_like(v)
    s[0] = state
    for k, (begin, end) in enumerate(pairwise(v)):
        once = model.advance((begin + end) / 2, s[k], step)
        half = model.advance((3 * begin + end) / 4, s[k], step / 2)
        s[k + 1] = model.advance((begin + 3 * end) / 4, half, step / 2)
        if abs(float(once) - s[k + 1]) > COARSE:
            return s, k
    return s, None
