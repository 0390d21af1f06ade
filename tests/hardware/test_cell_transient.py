"""Arrays whose cells switch: closed forms, order, the array without motion, and ngspice on the same deck."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from hardware.rram.array.cell_solve import solve_law
from hardware.rram.array.cell_transient import ORDER, Drive, cell_transient
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.line_transient import line_transient
from hardware.rram.array.write_schemes import write_voltages
from hardware.rram.device import VTEAM, CellArray, Faults, Filament, LinearCell, SeriesCell, Yakopcic
from hardware.rram.device.law import CellLawAt
from hardware.rram.netlists.transient import transient_netlist
from spice_models.errors import DescriptionError, EngineError

needs_ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")
SHAPE = (3, 4)


def wires(**changed):
    given = {"word_resistance": 20.0, "bit_resistance": 10.0} | changed
    return Crossbar(1e-4 * (1 + np.arange(12.0).reshape(SHAPE)), **given)


def start():
    return np.random.default_rng(0).uniform(0.1, 0.9, SHAPE)


def train(high, width, scheme="half"):
    # The same lines float in every pulse.
    other = (0, 1) if scheme == "floating" else (2, 2)
    cells = ((0, 1, high), (*other, -high))
    writes = [write_voltages(SHAPE, row, column, v, scheme) for row, column, v in cells]
    return Drive.pulses(writes, width=width, edge=width / 10, rest=width / 2)


def test_a_pulse_moves_a_cell_by_the_integral_of_its_rate():
    cell, high, width, edge = LinearCell(), 0.8, 40e-9, 10e-9
    drive = Drive.pulses([([high], [0.0])], width=width, edge=edge, rest=1e-9)
    run = cell_transient(Crossbar([[1.0]]), CellLawAt(cell, 0.1), drive)
    over = high / cell.threshold - 1
    moved = cell.speed * over * (width + edge * (high - cell.threshold) / high)
    assert run.states[-1, 0, 0] == pytest.approx(0.1 + moved, abs=2e-4)
    top = np.flatnonzero(np.isclose(run.times, edge + width))[0]
    assert run.bit_currents[top, 0] == pytest.approx(high * cell.conductance(run.states[top, 0, 0], 1.0), rel=1e-9)


@pytest.mark.parametrize("capacitance", [0.0, 2e-13])
def test_the_error_falls_with_the_order_declared(capacitance):
    model = SeriesCell(cell=LinearCell(threshold=1e-3, speed=2e5), resistance=5e3)
    times = np.array([0.0, 3e-9])
    drive = Drive(times=times, words=np.array([[0.0, 0.0, 0.0], [1.5, 0.4, 0.9]]), bits=np.zeros((2, 4)))
    found = []
    for steps in (30, 60, 120, 720):
        run = cell_transient(
            wires(word_resistance=2e3, bit_resistance=2e3),
            CellLawAt(model, start() / 2),
            drive,
            longest=times[-1] / steps,
            accuracy=1.0,
            word_capacitance=capacitance,
            bit_capacitance=capacitance,
        )
        found.append(np.concatenate([run.states[-1].ravel(), 1e4 * run.bit_currents[-1]]))
    errors = [np.abs(f - found[-1]).max() for f in found[:-1]]
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx([ORDER, ORDER], abs=0.35)


def test_cells_at_rest_are_the_array_with_capacitance():
    crossbar = wires()
    g = np.asarray(crossbar.conductance)
    law = CellLawAt(LinearCell(minimum=0 * g, maximum=g, threshold=99.0), 1.0)
    end, v = 2e-12, np.array([1.0, -0.5, 0.3])
    drive = Drive(times=np.array([0.0, end]), words=np.array([v, v]), bits=np.zeros((2, 4)))
    run = cell_transient(crossbar, law, drive, word_capacitance=5e-15, bit_capacitance=2e-15, longest=end / 400)
    wanted = line_transient(
        crossbar, np.tile(v, (401, 1)), step=end / 400, word_capacitance=5e-15, bit_capacitance=2e-15
    )
    np.testing.assert_allclose(run.bit_currents[-1], wanted.bit_currents[-1], rtol=1e-4)
    np.testing.assert_allclose(run.bit_nodes, wanted.bit_nodes, rtol=1e-4)


@pytest.mark.parametrize("capacitance", [0.0, 2e-13])
def test_nothing_flows_before_a_train_begins(capacitance):
    drive = train(0.9, 20e-9)
    law = CellLawAt(VTEAM(), start())
    told = []
    run = cell_transient(
        wires(), law, drive, word_capacitance=capacitance, bit_capacitance=capacitance, progress=told.append
    )
    assert told == sorted(told)
    assert told[-1] == 1.0
    words, bits, states = run.at(0.0)
    assert not words.any()
    assert not bits.any()
    assert np.array_equal(states, start())


def test_what_goes_in_comes_out():
    run = cell_transient(wires(word_ends="both", bit_ends="both"), CellLawAt(Filament(), start() / 4), train(2.0, 2e-8))
    assert np.abs(run.states[-1] - start() / 4).max() > 0.1
    scale = np.abs(run.word_currents).max()
    np.testing.assert_allclose(run.word_currents.sum(1), run.bit_currents.sum(1), atol=1e-7 * scale)


@pytest.mark.ngspice
@needs_ngspice
@pytest.mark.parametrize(
    ("model", "high", "width", "options", "scheme"),
    [
        (LinearCell(), 1.2, 5e-8, {}, "third"),
        (VTEAM(), -0.5, 5e-8, {"word_resistance": 0.5, "bit_resistance": 0.0, "word_ends": "last"}, "half"),
        (Yakopcic(a2=0.05), 0.5, 5e-3, {"word_resistance": 0.5, "bit_resistance": 0.2}, "floating"),
        (
            Filament().spread(SHAPE, np.random.default_rng(1), current_scale=0.3, velocity=0.3),
            2.0,
            2e-8,
            {"word_ends": "both", "bit_ends": "first"},
            "half",
        ),
        (SeriesCell(cell=Filament(), resistance=200.0 * np.arange(12.0).reshape(SHAPE)), 2.4, 2e-8, {}, "half"),
    ],
    ids=["linear", "vteam", "yakopcic", "filament", "transistor"],
)
def test_writes_in_ngspice_are_those_of_python(model, high, width, options, scheme):
    crossbar, state = wires(**options), start() / (4 if width == 2e-8 else 1)
    drive, law = train(high, width, scheme), CellLawAt(model, state)
    end = drive.times[-1]
    wanted = cell_transient(crossbar, law, drive, longest=end / 400, accuracy=1e-5)
    found = transient_netlist(crossbar, drive, law=law).run()
    assert found.states.shape == (len(found.times), *SHAPE)
    assert np.abs(wanted.states - state).max() > 0.2
    words, bits, states = found.at(wanted.times)
    np.testing.assert_allclose(words, wanted.word_currents, atol=5e-3 * np.abs(wanted.word_currents).max())
    np.testing.assert_allclose(bits, wanted.bit_currents, atol=5e-3 * np.abs(wanted.bit_currents).max())
    np.testing.assert_allclose(states, wanted.states, atol=2e-3)
    np.testing.assert_allclose(states[-1], wanted.states[-1], atol=2e-4)


@pytest.mark.ngspice
@needs_ngspice
@pytest.mark.parametrize(
    "model", [Filament(), SeriesCell(cell=VTEAM(on_resistance=1e4, off_resistance=1e5), resistance=2e3)]
)
def test_stuck_cells_and_rows_behind_closed_transistors(model):
    high = 2.0 if isinstance(model, Filament) else -1.5
    stuck = np.zeros(SHAPE, dtype=bool)
    stuck[0, 1] = stuck[1, 3] = True
    law = CellLawAt(model, start() / 4, stuck=stuck).selected([0, 1], SHAPE)
    drive = Drive.pulses([(np.full(3, high), np.zeros(4))], width=2e-8, edge=2e-9, rest=1e-8)
    wanted = cell_transient(wires(), law, drive, longest=drive.times[-1] / 400, accuracy=1e-5)
    moved = np.abs(wanted.states[-1] - start() / 4) > 0.01
    still = stuck | (np.arange(3) == 2)[:, None]
    np.testing.assert_array_equal(moved, ~still)
    assert np.all(wanted.word_currents[:, 2] == 0)
    found = transient_netlist(wires(), drive, law=law).run()
    np.testing.assert_allclose(found.states[-1], wanted.states[-1], atol=2e-4)
    words, _, _ = found.at(wanted.times)
    np.testing.assert_allclose(words, wanted.word_currents, atol=5e-3 * np.abs(wanted.word_currents).max())


def test_a_law_knows_the_stuck_cells_of_its_array():
    cells = CellArray(LinearCell(), SHAPE, np.random.default_rng(3), faults=Faults(stuck_low=0.3))
    assert 0 < np.count_nonzero(~cells.working) < 12
    run = cell_transient(wires(), cells.law, train(1.2, 5e-8, "third"))
    assert np.all(run.states[-1][~cells.working] == cells.state[~cells.working])


@pytest.mark.ngspice
@needs_ngspice
def test_lines_with_capacitance_in_ngspice():
    crossbar, capacitance = wires(), {"word_capacitance": 50e-15, "bit_capacitance": 20e-15 * np.ones(SHAPE)}
    end, v = 2e-10, np.array([1.0, -0.5, 0.3])
    times = np.linspace(0, end, 401)
    ramp = np.minimum(times / (end / 4), 1)[:, None] * v
    wanted = line_transient(crossbar, ramp, step=times[1], **capacitance)
    drive = Drive(times=times[[0, 100, 400]], words=ramp[[0, 100, 400]], bits=np.zeros((3, 4)))
    found = transient_netlist(crossbar, drive, **capacitance).run()
    assert found.states.size == 0
    words, bits, _ = found.at(wanted.times)
    np.testing.assert_allclose(words, wanted.word_currents, atol=1e-3 * np.abs(wanted.word_currents).max())
    np.testing.assert_allclose(bits, wanted.bit_currents, atol=1e-3 * np.abs(wanted.bit_currents).max())
    np.testing.assert_allclose(found.word_nodes, wanted.word_nodes, atol=1e-3)
    moving = CellLawAt(VTEAM(on_resistance=1e4, off_resistance=1e5), start())
    wanted = cell_transient(crossbar, moving, drive, longest=end / 400, **capacitance)
    _, bits, _ = transient_netlist(crossbar, drive, law=moving, **capacitance).run().at(wanted.times)
    np.testing.assert_allclose(bits, wanted.bit_currents, atol=1e-3 * np.abs(wanted.bit_currents).max())


@pytest.mark.ngspice
@needs_ngspice
def test_a_written_file_prints_the_bit_currents_over_time(tmp_path):
    drive = train(1.2, 5e-8)
    written = transient_netlist(wires(), drive, law=CellLawAt(LinearCell(), start()), longest=5e-9)
    written.write(tmp_path / "writes.cir")
    run = subprocess.run(
        ["ngspice", "-n", "-b", "writes.cir"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    rows = re.findall(r"^\d+((?:\s+[-+.e\d]+){5})\s*$", run.stdout, flags=re.M)
    table = np.array([row.split() for row in rows], dtype=float)
    assert table[-1, 0] == pytest.approx(drive.times[-1])
    np.testing.assert_allclose(table[:, 1:], written.run().at(table[:, 0])[1], atol=2e-6)


def test_what_makes_no_sense_is_told():
    law = CellLawAt(Filament(), 0.0)
    flat = {"words": np.zeros((2, 3)), "bits": np.zeros((2, 4))}
    with pytest.raises(DescriptionError, match="rise from 0"):
        Drive(times=np.array([0.0, 0.0]), **flat)
    few = CellLawAt(Filament(), 0.0, stuck=np.ones(3, dtype=bool))
    for run in (
        lambda: cell_transient(wires(), few, train(1.0, 1e-8)),
        lambda: transient_netlist(wires(), train(1.0, 1e-8), law=few),
    ):
        with pytest.raises(DescriptionError, match=r"cells are stuck is told by truth values of shape \(3, 4\)"):
            run()
    with pytest.raises(DescriptionError, match="selected rows are whole numbers from 0 to 2, got 3"):
        law.selected(3, SHAPE)
    with pytest.raises(DescriptionError, match=r"floats .NaN. all the time or never: .* start the next"):
        Drive(times=np.array([0.0, 1.0]), words=np.array([[0, 0, 0], [0, np.nan, 0]]), bits=np.zeros((2, 4)))
    with pytest.raises(DescriptionError, match="drive of 3 word and 4 bit lines does not fit an array of 2 x 2"):
        cell_transient(Crossbar(np.ones((2, 2))), law, Drive(times=np.array([0.0, 1.0]), **flat))
    nowhere = Drive(times=np.array([0.0, 1.0]), words=np.full((2, 3), np.nan), bits=np.full((2, 4), np.nan))
    with pytest.raises(DescriptionError, match="nothing holds the voltage of word line 0"):
        transient_netlist(wires(), nowhere, law=law)
    with pytest.raises(DescriptionError, match="longest step"):
        transient_netlist(wires(), train(1.0, 1e-8), longest=1.0)
    with pytest.raises(DescriptionError, match="above 0"):
        Drive.pulses([], width=1e-9, edge=1e-9, rest=1e-9)


@pytest.mark.parametrize(
    ("law", "told"),
    [
        (lambda: None, "current"),
        (VTEAM, "CellLawAt"),
        (lambda: CellLawAt(VTEAM(), np.zeros((2, 2))), "states of cells are one for all"),
        (lambda: CellLawAt(VTEAM(on_resistance=np.full((2, 2), 50.0)), 0.5), "parameters of cells"),
        (lambda: CellLawAt(VTEAM(), 1.5), "within 0 and 1"),
        (lambda: CellLawAt("VTEAM", 0.5), "CellModel"),
        (lambda: CellLawAt(Filament(edge=-1.0), 0.5), "not be negative"),
    ],
)
def test_a_law_that_makes_no_sense_is_told(law, told):
    with pytest.raises(DescriptionError, match=told):
        solve_law(wires(), law(), np.ones(3))


def test_a_missing_simulator_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="install it"):
        transient_netlist(wires(), train(1.0, 1e-8), law=CellLawAt(Filament(), 0.0)).run()
