"""The native engine against closed forms, matrix exponentials, a high-order reference, and itself."""

import tracemalloc
from itertools import pairwise
from math import asin, atan, exp, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import brentq

from spice_models.circuit import Circuit, SubCircuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import Capacitor, Inductor, Junction, Resistor
from spice_models.engines.native import blocks, prepare, run, transient_batch
from spice_models.engines.native.sine import sine
from spice_models.errors import DescriptionError, EngineError, UnknownNameError
from spice_models.waveforms import DC, PWL, Sine, bias_ramp

KAPPA = FLUX_QUANTUM / (2 * pi)
IC, CAPACITANCE, RESISTANCE, COIL, BIAS = 2.5e-4, 1.75e-13, 2.63, 4e-12, 1.75e-4
CORNERS, KICK = (0.0, 10e-12, 20e-12, 22e-12, 24e-12), 6e-4


def kick(height=KICK):
    return PWL(CORNERS, (0, 0, 0, height, 0))


def chain(junctions=4, rise=10e-12):
    circuit = Circuit("chain")
    for k in range(junctions):
        circuit.junction(f"j{k}", f"n{k}", "0", critical_current=IC, capacitance=CAPACITANCE, resistance=RESISTANCE)
        circuit.current(f"ib{k}", "0", f"n{k}", bias_ramp(BIAS, rise))
        if k:
            circuit.inductor(f"l{k}", f"n{k - 1}", f"n{k}", COIL)
    circuit.current("in", "0", "n0", kick(), role="input")
    return circuit


def reference_arrival(junctions):
    """Time at which the last junction of `chain` passes pi: DOP853 from corner to corner of the sources."""

    def slope(t, state):
        phase, volts = state[:junctions], state[junctions:]
        current = np.full(junctions, np.interp(t, CORNERS[:2], (0, BIAS)))
        current[0] += np.interp(t, CORNERS, (0, 0, 0, KICK, 0))
        across = KAPPA / COIL * np.diff(phase)
        current[:-1] += across
        current[1:] -= across
        current -= IC * np.sin(phase) + volts / RESISTANCE
        return np.concatenate([volts / KAPPA, current / CAPACITANCE])

    def passes(t, state):
        return state[junctions - 1] - pi

    passes.terminal = True
    state = np.zeros(2 * junctions)
    for start, stop in pairwise((*CORNERS, 100e-12)):
        scale = np.concatenate([np.full(junctions, 1e-12), np.full(junctions, 1e-16)])
        part = solve_ivp(slope, (start, stop), state, "DOP853", rtol=1e-10, atol=scale, max_step=1e-12, events=passes)
        if part.t_events[0].size:
            return part.t_events[0][0]
        state = part.y[:, -1]
    raise AssertionError("the reference never arrives")


def slope_of(steps, errors):
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def one_junction(ic=1e-4, capacitance=7e-14, resistance=6.857, source=2e-4):
    circuit = Circuit("one")
    circuit.junction("q", "a", "0", critical_current=ic, capacitance=capacitance, resistance=resistance)
    circuit.current("i", "0", "a", bias_ramp(source, 2e-12))
    return circuit


def test_mean_voltage_of_an_overdamped_junction():
    drives = np.array([1.1, 1.2, 1.5, 2.0, 4.0])
    circuit = one_junction(capacitance=1e-17, resistance=1.0, source=1e-4)
    batch = transient_batch(circuit, duration=2e-10, step=2e-14, scales={"i": drives})
    for variant, drive in enumerate(drives):
        times = batch.pulses("q", variant)
        frequency = (len(times) - 2) / (times[-1] - times[1])
        assert FLUX_QUANTUM * frequency == pytest.approx(1e-4 * sqrt(drive**2 - 1), rel=3e-5)


def test_voltage_is_the_slope_of_the_phase():
    traces = run(one_junction(), duration=1e-10, record=["phase(q)", "voltage(a)"])
    steps = KAPPA * np.diff(traces["phase(q)"])
    volts = traces["voltage(a)"]
    np.testing.assert_allclose((volts[1:] + volts[:-1]) / 2 * traces.dt, steps, atol=1e-12 * FLUX_QUANTUM)


@pytest.mark.parametrize("volts", [2e-4, -2e-4])
def test_a_junction_on_a_voltage_source_slips_at_the_josephson_frequency(volts):
    circuit = Circuit("driven")
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    circuit.voltage("v", "a", "0", volts)
    traces = run(circuit, duration=1e-10, record=["phase(q)", "voltage(a)"])
    np.testing.assert_allclose(traces["phase(q)"], volts * traces.times / KAPPA, rtol=1e-12)
    times = np.abs(transient_batch(circuit, duration=1e-10).times[0, :, 0])
    np.testing.assert_allclose(np.diff(times), FLUX_QUANTUM / abs(volts), rtol=1e-9)


@pytest.mark.parametrize("bias", [0.0, 0.6, 0.8])
def test_plasma_frequency_falls_with_the_bias(bias):
    ic, capacitance, step = 1e-4, 7e-13, 1e-13
    circuit = Circuit("plasma")
    circuit.junction("q", "a", "0", critical_current=ic, capacitance=capacitance, resistance=1e4)
    # slow against the oscillation, then a nudge
    nudge = PWL((0, 300e-12, 310e-12, 310.1e-12, 310.2e-12), (0, bias * ic, bias * ic, (bias + 1e-3) * ic, bias * ic))
    circuit.current("i", "0", "a", nudge)
    phase = run(circuit, duration=7e-10, step=step)["phase(q)"][3200:]
    phase = phase - asin(bias)
    rising = np.flatnonzero((phase[:-1] < 0) & (phase[1:] >= 0))
    crossings = rising + phase[rising] / (phase[rising] - phase[rising + 1])
    seen = 2 * pi / ((crossings[-1] - crossings[0]) / (len(crossings) - 1) * step)
    omega = sqrt(ic / (KAPPA * capacitance)) * (1 - bias**2) ** 0.25
    assert seen == pytest.approx(2 / step * atan(omega * step / 2), rel=2e-4)


def test_a_resonator_rings_at_the_rules_frequency_and_does_not_die():
    inductance, capacitance, step = 10e-12, 1e-13, 1e-13
    circuit = Circuit("resonator")
    circuit.inductor("l", "a", "0", inductance)
    circuit.capacitor("c", "a", "0", capacitance)
    circuit.current("i", "0", "a", PWL((0, 1e-12, 2e-12), (0, 1e-4, 0)))
    current = run(circuit, duration=2e-9, step=step, record=["current(l)"])["current(l)"][30:]
    omega = 2 / step * atan(step / 2 / sqrt(inductance * capacitance))
    # any three samples of a sinusoid of this frequency: x[k+1] + x[k-1] = 2 cos(omega h) x[k]
    ringing = current[2:] + current[:-2] - 2 * np.cos(omega * step) * current[1:-1]
    assert np.abs(ringing).max() < 1e-11 * np.abs(current).max()
    assert np.abs(current[:200]).max() > 1e-5
    assert np.abs(current[-200:]).max() == pytest.approx(np.abs(current[:200]).max(), rel=1e-3)


def test_a_current_decays_with_l_over_r():
    circuit = Circuit("decay")
    circuit.current("i", "0", "a", PWL((0, 10e-12, 30e-12, 30.1e-12), (0, 1e-4, 1e-4, 0)))
    circuit.inductor("l", "a", "0", 10e-12)
    circuit.resistor("r", "a", "0", 4.0)
    traces = run(circuit, duration=5e-11, step=5e-14, record=["current(l)", "current(r)"])
    late = traces.times > 30.1e-12
    decay = traces["current(l)"][late]
    expected = decay[0] * np.exp(-(traces.times[late] - traces.times[late][0]) / 2.5e-12)
    np.testing.assert_allclose(decay, expected, atol=2e-4 * decay[0])
    np.testing.assert_allclose(traces["current(r)"][late], -decay, atol=1e-12)


def transformer():
    circuit = Circuit("transformer")
    circuit.current("i", "0", "a", DC(1e-4))
    circuit.capacitor("c", "a", "0", 1e-13)
    circuit.resistor("r1", "a", "0", 20.0)
    circuit.inductor("l1", "a", "0", 8e-12)
    circuit.inductor("l2", "b", "0", 5e-12)
    circuit.inductor("l3", "d", "0", 3e-12)
    circuit.mutual("k12", "l1", "l2", 0.6)
    circuit.mutual("k23", "l2", "l3", -0.3)
    circuit.resistor("r2", "b", "0", 3.0)
    circuit.resistor("r3", "d", "0", 2.0)
    return circuit


def test_coupled_inductors_follow_the_matrix_exponential():
    matrix = np.diag([8e-12, 5e-12, 3e-12])
    matrix[0, 1] = matrix[1, 0] = 0.6 * sqrt(8e-12 * 5e-12)
    matrix[1, 2] = matrix[2, 1] = -0.3 * sqrt(5e-12 * 3e-12)
    # state: current of each coil, voltage of a, and the constant source
    volts = np.array([[0, 0, 0, 1.0, 0], [0, -3.0, 0, 0, 0], [0, 0, -2.0, 0, 0]])
    rates = np.zeros((5, 5))
    rates[:3] = np.linalg.solve(matrix, volts)
    rates[3] = np.array([-1.0, 0, 0, -1 / 20.0, 1.0]) / 1e-13
    errors = []
    for step in (1e-13, 5e-14, 2.5e-14):
        traces = run(transformer(), duration=1e-11, step=step, record=[f"current({c})" for c in ("l1", "l2", "l3")])
        exact = np.array([expm(rates * t) @ [0, 0, 0, 0, 1e-4] for t in traces.times])[:, :3].T
        errors.append(np.abs(traces.values - exact).max() / 1e-4)
    assert errors[-1] < 2e-4
    assert slope_of([4, 2, 1], errors) == pytest.approx(2.0, abs=0.1)


def test_voltage_sources_grounded_floating_and_in_series():
    circuit = Circuit("sources")
    circuit.voltage("v1", "a", "0", Sine(amplitude=1e-3, frequency=3e10))
    circuit.voltage("v2", "b", "a", PWL((0, 1e-11), (0, 2e-3)))
    circuit.resistor("r", "b", "0", 5.0)
    circuit.inductor("l", "b", "0", 1e-11)
    circuit.voltage("v3", "0", "m", bias_ramp(3e-3, 1e-11))  # ground at its plus end
    circuit.resistor("rm", "m", "0", 2.0)
    circuit.voltage("float", "x", "y", bias_ramp(4e-3, 1e-11))
    circuit.resistor("rx", "x", "0", 3.0)
    circuit.resistor("ry", "y", "0", 1.0)
    record = ["voltage(b)", "current(r)", "current(l)", "voltage(m)", "current(rm)", "voltage(x)", "voltage(y)"]
    traces = run(circuit, duration=4e-11, record=record)
    t = traces.times
    ramp = np.minimum(t / 1e-11, 1.0)
    b = 1e-3 * np.sin(2 * pi * 3e10 * t) + 2e-3 * ramp
    np.testing.assert_allclose(traces["voltage(b)"], b, atol=1e-15)
    np.testing.assert_allclose(traces["current(r)"], b / 5.0, atol=1e-15)
    area = 1e-3 * (1 - np.cos(2 * pi * 3e10 * t)) / (2 * pi * 3e10)
    area += 2e-3 * np.where(t < 1e-11, t**2 / 2e-11, t - 5e-12)
    np.testing.assert_allclose(traces["current(l)"], area / 1e-11, atol=1e-9 * np.abs(area / 1e-11).max())
    np.testing.assert_allclose(traces["voltage(m)"], -3e-3 * ramp, atol=1e-15)
    np.testing.assert_allclose(traces["current(rm)"], -1.5e-3 * ramp, atol=1e-15)
    np.testing.assert_allclose(traces["voltage(x)"], 3e-3 * ramp, atol=1e-12)
    np.testing.assert_allclose(traces["voltage(y)"], -1e-3 * ramp, atol=1e-12)


def test_a_voltage_that_is_there_at_once_jumps_across_a_capacitor():
    circuit = Circuit("jump")
    circuit.voltage("v", "a", "0", 1e-3)
    circuit.capacitor("c", "a", "b", 1e-12)
    circuit.resistor("r", "b", "0", 5.0)
    traces = run(circuit, duration=2e-11, record=["voltage(b)", "current(r)"])
    np.testing.assert_allclose(traces["voltage(b)"][1:], 1e-3 * np.exp(-traces.times[1:] / 5e-12), atol=2e-5)
    np.testing.assert_allclose(traces["current(r)"] * 5.0, traces["voltage(b)"], rtol=1e-12)


def test_loops_of_voltage_sources_are_refused():
    circuit = Circuit("loop")
    circuit.voltage("v1", "a", "0", 1e-3)
    circuit.voltage("v2", "b", "a", 1e-3)
    circuit.voltage("v3", "b", "0", 1e-3)
    circuit.resistor("r", "b", "0", 1.0)
    with pytest.raises(DescriptionError, match="'v3' closes a loop of voltage or phase sources"):
        run(circuit, duration=1e-12)


def test_a_loop_keeps_the_fluxon_that_a_kick_puts_into_it():
    inductance = 20e-12
    circuit = Circuit("loop")
    for name, node in (("left", "a"), ("right", "b")):
        circuit.junction(name, node, "0", critical_current=IC, capacitance=CAPACITANCE, resistance=RESISTANCE)
    circuit.inductor("l", "a", "b", inductance)
    circuit.current("in", "0", "a", PWL((0, 10e-12, 15e-12, 20e-12), (0, 0, 4.5e-4, 0)))
    traces = run(circuit, duration=3e-10, record=["phase(left)", "phase(right)", "current(l)"])
    left, right, current = traces.values
    assert transient_batch(circuit, duration=3e-10).slips[:, 0].tolist() == [1, 0]
    # Around the loop the phases of the junctions, each taken within half a turn, and of the coil make one whole turn.
    around = (left - 2 * pi) - right - 2 * pi * inductance * current / FLUX_QUANTUM
    np.testing.assert_allclose(around[2000:], -2 * pi, atol=1e-9)
    expected = brentq(lambda i: 2 * asin(i / IC) + 2 * pi * inductance * i / FLUX_QUANTUM - 2 * pi, 0, IC)
    assert current[-1] == pytest.approx(expected, rel=1e-6)


def test_a_fluxon_has_the_area_of_a_flux_quantum():
    circuit = chain(6)
    record = [f"{kind}" for k in range(6) for kind in (f"phase(j{k})", f"voltage(n{k})")]
    traces = run(circuit, duration=1.2e-10, record=record)
    after = traces.times > 12e-12
    for k in range(6):
        area = np.sum(traces[f"voltage(n{k})"][after]) * traces.dt
        assert area == pytest.approx(FLUX_QUANTUM, rel=1e-3)
        assert traces[f"phase(j{k})"][-1] == pytest.approx(2 * pi + asin(BIAS / IC), abs=1e-6)


def test_the_time_of_a_pulse_converges_with_the_square_of_the_step():
    exact = reference_arrival(10)
    steps = np.array([1e-13, 5e-14, 2.5e-14])
    seen = [transient_batch(chain(10), duration=6e-11, step=h, corrections=1).pulses("j9")[0] for h in steps]
    errors = np.abs(np.array(seen) - exact)
    assert errors[0] < 2e-15
    assert slope_of(steps, errors) == pytest.approx(2.0, abs=0.15)


def unbalanced(step):
    """Relative difference between the work of the sources and what became of it, while a fluxon runs down a chain."""
    circuit = chain(5)
    kinds = {"phase": Junction, "current": Inductor}
    record = [f"{kind}({e.name})" for kind, which in kinds.items() for e in circuit.of_type(which)]
    traces = run(circuit, duration=6e-11, step=step, record=[*record, *(f"voltage(n{k})" for k in range(5))])
    t = traces.times
    work = dissipated = stored = 0.0
    for k in range(5):
        volts = traces[f"voltage(n{k})"]
        current = bias_ramp(BIAS).at(t) + (kick().at(t) if k == 0 else 0.0)
        work += np.trapezoid(current * volts, t)
        dissipated += np.trapezoid(volts**2 / RESISTANCE, t)
        energy = CAPACITANCE / 2 * volts**2 + KAPPA * IC * (1 - np.cos(traces[f"phase(j{k})"]))
        stored += energy[-1] - energy[0]
    for coil in circuit.of_type(Inductor):
        energy = coil.inductance / 2 * traces[f"current({coil.name})"] ** 2
        stored += energy[-1] - energy[0]
    assert dissipated > 4 * BIAS * FLUX_QUANTUM
    return abs(work - dissipated - stored) / work


def test_the_work_of_the_sources_is_dissipated_or_stored():
    steps = np.array([2e-13, 1e-13, 5e-14])
    errors = [unbalanced(step) for step in steps]
    assert errors[1] < 2e-3
    assert slope_of(steps, errors) > 1.8


@pytest.fixture(scope="module")
def twenty():
    """Twenty variants of a chain and their scale factors."""
    rng = np.random.default_rng(7)
    names = [f"j{k}" for k in range(4)] + ["in", "ib1", "l2", "j1:capacitance", "j2:resistance"]
    scales = {name: rng.uniform(0.85, 1.15, 20) for name in names}
    return scales, transient_batch(chain(), duration=6e-11, scales=scales, workers=1)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("size", [1, 3, 8, 20])
def test_a_variant_gives_the_same_bits_in_any_company(twenty, size, workers):
    scales, together = twenty
    for first in range(0, 20 - size + 1, max(size, 5)):
        some = slice(first, first + size)
        part = {name: factors[some] for name, factors in scales.items()}
        batch = transient_batch(chain(), duration=6e-11, scales=part, workers=workers)
        assert np.array_equal(batch.slips, together.slips[:, some])
        events = batch.times.shape[1]
        assert np.array_equal(batch.times, together.times[:, :events, some], equal_nan=True)
        assert np.isnan(together.times[:, events:, some]).all()


def test_a_run_and_a_batch_agree(twenty):
    traces = run(chain(), duration=6e-11)
    (time,) = transient_batch(chain(), duration=6e-11).pulses("j3")
    assert np.interp(time, traces.times, traces["phase(j3)"]) == pytest.approx(pi, abs=5e-3)


def test_scales_reach_each_value_of_an_element():
    circuit = chain()
    circuit.resistor("r", "n1", "0", 50.0)
    circuit.capacitor("c", "n2", "0", 2e-14)
    factors = {"j0": 1.1, "j1:capacitance": 0.7, "j2:resistance": 1.3, "l1": 1.2, "r": 0.5, "c": 3.0, "in": 1.4}

    def changed(e):
        values = {
            Junction: {"critical_current": "", "capacitance": ":capacitance", "resistance": ":resistance"},
            Inductor: {"inductance": ""},
            Resistor: {"resistance": ""},
            Capacitor: {"capacitance": ""},
        }.get(type(e), {})
        new = {field: getattr(e, field) * factors.get(e.name + part, 1.0) for field, part in values.items()}
        if e.name == "in":
            new["waveform"] = e.waveform.scaled(factors["in"])
        return type(e)(**{**e.__dict__, **new})

    scaled = transient_batch(circuit, duration=6e-11, scales=factors)
    built = transient_batch(circuit.mapped(changed), duration=6e-11)
    np.testing.assert_allclose(scaled.times, built.times, rtol=1e-12)
    plain = transient_batch(circuit, duration=6e-11)
    for name in factors:
        alone = transient_batch(circuit, duration=6e-11, scales={name: factors[name]})
        assert abs(alone.pulses("j3")[0] - plain.pulses("j3")[0]) > 1e-15, name


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ({"j9": 1.1}, "no element 'j9' in circuit 'chain'; available: ib0, "),
        ({"j1:inductance": 1.1}, "no value 'inductance' of junction 'j1'; available: capacitance, resistance"),
        ({"l1:resistance": 1.1}, "'l1' is no junction and has one value only, scaled by 'l1'"),
        ({"l1": [1.0, 0.0]}, "'l1' must be positive, got 0"),
        ({"j1:capacitance": -1.0}, "'j1:capacitance' must be positive"),
        ({"in": [1.0, np.nan]}, "'in' must be finite"),
        ({"in": [1.0, 2.0], "l1": [1.0, 2.0, 3.0]}, "one factor a variant; got 2 of 'in', 3 of 'l1'"),
        ({"in": np.ones((2, 2))}, r"got shape \(2, 2\)"),
        ({"in": []}, r"got shape \(0,\)"),
    ],
)
def test_scales_that_make_no_sense_are_refused(scales, message):
    with pytest.raises((DescriptionError, UnknownNameError), match=message):
        transient_batch(chain(), duration=1e-11, scales=scales)


def test_divergence_is_reported_with_its_time():
    circuit = one_junction(source=0.0)
    circuit.current("huge", "0", "a", PWL((0, 50e-12, 51e-12), (0, 0, 1e6)))
    with pytest.raises(EngineError, match=r"'one' diverged at 5\.\d+e-11 s, at node 'a' first: reduce the step"):
        transient_batch(circuit, duration=1e-10)


def test_a_step_too_long_for_a_junction_is_refused():
    with pytest.raises(DescriptionError, match=r"a step of 3e-12 s is too long for junction 'q'.*at most 3e-13 s"):
        run(one_junction(), duration=1e-10, step=3e-12)
    with pytest.raises(DescriptionError, match="need 0 < step <= duration"):
        run(one_junction(), duration=1e-13, step=1e-12)


@pytest.mark.parametrize("option", [{"max_events": 0}, {"workers": 0}, {"corrections": -1}])
def test_options_out_of_range_are_refused(option):
    ((name, value),) = option.items()
    with pytest.raises(DescriptionError, match=rf"{name} must be at least [01], got {value}"):
        transient_batch(one_junction(), duration=1e-12, **option)


def test_too_many_pulses_name_the_junction():
    with pytest.raises(EngineError, match="'q' slipped more than 3 times: raise max_events"):
        transient_batch(one_junction(), duration=1e-10, max_events=3)


def test_couplings_that_cannot_be_are_refused():
    circuit = transformer()
    circuit.mutual("k13", "l1", "l3", 0.99)
    with pytest.raises(DescriptionError, match="'l1', 'l2', 'l3' are coupled more tightly than is possible"):
        run(circuit, duration=1e-12)
    twice = transformer()
    twice.mutual("again", "l2", "l1", 0.1)
    with pytest.raises(DescriptionError, match="'again': 'l2' and 'l1' are coupled already"):
        run(twice, duration=1e-12)


def test_values_too_far_apart_are_refused():
    circuit = Circuit("apart")
    circuit.resistor("small", "a", "b", 1e-12)
    circuit.resistor("large", "b", "0", 1e12)
    with pytest.raises(EngineError, match=r"not definite at node '[ab]'"):
        prepare(circuit, duration=1e-12, step=1e-13)


def test_nodes_without_capacitance_and_resistance_do_not_ring():
    circuit = Circuit("divider")
    circuit.current("i", "0", "a", PWL((0, 5e-12, 10e-12), (0, 0, 1e-4)))
    circuit.inductor("l1", "a", "m", 3e-12)
    circuit.inductor("l2", "m", "0", 1e-12)
    traces = run(circuit, duration=2e-11, record=["voltage(a)", "voltage(m)", "current(l2)"])
    expected = np.where((traces.times > 5e-12) & (traces.times < 10e-12), 1e-4 / 5e-12, 0.0)
    away = np.minimum(abs(traces.times - 5e-12), abs(traces.times - 10e-12)) > 2e-13
    np.testing.assert_allclose(traces["voltage(m)"][away], 1e-12 * expected[away], atol=1e-9)
    np.testing.assert_allclose(traces["voltage(a)"][away], 4e-12 * expected[away], atol=1e-9)
    np.testing.assert_allclose(traces["current(l2)"], np.interp(traces.times, (5e-12, 1e-11), (0, 1e-4)), atol=1e-15)


@pytest.mark.parametrize("kind", ["resistor", "capacitor"])
def test_a_part_between_inductors_does_not_ring(kind):
    circuit = Circuit("between")
    # a corner off the grid sets off whatever nothing damps
    circuit.current("i", "0", "b", PWL((0, 5.03e-12, 10.06e-12), (0, 0, 1e-4)))
    circuit.inductor("l1", "b", "0", 3e-12)
    if kind == "resistor":
        circuit.resistor("x", "b", "c", 50.0)
    else:
        circuit.capacitor("x", "b", "c", 1e-18)
    circuit.inductor("l2", "c", "0", 1e-12)
    traces = run(circuit, duration=1e-11, record=["voltage(b)", "voltage(c)"])
    settled = traces.values[:, 80:-2]
    slope = 1e-4 / 5.03e-12
    np.testing.assert_allclose(settled[0], 3e-12 * slope, rtol=1e-3)
    np.testing.assert_allclose(settled[1], 0.0, atol=1e-3 * 3e-12 * slope)


def test_results_do_not_depend_on_the_length_of_a_stretch(monkeypatch):
    circuit = chain()
    circuit.voltage("v", "drive", "0", Sine(amplitude=2e-4, frequency=3e10))
    circuit.inductor("lv", "drive", "n3", 5e-11)
    circuit.junction("jv", "drive", "n2", critical_current=1e-5, capacitance=1e-14, resistance=20.0)
    record = ["phase(j3)", "voltage(n2)", "current(lv)", "phase(jv)"]
    whole = run(circuit, duration=5e-11, record=record, every=3)
    pulses = transient_batch(circuit, duration=5e-11).times
    monkeypatch.setattr(blocks, "STRETCH", 7)
    parts = run(circuit, duration=5e-11, record=record, every=3)
    assert whole.values.shape == (4, 167)
    np.testing.assert_allclose(parts.values, whole.values, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(transient_batch(circuit, duration=5e-11).times, pulses, rtol=1e-9)


def test_one_sample_in_several_is_the_same_samples():
    every = run(chain(), duration=3e-11, record=["phase(j0)", "voltage(n1)"])
    some = run(chain(), duration=3e-11, record=["phase(j0)", "voltage(n1)"], every=4)
    assert np.array_equal(some.values, every.values[:, ::4])
    assert some.dt == pytest.approx(4e-13)


def test_memory_does_not_grow_with_the_number_of_steps():
    def peak(duration):
        tracemalloc.start()
        try:
            transient_batch(chain(3), duration=duration, step=1e-14)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1e-10)
    assert peak(1e-9) < 1.1 * peak(1e-10)


def test_the_sine_is_that_of_the_platform():
    rng = np.random.default_rng(1)
    for size in (pi / 2, 10.0, 1e6):
        x = rng.uniform(-size, size, 20_000)
        seen = np.array([sine(value) for value in x])
        exact = np.sin(x.astype(np.longdouble))
        assert np.abs(seen - exact).max() < 3e-16
        assert (np.abs(seen - exact) / np.spacing(np.abs(exact.astype(float)))).max() < 2.5
    assert sine(0.0) == 0.0
    assert np.isnan(sine(np.inf))


def cell():
    part = SubCircuit("cell", ("a", "b"))
    part.inductor("l", "a", "b", COIL)
    part.junction("q", "b", "0", critical_current=IC, capacitance=CAPACITANCE, resistance=RESISTANCE)
    part.current("ib", "0", "b", bias_ramp(BIAS))
    return part


def nested(tree, name="top"):
    """Subcircuit for a tree of cells in a row: a leaf is a cell, a list holds its parts in order."""
    if not isinstance(tree, list):
        return cell()
    part = SubCircuit(name, ("a", "b"))
    for k, branch in enumerate(tree):
        inner = nested(branch, f"{name}_{k}")
        ends = ("a" if k == 0 else f"m{k}", "b" if k == len(tree) - 1 else f"m{k + 1}")
        part.instance(f"x{k}", inner, a=ends[0], b=ends[1])
    return part


def leaves(tree):
    return sum(map(leaves, tree)) if isinstance(tree, list) else 1


def drive(circuit, node):
    circuit.junction("q0", node, "0", critical_current=IC, capacitance=CAPACITANCE, resistance=RESISTANCE)
    circuit.current("ib0", "0", node, bias_ramp(BIAS))
    circuit.current("in", "0", node, kick())


trees = st.recursive(st.none(), lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=6)


@settings(max_examples=20, deadline=None)
@given(tree=trees)
def test_nesting_does_not_change_the_pulses(tree):
    deep = Circuit("deep")
    drive(deep, "in")
    deep.instance("top", nested(tree), a="in", b="out")
    shallow = Circuit("shallow")
    drive(shallow, "n0")
    for k in range(leaves(tree)):
        shallow.inductor(f"l{k}", f"n{k}", f"n{k + 1}", COIL)
        shallow.junction(
            f"q{k + 1}", f"n{k + 1}", "0", critical_current=IC, capacitance=CAPACITANCE, resistance=RESISTANCE
        )
        shallow.current(f"ib{k + 1}", "0", f"n{k + 1}", bias_ramp(BIAS))
    one = transient_batch(deep, duration=5e-11)
    other = transient_batch(shallow, duration=5e-11)
    assert (one.slips == 1).all()
    np.testing.assert_allclose(one.times, other.times, rtol=1e-12)


def test_decay_of_a_capacitor_through_its_resistor_from_a_pulse():
    circuit = Circuit("rc")
    circuit.current("i", "0", "a", PWL((0, 1e-12, 2e-12), (0, 1e-4, 0)))
    circuit.resistor("r", "a", "0", 10.0)
    circuit.capacitor("c", "a", "0", 1e-13)
    traces = run(circuit, duration=6e-12, step=2e-14, record=["voltage(a)", "current(c)", "current(i)"])
    volts = traces["voltage(a)"][101:]
    assert volts[100] / volts[0] == pytest.approx(exp(-2.0), rel=1e-3)
    np.testing.assert_allclose(traces["current(c)"][102:-1], -traces["voltage(a)"][102:-1] / 10.0, rtol=1e-3)
    assert traces["current(i)"].max() == pytest.approx(1e-4, rel=0.02)
