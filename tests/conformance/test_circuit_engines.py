"""One suite over every circuit engine: the same circuits, the same slips at every junction, the same times and states.

Each engine at a step of 0.1 ps is held against the native engine at an eighth of it, on every cell of the library, on
the exclusive or that the toolkit places, in all patterns, and on one in a user's dialect. An engine that is not
installed is skipped with its reason. `benchmarks/conformance.py` prints the differences at several steps.
"""

import numpy as np
import pytest

from spice_models.analysis.pulses import count_pulses
from spice_models.cells.library import CELLS as LIBRARY
from spice_models.circuit import Circuit
from spice_models.engines import available_engines, transient, why_unavailable
from tests.conformance.circuits import CELLS, ENDS, NETWORKS, PS, case, pulse_times, reference, simulated

STEP = 0.1 * PS
TIME = 0.03 * PS  # the largest difference seen is 18 fs
PHASE = 2e-4  # [rad] where everything is at rest
CURRENT = 2e-8  # [A] there


def engine(name: str):
    reason = why_unavailable(name)
    marks = [pytest.mark.skipif(reason is not None, reason=str(reason))]
    if name.startswith("ngspice"):
        marks.append(pytest.mark.ngspice)
    return pytest.param(name, marks=marks, id=name)


ENGINES = pytest.mark.parametrize("engine", [engine(name) for name in available_engines()])


def test_every_cell_of_the_library_has_a_bench():
    assert {name.partition(" ")[0] for name in CELLS} | ENDS == set(LIBRARY)


@ENGINES
@pytest.mark.parametrize("name", [*CELLS, *NETWORKS])
def test_slips_times_and_states(name, engine):
    traces, exact = simulated(name, engine, STEP), reference(name)
    counts = count_pulses(exact)
    assert {junction: counts[junction] for junction in case(name).slips} == case(name).slips
    assert count_pulses(traces) == counts
    seen, expected = pulse_times(traces), pulse_times(exact)
    assert {key: len(times) for key, times in seen.items()} == {key: len(times) for key, times in expected.items()}
    for key, times in expected.items():
        np.testing.assert_allclose(seen[key], times, rtol=0, atol=TIME, err_msg=str(key))
    for text in case(name).records:
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
