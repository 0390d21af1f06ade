"""Normal draws against an implementation in whole numbers, and against the normal distribution."""

from math import cos, log, pi, sin, sqrt

import numpy as np
from scipy import stats

from spice_models.engines.native.gauss import TURN, fill, states

MASK = 2**64 - 1


def rotated(value, bits):
    return (value << bits | value >> 64 - bits) & MASK


class Xoshiro:
    """xoshiro256++ as its authors describe it."""

    def __init__(self, state):
        self.s = [int(word) for word in state]

    def uniform(self):
        s = self.s
        result = (rotated((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        moved = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= moved
        s[3] = rotated(s[3], 45)
        return (result >> 12) / 2**52


def drawn(rounds, variants, lanes, seed=11):
    streams = [np.random.SeedSequence(seed, spawn_key=(v,)) for v in variants]
    out = np.empty(2 * TURN * rounds * lanes)
    state = states(streams, lanes)
    fill(state, out, rounds)
    return out.reshape(-1, lanes)


def test_draws_are_box_mullers_of_xoshiros_numbers():
    rounds = 400
    seeds = np.random.SeedSequence(11, spawn_key=(3,)).generate_state(4 * TURN, np.uint64).reshape(4, TURN)
    machines = [Xoshiro(seeds[:, k]) for k in range(TURN)]
    expected = []
    for _ in range(rounds):
        pairs = [(m.uniform(), m.uniform()) for m in machines]
        polar = [(sqrt(-2 * log(1 - u)), 2 * pi * (w - 0.5)) for u, w in pairs]
        expected += [r * cos(a) for r, a in polar] + [r * sin(a) for r, a in polar]
    np.testing.assert_allclose(drawn(rounds, [3], 1)[:, 0], expected, rtol=0, atol=2e-11)


def test_a_variants_draws_do_not_depend_on_its_neighbours_nor_on_portions():
    alone = drawn(700, [5], 1)[:, 0]
    assert np.array_equal(drawn(700, [2, 5, 9], 8)[:, 1], alone)
    state = states([np.random.SeedSequence(11, spawn_key=(5,))], 1)
    parts = [np.empty(2 * TURN * rounds) for rounds in (1, 299, 400)]
    for part in parts:
        fill(state, part, len(part) // (2 * TURN))
    assert np.array_equal(np.concatenate(parts), alone)


def test_draws_are_normal_and_independent():
    x = drawn(100_000, [0, 1], 8)[:, :2]
    n = len(x)
    assert not drawn(10, [0, 1], 8)[:, 2:].any()
    for column in x.T:
        assert stats.kstest(column, "norm").pvalue > 1e-3
        assert abs(stats.kurtosis(column)) < 4 * sqrt(24 / n)
        assert stats.binomtest(int(np.sum(np.abs(column) > 4)), n, 2 * stats.norm.sf(4)).pvalue > 1e-3
        for lag in (1, TURN - 1, TURN, TURN + 1, 2 * TURN, 100):
            assert abs(np.mean(column[lag:] * column[:-lag])) < 4 / sqrt(n)
            assert abs(np.mean(column[lag:] ** 2 * column[:-lag] ** 2) - 1) < 4 * 2 / sqrt(n) * sqrt(2)
    assert abs(np.mean(x[:, 0] * x[:, 1])) < 4 / sqrt(n)
