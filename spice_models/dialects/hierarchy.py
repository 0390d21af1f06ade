"""Names and hierarchy of a netlist: one scope a distinct circuit, legal and unique names, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from spice_models.circuit import SEPARATOR, Circuit, Element, Instance, SubCircuit
from spice_models.elements import (
    GROUND,
    Capacitor,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    CurrentSource,
    Inductor,
    Junction,
    Mutual,
    PhaseSource,
    Resistor,
    TransmissionLine,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
    VoltageSource,
)
from spice_models.errors import unknown_name

LETTERS: dict[type, str] = {
    Inductor: "L",
    Mutual: "K",
    Resistor: "R",
    Capacitor: "C",
    CurrentSource: "I",
    VoltageSource: "V",
    PhaseSource: "P",
    VoltageControlledVoltageSource: "E",
    CurrentControlledCurrentSource: "F",
    VoltageControlledCurrentSource: "G",
    CurrentControlledVoltageSource: "H",
    TransmissionLine: "T",
    Instance: "X",
}
"""First letter of an element line, the same in both dialects; the junction's differs."""


class NamePool:
    """Hands out legal names that differ even when case is folded; dots become underscores."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}

    def new(self, name: str) -> str:
        """Return ``name``, made legal, with a number behind it if it is taken."""
        legal = name.replace(SEPARATOR, "_")
        candidate, number = legal, 2
        while candidate.lower() in self._taken:
            candidate, number = f"{legal}_{number}", number + 1
        self._taken.add(candidate.lower())
        return candidate


@dataclass(frozen=True, kw_only=True, eq=False)
class Scope:
    """One circuit or subcircuit as a netlist names it.

    Parameters
    ----------
    circuit : Circuit
        What is described.
    name : str
        Name of the subcircuit in the netlist; of the circuit at the top.
    ports : tuple of str
        Netlist names of its ports; empty for the circuit at the top.
    nodes, elements : mapping
        From the circuit's names to the netlist's.
    pool : NamePool
        Node names in use; ask it for further ones.
    children : mapping
        Scope of each instance.
    """

    circuit: Circuit
    name: str
    ports: tuple[str, ...]
    nodes: Mapping[str, str]
    elements: Mapping[str, str]
    pool: NamePool
    children: Mapping[str, Scope]


class Place(NamedTuple):
    """Where a flattened name is found: instances from the top down, the scope, and the name within it."""

    instances: tuple[str, ...]
    scope: Scope
    name: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Hierarchy:
    """The scopes of a circuit: the top, and each distinct subcircuit once, inner ones first."""

    top: Scope
    subcircuits: tuple[Scope, ...]

    def element(self, name: str) -> Place:
        """Find an element by its flattened name, such as ``"neuron.q"``."""
        place = _find(self.top, name, nodes=False)
        if place is None:
            flat = self.top.circuit.flatten()
            raise unknown_name("element", name, (e.name for e in flat), f" in circuit {flat.name!r}")
        return place

    def node(self, name: str) -> Place:
        """Find a node by its flattened name, such as ``"neuron.middle"``."""
        place = _find(self.top, name, nodes=True)
        if place is None:
            flat = self.top.circuit.flatten()
            raise unknown_name("node", name, flat.nodes, f" in circuit {flat.name!r}")
        return place


def hierarchy(
    circuit: Circuit, *, junction_letter: str, reserved: Iterable[str], subcircuits: Iterable[str]
) -> Hierarchy:
    """Name everything in ``circuit`` for a netlist.

    Subcircuits of equal content share one definition. Those that hold inputs (current sources of role ``"input"``,
    voltage and phase sources) are shared only where they are the same object, so that the layout of the netlist does
    not depend on the waveforms of the inputs.

    Parameters
    ----------
    circuit : Circuit
        What to name.
    junction_letter : str
        First letter of a junction's line.
    reserved, subcircuits : iterable of str
        Names that nodes and subcircuits must not take.
    """
    namer = _Namer(junction_letter=junction_letter, reserved=tuple(reserved), pool=NamePool(subcircuits))
    top = namer.scope(circuit, circuit.name)
    return Hierarchy(top=top, subcircuits=tuple(namer.scopes.values()))


@dataclass(kw_only=True)
class _Namer:
    junction_letter: str
    reserved: tuple[str, ...]
    pool: NamePool
    scopes: dict[object, Scope] = field(default_factory=dict)
    keys: dict[int, object] = field(default_factory=dict)
    numbers: dict[object, int] = field(default_factory=dict)

    def scope(self, circuit: Circuit, name: str) -> Scope:
        children = {e.name: self.child(e.subcircuit) for e in circuit if isinstance(e, Instance)}
        node_pool, element_pool = NamePool((GROUND, *self.reserved)), NamePool()
        ports = circuit.ports if isinstance(circuit, SubCircuit) else ()
        nodes = {GROUND: GROUND} | {node: node_pool.new(node) for node in dict.fromkeys((*ports, *circuit.nodes))}
        return Scope(
            circuit=circuit,
            name=name,
            ports=tuple(nodes[port] for port in ports),
            nodes=nodes,
            elements={e.name: element_pool.new(self.lettered(e)) for e in circuit},
            pool=node_pool,
            children=children,
        )

    def lettered(self, element: Element) -> str:
        letter = self.junction_letter if isinstance(element, Junction) else LETTERS[type(element)]
        own = len(element.name) > 1 and element.name[0].upper() == letter
        return element.name if own else letter + element.name

    def child(self, circuit: SubCircuit) -> Scope:
        key = self.key(circuit)
        if key not in self.scopes:
            scope = self.scope(circuit, self.pool.new(circuit.name))
            self.scopes[key] = scope
        return self.scopes[key]

    def key(self, circuit: SubCircuit) -> object:
        if id(circuit) not in self.keys:
            content = tuple(
                (e.name, self.key(e.subcircuit), e.nodes) if isinstance(e, Instance) else e for e in circuit
            )
            alone = id(circuit) if any(_is_input(e) for e in circuit) else None
            full = (circuit.name, circuit.ports, content, alone)
            self.keys[id(circuit)] = self.numbers.setdefault(full, len(self.numbers))
        return self.keys[id(circuit)]


def _is_input(element: Element) -> bool:
    return isinstance(element, VoltageSource | PhaseSource) or (
        isinstance(element, CurrentSource) and element.role == "input"
    )


def _find(scope: Scope, name: str, *, nodes: bool, above: tuple[str, ...] = ()) -> Place | None:
    own = scope.nodes if nodes else scope.elements
    ports = scope.circuit.ports if above and isinstance(scope.circuit, SubCircuit) else ()
    if name in own and not (nodes and name in ports):
        return Place(above, scope, name)
    for instance, child in scope.children.items():
        if name.startswith(instance + SEPARATOR):
            rest = name[len(instance) + 1 :]
            place = _find(child, rest, nodes=nodes, above=(*above, scope.elements[instance]))
            if place is not None:
                return place
    return None
