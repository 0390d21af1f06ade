"""The cells of a placed network, joined by nets: drivers, splitters, lines, synapses, neurons, ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neurosim.mapping.fan_out import Split, Tree
from neurosim.mapping.names import Names
from neurosim.mapping.placement import PlacedCell, PlacedConnection, PlacedInput, PlacedNeuron

Neuron = tuple[str, int]

END_STAGES = 1
"""Transmission line stages between an output and the resistor that ends it."""


def list_cells(
    inputs: Sequence[PlacedInput],
    neurons: Sequence[PlacedNeuron],
    connections: Sequence[PlacedConnection],
    trees: Mapping[Neuron, Tree],
    names: Mapping[Neuron, str],
) -> tuple[PlacedCell, ...]:
    """List the cells that ``connections`` ask for.

    Parameters
    ----------
    inputs, neurons, connections
        What was placed, in the order in which the cells are to stand.
    trees : mapping of neuron to tree
        Splitter tree of each neuron that sends spikes; its leaves are numbers of connections.
    names : mapping of neuron to str
        Legal and unique.
    """
    lister = _Lister(connections, trees, names)
    for source in inputs:
        neuron = (source.population, source.index)
        lister.add(source.cell, "dc_sfq", {}, {"input": source.net, "output": names[neuron]})
        lister.fan_out(neuron)
    for placed in neurons:
        neuron = (placed.population, placed.index)
        parameters: dict[str, Any] = {
            "excitatory": placed.excitatory,
            "inhibitory": placed.inhibitory,
            "refractory": placed.refractory,
            "threshold_current": placed.threshold_current,
        }
        joined = {c.port: lister.ports[k] for k, c in enumerate(connections) if c.post == neuron}
        lister.add(placed.cell, "sfq_neuron", parameters, {**joined, "output": names[neuron]})
        lister.fan_out(neuron)
    return tuple(lister.cells)


class _Lister:
    def __init__(
        self, connections: Sequence[PlacedConnection], trees: Mapping[Neuron, Tree], names: Mapping[Neuron, str]
    ) -> None:
        self.cells: list[PlacedCell] = []
        self._connections = connections
        self._trees = trees
        self._names = names
        self._nets = Names(names.values())
        self.ports = [self._nets.new(f"{names[c.post]}_{c.port}") for c in connections]

    def add(self, name: str, kind: str, parameters: Mapping[str, float], connections: Mapping[str, str]) -> None:
        self.cells.append(PlacedCell(name=name, kind=kind, parameters=parameters, connections=connections))

    def fan_out(self, neuron: Neuron) -> None:
        name = self._names[neuron]
        if neuron not in self._trees:
            end = self._nets.new(f"{name}_end")
            self.add(f"line_{name}", "jtl", {"stages": END_STAGES}, {"input": name, "output": end})
            self.add(f"end_{name}", "terminator", {}, {"input": end})
            return
        waiting: list[tuple[str, Tree]] = [(name, self._trees[neuron])]
        count = 0
        while waiting:
            net, node = waiting.pop(0)
            if not isinstance(node, Split):
                self._connect(self._connections[node], self.ports[node], net)
                continue
            count += 1
            joined = {"input": net}
            for port, branch in (("output_1", node.first), ("output_2", node.second)):
                joined[port] = self._nets.new(self._net(name, branch))
                waiting.append((joined[port], branch))
            self.add(f"splitter_{name}_{count}", "splitter", {}, joined)

    def _net(self, name: str, branch: Tree) -> str:
        return (
            f"{name}_split" if isinstance(branch, Split) else f"{name}_to_{self._names[self._connections[branch].post]}"
        )

    def _connect(self, connection: PlacedConnection, port: str, net: str) -> None:
        if connection.stages:
            after = self._nets.new(f"{net}_late")
            line = connection.cell.replace("synapse_", "line_", 1)
            self.add(line, "jtl", {"stages": connection.stages}, {"input": net, "output": after})
            net = after
        parameters = {"weight_current": connection.weight_current}
        self.add(connection.cell, "sfq_synapse", parameters, {"input": net, "output": port})
