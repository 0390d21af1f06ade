"""What a circuit needs of the time loop beyond its plain form: tables for all variants, cut to the lanes of a block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit
from spice_models.engines.native import border_rows
from spice_models.engines.native.border import Border
from spice_models.engines.native.border_rows import Rows
from spice_models.engines.native.drive import FLUX, Drive, Parts
from spice_models.engines.native.impedance import driving_points
from spice_models.engines.native.junction_current import Gap, Relation, relation_of, tabulate_gaps
from spice_models.engines.native.known import KAPPA
from spice_models.engines.native.lines import Lines, depth, tabulate_lines
from spice_models.engines.native.offsets import Offsets
from spice_models.engines.native.system import Branch, System

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Cut = Callable[[Floats], Floats]


class Used(NamedTuple):
    """Features of one block.

    Known offsets are common and by themselves; of the others a circuit has none or all, empty where it has no use for
    them: each set of features is a time loop to be compiled.
    """

    offsets: Offsets | None
    relation: Relation | None
    gap: Gap | None
    lines: Lines | None
    border: Border | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Features:
    """Features of a circuit, for all variants."""

    nodes: int
    junctions: int
    offsets: Parts
    relation: Relation
    gap: dict[str, Any]
    lines: dict[str, Any]
    rows: Rows
    row_parts: Parts
    wide: Floats
    small: Floats
    held: tuple[int, ...]

    @property
    def plain(self) -> bool:
        """Whether junctions are sinusoidal and without a gap, and there are no lines and no further equations."""
        lengths = (len(self.gap["junction"]), len(self.lines["lag"]), len(self.rows.dense))
        return self.relation.plain and not any(lengths)

    def cut(self, lanes: int, cut: Cut, outputs: Floats) -> Used:
        """Return what a block of ``lanes`` lanes needs; ``cut`` takes them from values of all variants.

        ``outputs [outputs, samples, lanes]`` receives the recorded currents.
        """

        def cut_all(table: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
            return {key: cut(value) if key in names else value for key, value in table.items()}

        phase = np.zeros(self.junctions * lanes)
        offsets = Offsets(self.offsets.target, self.offsets.shape, cut(self.offsets.scale), phase)
        if self.plain:
            return Used(offsets if len(offsets.target) else None, None, None, None, None)
        size = len(self.gap["junction"]) * lanes
        cut_gap = cut_all(self.gap, ("transition", "above", "impedance", "scale"))
        ports, reach = len(self.lines["plus"]), depth(self.lines["lag"])
        return Used(
            offsets=offsets,
            relation=self.relation,
            gap=Gap(**cut_gap, current=np.zeros(size), level=np.zeros(size)),
            lines=Lines(
                **cut_all(self.lines, ("factor", "scale")),
                arriving=np.zeros(ports * lanes),
                arrived=np.zeros(2 * ports * lanes),
                wave=np.zeros(ports * reach * lanes),
            ),
            border=self._cut_border(lanes, cut, outputs),
        )

    def _cut_border(self, lanes: int, cut: Cut, outputs: Floats) -> Border:
        rows, parts = self.rows, self.row_parts

        def column(entries: list[int]) -> Ints:
            return np.array(entries, dtype=np.int64)

        k, variants = rows.unknowns, rows.dense.shape[2]
        count = rows.dense.shape[0]

        def cut_entries(which: int) -> Floats:
            values = [np.asarray(entry[which]) for entry in rows.entries]
            return cut(np.array(values).reshape(len(rows.entries), variants))

        return Border(
            row=column([e[0] for e in rows.entries]),
            column=column([e[1] for e in rows.entries]),
            flux=cut_entries(2),
            start=cut_entries(3),
            rate=cut_entries(4),
            target=parts.target,
            shape=parts.shape,
            scale=cut(parts.scale),
            junction_row=column([j[0] for j in rows.junctions]),
            junction=column([j[1] for j in rows.junctions]),
            junction_sign=np.array([j[2] for j in rows.junctions], dtype=float),
            port_row=column([p[0] for p in rows.ports]),
            port=column([p[1] for p in rows.ports]),
            port_sign=np.array([p[2] for p in rows.ports], dtype=float),
            past_row=column([p[0] for p in rows.pasts]),
            past_plus=column([self.nodes if p[1].plus < 0 else p[1].plus for p in rows.pasts]),
            past_minus=column([self.nodes if p[1].minus < 0 else p[1].minus for p in rows.pasts]),
            past_factor=cut(np.array([p[2] for p in rows.pasts]).reshape(-1, variants)),
            past=np.zeros(2 * len(rows.pasts) * lanes),
            unknowns=k,
            wide=cut(self.wide.reshape(-1, variants)),
            small=cut(self.small.reshape(-1, variants)),
            dense=cut(rows.dense[k:].reshape(-1, variants)),
            held=np.array(self.held, dtype=np.int64),
            held_voltage=np.zeros(len(self.held) * lanes),
            side=np.zeros(count * lanes),
            left=np.zeros(count * lanes),
            value=np.zeros(count * lanes),
            record=outputs,
        )


class Factored(NamedTuple):
    """The factored step matrix, as `ldl.factor` returns it."""

    starts: Ints
    rows: Ints
    lower: Floats
    inverse: Floats


def find_features(
    circuit: Circuit,
    system: System,
    *,
    step: float,
    grip: Floats,
    outputs: tuple[str, ...],
    loose: Callable[[Branch], bool],
    factored: Factored,
    solve: Callable[[Floats], Floats],
) -> Features:
    """Find what a circuit needs; parameters as `border.build_rows`.

    Raises
    ------
    DescriptionError
        For transmission lines shorter than a step.
    EngineError
        If controlled sources contradict each other.
    """
    drive = Drive(circuit, system, step)
    offsets = [(j, part) for j, at in enumerate(system.junction_branches) for part in drive.known_parts(at.known, FLUX)]
    rows = border_rows.build_rows(system, drive, step=step, grip=grip, outputs=outputs, loose=loose)
    wide, small, across = border_rows.eliminate(system, rows, solve)
    gapped = [j for j, junction in enumerate(system.junctions) if junction.gap is not None]
    ends = system.junction_nodes[gapped]
    flux = driving_points(*factored, ends)
    if gapped and rows.unknowns:
        right, left = _across(wide, ends), _across(across, ends)
        for m in range(rows.unknowns):
            for k in range(rows.unknowns):
                flux -= right[:, m] * small[m, k] * left[:, k]
    return Features(
        nodes=system.n,
        junctions=len(system.junctions),
        offsets=drive.table(offsets),
        relation=relation_of(system),
        gap=tabulate_gaps(system, drive, step, np.maximum(flux, 0.0) * (2 * KAPPA / step)),
        lines=tabulate_lines(system, drive, step),
        rows=rows,
        row_parts=drive.table(rows.parts),
        wide=wide,
        small=small,
        held=tuple(border_rows.held_nodes(system, _with_capacitance(system))),
    )


def _with_capacitance(system: System) -> NDArray[np.bool_]:
    found = np.zeros(system.n, dtype=bool)
    found[system.capacitance.indices[np.any(system.capacitance.values > 0, axis=1)]] = True
    return found


def _across(columns: Floats, ends: Ints) -> Floats:
    """Differences of ``columns [nodes, unknowns, variants]`` between ends ``[branches, 2]``, -1 for ground."""
    padded = np.concatenate([columns, np.zeros((1, *columns.shape[1:]))])
    difference: Floats = padded[ends[:, 0]] - padded[ends[:, 1]]
    return difference
