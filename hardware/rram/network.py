"""The equations of a crossbar in one orientation: word lines start at column 0, bit lines past the last row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hardware.rram.lines import Lines, factor_bits, factor_words, terminal_current
from hardware.rram.relaxation import TOLERANCE, relax, sweep
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]

MOST_ITERATIONS = 2000
"""Iterations after which an array counts as not solved [chosen: arrays that lose 99.9 % of the current take tens]."""

_ROUNDING = 1e-11  # of what is out of balance, where repeating does not lessen it [chosen]


_DRIFT = 1e-9  # tolerances above it are never missed by rounding [chosen]


@dataclass(frozen=True, kw_only=True)
class LineEnds:
    """What the terminals of a set of lines are joined by [ohm], shape (lines,); infinite where there is none.

    Parameters
    ----------
    start, end : array, shape (lines,)
        Terminal resistance and outermost segment together.
    """

    start: Floats
    end: Floats

    def floating(self, lines: NDArray[np.bool_]) -> LineEnds:
        """Return them with some lines joined to nothing."""
        return LineEnds(start=np.where(lines, np.inf, self.start), end=np.where(lines, np.inf, self.end))


@dataclass(frozen=True, kw_only=True, eq=False)
class Balance:
    """Node voltages of one input, and the currents that leave the lines by their terminals.

    Parameters
    ----------
    word_nodes, bit_nodes : array, shape (m, n)
        Voltages [V].
    word_currents, bit_currents : array, shape (m,) and (n,)
        Currents out of the array [A]: through the start terminal, or through both where a line has two.
    iterations : int
        Of the relaxation.
    """

    word_nodes: Floats
    bit_nodes: Floats
    word_currents: Floats
    bit_currents: Floats
    iterations: int


@dataclass(frozen=True, kw_only=True, eq=False)
class CellNetwork:
    """Linear cells between two sets of lines; factored once, solved for any voltages and injected currents.

    Parameters
    ----------
    conductance : array, shape (m, n)
        Of the cells [S].
    word_segment, bit_segment : array, shape (m, n) or (1, 1)
        Wire [ohm] next to each cell toward the start of its line; those next to the terminals are not read.
    word_ends, bit_ends : LineEnds
        How the lines are joined to their terminals.
    word_shunt, bit_shunt : array, shape (m, n), optional
        Conductance [S] from each node to ground.
    backward : (bool, bool)
        Whether word lines, and bit lines, are in the reverse of the order in which they are named.
    """

    conductance: Floats
    word_segment: Floats
    bit_segment: Floats
    word_ends: LineEnds
    bit_ends: LineEnds
    word_shunt: Floats | None = None
    bit_shunt: Floats | None = None
    backward: tuple[bool, bool] = (False, False)

    @property
    def turned(self) -> CellNetwork:
        """The same network with word lines and bit lines exchanged: cell ``(i, j)`` comes to ``(n-1-j, m-1-i)``."""
        word, bit = self.word_shunt, self.bit_shunt
        return CellNetwork(
            conductance=_turned(self.conductance),
            word_segment=_turned(self.bit_segment),
            bit_segment=_turned(self.word_segment),
            word_ends=LineEnds(start=self.bit_ends.start[::-1].copy(), end=self.bit_ends.end[::-1].copy()),
            bit_ends=LineEnds(start=self.word_ends.start[::-1].copy(), end=self.word_ends.end[::-1].copy()),
            word_shunt=None if bit is None else _turned(bit),
            bit_shunt=None if word is None else _turned(word),
        )

    @cached_property
    def _lines(self) -> tuple[Lines, Lines]:
        self.check_islands()
        g = self.conductance
        words = g if self.word_shunt is None else g + self.word_shunt
        bits = g if self.bit_shunt is None else g + self.bit_shunt
        return (
            factor_words(words, self.word_segment, self.word_ends.start, self.word_ends.end),
            factor_bits(bits, self.bit_segment, self.bit_ends.start, self.bit_ends.end),
        )

    def solve(
        self,
        word_voltages: Floats,
        bit_voltages: Floats,
        *,
        word_injection: Floats | None = None,
        bit_injection: Floats | None = None,
        guess: Floats | None = None,
        tolerance: float = TOLERANCE,
    ) -> Balance:
        """Find the voltages of all nodes.

        Parameters
        ----------
        word_voltages, bit_voltages : array, shape (m,) and (n,)
            Of the terminals [V]; not read for lines that float.
        word_injection, bit_injection : array, shape (m, n), optional
            Currents into the nodes [A].
        guess : array, shape (m, n), optional
            Voltages of the bit-line nodes to start from [V].
        tolerance : float
            See `relaxation.TOLERANCE`.

        Raises
        ------
        DescriptionError
            For parts of the array that nothing drives.
        EngineError
            If the iteration does not converge.
        """
        words, bits = self._lines
        g = self.conductance
        m, n = g.shape
        none = np.empty((0, 0))
        injections = (
            none if word_injection is None else word_injection,
            none if bit_injection is None else bit_injection,
        )
        u = np.zeros((m, n)) if guess is None else guess.copy()
        v, w, at_words, at_bits = np.empty((m, n)), np.empty((m, n)), np.empty(m), np.empty(n)
        iterations, before = 0, np.inf
        while True:
            off = sweep(g, words, bits, word_voltages, bit_voltages, *injections, u, v, w, at_words, at_bits)
            if off <= tolerance or (off <= _ROUNDING and off > before / 2):
                break
            if iterations >= MOST_ITERATIONS:
                raise EngineError(
                    f"a {m} x {n} crossbar did not come into balance in {MOST_ITERATIONS} iterations: conductances or "
                    "wire resistances lie too many orders of magnitude apart"
                )
            before = off
            iterations += max(1, relax(g, words, bits, *injections, u, v, w, tolerance, MOST_ITERATIONS - iterations))
        return Balance(
            word_nodes=v,
            bit_nodes=u,
            word_currents=self._leaving(
                self.word_ends,
                words,
                word_voltages,
                at_words,
                lambda: _into(g * (u - v), word_injection, self.word_shunt, v).sum(axis=1),
            ),
            bit_currents=self._leaving(
                self.bit_ends,
                bits,
                bit_voltages,
                at_bits,
                lambda: _into(g * (v - u), bit_injection, self.bit_shunt, u).sum(axis=0),
            ),
            iterations=iterations,
        )

    def _leaving(
        self, ends: LineEnds, lines: Lines, voltages: Floats, arriving: Floats, entering: Callable[[], Floats]
    ) -> Floats:
        """Currents out of the array [A]; ``entering`` gives what flows into each of these lines but for the wires."""
        single = terminal_current(lines, np.where(np.isinf(ends.start), 0.0, voltages), arriving)
        two = np.isfinite(ends.end) & np.isfinite(ends.start)
        return np.where(two, entering(), single) if np.any(two) else single

    def check_islands(self) -> None:
        """Raise if some lines are joined to nothing, not even by way of others."""
        word_held = np.isfinite(self.word_ends.start) | np.isfinite(self.word_ends.end)
        bit_held = np.isfinite(self.bit_ends.start) | np.isfinite(self.bit_ends.end)
        shunted = [s is not None and bool(np.all(s > 0)) for s in (self.word_shunt, self.bit_shunt)]
        if (np.all(word_held) or shunted[0]) and (np.all(bit_held) or shunted[1]):
            return
        m, n = self.conductance.shape
        row, column = np.nonzero(self.conductance)
        joined = coo_array((np.ones(len(row)), (row, m + column)), shape=(m + n, m + n))
        _, part = connected_components(joined, directed=False)
        held = np.concatenate([word_held, bit_held])
        loose = ~np.isin(part, part[held])
        if np.any(loose):
            words, bits = np.flatnonzero(loose[:m]), np.flatnonzero(loose[m:])
            words, bits = (
                m - 1 - words[::-1] if self.backward[0] else words,
                n - 1 - bits[::-1] if self.backward[1] else bits,
            )
            names = [f"word line {k}" for k in words] + [f"bit line {k}" for k in bits]
            listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            raise DescriptionError(
                f"nothing holds the voltage of {listed}: they float and no cell joins them to a line that is driven; "
                "drive them, or give their cells a conductance"
            )


def _into(cells: Floats, injection: Floats | None, shunt: Floats | None, voltages: Floats) -> Floats:
    """Currents into nodes [A] from cells, from outside, and less what flows to ground."""
    if injection is not None:
        cells = cells + injection
    return cells if shunt is None else cells - shunt * voltages


def _turned(values: Floats) -> Floats:
    return np.ascontiguousarray(values[::-1, ::-1].T)
