"""Steps chosen by an error bound: the error follows it, and idle time costs little."""

import numpy as np
import pytest

from spice_models.circuit import Circuit
from spice_models.engines import transient
from spice_models.engines.native.adaptive import run_adaptive
from spice_models.engines.native.parts import Job
from spice_models.errors import DescriptionError
from spice_models.waveforms import bias_ramp, trapezoids

PS = 1e-12
GRID = 0.4 * PS
DURATION = 800 * PS
FINE = 81  # steps of the reference in one of the grid; odd, so that middles meet


def idle_chain():
    """Two pulses through ten junctions, and nothing for most of the time."""
    circuit = Circuit("idle")
    for k in range(10):
        circuit.junction(f"j{k}", f"n{k}", "0", critical_current=2.5e-4, capacitance=1.75e-13, resistance=2.63)
        circuit.current(f"ib{k}", "0", f"n{k}", bias_ramp(1.75e-4))
        if k:
            circuit.inductor(f"l{k}", f"n{k - 1}", f"n{k}", 4e-12)
    pulses = trapezoids([20 * PS, 600 * PS], high=6e-4, rise=2 * PS, width=1 * PS, fall=2 * PS)
    circuit.current("in", "0", "n0", pulses, role="input")
    return circuit


def with_line_and_amplifier():
    circuit = Circuit("features")
    for name, node in (("q1", "a"), ("q2", "f")):
        circuit.junction(name, node, "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    circuit.current("i", "0", "a", trapezoids([5 * PS], high=2.5e-4, rise=2 * PS, width=3 * PS, fall=2 * PS))
    circuit.resistor("rs", "a", "s", 1.0)
    circuit.transmission_line("t", "s", "0", "e", "0", 5.0, 3.217 * PS)
    circuit.resistor("rl", "e", "f", 3.0)
    circuit.voltage("v", "y", "0", trapezoids([50 * PS], high=1e-3, rise=1 * PS, width=1 * PS, fall=1 * PS))
    circuit.vcvs("x", "z", "0", "y", "0", 2.0)
    circuit.resistor("rz", "z", "f", 10.0)
    return circuit


def job(circuit, **options):
    plain = {"every": 1, "corrections": None, "most_events": 0, "seed": 0, "variants": 1, "workers": 1, "noisy": False}
    return Job(circuit=circuit.flatten(), step=GRID, sources={}, **{**plain, **options})


def test_the_error_follows_the_tolerance_and_idle_time_costs_little():
    """The error of a step falls as its cube, the phase's at a time as its square: as the tolerance to the 2/3."""
    record = ["phase(j9)"]
    reference = transient(idle_chain(), duration=DURATION, step=GRID / FINE, record=record, engine="native")
    exact = reference["phase(j9)"][FINE // 2 :: FINE]
    tolerances = np.array([1e-3, 1e-4, 1e-5, 1e-6])
    errors, steps = [], []
    for tolerance in tolerances:
        result = run_adaptive(job(idle_chain(), duration=DURATION, record=record), tolerance)
        errors.append(np.abs(result.traces["phase(j9)"] - exact).max())
        steps.append(sum(result.steps))
    assert np.polyfit(np.log(tolerances), np.log(errors), 1)[0] == pytest.approx(2 / 3, abs=0.1)
    assert errors[2] < 1e-3
    fixed = transient(idle_chain(), duration=DURATION, step=GRID / 9, record=record, engine="native")
    fixed_error = np.abs(fixed["phase(j9)"][4::9] - exact).max()
    assert errors[2] < fixed_error
    assert steps[2] < 0.5 * fixed["phase(j9)"].size  # a smaller error with less than half the steps


def test_lines_sources_and_controlled_sources_keep_their_past_when_the_step_changes():
    circuit, record = with_line_and_amplifier(), ["phase(q2)", "voltage(e)", "current(x)", "current(t)"]
    exact = transient(circuit, duration=80 * PS, step=GRID / FINE, record=record, engine="native")
    options = {"duration": 80 * PS, "step": GRID, "record": record, "engine": "native"}
    adaptive = transient(circuit, phase_tolerance=1e-6, **options)
    for text in record:
        expected = exact[text][FINE // 2 :: FINE]
        assert np.abs(adaptive[text] - expected).max() < 3e-3 * np.abs(expected).max(), text


def test_every_keeps_every_so_manyth_sample():
    options = {"duration": 60 * PS, "step": GRID, "engine": "native", "phase_tolerance": 1e-4}
    full, part = (transient(idle_chain(), every=every, **options) for every in (1, 5))
    np.testing.assert_array_equal(part.values, full.values[:, ::5])
    assert part.dt == 5 * full.dt


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"phase_tolerance": 0.0}, "phase_tolerance must be positive"),
        ({"phase_tolerance": 1e-4, "temperature": 4.2}, "a run with noise needs fixed steps"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(DescriptionError, match=message):
        transient(idle_chain(), duration=PS, engine="native", **options)
