"""Floating nodes: simulators answer nonsense for them without a word, so they are looked for before any run."""

from __future__ import annotations

from spice_models.circuit import Circuit
from spice_models.elements import GROUND, CurrentSource, Mutual
from spice_models.errors import DescriptionError

_MOST_NAMED = 8


def floating_nodes(circuit: Circuit) -> list[str]:
    """Nodes of the flattened circuit without a path to ground.

    A path leads through capacitors, resistors, inductors, junctions and voltage sources. Current sources fix no
    voltage and a mutual coupling joins no nodes: neither counts.
    """
    flat = circuit.flatten()
    neighbours: dict[str, list[str]] = {node: [] for node in flat.nodes}
    neighbours[GROUND] = []
    for element in flat:
        if not isinstance(element, CurrentSource | Mutual):
            first, second = element.nodes
            neighbours[first].append(second)
            neighbours[second].append(first)
    reached = {GROUND}
    frontier = [GROUND]
    while frontier:
        new = [node for node in neighbours[frontier.pop()] if node not in reached]
        reached.update(new)
        frontier.extend(new)
    return [node for node in flat.nodes if node not in reached]


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
        f"{what} not reach ground '0' through any capacitor, resistor, inductor, junction or voltage source "
        "(current sources and mutual couplings do not count): join it with one of these, or correct its name"
    )
