"""A matrix of conductances cut into arrays: the order of its rows, compensation, and what is written into each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.layers.compensation import Compensation, compensate
from hardware.rram.layers.crossbar_hardware import CrossbarHardware

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile:
    """One array of a layer.

    Parameters
    ----------
    rows, columns : slice
        Of the layer's matrix of conductances, in the order in which rows are placed.
    target : array
        Conductances wanted without any wires [S].
    array : Crossbar
        As it was written.
    gain : array
        Factor on each bit line after its conversion.
    stuck : array
        State of the cells that are stuck, NaN for working ones.
    compensation : Compensation, optional
        How the written conductances were found.
    """

    rows: slice
    columns: slice
    target: Floats
    array: Crossbar
    gain: Floats
    stuck: Floats
    compensation: Compensation | None = None

    @cached_property
    def effective(self) -> Floats:
        """Currents of the bit lines for 1 V on each word line [S]."""
        array = self.array
        resistances = (array.word_resistance, array.bit_resistance, array.driver_resistance, array.terminal_resistance)
        if not any(np.any(np.asarray(r)) for r in resistances):
            return np.asarray(array.conductance)
        return array.effective_conductance()


def row_order(target: Floats, hardware: CrossbarHardware, inputs: Floats | None) -> NDArray[np.int64]:
    """Rows in the order in which they are placed: within each array, those with most current last, if asked for.

    Parameters
    ----------
    target : array, shape (m, columns)
        Conductances [S].
    hardware : CrossbarHardware
    inputs : array, shape (k, m), optional
        Typical voltages [V].
    """
    order = np.arange(len(target))
    if not hardware.order_rows:
        return order
    drive = np.ones(len(target)) if inputs is None else np.abs(inputs).mean(axis=0)
    current = drive * target.sum(axis=1)
    for start in range(0, len(target), hardware.tile[0]):
        part = slice(start, start + hardware.tile[0])
        order[part] = start + np.argsort(current[part], kind="stable")
    return order


def write_tiles(
    target: Floats, decode: Floats, hardware: CrossbarHardware, inputs: Floats | None, rng: np.random.Generator
) -> Iterator[Tile]:
    """Cut a matrix into arrays, compensate and write them, row of arrays by row of arrays.

    Parameters
    ----------
    target : array, shape (m, columns)
        Conductances wanted [S], rows in their order.
    decode : array, shape (columns, outputs)
        How columns become outputs.
    hardware : CrossbarHardware
    inputs : array, shape (k, m), optional
        Typical voltages [V], rows in their order.
    rng : Generator
        Draws what writing does.
    """
    m, n = target.shape
    high, wide = hardware.tile
    for row in range(0, m, high):
        for column in range(0, n, wide):
            rows, columns = slice(row, min(row + high, m)), slice(column, min(column + wide, n))
            part = np.ascontiguousarray(target[rows, columns])
            seen = None if inputs is None else inputs[:, rows]
            moved = _compensated(part, decode[columns], hardware, seen)
            g = part if moved is None else moved.conductance
            gain = np.ones(part.shape[1]) if moved is None else moved.gain
            stuck = hardware.faults.draw(g.shape, rng)
            array = hardware.wired(hardware.write(g, rng, stuck))
            yield Tile(rows=rows, columns=columns, target=part, array=array, gain=gain, stuck=stuck, compensation=moved)


def _compensated(
    target: Floats, decode: Floats, hardware: CrossbarHardware, inputs: Floats | None
) -> Compensation | None:
    if hardware.compensation is None or hardware.lossless:
        return None
    return compensate(
        hardware.wired(target),
        bounds=hardware.bounds,
        inputs=typical(inputs, hardware.read_voltage),
        decode=decode[:, np.any(decode != 0, axis=0)],
        method=hardware.compensation,
    )


def typical(inputs: Floats | None, read_voltage: float) -> Floats | None:
    """Return inputs of which none leaves a line without any, so that its cells are determined."""
    return None if inputs is None else np.vstack([inputs, 1e-3 * read_voltage * np.eye(inputs.shape[1])])
