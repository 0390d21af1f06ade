"""Crossbars of nonlinear cells: currents that obey Kirchhoff's laws and the cells' own law, and the linear limit."""

from dataclasses import dataclass

import numpy as np
import pytest

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.nonlinear import solve_cells
from spice_models.errors import DescriptionError, EngineError


@dataclass
class Sinh:
    """``I = a sinh(b V)``."""

    a: np.ndarray
    b: float

    def current(self, voltage):
        return self.a * np.sinh(self.b * voltage)

    def slope(self, voltage):
        return self.a * self.b * np.cosh(self.b * voltage)


def cells(m, n, b, seed=0):
    return Sinh(1 / np.random.default_rng(seed).uniform(1e4, 1e5, (m, n)) / b, b)


@pytest.mark.parametrize(
    ("b", "wire", "swing"), [(3.0, 1.0, 2.0), (10.0, 100.0, 2.0), (20.0, 1000.0, 1.0), (5.0, 0.0, 1.0)]
)
def test_cells_and_wires_agree(b, wire, swing):
    m, n = 24, 17
    law = cells(m, n, b)
    v = np.random.default_rng(1).uniform(-swing, swing, m)
    wires = Crossbar(np.ones((m, n)), word_resistance=wire, bit_resistance=wire).network
    found = solve_cells(wires, law, v, np.zeros(n))
    words, bits = found.balance.word_nodes, found.balance.bit_nodes
    flow = law.current(words - bits)
    np.testing.assert_allclose(flow, found.cell_currents, rtol=1e-9, atol=1e-12 * np.abs(flow).max())
    np.testing.assert_allclose(flow.sum(0), found.balance.bit_currents, atol=1e-11 * np.abs(flow).sum())
    # What is left in a line past each cell flows through the next segment.
    into = np.cumsum(flow[:, ::-1], axis=1)[:, ::-1]
    fall = -np.diff(np.column_stack([v, words]), axis=1)
    np.testing.assert_allclose(fall, wire * into, atol=1e-10 * swing)


def test_linear_cells_are_the_linear_array():
    g = 1 / np.random.default_rng(2).uniform(1e4, 1e5, (9, 9))

    @dataclass
    class Ohm:
        def current(self, voltage):
            return g * voltage

        def slope(self, voltage):
            return g

    crossbar = Crossbar(g, word_resistance=10.0, bit_resistance=10.0)
    v = np.linspace(-1, 1, 9)
    found = solve_cells(crossbar.network, Ohm(), v, np.zeros(9))
    np.testing.assert_allclose(found.balance.bit_currents, crossbar.currents(v), rtol=1e-11)
    assert found.steps == 1


@pytest.mark.parametrize("wire", [0.0, 10.0, 1e3])
@pytest.mark.parametrize("shape", [(4, 1), (9, 7)])
def test_cells_that_conduct_far_better_one_way_are_solved(shape, wire):
    rng = np.random.default_rng(1)
    forward, backward = rng.uniform(1e-5, 1e-3, shape), rng.uniform(1e-3, 1e-1, shape)

    @dataclass
    class Kinked:
        def current(self, voltage):
            return np.where(voltage >= 0, forward, backward) * np.sinh(3 * voltage)

        def slope(self, voltage):
            return 3 * np.where(voltage >= 0, forward, backward) * np.cosh(3 * voltage)

    crossbar = Crossbar(np.ones(shape), word_resistance=wire, bit_resistance=wire, terminal_resistance=1e3)
    v = rng.uniform(-1, 1, shape[0])
    found = solve_cells(crossbar.network, Kinked(), v, np.zeros(shape[1]))
    words, bits = found.balance.word_nodes, found.balance.bit_nodes
    flow = Kinked().current(words - bits)
    scale = np.abs(flow).max()
    np.testing.assert_allclose(flow.sum(0), found.balance.bit_currents, atol=1e-9 * scale)
    into = np.cumsum(flow[:, ::-1], axis=1)[:, ::-1]
    np.testing.assert_allclose(-np.diff(np.column_stack([v, words]), axis=1), wire * into, atol=1e-9)


@pytest.mark.parametrize(("wire", "driver"), [(1.0, 0.0), (1e4, 1e4), (100.0, 50.0)])
def test_diodes_far_beyond_their_knee_are_solved(wire, driver):
    # At 5 V the first tangents land where such a cell would carry 1e60 A and more.
    rng = np.random.default_rng(3)
    m, n = 20, 15
    saturation = 10 ** rng.uniform(-15, -11, (m, n))

    @dataclass
    class Diode:
        def current(self, voltage):
            return saturation * np.expm1(40 * voltage) + 1e-12 * voltage

        def slope(self, voltage):
            return 40 * saturation * np.exp(40 * voltage) + 1e-12

    v = rng.uniform(-5, 5, m)
    crossbar = Crossbar(np.ones((m, n)), word_resistance=wire, bit_resistance=wire, driver_resistance=driver)
    found = solve_cells(crossbar.network, Diode(), v, np.zeros(n))
    flow = Diode().current(found.balance.word_nodes - found.balance.bit_nodes)
    np.testing.assert_allclose(flow.sum(0), found.balance.bit_currents, rtol=1e-8)
    np.testing.assert_allclose(flow.sum(1), -found.balance.word_currents, rtol=1e-8, atol=1e-9 * np.abs(flow).sum())


def test_shapes_that_do_not_fit_are_named():
    wires = Crossbar(np.ones((2, 3)), word_resistance=1.0).network
    law = cells(2, 3, 1.0)
    with pytest.raises(DescriptionError, match=r"word voltages must have the shape \(2,\), got \(3,\)"):
        solve_cells(wires, law, np.ones(3), np.zeros(3))
    with pytest.raises(DescriptionError, match=r"currents of a law must have the shape \(2, 3\), got \(1, 2, 3\)"):
        solve_cells(wires, Sinh(law.a[None], 1.0), np.ones(2), np.zeros(3))
    with pytest.raises(DescriptionError, match="a CellNetwork, such as"):
        solve_cells(Crossbar(np.ones((2, 3))), law, np.ones(2), np.zeros(3))


def test_an_array_without_current_is_solved():
    wires = Crossbar(np.ones((2, 1)), word_resistance=7.0, terminal_resistance=3.0).network
    found = solve_cells(wires, cells(2, 1, 3.0), np.full(2, -0.8607), np.full(1, -0.8607))
    assert np.abs(found.balance.bit_currents).max() < 1e-15


def test_laws_that_fall_or_jump_are_refused():
    wires = Crossbar(np.ones((2, 2)), word_resistance=1e4).network
    v, none = np.array([1.0, 0.5]), np.zeros(2)

    @dataclass
    class Law:
        shape: str

        def current(self, voltage):
            return np.where(voltage > 0.3, 2e-3, 0.0) if self.shape == "jumps" else -1e-4 * voltage

        def slope(self, voltage):
            return np.full(voltage.shape, 1e-9 if self.shape == "jumps" else -1e-4)

    with pytest.raises(DescriptionError, match=r"cell \(0, 0\) falls with voltage"):
        solve_cells(wires, Law("falls"), v, none)
    with pytest.raises(EngineError, match="not continuous"):
        solve_cells(wires, Law("jumps"), v, none)
