"""Noise and spread that netlists ask for: their statistics, and that a seed repeats them."""

import numpy as np
import pytest

from spice_models.circuit import Circuit
from spice_models.constants import BOLTZMANN
from spice_models.dialects.reader import read, run
from spice_models.dialects.reader.spreads import Spread, varied
from spice_models.elements import GapBranch, Resistor

NOISY = "* noise\nI1 0 a noise(2n 1p 0.1p)\nR1 a 0 3\n.tran 0.1p 2n dst\n.print i(R1) v(a)\n"
WARM = """* capacitors at three temperatures
R1 a 0 2
C1 a 0 1p
R2 b 0 2 temp=8.4
C2 b 0 1p
R3 c 0 2 neb=20g
C3 c 0 1p
.temp 4.2
.tran 0.2p 60n 20p 0.4p
.print v(a) v(b) v(c)
"""


def test_a_seed_repeats_a_run_and_another_does_not():
    deck = read(NOISY)
    assert deck.random
    first, again, other = (run(deck, seed=seed).values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.max(np.abs(first - other)) > 1e-4
    assert np.array_equal(run(read(f"{NOISY}.option seed=1\n")).values, first)


def test_a_noise_source_has_its_density_and_its_delay():
    traces = run(read(NOISY), seed=4)
    current, volts = traces.values
    assert volts == pytest.approx(3 * current)
    assert np.all(current[:10] == 0)
    late = current[20:]
    power = np.abs(np.fft.rfft(late)) ** 2 * 2 * traces.dt / len(late)
    low = power[1 : len(power) // 20]
    assert np.mean(low) == pytest.approx((2e-9) ** 2, rel=5 / np.sqrt(len(low)))


def test_resistors_bring_their_capacitors_to_k_t_over_c():
    variance = np.var(run(read(WARM), seed=3).values, axis=1) / (BOLTZMANN * 4.2 / 1e-12)
    # Held for 50 ps, many times R C = 2 ps, a draw is seen whole: 4 k T R / (2 50 ps), less what it takes to settle.
    held = 2 * 2 / (2 * 50) * 1.0
    assert variance == pytest.approx([1.0, 2.0, 2 * held * (1 - 2 / 50)], rel=0.1)


def test_spread_draws_every_value_with_a_third_of_it_as_deviation():
    circuit = Circuit("many")
    for k in range(3000):
        circuit.resistor(f"r{k}", f"n{k}", "0", 2.0)
    drawn = varied(circuit, {"r0": 0.0}, Spread(by_letter={"r": 0.3}), np.random.default_rng(1))
    values = np.array([r.resistance for r in drawn.of_type(Resistor)])
    assert values[0] == 2.0
    assert np.mean(values) == pytest.approx(2.0, rel=0.01)
    assert np.std(values[1:]) == pytest.approx(0.2, rel=0.06)


def test_spread_of_a_junction_is_one_of_its_area():
    circuit = Circuit("one")
    gap = GapBranch(voltage=2.8e-3, width=1e-4, current_step=1e-4, normal_resistance=17.0)
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=160.0, gap=gap)
    drawn = varied(circuit, {}, Spread(default=0.3), np.random.default_rng(5))["q"]
    factor = drawn.critical_current / 1e-4
    assert abs(factor - 1) > 1e-3
    assert (drawn.capacitance / 7e-14, 160.0 / drawn.resistance) == pytest.approx((factor, factor))
    assert drawn.gap == gap.scaled(factor)


def test_spread_of_a_netlist_changes_what_it_prints():
    deck = read("I1 0 a pwl(0 0 1p 1m)\nR1 a 0 1 spread=0.3\nR2 b a 1\nR3 b 0 1\n.tran 0.1p 9p\n.print v(a)\n")
    assert deck.random
    values = [run(deck, seed=seed).values[0, -1] for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]
