"""A crossbar as a circuit of resistors and voltage sources, to be exported or solved by a circuit simulator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.crossbar import Crossbar, Solution
from spice_models.circuit import Circuit
from spice_models.elements import GROUND
from spice_models.engines import transient
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

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
        Cells ``RC_i_j``, wires ``RW_i_j`` and ``RB_i_j``, sources ``VW_i`` and ``VB_j`` of the lines that do not float.
    word_nodes, bit_nodes : tuple of tuple of str
        Node at either side of cell ``(i, j)``.
    """

    circuit: Circuit
    word_nodes: tuple[tuple[str, ...], ...]
    bit_nodes: tuple[tuple[str, ...], ...]


def crossbar_circuit(
    crossbar: Crossbar, voltages: ArrayLike, bit_voltages: ArrayLike = 0.0, *, name: str = "crossbar"
) -> CrossbarCircuit:
    """Write a crossbar as a circuit under one input.

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
    g = np.asarray(crossbar.conductance)
    m, n = g.shape
    words = np.asarray(voltages, dtype=float)
    bits = np.broadcast_to(np.asarray(bit_voltages, dtype=float), (n,))
    if words.shape != (m,):
        raise DescriptionError(f"a circuit has one input: voltages of shape ({m},), got {words.shape}")
    circuit = Circuit(name)
    word_lines = [
        _line(circuit, f"W_{i}", [word_node(i, j) for j in range(n)], crossbar.wires("word", i), float(words[i]))
        for i in range(m)
    ]
    bit_lines = [
        _line(circuit, f"B_{j}", [bit_node(i, j) for i in range(m)], crossbar.wires("bit", j), float(bits[j]))
        for j in range(n)
    ]
    word_nodes = tuple(tuple(line) for line in word_lines)
    bit_nodes = tuple(tuple(bit_lines[j][i] for j in range(n)) for i in range(m))
    for i in range(m):
        for j in range(n):
            if g[i, j] > 0:
                circuit.resistor(f"RC_{i}_{j}", word_nodes[i][j], bit_nodes[i][j], 1 / float(g[i, j]))
    return CrossbarCircuit(circuit=circuit, word_nodes=word_nodes, bit_nodes=bit_nodes)


def solve_circuit(
    crossbar: Crossbar, voltages: ArrayLike, bit_voltages: ArrayLike = 0.0, *, engine: str = "ngspice"
) -> Solution:
    """Solve one input by a circuit simulator; the result has the form of `Crossbar.solve`.

    Parameters
    ----------
    voltages, bit_voltages
        As of `crossbar_circuit`.
    engine : str
        One of `spice_models.engines.available_engines`.
    """
    built = crossbar_circuit(crossbar, voltages, bit_voltages)
    nodes = dict.fromkeys(node for row in (*built.word_nodes, *built.bit_nodes) for node in row if node != GROUND)
    traces = transient(
        built.circuit,
        duration=_DURATION,
        step=_DURATION / 2,
        record=[f"voltage({node})" for node in nodes],
        engine=engine,
    )
    level = {GROUND: 0.0, **{node: float(traces[f"voltage({node})"][-1]) for node in nodes}}
    words = np.array([[level[node] for node in row] for row in built.word_nodes])
    bits = np.array([[level[node] for node in row] for row in built.bit_nodes])
    cells = np.asarray(crossbar.conductance) * (words - bits)
    return Solution(word_nodes=words, bit_nodes=bits, word_currents=cells.sum(1), bit_currents=cells.sum(0))


def _line(circuit: Circuit, name: str, nodes: list[str], wires: Floats, voltage: float) -> list[str]:
    """Add the segments of one line, first terminal to last, and its source; return the node of each cell.

    ``wires`` holds one segment more than there are nodes; infinite where there is no terminal.
    """
    source = f"v{name}".lower()
    held = np.isfinite(voltage)
    ends = [np.isfinite(wires[k]) and held for k in (0, -1)]
    terminal = GROUND if held and voltage == 0.0 else source
    chain = [terminal if ends[0] else None, *nodes, terminal if ends[1] else None]
    joined: dict[str, str] = {}

    def find(node: str) -> str:
        while node in joined:
            node = joined[node]
        return node

    segments = [
        (k, a, b, float(r))
        for k, (a, b, r) in enumerate(zip(chain[:-1], chain[1:], wires, strict=True))
        if a is not None and b is not None
    ]
    for _, a, b, r in segments:
        first, second = find(a), find(b)
        if r == 0 and first != second:
            # The terminal's name stays, so that the source is joined to it.
            joined[second if first == terminal else first] = first if first == terminal else second
    for k, a, b, r in segments:
        if r > 0:
            circuit.resistor(f"R{name}_{k}", find(a), find(b), r)
    if terminal == source and any(ends):
        circuit.voltage(f"V{name}", source, GROUND, voltage)
    return [find(node) for node in nodes]
