"""Resistive cells as lines of an ngspice deck: their conduction at a fixed state, or subcircuits whose state moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.array.nonlinear import CellLaw
from hardware.rram.device.cell import CellModel
from hardware.rram.device.filament import Filament
from hardware.rram.device.law import CellLawAt
from hardware.rram.device.linear import LinearCell
from hardware.rram.device.series import SeriesCell
from hardware.rram.device.vteam import VTEAM
from hardware.rram.device.yakopcic import Yakopcic
from spice_models.cells.library import device_libraries
from spice_models.dialects.element_lines import number
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]
Ends = Sequence[Sequence[tuple[str, str]]]
"""Node on the word line and on the bit line of every cell."""
Cells = NDArray[np.bool_]

LIBRARIES: dict[type[CellModel], str] = {
    LinearCell: "rram_linear",
    VTEAM: "rram_vteam",
    Yakopcic: "rram_yakopcic",
    Filament: "rram_filament",
}
"""Shipped subcircuit of each model."""

RENAMED = {"floor": "lowest"}
"""Parameters that a subcircuit calls otherwise: ``floor`` is a function in ngspice."""


@dataclass(frozen=True, kw_only=True)
class CellLines:
    """Lines of all cells, and the texts of the subcircuits that they use.

    Parameters
    ----------
    lines : tuple of str
        One or two a cell; none for cells that do not conduct.
    libraries : tuple of str
        Texts to be put before them.
    """

    lines: tuple[str, ...]
    libraries: tuple[str, ...] = ()


def state_node(row: int, column: int) -> str:
    """Name of the node whose voltage is the state of a cell."""
    return f"s_{row}_{column}"


def conduction(law: CellLaw, shape: tuple[int, int]) -> CellLawAt:
    """Return a law whose cells have a form as netlist lines.

    Raises
    ------
    DescriptionError
        For other laws and models, and states that are no numbers within 0..1.
    """
    if not isinstance(law, CellLawAt):
        raise DescriptionError(
            f"a netlist needs cells of a model: CellLawAt(model, state) or the law of a CellArray, not {law!r}"
        )
    model = innermost(law.model)
    if type(model) not in LIBRARIES:
        known = ", ".join(kind.__name__ for kind in LIBRARIES)
        raise DescriptionError(f"a {type(model).__name__} has no form as netlist; those of {known}, SeriesCell have")
    law.check_fits(shape)
    return law


def innermost(model: CellModel) -> CellModel:
    """Return the cell behind all resistances in series."""
    while isinstance(model, SeriesCell):
        model = model.cell
    return model


def frozen_lines(law: CellLawAt, ends: Ends, cells: Cells | None = None) -> CellLines:
    """Write what cells conduct at their states: resistors, or sources of ``amplitude sinh(rate V)``.

    Parameters
    ----------
    law : CellLawAt
    ends : sequence of sequence of (str, str)
        Nodes of the cells.
    cells : array of bool, shape (m, n), optional
        Which ones; all if not given. Those that are off have no lines.
    """
    shape = (len(ends), len(ends[0]))
    state = over_cells(law.state, shape, "states of cells")
    cells = _conducting(law, shape) if cells is None else cells & _conducting(law, shape)
    lines: list[str] = []
    inner, model = _in_series(law.model, ends, lines, cells)
    if isinstance(model, LinearCell | VTEAM):
        conductance = over_cells(model.slope(0.0, state), shape, "conductances of cells")
        for (i, j), g in np.ndenumerate(conductance):
            if g > 0 and cells[i, j]:
                lines.append(f"RC_{i}_{j} {' '.join(inner[i][j])} {number(1 / g)}")
        return CellLines(lines=tuple(lines))
    if isinstance(model, Filament):
        amplitude = np.asarray(model.current_scale) * np.exp(-model.gap(state) / model.gap_scale)
        forward = backward = over_cells(amplitude, shape, "amplitudes of cells")
        rate = over_cells(1 / np.asarray(model.voltage_scale), shape, "voltage scales of cells")
    elif isinstance(model, Yakopcic):
        x = model.floor + state * (1 - np.asarray(model.floor))
        forward, backward = (over_cells(a * x, shape, "amplitudes of cells") for a in (model.a1, model.a2))
        rate = over_cells(model.b, shape, "curvatures of cells")
    else:
        raise TypeError(f"no netlist lines for a {type(model).__name__}")
    for i, row in enumerate(inner):
        for j, (top, bottom) in enumerate(row):
            across = f"v({top},{bottom})"
            up, down = number(forward[i, j]), number(backward[i, j])
            scale = up if up == down else f"({across}>=0 ? {up} : {down})"
            if cells[i, j] and (forward[i, j] > 0 or backward[i, j] > 0):
                lines.append(f"BC_{i}_{j} {top} {bottom} I={scale}*sinh({number(rate[i, j])}*{across})")
    return CellLines(lines=tuple(lines))


def moving_lines(law: CellLawAt, ends: Ends) -> CellLines:
    """Write cells whose states move from those of the law: instances of the shipped subcircuits.

    Cells that are stuck conduct at their states, those that are off not at all; their states are sources.
    """
    shape = (len(ends), len(ends[0]))
    state = over_cells(law.state, shape, "states of cells")
    stuck = np.zeros(shape, dtype=bool) if law.stuck is None else law.stuck
    moving = _conducting(law, shape) & ~stuck
    still = [f"VS_{i}_{j} {state_node(i, j)} 0 {number(state[i, j])}" for i, j in np.argwhere(~moving)]
    lines = [*still, *frozen_lines(law, ends, stuck).lines]
    inner, model = _in_series(law.model, ends, lines, moving)
    library = LIBRARIES[type(model)]
    changed: dict[str, Floats] = {}
    for f in fields(model):  # type: ignore[arg-type]
        value = getattr(model, f.name)
        if isinstance(value, np.ndarray) or value != f.default:
            changed[RENAMED.get(f.name, f.name)] = over_cells(value, shape, f"{f.name} of cells")
    for i, row in enumerate(inner):
        for j, (top, bottom) in enumerate(row):
            if not moving[i, j]:
                continue
            values = " ".join(f"{name}={number(value[i, j])}" for name, value in changed.items())
            words = f"XC_{i}_{j} {top} {bottom} {state_node(i, j)} {library} initial={number(state[i, j])} {values}"
            lines.append(words.rstrip())
    text = device_libraries()[library].read_text(encoding="ascii")
    return CellLines(lines=tuple(lines), libraries=(text,))


def over_cells(value: ArrayLike, shape: tuple[int, int], what: str) -> Floats:
    """Give every cell its value.

    Raises
    ------
    DescriptionError
        For values that do not fit the array, or are not finite.
    """
    array = np.asarray(value, dtype=float)
    try:
        cells = np.broadcast_to(array, shape)
    except ValueError:
        raise DescriptionError(f"{what} do not fit an array of {shape[0]} x {shape[1]}: shape {array.shape}") from None
    if not np.all(np.isfinite(array)):
        raise DescriptionError(f"{what} must be finite")
    return cells


def _conducting(law: CellLawAt, shape: tuple[int, int]) -> Cells:
    return np.ones(shape, dtype=bool) if law.off is None else ~law.off


def _in_series(
    model: CellModel, ends: Ends, lines: list[str], cells: Cells
) -> tuple[list[list[tuple[str, str]]], CellModel]:
    """Add the resistances in series with every cell; return the nodes of the cells behind them, and their model."""
    shape = (len(ends), len(ends[0]))
    inner = [list(row) for row in ends]
    depth = 0
    while isinstance(model, SeriesCell):
        resistance = over_cells(model.resistance, shape, "resistances in series with cells")
        for (i, j), r in np.ndenumerate(resistance):
            if r > 0 and cells[i, j]:
                top, bottom = inner[i][j]
                node = f"c{depth}_{i}_{j}"
                lines.append(f"RS{depth}_{i}_{j} {top} {node} {number(r)}")
                inner[i][j] = (node, bottom)
        model, depth = model.cell, depth + 1
    return inner, model
