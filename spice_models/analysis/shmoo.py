"""Shmoo plots: over two parameters, where a circuit does what it should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.analysis.outcomes import OutcomeFile
from spice_models.analysis.parameters import Parameter, scale_factors
from spice_models.analysis.trials import Rule, Scales, Trials, engine_version
from spice_models.analysis.variants import Evaluate
from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError
from spice_models.fingerprint import fingerprint

Floats = NDArray[np.float64]

DEVIATIONS = tuple(k / 50 for k in range(-20, 21))
"""Relative deviations of both axes unless others are given: -40 % to 40 % in steps of 2 % [chosen]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shmoo:
    """Where the rule held.

    Parameters
    ----------
    circuit : str
        Name of the circuit.
    x_name, y_name : str
        The parameters.
    x, y : array, shapes (nx,) and (ny,)
        Relative deviations, ascending.
    passed : array of bool, shape (ny, nx)
        Whether the rule held.
    engine : str
        What simulated it.
    duration, step : float
        Simulated time and time step [s].
    patterns : int
        Circuits that had to work.
    """

    circuit: str
    x_name: str
    y_name: str
    x: Floats
    y: Floats
    passed: NDArray[np.bool_]
    engine: str
    duration: float
    step: float
    patterns: int

    @property
    def fraction(self) -> float:
        """Part of the grid where the rule held."""
        return float(np.mean(self.passed))

    def to_dict(self) -> dict[str, Any]:
        """Return the map as plain data, ready for JSON: deviations in per cent, a row of 0 and 1 for each y."""
        return {
            "circuit": self.circuit,
            "engine": self.engine,
            "duration_s": self.duration,
            "step_s": self.step,
            "patterns": self.patterns,
            "x": self.x_name,
            "y": self.y_name,
            "x_percent": [round(100 * float(v), 6) for v in self.x],
            "y_percent": [round(100 * float(v), 6) for v in self.y],
            "passed": self.passed.astype(int).tolist(),
        }


def shmoo(
    circuits: Circuit | Sequence[Circuit],
    rule: Rule,
    *,
    x: Parameter,
    y: Parameter,
    duration: float,
    step: float = 1e-13,
    x_deviations: ArrayLike = DEVIATIONS,
    y_deviations: ArrayLike = DEVIATIONS,
    engine: str = "native",
    evaluate: Evaluate | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    state: str | Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> Shmoo:
    """Try every pair of deviations of two parameters; values that both move are multiplied by both factors.

    Parameters
    ----------
    circuits, rule, duration, step, engine, evaluate, workers, executor
        As of `spice_models.analysis.trials.Trials`. The circuit need not work at its own values.
    x, y : Parameter
        What is moved.
    x_deviations, y_deviations : array, shapes (nx,) and (ny,)
        Relative deviations, ascending, above -1.
    state : path, optional
        File that keeps outcomes; a later call with the same arguments goes on from it.
    progress : callable, optional
        Called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        For deviations that make no sense, and a state file of something else.
    """
    trials = Trials(
        circuits,
        rule,
        duration=duration,
        step=step,
        engine=engine,
        evaluate=evaluate,
        workers=workers,
        executor=executor,
    )
    across, up = _axis("x", x_deviations), _axis("y", y_deviations)
    file = None
    if state is not None:
        study = fingerprint(
            "shmoo", trials.circuits, rule, engine_version(engine), duration, step, x.scales, y.scales, across, up
        )
        file = OutcomeFile(state, study)

    def scales(start: int, stop: int) -> Scales:
        row, column = np.divmod(np.arange(start, stop), across.size)
        return scale_factors([x, y], 1 + np.array([across[column], up[row]]))

    outcomes = trials.run(across.size * up.size, scales, file=file, progress=progress)
    return Shmoo(
        circuit=trials.name,
        x_name=x.name,
        y_name=y.name,
        x=across,
        y=up,
        passed=outcomes.passed.reshape(up.size, across.size),
        engine=trials.engine,
        duration=duration,
        step=step,
        patterns=len(trials.circuits),
    )


def _axis(name: str, deviations: ArrayLike) -> Floats:
    values = np.asarray(deviations, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or not np.all(np.isfinite(values)) or np.any(np.diff(values) <= 0):
        raise DescriptionError(f"the deviations of {name} must be a row of ascending numbers, got {deviations!r}")
    if values[0] <= -1:
        raise DescriptionError(f"a deviation of {100 * values[0]:g} % of {name} leaves nothing: stay above -100 %")
    return values
