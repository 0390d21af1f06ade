"""Circuits: what they accept, what they refuse, and how instances open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spice_models.analysis.parameters import with_factors
from spice_models.circuit import Circuit, Instance, SubCircuit
from spice_models.elements import CurrentSource, GapBranch, Inductor, Junction, Mutual, Resistor, shunt_for_beta_c
from spice_models.engines.recording import parse_channels
from spice_models.errors import DescriptionError, NeurofluxonError, UnknownNameError
from spice_models.waveforms import DC, PWL


def coil_pair():
    """Two coupled coils with an inner node, a source and a junction to ground."""
    part = SubCircuit("pair", ("a", "b"))
    part.inductor("l1", "a", "m", 1e-12)
    part.inductor("l2", "m", "b", 2e-12)
    part.mutual("k", "l1", "l2", 0.5)
    part.junction("q", "m", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    part.current("i", "0", "m", 1e-5, role="tuning")
    return part


def twice():
    middle = SubCircuit("middle", ("in", "out"))
    middle.instance("p", coil_pair(), a="in", b="joint")
    middle.instance("q", coil_pair(), a="joint", b="out")
    circuit = Circuit("top")
    circuit.instance("x", middle, **{"in": "n0", "out": "n1"})
    circuit.instance("y", middle, **{"in": "n1", "out": "0"})
    return circuit


def test_instances_open_under_their_own_names():
    circuit = twice()
    flat = circuit.flatten()
    assert [e.name for e in flat][:6] == ["x.p.l1", "x.p.l2", "x.p.k", "x.p.q", "x.p.i", "x.q.l1"]
    assert flat["x.p.l1"] == Inductor(name="x.p.l1", plus="n0", minus="x.p.m", inductance=1e-12)
    assert flat["x.q.l1"].nodes == ("x.joint", "x.q.m")
    assert flat["y.q.l2"].nodes == ("y.q.m", "0")
    assert flat["y.p.k"] == Mutual(name="y.p.k", first="y.p.l1", second="y.p.l2", coupling=0.5)
    assert flat["y.q.i"].role == "tuning"
    assert (len(circuit), len(flat), circuit.junction_count, flat.junction_count) == (2, 20, 4, 4)
    assert flat.nodes[:3] == ("n0", "x.p.m", "x.joint")
    assert [e.name for e in flat.of_type(Junction)] == ["x.p.q", "x.q.q", "y.p.q", "y.q.q"]
    assert isinstance(circuit["x"], Instance)
    assert circuit["x"].nodes == ("n0", "n1")


def test_flattening_a_flat_circuit_changes_nothing():
    flat = twice().flatten()
    assert list(flat.flatten()) == list(flat)
    assert flat.flatten().nodes == flat.nodes


def test_mapped_changes_every_element_however_deep():
    def doubled(e):
        return Inductor(**{**e.__dict__, "inductance": 2 * e.inductance}) if isinstance(e, Inductor) else e

    changed = twice().mapped(doubled, "changed")
    assert changed.name == "changed"
    assert {e.inductance for e in changed.of_type(Inductor)} == {2e-12, 4e-12}
    assert {e.inductance for e in twice().flatten().of_type(Inductor)} == {1e-12, 2e-12}


def test_names_do_not_depend_on_case():
    circuit = Circuit("c")
    circuit.resistor("R1", "a", "0", 1.0)
    with pytest.raises(DescriptionError, match="circuit 'c' has an element 'R1' already"):
        circuit.resistor("r1", "b", "0", 1.0)
    assert "R1" in circuit
    assert "r1" not in circuit
    with pytest.raises(UnknownNameError, match=r"no element 'R11' in circuit 'c'; available: R1\. Did you mean 'R1'"):
        circuit["R11"]


def test_a_circuit_shows_its_size():
    assert repr(twice()) == "Circuit('top', 2 elements, 3 nodes)"
    assert repr(coil_pair()) == "SubCircuit('pair', 5 elements, 4 nodes)"


@pytest.mark.parametrize("name", ["", "a b", "a-b", "a.", ".a", "a..b", "é", "a\n", "1e3;"])
def test_names_that_a_netlist_cannot_hold_are_refused(name):
    with pytest.raises(DescriptionError, match="use letters, digits and underscores"):
        Circuit("c").resistor(name, "a", "0", 1.0)
    with pytest.raises(DescriptionError, match="node name"):
        Circuit("c").resistor("r", name, "0", 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.resistor("r", "a", "a", 1.0), "'r' in 'c': both ends are on node 'a'"),
        (lambda c: c.resistor("r", "a", "0", 0.0), "resistor 'r': resistance must be positive, got 0"),
        (lambda c: c.capacitor("x", "a", "0", -1e-15), "capacitor 'x': capacitance must be positive"),
        (lambda c: c.inductor("x", "a", "0", float("nan")), "'x': inductance must be finite and not zero, got nan"),
        (lambda c: c.inductor("x", "a", "0", 0.0), "'x': inductance must be finite and not zero, got 0"),
        (lambda c: c.vccs("x", "a", "0", "a", "0", float("inf")), "'x': transconductance must be finite, got inf"),
        (lambda c: c.vcvs("x", "a", "0", "b", "b", 2.0), "'x' in 'c': both ends are on node 'b'"),
        (lambda c: c.cccs("x", "a", "0", "r0", 2.0), "there is no voltage source 'r0' to control it"),
        (lambda c: c.transmission_line("x", "a", "0", "b", "0", 5.0, 0.0), "'x': delay must be positive, got 0"),
        (
            lambda c: c.junction(
                "q",
                "a",
                "0",
                critical_current=1e-4,
                capacitance=1e-15,
                resistance=1.0,
                gap=GapBranch(voltage=2.6e-3, width=6e-3, current_step=1e-4, normal_resistance=17.0),
            ),
            "would reach zero",
        ),
        (
            lambda c: c.junction("q", "a", "0", critical_current=0.0, capacitance=1e-15, resistance=1.0),
            "junction 'q': critical current must be positive",
        ),
        (lambda c: c.mutual("k", "l", "l", 0.5), "couples inductor 'l' with itself"),
        (lambda c: c.mutual("k", "l", "m", 0.5), "'k' in 'c': there is no inductor 'm'"),
        (lambda c: c.mutual("k", "l", "r0", 0.5), "there is no inductor 'r0'"),
        (lambda c: c.mutual("k", "l", "l2", 1.0), "coupling must lie within -1..1"),
        (lambda c: c.current("i", "0", "a", "1 mA"), "a number or a waveform such as PWL, got '1 mA'"),
        (lambda c: c.instance("x", coil_pair(), a="a"), r"'x' of 'pair' in 'c': ports not joined: \['b'\]"),
        (lambda c: c.instance("x", coil_pair(), a="a", b="b", c="c"), r"not ports of it: \['c'\]"),
    ],
)
def test_elements_that_make_no_sense_are_refused(call, message):
    circuit = Circuit("c")
    circuit.inductor("l", "a", "0", 1e-12)
    circuit.resistor("r0", "a", "0", 1.0)
    before = list(circuit)
    with pytest.raises(DescriptionError, match=message):
        call(circuit)
    assert list(circuit) == before


@pytest.mark.parametrize("ports", [("a", "a"), ("a", "0")])
def test_ports_differ_and_are_not_ground(ports):
    with pytest.raises(DescriptionError, match="ports must differ and not be ground"):
        SubCircuit("s", ports)


def test_a_subcircuit_cannot_hold_itself():
    outer, inner = SubCircuit("outer", ("a",)), SubCircuit("inner", ("a",))
    outer.instance("x", inner, a="a")
    with pytest.raises(DescriptionError, match="'y' would put 'inner' into itself, by 'outer'"):
        inner.instance("y", outer, a="a")
    with pytest.raises(DescriptionError, match="'z' would put 'inner' into itself"):
        inner.instance("z", inner, a="a")
    outer.resistor("r", "a", "0", 1.0)
    inner.resistor("r", "a", "0", 1.0)
    assert len(outer.flatten()) == 2


@pytest.mark.parametrize("value", [1, 1.0, np.float64(1.0), np.float32(1.0), np.int64(1)])
def test_a_number_is_a_constant_source(value):
    circuit = Circuit("c")
    circuit.current("i", "0", "a", value)
    assert circuit["i"] == CurrentSource(name="i", plus="0", minus="a", waveform=DC(1.0), role="bias")
    circuit.voltage("v", "a", "0", PWL((0, 1), (0, 1)))
    assert circuit["v"].waveform == PWL((0, 1), (0, 1))


@given(st.floats(1e-6, 1e-2), st.floats(1e-16, 1e-11), st.floats(1e-3, 1e3))
def test_the_shunt_gives_the_beta_c_that_was_asked_for(ic, capacitance, beta_c):
    resistance = shunt_for_beta_c(ic, capacitance, beta_c)
    q = Junction(name="q", plus="a", minus="0", critical_current=ic, capacitance=capacitance, resistance=resistance)
    assert q.beta_c == pytest.approx(beta_c, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q", r"cannot record 'q': write phase\(JUNCTION\)"),
        ("phase(q", "cannot record"),
        ("power(q)", "cannot record"),
        ("phase(x.p.l1)", r"'x.p.l1' is no junction; record voltage\(NODE\) or current\(x.p.l1\) instead"),
        ("current(x.p.k)", "a Mutual has no phase or current of its own; record that of the elements it joins"),
        ("current(x.p.l9)", "no element 'x.p.l9' in circuit 'top'; available: .*Did you mean 'x.p.l"),
        ("voltage(n9)", "no node 'n9' in circuit 'top'; available: n0, n1, x.joint, "),
    ],
)
def test_what_cannot_be_recorded(text, message):
    with pytest.raises(NeurofluxonError, match=message):
        parse_channels(twice().flatten(), [text])


def test_what_is_recorded_unless_asked():
    channels = parse_channels(twice().flatten(), None)
    assert [c.text for c in channels] == ["phase(x.p.q)", "phase(x.q.q)", "phase(y.p.q)", "phase(y.q.q)"]
    (coil,) = parse_channels(twice().flatten(), ["current(x.p.l2)"])
    assert (coil.unit, set(coil.nodes)) == ("A", {"n0", "x.p.m", "x.joint"})


def test_errors_of_large_circuits_stay_short():
    circuit = Circuit("large")
    for k in range(500):
        circuit.add(Resistor(name=f"r{k}", plus=f"n{k}", minus="0", resistance=1.0))
    with pytest.raises(UnknownNameError, match=r"and 440 more\. Did you mean 'r49") as caught:
        circuit["r499x"]
    assert len(str(caught.value)) < 600


def test_a_junction_takes_beta_c_in_place_of_its_resistance():
    circuit = Circuit("c")
    circuit.junction("b1", "a", "0", critical_current=100e-6, capacitance=70e-15, beta_c=1.0)
    junction = circuit["b1"]
    assert junction.beta_c == pytest.approx(1.0)
    assert junction.resistance == pytest.approx(6.857, abs=1e-3)
    for values in ({}, {"resistance": 5.0, "beta_c": 1.0}):
        with pytest.raises(DescriptionError, match="resistance or a beta_c"):
            circuit.junction("b2", "a", "0", critical_current=1e-4, capacitance=7e-14, **values)
    with pytest.raises(DescriptionError, match="critical current must be positive"):
        circuit.junction("b3", "a", "0", critical_current=-1e-4, capacitance=7e-14, beta_c=1.0)


def test_every_element_is_renamed_with_all_that_it_refers_to():
    inner = SubCircuit("inner", ("a",))
    inner.voltage("v", "a", "b", 0.0)
    inner.phase_source("p", "b", "c", 1.0)
    inner.vcvs("e", "d", "0", "a", "c", 2.0)
    inner.cccs("f", "d", "0", "v", 3.0)
    inner.vccs("g", "d", "0", "c", "a", 4.0)
    inner.ccvs("h", "f", "0", "v", 5.0)
    inner.transmission_line("t", "d", "0", "f", "c", 6.0, 1e-12)
    outer = Circuit("outer")
    outer.instance("x", inner, a="out")
    flat = outer.flatten()
    ends = {e.name: e.nodes for e in flat}
    assert ends == {
        "x.v": ("out", "x.b"),
        "x.p": ("x.b", "x.c"),
        "x.e": ("x.d", "0", "out", "x.c"),
        "x.f": ("x.d", "0"),
        "x.g": ("x.d", "0", "x.c", "out"),
        "x.h": ("x.f", "0"),
        "x.t": ("x.d", "0", "x.f", "x.c"),
    }
    assert flat["x.f"].control == flat["x.h"].control == "x.v"
    scaled = with_factors(outer, {e.name: 2.0 for e in flat})
    assert scaled["x.p"].waveform.value == 2.0
    assert scaled["x.e"].gain == 4.0
    assert scaled["x.f"].gain == 6.0
    assert scaled["x.g"].transconductance == 8.0
    assert scaled["x.h"].transresistance == 10.0
    assert scaled["x.t"].impedance == 12.0


def test_resistive_current_of_a_junction_with_a_gap():
    """Continuous and odd, with the slopes 1 / R, step / width and 1 / Rn."""
    gap = GapBranch(voltage=2.8e-3, width=2e-4, current_step=1.4e-4, normal_resistance=16.0)
    junction = Junction(
        name="q", plus="a", minus="0", critical_current=1e-4, capacitance=7e-14, resistance=160.0, gap=gap
    )
    corners = np.array([0.0, 2.7e-3, 2.9e-3, 4.5e-3])
    expected = np.cumsum([0.0, 2.7e-3 / 160, 1.4e-4, 1.6e-3 / 16])
    np.testing.assert_allclose(junction.resistive_current(corners), expected, rtol=1e-13)
    np.testing.assert_allclose(junction.resistive_current(-corners), -expected, rtol=1e-13)
    np.testing.assert_allclose(junction.resistive_current(2.8e-3), expected[1] + 0.7e-4, rtol=1e-13)
