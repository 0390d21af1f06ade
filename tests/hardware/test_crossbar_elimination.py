"""Elimination, for the effective matrix and for nodes: exact on any array, against dense solves with many digits."""

import tracemalloc

import mpmath
import numpy as np
import pytest

from hardware.rram.array import effort, elimination, fallback, memory
from hardware.rram.array import network as network_module
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.elimination import eliminated
from hardware.rram.array.fallback import eliminated_bit_nodes, turn
from hardware.rram.array.network import CellNetwork
from hardware.rram.array.terminals import LineEnds
from hardware.rram.netlists.wires import wires
from spice_models.errors import EngineError

ENDS = [(word, bit) for word in ("first", "last", "both") for bit in ("last", "first", "both")]


def exact_matrix(crossbar):
    """The effective matrix by a dense solve with 120 digits; wires without resistance are 1e-40 ohm."""
    g = np.asarray(crossbar.conductance)
    m, n = g.shape
    with mpmath.workdps(120):
        a, right = mpmath.zeros(2 * m * n), mpmath.zeros(2 * m * n, m)
        out = [[] for _ in range(n)]

        def joined(ohm):
            return 1 / (mpmath.mpf(float(ohm)) if ohm else mpmath.mpf(10) ** -40)

        def join(one, other, siemens):
            for at, to in ((one, other), (other, one)):
                a[at, at] += siemens
                a[at, to] -= siemens

        for i in range(m):
            along = wires(crossbar, "word", i)
            for j in range(n - 1):
                join(i * n + j, i * n + j + 1, joined(along[j + 1]))
            for node, ohm in ((i * n, along[0]), (i * n + n - 1, along[-1])):
                if np.isfinite(ohm):
                    a[node, node] += joined(ohm)
                    right[node, i] += joined(ohm)
        for j in range(n):
            along = wires(crossbar, "bit", j)
            for i in range(m - 1):
                join(m * n + i * n + j, m * n + (i + 1) * n + j, joined(along[i + 1]))
            for node, ohm in ((m * n + j, along[0]), (m * n + (m - 1) * n + j, along[-1])):
                if np.isfinite(ohm):
                    a[node, node] += joined(ohm)
                    out[j].append((node, joined(ohm)))
        for i in range(m):
            for j in range(n):
                join(i * n + j, m * n + i * n + j, mpmath.mpf(float(g[i, j])))
        x = mpmath.inverse(a) * right
        return np.array([[float(sum(s * x[node, i] for node, s in out[j])) for j in range(n)] for i in range(m)])


def one_by_one(network):
    """The effective matrix as the formulas stand: one resistor after the other, bit lines without a second end."""
    m, n = network.conductance.shape
    couplings, sources = np.zeros((n, n)), np.zeros((m, n))
    for i, g in enumerate(network.conductance):
        wire = np.diag(g)
        along = np.append(network.word_ends.start[i], network.word_segment[i, 1:])
        for k, r in enumerate(along):
            wire[k, k] += 1 / r
            if k:
                wire[k - 1, k - 1] += 1 / r
                wire[k, k - 1] = wire[k - 1, k] = -1 / r
        inverse = np.linalg.inv(wire)
        added = g[:, None] * inverse * g
        couplings += added - np.diag(np.diag(added))
        sources[i] = g * inverse[:, 0] / along[0]
        for p, r in enumerate(network.bit_segment[i] if i < m - 1 else network.bit_ends.start):
            c, a = couplings[p].copy(), sources[:, p].copy()
            t = 1 / (1 + r * (c.sum() + a.sum()))
            couplings += r * t * np.outer(c, c)
            sources += r * t * np.outer(a, c)
            couplings[p], couplings[:, p], sources[:, p] = t * c, t * c, t * a
            np.fill_diagonal(couplings, 0.0)
    return sources


def wild(seed, m, n, word_ends="first", bit_ends="last"):
    """Cells over 12 orders of magnitude, some missing; wires from none to 1e9 ohm, terminals of 1e9 ohm."""
    rng = np.random.default_rng(seed)
    g = 10 ** rng.uniform(-12, 0, (m, n)) * (rng.random((m, n)) < 0.8)
    word, bit = (
        np.where(rng.random(shape) < 0.5, rng.choice([0.0, 1e6]), 10 ** rng.uniform(-6, 9, shape))
        for shape in ((m, n + (word_ends == "both")), (m + (bit_ends == "both"), n))
    )
    return Crossbar(
        g,
        word_resistance=word,
        bit_resistance=bit,
        driver_resistance=rng.choice([0.0, 1e9]),
        terminal_resistance=rng.choice([0.0, 1e9]),
        word_ends=word_ends,
        bit_ends=bit_ends,
    )


@pytest.mark.parametrize(("word_ends", "bit_ends"), ENDS)
def test_every_entry_of_the_effective_matrix_has_all_digits(word_ends, bit_ends):
    for seed, (m, n) in enumerate([(3, 3), (2, 4), (4, 1)]):
        crossbar = wild(seed, m, n, word_ends, bit_ends)
        exact = exact_matrix(crossbar)
        np.testing.assert_allclose(crossbar.effective_conductance(), np.where(exact < 1e-60, 0, exact), rtol=1e-13)


@pytest.mark.parametrize(("m", "n"), [(19, 19), (37, 10), (10, 37)])
def test_eight_resistors_at_once_are_one_after_the_other(m, n):
    rng = np.random.default_rng(m)
    network = CellNetwork(
        conductance=rng.uniform(1e-5, 1e-4, (m, n)),
        word_segment=rng.uniform(1, 100, (m, n)),
        bit_segment=rng.uniform(1, 100, (m, n)),
        word_ends=LineEnds(start=rng.uniform(1, 100, m), end=np.full(m, np.inf)),
        bit_ends=LineEnds(start=rng.uniform(1, 100, n), end=np.full(n, np.inf)),
    )
    np.testing.assert_allclose(eliminated(network), one_by_one(network), rtol=1e-11)


@pytest.mark.parametrize(("word_ends", "bit_ends"), ENDS)
@pytest.mark.parametrize(("m", "n"), [(33, 20), (11, 40)])
def test_elimination_is_as_many_solves(m, n, word_ends, bit_ends):
    g = np.random.default_rng(1).uniform(1e-5, 1e-4, (m, n))
    crossbar = Crossbar(g, word_resistance=20.0, bit_resistance=30.0, word_ends=word_ends, bit_ends=bit_ends)
    one = crossbar.solve(np.eye(m)).bit_currents
    np.testing.assert_allclose(crossbar.effective_conductance(), one, rtol=1e-11)


def test_what_many_inputs_take_decides_how_they_are_solved():
    shape = (64, 64)
    crossbar = Crossbar(np.random.default_rng(2).uniform(1e-5, 2e-5, shape), word_resistance=1.0, bit_resistance=1.0)
    iterations = crossbar.network.solve(np.ones(64), np.zeros(64)).iterations
    first = next(k for k in range(2, 1000) if effort.matrix_pays(shape, iterations, k))
    v = np.random.default_rng(3).uniform(0, 1, (first, 64))
    np.testing.assert_array_equal(crossbar.currents(v), v @ crossbar.effective_conductance())
    np.testing.assert_array_equal(crossbar.currents(v[:-1])[0], crossbar.currents(v[0]))


@pytest.mark.parametrize("seed", range(20))
def test_arrays_with_cells_and_wires_of_any_size_are_solved(seed):
    rng = np.random.default_rng(seed)
    m, n = rng.integers(10, 60, 2)
    crossbar = wild(seed, m, n, *ENDS[seed % len(ENDS)])
    v = rng.uniform(0, 1, m)
    expected = v @ crossbar.effective_conductance()
    np.testing.assert_allclose(crossbar.currents(v), expected, rtol=1e-9, atol=1e-10 * expected.max())


@pytest.mark.parametrize("floating", [False, True])
def test_nodes_by_elimination_are_those_by_iteration(monkeypatch, floating):
    m, n = 13, 18
    rng = np.random.default_rng(4)
    network = CellNetwork(
        conductance=rng.uniform(1e-5, 1e-3, (m, n)),
        word_segment=rng.uniform(0, 100, (m, n)),
        bit_segment=rng.uniform(0, 100, (m, n)) * (rng.random((m, n)) < 0.5),
        word_ends=LineEnds(start=rng.uniform(1, 100, m), end=rng.uniform(1, 100, m)),
        bit_ends=LineEnds(start=rng.uniform(1, 100, n), end=np.full(n, np.inf)),
        word_shunt=rng.uniform(0, 1e-4, (m, n)),
        bit_shunt=rng.uniform(0, 1e-4, (m, n)),
    )
    if floating:
        network = CellNetwork(
            **{
                **vars(network),
                "word_ends": network.word_ends.floating(np.arange(m) % 3 == 0),
                "bit_ends": network.bit_ends.floating(np.arange(n) % 4 == 0),
            }
        )
    given = {
        "word_injection": rng.uniform(-1e-4, 1e-4, (m, n)),
        "bit_injection": rng.uniform(-1e-4, 1e-4, (m, n)),
    }
    drive = rng.uniform(-1, 1, m), rng.uniform(-1, 1, n)
    iterated = network.solve(*drive, **given)
    monkeypatch.setattr(effort, "iterations_like_node_elimination", lambda shape: 0)
    found = network.solve(*drive, **given)
    assert found.iterations == 1
    for name in ("word_nodes", "bit_nodes", "word_currents", "bit_currents"):
        scale = np.abs(getattr(iterated, name)).max()
        np.testing.assert_allclose(getattr(found, name), getattr(iterated, name), atol=1e-12 * scale, rtol=0)


def lossy(m, n):
    """Cells over 12 orders of magnitude, and wires that leave less than a thousandth of the current."""
    rng = np.random.default_rng(5)
    word, bit = 10 ** rng.uniform(-1, 5, (2, m, n))
    return Crossbar(10 ** rng.uniform(-12, 0, (m, n)), word_resistance=word, bit_resistance=bit), rng.uniform(0, 1, m)


@pytest.mark.parametrize(("m", "n"), [(4, 3000), (3000, 4), (1, 2000), (30, 1100)])
def test_hard_arrays_of_any_length_are_solved_along_the_longer_axis(m, n):
    crossbar, v = lossy(m, n)
    told = []
    found = crossbar.solve(v, progress=told.append)
    assert found.bit_currents.sum() < 1e-3 * (v @ np.asarray(crossbar.conductance)).sum()
    assert told[-1] == 1
    assert told == sorted(told)
    assert found.word_currents.sum() == pytest.approx(found.bit_currents.sum(), rel=1e-12)
    # Currents beyond the range of floating-point numbers are nothing.
    np.testing.assert_allclose(found.bit_currents, v @ crossbar.effective_conductance(), rtol=1e-12, atol=1e-250)


def test_nodes_turned_round_are_the_same(monkeypatch):
    rng = np.random.default_rng(6)
    m, n = 5, 9
    network = CellNetwork(
        conductance=10 ** rng.uniform(-9, -3, (m, n)),
        word_segment=rng.uniform(0, 100, (m, n)),
        bit_segment=rng.uniform(0, 100, (m, n)),
        word_ends=LineEnds(start=rng.uniform(1, 100, m), end=rng.uniform(1, 100, m)),
        bit_ends=LineEnds(start=rng.uniform(1, 100, n), end=np.where(np.arange(n) % 2, np.inf, 3.0)),
        word_shunt=rng.uniform(0, 1e-4, (m, n)),
        bit_shunt=rng.uniform(0, 1e-4, (m, n)),
    )
    given = {"word_injection": rng.uniform(0, 1e-4, (m, n)), "bit_injection": rng.uniform(0, 1e-4, (m, n))}
    words, bits = rng.uniform(0, 1, m), rng.uniform(0, 1, n)
    monkeypatch.setattr(network_module, "_MOST_ITERATIONS", 0)
    monkeypatch.setattr(effort, "iterations_like_node_elimination", lambda shape: 0)
    one = network.solve(words, bits, **given)
    turned = {"word_injection": turn(given["bit_injection"]), "bit_injection": turn(given["word_injection"])}
    other = network.turned.solve(bits[::-1].copy(), words[::-1].copy(), **turned)
    np.testing.assert_allclose(turn(other.word_nodes), one.bit_nodes, rtol=1e-13)
    np.testing.assert_allclose(other.bit_currents[::-1], one.word_currents, rtol=1e-12)


def test_what_memory_does_not_suffice_for_is_told_with_its_size(monkeypatch):
    crossbar, v = lossy(90, 80)
    monkeypatch.setattr(fallback, "_SMALL", 0)
    there = crossbar.currents(v)
    monkeypatch.setattr(memory, "available", lambda: 1e5)
    with pytest.raises(EngineError, match=r"90 x 80 crossbar .* takes 0.0\d+ GiB of memory, of which 9.31e-05 are"):
        crossbar.currents(v)
    np.testing.assert_allclose(v @ crossbar.effective_conductance(), there, rtol=1e-11)


def test_memory_of_an_elimination_is_known_beforehand():
    crossbar, v = lossy(150, 140)
    crossbar.solve(v)
    network = crossbar.network
    tracemalloc.start()
    eliminated_bit_nodes(network, v, np.zeros(140), np.empty((0, 0)), np.empty((0, 0)), lambda done: None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.8 * most < effort.node_elimination_memory((150, 140)) < 1.3 * most


@pytest.mark.parametrize("ends", [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_bit_lines_with_two_ends_are_eliminated_from_both_sides(ends, monkeypatch):
    m, n = 400, 240
    word_ends, bit_ends = ("first", "both")[ends[0] - 1], ("last", "both")[ends[1] - 1]
    crossbar = Crossbar(
        np.ones((m, n)), word_resistance=1.0, bit_resistance=1.0, word_ends=word_ends, bit_ends=bit_ends
    )
    work = []
    monkeypatch.setattr(elimination, "_out_of_start", lambda network, report: counted(work, network))
    eliminated(crossbar.network)
    assert sum(work) == min(ends[0] * m, ends[1] * n) * m * n
    single = effort.elimination((m, n))
    assert effort.elimination((m, n), ends) / single == pytest.approx(sum(work) / (n * m * n), rel=0.3)


def counted(work, network):
    m, n = network.conductance.shape
    work.append(m * n**2)
    return np.zeros((m, n))
