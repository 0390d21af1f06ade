"""Crossbars as circuits: the simulators' answers against the array solve."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from hardware.rram.array.cell_solve import solve_law
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.write_schemes import write_voltages
from hardware.rram.device import VTEAM, CellArray, Filament, LinearCell, SeriesCell, Yakopcic
from hardware.rram.device.law import CellLawAt
from hardware.rram.netlists.netlist import crossbar_circuit, netlist, solve_circuit
from spice_models.engines import why_unavailable
from spice_models.errors import DescriptionError, EngineError, UnknownNameError

needs_ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")
needs_library = pytest.mark.skipif(why_unavailable("ngspice-shared") is not None, reason="needs libngspice and PySpice")
ENGINES = [
    pytest.param("ngspice", marks=[pytest.mark.ngspice, needs_ngspice]),
    pytest.param("ngspice-shared", marks=[pytest.mark.ngspice, needs_library]),
    "native",
]
SHAPE = (8, 8)
CELLS = {
    "linear": LinearCell(),
    "vteam": VTEAM(on_resistance=1e4, off_resistance=1e6),
    "yakopcic": Yakopcic(a1=2e-4, a2=5e-5, b=3.0),
    "filament": Filament(),
    "spread": Filament().spread(SHAPE, np.random.default_rng(1), current_scale=0.2, voltage_scale=0.1, gap_scale=0.05),
    "transistor": SeriesCell(cell=Filament(), resistance=np.random.default_rng(2).uniform(0, 5e3, SHAPE).round(-3)),
    "twice": SeriesCell(cell=SeriesCell(cell=VTEAM(), resistance=2e3), resistance=1e3),
}


def array(m, n, **options):
    rng = np.random.default_rng(0)
    return Crossbar(1 / rng.uniform(1e4, 1e5, (m, n)), **options), rng.uniform(-1, 1, m)


def states(shape=SHAPE):
    return np.random.default_rng(3).uniform(0, 1, shape)


def assert_same(found, wanted):
    scale = max(np.abs(wanted.word_nodes).max(), np.abs(wanted.bit_nodes).max())
    for name in ("word_nodes", "bit_nodes"):
        assert getattr(found, name).shape == getattr(wanted, name).shape
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-9, atol=1e-12 * scale)
    for name in ("word_currents", "bit_currents"):
        largest = np.abs(getattr(wanted, name)).max()
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-9, atol=1e-10 * largest)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("m", "n", "options"),
    [
        (8, 8, {"word_resistance": 1.0, "bit_resistance": 10.0}),
        (3, 5, {"word_resistance": 100.0, "bit_resistance": 0.0, "terminal_resistance": 50.0, "word_ends": "both"}),
        (5, 3, {"bit_resistance": 30.0, "driver_resistance": 20.0, "bit_ends": "first", "word_ends": "last"}),
        (1, 1, {}),
        (1, 4, {"word_resistance": 1.0, "bit_resistance": np.zeros((1, 4)), "terminal_resistance": np.arange(4.0)}),
        (4, 1, {"word_resistance": np.arange(4.0)[:, None], "bit_resistance": 2.0, "bit_ends": "both"}),
    ],
)
def test_simulators_agree_with_the_array_solve(engine, m, n, options):
    if options.get("bit_ends") == "both":
        options = options | {"bit_resistance": np.arange(1.0, m + 2)[:, None] * np.ones(n)}
    crossbar, v = array(m, n, **options)
    assert_same(solve_circuit(crossbar, v, engine=engine), crossbar.solve(v))


@pytest.mark.parametrize("engine", ENGINES)
def test_floating_and_held_lines(engine):
    crossbar, v = array(4, 4, word_resistance=5.0, bit_resistance=5.0)
    v[1] = np.nan
    terminals = np.array([0.0, 0.3, np.nan, 0.1])
    assert_same(solve_circuit(crossbar, v, terminals, engine=engine), crossbar.solve(v, terminals))


@pytest.mark.ngspice
@needs_ngspice
@pytest.mark.parametrize("kind", CELLS)
def test_cells_of_every_model_at_their_states(kind):
    model, wires = CELLS[kind], {"word_resistance": 5.0, "bit_resistance": 3.0, "driver_resistance": 20.0}
    crossbar, v = array(*SHAPE, **wires)
    cells = CellArray(model, SHAPE, np.random.default_rng(0), state=states())
    wanted = solve_law(crossbar, cells.law, v)
    assert_same(netlist(crossbar, v, law=cells.law).solve(), wanted)
    ohmic = v @ cells.conductance(1e-3)
    assert np.abs(wanted.bit_currents / ohmic - 1).max() > 1e-4


@pytest.mark.ngspice
@needs_ngspice
def test_rows_behind_closed_transistors_do_not_conduct():
    crossbar, v = array(*SHAPE, word_resistance=5.0, bit_resistance=3.0)
    law = CellLawAt(CELLS["transistor"], states()).selected([2, 5], SHAPE)
    wanted = solve_law(crossbar, law, v)
    np.testing.assert_array_equal(wanted.word_currents != 0, np.isin(np.arange(8), [2, 5]))
    assert_same(netlist(crossbar, v, law=law).solve(), wanted)


@pytest.mark.ngspice
@needs_ngspice
@pytest.mark.parametrize("scheme", ["half", "third", "floating"])
@pytest.mark.parametrize(("word_ends", "bit_ends"), [("first", "last"), ("both", "first"), ("last", "both")])
def test_nonlinear_cells_under_write_schemes_and_any_ends(scheme, word_ends, bit_ends):
    rng = np.random.default_rng(4)
    shape = (4, 6)
    crossbar = Crossbar(
        np.ones(shape),
        word_resistance=rng.uniform(0, 9, (4, 7 if word_ends == "both" else 6)).round(),
        bit_resistance=rng.uniform(0, 9, (5 if bit_ends == "both" else 4, 6)).round(),
        driver_resistance=rng.uniform(0, 50, 4),
        word_ends=word_ends,
        bit_ends=bit_ends,
    )
    law = CellLawAt(Filament().spread(shape, rng, current_scale=0.3), states(shape))
    v, bits = write_voltages(shape, 1, 2, 1.5, scheme)
    assert_same(netlist(crossbar, v, bits, law=law).solve(), solve_law(crossbar, law, v, bits))


@pytest.mark.ngspice
@pytest.mark.slow
@needs_ngspice
def test_a_large_array_of_filaments():
    shape = (64, 64)
    crossbar, v = array(*shape, word_resistance=1.0, bit_resistance=1.0)
    law = CellLawAt(Filament(), states(shape))
    assert_same(netlist(crossbar, v, law=law).solve(), solve_law(crossbar, law, v))


@pytest.mark.parametrize(("word_ends", "bit_ends"), [("first", "both"), ("both", "first"), ("last", "first")])
def test_solve_law_of_conductances_is_solve_for_any_ends(word_ends, bit_ends):
    crossbar, v = array(4, 6, word_resistance=9.0, bit_resistance=7.0, word_ends=word_ends, bit_ends=bit_ends)
    v[1], bits = np.nan, np.array([0, 0.1, np.nan, 0, 0, 0.2])
    g = np.asarray(crossbar.conductance)
    law = CellLawAt(LinearCell(minimum=0 * g, maximum=g), np.ones(g.shape))
    assert_same(solve_law(crossbar, law, v, bits), crossbar.solve(v, bits))


@pytest.mark.ngspice
@needs_ngspice
def test_a_written_file_prints_the_bit_currents(tmp_path):
    crossbar, v = array(3, 4, word_resistance=1.0, bit_resistance=1.0)
    v[:] = np.abs(v)
    netlist(crossbar, v, name="my_array").write(tmp_path / "array.cir")
    run = subprocess.run(
        ["ngspice", "-n", "-b", "array.cir"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    printed = dict(re.findall(r"^i\(vb_(\d)\) = (\S+)", run.stdout, flags=re.M))
    assert [float(printed[str(j)]) for j in range(4)] == pytest.approx(crossbar.currents(v), rel=1e-9)


def test_the_circuit_has_a_resistor_a_cell_and_a_segment():
    crossbar, v = array(3, 4, word_resistance=1.0, bit_resistance=1.0)
    built = crossbar_circuit(crossbar, v)
    assert len(built.circuit) == 3 * 4 * 3 + 3 + 4
    g = np.asarray(crossbar.conductance).copy()
    g[1, 2] = 0.0
    assert len(crossbar_circuit(Crossbar(g), v).circuit) == 3 * 4 - 1 + 3 + 4
    law = CellLawAt(LinearCell(minimum=0.0), np.eye(3, 4))
    assert netlist(crossbar, v, law=law).text.count("\nRC_") == 3


def test_what_cannot_be_written_or_run_is_told(monkeypatch):
    crossbar, v = array(2, 3, word_resistance=1.0)

    class Diode:
        def current(self, voltage):
            return np.expm1(voltage)

        def slope(self, voltage):
            return np.exp(voltage)

    class Own(LinearCell):
        pass

    with pytest.raises(DescriptionError, match=r"shape \(2,\), got \(2, 3\)"):
        crossbar_circuit(crossbar, np.ones((2, 3)))
    with pytest.raises(DescriptionError, match="bit voltages are one number"):
        netlist(crossbar, v, np.zeros(2))
    with pytest.raises(DescriptionError, match="needs cells of a model"):
        netlist(crossbar, v, law=Diode())
    with pytest.raises(DescriptionError, match="a Own has no form as netlist; those of LinearCell, VTEAM"):
        netlist(crossbar, v, law=CellLawAt(SeriesCell(cell=Own(), resistance=1.0), np.zeros((2, 3))))
    with pytest.raises(DescriptionError, match="within 0 and 1"):
        netlist(crossbar, v, law=CellLawAt(LinearCell(), np.full((2, 3), 1.5)))
    with pytest.raises(UnknownNameError, match="ngspice-shared"):
        netlist(crossbar, v).solve("josim")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="install it"):
        netlist(crossbar, v).solve()


@pytest.mark.parametrize("bit_ends", ["last", "first"])
def test_an_island_is_named_as_in_the_model(bit_ends):
    g = np.array([[1e-4, 1e-4, 0.0], [1e-4, 1e-4, 0.0], [0.0, 0.0, 0.0]])
    crossbar = Crossbar(g, word_resistance=1.0, bit_resistance=1.0, bit_ends=bit_ends)
    v = np.array([1.0, 0.5, np.nan])
    with pytest.raises(DescriptionError, match="voltage of word line 2: they float"):
        netlist(crossbar, v)
    with pytest.raises(DescriptionError, match="voltage of word line 2: they float"):
        crossbar.currents(v)
    law = CellLawAt(LinearCell(minimum=np.minimum(g, 1e-6)), 0.0)
    for solve in (solve_law, netlist):
        with pytest.raises(DescriptionError, match="voltage of word line 2: they float"):
            solve(crossbar, law, v) if solve is solve_law else solve(crossbar, v, law=law)
