"""The equations of a crossbar in one orientation: word lines start at column 0, bit lines past the last row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array import effort
from hardware.rram.array.fallback import check_fits, eliminated_bit_nodes, fits, turn
from hardware.rram.array.islands import check_islands
from hardware.rram.array.lines import Lines, factor_bits, factor_words
from hardware.rram.array.relaxation import TOLERANCE, relax, sweep
from hardware.rram.array.terminals import LineEnds, into, leaving
from hardware.rram.progress import Progress, reporting
from spice_models.errors import EngineError

Floats = NDArray[np.float64]

_MOST_ITERATIONS = 2000  # [chosen: arrays that lose 99.9 % of the current take tens]
_PATIENCE = 5  # times as long as the iterations may the elimination take that comes after them [chosen]
_STIFF = 1e4  # of `relax`: errors of some 1e-12 to 1e-11; arrays of alike cells stay below 3e3 [chosen]
_LOST = 1e7  # of `relax`: errors of some 1e-9, which no time spared is worth [chosen]
_WORTH = 100  # times as long may an elimination take that finds the digits in between [chosen]
_ROUNDING = 1e-11  # of what is out of balance, where repeating does not lessen it [chosen]
_DRIFT = 1e-9  # tolerances above it are never missed by rounding [chosen]


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
            conductance=turn(self.conductance),
            word_segment=turn(self.bit_segment),
            bit_segment=turn(self.word_segment),
            word_ends=LineEnds(start=self.bit_ends.start[::-1].copy(), end=self.bit_ends.end[::-1].copy()),
            bit_ends=LineEnds(start=self.word_ends.start[::-1].copy(), end=self.word_ends.end[::-1].copy()),
            word_shunt=None if bit is None else turn(bit),
            bit_shunt=None if word is None else turn(word),
        )

    @cached_property
    def lines(self) -> tuple[Lines, Lines]:
        """Word and bit lines with their cells held at the other side, factored."""
        check_islands(self)
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
        progress: Progress = True,
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
        progress : bool or callable
            As of `reporting`; for an elimination.

        Raises
        ------
        DescriptionError
            For parts of the array that nothing drives.
        EngineError
            If the iteration does not converge, and there is no memory to eliminate the nodes.
        """
        m, n = self.conductance.shape
        none = np.empty((0, 0))
        injections = (
            none if word_injection is None else word_injection,
            none if bit_injection is None else bit_injection,
        )
        u = np.zeros((m, n)) if guess is None else guess.copy()
        v, w, at_words, at_bits = np.empty((m, n)), np.empty((m, n)), np.empty(m), np.empty(n)
        given = word_voltages, bit_voltages, *injections
        left = u, v, w, at_words, at_bits
        iterations, lost = self._relaxed(given, left, tolerance)
        if lost:
            with reporting(progress, f"nodes of {m} x {n} cells") as report:
                u[:] = eliminated_bit_nodes(self, *given, report)
            if not sweep(self.conductance, *self.lines, *given, *left) <= max(tolerance, _ROUNDING):
                raise EngineError(
                    f"a {m} x {n} crossbar did not come into balance: conductances or wire resistances lie too many "
                    "orders of magnitude apart"
                )
        words, bits = self.lines
        g = self.conductance
        return Balance(
            word_nodes=v,
            bit_nodes=u,
            word_currents=leaving(
                self.word_ends,
                words,
                word_voltages,
                at_words,
                v[:, -1],
                lambda: into(g, u, v, word_injection, self.word_shunt, 1),
            ),
            bit_currents=leaving(
                self.bit_ends,
                bits,
                bit_voltages,
                at_bits,
                u[0],
                lambda: into(g, v, u, bit_injection, self.bit_shunt, 0),
            ),
            iterations=iterations,
        )

    def iterations(self, word_voltages: Floats, bit_voltages: Floats) -> int:
        """How many iterations a solve takes; where it eliminates the nodes, those that would take as long together."""
        m, n = self.conductance.shape
        none = np.empty((0, 0))
        left = np.zeros((m, n)), np.empty((m, n)), np.empty((m, n)), np.empty(m), np.empty(n)
        taken, lost = self._relaxed((word_voltages, bit_voltages, none, none), left, TOLERANCE)
        return taken + lost * effort.iterations_like_node_elimination((m, n))

    def _relaxed(
        self,
        given: tuple[Floats, Floats, Floats, Floats],
        left: tuple[Floats, Floats, Floats, Floats, Floats],
        tolerance: float,
    ) -> tuple[int, bool]:
        """Iterate on ``left``, the arguments of `sweep` from ``u`` on; return the iterations, and whether in vain."""
        g, (words, bits) = self.conductance, self.lines
        like = effort.iterations_like_node_elimination(g.shape)
        patience = max(min(like, _MOST_ITERATIONS), like // _PATIENCE)
        iterations, before = 0, np.inf
        while True:
            off = sweep(g, words, bits, *given, *left)
            if off <= tolerance or (off <= _ROUNDING and off > before / 2):
                return iterations, False
            more, step = relax(g, words, bits, *given[2:], *left[:3], tolerance, patience - iterations)
            iterations, before = iterations + max(1, more), off
            if iterations >= patience:
                return iterations, True
            if step > _STIFF and tolerance < _DRIFT and (step > _LOST or like < _WORTH * iterations):
                if step > _LOST:
                    check_fits(g.shape)
                    return iterations, True
                if fits(g.shape):
                    return iterations, True
