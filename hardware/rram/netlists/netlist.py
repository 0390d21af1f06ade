"""A crossbar as a circuit: wires, cells and sources, to be exported or solved by a circuit simulator.

::

    found = netlist(crossbar, voltages, law=CellLawAt(Filament(), states)).solve()  # as of Crossbar.solve
    netlist(crossbar, voltages).write("array.cir")  # for `ngspice -b array.cir`, which prints the bit currents
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.array.cell_solve import check_held, line_voltages
from hardware.rram.array.crossbar import Crossbar, Solution
from hardware.rram.array.nonlinear import CellLaw
from hardware.rram.netlists.cells import CellLines, conduction, frozen_lines
from hardware.rram.netlists.wires import wires
from spice_models.atomic import write_text
from spice_models.circuit import Circuit
from spice_models.dialects.element_lines import element_line
from spice_models.dialects.hierarchy import hierarchy
from spice_models.dialects.rawfile import RawPlot, vector_key
from spice_models.elements import GROUND
from spice_models.engines import transient
from spice_models.engines.deck import DECK_ENGINES, run_deck
from spice_models.engines.process import DEADLINE
from spice_models.waveforms import Waveform

Floats = NDArray[np.float64]

OPTIONS = ".options reltol=1e-9 abstol=1e-15 vntol=1e-12 gmin=1e-18 itl1=1000"
"""ngspice's tolerances at an operating point [chosen: the last Newton step is below 1e-9, the error its square]."""

_DURATION = 2e-13  # of a run that has nothing to settle [s]


def word_node(row: int, column: int) -> str:
    """Name of the node on a word line at a cell."""
    return f"w_{row}_{column}"


def bit_node(row: int, column: int) -> str:
    """Name of the node on a bit line at a cell."""
    return f"b_{row}_{column}"


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossbarCircuit:
    """A crossbar's circuit under one input, and the nodes of its cells, which are one where wires have no resistance.

    Parameters
    ----------
    circuit : Circuit
        Cells ``RC_i_j``, wires ``RW_i_k`` and ``RB_j_k``, sources ``VW_i`` and ``VB_j`` of the lines that do not float.
    word_nodes, bit_nodes : tuple of tuple of str
        Node at either side of cell ``(i, j)``.
    """

    circuit: Circuit
    word_nodes: tuple[tuple[str, ...], ...]
    bit_nodes: tuple[tuple[str, ...], ...]

    @property
    def ends(self) -> list[list[tuple[str, str]]]:
        """Both nodes of each cell."""
        return [list(zip(*rows, strict=True)) for rows in zip(self.word_nodes, self.bit_nodes, strict=True)]

    def element_lines(self) -> list[str]:
        """Lines of the circuit in a netlist."""
        scope = hierarchy(self.circuit, junction_letter="X", reserved=(), subcircuits=()).top
        return [element_line(element, scope) for element in self.circuit]

    def node_voltages(self, plot: RawPlot, point: int = -1) -> tuple[Floats, Floats]:
        """Read the voltages [V] of word and bit nodes, shape (m, n), at one point of a simulator's result."""
        level = {vector_key(name): float(v[point]) for name, v in zip(plot.names, np.real(plot.values), strict=True)}
        sides = (self.word_nodes, self.bit_nodes)
        words, bits = (np.array([[level[node] for node in row] for row in side]) for side in sides)
        return words, bits

    def terminal_currents(self, plot: RawPlot) -> tuple[Floats, Floats]:
        """Read the currents [A] into the word lines and out of the bit lines, shapes (m, points) and (n, points)."""
        held = {vector_key(name): np.real(v) for name, v in zip(plot.names, plot.values, strict=True)}
        floating = np.zeros(plot.values.shape[1])
        words = np.array([-held.get(f"vw_{i}#branch", floating) for i in range(len(self.word_nodes))])
        bits = np.array([held.get(f"vb_{j}#branch", floating) for j in range(len(self.bit_nodes[0]))])
        return words, bits


def crossbar_circuit(
    crossbar: Crossbar, voltages: ArrayLike, bit_voltages: ArrayLike = 0.0, *, name: str = "crossbar"
) -> CrossbarCircuit:
    """Write a crossbar of linear cells as a circuit under one input.

    Parameters
    ----------
    voltages : array, shape (m,)
        Of the word lines [V]; NaN where one floats.
    bit_voltages : float or array, shape (n,)
        Of the bit lines' terminals [V]; NaN where one floats.

    Raises
    ------
    DescriptionError
        For shapes that do not fit.
    """
    words, bits = line_voltages(crossbar, voltages, bit_voltages)
    built = wired(crossbar, [_held(v) for v in words], [_held(v) for v in bits], name=name)
    add_conductances(crossbar, built)
    return built


def wired(
    crossbar: Crossbar, words: Sequence[Waveform | float | None], bits: Sequence[Waveform | float | None], *, name: str
) -> CrossbarCircuit:
    """Write wires and sources of a crossbar without its cells; a line without a source floats."""
    circuit = Circuit(name)
    m, n = crossbar.shape
    word_lines = [
        _line(circuit, f"W_{i}", [word_node(i, j) for j in range(n)], wires(crossbar, "word", i), words[i])
        for i in range(m)
    ]
    bit_lines = [
        _line(circuit, f"B_{j}", [bit_node(i, j) for i in range(m)], wires(crossbar, "bit", j), bits[j])
        for j in range(n)
    ]
    return CrossbarCircuit(
        circuit=circuit,
        word_nodes=tuple(tuple(line) for line in word_lines),
        bit_nodes=tuple(tuple(bit_lines[j][i] for j in range(n)) for i in range(m)),
    )


def add_conductances(crossbar: Crossbar, built: CrossbarCircuit) -> None:
    """Add a resistor for every cell that conducts."""
    for (i, j), g in np.ndenumerate(np.asarray(crossbar.conductance)):
        if g > 0:
            built.circuit.resistor(f"RC_{i}_{j}", built.word_nodes[i][j], built.bit_nodes[i][j], 1 / float(g))


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossbarNetlist:
    """The operating point of a crossbar as an ngspice deck.

    Parameters
    ----------
    built : CrossbarCircuit
        Wires, sources, and cells that are resistors.
    cells : CellLines
        The other cells.
    """

    built: CrossbarCircuit
    cells: CellLines

    @property
    def text(self) -> str:
        """The deck; ``ngspice -b FILE`` prints the current out of every bit line, with 15 digits."""
        held = [e.name.lower() for e in self.built.circuit if e.name.startswith("VB_")]
        prints = [f"print i({source})" for source in held]
        raw = ["if $?rawfile", "write $rawfile", "end"]
        return self._deck(
            [".control", "set numdgt=15", "run", *prints, "if $?batchmode = 1", *raw, "quit 0", "end", ".endc"]
        )

    def _deck(self, control: Sequence[str] = ()) -> str:
        m, n = len(self.built.word_nodes), len(self.built.bit_nodes[0])
        title = f"{self.built.circuit.name}: operating point of {m} x {n} cells"
        return deck_lines(title, OPTIONS, self.built, self.cells, [".op", *control])

    def write(self, path: str | PathLike[str]) -> None:
        """Write the deck to a file."""
        write_text(Path(path), self.text)

    def solve(self, engine: str = "ngspice", *, timeout: float = DEADLINE) -> Solution:
        """Solve it by ngspice; the result has the form of `Crossbar.solve`.

        Parameters
        ----------
        engine : {"ngspice", "ngspice-shared"}
            The program or the library.
        timeout : float
            Seconds after which it is stopped.

        Raises
        ------
        EngineError
            If ngspice is missing, fails or complains.
        """
        plot = run_deck(self._deck(), engine=engine, timeout=timeout)
        words, bits = self.built.node_voltages(plot)
        into, out = self.built.terminal_currents(plot)
        return Solution(word_nodes=words, bit_nodes=bits, word_currents=into[:, -1], bit_currents=out[:, -1])


def deck_lines(title: str, options: str, built: CrossbarCircuit, cells: CellLines, analysis: Sequence[str]) -> str:
    """Join the parts of a deck."""
    lines = [f"* {' '.join(title.split())}", options, *cells.libraries, *built.element_lines(), *cells.lines]
    return "\n".join([*lines, *analysis, ".end", ""])


def netlist(
    crossbar: Crossbar,
    voltages: ArrayLike,
    bit_voltages: ArrayLike = 0.0,
    *,
    law: CellLaw | None = None,
    name: str = "crossbar",
) -> CrossbarNetlist:
    """Write a crossbar under one input as an ngspice deck for its operating point.

    Parameters
    ----------
    voltages, bit_voltages
        As of `crossbar_circuit`.
    law : CellLawAt, optional
        Cells in place of the conductances, at their present states: the ``law`` of a `CellArray`, or
        ``CellLawAt(model, states)``. Those behind transistors that do not conduct are left out (`CellLawAt.selected`).
    name : str
        In the first line of the deck.

    Raises
    ------
    DescriptionError
        For shapes that do not fit, lines that nothing holds, and cells of a kind that has no form as netlist.
    """
    words, bits = line_voltages(crossbar, voltages, bit_voltages)
    built = wired(crossbar, [_held(v) for v in words], [_held(v) for v in bits], name=name)
    check_held(crossbar, law, words, bits)
    if law is None:
        add_conductances(crossbar, built)
        return CrossbarNetlist(built=built, cells=CellLines(lines=()))
    return CrossbarNetlist(built=built, cells=frozen_lines(conduction(law, crossbar.shape), built.ends))


def solve_circuit(
    crossbar: Crossbar, voltages: ArrayLike, bit_voltages: ArrayLike = 0.0, *, engine: str = "ngspice"
) -> Solution:
    """Solve one input of linear cells by any circuit simulator; the result has the form of `Crossbar.solve`.

    Parameters
    ----------
    voltages, bit_voltages
        As of `crossbar_circuit`.
    engine : str
        One of `spice_models.engines.available_engines`.
    """
    if engine in DECK_ENGINES:
        return netlist(crossbar, voltages, bit_voltages).solve(engine)
    built = crossbar_circuit(crossbar, voltages, bit_voltages)
    nodes = dict.fromkeys(node for row in (*built.word_nodes, *built.bit_nodes) for node in row)
    traces = transient(
        built.circuit,
        duration=_DURATION,
        step=_DURATION / 2,
        record=[f"voltage({node})" for node in nodes],
        engine=engine,
    )
    level = {node: float(traces[f"voltage({node})"][-1]) for node in nodes}
    words = np.array([[level[node] for node in row] for row in built.word_nodes])
    bits = np.array([[level[node] for node in row] for row in built.bit_nodes])
    cells = np.asarray(crossbar.conductance) * (words - bits)
    return Solution(word_nodes=words, bit_nodes=bits, word_currents=cells.sum(1), bit_currents=cells.sum(0))


def _held(voltage: float) -> float | None:
    return None if np.isnan(voltage) else float(voltage)


def _line(circuit: Circuit, name: str, nodes: list[str], along: Floats, drive: Waveform | float | None) -> list[str]:
    """Add the segments of one line, first terminal to last, and its source; return the node of each cell.

    ``along`` holds one segment more than there are nodes; infinite where there is no terminal.
    """
    terminal = f"v{name}".lower()
    ends = [drive is not None and bool(np.isfinite(along[k])) for k in (0, -1)]
    chain = [terminal if ends[0] else None, *nodes, terminal if ends[1] else None]
    joined: dict[str, str] = {}

    def find(node: str) -> str:
        while node in joined:
            node = joined[node]
        return node

    segments = [
        (k, a, b, float(r))
        for k, (a, b, r) in enumerate(zip(chain[:-1], chain[1:], along, strict=True))
        if a is not None and b is not None
    ]
    for _, a, b, r in segments:
        first, second = find(a), find(b)
        if r == 0 and first != second:
            # The terminal's name stays, so that the source is joined to it.
            joined[second if first == terminal else first] = first if first == terminal else second
    for k, a, b, r in segments:
        if r > 0 and find(a) != find(b):
            circuit.resistor(f"R{name}_{k}", find(a), find(b), r)
    if drive is not None and any(ends):
        circuit.voltage(f"V{name}", terminal, GROUND, drive)
    return [find(node) for node in nodes]
