"""Arrays with capacitance: exact responses, order, and where they settle."""

import numpy as np
import pytest
from scipy.linalg import expm

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.line_transient import ORDER, line_transient
from spice_models.errors import DescriptionError


def small():
    rng = np.random.default_rng(0)
    return Crossbar(1 / rng.uniform(1e3, 1e4, (2, 2)), word_resistance=100.0, bit_resistance=200.0)


def exact_step_response(crossbar, v, c_word, c_bit, time):
    """Bit currents after a step, by the matrix exponential of the nodal equations."""
    g = np.asarray(crossbar.conductance)
    a, drive = np.zeros((8, 8)), np.zeros(8)
    gw, gb = 1 / 100.0, 1 / 200.0

    def join(i, j, conductance):
        a[i, i] += conductance
        a[j, j] += conductance
        a[i, j] -= conductance
        a[j, i] -= conductance

    for i in range(2):
        for j in range(2):
            join(2 * i + j, 4 + 2 * i + j, g[i, j])
        join(2 * i, 2 * i + 1, gw)
        a[2 * i, 2 * i] += gw
        drive[2 * i] += gw * v[i]
    for j in range(2):
        join(4 + j, 6 + j, gb)
        a[6 + j, 6 + j] += gb
    c = np.r_[np.full(4, c_word), np.full(4, c_bit)]
    final = np.linalg.solve(a, drive)
    x = final - expm(-time * a / c[:, None]) @ final
    return gb * x[6:]


def test_a_step_gives_the_exact_response_with_the_order_declared():
    crossbar, v, end = small(), np.array([1.0, 0.5]), 2e-11
    exact = exact_step_response(crossbar, v, 50e-15, 80e-15, end)
    errors = []
    for steps in (20, 40, 80):
        run = line_transient(
            crossbar, np.tile(v, (steps + 1, 1)), step=end / steps, word_capacitance=50e-15, bit_capacitance=80e-15
        )
        errors.append(np.abs(run.bit_currents[-1] - exact).max())
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    assert slopes == pytest.approx([ORDER, ORDER], abs=0.25)


def test_it_settles_to_the_array_without_capacitance():
    crossbar, v = small(), np.array([1.0, -0.5])
    run = line_transient(crossbar, np.tile(v, (60, 1)), step=20e-12, word_capacitance=50e-15, bit_capacitance=0.0)
    np.testing.assert_allclose(run.bit_currents[-1], crossbar.currents(v), rtol=1e-9)
    assert run.settling_time(1e-3) < 300e-12
    none = line_transient(crossbar, np.tile(v, (3, 1)), step=1e-12, word_capacitance=0.0, bit_capacitance=0.0)
    np.testing.assert_allclose(none.bit_currents[0], crossbar.currents(v), rtol=1e-9)


def test_bad_input_is_refused():
    with pytest.raises(DescriptionError, match=r"shape \(steps \+ 1, 2\)"):
        line_transient(small(), [1.0, 2.0], step=1e-12, word_capacitance=0, bit_capacitance=0)
    with pytest.raises(DescriptionError, match="not negative"):
        line_transient(small(), np.ones((3, 2)), step=1e-12, word_capacitance=-1.0, bit_capacitance=0)
