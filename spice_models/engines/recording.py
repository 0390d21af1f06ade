"""What to record: ``phase(JUNCTION)``, ``voltage(NODE)``, ``current(ELEMENT)``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spice_models.circuit import Circuit, Instance
from spice_models.elements import GROUND, Inductor, Junction, Mutual, Primitive
from spice_models.errors import DescriptionError, unknown_name

_FORM = re.compile(r"(phase|voltage|current)\(([^()]+)\)\Z")
UNITS = {"phase": "rad", "voltage": "V", "current": "A"}


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One recorded signal: its text, kind, the nodes it lies between and the element it belongs to."""

    text: str
    kind: Literal["phase", "voltage", "current"]
    ends: tuple[str, str]
    nodes: tuple[str, ...]
    element: Primitive | None = None

    @property
    def unit(self) -> str:
        """Its SI unit."""
        return UNITS[self.kind]


def parse_channels(circuit: Circuit, record: Sequence[str] | None) -> list[Channel]:
    """Read what to record from a flattened circuit; the phases of all junctions if ``record`` is None."""
    if record is None:
        record = [f"phase({j.name})" for j in circuit.of_type(Junction)]
    return [_parse(circuit, text) for text in record]


def _parse(circuit: Circuit, text: str) -> Channel:
    match = _FORM.match(text)
    if not match:
        raise DescriptionError(f"cannot record {text!r}: write phase(JUNCTION), voltage(NODE) or current(ELEMENT)")
    kind, name = match.groups()
    if kind == "voltage":
        if name != GROUND and name not in circuit.nodes:
            raise unknown_name("node", name, circuit.nodes, f" in circuit {circuit.name!r}")
        return Channel(text=text, kind="voltage", ends=(name, GROUND), nodes=(name,))
    element = circuit[name]
    if isinstance(element, (Mutual, Instance)):
        raise DescriptionError(
            f"cannot record {text!r}: a {type(element).__name__} has no phase or current of its own; record that of "
            "the elements it joins"
        )
    ends = (element.plus, element.minus)
    if kind == "phase":
        if not isinstance(element, Junction):
            raise DescriptionError(
                f"cannot record {text!r}: {name!r} is no junction; record voltage(NODE) or current({name}) instead"
            )
        return Channel(text=text, kind="phase", ends=ends, nodes=ends, element=element)
    nodes: tuple[str, ...] = ends
    if isinstance(element, Inductor):
        coils = _coupled_with(circuit, name)
        nodes = tuple(n for coil in coils for n in circuit[coil].nodes)
    return Channel(text=text, kind="current", ends=ends, nodes=nodes, element=element)


def _coupled_with(circuit: Circuit, name: str) -> list[str]:
    group = [name]
    mutuals = circuit.of_type(Mutual)
    for coil in group:
        for m in mutuals:
            if coil in (m.first, m.second):
                group += [c for c in (m.first, m.second) if c not in group]
    return group
