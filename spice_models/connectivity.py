"""Floating nodes: simulators answer nonsense for them without a word, so they are looked for before any run."""

from __future__ import annotations

from spice_models.circuit import Circuit, Element
from spice_models.elements import (
    GROUND,
    CurrentControlledCurrentSource,
    CurrentSource,
    Mutual,
    TransmissionLine,
    VoltageControlledCurrentSource,
)
from spice_models.errors import DescriptionError

_MOST_NAMED = 8


def floating_nodes(circuit: Circuit) -> list[str]:
    """Nodes of the flattened circuit without a path to ground.

    A path leads through capacitors, resistors, inductors, junctions, sources of voltage or phase, controlled ones too,
    and from one node to the other of each port of a transmission line. Current sources fix no voltage, a mutual
    coupling joins no nodes, and what controls a source draws no current: none of them counts.
    """
    flat = circuit.flatten()
    neighbours: dict[str, list[str]] = {node: [] for node in flat.nodes}
    neighbours[GROUND] = []
    for element in flat:
        for first, second in _joined(element):
            neighbours[first].append(second)
            neighbours[second].append(first)
    reached = {GROUND}
    frontier = [GROUND]
    while frontier:
        new = [node for node in neighbours[frontier.pop()] if node not in reached]
        reached.update(new)
        frontier.extend(new)
    return [node for node in flat.nodes if node not in reached]


def _joined(element: Element) -> list[tuple[str, str]]:
    """Pairs of nodes between which an element lets the potential of one follow from the other's."""
    match element:
        case CurrentSource() | CurrentControlledCurrentSource() | VoltageControlledCurrentSource() | Mutual():
            return []
        case TransmissionLine():
            return [(element.plus, element.minus), (element.far_plus, element.far_minus)]
    return [(element.nodes[0], element.nodes[1])]


def check_grounded(circuit: Circuit) -> None:
    """Raise unless every node reaches ground.

    Raises
    ------
    DescriptionError
        Naming the nodes that float, and what joins a node to ground.
    """
    floating = floating_nodes(circuit)
    if not floating:
        return
    named = ", ".join(repr(node) for node in floating[:_MOST_NAMED])
    if len(floating) > _MOST_NAMED:
        named += f" and {len(floating) - _MOST_NAMED} more"
    what = (
        f"node {named} of circuit {circuit.name!r} does"
        if len(floating) == 1
        else (f"nodes {named} of circuit {circuit.name!r} do")
    )
    raise DescriptionError(
        f"{what} not reach ground '0' through any capacitor, resistor, inductor, junction, or source of voltage or "
        "phase (current sources, mutual couplings and controlling nodes do not count): join it with one of these, "
        "or correct its name"
    )
