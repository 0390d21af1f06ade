"""Many inputs of one crossbar, each solved by itself, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.array import given
from hardware.rram.array.network import Balance, CellNetwork
from hardware.rram.array.orientation import directions, turned_back, turned_voltages
from hardware.rram.progress import Progress, reporting
from spice_models.errors import DescriptionError

if TYPE_CHECKING:
    from hardware.rram.array.crossbar import Crossbar

Floats = NDArray[np.float64]

_MOST_EXPONENT = 200  # voltages beyond 2 to the power of it, or below its inverse, are scaled [chosen]


def solve_each(
    crossbar: Crossbar,
    voltages: Floats,
    bit_voltages: ArrayLike,
    take: Callable[[Balance], Floats],
    *,
    workers: int | None = None,
    progress: Progress = True,
) -> Floats:
    """Solve every input and stack what ``take`` keeps of it, shape (..., kept).

    Parameters
    ----------
    voltages : array, shape (..., m)
        Of the word lines [V]; NaN where one floats.
    bit_voltages : float or array, shape (..., n)
        Of the bit lines' terminals [V]; NaN where one floats.

    Raises
    ------
    DescriptionError
        For shapes that do not fit.
    """
    m, n = crossbar.shape
    bit = given.bit_inputs(bit_voltages, n)
    try:
        lead = np.broadcast_shapes(voltages.shape[:-1], bit.shape[:-1])
    except ValueError:
        raise DescriptionError(
            f"voltages {voltages.shape} and bit voltages {bit.shape} do not agree in their leading axes"
        ) from None
    threads = given.threads(workers)
    words = np.broadcast_to(voltages, (*lead, m)).reshape(-1, m)
    bits = np.broadcast_to(bit, (*lead, n)).reshape(-1, n)
    count = len(words)
    if count == 0:
        return np.empty((*lead, take(crossbar.network.solve(np.zeros(m), np.zeros(n))).size))
    if count == 1:
        return take(_solved(crossbar, words[0], bits[0], progress)).reshape(*lead, -1)

    def one(k: int) -> Floats:
        return take(_solved(crossbar, words[k], bits[k], False))

    kept: Floats | None = None
    with reporting(progress, f"{count} inputs of {m} x {n} cells") as report, _mapped(threads) as each:
        for k, row in enumerate(each(one, range(count))):
            if kept is None:
                kept = np.empty((count, row.size))
            kept[k] = row
            report((k + 1) / count)
    assert kept is not None
    return kept.reshape(*lead, -1)


@contextmanager
def _mapped(threads: int) -> Iterator[Callable[..., Iterator[Floats]]]:
    if threads == 1:
        yield map
        return
    with ThreadPoolExecutor(threads) as pool:
        yield pool.map


def _solved(crossbar: Crossbar, words: Floats, bits: Floats, progress: Progress) -> Balance:
    word, bit = turned_voltages(crossbar, words, bits)
    # Squares of far smaller or larger voltages are no floating-point numbers.
    exponent = int(np.frexp(max(np.abs(word).max(), np.abs(bit).max()))[1])
    exponent = exponent if abs(exponent) > _MOST_EXPONENT else 0
    network = _floating(crossbar, np.isnan(words), np.isnan(bits))
    found = network.solve(np.ldexp(word, -exponent), np.ldexp(bit, -exponent), progress=progress)
    found = turned_back(crossbar, found)
    if not exponent:
        return found
    return replace(
        found,
        word_nodes=np.ldexp(found.word_nodes, exponent),
        bit_nodes=np.ldexp(found.bit_nodes, exponent),
        word_currents=np.ldexp(found.word_currents, exponent),
        bit_currents=np.ldexp(found.bit_currents, exponent),
    )


def _floating(crossbar: Crossbar, words: NDArray[np.bool_], bits: NDArray[np.bool_]) -> CellNetwork:
    network = crossbar.network
    if not (np.any(words) or np.any(bits)):
        return network
    rows, columns = directions(crossbar)
    return replace(
        network,
        word_ends=network.word_ends.floating(words[rows]),
        bit_ends=network.bit_ends.floating(bits[columns]),
    )
