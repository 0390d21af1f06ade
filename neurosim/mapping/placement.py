"""What a network became on SFQ hardware: cells, the nets that join them, and where each spike is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spice_models.errors import unknown_name

if TYPE_CHECKING:
    from neurosim.network import Network

OUTPUT_JUNCTION = "BO2"
"""Junction of a `sfq_neuron` whose 2 pi steps are the neuron's spikes: its last one, at the port ``output``.

A pulse seen there has left the cell, reshaped; the threshold junction BN slips a few picoseconds before.
"""

DRIVER_JUNCTION = "B3"
"""Junction of a `dc_sfq` whose 2 pi steps are the spikes of an input: its last one, at the port ``output``."""


@dataclass(frozen=True, kw_only=True)
class PlacedCell:
    """One cell of the hardware.

    Parameters
    ----------
    name : str
        Name of its instance, such as ``"neuron_h1"`` or ``"synapse_a_h1"``.
    kind : str
        Name of the cell's function: ``"dc_sfq"``, ``"jtl"``, ``"splitter"``, ``"sfq_synapse"``, ``"sfq_neuron"`` or
        ``"terminator"``.
    parameters : mapping
        Keyword arguments of that function.
    connections : mapping of port to net
        Two cells that name the same net are joined there.
    """

    name: str
    kind: str
    parameters: Mapping[str, float]
    connections: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class PlacedInput:
    """One neuron of a `SpikeSource`: its driver, the net its input current flows into, and where its spikes show."""

    population: str
    index: int
    cell: str
    net: str
    junction: str


@dataclass(frozen=True, kw_only=True)
class PlacedNeuron:
    """One `SFQNeuron` on hardware.

    Parameters
    ----------
    population, index
        Which neuron.
    cell : str
        Name of its `sfq_neuron`.
    junction : str
        Junction, in the flattened circuit, whose 2 pi steps are its spikes.
    excitatory, inhibitory : int
        Number of ports of each kind in use.
    refractory : bool
        Whether its cell has the refractory branch, as it does where a synapse sends several pulses into it.
    threshold : float
        Threshold of the description, in pulse equivalents [1].
    threshold_current : float
        Current that sets it [A].
    offset : float
        How much later than described pulses arrive here, summed over all cells on the way from the inputs [s].
    """

    population: str
    index: int
    cell: str
    junction: str
    excitatory: int
    inhibitory: int
    refractory: bool
    threshold: float
    threshold_current: float
    offset: float


@dataclass(frozen=True, kw_only=True)
class PlacedConnection:
    """One synapse of the description on hardware.

    Parameters
    ----------
    projection : str
        Name of the projection it belongs to.
    pre, post : tuple of str and int
        Population and index of both ends.
    weight : int
        Pulses that leave the synapse for each that enters; negative into an inhibitory port.
    weight_current : float
        Current that sets it [A].
    cell : str
        Name of its `sfq_synapse`.
    port : str
        Port of the receiving neuron, ``"exc_1"`` or ``"inh_1"`` and so on.
    splitters, stages : int
        Splitters and transmission line stages before the synapse.
    described_delay : float
        Delay of the description [s].
    path_delay : float
        From the output of the sending cell to the first pulse out of the synapse [s].
    timing_error : float
        What whole stages leave of the difference between this arrival and the neuron's ``offset`` [s].
    """

    projection: str
    pre: tuple[str, int]
    post: tuple[str, int]
    weight: int
    weight_current: float
    cell: str
    port: str
    splitters: int
    stages: int
    described_delay: float
    path_delay: float
    timing_error: float


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedNetwork:
    """A network on SFQ hardware, for any engine.

    Parameters
    ----------
    network : Network
        What was placed.
    cells : tuple of PlacedCell
        All cells, in order from the inputs to the outputs.
    inputs : tuple of PlacedInput
    neurons : tuple of PlacedNeuron
    connections : tuple of PlacedConnection
    """

    network: Network
    cells: tuple[PlacedCell, ...]
    inputs: tuple[PlacedInput, ...]
    neurons: tuple[PlacedNeuron, ...]
    connections: tuple[PlacedConnection, ...]
    _seen: Mapping[tuple[str, int], PlacedInput | PlacedNeuron] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        placed: list[PlacedInput | PlacedNeuron] = [*self.inputs, *self.neurons]
        object.__setattr__(self, "_seen", {(p.population, p.index): p for p in placed})

    def __getitem__(self, neuron: tuple[str, int]) -> PlacedInput | PlacedNeuron:
        if neuron not in self._seen:
            known = [f"{population}[{index}]" for population, index in self._seen]
            raise unknown_name("placed neuron", f"{neuron[0]}[{neuron[1]}]", known)
        return self._seen[neuron]

    @property
    def watched(self) -> dict[tuple[str, int], str]:
        """Junction that shows the spikes of each neuron, inputs first."""
        return {neuron: placed.junction for neuron, placed in self._seen.items()}

    def junctions(self, population: str) -> list[str]:
        """Junctions of the flattened circuit that show the spikes of a population, one a neuron."""
        size = self.network.population(population).size
        return [self[population, i].junction for i in range(size)]

    @property
    def output_junctions(self) -> list[str]:
        """Junctions that show the spikes of the output populations, in order."""
        return [junction for p in self.network.outputs for junction in self.junctions(p.name)]

    @property
    def tuning(self) -> dict[str, float]:
        """Weight and threshold currents [A] by their names in the flattened circuit, such as ``"neuron_o.IT"``."""
        weights = {f"{c.cell}.IW": c.weight_current for c in self.connections}
        return weights | {f"{n.cell}.IT": n.threshold_current for n in self.neurons}

    @property
    def cautions(self) -> tuple[str, ...]:
        """What acts otherwise than described, in words: connections of several pulses, which saturate."""
        strong = [
            f"{c.weight:+d} from {c.pre[0]}[{c.pre[1]}] to {c.post[0]}[{c.post[1]}]"
            for c in self.connections
            if abs(c.weight) > 1
        ]
        if not strong:
            return ()
        listed = ", ".join(strong[:3]) + (f" and {len(strong) - 3} more" if len(strong) > 3 else "")
        return (
            f"on these cells a weight of several pulses acts as less than it says, least where it inhibits: {listed} "
            "(`neurosim characterise sfq-synapse` measures by how much)",
        )

    def count(self, kind: str) -> int:
        """Number of cells of one kind."""
        return sum(cell.kind == kind for cell in self.cells)
