"""Measure what a synapse at each of its levels does to a neuron, against what single pulses do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.characteristics import BEST_LEAD, Characteristics
from hardware.sfq.neuron_bench import COARSE, HIGHEST, LOWEST, PRECISION, REFERENCE
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.testbench import bench
from spice_models.circuit import SubCircuit
from spice_models.engines.native import transient_batch

Floats = NDArray[np.float64]
LEVELS = (-1, 0, 1, 2, 3)
EXCITATORY = 3
"""Excitatory inputs of the neuron that strengths are measured with."""
START = 140e-12  # the last pulse that reaches the neuron [s]: early enough for what a synapse sends before
SETTLE = 200e-12


@dataclass(frozen=True, kw_only=True)
class Strength:
    """What one level of a synapse adds to another input of the neuron.

    Parameters
    ----------
    level : int
        Negative where the synapse is on an inhibitory input.
    weight_current : float
        [A].
    pulses : int
        Out of the synapse for each one in.
    threshold_shift : float
        By how much less threshold current the neuron fires [A]; negative for inhibition.
    equivalents : float
        The number of pulses on inputs of their own, all at once, with the same threshold shift; what inhibition takes
        back is counted in the first of them.
    """

    level: int
    weight_current: float
    pulses: int
    threshold_shift: float
    equivalents: float


def measure_strengths(characteristics: Characteristics, levels: Sequence[int] = LEVELS) -> list[Strength]:
    """Strength of a synapse at several levels, on a neuron of three excitatory inputs and an inhibitory one.

    The neuron has its refractory branch, as synapses of several pulses need it. One pulse comes at a second input,
    together with the last pulse of the synapse (8 ps after the pulse of an inhibitory one); the shift is the
    difference of the least threshold current that fires with and without the synapse.
    """
    scale = np.array([_least({f"exc_{i + 1}": START for i in range(n)}) for n in range(1, EXCITATORY + 1)])
    shifts = scale[0] - scale  # of 0, 1, 2 more pulses than the one that is always there
    result = []
    for level in levels:
        current = characteristics.weight_current(level)
        delays = characteristics.response(current)
        last = float(delays[-1]) if len(delays) else 0.0
        port, lead = ("exc_1", 0.0) if level >= 0 else ("inh_1", BEST_LEAD)
        shift = scale[0] - _least({"exc_2": START, port: START - lead - last}, {port: current})
        result.append(
            Strength(
                level=level,
                weight_current=current,
                pulses=characteristics.pulses(current),
                threshold_shift=float(shift),
                equivalents=_along(shifts, float(shift)),
            )
        )
    return result


def _least(times: Mapping[str, float], synapses: Mapping[str, float] | None = None) -> float:
    """Least threshold current [A] that fires, for one pulse at some inputs, some of them behind a synapse."""
    neuron = sfq_neuron(excitatory=EXCITATORY, inhibitory=1, refractory=True, threshold_current=REFERENCE)
    cell = SubCircuit("strength", neuron.ports)
    joints = {port: port for port in neuron.ports}
    for port, current in (synapses or {}).items():
        joints[port] = f"{port}_joint"
        cell.instance(f"synapse_{port}", sfq_synapse(weight_current=current), input=port, output=joints[port])
    cell.instance("neuron", neuron, **joints)
    table = bench(cell, {port: [times[port]] if port in times else [] for port in neuron.ports if port != "output"})

    def silent(currents: Floats) -> NDArray[np.bool_]:
        scales = {"cell.neuron.IT": currents / REFERENCE}
        batch = transient_batch(table.circuit, duration=START + SETTLE, scales=scales)
        return np.array([len(batch.pulses("cell.neuron.BO2", v)) == 0 for v in range(len(currents))])

    grid: Floats = np.asarray(np.arange(LOWEST, HIGHEST + COARSE / 2, COARSE), dtype=np.float64)
    step = COARSE
    while step > PRECISION:
        last = int(np.flatnonzero(silent(grid))[-1])
        grid = np.asarray(np.linspace(grid[last], grid[last + 1], 9), dtype=np.float64)
        step /= 8
    return float(grid[np.flatnonzero(silent(grid))[-1] + 1])


def _along(shifts: Floats, shift: float) -> float:
    """Number of pulses with a shift, along the table of shifts of 0, 1, ... pulses and its end pieces."""
    piece = int(np.clip(np.searchsorted(shifts, shift), 1, len(shifts) - 1))
    low, high = shifts[piece - 1], shifts[piece]
    return float(piece - 1 + (shift - low) / (high - low))
