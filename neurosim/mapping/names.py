"""Names of cells and nets: legal in every dialect, short, and still readable in a netlist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurosim.network import Network

_ILLEGAL = re.compile(r"[^A-Za-z0-9_]+")


def neuron_names(network: Network) -> dict[tuple[str, int], str]:
    """Name every neuron: its population, with ``_index`` behind it where the population has more than one.

    Characters that netlists do not allow become underscores; a name that is taken, whatever its case, gets a number.
    """
    pool = Names()
    return {
        (p.name, i): pool.new(p.name if p.size == 1 else f"{p.name}_{i}")
        for p in network.populations
        for i in range(p.size)
    }


class Names:
    """Hands out legal names that differ even when case is folded."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}

    def new(self, name: str) -> str:
        """Return ``name``, made legal, with a number behind it if it is taken."""
        legal = legal_name(name)
        candidate, number = legal, 2
        while candidate.lower() in self._taken:
            candidate, number = f"{legal}_x{number}", number + 1
        self._taken.add(candidate.lower())
        return candidate


def legal_name(name: str) -> str:
    """Return ``name`` with what netlists do not allow made underscores."""
    return _ILLEGAL.sub("_", name).strip("_") or "n"
