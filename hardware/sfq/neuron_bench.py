"""The neuron cell on a bench: which pulses it gets, and what it then does at many threshold currents at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.neuron_shape import Drive
from hardware.sfq.nominal import bench_lead
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.testbench import Bench, bench
from spice_models.circuit import SubCircuit
from spice_models.engines.native import transient_batch
from spice_models.engines.native.engine import Batch

Floats = NDArray[np.float64]
START = 100e-12  # first drive of the bench [s], long after the bias ramps
SETTLE = 200e-12  # time given to the slowest firing [s]
REFERENCE = 100e-6  # threshold current that the batch scales [A]
COARSE = 16e-6  # first grid of threshold currents [A]
LOWEST, HIGHEST = -300e-6, 308e-6
PRECISION = 0.25e-6


def run_neuron(drive: Drive, currents: Floats) -> tuple[Bench, Batch]:
    """Simulate the cell between drivers and load for many threshold currents [A] at once."""
    shift = START - drive.earliest
    pulses = {f"exc_{i + 1}": [shift + t for t in train] for i, train in enumerate(drive.excitatory)}
    pulses |= {f"inh_{j + 1}": [shift + t for t in train] for j, train in enumerate(drive.inhibitory)}
    neuron = sfq_neuron(
        excitatory=drive.shape.excitatory,
        inhibitory=drive.shape.inhibitory,
        refractory=drive.shape.refractory,
        threshold_current=REFERENCE,
    )
    cell = SubCircuit("neuron_bench", neuron.ports)
    joints = {port: port for port in neuron.ports}
    if drive.weight_current is not None:
        joints["exc_1"] = "joint"
        synapse = sfq_synapse(weight_current=drive.weight_current)
        cell.instance("synapse", synapse, input="exc_1", output="joint")
    cell.instance("neuron", neuron, **joints)
    table = bench(cell, pulses)
    batch = transient_batch(table.circuit, duration=shift + SETTLE, scales={"cell.neuron.IT": currents / REFERENCE})
    return table, batch


def least_threshold(drive: Drive, *, count: int = 1) -> float:
    """Least threshold current [A] from which on the neuron puts out ``count`` pulses, NaN if none in range does."""

    def fires(currents: Floats) -> NDArray[np.bool_]:
        _, batch = run_neuron(drive, currents)
        return np.array([len(batch.pulses("cell.neuron.BO2", v)) >= count for v in range(len(currents))])

    grid, step = np.arange(LOWEST, HIGHEST + COARSE / 2, COARSE, dtype=np.float64), COARSE
    while True:
        silent = np.nonzero(~fires(grid))[0]
        first = int(silent[-1]) + 1 if len(silent) else 0
        if first == len(grid):
            return float("nan")
        if first == 0 or step <= PRECISION:
            return float(grid[first])
        grid = np.linspace(grid[first - 1], grid[first], 9)
        step /= 8


def delays(drive: Drive, currents: Floats) -> tuple[Floats, Floats]:
    """Time from the last excitatory pulse to the slip of BN, and from there to the output [s]; NaN if not one spike."""
    _, batch = run_neuron(drive, currents)
    last = START - drive.earliest + max(t for train in drive.excitatory for t in train) + bench_lead()
    inner = np.full(len(currents), np.nan)
    outer = np.full(len(currents), np.nan)
    for v in range(len(currents)):
        slips, out = batch.pulses("cell.neuron.BN", v), batch.pulses("cell.neuron.BO2", v)
        if len(slips) == 1 and len(out) == 1:
            inner[v], outer[v] = slips[0] - last, out[0] - slips[0]
    return inner, outer
