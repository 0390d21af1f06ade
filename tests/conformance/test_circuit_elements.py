"""Every engine on small circuits of the rarer elements: gap, pi junctions, phase sources, controlled sources, lines.

Each engine at a step of 0.1 ps is held against the native engine at a quarter of it, at the end of the run where things
are at rest, and in the root mean square over it.
"""

from collections.abc import Callable
from functools import cache
from math import pi
from typing import NamedTuple

import numpy as np
import pytest

from spice_models.circuit import Circuit
from spice_models.elements import GapBranch
from spice_models.engines import available_engines, transient, why_unavailable
from spice_models.results import Traces
from spice_models.waveforms import PWL, Waveform, bias_ramp, sfq_pulses, trapezoids

PS = 1e-12
STEP = 0.1 * PS
LOWER, UPPER, JUMP, SUBGAP = 2.75e-3, 2.85e-3, 1.2e-4, 160.0
GAP = GapBranch(
    voltage=(LOWER + UPPER) / 2,
    width=UPPER - LOWER,
    current_step=JUMP,
    normal_resistance=UPPER / (LOWER / SUBGAP + JUMP),  # through the origin, as in JoSIM's model
)


def kick() -> Waveform:
    return trapezoids([20 * PS], high=2e-4, rise=2 * PS, width=1 * PS, fall=2 * PS)


def with_junctions(name: str, *nodes: str) -> Circuit:
    circuit = Circuit(name)
    for node in nodes:
        circuit.junction(f"q{node}", node, "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    return circuit


def shifted() -> Circuit:
    circuit = with_junctions("shifted", "b")
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0, phase_shift=pi / 3)
    circuit.inductor("l", "a", "b", 5e-12)
    circuit.current("bias", "0", "a", bias_ramp(7e-5))
    circuit.current("kick", "0", "a", kick())
    return circuit


def pi_ring() -> Circuit:
    circuit = Circuit("pi_ring")
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0, phase_shift=pi)
    circuit.inductor("l", "a", "0", 2e-11)
    circuit.current("bias", "0", "a", bias_ramp(5e-5))
    return circuit


def two_harmonics() -> Circuit:
    circuit = Circuit("two_harmonics")
    for node, weight in (("a", 0.4), ("b", -0.3)):
        circuit.junction(
            f"q{node}", node, "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0, second_harmonic=weight
        )
    circuit.inductor("l", "a", "b", 5e-12)
    circuit.current("bias", "0", "a", PWL((0, 20 * PS), (0, 1.5e-4)))
    return circuit


def over_the_gap() -> Circuit:
    circuit = Circuit("over_the_gap")
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=SUBGAP, gap=GAP)
    circuit.inductor("l", "a", "b", 2e-12)
    circuit.resistor("r", "b", "0", 30.0)
    circuit.current("bias", "0", "a", PWL((0, 20 * PS), (0, 2.5e-4)))
    return circuit


def driven_by_phase() -> Circuit:
    circuit = with_junctions("driven_by_phase", "a")
    circuit.phase_source("p", "s", "0", PWL((0, 30 * PS), (0, 4 * pi)))
    circuit.inductor("l", "s", "a", 1e-11)
    return circuit


def over_a_line() -> Circuit:
    circuit = with_junctions("over_a_line", "a", "f")
    circuit.current("bias", "0", "a", bias_ramp(7e-5))
    circuit.current("kick", "0", "a", kick())
    circuit.resistor("rs", "a", "s", 1.0)
    circuit.transmission_line("t", "s", "0", "e", "0", 5.0, 7.3 * PS)
    circuit.resistor("rl", "e", "f", 3.0)
    return circuit


def controlled() -> Circuit:
    circuit = with_junctions("controlled", "e2", "f", "g", "h2")
    circuit.voltage("v", "a", "0", sfq_pulses([10 * PS, 30 * PS]))
    circuit.resistor("r", "a", "b", 2.0)
    circuit.voltage("meter", "b", "c", 0.0)
    circuit.resistor("rc", "c", "0", 3.0)
    circuit.vcvs("e", "e1", "0", "c", "0", 2.0)
    circuit.resistor("re", "e1", "e2", 4.0)
    circuit.cccs("f", "0", "f", "meter", 1.5)
    circuit.resistor("rf", "f", "0", 2.0)
    circuit.vccs("g", "0", "g", "c", "0", 0.7)
    circuit.resistor("rg", "g", "0", 2.0)
    circuit.ccvs("h", "h1", "0", "meter", 2.5)
    circuit.resistor("rh", "h1", "h2", 4.0)
    return circuit


def negative_inductance() -> Circuit:
    circuit = with_junctions("negative_inductance", "a")
    circuit.inductor("l1", "a", "0", 5e-12)
    circuit.inductor("l2", "a", "0", -2e-11)
    circuit.current("bias", "0", "a", bias_ramp(2e-4))
    return circuit


class Case(NamedTuple):
    """A circuit, the time to simulate [ps], what to record, and the difference allowed relative to the largest."""

    circuit: Callable[[], Circuit]
    duration: float
    record: tuple[str, ...]
    root_mean_square: float


# The largest differences seen, of JoSIM at 0.1 ps, are two thirds of these.
CASES = {
    "shifted": Case(shifted, 60, ("phase(q)", "phase(qb)", "current(l)"), 3e-3),
    "pi_ring": Case(pi_ring, 40, ("phase(q)", "current(l)"), 3e-3),
    "two_harmonics": Case(two_harmonics, 40, ("phase(qa)", "phase(qb)"), 3e-4),
    "over_the_gap": Case(over_the_gap, 40, ("phase(q)", "voltage(a)", "current(l)"), 4e-2),
    "driven_by_phase": Case(driven_by_phase, 60, ("phase(qa)", "current(l)", "current(p)"), 3e-3),
    "over_a_line": Case(over_a_line, 60, ("phase(qa)", "phase(qf)", "voltage(e)", "current(t)"), 3e-3),
    "controlled": Case(
        controlled,
        60,
        ("phase(qe2)", "phase(qf)", "phase(qg)", "phase(qh2)", "current(v)", "current(e)", "current(f)", "current(g)"),
        3e-3,
    ),
    "negative_inductance": Case(negative_inductance, 60, ("current(l1)", "current(l2)"), 1e-3),
}


def simulated(name: str, engine: str, step: float) -> Traces:
    case = CASES[name]
    return transient(case.circuit(), duration=case.duration * PS, step=step, record=list(case.record), engine=engine)


@cache
def reference(name: str) -> Traces:
    return simulated(name, "native", STEP / 4)


def engine(name: str):
    reason = why_unavailable(name)
    marks = [pytest.mark.skipif(reason is not None, reason=str(reason))]
    if name.startswith("ngspice"):
        marks.append(pytest.mark.ngspice)
    return pytest.param(name, marks=marks, id=name)


@pytest.mark.parametrize("engine", [engine(name) for name in available_engines()])
@pytest.mark.parametrize("name", CASES)
def test_every_engine_simulates_every_element(name, engine):
    traces, exact = simulated(name, engine, STEP), reference(name)
    for text in CASES[name].record:
        size = np.abs(exact[text]).max()
        inside = (traces.times > PS) & (traces.times < exact.times[-1])
        difference = traces[text] - np.interp(traces.times, exact.times, exact[text])
        assert np.sqrt(np.mean(difference[inside] ** 2)) < CASES[name].root_mean_square * size, text
