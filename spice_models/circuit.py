"""Circuits: named elements and subcircuit instances joined at named nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from spice_models.element_methods import ElementMethods
from spice_models.elements import (
    GROUND,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    Inductor,
    Junction,
    Mutual,
    Primitive,
    VoltageSource,
    renamed,
)
from spice_models.errors import DescriptionError, unknown_name

SEPARATOR = "."
_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*\Z")

P = TypeVar("P", bound=Primitive)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One use of a subcircuit: which node of the surrounding circuit each of its ports is joined to."""

    name: str
    subcircuit: SubCircuit
    connections: Mapping[str, str]

    @property
    def nodes(self) -> tuple[str, ...]:
        """Outer nodes in the order of the ports."""
        return tuple(self.connections[port] for port in self.subcircuit.ports)


Element = Primitive | Instance


class Circuit(ElementMethods):
    """Elements joined at named nodes; node ``"0"`` is ground.

    Names of elements are unique within a circuit whatever their case (simulators fold it). Elements are added with
    the methods named after them and read back with ``circuit["name"]`` or by iterating.

    Parameters
    ----------
    name : str
        A name of letters, digits and underscores.
    """

    def __init__(self, name: str) -> None:
        self.name = _checked(name, "circuit")
        self._elements: dict[str, Element] = {}
        self._folded: dict[str, str] = {}
        self._nodes: dict[str, None] = {}

    def __iter__(self) -> Iterator[Element]:
        return iter(self._elements.values())

    def __len__(self) -> int:
        return len(self._elements)

    def __getitem__(self, name: str) -> Element:
        if name not in self._elements:
            raise unknown_name("element", name, self._elements, f" in circuit {self.name!r}")
        return self._elements[name]

    def __contains__(self, name: object) -> bool:
        return name in self._elements

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {len(self)} elements, {len(self._nodes)} nodes)"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Node names in order of first use, ground left out."""
        return tuple(n for n in self._nodes if n != GROUND)

    def add(self, element: Element) -> None:
        """Add an element; its name must be new, and what a coupling or an instance refers to must exist."""
        _checked(element.name, "element")
        if isinstance(element, Mutual):
            self._check_coils(element)
        elif isinstance(element, CurrentControlledCurrentSource | CurrentControlledVoltageSource):
            if not isinstance(self._elements.get(element.control), VoltageSource):
                raise DescriptionError(
                    f"source {element.name!r} in {self.name!r}: there is no voltage source {element.control!r} to "
                    "control it; add one first, of 0 V where only a current is to be measured"
                )
        elif isinstance(element, Instance):
            _check_connections(element, self.name)
            if _contains(element.subcircuit, self):
                raise DescriptionError(
                    f"instance {element.name!r} would put {self.name!r} into itself, by {element.subcircuit.name!r}"
                )
        for node in element.nodes:
            if node not in self._nodes:
                _checked(node, "node")
        self.add_known(element)

    def add_known(self, element: Element) -> None:
        """Add an element whose names are legal and whose references exist for sure: quicker than `add`."""
        folded, nodes = element.name.lower(), element.nodes
        known = self._folded.get(folded)
        if known is not None:
            raise DescriptionError(
                f"circuit {self.name!r} has an element {known!r} already (names do not depend on case)"
            )
        if not isinstance(element, Instance):
            for k in range(0, len(nodes), 2):
                if nodes[k] == nodes[k + 1]:
                    raise DescriptionError(
                        f"element {element.name!r} in {self.name!r}: both ends are on node {nodes[k]!r}"
                    )
        for node in nodes:
            self._nodes.setdefault(node)
        self._elements[element.name] = element
        self._folded[folded] = element.name

    def _check_coils(self, element: Mutual) -> None:
        coils = [self._elements.get(name) for name in (element.first, element.second)]
        for name, coil in zip((element.first, element.second), coils, strict=True):
            if not isinstance(coil, Inductor):
                raise DescriptionError(f"mutual {element.name!r} in {self.name!r}: there is no inductor {name!r}")
        first, second = (coil.inductance for coil in coils if isinstance(coil, Inductor))
        if first * second < 0:
            raise DescriptionError(
                f"mutual {element.name!r} in {self.name!r} couples an inductance that is negative with one that is "
                "not: k sqrt(L1 L2) has no value"
            )

    def instance(self, name: str, subcircuit: SubCircuit, /, **connections: str) -> None:
        """Add a use of ``subcircuit``, each of its ports joined to a node by keyword."""
        self.add(Instance(name=name, subcircuit=subcircuit, connections=dict(connections)))

    def of_type(self, kind: type[P]) -> list[P]:
        """List the elements of one type, instances not opened (use ``flatten()`` first to see all)."""
        return [e for e in self if isinstance(e, kind)]

    def flatten(self) -> Circuit:
        """Return this circuit with every instance replaced by its elements, named ``instance.element``."""
        flat = Circuit(self.name)
        if type(self) is Circuit and not any(isinstance(element, Instance) for element in self):
            flat._elements, flat._folded, flat._nodes = dict(self._elements), dict(self._folded), dict(self._nodes)
            return flat
        for element in _opened(self, "", {}):
            flat.add_known(element)
        return flat

    def mapped(self, change: Callable[[Primitive], Primitive], name: str | None = None) -> Circuit:
        """Return the flattened circuit with ``change`` applied to every element."""
        result = Circuit(name or self.name)
        for element in _opened(self, "", {}):
            changed = change(element)
            if changed is element:
                result.add_known(element)
            else:
                result.add(changed)
        return result

    @property
    def junction_count(self) -> int:
        """Number of Josephson junctions, instances included."""
        return sum(e.subcircuit.junction_count if isinstance(e, Instance) else isinstance(e, Junction) for e in self)


class SubCircuit(Circuit):
    """A circuit with ports: nodes that are joined to the outside wherever it is used.

    Parameters
    ----------
    name : str
        Its name in a netlist.
    ports : tuple of str
        Names of the nodes that are ports, in netlist order. Ground is common and never a port.
    """

    def __init__(self, name: str, ports: tuple[str, ...]) -> None:
        super().__init__(name)
        if len(set(ports)) != len(ports) or GROUND in ports:
            raise DescriptionError(f"subcircuit {name!r}: ports must differ and not be ground, got {ports}")
        self.ports = tuple(ports)
        for port in ports:
            self._nodes.setdefault(_checked(port, "port"))


def _opened(circuit: Circuit, prefix: str, outer: Mapping[str, str]) -> Iterator[Primitive]:
    ends = {name: outer.get(name, prefix + name) for name in circuit._nodes} | {GROUND: GROUND}
    for element in circuit:
        if isinstance(element, Instance):
            joined = {port: ends[end] for port, end in element.connections.items()}
            yield from _opened(element.subcircuit, prefix + element.name + SEPARATOR, joined)
        else:
            yield renamed(element, prefix, ends.__getitem__) if prefix else element


def _check_connections(element: Instance, circuit: str) -> None:
    ports = set(element.subcircuit.ports)
    given = set(element.connections)
    if ports != given:
        missing, extra = sorted(ports - given), sorted(given - ports)
        raise DescriptionError(
            f"instance {element.name!r} of {element.subcircuit.name!r} in {circuit!r}: "
            f"ports not joined: {missing or 'none'}; not ports of it: {extra or 'none'}"
        )


def _contains(circuit: Circuit, sought: Circuit) -> bool:
    """Whether a circuit is, or has somewhere below it, another one."""
    inner = {id(e.subcircuit): e.subcircuit for e in circuit if isinstance(e, Instance)}
    return circuit is sought or any(_contains(subcircuit, sought) for subcircuit in inner.values())


def _checked(name: str, what: str) -> str:
    if not _NAME.match(name):
        raise DescriptionError(
            f"{what} name {name!r}: use letters, digits and underscores, with single dots between them only"
        )
    return name
