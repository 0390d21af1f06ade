"""Engines on the same circuits: closed forms, published arrival times, and each other."""

from math import asin, pi, sqrt

import numpy as np
import pytest

from spice_models.analysis.energy import bias_energy, bias_records, energy_report, static_power
from spice_models.analysis.pulses import count_pulses, detect_pulses
from spice_models.circuit import Circuit, SubCircuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import shunt_for_beta_c
from spice_models.engines import available_engines, transient, why_unavailable
from spice_models.errors import DescriptionError, EngineError, UnknownNameError
from spice_models.waveforms import DC, PWL, Pulse, Sine, bias_ramp

pytestmark = pytest.mark.ngspice

IC, BIAS = 2.5e-4, 1.75e-4


def engine(name):
    reason = why_unavailable(name)
    return pytest.param(name, marks=pytest.mark.skipif(reason is not None, reason=str(reason)), id=name)


NGSPICE = pytest.mark.parametrize("name", [engine("ngspice")])
SIMULATORS = pytest.mark.parametrize("name", [engine("ngspice"), engine("josim")])
PEERS = pytest.mark.parametrize("name", [engine("ngspice-shared"), engine("josim"), engine("native")])


def jtl(junctions=10, kick=3e-4):
    """Chain of facts: 250 uA, 175 fF, 2.744 ohm with 64 ohm in parallel, 4 pH, bias 0.7 Ic; a 4 ps kick at 30 ps."""
    circuit = Circuit("jtl")
    resistance = 1 / (1 / 2.744 + 1 / 64)
    for k in range(junctions):
        circuit.junction(f"j{k}", f"n{k}", "0", critical_current=IC, capacitance=1.75e-13, resistance=resistance)
        circuit.current(f"ib{k}", "0", f"n{k}", bias_ramp(BIAS))
        if k:
            circuit.inductor(f"l{k}", f"n{k - 1}", f"n{k}", 4e-12)
    circuit.current("in", "0", "n0", PWL((0, 30e-12, 32e-12, 34e-12), (0, 0, kick, 0)), role="input")
    return circuit


# Tenth junction passing pi; DOP853 with rtol 1e-10 on the same equations, stopped at each corner of the sources.
ARRIVAL = 52.10875e-12


def arrival(traces, junction="j9"):
    (pulse,) = detect_pulses(traces, junctions=[junction])
    return pulse.time


@pytest.mark.parametrize(
    ("name", "error"),
    [
        pytest.param(*param.values, bound, marks=param.marks, id=param.id)
        for param, bound in (
            (engine("ngspice"), 5e-15),
            (engine("ngspice-shared"), 5e-15),
            (engine("josim"), 6e-15),
            (engine("native"), 10e-15),
        )
    ],
)
def test_a_fluxon_arrives_when_the_reference_says(name, error):
    traces = transient(jtl(), duration=1.5e-10, engine=name)
    assert arrival(traces) == pytest.approx(ARRIVAL, abs=error)
    assert traces["phase(j9)"][-1] == pytest.approx(2 * pi + asin(0.7), abs=1e-6)
    assert count_pulses(traces) == {f"j{k}": 1 for k in range(10)}


@NGSPICE
def test_tolerance_brings_the_arrival_nearer(name):
    traces = transient(jtl(), duration=1.5e-10, engine=name, tolerance=1e-6, record=["phase(j9)"])
    assert arrival(traces) == pytest.approx(ARRIVAL, abs=2e-15)


@SIMULATORS
def test_areas_and_energies_of_a_fluxon(name):
    circuit = jtl()
    record = [f"phase(j{k})" for k in range(10)] + bias_records(circuit)
    traces = transient(circuit, duration=1.5e-10, record=record, engine=name)
    pulses = detect_pulses(traces, circuit)
    assert [p.area / FLUX_QUANTUM for p in pulses] == pytest.approx([1.0] * 10, abs=1e-4)
    # Well inside the chain the bias gives Ib Phi0 a junction and its resistance takes all of it.
    assert [p.energy for p in pulses[3:7]] == pytest.approx([BIAS * FLUX_QUANTUM] * 4, rel=0.01)
    assert bias_energy(traces, circuit, start=2e-11) == pytest.approx(10 * BIAS * FLUX_QUANTUM, rel=1e-4)
    report = energy_report(traces, circuit, start=2e-11, stop=1.2e-10)
    assert report.static_power == static_power(circuit) == pytest.approx(10 * BIAS * 2.6e-3)
    assert report.cooled_static == pytest.approx(1000 * 10 * BIAS * 2.6e-3 * 1e-10)
    assert report.static > 10 * report.dynamic
    with pytest.raises(DescriptionError, match="holds no samples"):
        bias_energy(traces, circuit, start=1e-9)


@SIMULATORS
@pytest.mark.parametrize("drive", [1.2, 2.0])
def test_mean_voltage_of_an_overdamped_junction(name, drive):
    ic, resistance = 1e-4, 1.0
    circuit = Circuit("overdamped")
    circuit.junction("q", "a", "0", critical_current=ic, capacitance=1e-17, resistance=resistance)
    circuit.current("i", "0", "a", bias_ramp(drive * ic, 2e-12))
    # Both simulators use the second-order backward formula: at 0.1 ps they are 1.4e-4 off, at 0.02 ps 6e-6.
    traces = transient(circuit, duration=2e-10, step=2e-14, record=["phase(q)", "voltage(a)"], engine=name)
    times = [pulse.time for pulse in detect_pulses(traces)]
    frequency = (len(times) - 2) / (times[-1] - times[1])
    expected = resistance * sqrt((drive * ic) ** 2 - ic**2)
    assert FLUX_QUANTUM * frequency == pytest.approx(expected, rel=1e-5)
    inside = (traces.times >= times[1]) & (traces.times <= times[-1])
    assert np.mean(traces["voltage(a)"][inside]) == pytest.approx(expected, rel=1e-3)


@SIMULATORS
def test_plasma_oscillation_of_a_biased_junction(name):
    ic, capacitance = 1e-4, 7e-13
    circuit = Circuit("plasma")
    resistance = shunt_for_beta_c(ic, capacitance, 1e4)
    circuit.junction("q", "a", "0", critical_current=ic, capacitance=capacitance, resistance=resistance)
    assert circuit.of_type(type(circuit["q"]))[0].beta_c == pytest.approx(1e4)
    step = PWL((0, 50e-12, 100e-12, 100.1e-12, 100.2e-12), (0, 0.6 * ic, 0.6 * ic, 0.61 * ic, 0.6 * ic))
    circuit.current("i", "0", "a", step)
    phase = transient(circuit, duration=4e-10, engine=name)["phase(q)"][1100:]
    rising = np.flatnonzero((phase[:-1] < asin(0.6)) & (phase[1:] >= asin(0.6)))
    crossings = rising + (asin(0.6) - phase[rising]) / (phase[rising + 1] - phase[rising])
    frequency = 1 / (np.mean(np.diff(crossings)) * 1e-13)
    expected = sqrt(2 * pi * ic / (FLUX_QUANTUM * capacitance)) / (2 * pi) * (1 - 0.6**2) ** 0.25
    assert frequency == pytest.approx(expected, rel=2e-3)


def nested():
    """Three levels of instances, a transformer, every kind of source and a capacitor."""
    cell = SubCircuit("cell", ("a", "b"))
    cell.inductor("l1", "a", "m", 2e-12)
    cell.junction("q", "m", "0", critical_current=IC, capacitance=1.75e-13, resistance=2.63)
    cell.inductor("l2", "m", "b", 2e-12)
    cell.current("ib", "0", "m", bias_ramp(BIAS))
    pair = SubCircuit("pair", ("a", "b"))
    pair.instance("c1", cell, a="a", b="c")
    pair.instance("c2", cell, a="c", b="b")
    circuit = Circuit("nested")
    circuit.current("in", "0", "n0", PWL((0, 30e-12, 32e-12, 34e-12), (0, 0, 5e-4, 0)), role="input")
    circuit.capacitor("c", "n0", "0", 1e-14)
    for k in range(3):
        circuit.instance(f"p{k}", pair, a=f"n{k}", b=f"n{k + 1}")
    circuit.resistor("load", "n3", "0", 3.0)
    circuit.inductor("la", "n3", "s1", 2e-12)
    circuit.inductor("lb", "s2", "0", 3e-12)
    circuit.mutual("k", "la", "lb", 0.5)
    circuit.resistor("r1", "s1", "0", 1.0)
    circuit.resistor("r2", "s2", "0", 1.0)
    circuit.voltage("v", "drive", "0", Sine(amplitude=1e-3, frequency=2e10, delay=3e-12))
    circuit.resistor("rv", "drive", "n3", 50.0)
    clock = Pulse(high=2e-5, delay=1e-11, rise=1e-12, fall=2e-12, width=5e-12, period=2e-11)
    circuit.current("clock", "0", "n3", clock, role="input")
    return circuit


RECORD = (
    "phase(p0.c1.q)",
    "phase(p2.c2.q)",
    "voltage(p1.c)",
    "voltage(p1.c2.m)",
    "voltage(0)",
    "current(p1.c2.l1)",
    "current(p1.c2.q)",
    "current(load)",
    "current(lb)",
    "current(rv)",
    "current(clock)",
)


@PEERS
@pytest.mark.skipif(why_unavailable("ngspice") is not None, reason="ngspice is not installed")
def test_every_kind_of_channel_agrees_between_engines(name):
    record = [text for text in RECORD if name != "native" or text.startswith(("phase", "voltage", "current(l"))]
    reference = transient(nested(), duration=1e-10, record=record, engine="ngspice")
    assert reference.values.shape == (len(record), 1001)
    assert reference.names == tuple(record)
    assert reference.units == tuple({"p": "rad", "v": "V", "c": "A"}[text[0]] for text in record)
    traces = transient(nested(), duration=1e-10, record=record, engine=name)
    if name == "ngspice-shared":
        np.testing.assert_allclose(traces.values, reference.values, rtol=1e-9, atol=1e-15)
        return
    for text in record:
        expected = np.interp(traces.times, reference.times, reference[text])
        scale = max(np.abs(expected).max(), 1e-12)
        # A fluxon 10 fs off changes a voltage by about 1 % of its peak.
        np.testing.assert_allclose(traces[text] / scale, expected / scale, atol=0.03, err_msg=text)


@PEERS
@pytest.mark.skipif(why_unavailable("ngspice") is not None, reason="ngspice is not installed")
def test_a_constant_source_acts_from_time_zero_on(name):
    circuit = Circuit("rc")
    circuit.current("i", "0", "a", DC(1e-4))
    circuit.resistor("r", "a", "0", 2.0)
    circuit.capacitor("c", "a", "0", 1e-12)
    traces = transient(circuit, duration=2e-11, record=["voltage(a)"], engine=name)
    expected = 2e-4 * (1 - np.exp(-traces.times / 2e-12))
    np.testing.assert_allclose(traces["voltage(a)"], expected, atol=0.05 * 2e-4)
    np.testing.assert_allclose(traces["voltage(a)"][50:], expected[50:], atol=0.005 * 2e-4)


@pytest.mark.parametrize("name", [engine("ngspice"), engine("ngspice-shared"), engine("josim")])
@pytest.mark.parametrize(("duration", "step", "samples"), [(3e-11, 1e-13, 301), (1e-11, 3e-13, 34), (7e-12, 7e-13, 11)])
def test_the_grid_runs_from_zero_to_the_duration(name, duration, step, samples):
    circuit = Circuit("r")
    circuit.resistor("r", "a", "0", 1.0)
    circuit.current("i", "0", "a", PWL((0.0, 1e-10), (0.0, 1e-4)))
    traces = transient(circuit, duration=duration, step=step, record=["voltage(a)"], engine=name)
    assert (traces.start, traces.dt, traces.values.shape) == (0.0, step, (1, samples))
    np.testing.assert_allclose(traces["voltage(a)"], traces.times * 1e6, atol=1e-9)


@NGSPICE
def test_currents_count_from_plus_to_minus(name):
    circuit = Circuit("signs")
    circuit.current("i", "0", "a", bias_ramp(1e-4))
    circuit.resistor("r", "a", "b", 1.0)
    circuit.inductor("l", "b", "c", 1e-12)
    circuit.voltage("v", "c", "0", 0.0)
    traces = transient(circuit, duration=5e-11, record=[f"current({e})" for e in "irlv"], engine=name)
    np.testing.assert_allclose(traces.values[:, -1], 1e-4, rtol=1e-6)


@NGSPICE
def test_floating_nodes_and_unknown_names_are_refused(name):
    circuit = jtl(2)
    with pytest.raises(UnknownNameError, match="j1"):
        transient(circuit, duration=1e-11, record=["phase(j7)"], engine=name)
    with pytest.raises(DescriptionError, match="need 0 < step <= duration"):
        transient(circuit, duration=1e-14, engine=name)
    circuit.resistor("r", "x", "y", 1.0)
    with pytest.raises(DescriptionError, match="'x', 'y'"):
        transient(circuit, duration=1e-11, engine=name)


def test_unknown_engines_are_refused_with_the_known_ones():
    assert {"native", "ngspice", "ngspice-shared", "josim"} <= set(available_engines())
    with pytest.raises(UnknownNameError, match=r"available: .*josim.*native.*ngspice"):
        transient(jtl(2), duration=1e-11, engine="spectre")


def test_an_engine_that_is_not_installed_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="apt install ngspice libngspice0-dev"):
        transient(jtl(2), duration=1e-11, engine="ngspice")
    with pytest.raises(EngineError, match="install JoSIM"):
        transient(jtl(2), duration=1e-11, engine="josim")
