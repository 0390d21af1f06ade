"""What users of SPICE and WRspice bring along: titles, phase nodes, times without their unit, names from inside out."""

import numpy as np
import pytest

from spice_models.dialects.reader import read, run
from spice_models.errors import NetlistError

JUNCTION = """.model jj jj(rtype=1, vg=2.8m, cap=70f, r0=160, rn=16, icrit=0.1m)
B1 1 0 31 jj
R1 1 0 6.8
I1 0 1 pwl(0 0 5p 70u)
"""


def netlist(*lines, tran=".tran 0.05p 30p"):
    return "\n".join(["* test", JUNCTION, *lines, tran, ""])


def test_the_voltage_of_a_phase_node_is_the_phase():
    cell = ".subckt cell a\nB2 a 0 32 jj\nR2 a 0 6.8\n.ends\nX1 2 cell\nI2 0 2 pwl(0 0 5p 50u)"
    deck = read(netlist(cell, ".print v(31) p(B1) v(1) v(32.X1) p(B2.X1) p(31)"))
    traces = run(deck)
    assert traces.names == ("V(31)", "P(B1)", "V(1)", "V(32|X1)", "P(B2|X1)", "P(31)")
    for node, junction in ((0, 1), (3, 4), (5, 1)):
        assert np.array_equal(traces.values[node], traces.values[junction])
    assert traces.values[1, -1] == pytest.approx(np.arcsin(0.7), abs=0.05)
    assert traces.values[4, -1] == pytest.approx(np.arcsin(0.5), abs=0.05)


def test_a_node_of_the_circuit_goes_before_a_phase_node_of_its_name():
    traces = run(read(netlist("R9 1 31 3\nC9 31 0 10f", ".print v(31) p(B1)")))
    assert np.max(np.abs(traces.values[0])) < 1e-3 < np.max(traces.values[1])


@pytest.mark.parametrize("title", ["first line of a deck", "josephson junction", "ring of junctions"])
def test_a_title_is_told_from_an_element(title):
    with pytest.raises(NetlistError, match=r"netlist:1: .*\(if this is a title, put a \* before it\)"):
        read(title + "\n" + netlist())


def test_only_the_first_line_may_be_a_title():
    with pytest.raises(NetlistError) as caught:
        read(netlist("josephson junction"))
    assert "title" not in str(caught.value)


def test_elements_are_among_what_can_be_printed():
    with pytest.raises(NetlistError, match="no node or element 'B9'; available: 1, b1, i1, r1"):
        read(netlist(".print p(B9)"))


@pytest.mark.parametrize(
    ("tran", "message"),
    [(".tran 0.05p 30", "steps of 5e-14 s"), (".tran 1e-30 1", "steps of 1e-30 s"), (".tran 1p 5m", "a table of 1e")],
)
def test_times_without_a_unit_are_refused_before_memory_runs_out(tran, message):
    deck = read(netlist(".print p(B1) v(1)", tran=tran))
    with pytest.raises(NetlistError, match=rf"netlist:8: .*{message}"):
        run(deck)
