"""Crossbar arrays of resistive cells with wire resistance: currents, node voltages, the effective matrix, gradients."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.array import given
from hardware.rram.array.batch import solve_each
from hardware.rram.array.effective import effective_matrix, matrix_pays
from hardware.rram.array.network import Balance, CellNetwork
from hardware.rram.array.orientation import oriented_network
from hardware.rram.progress import Progress
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

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
        g = given.numbers("conductance", self.conductance)
        if g.ndim != 2 or 0 in g.shape:
            raise DescriptionError(f"the conductance of a crossbar has two axes (word lines, bit lines), got {g.shape}")
        object.__setattr__(self, "conductance", given.not_negative("conductance", g))
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
            value = given.not_negative(what.replace("_", " "), getattr(self, what))
            if value.ndim and value.shape != shape:
                raise DescriptionError(f"{what} is one number or an array of shape {shape}, got {value.shape}")
            object.__setattr__(self, what, value)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of word lines and of bit lines."""
        m, n = np.shape(self.conductance)
        return m, n

    def currents(
        self,
        voltages: ArrayLike,
        bit_voltages: ArrayLike = 0.0,
        *,
        workers: int | None = None,
        progress: Progress = True,
    ) -> Floats:
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
        progress : bool or callable
            Whether to show a bar on a terminal for what takes more than two seconds; a callable is told the part that
            is done instead.

        Raises
        ------
        DescriptionError
            For shapes that do not fit, infinite voltages, and lines that nothing holds.
        EngineError
            If memory does not suffice for an array that iteration cannot solve.
        """
        v = given.inputs("voltages", voltages, self.shape[0])
        bits = given.numbers("bit voltages", bit_voltages)
        grounded = bits.shape in ((), (self.shape[1],)) and not np.any(bits)
        if grounded and np.all(np.isfinite(v)) and matrix_pays(self, v.reshape(-1, self.shape[0])):
            return np.asarray(v @ self.effective_conductance(workers=workers, progress=progress))
        return solve_each(self, v, bits, lambda b: b.bit_currents, workers=workers, progress=progress)

    def node_voltages(
        self,
        voltages: ArrayLike,
        bit_voltages: ArrayLike = 0.0,
        *,
        workers: int | None = None,
        progress: Progress = True,
    ) -> tuple[Floats, Floats]:
        """Voltages [V] of the word-line and the bit-line nodes, each of shape (..., m, n); see `currents`."""
        found = self.solve(voltages, bit_voltages, workers=workers, progress=progress)
        return found.word_nodes, found.bit_nodes

    def solve(
        self,
        voltages: ArrayLike,
        bit_voltages: ArrayLike = 0.0,
        *,
        workers: int | None = None,
        progress: Progress = True,
    ) -> Solution:
        """Find all voltages and currents; parameters as of `currents`."""
        m, n = self.shape

        def flat(b: Balance) -> Floats:
            return np.concatenate([b.word_nodes.ravel(), b.bit_nodes.ravel(), -b.word_currents, b.bit_currents])

        v = given.inputs("voltages", voltages, m)
        found = solve_each(self, v, bit_voltages, flat, workers=workers, progress=progress)
        words, bits, into, out = np.split(found, np.cumsum([m * n, m * n, m]), axis=-1)
        lead = found.shape[:-1]
        return Solution(
            word_nodes=words.reshape(*lead, m, n),
            bit_nodes=bits.reshape(*lead, m, n),
            word_currents=into,
            bit_currents=out,
        )

    def effective_conductance(self, *, workers: int | None = None, progress: Progress = True) -> Floats:
        """Return the matrix ``E[m, n]`` [S] with ``currents(V) = V @ E``; ``G`` itself without any resistance.

        Found by `elimination.eliminated`, or, where that takes less time (large arrays that lose little), by as many
        solves as there are word lines or bit lines, whichever are fewer: a unit voltage on a bit line gives a column of
        it by reciprocity.

        Parameters
        ----------
        workers : int, optional
            Threads, for the second way.
        progress : bool or callable
            As of `currents`.
        """
        given.threads(workers)
        return effective_matrix(self, workers=workers, progress=progress)

    def gradient(
        self, voltages: ArrayLike, upstream: ArrayLike, *, workers: int | None = None, progress: Progress = True
    ) -> Floats:
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
        v = given.inputs("voltages", voltages, self.shape[0])
        a = given.inputs("upstream", upstream, self.shape[1])
        if np.any(np.isnan(a)):
            raise DescriptionError("upstream must be finite, also where a word line floats")
        if a.shape[:-1] != v.shape[:-1]:
            raise DescriptionError(f"voltages and upstream must agree in their leading axes: {v.shape} and {a.shape}")

        def drops(words: Floats, bits: ArrayLike) -> Floats:
            taken = solve_each(
                self, words, bits, lambda b: (b.word_nodes - b.bit_nodes).ravel(), workers=workers, progress=progress
            )
            return taken.reshape(-1, *self.shape)

        return np.asarray(-np.einsum("kij,kij->ij", drops(v, 0.0), drops(np.where(np.isnan(v), np.nan, 0.0), a)))

    @cached_property
    def network(self) -> CellNetwork:
        """The equations, turned so that word lines start at column 0 and bit lines past the last row."""
        return oriented_network(self)
