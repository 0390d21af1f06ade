"""Crossbar arrays of resistive cells with wire resistance: currents, node voltages, the effective matrix, gradients."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import one_of, whole
from hardware.rram.array import effort
from hardware.rram.array.elimination import eliminated
from hardware.rram.array.network import Balance, CellNetwork, LineEnds
from hardware.rram.progress import Progress, reporting
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

_ELIMINATED_ALWAYS = 400  # word and bit lines together up to which nothing takes less time [chosen: measured]
_MANY_ITERATIONS = 50  # more than most arrays take, to see whether counting them is worth it [chosen]
_MOST_EXPONENT = 200  # voltages beyond 2 to the power of it, or below its inverse, are scaled [chosen]

WordEnds = Literal["first", "last", "both"]
BitEnds = Literal["last", "first", "both"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """Voltages and currents of a crossbar; leading axes are those of the inputs.

    Parameters
    ----------
    word_nodes, bit_nodes : array, shape (..., m, n)
        Voltage [V] at either side of each cell.
    word_currents : array, shape (..., m)
        Current [A] from the drivers into each word line.
    bit_currents : array, shape (..., n)
        Current [A] out of each bit line, through its terminal or both.
    """

    word_nodes: Floats
    bit_nodes: Floats
    word_currents: Floats
    bit_currents: Floats


@dataclass(frozen=True, eq=False)
class Crossbar:
    """An array of linear cells between word lines and bit lines with resistive wires.

    ::

                     column 0      1        n-1
        V_i --Rd--r--+----r--+-- ... --+            word line i
                     G       G         G
                     +-- row i of the bit lines, joined down their columns by r, past row m-1 by one more r and Rt
                         to ground

    A segment of wire lies between neighbouring cells and between the outermost cell and the terminal at a driven end.
    Zero wire resistance is exact, and with no resistance at all the currents are the product ``V G``.

    Parameters
    ----------
    conductance : array, shape (m, n)
        Of each cell [S]; zero for none.
    word_resistance, bit_resistance : float or array, shape (m, n)
        Of each segment [ohm]; in an array entry ``[i, j]`` belongs to the segment next to cell ``(i, j)`` toward the
        driven end (word lines: column 0, bit lines: past row m-1, unless ``word_ends`` and ``bit_ends`` say otherwise).
    driver_resistance, terminal_resistance : float or array, shape (m,) and (n,)
        Between each voltage source and its word line, and between each bit line and its terminal [ohm].
    word_ends : {"first", "last", "both"}
        Columns at which word lines are driven.
    bit_ends : {"last", "first", "both"}
        Rows at which bit lines have their terminals.

    Raises
    ------
    DescriptionError
        For values that are negative or not finite, and shapes that do not fit.

    Examples
    --------
    >>> array = Crossbar([[1e-4, 5e-5], [2e-5, 1e-4]], word_resistance=1.0, bit_resistance=1.0)
    >>> array.currents([0.2, 0.1]).round(9)
    array([2.1992e-05, 1.9992e-05])
    """

    conductance: ArrayLike
    word_resistance: ArrayLike = field(default=0.0, kw_only=True)
    bit_resistance: ArrayLike = field(default=0.0, kw_only=True)
    driver_resistance: ArrayLike = field(default=0.0, kw_only=True)
    terminal_resistance: ArrayLike = field(default=0.0, kw_only=True)
    word_ends: WordEnds = field(default="first", kw_only=True)
    bit_ends: BitEnds = field(default="last", kw_only=True)

    def __post_init__(self) -> None:
        g = _numbers("conductance", self.conductance)
        if g.ndim != 2 or 0 in g.shape:
            raise DescriptionError(f"the conductance of a crossbar has two axes (word lines, bit lines), got {g.shape}")
        object.__setattr__(self, "conductance", _checked("conductance", g))
        for what, allowed in (("word_ends", ("first", "last", "both")), ("bit_ends", ("last", "first", "both"))):
            if getattr(self, what) not in allowed:
                raise DescriptionError(f"{what} must be one of {', '.join(allowed)}, got {getattr(self, what)!r}")
        m, n = g.shape
        shapes: dict[str, tuple[int, ...]] = {
            "word_resistance": (m, n + 1) if self.word_ends == "both" else (m, n),
            "bit_resistance": (m + 1, n) if self.bit_ends == "both" else (m, n),
            "driver_resistance": (m,),
            "terminal_resistance": (n,),
        }
        for what, shape in shapes.items():
            value = _numbers(what.replace("_", " "), getattr(self, what))
            if value.ndim and value.shape != shape:
                raise DescriptionError(f"{what} is one number or an array of shape {shape}, got {value.shape}")
            object.__setattr__(self, what, _checked(what.replace("_", " "), value))

    @property
    def shape(self) -> tuple[int, int]:
        """Number of word lines and of bit lines."""
        m, n = np.shape(self.conductance)
        return m, n

    def currents(self, voltages: ArrayLike, bit_voltages: ArrayLike = 0.0, *, workers: int | None = None) -> Floats:
        """Currents out of the bit lines [A], shape (..., n).

        Where so many inputs take less time that way, the effective matrix is found first and multiplied with.

        Parameters
        ----------
        voltages : array, shape (..., m)
            Of the word lines [V]; NaN where one floats.
        bit_voltages : float or array, shape (..., n)
            Of the bit lines' terminals [V]; NaN where one floats.
        workers : int, optional
            Threads; the number of processors if not given. Results do not depend on it.
        """
        v = self._inputs(voltages, "voltages", self.shape[0])
        bits = _numbers("bit voltages", bit_voltages)
        grounded = bits.shape in ((), (self.shape[1],)) and not np.any(bits)
        if grounded and np.all(np.isfinite(v)) and self._matrix_pays(v.reshape(-1, self.shape[0])):
            return np.asarray(v @ self.effective_conductance(workers=workers))
        return self._solve(v, bits, lambda b: b.bit_currents, workers)

    def node_voltages(
        self, voltages: ArrayLike, bit_voltages: ArrayLike = 0.0, *, workers: int | None = None
    ) -> tuple[Floats, Floats]:
        """Voltages [V] of the word-line and the bit-line nodes, each of shape (..., m, n); see `currents`."""
        found = self.solve(voltages, bit_voltages, workers=workers)
        return found.word_nodes, found.bit_nodes

    def solve(self, voltages: ArrayLike, bit_voltages: ArrayLike = 0.0, *, workers: int | None = None) -> Solution:
        """Find all voltages and currents; parameters as of `currents`."""
        v = self._inputs(voltages, "voltages", self.shape[0])
        m, n = self.shape

        def flat(b: Balance) -> Floats:
            return np.concatenate([b.word_nodes.ravel(), b.bit_nodes.ravel(), -b.word_currents, b.bit_currents])

        found = self._solve(v, bit_voltages, flat, workers)
        words, bits, into, out = np.split(found, np.cumsum([m * n, m * n, m]), axis=-1)
        lead = found.shape[:-1]
        return Solution(
            word_nodes=words.reshape(*lead, m, n),
            bit_nodes=bits.reshape(*lead, m, n),
            word_currents=into,
            bit_currents=out,
        )

    def effective_conductance(self, *, workers: int | None = None, progress: Progress = None) -> Floats:
        """Return the matrix ``E[m, n]`` [S] with ``currents(V) = V @ E``; ``G`` itself without any resistance.

        Found by `elimination.eliminated`, or, where that takes less time (large arrays that lose little), by as many
        solves as there are word lines or bit lines, whichever are fewer: a unit voltage on a bit line gives a column of
        it by reciprocity.

        Parameters
        ----------
        workers : int, optional
            Threads, for the second way.
        progress : bool or callable
            Whether to show a progress bar, or a function of the part that is done; for the first way.
        """
        m, n = self.shape
        _threads(workers)
        if m + n > _ELIMINATED_ALWAYS:
            iterations = self._iterations(np.ones(m))
            if effort.solves(self.shape, iterations, min(m, n)) < effort.elimination(self.shape):
                return self._effective_by_solves(workers)
        with reporting(progress, f"effective matrix of {m} x {n} cells") as report:
            found = eliminated(self.network, report)
        rows, columns = self._flips
        return np.ascontiguousarray(found[rows, columns])

    def _effective_by_solves(self, workers: int | None) -> Floats:
        m, n = self.shape
        if m <= n:
            return self._solve(np.eye(m), 0.0, lambda b: b.bit_currents, workers)
        return self._solve(np.zeros((n, m)), np.eye(n), lambda b: b.word_currents, workers).T

    def _matrix_pays(self, voltages: Floats) -> bool:
        inputs = len(voltages)
        if inputs < 2 or effort.elimination(self.shape) > effort.solves(self.shape, _MANY_ITERATIONS, inputs):
            return False
        return effort.matrix_pays(self.shape, self._iterations(np.abs(voltages).mean(axis=0)), inputs)

    def _iterations(self, voltages: Floats) -> int:
        """How many a solve takes."""
        return int(self._solve(voltages, 0.0, lambda b: np.array([float(b.iterations)]), 1)[0])

    def gradient(self, voltages: ArrayLike, upstream: ArrayLike, *, workers: int | None = None) -> Floats:
        """Gradient of a loss with respect to every conductance, ``dL/dG[m, n]``, summed over the inputs.

        With the drops ``w`` over the cells, and ``w'`` when ``dL/dI`` is applied to the bit lines and the word lines
        are grounded, it is ``-w w'`` (Tellegen's theorem).

        Parameters
        ----------
        voltages : array, shape (..., m)
            Inputs [V].
        upstream : array, shape (..., n)
            ``dL/dI`` of the currents of each input.
        """
        v = self._inputs(voltages, "voltages", self.shape[0])
        a = self._inputs(upstream, "upstream", self.shape[1])
        if np.any(np.isnan(a)):
            raise DescriptionError("upstream must be finite, also where a word line floats")
        if a.shape[:-1] != v.shape[:-1]:
            raise DescriptionError(f"voltages and upstream must agree in their leading axes: {v.shape} and {a.shape}")

        def drops(b: Balance) -> Floats:
            return (b.word_nodes - b.bit_nodes).ravel()

        forward = self._solve(v, 0.0, drops, workers).reshape(-1, *self.shape)
        adjoint = self._solve(np.where(np.isnan(v), np.nan, 0.0), a, drops, workers).reshape(-1, *self.shape)
        return np.asarray(-np.einsum("kij,kij->ij", forward, adjoint))

    def _inputs(self, values: ArrayLike, what: str, lines: int) -> Floats:
        array = _numbers(what, values)
        if array.ndim == 0 or array.shape[-1] != lines:
            raise DescriptionError(f"{what} must end in an axis of {lines} lines, got shape {array.shape}")
        if np.any(np.isinf(array)):
            raise DescriptionError(f"{what} must be finite, or NaN for a line that floats")
        return array

    def _solve(
        self, voltages: Floats, bit_voltages: ArrayLike, take: Callable[[Balance], Floats], workers: int | None
    ) -> Floats:
        """Solve every input and stack what ``take`` keeps of it."""
        m, n = self.shape
        bit = _numbers("bit voltages", bit_voltages)
        bit = self._inputs(np.broadcast_to(bit, (n,)) if bit.ndim == 0 else bit, "bit voltages", n)
        try:
            lead = np.broadcast_shapes(voltages.shape[:-1], bit.shape[:-1])
        except ValueError:
            raise DescriptionError(
                f"voltages {voltages.shape} and bit voltages {bit.shape} do not agree in their leading axes"
            ) from None
        threads = _threads(workers)
        words = np.broadcast_to(voltages, (*lead, m)).reshape(-1, m)
        bits = np.broadcast_to(bit, (*lead, n)).reshape(-1, n)

        def one(k: int) -> Floats:
            word, bit = self._turned(words[k], bits[k])
            # Squares of far smaller or larger voltages are no floating-point numbers.
            exponent = int(np.frexp(max(np.abs(word).max(), np.abs(bit).max()))[1])
            exponent = exponent if abs(exponent) > _MOST_EXPONENT else 0
            found = self._network_for(words[k], bits[k]).solve(np.ldexp(word, -exponent), np.ldexp(bit, -exponent))
            return np.ldexp(take(self._oriented(found)), exponent) if exponent else take(self._oriented(found))

        if len(words) == 0:
            return np.empty((*lead, take(self.network.solve(np.zeros(m), np.zeros(n))).size))
        if len(words) == 1 or threads == 1:
            rows = [one(k) for k in range(len(words))]
        else:
            with ThreadPoolExecutor(threads) as pool:
                rows = list(pool.map(one, range(len(words))))
        return np.array(rows).reshape(*lead, -1)

    def _turned(self, words: Floats, bits: Floats) -> tuple[Floats, Floats]:
        """Line voltages in the order of the solver, floating ones at zero."""
        rows, columns = self._flips
        return np.ascontiguousarray(np.nan_to_num(words[rows])), np.ascontiguousarray(np.nan_to_num(bits[columns]))

    def _oriented(self, b: Balance) -> Balance:
        """Undo `_turned` and the orientation of the network."""
        rows, columns = self._flips
        return Balance(
            word_nodes=b.word_nodes[rows, columns],
            bit_nodes=b.bit_nodes[rows, columns],
            word_currents=b.word_currents[rows],
            bit_currents=b.bit_currents[columns],
            iterations=b.iterations,
        )

    def _network_for(self, words: Floats, bits: Floats) -> CellNetwork:
        loose_words, loose_bits = np.isnan(words), np.isnan(bits)
        if not (np.any(loose_words) or np.any(loose_bits)):
            return self.network
        rows, columns = self._flips
        return replace(
            self.network,
            word_ends=self.network.word_ends.floating(loose_words[rows]),
            bit_ends=self.network.bit_ends.floating(loose_bits[columns]),
        )

    def wires(self, kind: Literal["word", "bit"], line: int) -> Floats:
        """Resistances [ohm] along one line, terminal to terminal: one more than it has cells.

        Word lines are counted from column 0, bit lines from row 0; infinite where there is no terminal, the driver's or
        terminal's resistance included.
        """
        m, n = self.shape
        word = one_of("kind of line", kind, ("word", "bit")) == "word"
        line = whole("the line", line, least=0, most=(m if word else n) - 1)
        given = np.asarray(self.word_resistance if word else self.bit_resistance)
        outer = np.broadcast_to(
            np.asarray(self.driver_resistance if word else self.terminal_resistance), (m if word else n,)
        )
        ends = self.word_ends if word else self.bit_ends
        cells = n if word else m
        along = np.full(cells + 1, np.inf)
        kept = {"first": slice(0, cells), "last": slice(1, None), "both": slice(None)}[ends]
        along[kept] = given if given.ndim == 0 else (given[line] if word else given[:, line])
        along[0] += outer[line]
        along[-1] += outer[line]
        return along

    @cached_property
    def network(self) -> CellNetwork:
        """The equations, turned so that word lines start at column 0 and bit lines past the last row."""
        m, n = self.shape
        rows, columns = self._flips
        word, bit = np.asarray(self.word_resistance), np.asarray(self.bit_resistance)
        driver = np.broadcast_to(np.asarray(self.driver_resistance), (m,))
        terminal = np.broadcast_to(np.asarray(self.terminal_resistance), (n,))
        words, bits = self.word_ends == "both", self.bit_ends == "both"
        near_word = word if word.ndim == 0 else word[:, -1 if self.word_ends == "last" else 0]
        near_bit = bit if bit.ndim == 0 else bit[0 if self.bit_ends == "first" else -1]
        far_word = (word if word.ndim == 0 else word[:, -1]) if words else np.inf
        far_bit = (bit if bit.ndim == 0 else bit[0]) if bits else np.inf

        def segment(r: Floats, inner: tuple[slice, slice]) -> Floats:
            return np.full((1, 1), float(r)) if r.ndim == 0 else np.ascontiguousarray(r[inner][rows, columns])

        return CellNetwork(
            conductance=np.ascontiguousarray(np.asarray(self.conductance)[rows, columns]),
            word_segment=segment(word, (slice(None), slice(0, n))),
            bit_segment=segment(bit, (slice(1, None) if bits else slice(None), slice(None))),
            word_ends=LineEnds(start=(near_word + driver)[rows].copy(), end=(far_word + driver)[rows].copy()),
            bit_ends=LineEnds(start=(near_bit + terminal)[columns].copy(), end=(far_bit + terminal)[columns].copy()),
            backward=(self.bit_ends == "first", self.word_ends == "last"),
        )

    @property
    def _flips(self) -> tuple[slice, slice]:
        """Order of rows and columns in the solver, where lines start at column 0 and past the last row."""
        back = slice(None, None, -1)
        return (
            back if self.bit_ends == "first" else slice(None),
            back if self.word_ends == "last" else slice(None),
        )


def _threads(workers: int | None) -> int:
    return (os.cpu_count() or 1) if workers is None else whole("workers", workers, least=1)


def _numbers(what: str, values: ArrayLike) -> Floats:
    """Return a copy, so that what a user does to an array later cannot reach one that has been factored."""
    if np.ma.is_masked(values):
        raise DescriptionError(
            f"the {what} of a crossbar have masked entries: fill them, with 0 where there is no cell"
        )
    try:
        array = np.asarray(values)
        kind = array.dtype.kind
        if kind not in "fiubO" or (kind == "O" and any(value is None for value in array.flat)):
            raise TypeError
        return np.array(array, dtype=float, order="C")
    except (TypeError, ValueError):
        raise DescriptionError(f"the {what} of a crossbar must be real numbers in a rectangular array") from None


def _checked(what: str, value: Floats) -> Floats:
    if not np.all(np.isfinite(value)) or np.any(value < 0):
        bad = np.argwhere(~(np.isfinite(value) & (value >= 0)))[0].tolist()
        where = f" at {bad}" if bad else ""
        raise DescriptionError(f"the {what} of a crossbar must be finite and not negative, but is not{where}")
    return value
