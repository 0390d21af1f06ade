"""Voltages that arrive at the cells of an array while a write pulse stands on its lines.

The laws of the cells are followed by Newton's method, started from the pulse before, until what the cells carry agrees
with their tangents within `AGREEMENT`, and the lines with each other within `BALANCE`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.nonlinear import solve_cells
from hardware.rram.device.array import CellArray
from spice_models.errors import EngineError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AGREEMENT = 1e-4
"""Largest difference between the current of a cell and that of its tangent, relative to the largest current of a cell
in the array: so much of the drop in the wires is in error at most [chosen]."""

BALANCE = 3e-3
"""Largest unbalanced current of a node of arrays without transistors, relative to what its cell carries from either
side; a step of the solve leaves less than that. Voltages at the cells are then in error by less than 0.1 % of the pulse
[chosen; tested]."""

_DRIVEN = 0.1  # part of the largest line voltage from which the drop in a bit line is taken for that of its own cells
_MOST_STEPS = 30


class RowDrops:
    """Rows behind access transistors: only the cells of a selected row conduct, so each row is a word line by itself.

    A cell sees its bit line through the resistance from its row to the terminal, ``R_b``. With the tangent ``g`` of a
    cell at ``v_0``, ``i = (i_0 + g (V_w - V_b - v_0)) / (1 + g R_b)``, which leaves one tridiagonal system a row.

    Parameters
    ----------
    cells : CellArray
    wires : Crossbar
        Of the same shape; its conductances are not read.
    """

    def __init__(self, cells: CellArray, wires: Crossbar) -> None:
        m, n = cells.shape
        self._cells = cells
        bits = np.broadcast_to(np.asarray(wires.bit_resistance), (m, n))
        self._bits = np.cumsum(bits[::-1], axis=0)[::-1]
        words = np.asarray(wires.word_resistance)
        self._words = np.array(np.broadcast_to(words, (m, n)), dtype=float)
        self._last = np.zeros((2, m, n))

    def across(self, kind: int, rows: Ints, words: Floats, bits: Floats) -> tuple[Floats, float]:
        """Voltages over the cells of some rows [V], shape (rows, n), and the power of all drivers [W].

        Parameters
        ----------
        kind : int
            0 or 1; each kind of pulse starts from the last of its own.
        rows : array, shape (k,)
            Which rows, each at a time of its own.
        words : array, shape (k,)
            Voltage of each one's word line [V].
        bits : array, shape (k, n)
            Voltages of the bit lines meanwhile [V].
        """
        model, state = self._cells.model.chosen(rows, self._cells.shape), self._cells.state_of(rows)
        own, series = self._words[rows], self._bits[rows]
        ideal = words[:, np.newaxis] - bits
        if not (np.any(own) or np.any(series)):
            return ideal, float(np.sum(model.current(ideal, state) * ideal))
        last = self._last[kind, rows]
        v = np.where(last * ideal > 0, last, ideal)
        carried, slope = model.conduction(v, state)
        for _ in range(_MOST_STEPS):
            divided = 1.0 / (1.0 + slope * series)
            x = divided * (slope * (v + bits) - carried)
            x = _along(own, slope * divided, x, words)
            flowing = divided * (carried + slope * (x - bits - v))
            v = x - bits - series * flowing
            carried, slope = model.conduction(v, state)
            if np.max(np.abs(carried - flowing)) <= AGREEMENT * np.max(np.abs(flowing)):
                self._last[kind, rows] = v
                return v, float(np.sum(flowing * ideal))
        raise EngineError(
            "the cells of a row and its wires did not come to agree during a write pulse: wires of less resistance, or "
            "smaller pulses"
        )


class ArrayDrops:
    """Arrays without transistors: all cells conduct, and unselected lines stand at the voltages of the write scheme."""

    def __init__(self, cells: CellArray, wires: Crossbar) -> None:
        self._cells, self._wires = cells, wires.network
        lines = (wires.word_resistance, wires.bit_resistance)
        self._ideal = not any(np.any(np.asarray(r)) for r in lines)
        self._last = np.zeros((2, *cells.shape))
        self._bits = np.zeros((2, *cells.shape))
        self._terminals = [(np.zeros(cells.shape[0]), np.zeros(cells.shape[1])) for _ in range(2)]

    def across(self, kind: int, words: Floats, bits: Floats) -> tuple[Floats, float]:
        """Voltages over all cells [V], shape (m, n), and the power of the drivers [W]; as `RowDrops.across`.

        Parameters
        ----------
        kind : int
        words, bits : array, shape (m,) and (n,)
            Of all lines [V].
        """
        law = self._cells.law
        ideal = words[:, np.newaxis] - bits
        if self._ideal:
            return ideal, float(np.sum(law.current(ideal) * ideal))
        last = self._last[kind]
        v = np.where(last * ideal > 0, last, ideal)
        carried, slope = law.conduction(v)
        guess = self._expected(kind, words, bits)
        for _ in range(_MOST_STEPS):
            offset = slope * v - carried
            found = replace(self._wires, conductance=slope).solve(
                words, bits, word_injection=offset, bit_injection=-offset, guess=guess, tolerance=BALANCE
            )
            self._bits[kind] = guess = found.bit_nodes
            new = found.word_nodes - found.bit_nodes
            flowing = carried + slope * (new - v)
            v = new
            carried, slope = law.conduction(v)
            if np.max(np.abs(carried - flowing)) <= AGREEMENT * np.max(np.abs(flowing)):
                break
        else:
            # Newton's method leaps to and fro where cells are far less linear than the wires; with damping it does not.
            solved = solve_cells(self._wires, law, words, bits)
            flowing, v = solved.cell_currents, solved.balance.word_nodes - solved.balance.bit_nodes
        self._last[kind] = v
        # What a driver delivers, its cells carry: their sum misses nothing to the tolerance of the solve.
        return v, float(np.sum(flowing * ideal))

    def _expected(self, kind: int, words: Floats, bits: Floats) -> Floats:
        """Bit-line nodes after the last pulse of a kind, with the drop in each line scaled to the new voltages."""
        words_before, bits_before = self._terminals[kind]
        self._terminals[kind] = (words, bits)
        was, now = words_before.mean() - bits_before, words.mean() - bits
        driven = np.abs(was) > _DRIVEN * np.abs(words_before).max()
        share = np.divide(now, was, out=np.ones_like(was), where=driven)
        return np.asarray(bits + (self._bits[kind] - bits_before) * share)


def _along(segments: Floats, conductance: Floats, injected: Floats, driven: Floats) -> Floats:
    """Voltages [V] of the nodes of lines driven at their start, as in `array.lines`; arrays ``[lines, nodes]``.

    Nothing is divided by the resistance of a segment.
    """
    total, arriving = conductance.copy(), injected.copy()
    last = total.shape[1] - 1
    for k in range(last, 0, -1):
        kept = 1.0 / (1.0 + segments[:, k] * total[:, k])
        total[:, k - 1] += kept * total[:, k]
        arriving[:, k - 1] += kept * arriving[:, k]
    v, before = np.empty_like(injected), driven
    for k in range(last + 1):
        before = (before + segments[:, k] * arriving[:, k]) / (1.0 + segments[:, k] * total[:, k])
        v[:, k] = before
    return v


def quiet_range(cells: CellArray, largest: float) -> tuple[float, float]:
    """Voltages [V], one of either sign, between which no cell of an array moves, whatever its state.

    Parameters
    ----------
    cells : CellArray
    largest : float
        Up to which is looked [V].
    """
    bounds = []
    for sign in (-1.0, 1.0):
        low, high = 0.0, largest
        for _ in range(12):
            middle = (low + high) / 2
            still = not any(
                np.any(cells.model.rate(sign * middle, np.full(cells.shape, s))) for s in (1e-9, 0.5, 1 - 1e-9)
            )
            low, high = (middle, high) if still else (low, middle)
        bounds.append(sign * low)
    return bounds[0], bounds[1]
