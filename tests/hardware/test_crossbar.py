"""Crossbars with wire resistance, against a direct sparse solve and the laws that hold for every resistive network."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.write_schemes import write_voltages
from spice_models.errors import DescriptionError, UnknownNameError

KILO = 1e3


def segments(value, m, n):
    """Resistances of all segments, shape (m, n)."""
    return np.broadcast_to(np.asarray(value, dtype=float), (m, n))


def direct(crossbar, words, bits=0.0):
    """Node voltages by a direct solve of the nodal equations; every wire needs some resistance."""
    g = np.asarray(crossbar.conductance)
    m, n = g.shape
    extra_word, extra_bit = crossbar.word_ends == "both", crossbar.bit_ends == "both"
    word = segments(crossbar.word_resistance, m, n + extra_word)
    bit = segments(crossbar.bit_resistance, m + extra_bit, n)
    driver = np.broadcast_to(np.asarray(crossbar.driver_resistance), (m,))
    terminal = np.broadcast_to(np.asarray(crossbar.terminal_resistance), (n,))
    bits = np.broadcast_to(np.asarray(bits, dtype=float), (n,))
    entries, right = [], np.zeros(2 * m * n)

    def join(a, b, conductance):
        entries.extend([(a, a, conductance), (b, b, conductance), (a, b, -conductance), (b, a, -conductance)])

    def hold(a, voltage, resistance):
        if np.isfinite(voltage):
            entries.append((a, a, 1 / resistance))
            right[a] += voltage / resistance

    def w(i, j):
        return i * n + j

    def b(i, j):
        return m * n + i * n + j

    for i in range(m):
        shift = 0 if crossbar.word_ends == "last" else 1
        for j in range(n - 1):
            join(w(i, j), w(i, j + 1), 1 / word[i, j + shift])
        if crossbar.word_ends in ("first", "both"):
            hold(w(i, 0), words[i], word[i, 0] + driver[i])
        if crossbar.word_ends in ("last", "both"):
            hold(w(i, n - 1), words[i], word[i, -1] + driver[i])
    for j in range(n):
        shift = 0 if crossbar.bit_ends == "last" else 1
        for i in range(m - 1):
            join(b(i, j), b(i + 1, j), 1 / bit[i + shift, j])
        if crossbar.bit_ends in ("last", "both"):
            hold(b(m - 1, j), bits[j], bit[-1, j] + terminal[j])
        if crossbar.bit_ends in ("first", "both"):
            hold(b(0, j), bits[j], bit[0, j] + terminal[j])
    for i in range(m):
        for j in range(n):
            join(w(i, j), b(i, j), g[i, j])
    rows, columns, values = (np.array(part) for part in zip(*entries, strict=True))
    x = spsolve(coo_array((values, (rows.astype(int), columns.astype(int)))).tocsc(), right)
    return x[: m * n].reshape(m, n), x[m * n :].reshape(m, n)


def array(m, n, seed=0, **options):
    rng = np.random.default_rng(seed)
    return Crossbar(1 / rng.uniform(10 * KILO, 100 * KILO, (m, n)), **options), rng.uniform(0.1, 1.0, m)


@pytest.mark.parametrize("word_ends", ["first", "last", "both"])
@pytest.mark.parametrize("bit_ends", ["last", "first", "both"])
def test_every_way_of_driving_gives_the_voltages_of_a_direct_solve(word_ends, bit_ends):
    m, n = 7, 9
    rng = np.random.default_rng(2)
    crossbar, v = array(
        m,
        n,
        word_resistance=rng.uniform(0.1, 10, (m, n + (word_ends == "both"))),
        bit_resistance=rng.uniform(0.1, 10, (m + (bit_ends == "both"), n)),
        driver_resistance=rng.uniform(0, 50, m),
        terminal_resistance=rng.uniform(0, 50, n),
        word_ends=word_ends,
        bit_ends=bit_ends,
    )
    terminals = rng.uniform(-0.1, 0.1, n)
    found = crossbar.solve(v, terminals)
    words, bits = direct(crossbar, v, terminals)
    np.testing.assert_allclose(found.word_nodes, words, rtol=1e-11)
    np.testing.assert_allclose(found.bit_nodes, bits, rtol=0, atol=1e-13)
    np.testing.assert_allclose(found.bit_currents, (crossbar.conductance * (words - bits)).sum(0), rtol=1e-9)
    np.testing.assert_allclose(found.word_currents, (crossbar.conductance * (words - bits)).sum(1), rtol=1e-9)


@pytest.mark.parametrize(("m", "n"), [(64, 64), (20, 90), (90, 20), (1, 8), (8, 1), (1, 1)])
@pytest.mark.parametrize("wire", [0.1, 10.0])
def test_currents_agree_with_a_direct_solve(m, n, wire):
    crossbar, v = array(m, n, word_resistance=wire, bit_resistance=wire)
    _, bits = direct(crossbar, v)
    np.testing.assert_allclose(crossbar.currents(v), bits[-1] / wire, rtol=1e-11)


@pytest.mark.parametrize(("wire", "least_loss"), [(1.0, 0.05), (100.0, 0.9), (20000.0, 0.999)])
def test_every_node_is_in_balance_however_much_is_lost(wire, least_loss):
    crossbar, v = array(120, 100, word_resistance=wire, bit_resistance=wire)
    found = crossbar.solve(v)
    g, w, u = np.asarray(crossbar.conductance), found.word_nodes, found.bit_nodes
    assert 1 - found.bit_currents.sum() / (v @ g).sum() > least_loss
    left, right = np.column_stack([v, w[:, :-1]]), np.column_stack([w[:, 1:], w[:, -1]])
    above, below = np.vstack([u[:1], u[:-1]]), np.vstack([u[1:], np.zeros((1, 100))])
    for node, one, other, cell in ((w, left, right, u), (u, above, below, w)):
        balance = (one - node) / wire + (other - node) / wire + g * (cell - node)
        size = (np.abs(one) + 2 * np.abs(node) + np.abs(other)) / wire + g * (np.abs(cell) + np.abs(node))
        assert np.max(np.abs(balance) / size) < 1e-12


@pytest.mark.parametrize("wire", [1.0, 300.0])
def test_power_in_is_power_dissipated(wire):
    crossbar, v = array(40, 60, word_resistance=wire, bit_resistance=2 * wire)
    s = crossbar.solve(v)
    along_words = np.diff(np.column_stack([v, s.word_nodes]), axis=1)
    along_bits = np.diff(np.vstack([s.bit_nodes, np.zeros((1, 60))]), axis=0)
    dissipated = np.sum(crossbar.conductance * (s.word_nodes - s.bit_nodes) ** 2)
    dissipated += np.sum(along_words**2) / wire + np.sum(along_bits**2) / (2 * wire)
    assert s.word_currents @ v == pytest.approx(dissipated, rel=1e-12)


@pytest.mark.parametrize(("word", "bit"), [(1.0, 3.0), (50.0, 0.0), (0.0, 20.0)])
def test_reciprocity_turns_the_effective_matrix_into_its_transpose(word, bit):
    crossbar, v = array(30, 20, word_resistance=word, bit_resistance=bit)
    effective = crossbar.effective_conductance()
    turned = Crossbar(np.asarray(crossbar.conductance)[::-1, ::-1].T, word_resistance=bit, bit_resistance=word)
    np.testing.assert_allclose(turned.effective_conductance()[::-1, ::-1].T, effective, rtol=1e-12)
    np.testing.assert_allclose(v @ effective, crossbar.currents(v), rtol=1e-12)


def test_without_resistance_it_is_a_product():
    crossbar, v = array(5, 4)
    np.testing.assert_allclose(crossbar.currents(v), v @ np.asarray(crossbar.conductance), rtol=1e-14)
    np.testing.assert_allclose(crossbar.effective_conductance(), crossbar.conductance, rtol=1e-14)


def test_wires_of_which_some_have_no_resistance_are_the_limit_of_small_ones():
    rng = np.random.default_rng(3)
    wires = rng.uniform(1, 10, (2, 12, 12)) * (rng.random((2, 12, 12)) < 0.6)
    exact, v = array(12, 12, word_resistance=wires[0], bit_resistance=wires[1])
    near, _ = array(12, 12, word_resistance=wires[0] + 1e-9, bit_resistance=wires[1] + 1e-9)
    np.testing.assert_allclose(exact.currents(v), near.currents(v), rtol=1e-8)


def test_a_batch_of_inputs_is_its_single_inputs_and_threads_do_not_matter():
    crossbar, _ = array(6, 20, word_resistance=5.0, bit_resistance=5.0)
    v = np.random.default_rng(4).uniform(-1, 1, (2, 2, 6))
    together = crossbar.currents(v, workers=2)
    assert together.shape == (2, 2, 20)
    np.testing.assert_array_equal(together, crossbar.currents(v, workers=1))
    np.testing.assert_allclose(together[1, 0], crossbar.currents(v[1, 0]), rtol=1e-13)
    nodes = crossbar.solve(v, workers=2).word_nodes
    np.testing.assert_array_equal(nodes[1, 0], crossbar.solve(v[1, 0]).word_nodes)
    many = np.random.default_rng(5).uniform(-1, 1, (50, 6))
    np.testing.assert_allclose(crossbar.currents(many)[7], crossbar.currents(many[7]), rtol=1e-11)


def test_a_floating_line_takes_the_voltage_that_its_cells_give_it():
    crossbar, v = array(6, 5, word_resistance=2.0, bit_resistance=3.0)
    v[2] = np.nan
    terminals = np.array([0.0, np.nan, 0.0, 0.0, 0.1])
    words, bits = direct(crossbar, v, terminals)
    found = crossbar.solve(v, terminals)
    np.testing.assert_allclose(found.word_nodes, words, rtol=1e-11)
    np.testing.assert_allclose(found.bit_nodes, bits, rtol=0, atol=1e-12)
    assert found.word_currents[2] == 0
    assert found.bit_currents[1] == 0


def test_lines_that_nothing_holds_are_named():
    g = np.array([[1e-4, 0.0], [0.0, 1e-4]])
    crossbar = Crossbar(g, word_resistance=1.0)
    with pytest.raises(DescriptionError, match="word line 1, bit line 1"):
        crossbar.currents([0.5, np.nan], [0.0, np.nan])
    assert crossbar.currents([0.5, np.nan], [0.0, 0.0])[1] == 0


def test_gradient_is_that_of_finite_differences():
    crossbar, v = array(5, 4, word_resistance=200.0, bit_resistance=100.0)
    upstream = np.array([1.0, -2.0, 0.5, 3.0])
    gradient = crossbar.gradient(v, upstream)
    g = np.asarray(crossbar.conductance)
    for at in ((0, 0), (4, 3), (2, 1)):
        step = 1e-4 * g[at]
        loss = []
        for sign in (-1, 1):
            moved = g.copy()
            moved[at] += sign * step
            loss.append(Crossbar(moved, word_resistance=200.0, bit_resistance=100.0).currents(v) @ upstream)
        assert gradient[at] == pytest.approx((loss[1] - loss[0]) / (2 * step), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    m=st.integers(1, 6),
    n=st.integers(1, 6),
    word=st.sampled_from([0.0, 1e-3, 1.0, 1e4]),
    bit=st.sampled_from([0.0, 1e-3, 1.0, 1e4]),
    empty=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
def test_no_output_exceeds_what_the_highest_input_gives_without_wires(m, n, word, bit, empty, seed):
    rng = np.random.default_rng(seed)
    g = rng.uniform(1e-6, 1e-3, (m, n)) * (rng.random((m, n)) > empty)
    v = rng.uniform(0, 1, m)
    currents = Crossbar(g, word_resistance=word, bit_resistance=bit).currents(v)
    assert np.all(currents >= 0)
    # Not v @ g: a low word line is lifted by way of the bit lines that it shares with others.
    assert np.all(currents <= v.max() * g.sum(0) * (1 + 1e-9))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conductance": [[1.0, -1.0]]}, r"conductance .* not negative, but is not at \[0, 1\]"),
        ({"conductance": [1.0]}, "two axes"),
        ({"word_resistance": [1.0, 2.0]}, r"word_resistance is one number or an array of shape \(1, 2\)"),
        ({"bit_resistance": np.nan}, "bit resistance"),
        ({"word_ends": "left"}, "word_ends must be one of first, last, both"),
    ],
)
def test_bad_values_are_refused(change, message):
    with pytest.raises(DescriptionError, match=message):
        Crossbar(**{"conductance": [[1.0, 1.0]], **change})


def test_what_a_user_does_to_an_array_later_does_not_reach_the_crossbar():
    g, wire, v = np.full((3, 4), 1e-4), np.full((3, 4), 50.0), np.array([0.1, 0.2, 0.3])
    expected = Crossbar(g, word_resistance=wire, bit_resistance=wire).currents(v)
    crossbar = Crossbar(g, word_resistance=wire, bit_resistance=wire)
    g *= 2
    wire *= 3
    np.testing.assert_array_equal(crossbar.currents(v), expected)


def test_gradient_with_word_lines_that_float():
    crossbar, v = array(4, 3, word_resistance=300.0, bit_resistance=200.0)
    v[[1, 2]] = np.nan
    upstream = np.array([1.0, -0.5, 2.0])
    found, g = crossbar.gradient(v, upstream), np.asarray(crossbar.conductance)
    for i, j in np.ndindex(4, 3):
        step = np.zeros((4, 3))
        step[i, j] = 1e-4 * g[i, j]
        wires = {"word_resistance": 300.0, "bit_resistance": 200.0}
        change = Crossbar(g + step, **wires).currents(v) - Crossbar(g - step, **wires).currents(v)
        assert found[i, j] == pytest.approx(upstream @ change / (2 * step[i, j]), abs=1e-7 * np.abs(found).max())


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**900])
def test_currents_follow_voltages_of_any_size(scale):
    crossbar, v = array(20, 15, word_resistance=1e3, bit_resistance=1e3)
    np.testing.assert_allclose(crossbar.currents(v * scale) / scale, crossbar.currents(v), rtol=1e-12)


def test_inputs_of_any_layout_and_type():
    crossbar, _ = array(6, 4, word_resistance=50.0, bit_resistance=30.0)
    wide = np.random.default_rng(7).uniform(-1, 1, (4, 6, 12)).astype(np.float32)
    view = wide[::2, ::2, ::-2]
    expected = crossbar.currents(np.array(view, dtype=float))
    assert expected.shape == (2, 3, 4)
    fixed = view.copy()
    fixed.setflags(write=False)
    for v in (view, fixed, np.asfortranarray(view), view.tolist()):
        np.testing.assert_array_equal(crossbar.currents(v), expected)


def test_lines_may_float_in_some_inputs_of_a_batch():
    crossbar, _ = array(6, 4, word_resistance=50.0, bit_resistance=30.0)
    rng = np.random.default_rng(8)
    v, bits = rng.uniform(-1, 1, (30, 6)), rng.uniform(-1, 1, (30, 4))
    v[rng.random(v.shape) < 0.2] = np.nan
    bits[rng.random(bits.shape) < 0.2] = np.nan
    single = [crossbar.currents(*one) for one in zip(v, bits, strict=True)]
    np.testing.assert_array_equal(crossbar.currents(v, bits, workers=3), single)


def test_threads_may_share_a_crossbar_that_is_new_to_all():
    v = np.random.default_rng(9).uniform(-1, 1, (3, 20))
    expected = array(20, 15, word_resistance=50.0)[0].currents(v)
    crossbar, _ = array(20, 15, word_resistance=50.0)
    with ThreadPoolExecutor(6) as pool:
        for found in pool.map(lambda _: crossbar.currents(v, workers=2), range(6)):
            np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(crossbar)).currents(v), expected)


def test_voltages_of_many_inputs_up_to_the_largest_number():
    crossbar, v = array(5, 5, word_resistance=50.0)
    many = np.outer(np.linspace(0.5, 1, 200), v)
    np.testing.assert_allclose(crossbar.currents(many * 1.7e308) / 1.7e308, crossbar.currents(many), rtol=1e-12)


def test_no_inputs_give_no_currents():
    crossbar, _ = array(4, 3, word_resistance=1.0)
    assert crossbar.currents(np.empty((0, 4))).shape == (0, 3)
    assert crossbar.solve(np.empty((2, 0, 4))).word_nodes.shape == (2, 0, 4, 3)


def test_bad_inputs_are_refused():
    crossbar = Crossbar([[1.0, 1.0]])
    with pytest.raises(DescriptionError, match="real numbers"):
        crossbar.currents([1.0j])
    with pytest.raises(DescriptionError, match="rectangular"):
        Crossbar([[1.0, 2.0], [3.0]])
    with pytest.raises(DescriptionError, match="masked entries"):
        Crossbar(np.ma.array([[1.0, 2.0]], mask=[[False, True]]))
    with pytest.raises(DescriptionError, match="real numbers"):
        crossbar.currents([None])
    with pytest.raises(DescriptionError, match="leading axes"):
        crossbar.currents(np.ones((3, 1)), np.ones((2, 2)))
    with pytest.raises(DescriptionError, match="axis of 2 lines"):
        crossbar.currents(np.ones((3, 1)), np.zeros(3))
    with pytest.raises(DescriptionError, match="workers must be a whole number of 1 or more"):
        crossbar.currents([1.0], workers=0)
    with pytest.raises(DescriptionError, match="upstream must be finite"):
        crossbar.gradient([1.0], [np.nan, 1.0])
    with pytest.raises(DescriptionError, match="axis of 1 lines"):
        crossbar.currents([1.0, 2.0])
    with pytest.raises(DescriptionError, match="finite, or NaN"):
        crossbar.currents([np.inf])


@pytest.mark.parametrize(("scheme", "selected_row", "others"), [("half", 0.5, 0.0), ("third", 1 / 3, 1 / 3)])
def test_write_schemes_put_the_voltage_on_one_cell(scheme, selected_row, others):
    words, bits = write_voltages((3, 4), 1, 2, 3.0, scheme)
    across = Crossbar(np.full((3, 4), 1e-5)).solve(words, bits)
    drop = across.word_nodes - across.bit_nodes
    assert drop[1, 2] == pytest.approx(3.0)
    assert drop[1, 0] == pytest.approx(3.0 * selected_row)
    assert abs(drop[0, 0]) == pytest.approx(3.0 * others, abs=1e-12)


def test_sneak_paths_of_a_floating_array_are_three_cells_in_series():
    # All unselected cells equal: two groups of n-1 and m-1 cells in parallel, in series with (m-1)(n-1) in parallel.
    m, n, g = 4, 5, 1e-4
    words, bits = write_voltages((m, n), 0, 0, 1.0, "floating")
    current = Crossbar(np.full((m, n), g)).currents(words, bits)[0]
    sneak = 1 / (1 / (n - 1) + 1 / ((m - 1) * (n - 1)) + 1 / (m - 1))
    assert current == pytest.approx(g * (1 + sneak), rel=1e-10)


def test_write_schemes_refuse_what_is_not_there():
    with pytest.raises(DescriptionError, match=r"cell \(3, 0\) lies outside"):
        write_voltages((3, 4), 3, 0, 1.0)
    with pytest.raises(UnknownNameError, match="third"):
        write_voltages((3, 4), 0, 0, 1.0, "thirds")
