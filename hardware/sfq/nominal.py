"""The instant from which delays count: when a pulse would pass a junction that drives a line.

A heavier load makes the junction that drives it slip later. What a load adds is counted to the cell that is the load,
so that delays add up whichever cell follows which.
"""

from __future__ import annotations

from functools import cache

from spice_models.cells.library import cell
from spice_models.cells.testbench import bench
from spice_models.engines.native import transient_batch

START = 150e-12  # first drive of a bench: the slowest loop, Rx and Lx of the synapse, has then settled [s]
SILENT = -200e-6  # threshold current at which a neuron never fires [A]


@cache
def bench_lead() -> float:
    """Time [s] from the start of a bench's drive to the slip of the junction before the port, which drives a line."""
    return _slip("jtl", "input") - START


@cache
def excitatory_load() -> float:
    """How much later a junction slips that drives an excitatory input of a neuron [s]."""
    return _slip("sfq_neuron", "exc_1", excitatory=2, threshold_current=SILENT) - START - bench_lead()


def _slip(name: str, port: str, **parameters: object) -> float:
    part = cell(name, **parameters)
    inputs = [p for p in part.ports if p != "output"]
    table = bench(part, {p: [START] if p == port else [] for p in inputs})
    batch = transient_batch(table.circuit, duration=START + 100e-12)
    return float(batch.pulses(table.inputs[port])[0])
