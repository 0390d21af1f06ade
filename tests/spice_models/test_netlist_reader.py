"""Users' netlists in the dialect of JoSIM and WRspice: what they mean, what is refused, and what a run returns."""

import csv
import math
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spice_models.circuit import Circuit, SubCircuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.dialects import josim
from spice_models.dialects.reader import csv_text, evaluate, read, run, write_files
from spice_models.elements import Capacitor, CurrentSource, Inductor, Junction, Mutual, Resistor, VoltageSource
from spice_models.engines import transient
from spice_models.errors import EngineError, NetlistError
from spice_models.waveforms import DC, PWL, Noise, Pulse, Sine, bias_ramp, trapezoids

MODEL = ".model jj jj(rtype=1, vg=2.8mV, cap=0.07pF, r0=160ohm, rN=160, icrit=0.1mA)"
LINE = f"""* two stages of a transmission line, one in each order
{MODEL}
.subckt stage in out
Lin in mid 3p
B1 mid 0 jj area=2.5
Rs mid 0 2.8
Ib 0 mid pwl(0 0 10p 175u)
Lout mid out 3p
.ends stage
Iin 0 a pwl(0 0 30p 0 33p 500u 36p 0)
X1 stage a b
X2 b c stage
Rload c 0 4
.tran 0.1p 80p 0 0.5p
.print phase B1.X1
.print p(B1|X2) v(c) i(Lin|X2)
.end
"""


def one(line, *before):
    """The element of the last line of a small netlist."""
    deck = read("\n".join(["* test", *before, line, ".tran 0.1p 100p", ""]))
    return deck.circuit[line.split()[0]]


def message(*lines):
    with pytest.raises(NetlistError) as caught:
        read("\n".join([*lines, ""]))
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.07pF", 0.07e-12),
        ("2.8mV", 2.8e-3),
        ("3MEG", 3e6),
        ("3meghz", 3e6),
        ("2X", 2e6),
        ("1M", 1e-3),
        ("4K", 4e3),
        ("1.5g", 1.5e9),
        ("2T", 2e12),
        ("5F", 5e-15),
        ("16ohm", 16.0),
        (".5u", 0.5e-6),
        ("1e-3k", 1.0),
        ("-2n", -2e-9),
        ("2^3^2", 512.0),
        ("-2^2", -4.0),
        ("2**-1", 0.5),
        ("{2*(1+[3])}/4", 2.0),
        ("100u*6.859904418", 100e-6 * 6.859904418),
        ("max(1, 2, 3) - min(4, 5)", -1.0),
        ("sqrt(16) + abs(-1) + log(exp(2))", 7.0),
        ("cos(pi)", -1.0),
        ("phi_zero", FLUX_QUANTUM),
        ("1+2'", 3.0),
    ],
)
def test_numbers_and_expressions(text, value):
    assert evaluate(text) == pytest.approx(value, rel=1e-15)


@given(st.recursive(st.floats(0.1, 9.0).map(repr), lambda s: st.tuples(s, st.sampled_from("+-*"), s).map(" ".join)))
def test_arithmetic_agrees_with_python(text):
    expected = eval(text, {"__builtins__": {}})  # digits, dots and + - * only
    assert evaluate(text) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("text", ["", "1/0", "sqrt(-1)", "(1", "1)", "2 3", "x", "3k3", "9^9^9", "1e999", "("])
def test_what_has_no_value_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        evaluate(text)


def test_deep_brackets_do_not_exhaust_the_stack():
    with pytest.raises(ValueError, match="within each other"):
        evaluate("(" * 5000 + "1" + ")" * 5000)


def test_comments_continuations_and_case():
    deck = read(
        "* title\n# another\n   * indented\nl1 A B ; inductance follows\n* between\n+ 2P\nR1 b GND 1\nC1 a 0 1p\n"
    )
    assert deck.circuit["l1"] == Inductor(name="l1", plus="A", minus="B", inductance=2e-12)
    assert deck.circuit["R1"].nodes == ("B", "0")
    assert deck.circuit["C1"] == Capacitor(name="C1", plus="A", minus="0", capacitance=1e-12)


def test_parameters_in_any_order_and_per_subcircuit():
    deck = read(
        ".param total = half*2 half={scale + 1}\n.param scale=2\nR1 a 0 total\n.subckt two in k=3\n.param half=10\n"
        "R1 in 0 {half*k}\nR2 in 0 scale\nRx in 0 1\n.ends\nX1 a two\nX2 two a k=5\nX3 a two half=1 Rx=9\nX4 a two\n"
    )
    flat = deck.circuit.flatten()
    assert {r.name: r.resistance for r in flat.of_type(Resistor)} == {
        "R1": 6.0,
        "X1.R1": 30.0,
        "X1.R2": 2.0,
        "X1.Rx": 1.0,
        "X2.R1": 50.0,
        "X2.R2": 2.0,
        "X2.Rx": 1.0,
        "X3.R1": 3.0,
        "X3.R2": 2.0,
        "X3.Rx": 9.0,
        "X4.R1": 30.0,
        "X4.R2": 2.0,
        "X4.Rx": 1.0,
    }
    assert deck.circuit["X1"].subcircuit is deck.circuit["X4"].subcircuit
    assert deck.parameters == {"total": 6.0, "half": 3.0, "scale": 2.0}


def test_subcircuits_within_subcircuits_and_ground_ports():
    deck = read(
        ".subckt outer a\n.subckt inner x 0\nR1 x m 1\nR2 m 0 2\n.ends inner\nX1 a 0 inner\nX2 inner m 0\nL1 a m 1p\n"
        ".ends outer\nXo outer n\nR1 n 0 1\n.print v(m.X1.Xo) v(x|X2|Xo)\n"
    )
    assert [c.ends for c in deck.prints] == [("Xo.X1.m", "0"), ("Xo.m", "0")]
    assert [c.label for c in deck.prints] == ["V(M|X1|XO)", "V(X|X2|XO)"]


def test_names_that_circuits_do_not_allow_stay_apart():
    deck = read("R1 a+ 0 1\nR2 a- 0 2\nR3 a+ a- 3\n.print v(a-)\n")
    nodes = [deck.circuit[name].plus for name in ("R1", "R2")]
    assert len(set(nodes)) == 2
    assert deck.circuit["R3"].nodes == tuple(nodes)
    assert deck.prints[0].ends == (nodes[1], "0")


def test_lines_that_differ_in_name_and_nodes_only_are_read_alike():
    deck = read(
        f"{MODEL}\nB1 a 0 jj area=2\nb2 0 b jj area=2\nR1 a 0 2 temp=3\nR2 b 0 2 temp=3\n"
        "I1 0 a {2*1u}\nI2 0 b {2*1u}\nL1 a b 1p\nL2 b c 1p\nL3 c gnd 1p\n"
    )
    assert deck.circuit["b2"] == replace(deck.circuit["B1"], name="b2", plus="0", minus="b")
    assert [deck.circuit[name].nodes for name in ("L1", "L2", "L3")] == [("a", "b"), ("b", "c"), ("c", "0")]
    assert deck.circuit["I2"] == CurrentSource(name="I2", plus="0", minus="b", waveform=DC(2e-6))
    assert deck.local["R1"] == deck.local["R2"]
    assert "already" in message("L1 a 0 1p", "l1 b 0 1p")
    assert "both ends" in message("L1 a 0 1p", "L2 b b 1p")
    assert "closes nothing" in message("L1 a 0 1p", "L2 b} c 1p")
    deck = read(".subckt s x\nL1 x 0 1p\nL2 x 0 1p\n.ends\nX1 a s L2=3p\nX2 a s\n")
    assert {e.name: e.inductance for e in deck.flat} == {"X1.L1": 1e-12, "X1.L2": 3e-12, "X2.L1": 1e-12, "X2.L2": 1e-12}


def test_a_junction_scales_with_its_area():
    junction = one("B1 a 0 jj area=2.5", MODEL)
    assert isinstance(junction, Junction)
    assert (junction.critical_current, junction.capacitance, junction.resistance) == pytest.approx(
        (250e-6, 175e-15, 64.0)
    )
    assert one("B1 a 0 phasenode jj ics=250u", MODEL) == junction
    assert one("B1 a 0 jj ic={100u*2.5}", MODEL).critical_current == pytest.approx(250e-6)
    linear = one("B1 a 0 jj", ".model jj jj(rtype=0, icrit=1u, cap=1f, rn=7, r0=99)")
    assert (linear.resistance, linear.gap) == (7.0, None)


@pytest.mark.parametrize("given", ["rn=16, r0=160", "icrn=1.6m, vm=16m", "t=4.2, tc=9.1, r0=160"])
def test_above_the_gap_a_junction_is_its_normal_resistance(given):
    junction = one("B1 a 0 jj area=2", f".model jj jj(vg=2.8m, delv=0.2m, icrit=0.1m, cap=70f, {given})")
    below, above = junction.resistive_current([2.69e-3, 5e-3])
    assert below == pytest.approx(2.69e-3 * 2 / 160)
    energy = 1.76 * 1.380649e-23 * 9.1 * math.sqrt(math.cos(math.pi / 2 * (4.2 / 9.1) ** 2))
    product = math.pi * energy / 2 / 1.602176634e-19 * math.tanh(energy / 2 / 1.380649e-23 / 4.2)
    normal = product / 1e-4 if "tc" in given else 16.0
    assert above == pytest.approx(5e-3 * 2 / normal)
    inside = junction.resistive_current(np.linspace(2.69e-3, 2.91e-3, 2001))
    assert np.all(np.diff(inside) > 0)
    assert np.max(np.diff(inside)) < 1e-3 * (inside[-1] - inside[0]) * 1.2


def test_a_model_that_holds_its_shunt_has_no_gap_and_says_so():
    deck = read(".model jj jj(icrit=0.1m, cap=70f, r0=6.9, rn=16)\nB1 a 0 jj\nR1 a 0 1\n")
    assert deck.circuit["B1"].gap is None
    assert deck.warnings[0].startswith("netlist:1: ")
    assert "shunt" in deck.warnings[0]


def test_shifts_and_harmonics_of_a_model():
    def relation(text):
        junction = one("B1 a 0 jj", f".model jj jj(icrit=0.1m, cap=70f, r0=5, rn=5, {text})")
        return junction.supercurrent(np.array([0.3, 1.0]))

    x = np.array([0.3, 1.0])
    assert relation("phi=0.2") == pytest.approx(1e-4 * np.sin(x - 0.2))
    assert relation("pijj=1") == pytest.approx(-1e-4 * np.sin(x))
    assert relation("cpr={0.9, 0.1}") == pytest.approx(1e-4 * (0.9 * np.sin(x) + 0.1 * np.sin(2 * x)))
    assert relation("cpr={-0.9 0.1}") == pytest.approx(1e-4 * (-0.9 * np.sin(x) + 0.1 * np.sin(2 * x)))
    assert one("B1 a 0 jj ics=200u", ".model jj jj(icrit=0.1m, cap=70f, cpr=0.5)").critical_current == 1e-4


def test_defaults_of_a_model_are_those_of_josim_and_told():
    deck = read(".model m jj\nB1 a 0 m\nR1 a 0 1\n")
    junction = deck.circuit["B1"]
    assert (junction.critical_current, junction.capacitance, junction.resistance) == (1e-3, 2.5e-12, 30.0)
    told = "\n".join(deck.warnings)
    assert all(word in told for word in ("icrit", "cap", "r0", "rn"))
    assert junction.gap.voltage == 2.8e-3
    assert all(w.startswith("netlist:1: ") for w in deck.warnings)
    assert not read(f"{MODEL}\nB1 a 0 jj\nR1 a 0 1\n").warnings


@pytest.mark.parametrize(
    ("text", "waveform"),
    [
        ("dc 1m", DC(1e-3)),
        ("{2*3u}", DC(6e-6)),
        ("pwl(0 0 5p 1u)", PWL((0.0, 5e-12), (0.0, 1e-6))),
        ("PWL (0, 0, 5p, 1u)", PWL((0.0, 5e-12), (0.0, 1e-6))),
        ("dc 0 pwl 0 0 5p {1u*2}", PWL((0.0, 5e-12), (0.0, 2e-6))),
        ("sin(0 1m 20g 5p)", Sine(amplitude=1e-3, frequency=20e9, delay=5e-12)),
        (
            "pulse(0 1m 1p 2p 3p 4p 20p)",
            Pulse(high=1e-3, delay=1e-12, rise=2e-12, fall=3e-12, width=4e-12, period=20e-12),
        ),
        ("pulse(0 1m)", Pulse(high=1e-3, rise=0.1e-12, fall=0.1e-12, width=100e-12)),
    ],
)
def test_sources(text, waveform):
    source = one(f"I1 0 a {text}", "R1 a 0 1")
    assert isinstance(source, CurrentSource)
    times = np.linspace(0, 90e-12, 1001)
    assert np.allclose(source.waveform.at(times), waveform.at(times), rtol=1e-9, atol=1e-18)


def test_controlled_sources_lines_and_phase_sources():
    deck = read(
        "F1 a 0 b c 2\nH1 d 0 V1 3\nV1 e 0 1m\nE1 f 0 a b 4\nG1 f g a b 5\nT1 a 0 g 0 LOSSLESS td=2p Z0={2*2}\n"
        "P1 h 0 pwl(0 0 1p 1)\nR1 a 0 1\n.print i(F1) i(H1) v(E1) p(T1)\n"
    )
    circuit = deck.circuit
    sense = circuit["F1"].control
    assert circuit[sense] == VoltageSource(name=sense, plus="b", minus="c", waveform=DC(0.0))
    assert (circuit["F1"].nodes, circuit["F1"].gain) == (("a", "0"), 2.0)
    assert (circuit["H1"].control, circuit["H1"].transresistance) == ("V1", 3.0)
    assert (circuit["E1"].nodes, circuit["E1"].gain) == (("f", "0", "a", "b"), 4.0)
    assert (circuit["G1"].nodes, circuit["G1"].transconductance) == (("f", "g", "a", "b"), 5.0)
    assert (circuit["T1"].nodes, circuit["T1"].impedance, circuit["T1"].delay) == (("a", "0", "g", "0"), 4.0, 2e-12)
    assert circuit["P1"].waveform == PWL((0.0, 1e-12), (0.0, 1.0))
    assert [(c.label, c.element) for c in deck.prints[:2]] == [("I(F1)", "F1"), ("I(H1)", "V1")]


def test_exponential_damped_and_custom_sources(tmp_path):
    t = np.array([0.0, 5e-12, 20e-12, 60e-12])
    exp = one("I1 0 a exp(1 3 5p 2p 30p 4p)", "R1 a 0 1").waveform.at(t)
    last = 1 + 2 * (1 - math.exp(-27.5)) - 2 * (1 - math.exp(-7.5))
    assert exp == pytest.approx([1.0, 1.0, 1 + 2 * (1 - math.exp(-7.5)), last])
    sine = one("I1 0 a sin(1 2 10g 5p 1e10 90 2)", "R1 a 0 1").waveform
    assert sine.at([0.0, 5e-12, 105e-12, 300e-12]) == pytest.approx([1.0, 3.0, 1 + 2 * math.exp(-1), 1.0])
    (tmp_path / "wave.txt").write_text("1 2 1\n")
    (tmp_path / "top.cir").write_text("I1 0 a cus(wave.txt 2p 1m 1 3p)\nR1 a 0 1\n")
    wave = read(tmp_path / "top.cir").circuit["I1"].waveform
    assert wave.at([3e-12, 5e-12, 6e-12, 7e-12, 20e-12]) == pytest.approx([0, 1e-3, 1.5e-3, 2e-3, 0])
    (tmp_path / "top.cir").write_text("I1 0 a cus(wave.txt 2p 1m 0 3p 1)\nI2 0 a cus(wave.txt 2p 1m 2)\nR1 a 0 1\n")
    held, spline = (read(tmp_path / "top.cir").circuit[name].waveform for name in ("I1", "I2"))
    assert held.at([2e-12, 4e-12, 6e-12, 10e-12, 12e-12]) == pytest.approx([0, 1e-3, 2e-3, 1e-3, 2e-3])
    assert spline.at([0, 1e-12, 2e-12, 3e-12, 7e-12]) == pytest.approx([1e-3, 1.6875e-3, 2e-3, 1.6875e-3, 0])


def test_noise_and_eased_sources():
    assert one("I1 0 a noise(1n 2p)", "R1 a 0 1").waveform == Noise(amplitude=1e-9, delay=2e-12, interval=1e-13)
    assert one("V1 a 0 noise(1n, 0, 1p)", "R1 a 0 1").waveform == Noise(amplitude=1e-9, interval=1e-12)
    eased = one("I1 0 a pws(0 1 4p 3 5p 2)", "R1 a 0 1").waveform
    expected = [1.0, 2 - math.sqrt(0.5), 2.0, 3.0, 2.5, 2.0]
    assert eased.at(np.array([0.0, 1.0, 2.0, 4.0, 4.5, 9.0]) * 1e-12) == pytest.approx(expected)


def test_included_files_are_found_from_the_file_that_includes_them(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "cells.inc").write_text(".include models.inc\n.subckt c a\nB1 a 0 jj\n.ends\n.end\nnonsense\n")
    (tmp_path / "lib" / "models.inc").write_text(f"{MODEL}\n")
    top = tmp_path / "top.cir"
    top.write_text('.include "lib\\cells.inc"\nX1 a c\nR1 a 0 0\n')
    with pytest.raises(NetlistError, match=r"top\.cir:3: resistor 'R1'.*positive"):
        read(top)
    top.write_text(".include lib/cells.inc\nX1 a c\nR1 a 0 1\n")
    assert read(top).circuit.junction_count == 1
    (tmp_path / "lib" / "models.inc").write_text(".include ../top.cir\n")
    with pytest.raises(
        NetlistError, match=r"models\.inc:1: .*includes itself: top\.cir -> cells\.inc -> models\.inc -> top\.cir"
    ):
        read(top)
    top.write_text("R1 a 0 1\n.include absent.inc\n")
    with pytest.raises(NetlistError, match=r"top\.cir:2: cannot read .*absent\.inc"):
        read(top)


def test_what_has_no_effect_is_told():
    deck = read("R1 a 0 1\n.control\nrun\n.endc\n.options reltol=1e-4 seed=12\n.iv jj 1m iv.csv\n")
    assert [w.partition(": ")[0] for w in deck.warnings] == ["netlist:2", "netlist:5", "netlist:6"]
    for word in (".control", "reltol", ".iv"):
        assert any(word in w for w in deck.warnings), word
    assert deck.seed == 12


def test_noise_and_spread_of_elements_come_before_those_of_all():
    deck = read(
        ".subckt s a\nR1 a 0 1 temp=8 spread=0.3\nR2 a 0 1 neb=1g\nR3 a 0 1 nfree\n.ends\nX1 a s\nR1 a 0 1\n"
        ".temp 4.2\n.neb 10T\n.spread 0.05 L=0.1 b=0.2\n"
    )
    assert (deck.temperature, deck.noise_bandwidth) == (4.2, 1e13)
    assert (deck.spread.default, deck.spread.by_letter) == (0.05, {"l": 0.1, "b": 0.2})
    own = {name: (local.temp, local.neb, local.spread) for name, local in deck.local.items()}
    assert own == {"X1.R1": (8.0, None, 0.3), "X1.R2": (None, 1e9, None), "X1.R3": (0.0, None, None)}
    assert deck.random
    assert not read("R1 a 0 1\nI1 0 a 1m\n").random


@pytest.mark.parametrize(
    ("lines", "where", "says"),
    [
        (["+ R1 a 0 1"], 1, "no line before"),
        (["R1 a 0"], 1, "RNAME NODE NODE RESISTANCE"),
        (["R1 a 0 (1"], 1, "no ')'"),
        (["R1 a 0 2 * 3"], 1, "{ } around"),
        (["R1 a 0 0"], 1, "must be positive"),
        (["R1 a 0 -2"], 1, "must be positive"),
        (["R1 a 0 1", "C1 a 0 -1p"], 2, "must be positive"),
        (["R1 a 0 1", "L1 a 0 0"], 2, "inductance"),
        (["R1 a 0 1", "r1 b 0 1"], 2, "already"),
        (["R1 a a 1"], 1, "both ends"),
        (["R1 a 0 foo"], 1, "no parameter 'foo'"),
        (["R1 a 0 1", "B1 a 0 nomodel"], 2, "no model 'nomodel'"),
        ([MODEL, "B1 a 0 jjj"], 2, "Did you mean 'jj'"),
        ([MODEL, "B1 a 0 jj area=0"], 2, "area must be positive"),
        ([".model q npn(bf=3)", "B1 a 0 q"], 1, "must be a junction"),
        ([".model j jj(d=0.5)", "B1 a 0 j"], 1, "transparency"),
        ([".model j jj(cpr={0.9, 0.1, 0.1})", "B1 a 0 j"], 1, "3 harmonics"),
        ([".model j jj(cpr={0, 1})", "B1 a 0 j"], 1, "first harmonic"),
        ([".model j jj(icrn=1m, rn=5)", "B1 a 0 j"], 1, "both icrn and rn"),
        ([".model j jj(delv=6m)", "B1 a 0 j"], 1, "twice vg"),
        ([".model j jj(rtype=2)", "B1 a 0 j"], 1, "rtype must be 0 or 1"),
        ([".model j jj(icrit=0)", "B1 a 0 j"], 1, "icrit must be positive"),
        ([".model j jj(tc=4)", "B1 a 0 j"], 1, "0 < t < tc"),
        ([".model j jj(foo=9)", "B1 a 0 j"], 1, "'foo' is not supported"),
        (["I1 0 a pwl(0 0 nan 1)", "R1 a 0 1"], 1, "nan"),
        (["I1 0 a pwl(0 0 2p 1 1p 0)", "R1 a 0 1"], 1, "must increase"),
        (["I1 0 a pwl(0 0 2p)", "R1 a 0 1"], 1, "pairs"),
        (["I1 0 a noise(1 -2 1)", "R1 a 0 1"], 1, "not negative"),
        (["I1 0 a pulse(0 1)", "R1 a 0 1"], 1, ".tran"),
        (["T1 a 0 b 0 z0=5"], 1, "td= is missing"),
        (["T1 a 0 b 0 5 td=1p z0=5"], 1, "'5' is not expected"),
        (["T1 a 0 b 0 z0=5 td=0"], 1, "delay must be positive"),
        (["E1 a 0 b 5"], 1, "CONTROL-"),
        (["E1 a 0 b 0 nan"], 1, "no parameter 'nan'"),
        (["F1 a 0 L1 5", "L1 a 0 1p"], 1, "no voltage source 'L1'"),
        (["H1 a 0 V9 5", "R1 a 0 1"], 1, "no voltage source 'V9'"),
        (["Q1 a b c npn"], 1, "a bipolar transistor"),
        (["O1 a 0 b 0 lossy"], 1, "a lossy transmission line"),
        (["R1 a 0 1", ".spread 2"], 2, "within 0..1"),
        (["R1 a 0 1", ".spread X=0.1"], 2, "not x="),
        (["R1 a 0 1", ".temp -1"], 2, "negative"),
        (["R1 a 0 1", ".neb 0"], 2, "positive"),
        (["R1 a 0 1", ".option seed=x"], 2, "seed=NUMBER"),
        (["R1 a 0 1 tc=3"], 1, "tc= is not supported"),
        (["my first netlist", "R1 a 0 1"], 1, "title"),
        (["K1 L1 L2 0.5", "L1 a 0 1p"], 1, "no inductor 'L2'"),
        (["L1 a 0 1p", "L2 a 0 1p", "K1 L1 L2 1.5"], 3, "coupling"),
        ([".subckt a x", "X1 x b", ".ends", ".subckt b x", "X1 x a", ".ends", "X1 n a"], 5, "a -> b -> a"),
        ([".subckt a x y", "R1 x y 1", ".ends", "X1 n a"], 4, "joins 1 nodes"),
        (["X1 n m"], 1, "no subcircuit 'm'"),
        ([".subckt a x", "R1 x 0 1", ".ends", "X1 n a foo=2"], 4, "no parameter or element 'foo'"),
        (["R1 a 0 1", ".subckt a x", "R1 x 0 1"], 2, "no .ends"),
        ([".param a=b b=a", "R1 a 0 1"], 1, "depends on itself"),
        ([".param a=1", ".param a=2", "R1 a 0 a"], 2, "another value"),
        (["R1 a 0 1", ".ac dec 10"], 2, "belongs to ngspice"),
        (["R1 a 0 1", "B1 a 0 I = {1u*sin(v(p))}"], 2, "ngspice -b"),
        (["R1 a 0 1", ".tran 1p"], 2, ".tran STEP STOP"),
        (["R1 a 0 1", ".tran 1p nan"], 2, "nan"),
        (["R1 a 0 1", ".print v(b)"], 2, "no node or element 'b'"),
        (["R1 a 0 1", ".print phase B9"], 2, "no element 'B9'"),
        (["R1 a 0 1", ".print everything"], 2, "cannot print"),
        (["R1 a 0 1", ".file out.raw"], 2, ".csv or .dat"),
        (["R1 a 0 1", ".control", "run"], 2, "no .endc"),
    ],
)
def test_errors_name_the_line(lines, where, says):
    said = message(*lines)
    assert said.startswith(f"netlist:{where}: ")
    assert says in said


def test_a_netlist_that_is_not_there_or_empty_is_refused(tmp_path):
    with pytest.raises(NetlistError, match="cannot read"):
        read(tmp_path / "absent.cir")
    assert "no elements" in message(".tran 1p 2p", "")
    (tmp_path / "binary.cir").write_bytes(b"\0\1\2")
    with pytest.raises(NetlistError, match="no text file"):
        read(tmp_path / "binary.cir")


def test_a_run_returns_the_columns_that_were_asked_for():
    deck = read(LINE)
    traces = run(deck)
    assert traces.names == ("P(B1|X1)", "P(B1|X2)", "V(C)", "I(LIN|X2)")
    assert traces.units == ("rad", "rad", "V", "A")
    assert traces.times == pytest.approx(0.5e-12 * np.arange(160))
    assert np.all(traces.values[:, 0] == 0)
    assert traces["P(B1|X1)"][-1] == pytest.approx(2 * np.pi + np.arcsin(0.7), abs=0.02)
    area = np.sum(traces["V(C)"]) * traces.dt
    assert area == pytest.approx(FLUX_QUANTUM, rel=0.2)
    rows = csv_text(deck, traces).splitlines()
    assert rows[0] == 'time,"P(B1|X1)","P(B1|X2)","V(C)","I(LIN|X2)"'
    assert rows[3].startswith("1.000000e-12,")
    assert len(rows) == 161


def test_every_way_to_ask_for_a_column():
    body = LINE[: LINE.index(".print")]
    asked = (
        ".print devv B1|X1\n.print nodev a b\n.plot v(a,b) @B1.X1[c] Rload#branch\n.save nodep c\n.print phase Rload\n"
        ".print c(Iin) devv\n"
    )
    with pytest.raises(NetlistError, match="cannot print 'devv'"):
        read(body + asked)
    deck = read(body + asked.replace(" devv\n", "\n"))
    names = ("V(B1|X1)", "V(A,B)", "V(A,B)", "I(B1|X1)", "I(RLOAD)", "P(C)", "P(RLOAD)", "I(IIN)")
    traces = run(deck)
    assert traces.names == names
    assert traces.values[5] == pytest.approx(traces.values[6])
    assert traces.values[7] == pytest.approx(deck.circuit["Iin"].waveform.at(traces.times))
    assert traces.values[4] == pytest.approx(
        np.gradient(traces.values[5], traces.dt) * FLUX_QUANTUM / 8 / np.pi, abs=2e-5
    )


def test_a_netlist_that_asks_for_nothing_gets_the_phases_of_its_nodes():
    deck = read(LINE.replace(".print", "*print"))
    assert [c.label for c in deck.prints] == ["P(A)", "P(B)", "P(C)", "P(MID|X1)", "P(MID|X2)"]
    assert csv_text(deck, run(deck)).startswith("time,P(A),P(B),")


def test_the_current_of_a_voltage_source_follows_from_its_neighbours():
    deck = read("V1 a 0 pwl(0 0 1p 3m)\nR1 a 0 2\nR2 0 a 4\n.tran 0.1p 10p\n.print i(V1)\n")
    assert run(deck).values[0, -1] == pytest.approx(-3e-3 / 2 - 3e-3 / 4)


def test_sources_that_are_on_before_time_zero_have_settled():
    text = LINE.replace("pwl(0 0 10p 175u)", "dc 175u")
    phases = run(read(text))
    assert phases["P(B1|X1)"][0] == pytest.approx(np.arcsin(0.7), abs=0.02)
    assert phases["P(B1|X2)"][-1] == pytest.approx(2 * np.pi + np.arcsin(0.7), abs=0.02)
    from_rest = run(read(text.replace("0 0.5p", "0 0.5p dst")))
    assert from_rest["P(B1|X1)"][0] == 0.0


def test_files_of_the_netlist_hold_the_columns_after_them(tmp_path):
    path = tmp_path / "line.cir"
    path.write_text(
        LINE.replace(".print p(", ".file second.dat\n.print p(").replace(".print phase", ".file a.csv\n.print phase")
    )
    deck = read(path)
    assert write_files(deck, run(deck)) == [tmp_path / "a.csv", tmp_path / "second.dat"]
    assert (tmp_path / "a.csv").read_text().startswith('time,"P(B1|X1)"\n0.000000e+00,')
    assert (tmp_path / "second.dat").read_text().startswith('time "P(B1|X2)" "V(C)"')


def test_a_step_that_does_not_fit_names_the_tran_line():
    with pytest.raises(NetlistError, match=r"netlist:14: a step of .* too long for junction"):
        run(read(LINE.replace(".tran 0.1p 80p 0 0.5p", ".tran 20p 80p")))
    with pytest.raises(NetlistError, match=r"netlist:14: the step must be positive"):
        run(read(LINE), step=1e-9)
    with pytest.raises(NetlistError, match=r"has no \.tran"):
        run(read(LINE.replace(".tran", "*")))


@pytest.mark.parametrize(
    ("lines", "where", "says"),
    [
        (["V1 a 0 1m", "V2 0 a 2m"], 3, "'V2' closes a loop"),
        (["L1 a 0 1p", "K1 L1 L2 0.9", "K2 L2 L3 0.9", "L2 b 0 1p", "L3 b 0 1p", "K3 L1 L3 -0.9"], 2, "not definite"),
        ([".subckt s p", "R1 p 0 1", "C1 q r 1p", ".ends", "X1 a s"], 4, "'X1.q'"),
        (["T1 a 0 b 0 z0=2 td=0.02p", "R2 b 0 1"], 4, "less than a step"),
    ],
)
def test_what_the_engine_refuses_is_named_where_it_stands(lines, where, says):
    deck = read("\n".join(["R1 a 0 1", *lines, ".tran 0.1p 10p", ".print v(a)", ""]))
    with pytest.raises((NetlistError, EngineError)) as caught:
        run(deck)
    assert str(caught.value).startswith(f"netlist:{where}: ")
    assert says in str(caught.value)


def test_a_step_in_which_a_phase_turns_too_far_is_halved_as_in_josim(caplog):
    deck = read(
        ".model jj jj(icrit=1m, cap=2.5p, r0=30, rn=5)\nB1 a 0 jj\nI1 0 a pwl(0 0 10p 2.2m)\n.tran 0.25p 200p 0 1p\n"
        ".print p(B1)\n"
    )
    # 11 mV, 5.3 turns a picosecond: aliased at the step that is asked for.
    speeds = [(t.values[0, -1] - t.values[0, 149]) / 50e-12 / 2 / np.pi for t in (run(deck), run(deck, step=0.25e-12))]
    assert speeds[0] == pytest.approx(11e-3 / FLUX_QUANTUM, rel=2e-3)
    assert abs(speeds[1] / speeds[0] - 1) > 0.1
    said = [record.getMessage() for record in caplog.records]
    assert len(said) > 2
    assert all(text.endswith("which is halved") for text in said[:-1])
    assert said[-1].startswith("netlist:4: a phase turns by ")
    assert said[-1].endswith("use a shorter one")


def test_negative_inductances_are_taken():
    deck = read("I1 0 a pwl(0 0 1p 1m)\nL1 a 0 -6p\nL2 a 0 2p\nR1 a 0 1\n.tran 0.1p 40p\n.print i(L1) i(L2)\n")
    assert deck.circuit["L1"].inductance == -6e-12
    # In parallel 3 pH; the fluxes are the same.
    assert run(deck).values[:, -1] == pytest.approx([-0.5e-3, 1.5e-3], rel=1e-4)


def coupled_line():
    """A line of stages with a transformer, as the toolkit describes it."""
    stage = SubCircuit("stage", ("input", "output"))
    stage.inductor("lin", "input", "mid", 2e-12)
    stage.junction("q", "mid", "0", critical_current=250e-6, capacitance=175e-15, resistance=2.7)
    stage.current("bias", "0", "mid", bias_ramp(175e-6))
    stage.inductor("lout", "mid", "output", 2e-12)
    circuit = Circuit("coupled_line")
    pulse = trapezoids([30e-12, 60e-12], high=500e-6, rise=3e-12, width=0.0, fall=3e-12)
    circuit.current("drive", "0", "n0", pulse, role="input")
    for k in range(3):
        circuit.instance(f"s{k}", stage, input=f"n{k}", output=f"n{k + 1}")
    circuit.resistor("load", "n3", "0", 4.0)
    circuit.inductor("near", "n3", "w", 5e-12)
    circuit.resistor("end", "w", "0", 3.0)
    circuit.inductor("far", "f", "0", 5e-12)
    circuit.capacitor("cap", "f", "0", 1e-13)
    circuit.resistor("lossy", "f", "0", 2.0)
    circuit.mutual("k", "near", "far", 0.4)
    return circuit


def test_what_the_toolkit_writes_is_read_back_the_same():
    circuit = coupled_line()
    record = ["phase(s0.q)", "phase(s2.q)", "voltage(f)", "current(load)"]
    deck = read(josim.write(circuit, duration=100e-12, outputs=record))
    assert not deck.warnings
    assert len(deck.circuit.flatten().of_type(Mutual)) == 1
    native = transient(circuit, duration=100e-12, step=1e-13, record=record, engine="native")
    traces = run(deck)
    for row in range(2):
        slips = [np.interp((np.pi, 3 * np.pi), t.values[row], t.times) for t in (native, traces)]
        assert slips[0] == pytest.approx(slips[1], abs=1e-15)
    middle = (traces.values[:, 1:] + traces.values[:, :-1])[:, : native.values.shape[1]] / 2
    for row in range(4):
        size = np.ptp(native.values[row])
        assert np.max(np.abs(native.values[row, : middle.shape[1]] - middle[row])) < 0.01 * size


@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on the PATH")
def test_ngspice_runs_a_netlist_too():
    deck = read(LINE.replace("dc 0", "").replace("Rload c 0 4", "Rload c 0 4\nIx 0 c exp(0 20u 2p 5p 40p 5p)"))
    values = [run(deck, engine).values[0, -1] for engine in ("native", "ngspice")]
    assert values[0] == pytest.approx(values[1], abs=1e-3)


@pytest.mark.skipif(shutil.which("josim-cli") is None, reason="josim-cli is not on the PATH")
@pytest.mark.parametrize("bias", ["pwl(0 0 10p 175u)", "dc 175u"])
def test_josim_writes_the_same_columns(tmp_path, bias):
    path = tmp_path / "line.cir"
    path.write_text(LINE.replace("pwl(0 0 10p 175u)", bias))
    command = ["josim-cli", "-m", "-o", str(tmp_path / "theirs.csv"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    deck = read(path)
    ours = list(csv.reader(csv_text(deck, run(deck)).splitlines()))
    with (tmp_path / "theirs.csv").open(newline="") as file:
        theirs = list(csv.reader(file))
    assert ours[0] == theirs[0]
    a, b = (np.array(table[1:], dtype=float) for table in (ours, theirs))
    assert a[-1, 1:3] == pytest.approx(b[-1, 1:3], abs=1e-3)
    for column in (1, 2):
        slip = [np.interp(np.pi, t[:, column], t[:, 0]) for t in (a, b)]
        assert slip[0] == pytest.approx(slip[1], abs=0.1e-12)
