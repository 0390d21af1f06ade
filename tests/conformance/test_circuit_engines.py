"""One suite over every circuit engine: the same cells, the same slips at every junction, the same times and states.

Each engine at a step of 0.1 ps is held against the native engine at a quarter of it. An engine that is not installed
is skipped with its reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pytest

from spice_models.analysis.pulses import count_pulses, detect_pulses
from spice_models.cells.jtl import jtl
from spice_models.cells.merger import merger
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.splitter import splitter
from spice_models.cells.storage import dff, ndro
from spice_models.cells.testbench import bench
from spice_models.circuit import Circuit, SubCircuit
from spice_models.elements import Inductor, Junction
from spice_models.engines import available_engines, transient, why_unavailable
from spice_models.results import Traces

PS = 1e-12
STEP = 0.1 * PS
TIME = 0.03 * PS  # the largest difference seen is 13 fs
PHASE = 2e-4  # [rad] where everything is at rest
CURRENT = 2e-8  # [A] there


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A cell, starts of the pulses [ps] into its ports, the duration [ps], and the slips of its last junction."""

    cell: Callable[[], SubCircuit]
    pulses: Mapping[str, Sequence[float]]
    duration: float
    out: int


BENCHES = {
    "jtl": Bench(cell=jtl, pulses={"input": [30, 80, 100]}, duration=160, out=3),
    "splitter": Bench(cell=splitter, pulses={"input": [30, 80, 100]}, duration=160, out=3),
    "merger": Bench(cell=merger, pulses={"input_1": [30, 130], "input_2": [80, 130, 155]}, duration=220, out=4),
    "dff": Bench(cell=dff, pulses={"data": [80, 180], "clock": [30, 130, 155, 230]}, duration=290, out=2),
    "ndro": Bench(cell=ndro, pulses={"set": [80], "reset": [230], "clock": [30, 130, 180, 280]}, duration=340, out=2),
    "sfq_synapse": Bench(cell=sfq_synapse, pulses={"input": [30]}, duration=400, out=1),
    # fires for two pulses together, not for one
    "sfq_neuron": Bench(
        cell=partial(sfq_neuron, threshold_current=60e-6),
        pulses={"exc_1": [30, 180], "exc_2": [34, 330]},
        duration=500,
        out=1,
    ),
}


@cache
def circuit(name: str) -> Circuit:
    case = BENCHES[name]
    return bench(case.cell(), {port: [t * PS for t in times] for port, times in case.pulses.items()}).circuit


def records(name: str) -> list[str]:
    """Phases of all junctions, then the current of every coil of the cell."""
    flat = circuit(name)
    coils = [e.name for e in flat.of_type(Inductor) if e.name.startswith("cell.")]
    return [f"phase({j.name})" for j in flat.of_type(Junction)] + [f"current({coil})" for coil in coils]


def simulated(name: str, engine: str, step: float) -> Traces:
    return transient(
        circuit(name), duration=BENCHES[name].duration * PS, step=step, record=records(name), engine=engine
    )


@cache
def reference(name: str) -> Traces:
    return simulated(name, "native", STEP / 4)


def pulses(traces: Traces) -> dict[tuple[str, int], list[float]]:
    """Times of the pulses of each junction and sign."""
    found: dict[tuple[str, int], list[float]] = {}
    for pulse in detect_pulses(traces):
        found.setdefault((pulse.junction, pulse.sign), []).append(pulse.time)
    return found


def engine(name: str):
    reason = why_unavailable(name)
    marks = [pytest.mark.skipif(reason is not None, reason=str(reason))]
    if name.startswith("ngspice"):
        marks.append(pytest.mark.ngspice)
    return pytest.param(name, marks=marks, id=name)


ENGINES = pytest.mark.parametrize("engine", [engine(name) for name in available_engines()])


@ENGINES
@pytest.mark.parametrize("name", BENCHES)
def test_slips_times_and_states(name, engine):
    traces, exact = simulated(name, engine, STEP), reference(name)
    counts = count_pulses(exact)
    assert count_pulses(traces) == counts
    assert {count for junction, count in counts.items() if junction.startswith("load_")} == {BENCHES[name].out}
    seen, expected = pulses(traces), pulses(exact)
    assert {key: len(times) for key, times in seen.items()} == {key: len(times) for key, times in expected.items()}
    for key, times in expected.items():
        np.testing.assert_allclose(seen[key], times, rtol=0, atol=TIME, err_msg=str(key))
    for text in records(name):
        bound = PHASE if text.startswith("phase") else CURRENT
        assert traces[text][-1] == pytest.approx(exact[text][-1], abs=bound), text


@ENGINES
def test_directions_of_currents_and_signs_of_pulses(engine):
    """The conventions: current from plus to minus, through sources too; a junction slips up when driven at its plus."""
    flat = Circuit("signs")
    flat.current("up", "0", "a", 2e-4)
    flat.junction("qa", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=5.0)
    flat.junction("qb", "0", "b", critical_current=1e-4, capacitance=7e-14, resistance=5.0)
    flat.current("down", "0", "b", 2e-4)
    flat.current("into", "0", "c", 1e-4)
    flat.inductor("l", "c", "d", 1e-12)
    flat.resistor("r", "0", "d", 2.0)
    record = ["phase(qa)", "phase(qb)", "current(l)", "current(r)", "voltage(d)", "current(into)"]
    traces = transient(flat, duration=4e-11, record=record, engine=engine)
    counts = count_pulses(traces)
    assert counts["qa"] == -counts["qb"] > 3
    last = {text: float(traces[text][-1]) for text in record[2:]}
    assert last == pytest.approx(
        {"current(l)": 1e-4, "current(r)": -1e-4, "voltage(d)": 2e-4, "current(into)": 1e-4}, rel=1e-4
    )
