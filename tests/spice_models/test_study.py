"""Users' netlists as studies: what is a supply, what must hold, and when the netlist's time zero is."""

import pytest

from spice_models.analysis.margins import margins
from spice_models.analysis.shmoo import shmoo
from spice_models.analysis.study import netlist_study
from spice_models.engines.native import transient_batch
from spice_models.errors import DescriptionError, NetlistError, UnknownNameError

NETLIST = """* two stages behind a converter
.model jj jj(rtype=0, icrit=100u, cap=70f, rn=5)
.subckt stage in out
B1 n 0 jj
L1 in n 2p
L2 n out 2p
RB n s 35.7
VB s 0 pwl(0 0 5p 2.5m)
.ends
Iin 0 a pwl(0 0 30p 0 33p 600u 39p 600u 45p 0)
Lp a 0 3p
LD a d 1p
BD d m jj
BM m 0 jj area=1.3
LM m b 3p
IB 0 m {bias}
X1 stage b c
X2 stage c e
RL e 0 3
.tran 0.1p 80p
"""
FROM_ZERO = NETLIST.format(bias="pwl(0 0 5p 100u)")


@pytest.fixture(scope="module")
def study():
    return netlist_study(FROM_ZERO)


def scopes(study):
    return {p.name: (p.scope, set(p.scales)) for p in study.parameters}


def test_sources_that_stay_are_supplies_and_others_inputs(study):
    found = scopes(study)
    assert found["bias"] == ("global", {"IB", "X1.VB", "X2.VB"})
    assert found["X1.VB"] == ("bias-line", {"X1.VB"})
    assert "Iin" not in found
    fewer = scopes(netlist_study(FROM_ZERO, inputs=["x1.vb", "IB"]))
    assert fewer["bias"] == ("global", {"X2.VB"})
    assert not {"IB", "X1.VB"} & set(fewer)
    assert {"X1.B1", "LM", "IB"} <= {p.name for p in study.elements}


def test_by_default_all_junctions_slip_as_in_the_netlist_as_it_is(study):
    (counts,), (backward,) = study.rule.counts, study.rule.backward
    assert counts == {"BD": -1, "BM": 1, "X1.B1": 1, "X2.B1": 1}
    assert backward == {"BD": 1, "BM": 0, "X1.B1": 0, "X2.B1": 0}
    assert (study.duration, study.step, study.start, study.notes[1:]) == (pytest.approx(80e-12), 1e-13, 0.0, ())
    some = netlist_study(FROM_ZERO, count=["x?.*", "BM"])
    assert some.rule.counts == [{"X1.B1": 1, "X2.B1": 1, "BM": 1}]
    with pytest.raises(UnknownNameError, match=r"'Y\*'"):
        netlist_study(FROM_ZERO, count=["Y*"])


def test_constant_sources_have_settled_before_time_zero(study):
    settled = netlist_study(NETLIST.format(bias="100u"), expect={"B1|X2": 1}, windows={"b1|x2": (35e-12, 60e-12)})
    assert settled.start == pytest.approx(100e-12)
    assert settled.duration == pytest.approx(180e-12)
    assert settled.rule.counts == [{"X2.B1": 1}]
    times = transient_batch(settled.circuits[0], duration=settled.duration).pulses("X2.B1") - settled.start
    before = transient_batch(study.circuits[0], duration=study.duration).pulses("X2.B1")
    assert times == pytest.approx(before, abs=0.1e-12)
    assert any("runs begin" in note for note in settled.notes)
    options = {"duration": settled.duration, "step": settled.step}
    report = margins(settled.circuits, settled.rule, parameters=settled.parameters[:1], limit=0.1, **options)
    assert report["bias"].high > 0
    early = netlist_study(NETLIST.format(bias="100u"), expect={"X2.B1": 1}, windows={"X2.B1": (0.0, 35e-12)})
    with pytest.raises(DescriptionError, match="slipped outside"):
        margins(early.circuits, early.rule, parameters=early.parameters[:1], **options)


def test_voltages_of_supplies_are_moved(study):
    named = {p.name: p for p in study.parameters}
    low = [-0.9, 0.0]
    found = shmoo(
        study.circuits,
        study.rule,
        x=named["X1.VB"],
        y=named["X2.VB"],
        x_deviations=low,
        y_deviations=low,
        duration=study.duration,
    )
    assert not found.passed[0, 0]
    assert found.passed[1, 1]


def test_the_spread_of_a_netlist_is_that_of_its_process(study):
    assert study.spreads == ()
    spread = netlist_study(FROM_ZERO.replace("LM m b 3p", "LM m b 3p spread=0.09") + ".spread 0.3 L=0.06\n").spreads
    named = {s.parameter.name: s for s in spread}
    assert named["LM"].sigma == pytest.approx(0.03)
    assert named["X1.L1"].sigma == pytest.approx(0.02)
    assert named["X1.B1"].sigma == pytest.approx(0.1)
    assert named["X1.B1"].parameter.scales == {"X1.B1": 1, "X1.B1:capacitance": 1, "X1.B1:resistance": -1}
    assert "IB" not in named


def test_what_makes_no_sense_is_told():
    with pytest.raises(NetlistError, match=r"has no \.tran"):
        netlist_study(FROM_ZERO.replace(".tran", "*"))
    with pytest.raises(UnknownNameError, match="no junction 'B9'"):
        netlist_study(FROM_ZERO, expect={"B9": 1})
    with pytest.raises(DescriptionError, match="no junctions"):
        netlist_study("* r\nR1 a 0 1\nI1 0 a 1u\n.tran 1p 10p\n")
