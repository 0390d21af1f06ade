"""Writing conductances into an array: pulses with growing amplitude, a read after each, and what neighbours feel.

A row is written at a time. Its word line gets the pulse; the bit line of each cell that needs one is held so that the
cell sees an amplitude of its own, the others are inhibited (half or two thirds of the pulse), and the other word lines
keep half or a third. The voltages that arrive at every cell come from the array with its wires, so that far cells see
less and half-selected ones are disturbed. With access transistors only the selected row conducts: rows know nothing of
each other, and all of them are computed at once.

References
----------
K.-D. Suh et al., IEEE J. Solid-State Circuits 30, 1149 (1995), doi 10.1109/4.475701 (incremental step pulses).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, one_of, real, reals, whole
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.write_schemes import SCHEMES
from hardware.rram.device.array import CellArray
from hardware.rram.device.cell import READ_VOLTAGE
from hardware.rram.progress import Progress, reporting
from hardware.rram.writing.drops import ArrayDrops, RowDrops, quiet_range
from hardware.rram.writing.pulses import Programmed, PulseScheme
from spice_models.errors import DescriptionError

__all__ = ["Access", "Programmed", "PulseScheme", "write_verify"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

Access = Literal["half", "third", "transistor"]

ACCESS: tuple[Access, ...] = ("half", "third", "transistor")

ACCURACY = 1e-4
"""Error of a state after a step of its integration within a pulse: a thirtieth of a 5-bit level's half [chosen]."""

GIVEN_UP = 8
"""Pulses of the largest amplitude after which a cell is given up, if they moved it by less than a quarter of the
tolerance and it is too far from its target for those that are left [chosen]."""

FASTER = 4.0
"""How much faster than now a slow cell may become on its way [chosen]."""


def write_verify(
    cells: CellArray,
    target: ArrayLike,
    *,
    tolerance: float,
    scheme: PulseScheme,
    access: Access = "half",
    word_resistance: ArrayLike = 0.0,
    bit_resistance: ArrayLike = 0.0,
    cells_at_once: int | None = None,
    most_pulses: int = 200,
    passes: int = 3,
    read_voltage: float = READ_VOLTAGE,
    progress: Progress = True,
) -> Programmed:
    """Write a matrix of conductances row by row, and again where later rows have disturbed earlier ones.

    Parameters
    ----------
    cells : CellArray
        The array; changed in place.
    target : array, shape (m, n)
        Conductances wanted [S].
    tolerance : float
        Largest difference between read and wanted conductance [S].
    scheme : PulseScheme
        Amplitudes and widths.
    access : {"half", "third", "transistor"}
        How the other cells are spared.
    word_resistance, bit_resistance : float or array
        Of wire segments [ohm], as of `Crossbar`.
    cells_at_once : int, optional
        Neighbours in a row that share pulses; the whole row if not given. Their current adds up in the word line.
    most_pulses : int
        After which a cell is given up, in each pass.
    passes : int
        Times that the array is gone through.
    read_voltage : float
        Of verifying reads [V].
    progress : bool or callable
        True for a bar on a terminal if it takes long; or called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        For targets of another shape, negative or not finite, a tolerance that is not positive, and a read voltage that
        moves the cells.
    UnknownNameError
        For another way of access.
    """
    instance("the cells that are written", cells, CellArray, "a CellArray(model, shape, rng)")
    instance("the scheme of pulses", scheme, PulseScheme, "a PulseScheme(...)")
    wanted = reals("targets", target)
    if wanted.shape != cells.shape or not np.all(np.isfinite(wanted)) or np.any(wanted < 0):
        raise DescriptionError(f"targets must be finite, not negative, and of shape {cells.shape}, got {wanted.shape}")
    real("the tolerance of write-verify [S]", tolerance, above=0.0)
    real("the read voltage [V]", read_voltage, above=0.0)
    whole("most_pulses", most_pulses, least=1)
    whole("passes", passes, least=1)
    one_of("access", access, ACCESS)
    at_once = cells.shape[1] if cells_at_once is None else whole("cells_at_once", cells_at_once, least=1)
    quiet = quiet_range(cells, max(scheme.largest, read_voltage))
    if read_voltage > quiet[1]:
        raise DescriptionError(
            f"reads at {read_voltage:g} V move the cells that they verify: read_voltage must be below {quiet[1]:.3g} V"
        )
    wires = Crossbar(np.ones(cells.shape), word_resistance=word_resistance, bit_resistance=bit_resistance)
    writer = _Writer(cells, wires, scheme, access, quiet)
    m, n = cells.shape
    rows = [np.arange(m)] if access == "transistor" else [np.array([row]) for row in range(m)]
    groups = [(some, slice(k, k + at_once)) for some in rows for k in range(0, n, at_once)]
    with reporting(progress, f"writing {m} x {n} cells") as report:
        for sweep in range(passes):
            writer.begin()
            touched = False
            for number, (going, columns) in enumerate(groups):
                for k in range(most_pulses):
                    going = writer.step(going, columns, wanted, tolerance, read_voltage, most_pulses - k)
                    if not len(going):
                        break
                    touched = True
                    report((sweep + (number + k / most_pulses) / len(groups)) / passes)
            if not touched:
                break
        report(1.0)
    reached = np.abs(writer.verify(np.arange(m), read_voltage) - wanted) <= tolerance
    return Programmed(
        target=wanted,
        conductance=cells.conductance(read_voltage),
        reached=reached,
        given_up=writer.given_up,
        pulses=writer.pulses,
        disturbed=writer.disturbed,
        energy=writer.energy,
        time=writer.time,
    )


class _Writer:
    """One array being written: counts, energy and time so far."""

    def __init__(
        self, cells: CellArray, wires: Crossbar, scheme: PulseScheme, access: Access, quiet: tuple[float, float]
    ) -> None:
        self.cells, self.scheme, self.access = cells, scheme, access
        self._quiet = quiet
        self._rows = RowDrops(cells, wires) if access == "transistor" else None
        self._array = ArrayDrops(cells, wires)
        shape = cells.shape
        self.amplitude = np.zeros((2, *shape))  # of the next set and reset pulse
        self.last = np.zeros(shape, dtype=np.int64)
        self.pulses = np.zeros(shape, dtype=np.int64)
        self.largest = np.zeros(shape, dtype=np.int64)  # pulses of the largest amplitude, one after the other
        self.given_up = np.zeros(shape, dtype=bool)
        self._before = np.zeros(shape)  # what a read found when they began [S]
        self.disturbed = np.zeros(shape)
        self._selected = np.zeros(shape, dtype=bool)
        self.energy = self.time = 0.0

    def begin(self) -> None:
        """Start a pass: every cell with small pulses."""
        self.last[:] = self.largest[:] = 0
        self.amplitude[0], self.amplitude[1] = self.scheme.set_start, self.scheme.reset_start

    def step(
        self, rows: Ints, columns: slice, wanted: Floats, tolerance: float, read_voltage: float, left: int
    ) -> Ints:
        """Read some rows, give one pulse of those left to each cell of some columns that is off; rows that had one."""
        found = self.verify(rows, read_voltage)
        off, alive = found - wanted[rows], np.zeros(found.shape, dtype=bool)
        self._give_up(rows, found, off, tolerance, left)
        alive[:, columns] = ~self.given_up[rows, columns]
        wrong = ((off < -tolerance) & alive, (off > tolerance) & alive)
        for kind in (0, 1):
            going = np.any(wrong[kind], axis=1)
            if np.any(going):
                self._pulse(kind, rows[going], wrong[kind][going])
        return rows[np.any(wrong[0] | wrong[1], axis=1)]

    def verify(self, rows: Ints, read_voltage: float) -> Floats:
        """Read some rows, one after the other."""
        took = self.scheme.read_time
        found = self.cells.read(read_voltage, elapsed=took, rows=rows)
        self.time += took * len(rows)
        self.energy += float(np.sum(found)) * read_voltage**2 * took
        return found

    def _pulse(self, kind: int, rows: Ints, chosen: Flags) -> None:
        """Apply one set (0) or reset (1) pulse to chosen cells ``[rows, n]`` of each row."""
        amplitude = self.amplitude[kind, rows]
        tops = np.max(np.where(chosen, amplitude, 0.0), axis=1)
        sign = self.cells.model.set_polarity * (1 if kind == 0 else -1)
        other, inhibited = (0.0, 1.0) if self.access == "transistor" else SCHEMES[self.access]
        bits = np.where(chosen, tops[:, np.newaxis] - amplitude, inhibited * tops[:, np.newaxis])
        self._selected[rows] = chosen
        part = self.scheme.width / self.scheme.parts
        for _ in range(self.scheme.parts):
            if self._rows is not None:
                across, power = self._rows.across(kind, rows, sign * tops, sign * bits)
            else:
                words = np.full(self.cells.shape[0], other * tops[0])
                words[rows] = tops
                across, power = self._array.across(kind, sign * words, sign * bits[0])
            felt = np.nonzero((across < self._quiet[0]) | (across > self._quiet[1]))
            first = felt[0] if self._rows is None else rows[felt[0]]
            moved, change = self.cells.move((first, felt[1]), across[felt], part, accuracy=ACCURACY)
            self.disturbed[moved] += np.where(self._selected[moved], 0.0, np.abs(change))
            self.energy += power * part
        self._selected[rows] = False
        self.time += self.scheme.width * len(rows)
        self.pulses[rows] += chosen
        # A cell that overshot starts small again; one that is still on its way gets more.
        kinds, starts = (1, -1), (self.scheme.set_start, self.scheme.reset_start)
        again = self.last[rows] == kinds[kind]
        grown = np.minimum(np.where(again, amplitude, starts[kind]) + self.scheme.increment, self.scheme.largest)
        self.amplitude[kind, rows] = np.where(chosen, grown, amplitude)
        self.amplitude[1 - kind, rows] = np.where(chosen, starts[1 - kind], self.amplitude[1 - kind, rows])
        self.last[rows] = np.where(chosen, kinds[kind], self.last[rows])
        strongest = np.where(amplitude >= self.scheme.largest, self.largest[rows] + 1, 0)
        self.largest[rows] = np.where(chosen, strongest, self.largest[rows])

    def _give_up(self, rows: Ints, found: Floats, off: Floats, tolerance: float, left: int) -> None:
        """Give up cells of some rows that the largest pulses move too little to arrive with those left."""
        count = self.largest[rows]
        before = np.where(count <= 1, found, self._before[rows])
        moved = np.abs(found - before)
        still = (moved < tolerance / 4) & (moved * FASTER * left / GIVEN_UP < np.abs(off))
        many = count >= GIVEN_UP
        self.given_up[rows] |= many & still
        self.largest[rows] = np.where(many & ~still, 1, count)
        self._before[rows] = np.where(many & ~still, found, before)
