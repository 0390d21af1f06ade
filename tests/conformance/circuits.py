"""Circuits on which the engines are held against each other: every cell of the library, and whole networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.cases import sfq_xor
from neurosim.mapping.netlist import START_UP, build_circuit
from neurosim.mapping.sfq import place
from spice_models.analysis.pulses import count_pulses, detect_pulses
from spice_models.cells.dc_sfq import dc_sfq
from spice_models.cells.jtl import jtl
from spice_models.cells.merger import merger
from spice_models.cells.sfq_dc import sfq_dc
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.splitter import splitter
from spice_models.cells.stochastic_synapse import stochastic_synapse
from spice_models.cells.storage import dff, ndro
from spice_models.cells.testbench import bench
from spice_models.circuit import Circuit, SubCircuit
from spice_models.dialects.reader import read
from spice_models.elements import Inductor, Junction
from spice_models.engines import transient
from spice_models.results import Traces

PS = 1e-12

ENDS = {"terminator"}
"""Cells without a bench of their own: they stand at the ends of all others."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A circuit, its simulated time [s], and how often junctions slip in it: the expected 2 pi steps."""

    circuit: Circuit
    duration: float
    slips: Mapping[str, int]

    @property
    def records(self) -> list[str]:
        """Phases of all junctions, then the currents of all coils."""
        return [f"phase({j.name})" for j in self.circuit.of_type(Junction)] + [
            f"current({coil.name})" for coil in self.circuit.of_type(Inductor)
        ]


def _cell(
    cell: SubCircuit, pulses: Mapping[str, Sequence[float]], duration: float, slips: Mapping[str, int], **options: Any
) -> Case:
    """Put a cell between drivers and loads; starts of the pulses and the duration in ps."""
    made = bench(cell, {port: [t * PS for t in times] for port, times in pulses.items()}, **options)
    return Case(circuit=made.circuit, duration=duration * PS, slips=slips)


def _xor(pattern: str) -> Case:
    """The network that the toolkit places by itself, under one pattern."""
    placed, stimulus = place(sfq_xor.network()), sfq_xor.stimulus(pattern)
    return Case(
        circuit=build_circuit(placed, stimulus).flatten(),
        duration=START_UP + stimulus.duration,
        slips=dict(zip(placed.output_junctions, sfq_xor.PATTERNS[pattern], strict=True)),
    )


def _tunable() -> Case:
    """A netlist in a user's dialect: hidden neurons fire for 01 and for 11, the output for 01 alone."""
    deck = read(Path(__file__).with_name("xor_tunable.cir"))
    slips = {"XH1.BN": 2, "XH2.BN": 1, "XO.BN": 1, "XO.X3.B": 1, "XWE.BN": 2, "XWI.BN": 1}
    return Case(circuit=deck.circuit.flatten(), duration=520 * PS, slips=slips)


OUT = "load_output.B1"

CELLS: dict[str, Callable[[], Case]] = {
    "dc_sfq": lambda: _cell(dc_sfq(), {}, 110, {OUT: 2}, currents={"input": [30 * PS, 80 * PS]}),
    "jtl": lambda: _cell(jtl(), {"input": [30, 80, 100]}, 160, {OUT: 3}),
    "splitter": lambda: _cell(
        splitter(), {"input": [30, 80, 100]}, 160, {"load_output_1.B1": 3, "load_output_2.B1": 3}
    ),
    "merger": lambda: _cell(merger(), {"input_1": [30, 130], "input_2": [80, 130, 155]}, 220, {OUT: 4}),
    "dff": lambda: _cell(dff(), {"data": [80, 180], "clock": [30, 130, 155, 230]}, 290, {OUT: 2}),
    "ndro": lambda: _cell(ndro(), {"set": [80], "reset": [230], "clock": [30, 130, 180, 280]}, 340, {OUT: 2}),
    "sfq_dc": lambda: _cell(sfq_dc(), {"input": [40, 100]}, 180, {"cell.B8": 6}, resistors={"output": 50.0}),
    "sfq_synapse": lambda: _cell(sfq_synapse(), {"input": [30]}, 400, {OUT: 1}),
    # fires for two pulses together, not for one
    "sfq_neuron": lambda: _cell(
        sfq_neuron(threshold_current=60e-6), {"exc_1": [30, 180], "exc_2": [34, 330]}, 500, {OUT: 1}
    ),
    # without noise: all pulses pass, or none
    "stochastic_synapse": lambda: _cell(
        stochastic_synapse(weight_current=110e-6), {"input": [30, 80]}, 160, {"cell.BA": 0, "cell.BB": 2, OUT: 2}
    ),
    "stochastic_synapse that blocks": lambda: _cell(
        stochastic_synapse(weight_current=40e-6), {"input": [30, 80]}, 160, {"cell.BA": 2, "cell.BB": 0, OUT: 0}
    ),
}

NETWORKS: dict[str, Callable[[], Case]] = {
    **{f"xor {pattern}": partial(_xor, pattern) for pattern in sfq_xor.PATTERNS},
    "tunable xor": _tunable,
}


@cache
def case(name: str) -> Case:
    """Build a case once."""
    return (CELLS | NETWORKS)[name]()


def simulated(name: str, engine: str, step: float) -> Traces:
    """Run a case with everything recorded."""
    chosen = case(name)
    return transient(chosen.circuit, duration=chosen.duration, step=step, record=chosen.records, engine=engine)


@cache
def reference(name: str) -> Traces:
    """Run a case on the native engine at a step at which its own error is below 0.1 fs."""
    return simulated(name, "native", 0.0125 * PS)


def pulse_times(traces: Traces) -> dict[tuple[str, int], list[float]]:
    """Times [s] of the pulses of each junction and sign."""
    found: dict[tuple[str, int], list[float]] = {}
    for pulse in detect_pulses(traces):
        found.setdefault((pulse.junction, pulse.sign), []).append(pulse.time)
    return found


def largest_difference(name: str, traces: Traces) -> float:
    """Largest difference [s] of a pulse's time from the reference; infinite where counts differ."""
    seen, expected = pulse_times(traces), pulse_times(reference(name))
    if count_pulses(traces) != count_pulses(reference(name)) or seen.keys() != expected.keys():
        return np.inf
    if any(len(seen[key]) != len(times) for key, times in expected.items()):
        return np.inf
    return max((float(np.max(np.abs(np.subtract(seen[key], expected[key])))) for key in expected), default=0.0)
