"""``neurosim simulate``: a user's netlist in, a table out."""

import numpy as np
import pytest
from typer.testing import CliRunner

from neurosim import cli

NETLIST = """* a resistively loaded junction
.model jj jj(rtype=1, icrit=100u, cap=70f, r0=6.9, rn=16)
B1 a 0 jj
I1 0 a pwl(0 0 10p 150u)
.tran 0.1p 40p 0 1p
.print phase B1
.print v(a)
"""


@pytest.fixture
def netlist(tmp_path):
    path = tmp_path / "junction.cir"
    path.write_text(NETLIST)
    return path


def invoke(*arguments):
    return CliRunner().invoke(cli.app, ["simulate", *map(str, arguments)])


def test_the_table_is_written_and_warnings_are_told(netlist, tmp_path):
    result = invoke(netlist, "-o", tmp_path / "out" / "table.csv")
    assert result.exit_code == 0, result.output
    lines = (tmp_path / "out" / "table.csv").read_text().splitlines()
    assert lines[0] == 'time,"P(B1)","V(A)"'
    assert (len(lines), lines[1]) == (41, "0.000000e+00,0.000000e+00,0.000000e+00")
    assert "warning:" in result.stderr
    assert "junction.cir:2" in result.stderr
    assert result.stdout == ""


def test_without_a_file_the_table_goes_to_standard_output(netlist):
    result = invoke(netlist, "--step", "0.05p")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith('time,"P(B1)","V(A)"\n0.000000e+00,')
    assert len(result.stdout.splitlines()) == 41


def test_files_of_the_netlist_are_written(netlist, tmp_path):
    netlist.write_text(NETLIST.replace(".print v", ".file voltage.dat\n.print v"))
    result = invoke(netlist)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert (tmp_path / "voltage.dat").read_text().startswith('time "V(A)"\n')


def test_errors_name_file_and_line(netlist, tmp_path):
    netlist.write_text(NETLIST + "Q1 a b c npn\n")
    result = invoke(netlist, "-o", tmp_path / "table.csv")
    assert result.exit_code == 1
    assert "junction.cir:8: element 'Q1' is not supported" in result.stderr
    assert not (tmp_path / "table.csv").exists()
    assert "cannot read" in invoke(tmp_path / "absent.cir").stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--step", "soon"), "--step"),
        (("--step", "0"), "must be positive"),
        (("--step", "90p"), "junction.cir:5"),
        (("--engine", "spice"), "no engine 'spice'"),
        (("-o", "/dev/null/table.csv"), "cannot write"),
    ],
)
def test_options_that_make_no_sense_are_refused(netlist, options, says):
    result = invoke(netlist, *options)
    assert result.exit_code == 1
    assert says in result.stderr


AMPLIFIER = """* an amplifier that feeds itself, from 1 uV on
E1 b 0 a 0 2
R1 b a 1
C1 a 0 1p
I1 0 a pwl(0 0 1p 1u)
.tran 0.1p 2n 0 1p
.print v(a) v(b)
"""


@pytest.mark.parametrize("more", ["", "L1 b c 1n\nB1 c 0 jj\n.model jj jj(icrit=100u, cap=70f, r0=10, rn=10)\n"])
def test_of_a_run_that_diverges_the_rows_up_to_then_are_kept(netlist, tmp_path, more):
    netlist.write_text(AMPLIFIER + more)
    result = invoke(netlist, "-o", tmp_path / "table.csv")
    assert result.exit_code == 1
    assert "junction.cir:6: circuit 'junction' diverged at " in result.stderr
    assert "node '" in result.stderr
    assert "reduce the step" in result.stderr
    head, *rows = (tmp_path / "table.csv").read_text().splitlines()
    table = np.array([row.split(",") for row in rows], dtype=float)
    assert head == 'time,"V(A)","V(B)"'
    assert np.all(np.isfinite(table))
    assert 20 < len(table) < 1999
    early = table[5:15]
    # The voltage follows v' = v / (R C) + i / C.
    assert np.diff(np.log(early[:, 1] + 1e-6)) == pytest.approx(np.ones(9), rel=2e-3)


def test_a_random_run_tells_the_seed_that_repeats_it(netlist):
    netlist.write_text("R1 a 0 2\nC1 a 0 1p\n.temp 4.2\n.tran 0.1p 5p\n.print v(a)\n")
    first = invoke(netlist)
    assert first.exit_code == 0, first.output
    seed = first.stderr.partition("--seed ")[2].split()[0]
    assert invoke(netlist, "--seed", seed).stdout == first.stdout
    assert invoke(netlist).stdout != first.stdout


def test_a_netlist_for_ngspice_is_recognised(netlist):
    netlist.write_text("* a supercurrent\nB1 a 0 i=1e-4*sin(v(p))\nR1 a 0 5\n.tran 0.1p 5p uic\n")
    result = invoke(netlist)
    assert result.exit_code == 1
    assert "junction.cir:2: B1: " in result.stderr
    assert "ngspice -b" in result.stderr
