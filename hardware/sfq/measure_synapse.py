"""Measure the stochastic synapse: pass probability against current, temperature and input rate, and its delay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.decision_law import FittedLaw, fit_law
from spice_models.cells.stochastic_synapse import stochastic_synapse
from spice_models.cells.testbench import bench
from spice_models.engines.native import transient_batch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START = 60e-12  # first drive of the bench [s], after the bias ramps
SETTLE = 60e-12  # time after the last one [s]
REFERENCE = 80e-6  # weight current that the batch scales [A]
GUESS = 78e-6  # about the midpoint [A]
HALF_RANGE = 1.1  # currents reach so many expected gray zones to both sides


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What a synapse did, one entry a variant.

    Parameters
    ----------
    currents, temperatures : array
        [A], [K].
    entered, passed, blocked : array
        Pulses that reached it, slips of BB, slips of BA.
    delay : float
        Mean time from a pulse at the input to the one at the output [s]; NaN if none passed.
    """

    currents: Floats
    temperatures: Floats
    entered: Ints
    passed: Ints
    blocked: Ints
    delay: float


def decide(currents: Floats, temperatures: Floats, *, rate: float, pulses: int, seed: int) -> Decisions:
    """Send ``pulses`` pulses at a regular ``rate`` [Hz] through the cell, once for each current and temperature.

    Parameters
    ----------
    currents, temperatures : array, shape (variants,)
        [A], [K].
    seed : int
        Of the noise.
    """
    drives = [START + k / rate for k in range(pulses)]
    table = bench(stochastic_synapse(weight_current=REFERENCE), {"input": drives})
    batch = transient_batch(
        table.circuit,
        duration=drives[-1] + SETTLE,
        scales={"cell.IW": np.asarray(currents) / REFERENCE},
        temperature=temperatures,
        seed=seed,
        max_events=2 * pulses + 64,
    )

    def slips(junction: str) -> Ints:
        counts: Ints = batch.slips[batch.row(junction)]
        return counts

    delays = []
    for v in range(len(currents)):
        entering, leaving = batch.pulses(table.inputs["input"], v), batch.pulses(table.outputs["output"], v)
        if len(leaving):
            before = np.searchsorted(entering, leaving) - 1
            delays += (leaving - entering[before]).tolist()
    return Decisions(
        currents=np.asarray(currents),
        temperatures=np.asarray(temperatures),
        entered=slips(table.inputs["input"]),
        passed=slips("cell.BB"),
        blocked=slips("cell.BA"),
        delay=float(np.median(delays)) if delays else float("nan"),
    )


def measure_law(
    temperature: float, *, rate: float, pulses: int, copies: int, seed: int, points: int = 11
) -> tuple[FittedLaw, dict[str, Any], float]:
    """Measure and fit the law at one temperature [K] and rate [Hz]: the fit, the counts behind it, the delay [s].

    Parameters
    ----------
    pulses, copies : int
        Trials at each current are ``pulses`` times ``copies``.
    points : int
        Number of currents, spread over the expected gray zone.
    """
    half = HALF_RANGE * EXPECTED_GRAY_ZONE * np.sqrt(temperature / EXPECTED_AT)
    grid = GUESS + np.linspace(-half, half, points)
    currents = np.repeat(grid, copies)
    done = decide(currents, np.full(currents.shape, temperature), rate=rate, pulses=pulses, seed=seed)
    passed = done.passed.reshape(points, copies).sum(axis=1)
    trials = pulses * copies
    counts = {
        "temperature": temperature,
        "currents": grid.tolist(),
        "passed": passed.tolist(),
        "trials": [trials] * points,
    }
    return fit_law(grid, passed, np.full(points, trials)), counts, done.delay


EXPECTED_GRAY_ZONE, EXPECTED_AT = 9.8e-6, 4.2  # where to look [A], [K]
