"""What the names of a netlist have become in the circuit that was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spice_models.circuit import SEPARATOR, Circuit
from spice_models.dialects.reader.lines import Line


@dataclass(frozen=True, kw_only=True)
class Local:
    """Temperature [K], noise bandwidth [Hz] and relative spread that an element line gives for itself."""

    temp: float | None = None
    neb: float | None = None
    spread: float | None = None


@dataclass(eq=False)
class Built:
    """A circuit and what its elements and nodes are called in the netlist (keys in lower case).

    ``lines`` and ``local`` hold by the circuit's names of elements where they stand and what is said there of noise and
    spread; ``phase_nodes`` the junctions that give each its phase as a third node (WRspice).
    """

    circuit: Circuit
    nodes: dict[str, str] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)
    phase_nodes: dict[str, str] = field(default_factory=dict)
    instances: dict[str, tuple[str, Built]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    local: dict[str, Local] = field(default_factory=dict)

    def place(self, path: Sequence[str]) -> tuple[str, Built] | None:
        """Follow instances from the outermost inward: prefix of flattened names, and the circuit there."""
        prefix, built = "", self
        for step in path:
            if step not in built.instances:
                return None
            name, built = built.instances[step]
            prefix += name + SEPARATOR
        return prefix, built
