"""Conductances that make up for the loss in the wires: targets are moved, and each bit line gets a digital gain.

What is wanted of an array with targets T are the currents ``V T``; with wires it gives ``V E(G)``. Conductances G
within the bounds of the cells and a gain ``c_j`` for each bit line (a multiplication after its conversion) are found so
that ``c_j E_ij`` comes near ``T_ij``. A common loss costs nothing; what hurts is that far cells lose more than near
ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, one_of, pair, reals, whole
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.layers.output_error import OutputError, moments
from hardware.rram.progress import Progress, reporting
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

Method = Literal["gain", "fixed-point", "gradient"]

METHODS: tuple[Method, ...] = ("gain", "fixed-point", "gradient")

ITERATIONS = {"gain": 0, "fixed-point": 12, "gradient": 60}
"""Most effective matrices, or evaluations of the gradient, that each method takes [chosen]."""

ENOUGH = 0.02
"""Relative gain of a step at which the fixed point ends [chosen]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Compensation:
    """Conductances for an array with wires.

    Parameters
    ----------
    conductance : array, shape (m, n)
        To be written [S].
    gain : array, shape (n,)
        Factor on the current of each bit line.
    before, after : float
        Error of the outputs relative to the wanted ones, root mean square over the inputs: with the targets and no
        gain, and with what is given here.
    evaluations : int
        Effective matrices or gradients that were found.
    """

    conductance: Floats
    gain: Floats
    before: float
    after: float
    evaluations: int


def compensate(
    array: Crossbar,
    *,
    bounds: tuple[float, float],
    inputs: ArrayLike | None = None,
    decode: ArrayLike | None = None,
    method: Method = "fixed-point",
    iterations: int | None = None,
    achieved: ArrayLike | None = None,
    progress: Progress = True,
) -> Compensation:
    """Find conductances and gains with which an array gives the currents that its targets give without wires.

    - ``"gain"`` keeps the targets: ``c_j`` by least squares over the inputs.
    - ``"fixed-point"`` repeats ``G <- G T / (c E(G))`` within the bounds, with ``c`` as small as lets every cell of a
      line reach its target, and keeps the best; a step costs one effective matrix.
    - ``"gradient"`` minimises the squared error of the decoded outputs by L-BFGS-B over G within the bounds, ``c`` by
      least squares at each step, starting from the fixed point; it is the slowest and the best.

    Parameters
    ----------
    array : Crossbar
        Wires, and targets as its conductances [S].
    bounds : pair of float
        Smallest and largest conductance of the cells [S].
    inputs : array, shape (k, m), optional
        Voltages that matter [V]; without, all word lines matter alike.
    decode : array, shape (n, outputs), optional
        Digital combination of bit lines into outputs, such as differences of pairs; each line for itself without.
    method : {"gain", "fixed-point", "gradient"}
    iterations : int, optional
        At most; `ITERATIONS` if not given.
    achieved : array, shape (m, n), optional
        What is written already [S], as it was read back, for ``"gain"``.
    progress : bool or callable
        True for a bar on a terminal if it takes long; or called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        For values that make no sense, and for another method where something is achieved: it would move the cells.
    UnknownNameError
        For another method.
    """
    instance("the array", array, Crossbar, "a Crossbar(...)")
    one_of("method of compensation", method, METHODS)
    low, high = pair("bounds of conductances [S]", bounds)
    if iterations is not None:
        whole("iterations", iterations, least=0)
    target = np.asarray(array.conductance)
    m, n = array.shape
    if not (0 <= low < high and np.isfinite(high)):
        raise DescriptionError(f"bounds of conductances need 0 <= smallest < largest [S], got {bounds}")
    if np.any(target > high * (1 + 1e-9)):
        raise DescriptionError(f"a target of {target.max():g} S lies above the largest conductance, {high:g} S")
    lines = np.eye(n) if decode is None else reals("decode", decode)
    if lines.ndim != 2 or len(lines) != n:
        raise DescriptionError(f"decode must have one row for each of {n} bit lines, got shape {lines.shape}")
    start = target if achieved is None else reals("achieved conductances", achieved)
    if start.shape != (m, n):
        raise DescriptionError(f"achieved conductances must have the shape of the array, {(m, n)}, got {start.shape}")
    if achieved is not None and method != "gain":
        raise DescriptionError(f"what is achieved already can only be given gains: method='gain', not {method!r}")
    task = OutputError(array, target, moments(inputs, m), lines)
    steps = ITERATIONS[method] if iterations is None else iterations
    with reporting(progress, f"compensating {m} x {n} cells") as report:
        best = _Best(task, start, lambda offered: report(min(offered / (steps + 1), 1.0)))
        effective = task.effective(start)
        before = task.error(effective, np.ones(n))
        best.offer(start, effective, task.gain(effective))
        if method != "gain":
            _fixed_point(task, best, (low, high), min(steps, ITERATIONS["fixed-point"]))
        if method == "gradient":
            _descend(task, best, (low, high), steps)
        report(1.0)
    return Compensation(
        conductance=best.conductance,
        gain=best.gain,
        before=before,
        after=best.error,
        evaluations=best.offered,
    )


class _Best:
    """The best of what was tried."""

    def __init__(self, task: OutputError, start: Floats, tell: Callable[[int], None]) -> None:
        self._task, self._tell, self.error, self.offered = task, tell, np.inf, 0
        self.conductance, self.gain = start, np.ones(start.shape[1])

    def offer(self, conductance: Floats, effective: Floats, gain: Floats) -> float:
        self.offered += 1
        self._tell(self.offered)
        error = self._task.error(effective, gain)
        if error < self.error:
            self.conductance, self.gain, self.error = conductance.copy(), gain.copy(), error
        return error


def _fixed_point(task: OutputError, best: _Best, bounds: tuple[float, float], iterations: int) -> None:
    low, high = bounds
    g, last = best.conductance, np.inf
    effective = task.effective(g)
    active = task.target > low
    for _ in range(iterations):
        # Were a cell at its bound, its entry would be about E high / G: the least common gain that lets all reach.
        reach = np.divide(task.target * g, effective * high, out=np.zeros_like(g), where=active & (effective > 0))
        gain = np.maximum(reach.max(axis=0), 1.0)
        ratio = np.divide(task.target, gain * effective, out=np.ones_like(g), where=effective > 0)
        g = np.where(task.target > 0, np.clip(g * ratio, low, high), 0.0)
        effective = task.effective(g)
        error = best.offer(g, effective, task.gain(effective))
        if last - error <= ENOUGH * error:
            break
        last = error


def _descend(task: OutputError, best: _Best, bounds: tuple[float, float], iterations: int) -> None:
    low, high = bounds
    size = float(np.sum(task.wanted**2))
    begun, free = best.conductance.copy(), task.target > 0
    if size == 0 or not np.any(free):
        return

    def loss(x: Floats) -> tuple[float, Floats]:
        g = begun.copy()
        g[free] = x * high
        effective = task.effective(g)
        gain = task.gain(effective)
        best.offer(g, effective, gain)
        off = task.inputs @ (effective * gain) @ task.decode - task.wanted
        # The gain is at its optimum for this G, so that its own change does not enter the gradient.
        upstream = 2 * (off @ task.decode.T) * gain / size
        return float(np.sum(off**2)) / size, (task.slope(g, upstream) * high)[free]

    from scipy.optimize import minimize  # takes longer to import than most compensations to find

    run: Callable[..., Any] = minimize
    run(
        loss,
        begun[free] / high,
        jac=True,
        method="L-BFGS-B",
        bounds=[(low / high, 1.0)] * int(np.count_nonzero(free)),
        options={"maxfun": iterations, "maxiter": iterations, "ftol": 1e-10, "gtol": 1e-12},
    )
