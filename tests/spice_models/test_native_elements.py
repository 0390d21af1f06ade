"""The rarer elements in the native engine: closed forms, conservation of energy, fitted orders, refusals.

What the engines say of the same circuits is compared in the conformance suite.
"""

from functools import partial
from math import pi

import numpy as np
import pytest

from spice_models.analysis.parameters import with_factors
from spice_models.circuit import Circuit
from spice_models.constants import BOLTZMANN, FLUX_QUANTUM
from spice_models.elements import GapBranch
from spice_models.engines import transient
from spice_models.engines.native import transient_batch
from spice_models.errors import DescriptionError, EngineError
from spice_models.waveforms import PWL, Pulse, Sine, bias_ramp, trapezoids

KAPPA = FLUX_QUANTUM / (2 * pi)
PS = 1e-12
GAP = GapBranch(voltage=2.8e-3, width=1e-4, current_step=1.2e-4, normal_resistance=18.0)
native = partial(transient, engine="native")


def last(circuit, record, duration=PS, **options):
    traces = native(circuit, duration=duration, record=record, **options)
    return [float(traces[text][-1]) for text in record]


def junction(circuit, name, node, resistance=7.0, **options):
    circuit.junction(name, node, "0", critical_current=1e-4, capacitance=7e-14, resistance=resistance, **options)


def test_currents_of_voltage_sources_in_a_chain():
    circuit = Circuit("chain")
    circuit.voltage("v", "a", "0", 1e-3)
    circuit.voltage("w", "b", "a", 5e-4)
    circuit.voltage("down", "0", "c", 2e-3)
    for name, ends, ohms in (("r1", "a0", 2.0), ("r2", "b0", 3.0), ("r3", "ba", 1.0), ("r4", "bc", 7.0)):
        circuit.resistor(name, *ends, ohms)
    into_c = (1.5e-3 + 2e-3) / 7
    expected = [-1e-3 / 2 - 1.5e-3 / 3 - into_c, -1.5e-3 / 3 - 5e-4 - into_c, -into_c]
    record = ["current(v)", "current(w)", "current(down)"]
    assert last(circuit, record) == pytest.approx(expected, rel=1e-12)


def test_the_current_of_a_voltage_source_through_a_capacitor_an_inductor_and_a_junction():
    omega, amplitude = 2 * pi * 5e10, 1e-3
    circuit = Circuit("loads")
    circuit.voltage("v", "a", "0", Sine(amplitude=amplitude, frequency=5e10))
    circuit.capacitor("c", "a", "0", 1e-12)
    circuit.inductor("l", "a", "0", 5e-12)
    junction(circuit, "q", "a")
    traces = native(circuit, duration=40 * PS, step=0.05 * PS, record=["current(v)"])
    t = traces.times
    flux = amplitude / omega * (1 - np.cos(omega * t))
    ohmic = amplitude * np.sin(omega * t) / 7.0
    expected = (1e-12 + 7e-14) * amplitude * omega * np.cos(omega * t) + flux / 5e-12
    expected += ohmic + 1e-4 * np.sin(flux / KAPPA)
    assert np.abs(traces["current(v)"] + expected)[1:].max() < 2e-5 * np.abs(expected).max()


def test_a_phase_of_two_pi_is_a_flux_quantum_and_a_ramp_of_phase_is_a_voltage():
    loop = Circuit("loop")
    loop.phase_source("p", "a", "0", 2 * pi)
    loop.inductor("l", "a", "0", 5e-12)
    quantum = FLUX_QUANTUM / 5e-12
    assert last(loop, ["current(l)", "current(p)", "voltage(a)"]) == pytest.approx([quantum, -quantum, 0.0], rel=1e-12)
    ramp = Circuit("ramp")
    ramp.phase_source("p", "a", "0", PWL((0, 10 * PS), (0, 10 * PS * 1e-3 / KAPPA)))
    ramp.resistor("r1", "a", "b", 1.0)
    ramp.resistor("r2", "b", "0", 1.0)
    expected = [1e-3, 5e-4, -5e-4]
    assert last(ramp, ["voltage(a)", "voltage(b)", "current(p)"]) == pytest.approx(expected, rel=1e-9)


def test_fluxoids_in_a_ring_are_whole():
    """The phase source makes four turns: two quanta stay in the ring, two slip through the junction."""
    circuit = Circuit("ring")
    circuit.phase_source("p", "s", "0", PWL((0, 40 * PS), (0, 8 * pi)))
    circuit.inductor("l", "s", "a", 4e-11)
    junction(circuit, "q", "a")
    current, phase = last(circuit, ["current(l)", "phase(q)"], duration=100 * PS)
    assert 8 * pi == pytest.approx(phase + current * 4e-11 / KAPPA, abs=1e-9)
    assert current == pytest.approx(1e-4 * np.sin(phase), rel=1e-6)
    assert round(phase / (2 * pi)) == 2


def test_controlled_sources_do_what_they_say():
    circuit = Circuit("controlled")
    circuit.current("i", "0", "a", 1e-3)
    circuit.voltage("meter", "a", "b", 0.0)
    circuit.resistor("r", "b", "0", 2.0)
    circuit.vcvs("e", "ve", "0", "b", "0", 3.0)
    circuit.cccs("f", "0", "vf", "meter", 4.0)
    circuit.vccs("g", "0", "vg", "b", "0", 0.5)
    circuit.ccvs("h", "vh", "0", "meter", 7.0)
    for node in ("ve", "vf", "vg", "vh"):
        circuit.resistor(f"r{node}", node, "0", 2.0)
    record = [f"voltage(v{k})" for k in "efgh"] + [f"current({k})" for k in ("e", "f", "g", "h", "meter")]
    expected = [6e-3, 8e-3, 2e-3, 7e-3, -3e-3, 4e-3, 1e-3, -3.5e-3, 1e-3]
    assert last(circuit, record) == pytest.approx(expected, rel=1e-9)


def test_feedback_through_controlled_sources():
    """An amplifier of gain -A with resistors R1 and R2: gain -R2 A / (R2 + R1 (1 + A)); a gyrator makes L = C / g^2."""
    amplifier = Circuit("amplifier")
    amplifier.voltage("v", "in", "0", 1e-3)
    amplifier.resistor("r1", "in", "x", 2.0)
    amplifier.resistor("r2", "x", "out", 10.0)
    amplifier.vcvs("e", "out", "0", "0", "x", 50.0)
    gain = -10 * 50 / (10 + 2 * 51)
    assert last(amplifier, ["voltage(out)"]) == pytest.approx([1e-3 * gain], rel=1e-9)
    gyrator = Circuit("gyrator")
    gyrator.current("i", "0", "a", Sine(amplitude=1e-4, frequency=2e10))
    gyrator.resistor("r", "a", "0", 5.0)
    gyrator.vccs("g1", "0", "b", "a", "0", 0.2)
    gyrator.vccs("g2", "a", "0", "b", "0", 0.2)
    gyrator.capacitor("c", "b", "0", 4e-13)  # as an inductance of 10 pH
    plain = Circuit("plain")
    plain.current("i", "0", "a", Sine(amplitude=1e-4, frequency=2e10))
    plain.resistor("r", "a", "0", 5.0)
    plain.inductor("l", "a", "0", 1e-11)
    volts = [native(c, duration=100 * PS, record=["voltage(a)"])["voltage(a)"] for c in (gyrator, plain)]
    np.testing.assert_allclose(*volts, atol=1e-4 * np.abs(volts[1]).max())


def test_sources_that_contradict_each_other_are_refused():
    circuit = Circuit("loop")
    circuit.resistor("r", "a", "0", 1.0)
    circuit.vcvs("e", "a", "0", "b", "0", 2.0)
    circuit.vcvs("back", "b", "0", "a", "0", 0.5)
    with pytest.raises(EngineError, match="controlled sources 'e', 'back' leave the circuit without a solution"):
        native(circuit, duration=PS)


def test_the_voltage_of_an_inductor_controls_as_any_other():
    """Between inductors there is no capacitance or resistance to hold a voltage; it is that of the changing flux."""
    circuit = Circuit("divider")
    circuit.current("i", "0", "a", Sine(amplitude=1e-4, frequency=2e10))
    circuit.resistor("r", "a", "0", 5.0)
    circuit.inductor("l1", "a", "m", 3e-12)
    circuit.inductor("l2", "m", "0", 1e-12)
    circuit.vcvs("e", "b", "0", "m", "0", 2.0)
    circuit.resistor("load", "b", "0", 3.0)
    circuit.vccs("g", "0", "c", "m", "a", 0.1)
    circuit.resistor("other", "c", "0", 7.0)
    traces = native(circuit, duration=100 * PS, record=["voltage(a)", "voltage(b)", "voltage(c)"])
    volts, late = traces["voltage(a)"], traces.times > 5 * PS
    for text, factor in (("voltage(b)", 2 / 4), ("voltage(c)", -0.75 * 0.7)):
        assert np.abs(traces[text] - factor * volts)[late].max() < 2e-4 * np.abs(factor * volts).max(), text


def test_a_jump_at_a_capacitor_behind_a_controlled_source_does_not_ring():
    circuit = Circuit("jump")
    circuit.current("i", "0", "a", PWL((0, 1 * PS, 1.01 * PS), (0, 0, 1e-3)))
    circuit.resistor("r", "a", "0", 1.0)
    circuit.vcvs("e", "b", "0", "a", "0", 3.0)
    circuit.capacitor("c", "b", "0", 1e-12)
    traces = native(circuit, duration=3 * PS, record=["current(e)", "voltage(b)"])
    assert np.abs(traces["current(e)"][traces.times > 1.4 * PS]).max() < 1e-12
    assert -traces["current(e)"].sum() * traces.dt == pytest.approx(1e-12 * 3e-3, rel=1e-9)


def line_case(delay, load):
    circuit = Circuit("line")
    circuit.voltage("v", "s", "0", trapezoids([1 * PS], high=1e-3, rise=2 * PS, width=1 * PS, fall=2 * PS))
    circuit.resistor("rs", "s", "a", 10.0)
    circuit.transmission_line("t", "a", "0", "b", "0", 10.0, delay)
    circuit.resistor("rl", "b", "0", load)
    return circuit


@pytest.mark.parametrize("load", [10.0, 25.0, 1e6])
@pytest.mark.parametrize(("delay", "bound"), [(5 * PS, 1e-12), (5.037 * PS, 7e-3), (0.15 * PS, 2e-2)])
def test_reflections_at_the_end_of_a_line(delay, bound, load):
    """Matched at its beginning: half the source arrives after one delay, what is reflected returns after two."""
    circuit = line_case(delay, load)
    traces = native(circuit, duration=20 * PS, record=["voltage(a)", "voltage(b)", "current(t)"])
    source, t = circuit["v"].waveform.at, traces.times
    reflection = (load - 10) / (load + 10)
    far = (1 + reflection) / 2 * source(t - delay)
    near = source(t) / 2 + reflection / 2 * source(t - 2 * delay)
    for text, expected in (("voltage(a)", near), ("voltage(b)", far)):
        assert np.abs(traces[text] - expected).max() < bound * 1e-3, text
    assert np.abs(traces["current(t)"] - (source(t) - near) / 10).max() < bound * 1e-4


def test_a_line_shorter_than_a_step_is_refused():
    with pytest.raises(DescriptionError, match=r"'t', 5e-14 s, is less than a step of 1e-13 s: use a step of at most"):
        native(line_case(0.05 * PS, 10.0), duration=PS)


def test_a_lossless_line_keeps_its_energy():
    """A pulse between two open ends comes back for ever, not smaller and not larger."""
    circuit = Circuit("resonator")
    circuit.current("i", "0", "a", trapezoids([0.5 * PS], high=1e-4, rise=1 * PS, width=0.5 * PS, fall=1 * PS))
    circuit.transmission_line("t", "a", "0", "b", "0", 10.0, 4.03 * PS)
    volts = native(circuit, duration=3250 * PS, record=["voltage(b)"])["voltage(b)"]
    energies = [np.sum(volts[start : start + 4030] ** 2) for start in (4030, 7 * 4030)]  # fifty round trips each
    assert energies[1] == pytest.approx(energies[0], rel=1e-4)


@pytest.mark.parametrize(("impedance", "delay"), [(5.0, 2.03 * PS), (20.0, 0.237 * PS)])
def test_noise_through_a_line_keeps_its_temperature(impedance, delay):
    circuit = Circuit("warm")
    circuit.resistor("r", "a", "0", 10.0)
    circuit.transmission_line("t", "a", "0", "b", "0", impedance, delay)
    circuit.capacitor("c", "b", "0", 1e-13)
    batch = transient_batch(
        circuit, duration=2000 * PS, variants=32, temperature=4.2, seed=1, record=["voltage(b)"], every=5
    )
    energy = 1e-13 * np.mean(batch.values[0, 200:] ** 2)
    assert energy == pytest.approx(BOLTZMANN * 4.2, rel=0.03)  # five standard deviations


@pytest.mark.parametrize("millivolts", [1.0, 2.7, 2.78, 2.83, 3.5, -2.81])
def test_mean_current_of_a_junction_with_a_gap(millivolts):
    """Held at a voltage, the supercurrent averages out and the quasiparticle branch is left."""
    circuit = Circuit("held")
    circuit.voltage("v", "a", "0", 1e-3 * millivolts)
    junction(circuit, "q", "a", resistance=160.0, gap=GAP)
    period = FLUX_QUANTUM / (1e-3 * abs(millivolts))
    traces = native(circuit, duration=20 * period, step=period / 20, record=["current(v)"])
    expected = float(circuit["q"].resistive_current(1e-3 * millivolts))
    assert -np.mean(traces["current(v)"][200:400]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("microamperes", [60.0, 120.0, 200.0])
def test_voltage_of_a_junction_with_a_gap_at_a_current(microamperes):
    """A large capacitance shunts the Josephson oscillation: the mean voltage is that of the branch at this current."""
    circuit = Circuit("driven")
    circuit.junction("q", "a", "0", critical_current=1e-5, capacitance=7e-13, resistance=160.0, gap=GAP)
    circuit.current("i", "0", "a", 1e-6 * microamperes)
    traces = native(circuit, duration=600 * PS, record=["voltage(a)"])
    volts = float(np.mean(traces["voltage(a)"][5000:]))
    assert float(circuit["q"].resistive_current(volts)) == pytest.approx(1e-6 * microamperes, rel=2e-3)


def gap_circuit(gap=GAP):
    circuit = Circuit("gap")
    junction(circuit, "q", "a", resistance=160.0, gap=gap)
    circuit.inductor("l", "a", "b", 2e-12)
    circuit.resistor("r", "b", "0", 30.0)
    circuit.current("i", "0", "a", PWL((0, 8 * PS), (0, 2.5e-4)))
    return circuit


def test_below_the_gap_nothing_changes_by_a_single_bit():
    """Variant 0 stays below its gap and has the bits of a junction without one, variant 1 does not."""
    scales = {"i": [0.35, 1.0]}
    runs = {
        gap: transient_batch(gap_circuit(gap), duration=60 * PS, scales=scales, record=["voltage(a)", "phase(q)"])
        for gap in (GAP, None)
    }
    below, above = (np.array([run.values[:, :, v] for run in runs.values()]) for v in (0, 1))
    assert np.abs(below[0]).max() > 0
    np.testing.assert_array_equal(below[0], below[1])
    assert np.abs(above[0, 0]).max() < np.abs(above[1, 0]).max() - 1e-4


def two_harmonics():
    circuit = Circuit("relations")
    junction(circuit, "q1", "a", phase_shift=pi / 3, second_harmonic=0.4)
    junction(circuit, "q2", "b", second_harmonic=-0.3)
    circuit.inductor("l", "a", "b", 4e-12)
    circuit.current("i", "0", "a", PWL((0, 8 * PS), (0, 3e-4)))
    return circuit


def line_and_junctions():
    circuit = Circuit("over_a_line")
    junction(circuit, "q1", "a")
    junction(circuit, "q2", "f")
    circuit.current("i", "0", "a", PWL((0, 8 * PS), (0, 2.5e-4)))
    circuit.resistor("rs", "a", "s", 1.0)
    circuit.transmission_line("t", "s", "0", "e", "0", 5.0, 3.217 * PS)
    circuit.resistor("rl", "e", "f", 3.0)
    return circuit


def amplified():
    circuit = Circuit("amplified")
    junction(circuit, "q1", "a")
    circuit.current("i", "0", "a", PWL((0, 8 * PS), (0, 2e-4)))
    circuit.vcvs("e", "b", "0", "a", "0", 2.0)
    circuit.resistor("r", "b", "c", 6.0)
    circuit.voltage("meter", "c", "d", 0.0)
    junction(circuit, "q2", "d")
    circuit.cccs("f", "0", "a", "meter", 0.2)
    return circuit


@pytest.mark.parametrize(
    ("circuit", "record"),
    [
        (gap_circuit, "voltage(a)"),
        (two_harmonics, "phase(q2)"),
        (line_and_junctions, "phase(q2)"),
        (amplified, "phase(q2)"),
    ],
)
def test_the_order_is_two(circuit, record):
    """Fitted slope of the error, in the mean square over the time after the first slips."""

    def at(step):
        traces = native(circuit(), duration=32 * PS, step=step, record=[record])
        return np.interp(np.arange(12, 32, 0.37) * PS, traces.times, traces[record])

    steps = np.array([0.1, 0.05, 0.025]) * PS
    exact = at(0.1 * PS / 64)
    errors = [np.sqrt(np.mean((at(step) - exact) ** 2)) for step in steps]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(2.0, abs=0.2)


def test_energy_balance_with_every_source():
    """What the sources give is what resistors, gap and line take and what is stored, to the square of the step."""
    circuit = Circuit("energy")
    pulse = trapezoids([5 * PS], high=3e-4, rise=2 * PS, width=4 * PS, fall=2 * PS)
    circuit.current("i", "0", "a", pulse)
    junction(circuit, "q1", "a", resistance=160.0, gap=GAP, phase_shift=0.4, second_harmonic=0.2)
    circuit.resistor("ra", "a", "s", 20.0)
    circuit.voltage("v", "s", "t", Sine(amplitude=2e-4, frequency=3e10))
    circuit.transmission_line("t", "t", "0", "u", "0", 8.0, 2.3 * PS)
    circuit.resistor("ru", "u", "c", 5.0)
    junction(circuit, "q2", "c")
    circuit.phase_source("p", "w", "0", PWL((0, 30 * PS), (0, 3.0)))
    circuit.inductor("l", "w", "c", 6e-12)
    circuit.vcvs("e", "x", "0", "a", "0", 1.5)
    circuit.resistor("re", "x", "c", 9.0)
    circuit.vccs("g", "0", "c", "a", "0", 0.02)
    record = [f"voltage({n})" for n in "acstuwx"]
    record += [f"current({n})" for n in ("i", "v", "p", "e", "g", "t", "ru", "l")] + ["phase(q1)", "phase(q2)"]

    def excess(step):
        traces = native(circuit, duration=30 * PS, step=step, record=record)
        v = {n: traces[f"voltage({n})"] for n in "acstuwx"}
        i = {n: traces[f"current({n})"] for n in ("i", "v", "p", "e", "g", "t", "ru", "l")}
        given = i["i"] * v["a"] + i["g"] * v["c"]
        given -= i["v"] * (v["s"] - v["t"]) + i["p"] * v["w"] + i["e"] * v["x"]
        lost = (v["a"] - v["s"]) ** 2 / 20 + (v["u"] - v["c"]) ** 2 / 5 + (v["x"] - v["c"]) ** 2 / 9
        for name, node in (("q1", "a"), ("q2", "c")):
            lost += v[node] * circuit[name].resistive_current(v[node])
        into_line = i["t"] * v["t"] - i["ru"] * v["u"]
        q1, q2 = traces["phase(q1)"], traces["phase(q2)"]
        stored = 0.5 * 7e-14 * (v["a"] ** 2 + v["c"] ** 2) + 0.5 * 6e-12 * i["l"] ** 2
        stored -= KAPPA * 1e-4 * (np.cos(q1 + 0.4) + 0.1 * np.cos(2 * (q1 + 0.4)) + np.cos(q2))
        power = given - lost - into_line
        flown = np.concatenate([[0.0], np.cumsum((power[1:] + power[:-1]) / 2 * traces.dt)])
        balance = flown - (stored - stored[0])
        return np.abs(balance).max() / np.abs(stored - stored[0]).max()

    coarse, fine = excess(0.1 * PS), excess(0.05 * PS)
    assert coarse < 3e-2
    assert coarse / fine == pytest.approx(4.0, rel=0.35)


def test_negative_inductances_are_taken_while_what_they_leave_is_passive():
    circuit = Circuit("negative")
    circuit.current("i", "0", "a", bias_ramp(1e-4))
    circuit.capacitor("c", "a", "0", 1e-13)
    circuit.resistor("r", "a", "0", 5.0)
    circuit.inductor("l1", "a", "0", 5e-12)
    circuit.inductor("l2", "a", "0", -2e-11)
    expected = [1e-4 * 4 / 3, -1e-4 / 3]  # two in parallel: 20/3 pH
    assert last(circuit, ["current(l1)", "current(l2)"], duration=60 * PS) == pytest.approx(expected, rel=1e-6)
    circuit.inductor("l3", "a", "0", -6e-12)
    with pytest.raises(EngineError, match="the negative inductance of 'l2', 'l3' outweighs"):
        native(circuit, duration=PS)


@pytest.mark.parametrize("series", [5e-12, 1.9e-12])
def test_a_negative_inductance_in_series_counts_with_the_other(series):
    circuit = Circuit("series")
    circuit.current("i", "0", "a", 1e-4)
    circuit.resistor("r", "a", "0", 5.0)
    circuit.inductor("l1", "a", "m", series)
    circuit.inductor("l2", "m", "0", -2e-12)
    if series < 2e-12:
        with pytest.raises(EngineError, match="the negative inductance of 'l2' outweighs"):
            native(circuit, duration=PS)
    else:
        traces = native(circuit, duration=3 * PS, step=0.01 * PS, record=["current(l2)"])
        expected = 1e-4 * (1 - np.exp(-5.0 * traces.times / 3e-12))
        np.testing.assert_allclose(traces["current(l2)"], expected, atol=1e-8)


def test_a_star_with_a_negative_leg_is_a_coupled_pair():
    def driven(star):
        circuit = Circuit("pair")
        circuit.current("i", "0", "a", Pulse(high=1e-4, rise=PS, fall=PS, width=4 * PS))
        junction(circuit, "q1", "a", resistance=6.0)
        junction(circuit, "q2", "b", resistance=6.0)
        if star:
            circuit.inductor("l1", "a", "m", 4e-12)
            circuit.inductor("l2", "m", "b", 5e-12)
            circuit.inductor("l3", "m", "0", -1e-12)
        else:
            circuit.inductor("l1", "a", "0", 3e-12)
            circuit.inductor("l2", "b", "0", 4e-12)
            circuit.mutual("k", "l1", "l2", -1 / np.sqrt(12))
        return native(circuit, duration=30 * PS, record=["phase(q1)", "phase(q2)"]).values

    np.testing.assert_allclose(driven(star=True), driven(star=False), atol=1e-9)
    assert np.ptp(driven(star=True)[1]) > 0.01


def test_variants_of_sources_lines_and_gaps_are_the_circuits_with_these_values():
    circuit = line_and_junctions()
    junction(circuit, "q3", "e", resistance=160.0, gap=GAP)
    circuit.phase_source("p", "w", "0", PWL((0, 10 * PS), (0, 2.0)))
    circuit.inductor("l", "w", "f", 1e-11)
    circuit.voltage("v", "y", "0", PWL((0, 10 * PS), (0, 5e-4)))
    circuit.resistor("ry", "y", "f", 10.0)
    circuit.vcvs("e", "x", "0", "a", "0", 0.5)
    circuit.resistor("rx", "x", "f", 9.0)
    scales = {"p": [1.0, 1.5], "t": [1.0, 0.7], "q3": [1.0, 1.2], "v": [1.0, 2.0], "e": [1.0, -1.0]}
    record = ["phase(q1)", "phase(q2)", "phase(q3)", "current(p)", "current(v)", "current(t)"]
    batch = transient_batch(circuit, duration=30 * PS, scales=scales, record=record)
    for variant in (0, 1):
        own = {name: values[variant] for name, values in scales.items()}
        single = transient_batch(circuit, duration=30 * PS, scales=own, record=record)
        np.testing.assert_array_equal(batch.values[:, :, variant], single.values[:, :, 0])
        factors = {name: values[variant] for name, values in scales.items()}
        alone = native(with_factors(circuit, factors), duration=30 * PS, record=record)
        for row, text in enumerate(record):
            np.testing.assert_allclose(
                batch.values[row, :, variant], alone[text], rtol=1e-9, atol=1e-9 * np.abs(alone[text]).max()
            )
