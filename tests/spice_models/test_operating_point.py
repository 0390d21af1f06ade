"""Resting states: closed forms, agreement with a slow ramp, trapped flux, and what has none."""

from math import asin, pi

import numpy as np
import pytest

from spice_models.analysis.parameters import with_factors
from spice_models.cells.jtl import jtl
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.testbench import bench
from spice_models.circuit import Circuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import CurrentSource, GapBranch
from spice_models.engines import transient
from spice_models.engines.native import operating_point, transient_batch
from spice_models.errors import DescriptionError, EngineError, UnknownNameError
from spice_models.waveforms import DC, bias_ramp

KAPPA = FLUX_QUANTUM / (2 * pi)
PS = 1e-12


def junction(circuit, name, node, **options):
    circuit.junction(name, node, "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0, **options)


def ring(inductance=3e-11):
    circuit = Circuit("ring")
    junction(circuit, "qa", "a")
    junction(circuit, "qb", "b")
    circuit.inductor("l", "a", "b", inductance)
    return circuit


def with_waveforms(circuit, change):
    """The circuit flattened, with other waveforms of its bias and tuning currents and nothing from its inputs."""

    def changed(element):
        if not isinstance(element, CurrentSource):
            return element
        value = 0.0 if element.role == "input" else float(element.waveform.at(1.0))
        return CurrentSource(**{**element.__dict__, "waveform": change(value)})

    return circuit.flatten().mapped(changed)


def test_a_biased_junction_rests_at_the_arcsine():
    circuit = Circuit("biased")
    junction(circuit, "q", "a")
    circuit.current("bias", "0", "a", 9.9e-5)
    point = operating_point(circuit)
    assert point.phases["q"] == pytest.approx(asin(0.99), rel=1e-12)
    assert point.voltages == {"a": 0.0}


def test_resistors_divide_and_superconductors_do_not():
    circuit = Circuit("mixed")
    circuit.voltage("v", "a", "0", 1e-3)
    circuit.resistor("r1", "a", "b", 2.0)
    circuit.resistor("r2", "b", "0", 3.0)
    circuit.resistor("r3", "b", "c", 5.0)
    circuit.inductor("l", "c", "0", 1e-12)
    circuit.capacitor("c1", "b", "d", 1e-13)
    circuit.capacitor("c2", "d", "0", 1e-13)
    circuit.vcvs("e", "f", "0", "b", "0", 4.0)
    circuit.voltage("meter", "f", "g", 0.0)
    circuit.resistor("rg", "g", "0", 2.0)
    circuit.cccs("f", "0", "h", "meter", 2.0)
    circuit.resistor("rh", "h", "0", 3.0)
    circuit.ccvs("h", "i", "0", "meter", 7.0)
    circuit.resistor("ri", "i", "0", 3.0)
    circuit.vccs("g", "0", "k", "b", "0", 0.1)
    circuit.resistor("rk", "k", "0", 3.0)
    b = 1e-3 / 2 / (1 / 2 + 1 / 3 + 1 / 5)
    expected = {"a": 1e-3, "b": b, "c": 0, "d": 0, "f": 4 * b, "g": 4 * b, "h": 12 * b, "i": 14 * b, "k": 0.3 * b}
    point = operating_point(circuit)
    assert point.voltages == pytest.approx(expected, rel=1e-9, abs=1e-18)
    assert KAPPA * point.fluxes["c"] / 1e-12 == pytest.approx(b / 5, rel=1e-12)
    record = [f"voltage({node})" for node in expected]
    traces = transient(circuit, duration=2 * PS, record=record, engine="native", start="operating point")
    for node in expected:
        np.testing.assert_allclose(traces[f"voltage({node})"], expected[node], rtol=1e-8, atol=1e-15)


@pytest.mark.parametrize("cell", [lambda: jtl(stages=6), lambda: sfq_neuron(threshold_current=60e-6)])
def test_the_operating_point_is_where_a_slow_ramp_ends_and_nothing_moves_from_it(cell):
    part = cell()
    circuit = bench(part, {port: [] for port in part.ports[:1]}).circuit
    phases = operating_point(with_waveforms(circuit, DC)).phases
    ramp = with_waveforms(circuit, lambda value: bias_ramp(value, 400 * PS))
    slow = transient(ramp, duration=600 * PS, engine="native")
    still = transient(with_waveforms(circuit, DC), duration=50 * PS, engine="native", start="operating point")
    for name, phase in phases.items():
        assert slow[f"phase({name})"][-1] == pytest.approx(phase, abs=1e-5)
        np.testing.assert_allclose(still[f"phase({name})"], phase, atol=1e-9)


def test_a_negative_inductance_in_series_is_part_of_the_other():
    plain = ring(5e-12)
    plain.current("bias", "0", "a", 1.2e-4)
    series = Circuit("series")
    junction(series, "qa", "a")
    junction(series, "qb", "b")
    series.inductor("l", "a", "m", 8e-12)
    series.inductor("minus", "m", "b", -3e-12)
    series.current("bias", "0", "a", 1.2e-4)
    assert operating_point(series).phases == pytest.approx(operating_point(plain).phases, rel=1e-9)


def test_flux_is_trapped_by_an_explicit_number_only():
    assert operating_point(ring()).phases == {"qa": 0.0, "qb": 0.0}
    phases = operating_point(ring(), {"l": 1}).phases
    current = 1e-4 * np.sin(phases["qb"])
    assert phases["qa"] == pytest.approx(-phases["qb"])
    assert (3e-11 * current + 2 * KAPPA * phases["qb"]) / FLUX_QUANTUM == pytest.approx(1.0, rel=1e-9)
    traces = transient(
        ring(), duration=20 * PS, record=["current(l)"], engine="native", start="operating point", initial_flux={"l": 1}
    )
    np.testing.assert_allclose(traces["current(l)"], current, rtol=1e-9)


def test_a_ring_takes_no_more_flux_than_its_junctions_hold():
    with pytest.raises(EngineError, match=r"junction 'q[ab]' carries the largest current that it can at rest"):
        operating_point(ring(), {"l": 2})
    with pytest.raises(DescriptionError, match=r"must be a whole number of flux quanta, got 0\.5"):
        operating_point(ring(), {"l": 0.5})
    with pytest.raises(UnknownNameError, match="no inductor 'qa'"):
        operating_point(ring(), {"qa": 1})


def test_a_pi_junction_breaks_the_symmetry_of_its_ring():
    circuit = Circuit("pi")
    junction(circuit, "q", "a", phase_shift=pi)
    circuit.inductor("l", "a", "0", 2e-11)
    phase = operating_point(circuit).phases["q"]
    assert phase > 1.0
    assert KAPPA * phase / 2e-11 == pytest.approx(1e-4 * np.sin(phase), rel=1e-9)


def test_a_junction_behind_a_pi_junction_is_not_left_on_a_saddle():
    """The phase of the pi junction leaves the other at pi, in balance and unstable, if nothing pushes it."""
    circuit = Circuit("chain")
    junction(circuit, "q", "a", phase_shift=pi)
    circuit.junction("outer", "b", "a", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    circuit.current("bias", "0", "b", 5e-5)
    phases = operating_point(circuit).phases
    assert np.cos(phases["outer"]) > 0 > np.cos(phases["q"])
    assert np.sin(phases["outer"]) == pytest.approx(0.5, rel=1e-9)


def test_a_line_at_rest_is_an_inductor_and_its_waves_stand():
    circuit = Circuit("line")
    junction(circuit, "qa", "a")
    junction(circuit, "qb", "b")
    circuit.transmission_line("t", "a", "0", "b", "0", 5.0, 2.03 * PS)
    circuit.current("bias", "0", "a", 8e-5)
    circuit.resistor("r", "b", "c", 1.0)
    circuit.transmission_line("t2", "c", "0", "d", "0", 5.0, 1.5 * PS)
    circuit.current("i", "0", "c", 1e-5)
    circuit.resistor("rd", "d", "0", 2.0)
    point = operating_point(circuit)
    across = KAPPA * (point.phases["qa"] - point.phases["qb"]) / (5.0 * 2.03 * PS)
    record = ["current(t)", "voltage(d)", "current(t2)", "phase(qa)"]
    traces = transient(circuit, duration=20 * PS, record=record, engine="native", start="operating point")
    through = 1e-5 / 3  # of the current into c, 1 ohm to the superconductor and 2 ohm to ground
    for text, value in zip(record, [across, 2 * through, through, point.phases["qa"]], strict=True):
        np.testing.assert_allclose(traces[text], value, rtol=1e-7)


def test_every_variant_starts_where_it_rests():
    circuit = ring(8e-12)
    circuit.current("bias", "0", "a", 1e-4)
    circuit.voltage("v", "s", "0", 2e-3)
    circuit.transmission_line("t", "s", "0", "d", "0", 5.0, 1.5 * PS)
    circuit.resistor("rd", "d", "b", 50.0)
    circuit.phase_source("p", "w", "0", 1.0)
    circuit.inductor("lw", "w", "b", 2e-11)
    scales = {"bias": [0.5, 1.0, 1.2], "v": [1.0, 0.5, -1.0], "p": [0.3, 1.0, 2.0], "t": [1.0, 2.0, 3.0]}
    record = ["phase(qa)", "phase(qb)", "voltage(d)"]
    batch = transient_batch(circuit, duration=5 * PS, scales=scales, record=record, start="operating point")
    for variant in range(3):
        alone = with_factors(circuit, {name: factors[variant] for name, factors in scales.items()})
        point = operating_point(alone)
        expected = [point.phases["qa"], point.phases["qb"], 2e-3 * scales["v"][variant]]
        for row, value in enumerate(expected):
            np.testing.assert_allclose(batch.values[row, :, variant], value, rtol=1e-8)


def test_an_overbiased_junction_has_no_operating_point_and_is_named():
    circuit = ring(5e-12)
    circuit.current("bias", "0", "b", 2.2e-4)
    with pytest.raises(EngineError, match=r"no operating point: at 7[56]\.\d% of the sources' values junction 'qb'"):
        operating_point(circuit)
    transient(circuit, duration=PS, engine="native")


def test_what_cannot_rest_is_said():
    circuit = Circuit("held")
    circuit.voltage("v", "a", "0", 1e-3)
    gap = GapBranch(voltage=2.8e-3, width=1e-4, current_step=1e-4, normal_resistance=18.0)
    junction(circuit, "q", "a", gap=gap)
    with pytest.raises(EngineError, match=r"voltage sources hold 'q' at 0\.001 V, where it cannot rest"):
        operating_point(circuit)
    floating = Circuit("floating")
    floating.current("i", "0", "a", 1e-6)
    floating.capacitor("c", "a", "0", 1e-13)
    with pytest.raises(EngineError, match="the current into node 'a' finds no way out of it but through capacitors"):
        operating_point(floating)
    with pytest.raises(UnknownNameError, match="no start 'dc'"):
        transient(floating, duration=PS, engine="native", start="dc")
