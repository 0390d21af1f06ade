"""Lines of an array that nothing holds: those that float, and no cell joins to a line that is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spice_models.errors import DescriptionError

if TYPE_CHECKING:
    from hardware.rram.array.network import CellNetwork


def check_islands(network: CellNetwork) -> None:
    """Raise `DescriptionError` if some lines are joined to nothing, not even by way of others."""
    word_held = np.isfinite(network.word_ends.start) | np.isfinite(network.word_ends.end)
    bit_held = np.isfinite(network.bit_ends.start) | np.isfinite(network.bit_ends.end)
    shunted = [s is not None and bool(np.all(s > 0)) for s in (network.word_shunt, network.bit_shunt)]
    if (np.all(word_held) or shunted[0]) and (np.all(bit_held) or shunted[1]):
        return
    m, n = network.conductance.shape
    row, column = np.nonzero(network.conductance)
    joined = coo_array((np.ones(len(row)), (row, m + column)), shape=(m + n, m + n))
    _, part = connected_components(joined, directed=False)
    held = np.concatenate([word_held, bit_held])
    loose = ~np.isin(part, part[held])
    if np.any(loose):
        words, bits = np.flatnonzero(loose[:m]), np.flatnonzero(loose[m:])
        words, bits = (
            m - 1 - words[::-1] if network.backward[0] else words,
            n - 1 - bits[::-1] if network.backward[1] else bits,
        )
        names = [f"word line {k}" for k in words] + [f"bit line {k}" for k in bits]
        listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        raise DescriptionError(
            f"nothing holds the voltage of {listed}: they float and no cell joins them to a line that is driven; "
            "drive them, or give their cells a conductance"
        )
