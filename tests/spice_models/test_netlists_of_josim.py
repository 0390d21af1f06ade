"""Our own netlists run by both: the tables that JoSIM 2.7 has written of them, and what this reader and engine give."""

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spice_models.dialects import josim
from spice_models.dialects.reader import csv_text, read, run
from spice_models.elements import Junction
from spice_models.engines import transient

FOLDER = Path(__file__).parent / "netlists"
FAST = {"nested_line": 0.02, "controlled": 0.01, "shapes": 0.005}
"""Largest difference over the range of a column: most at the flanks of pulses, JoSIM's step being as long as ours."""


def table(text):
    head, *rows = csv.reader(io.StringIO(text))
    return head, np.array(rows, dtype=float)


def stored(name):
    return table((FOLDER / f"{name}.csv").read_text())


def ours(name):
    """Our table, with a row a step: JoSIM's own rows lie up to a step off the times that they were asked for."""
    deck = read(FOLDER / f"{name}.cir")
    deck = replace(deck, tran=replace(deck.tran, print_step=deck.tran.step))
    return table(csv_text(deck, run(deck)))


@pytest.mark.parametrize("name", FAST)
def test_columns_and_values_are_those_of_josim(name):
    (our_head, our_rows), (head, rows) = ours(name), stored(name)
    assert our_head == head
    for number, label in enumerate(head[1:], start=1):
        expected = rows[:, number]
        size = max(np.ptp(expected), 1e-9)
        values = np.interp(rows[:, 0], our_rows[:, 0], our_rows[:, number])
        off = np.abs(values - expected) / size
        # A source that jumps is taken by each at its own end of the step.
        assert np.quantile(off, 0.95) < FAST[name], (label, off.max())


def test_shifted_and_two_harmonic_junctions_rest_where_those_of_josim_do():
    (our_head, our_rows), (head, rows) = ours("relations"), stored("relations")
    assert our_head == head
    late = rows[:, 0] > 60e-12
    values = np.array([np.interp(rows[late, 0], our_rows[:, 0], column) for column in our_rows.T[1:]]).T
    # pi and -pi are one state of a pi junction, and which it falls to is decided by rounding errors.
    values[:, 4] = np.mod(values[:, 4], 2 * np.pi)
    assert values == pytest.approx(rows[late, 1:], abs=2e-6)


def test_junctions_above_the_gap_have_the_voltages_of_those_of_josim():
    (our_head, our_rows), (head, rows) = ours("gap_junctions"), stored("gap_junctions")
    assert our_head == head
    span = rows[-1, 0] - rows[2, 0]
    expected = (rows[-1] - rows[2])[1:] / span
    values = [
        (np.interp(rows[-1, 0], our_rows[:, 0], c) - np.interp(rows[2, 0], our_rows[:, 0], c)) / span
        for c in our_rows.T[1:]
    ]
    assert values == pytest.approx(expected, rel=0.005, abs=1e9)


@pytest.mark.skipif(shutil.which("josim-cli") is None, reason="josim-cli is not on the PATH")
@pytest.mark.parametrize("name", [*FAST, "relations", "gap_junctions"])
def test_the_stored_tables_are_what_josim_writes(name, tmp_path):
    command = ["josim-cli", "-m", "-o", str(tmp_path / "out.csv"), str(FOLDER / f"{name}.cir")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert (tmp_path / "out.csv").read_text() == (FOLDER / f"{name}.csv").read_text()


@pytest.mark.parametrize("name", ["nested_line", "relations", "controlled", "gap_junctions"])
def test_what_the_toolkit_writes_of_them_is_read_back_the_same(name):
    deck = read(FOLDER / f"{name}.cir")
    sizes = {"duration": deck.tran.stop, "step": deck.tran.step}
    junctions = [f"phase({j.name})" for j in deck.flat.of_type(Junction)]
    record = [*junctions, *(f"voltage({node})" for node in deck.flat.nodes[:6])]
    again = run(read(josim.write(deck.circuit, outputs=record, **sizes)))
    direct = transient(deck.circuit, record=record, **sizes)
    times = again.times[5:-5]
    for ours, theirs in zip(again.values[:, 5:-5], direct.values, strict=True):
        assert ours == pytest.approx(np.interp(times, direct.times, theirs), abs=0.01 * np.ptp(theirs) + 1e-9)


@pytest.mark.ngspice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on the PATH")
@pytest.mark.parametrize("name", ["nested_line", "controlled", "gap_junctions"])
def test_ngspice_agrees_on_the_same_netlists(name):
    deck = read(FOLDER / f"{name}.cir")
    native, other = run(deck), run(deck, "ngspice")
    assert native.names == other.names
    for label, ours, theirs in zip(native.names, native.values, other.values, strict=True):
        size = max(np.ptp(ours), 0.1 * np.abs(ours).max())
        assert np.quantile(np.abs(ours - theirs), 0.95) < 0.006 * size, label
