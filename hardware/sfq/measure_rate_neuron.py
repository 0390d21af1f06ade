"""Measure the rate neuron: what a pulse is worth, how it leaks, when it fires, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize

from hardware.sfq.decision_law import DecisionLaw, fit_law
from hardware.sfq.pulse_circuit import PulseCircuit
from hardware.sfq.pulse_trains import random_train
from hardware.sfq.rate_neuron import RATE_NEURON, RateNeuron
from hardware.sfq.stochastic_data import GrayZones, RateNeuronData
from spice_models.cells.library import cell
from spice_models.cells.testbench import Bench, bench
from spice_models.circuit import SubCircuit
from spice_models.engines.native import transient_batch
from spice_models.engines.native.engine import Batch

Floats = NDArray[np.float64]
Train = Sequence[float]

START = 1.2e-9
"""First drive of the bench [s]: what the bias ramps leave in the storage inductance takes so long to leak away.

After 120 ps it still holds back 5 uA (measured)."""
WAIT = 80e-12  # time given to the slowest firing [s]
REFERENCE = 100e-6  # threshold current that the batch scales [A]
LOWEST, HIGHEST, COARSE, PRECISION = 20e-6, 260e-6, 10e-6, 0.5e-6
DRIVES: tuple[tuple[float, ...], ...] = (
    (0.0,),
    *((-gap, 0.0) for gap in (20e-12, 50e-12, 100e-12, 200e-12)),
    (-100e-12, -50e-12, 0.0),
    *(tuple(-gap * k for k in range(5, -1, -1)) for gap in (25e-12, 50e-12, 100e-12)),
)
"""Trains whose least threshold currents tell what a pulse is worth and how it leaks [s]."""
TRAIN_RATES = (
    (20e9, 0.0),
    (10e9, 0.0),
    (20e9, 2e9),
    (20e9, 8e9),
    (20e9, 14e9),
    (20e9, 20e9),
    (30e9, 10e9),
    (12e9, 5e9),
    (16e9, 14e9),
    (20e9, 17e9),
    (20e9, 20e9),
)
"""Mean rates of excitation and inhibition in the trains to which inhibition is fitted [Hz]."""
TRAIN_TIME = 10e-9
TRAIN_CURRENTS = np.linspace(150e-6, 204e-6, 7)


def measure_rate_neuron(temperatures: Sequence[float], *, copies: int = 256, seed: int = 0) -> RateNeuronData:
    """Measure everything that the pulse-level model needs.

    Parameters
    ----------
    temperatures : sequence of float
        At which the gray zone is measured [K].
    copies : int
        Noisy samples for each current.
    seed : int
        Of noise and trains.
    """
    needed = 1e6 * np.array([least_threshold(drive) for drive in DRIVES])

    def miss(x: Floats) -> Floats:
        return np.array([x[0] - x[1] * np.sum(np.exp(1e12 * np.array(d) / x[2])) for d in DRIVES]) - needed

    midpoint, unit, leak = least_squares(miss, [220.0, 20.0, 200.0]).x
    laws = [_decision(t, 1e-6 * float(needed[0]), copies, seed + k) for k, t in enumerate(temperatures)]
    data = RateNeuronData(
        threshold=GrayZones(
            temperatures=np.array(temperatures),
            # the noiseless threshold of all drives, lowered by what noise lowers that of a single pulse
            midpoints=np.array([1e-6 * (midpoint - needed[0]) + law.midpoint for law in laws]),
            gray_zones=np.array([law.gray_zone for law in laws]),
            fixed=False,
        ),
        unit_current=1e-6 * float(unit),
        leak_time=1e-12 * float(leak),
        inhibition_current=1.75e-6 * float(unit),
        inhibition_time=1e-12 * float(leak),
        reset=1.0,
        delay=_delay(),
        self_firing=least_threshold(()),
        inhibition_rate_limit=inhibition_rate_limit(),
    )
    return _trained(data, seed)


def run_neuron(
    exciting: Train, inhibiting: Train, currents: Floats, *, wait: float = WAIT, temperature: float = 0.0, seed: int = 0
) -> tuple[Bench, Batch]:
    """Simulate the cell between drivers and load under many threshold currents [A]; times [s] from `START`."""
    pulses = {"exc_1": [START + t for t in exciting], "inh_1": [START + t for t in inhibiting]}
    table = bench(rate_cell(REFERENCE), pulses)
    duration = START + max([*exciting, *inhibiting], default=0.0) + wait
    scales = {"cell.IT": currents / REFERENCE}
    return table, transient_batch(
        table.circuit, duration=duration, scales=scales, temperature=temperature, seed=seed, max_events=4096
    )


def rate_cell(threshold_current: float) -> SubCircuit:
    """Return the cell with a threshold current [A]."""
    return cell("sfq_neuron", **RATE_NEURON, threshold_current=threshold_current)


def least_threshold(exciting: Train) -> float:
    """Return the least threshold current [A] with which a train makes the neuron fire, to 0.5 uA."""
    shift = -min(exciting, default=0.0)
    grid: Floats = np.arange(LOWEST, HIGHEST, COARSE, dtype=np.float64)
    step = COARSE
    wait = WAIT if exciting else 500e-12
    while True:
        _, batch = run_neuron([shift + t for t in exciting], (), grid, wait=wait)
        silent = np.flatnonzero([not len(batch.pulses("cell.BN", v)) for v in range(len(grid))])
        first = int(silent[-1]) + 1
        if step <= PRECISION:
            return float(grid[first])
        grid = np.linspace(grid[first - 1], grid[first], 21)
        step /= 20


def _decision(temperature: float, middle: float, copies: int, seed: int) -> DecisionLaw:
    """Law of the decision about one pulse, around its threshold current without noise [A]."""
    reach = 6e-6 * np.sqrt(temperature / 4.2)
    grid = middle + np.linspace(-1.3 * reach, reach, 11)
    _, batch = run_neuron((0.0,), (), np.repeat(grid, copies), temperature=temperature, seed=seed)
    fired = np.array([len(batch.pulses("cell.BN", v)) > 0 for v in range(grid.size * copies)])
    return fit_law(grid, fired.reshape(-1, copies).sum(axis=1), np.full(grid.size, copies)).law


def _delay() -> float:
    """Time from a pulse that fires the neuron to its output [s]."""
    table, batch = run_neuron((0.0,), (), np.array([206e-6]))
    return float(batch.pulses("cell.BO2")[0] - batch.pulses(table.inputs["exc_1"])[0])


def inhibition_rate_limit() -> float:
    """Return the highest regular rate of inhibition [Hz] at which the loop of BN takes up no flux, to 2.5 GHz."""
    for rate in np.arange(10e9, 47.6e9, 2.5e9):
        times = (np.arange(1e-9 * rate) / rate).tolist()
        _, batch = run_neuron((), times, np.array([100e-6]))
        if any(np.isfinite(batch.times[batch.row(f"cell.{name}"), :, 0]).any() for name in ("BN", "BQ")):
            return float(rate - 2.5e9)
    return float(rate)


class _Trained(NamedTuple):
    exciting: Floats
    inhibiting: Floats
    spikes: list[int]


def _trained(data: RateNeuronData, seed: int) -> RateNeuronData:
    """Fit strength and leak of the inhibition, and the reset, to the numbers of spikes in random trains."""
    generator = np.random.default_rng(seed)
    trained = []
    for rates in TRAIN_RATES:
        exciting, inhibiting = (random_train(rate, TRAIN_TIME, 25e-12, generator) for rate in rates)
        table, batch = run_neuron(exciting, inhibiting, TRAIN_CURRENTS)
        trained.append(
            _Trained(
                batch.pulses(table.inputs["exc_1"]),
                batch.pulses(table.inputs["inh_1"]),
                [len(batch.pulses("cell.BO2", v)) for v in range(len(TRAIN_CURRENTS))],
            )
        )
    found = np.sqrt(np.array([t.spikes for t in trained]) + 0.375)

    def changed(x: Floats) -> RateNeuronData:
        return replace(
            data,
            inhibition_current=1e-6 * float(x[0]),
            inhibition_time=1e-12 * float(x[1]),
            reset=float(x[2]),
        )

    def cost(x: Floats) -> float:
        counts = [[_count(t, current, changed(x)) for current in TRAIN_CURRENTS] for t in trained]
        return float(np.sum((np.sqrt(np.array(counts) + 0.375) - found) ** 2))

    start = np.array([1e6 * data.inhibition_current, 0.8e12 * data.inhibition_time, 1.02])
    for size in (1.0, 0.5):  # counts are whole numbers, so that a search may stop anywhere on a step: it starts twice
        simplex = start * (1 + size * np.vstack([np.zeros(3), np.diag([0.06, 0.06, 0.02])]))
        options: Any = {"maxfev": 80, "initial_simplex": simplex}
        start = minimize(cost, start, method="Nelder-Mead", options=options).x
    return changed(start)


def _count(trained: _Trained, current: float, data: RateNeuronData) -> int:
    neuron = RateNeuron(threshold_current=float(current), data=data, temperature=0.0)
    circuit = PulseCircuit({"n": (neuron, {"exc_1": "e", "inh_1": "i", "output": "o"})})
    pulses = {"e": trained.exciting.tolist(), "i": trained.inhibiting.tolist()}
    return len(circuit.run(pulses, until=START + TRAIN_TIME + WAIT).pulses.get("o", ()))
