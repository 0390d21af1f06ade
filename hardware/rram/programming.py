"""Writing conductances into an array: pulses with growing amplitude, a read after each, and what neighbours feel.

A row is written at a time. Its word line gets the pulse; the bit line of each cell that needs one is held so that the
cell sees an amplitude of its own, the others are inhibited (half or two thirds of the pulse), and the other word lines
keep half or a third. The voltages that arrive at every cell come from the array with its wires, so that far cells see
less and half-selected ones are disturbed. With access transistors only the selected row conducts.

References
----------
K.-D. Suh et al., IEEE J. Solid-State Circuits 30, 1149 (1995), doi 10.1109/4.475701 (incremental step pulses).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.crossbar import Crossbar
from hardware.rram.device.array import CellArray
from hardware.rram.device.cell import READ_VOLTAGE
from hardware.rram.network import CellNetwork
from hardware.rram.write_schemes import SCHEMES
from spice_models.errors import DescriptionError, unknown_name

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Access = Literal["half", "third", "transistor"]

ACCURACY = 1e-7
"""Of the voltages that arrive at cells [chosen]; see `relaxation.TOLERANCE`."""

GIVEN_UP = 8
"""Pulses of the largest amplitude that together move a cell by less than a quarter of the tolerance: it is given up
[chosen]."""


@dataclass(frozen=True, kw_only=True)
class PulseScheme:
    """Amplitudes and widths of write pulses.

    Parameters
    ----------
    set_start, reset_start : float
        Magnitude of the first pulse of either kind on a cell [V].
    increment : float
        By how much each further pulse of the same kind grows [V].
    largest : float
        No pulse is larger [V].
    width : float
        Of every pulse [s].
    read_time : float
        Of a verifying read [s].
    """

    set_start: float
    reset_start: float
    increment: float
    largest: float
    width: float
    read_time: float = 10e-9

    def __post_init__(self) -> None:
        if not (0 < self.set_start <= self.largest and 0 < self.reset_start <= self.largest):
            raise DescriptionError("pulses must start above 0 V and not above the largest amplitude")
        if not (self.increment >= 0 and self.width > 0 and self.read_time >= 0):
            raise DescriptionError("the increment and read time of pulses must not be negative, their width positive")
        if not np.all(np.isfinite([self.largest, self.increment, self.width, self.read_time])):
            raise DescriptionError("amplitudes, increments and times of pulses must be finite")


@dataclass(frozen=True, kw_only=True, eq=False)
class Programmed:
    """What a write achieved.

    Parameters
    ----------
    target, conductance : array, shape (m, n)
        Wanted and achieved [S], the latter without read noise.
    reached : array of bool, shape (m, n)
        Which cells ended within the tolerance, by a last read.
    pulses : array of int, shape (m, n)
        Pulses applied to each cell.
    disturbed : array, shape (m, n)
        Sum of the changes of state that pulses meant for other cells made.
    energy : float
        Delivered by the line drivers during pulses and reads [J].
    time : float
        Of all pulses and reads [s].
    """

    target: Floats
    conductance: Floats
    reached: NDArray[np.bool_]
    pulses: Ints
    disturbed: Floats
    energy: float
    time: float

    @property
    def yield_of(self) -> float:
        """Part of the cells within the tolerance."""
        return float(np.mean(self.reached))


class _Writer:
    """One array being written: counts, energy and time so far."""

    def __init__(self, cells: CellArray, wires: Crossbar, scheme: PulseScheme, access: Access) -> None:
        self.cells, self.scheme, self.access = cells, scheme, access
        self._wires: CellNetwork = wires.network
        m, n = cells.shape
        self.amplitude = np.zeros((2, m, n))  # of the next set and reset pulse
        self.amplitude[0], self.amplitude[1] = scheme.set_start, scheme.reset_start
        self.last = np.zeros((m, n), dtype=np.int64)
        self.pulses = np.zeros((m, n), dtype=np.int64)
        self.largest = np.zeros((m, n), dtype=np.int64)  # pulses of the largest amplitude, one after the other
        self.given_up = np.zeros((m, n), dtype=bool)
        self._before = np.zeros((m, n))  # what a read found when they began [S]
        self.disturbed = np.zeros((m, n))
        self.energy = self.time = 0.0

    def pulse(self, row: int, kind: int, columns: NDArray[np.bool_]) -> None:
        """Apply one set (0) or reset (1) pulse to chosen cells of a row."""
        amplitude = self.amplitude[kind, row]
        top = float(amplitude[columns].max())
        sign = self.cells.model.set_polarity * (1 if kind == 0 else -1)
        m, n = self.cells.shape
        other_words, inhibited = (0.0, top) if self.access == "transistor" else _levels(self.access, top)
        words, bits = np.full(m, other_words), np.where(columns, top - amplitude, inhibited)
        words[row] = top
        across, power = self._across(sign * words, sign * bits, row)
        change = self.cells.pulse(across, self.scheme.width)
        selected = np.zeros((m, n), dtype=bool)
        selected[row] = columns
        self.disturbed += np.where(selected, 0.0, np.abs(change))
        self.pulses[row] += columns
        self.energy += power * self.scheme.width
        self.time += self.scheme.width
        # A cell that overshot starts small again; one that is still on its way gets more.
        again = self.last[row] == (1 if kind == 0 else -1)
        start = self.scheme.set_start if kind == 0 else self.scheme.reset_start
        grown = np.minimum(np.where(again, amplitude, start) + self.scheme.increment, self.scheme.largest)
        self.amplitude[kind, row] = np.where(columns, grown, amplitude)
        self.amplitude[1 - kind, row][columns] = self.scheme.reset_start if kind == 0 else self.scheme.set_start
        self.last[row][columns] = 1 if kind == 0 else -1
        strongest = np.where(amplitude >= self.scheme.largest, self.largest[row] + 1, 0)
        self.largest[row] = np.where(columns, strongest, self.largest[row])

    def give_up(self, row: int, found: Floats, tolerance: float) -> None:
        """Give up cells of a row that the largest pulses do not move any more."""
        count = self.largest[row]
        self._before[row] = np.where(count <= 1, found, self._before[row])
        still = np.abs(found - self._before[row]) < tolerance / 4
        self.given_up[row] |= (count >= GIVEN_UP) & still
        self.largest[row] = np.where((count >= GIVEN_UP) & ~still, 1, count)
        self._before[row] = np.where((count >= GIVEN_UP) & ~still, found, self._before[row])

    def _across(self, words: Floats, bits: Floats, row: int) -> tuple[Floats, float]:
        """Voltage over every cell, and the power of the drivers [W]; cells as their chords at the ideal voltages."""
        ideal = words[:, None] - bits[None, :]
        safe = np.where(np.abs(ideal) < 1e-3, 1e-3, ideal)
        chord = self.cells.law.current(safe) / safe
        if self.access == "transistor":
            chord[np.arange(len(words)) != row] = 0.0
        found = replace(self._wires, conductance=chord).solve(words, bits, tolerance=ACCURACY)
        across: Floats = np.asarray(found.word_nodes - found.bit_nodes)
        if self.access == "transistor":
            across[np.arange(len(words)) != row] = 0.0
        return across, -float(words @ found.word_currents + bits @ found.bit_currents)

    def verify(self, row: int, read_voltage: float) -> Floats:
        """Read one row."""
        self.time += self.scheme.read_time
        found = self.cells.read(read_voltage, elapsed=self.scheme.read_time, rows=slice(row, row + 1)).ravel()
        self.energy += float(np.sum(found)) * read_voltage**2 * self.scheme.read_time
        return found


def write_verify(
    cells: CellArray,
    target: ArrayLike,
    *,
    tolerance: float,
    scheme: PulseScheme,
    access: Access = "half",
    word_resistance: ArrayLike = 0.0,
    bit_resistance: ArrayLike = 0.0,
    most_pulses: int = 200,
    passes: int = 3,
    read_voltage: float = READ_VOLTAGE,
    progress: Callable[[float], None] | None = None,
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
    most_pulses : int
        After which a cell is given up, in each pass.
    passes : int
        Times that the array is gone through.
    read_voltage : float
        Of verifying reads [V].
    progress : callable, optional
        Called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        For targets of another shape, negative or not finite, and a tolerance that is not positive.
    UnknownNameError
        For another way of access.
    """
    wanted = np.asarray(target, dtype=float)
    if wanted.shape != cells.shape or not np.all(np.isfinite(wanted)) or np.any(wanted < 0):
        raise DescriptionError(f"targets must be finite, not negative, and of shape {cells.shape}, got {wanted.shape}")
    if not (np.isfinite(tolerance) and tolerance > 0 and most_pulses >= 1 and passes >= 1):
        raise DescriptionError("write-verify needs a tolerance above 0 [S], and at least one pulse and one pass")
    if access not in ("half", "third", "transistor"):
        raise unknown_name("access", access, ("half", "third", "transistor"))
    wires = Crossbar(np.ones(cells.shape), word_resistance=word_resistance, bit_resistance=bit_resistance)
    writer = _Writer(cells, wires, scheme, access)
    m = cells.shape[0]
    for sweep in range(passes):
        writer.last[:] = 0
        writer.largest[:] = 0
        writer.amplitude[0], writer.amplitude[1] = scheme.set_start, scheme.reset_start
        touched = False
        for row in range(m):
            touched |= _write_row(writer, row, wanted[row], tolerance, most_pulses, read_voltage)
            if progress is not None:
                progress((sweep * m + row + 1) / (passes * m))
        if not touched:
            break
    if progress is not None:
        progress(1.0)
    reached = np.array([np.abs(writer.verify(row, read_voltage) - wanted[row]) <= tolerance for row in range(m)])
    return Programmed(
        target=wanted,
        conductance=cells.conductance(read_voltage),
        reached=reached,
        pulses=writer.pulses,
        disturbed=writer.disturbed,
        energy=writer.energy,
        time=writer.time,
    )


def _write_row(
    writer: _Writer, row: int, wanted: Floats, tolerance: float, most_pulses: int, read_voltage: float
) -> bool:
    """Write one row; True if a cell got a pulse."""
    done = False
    for _ in range(most_pulses):
        found = writer.verify(row, read_voltage)
        writer.give_up(row, found, tolerance)
        off, alive = found - wanted, ~writer.given_up[row]
        below, above = (off < -tolerance) & alive, (off > tolerance) & alive
        if not (np.any(below) or np.any(above)):
            break
        done = True
        if np.any(below):
            writer.pulse(row, 0, below)
        if np.any(above):
            writer.pulse(row, 1, above)
    return done


def _levels(access: Literal["half", "third"], top: float) -> tuple[float, float]:
    """Voltage of the other word lines and of inhibited bit lines."""
    word, bit = SCHEMES[access]
    return word * top, bit * top
