"""Crossbars as circuits: the simulators' answers against the array solve."""

import shutil

import numpy as np
import pytest

from hardware.rram.crossbar import Crossbar
from hardware.rram.netlist import crossbar_circuit, solve_circuit
from spice_models.errors import DescriptionError

ENGINES = [
    pytest.param("ngspice", marks=pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")),
    "native",
]


def array(m, n, **options):
    rng = np.random.default_rng(0)
    return Crossbar(1 / rng.uniform(1e4, 1e5, (m, n)), **options), rng.uniform(-1, 1, m)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("m", "n", "options"),
    [
        (8, 8, {"word_resistance": 1.0, "bit_resistance": 10.0}),
        (3, 5, {"word_resistance": 100.0, "bit_resistance": 0.0, "terminal_resistance": 50.0, "word_ends": "both"}),
        (5, 3, {"bit_resistance": 30.0, "driver_resistance": 20.0, "bit_ends": "first", "word_ends": "last"}),
        (1, 1, {}),
    ],
)
def test_simulators_agree_with_the_array_solve(engine, m, n, options):
    crossbar, v = array(m, n, **options)
    wanted, found = crossbar.solve(v), solve_circuit(crossbar, v, engine=engine)
    np.testing.assert_allclose(found.word_nodes, wanted.word_nodes, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.bit_nodes, wanted.bit_nodes, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.bit_currents, wanted.bit_currents, rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_floating_and_held_lines(engine):
    crossbar, v = array(4, 4, word_resistance=5.0, bit_resistance=5.0)
    v[1] = np.nan
    terminals = np.array([0.0, 0.3, np.nan, 0.1])
    wanted, found = crossbar.solve(v, terminals), solve_circuit(crossbar, v, terminals, engine=engine)
    np.testing.assert_allclose(found.bit_nodes, wanted.bit_nodes, rtol=0, atol=1e-9)


def test_the_circuit_has_a_resistor_a_cell_and_a_segment():
    crossbar, v = array(3, 4, word_resistance=1.0, bit_resistance=1.0)
    built = crossbar_circuit(crossbar, v)
    assert len(built.circuit) == 3 * 4 * 3 + 3
    with pytest.raises(DescriptionError, match="one input"):
        crossbar_circuit(crossbar, np.ones((2, 3)))
