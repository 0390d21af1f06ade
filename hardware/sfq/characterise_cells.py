"""Measure the cells that pulses pass through: lines, splitter, merger, converter, and the synapse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.characteristics import level_current
from hardware.sfq.nominal import SILENT, START, bench_lead, excitatory_load
from spice_models.cells.library import cell as build_cell
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.testbench import bench
from spice_models.circuit import SubCircuit
from spice_models.engines.native import transient_batch

Floats = NDArray[np.float64]
REFERENCE_WEIGHT_CURRENT = 100e-6
LOWEST, HIGHEST, COARSE = 0.0, 240e-6, 10e-6
MOST_PULSES = 3
QUIET = 1e-9  # how long a synapse must keep silent without input [s]
INTERVALS = (60e-12, 75e-12, 90e-12, 105e-12, 120e-12, 140e-12, 165e-12, 200e-12, 250e-12, 350e-12)
"""Times between two input pulses of the synapse [s]."""


def passing_delay(name: str, source: str, target: str, **parameters: object) -> float:
    """Delay [s] of a library cell from port ``source`` to its junction at port ``target`` (`hardware.sfq.nominal`)."""
    part = build_cell(name, **parameters)
    inputs = [p for p in part.ports if p.startswith("input")]
    table = bench(part, {p: [START] if p == source else [] for p in inputs})
    batch = transient_batch(table.circuit, duration=START + 100e-12)
    return float(batch.pulses(table.outputs[target])[0] - START - bench_lead())


def converter_delay() -> float:
    """Time [s] from the start of the current pulse to the output junction of the DC-to-SFQ converter."""
    table = bench(build_cell("dc_sfq"), {}, currents={"input": [START]})
    batch = transient_batch(table.circuit, duration=START + 100e-12)
    return float(batch.pulses(table.outputs["output"])[0] - START)


def merger_dead_time(precision: float = 0.1e-12) -> float:
    """Least time [s] between pulses at the two inputs of the merger for which both come out."""
    low, high = 0.0, 40e-12
    while high - low > precision:
        gap = 0.5 * (low + high)
        table = bench(build_cell("merger"), {"input_1": [START], "input_2": [START + gap]})
        batch = transient_batch(table.circuit, duration=START + 140e-12)
        if len(batch.pulses(table.outputs["output"])) == 2:
            high = gap
        else:
            low = gap
    return high


def synapse_responses(currents: Floats, interval: float = 350e-12) -> tuple[list[Floats], list[Floats]]:
    """Output times [s] after the first and after the second of two input pulses, for each weight current [A].

    The synapse drives the input of a neuron, as it always does, as this moves its steps; what that load adds to the
    delay is taken off again, see `hardware.sfq.nominal`.
    """
    part = SubCircuit("synapse_and_neuron", ("input", "output"))
    part.instance("synapse", sfq_synapse(weight_current=REFERENCE_WEIGHT_CURRENT), input="input", output="joint")
    silent = sfq_neuron(excitatory=1, threshold_current=SILENT)
    part.instance("neuron", silent, exc_1="joint", output="output")
    table = bench(part, {"input": [START, START + interval]})
    batch = transient_batch(
        table.circuit,
        duration=START + interval + 250e-12,
        scales={"cell.synapse.IW": currents / REFERENCE_WEIGHT_CURRENT},
    )
    first, second = [], []
    for v in range(len(currents)):
        one = START + bench_lead()
        two = one + interval
        out = batch.pulses("cell.synapse.BO", v) - excitatory_load()
        first.append(out[out < two] - one)
        second.append(out[out >= two] - two)
    return first, second


def synapse_steps() -> list[float]:
    """Least weight current [A] from which on 1, 2, 3 pulses leave for each that enters; last, where 3 ends.

    The third step ends where a fourth pulse comes, or where the synapse sends pulses without input.
    """
    ends = [_least_current(partial(_at_least, pulses=n)) for n in range(1, MOST_PULSES + 2)]
    return [*ends[:MOST_PULSES], min(ends[MOST_PULSES], synapse_self_firing())]


def synapse_self_firing() -> float:
    """Least weight current [A] at which a synapse sends pulses without input."""
    return _least_current(_restless)


def _least_current(holds: Callable[[Floats], NDArray[np.bool_]], precision: float = 0.5e-6) -> float:
    grid, step = np.arange(LOWEST, HIGHEST + COARSE / 2, COARSE, dtype=np.float64), COARSE
    while True:
        held = holds(grid)
        k = int(np.argmax(held))
        if not held.any():
            return float("inf")
        if k == 0 or step <= precision:
            return float(grid[k])
        grid, step = np.linspace(grid[k - 1], grid[k], 9), step / 8


def _at_least(currents: Floats, pulses: int) -> NDArray[np.bool_]:
    first, second = synapse_responses(currents)
    return np.array([min(len(a), len(b)) >= pulses for a, b in zip(first, second, strict=True)])


def _restless(currents: Floats) -> NDArray[np.bool_]:
    """Which weight currents make a synapse send pulses without input."""
    table = bench(sfq_synapse(weight_current=REFERENCE_WEIGHT_CURRENT), {"input": []})
    scales = {"cell.IW": currents / REFERENCE_WEIGHT_CURRENT}
    batch = transient_batch(table.circuit, duration=QUIET, scales=scales)
    return np.array([len(batch.pulses("cell.BN", v)) > 0 for v in range(len(currents))])


def measure_synapse() -> dict[str, object]:
    """Steps, delays of each pulse against weight current, and what a recent pulse changes."""
    steps = synapse_steps()
    levels, delays = [], []
    for n in range(1, MOST_PULSES + 1):
        low, high = steps[n - 1], steps[n]
        currents = np.linspace(low + 0.06 * (high - low), high - 0.06 * (high - low), 8)
        first, _ = synapse_responses(currents)
        levels.append(currents.tolist())
        delays.append([f[:n].tolist() for f in first])
    centres = np.array([level_current(steps, n) for n in range(1, MOST_PULSES + 1)])
    extra: list[list[list[float]]] = [[] for _ in centres]
    for interval in INTERVALS:
        first, second = synapse_responses(centres, interval)
        for n in range(1, MOST_PULSES + 1):
            same = len(second[n - 1]) == n and len(first[n - 1]) == n
            extra[n - 1].append((second[n - 1] - first[n - 1]).tolist() if same else [])
    return {
        "steps": steps,
        "currents": levels,
        "delays": delays,
        "intervals": list(INTERVALS),
        "extra_delays": extra,
    }
