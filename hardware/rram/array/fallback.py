"""Arrays in which conjugate gradients get lost: all nodes by elimination, along the longer axis, if memory suffices."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array import effort, memory
from hardware.rram.array.lines import solve_words
from hardware.rram.array.node_elimination import bit_nodes
from spice_models.errors import EngineError

if TYPE_CHECKING:
    from hardware.rram.array.network import CellNetwork

Floats = NDArray[np.float64]

_SMALL = 2**26  # bytes that are there without asking [chosen]
_one_at_a_time = Lock()


def fits(shape: tuple[int, int]) -> bool:
    """Whether there is memory for the elimination of so many cells."""
    needed = effort.node_elimination_memory(shape)
    return needed < _SMALL or needed < memory.available()


def eliminated_bit_nodes(
    network: CellNetwork,
    word_voltages: Floats,
    bit_voltages: Floats,
    word_injection: Floats,
    bit_injection: Floats,
    report: Callable[[float], None],
) -> Floats:
    """Return the voltages [V] of the bit-line nodes, ``[m, n]``; parameters as of `node_elimination.bit_nodes`.

    Raises
    ------
    EngineError
        If memory does not suffice.
    """
    shape = network.conductance.shape
    if effort.node_elimination_memory(shape) < _SMALL:
        return _along_longer(network, word_voltages, bit_voltages, word_injection, bit_injection, report)
    # Together, several would take several times the memory, and be no faster.
    with _one_at_a_time:
        check_fits(shape)
        return _along_longer(network, word_voltages, bit_voltages, word_injection, bit_injection, report)


def check_fits(shape: tuple[int, int]) -> None:
    """Raise `EngineError` if memory does not suffice."""
    if fits(shape):
        return
    needed, there = effort.node_elimination_memory(shape) / 2**30, memory.available() / 2**30
    raise EngineError(
        f"the {shape[0]} x {shape[1]} crossbar does not come into balance by iteration, since its conductances or wires"
        " lie too many orders of magnitude apart, and to eliminate its nodes takes"
        f" {needed:.3g} GiB of memory, of which {there:.3g} are there (and {_spoken(effort.node_elimination(shape))}): "
        "split it, or use "
        "effective_conductance(), which takes little memory and gives currents out of grounded bit lines"
    )


def _spoken(seconds: float) -> str:
    return f"some {seconds / 3600:.1f} hours" if seconds > 5400 else f"some {seconds / 60:.0f} minutes"


def _along_longer(
    network: CellNetwork,
    word_voltages: Floats,
    bit_voltages: Floats,
    word_injection: Floats,
    bit_injection: Floats,
    report: Callable[[float], None],
) -> Floats:
    m, n = network.conductance.shape
    if m >= n:
        return _bit_nodes(network, word_voltages, bit_voltages, word_injection, bit_injection, report)
    turned = network.turned
    given = bit_voltages[::-1].copy(), word_voltages[::-1].copy(), turn(bit_injection), turn(word_injection)
    u = turned.conductance * _bit_nodes(turned, *given, report)
    if given[2].size:
        u += given[2]
    solve_words(turned.lines[0], 0, n, given[0], given[0], u, np.empty(n))
    return turn(u)


def _bit_nodes(
    network: CellNetwork,
    word_voltages: Floats,
    bit_voltages: Floats,
    word_injection: Floats,
    bit_injection: Floats,
    report: Callable[[float], None],
) -> Floats:
    none = np.empty((0, 0))
    return bit_nodes(
        network.conductance,
        none if network.word_shunt is None else network.word_shunt,
        none if network.bit_shunt is None else network.bit_shunt,
        *network.lines,
        network.word_ends.end,
        network.bit_ends.end,
        word_voltages,
        bit_voltages,
        word_injection,
        bit_injection,
        report,
    )


def turn(values: Floats) -> Floats:
    """Exchange word lines and bit lines of what is given for each cell, as `CellNetwork.turned` does."""
    return np.ascontiguousarray(values[::-1, ::-1].T)
