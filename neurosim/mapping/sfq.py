"""A network placed on SFQ cells: a driver an input, splitters where spikes fan out, a synapse a connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from hardware.sfq.neuron_shape import Shape
from neurosim.mapping.cell_list import list_cells
from neurosim.mapping.fan_out import depths
from neurosim.mapping.names import Names, neuron_names
from neurosim.mapping.placement import (
    DRIVER_JUNCTION,
    OUTPUT_JUNCTION,
    PlacedConnection,
    PlacedInput,
    PlacedNetwork,
    PlacedNeuron,
)
from neurosim.mapping.timing import Neuron, Wish, padding, splitter_trees
from neurosim.neurons import SFQNeuron, SpikeSource
from spice_models.cells.sfq_neuron import MAX_EXCITATORY
from spice_models.circuit import SEPARATOR
from spice_models.errors import DescriptionError, NeurofluxonError

if TYPE_CHECKING:
    from hardware.sfq.characteristics import Characteristics
    from neurosim.network import Network

WEIGHT_TOLERANCE = 1e-6
"""How far from a whole number a weight may be [chosen: above the rounding of stored weights]."""


def place(network: Network, *, characteristics: Characteristics | None = None) -> PlacedNetwork:
    """Place a network of `SpikeSource` and `SFQNeuron` on SFQ cells.

    Weights become weight currents, thresholds become threshold currents (together with the number of excitatory and
    inhibitory inputs; one that equals a sum of weights is moved half-way to the next lower sum), delays become stages
    of transmission line. Leak and refractory time are those of the cells.

    Parameters
    ----------
    network : Network
        Feed-forward; integer weights within the levels of the synapse; every `SFQNeuron` with at least one
        excitatory input.
    characteristics : Characteristics, optional
        Measured currents and delays; those that come with the toolkit if not given.

    Raises
    ------
    DescriptionError
        For what the cells cannot do, with both ends named and the limit.
    """
    if characteristics is None:
        from hardware.sfq.characteristics import load_characteristics

        characteristics = load_characteristics()
    _check_models(network)
    wishes = _wishes(network, characteristics)
    order = _order(network, wishes)
    names = neuron_names(network)
    ports = _ports(wishes)
    trees = splitter_trees(wishes)
    splitters = {leaf: depth for tree in trees.values() for leaf, depth in depths(tree).items()}
    timing = padding(network, order, wishes, splitters, characteristics)
    cells = Names()
    connections = tuple(
        PlacedConnection(
            projection=wish.projection,
            pre=wish.pre,
            post=wish.post,
            weight=wish.weight,
            weight_current=wish.current,
            cell=cells.new(f"synapse_{names[wish.pre]}_{names[wish.post]}"),
            port=ports[k],
            splitters=splitters[k],
            stages=timing.stages[k],
            described_delay=wish.delay,
            path_delay=splitters[k] * characteristics.splitter_delay
            + timing.stages[k] * characteristics.line_delay
            + wish.synapse_delay,
            timing_error=timing.errors[k],
        )
        for k, wish in enumerate(wishes)
    )
    inputs = tuple(
        PlacedInput(
            population=population,
            index=index,
            cell=f"driver_{names[population, index]}",
            net=f"{names[population, index]}_current",
            junction=f"driver_{names[population, index]}{SEPARATOR}{DRIVER_JUNCTION}",
        )
        for population, index in order
        if isinstance(network.population(population).neuron, SpikeSource)
    )
    neurons = tuple(
        _neuron(network, neuron, names[neuron], wishes, timing.offsets[neuron], characteristics)
        for neuron in order
        if isinstance(network.population(neuron[0]).neuron, SFQNeuron)
    )
    return PlacedNetwork(
        network=network,
        cells=list_cells(inputs, neurons, connections, trees, names),
        inputs=inputs,
        neurons=neurons,
        connections=connections,
    )


def _check_models(network: Network) -> None:
    for p in network.populations:
        if not isinstance(p.neuron, SpikeSource | SFQNeuron):
            raise DescriptionError(
                f"population {p.name!r} of network {network.name!r} is of {type(p.neuron).__name__}; SFQ hardware "
                "has SpikeSource and SFQNeuron only"
            )
    for projection in network.projections:
        if projection.plasticity is not None:
            raise DescriptionError(
                f"{_ends(projection.name, projection.pre, projection.post)} is plastic; the weight of an SFQ synapse "
                "is a current set from outside, so place the network with the weights it has learned"
            )


def _wishes(network: Network, characteristics: Characteristics) -> list[Wish]:
    wishes = []
    for projection in network.projections:
        joined = projection.connections
        for pre, post, weight, delay in zip(joined.pre, joined.post, joined.weight, joined.delay, strict=True):
            ends = _ends(projection.name, f"{projection.pre}[{pre}]", f"{projection.post}[{post}]")
            if abs(weight - round(weight)) > WEIGHT_TOLERANCE:
                raise DescriptionError(f"{ends}: a weight is a whole number of pulses, got {weight:g}; round it")
            level = round(weight)
            try:
                current, synapse_delay = characteristics.weight_current(level), characteristics.synapse_delay(level)
            except NeurofluxonError as error:
                raise DescriptionError(f"{ends}: {error}") from error
            wishes.append(
                Wish(
                    projection=str(projection.name),
                    pre=(projection.pre, int(pre)),
                    post=(projection.post, int(post)),
                    weight=level,
                    current=current,
                    delay=float(delay),
                    synapse_delay=synapse_delay,
                )
            )
    return wishes


def _order(network: Network, wishes: list[Wish]) -> list[Neuron]:
    """Neurons such that each comes after all that send to it, otherwise as described."""
    before: dict[Neuron, list[Neuron]] = {(p.name, i): [] for p in network.populations for i in range(p.size)}
    for wish in wishes:
        before[wish.post].append(wish.pre)
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        loop = " -> ".join(f"{population}[{index}]" for population, index in error.args[1])
        raise DescriptionError(
            f"network {network.name!r} has a loop, {loop}; "
            "the mapping onto SFQ cells can time feed-forward networks only"
        ) from error


def _ports(wishes: list[Wish]) -> list[str]:
    """Port of the receiving neuron for each wish, numbered in order."""
    used: Counter[tuple[Neuron, str]] = Counter()
    ports = []
    for wish in wishes:
        kind = "exc" if wish.weight > 0 else "inh"
        used[wish.post, kind] += 1
        ports.append(f"{kind}_{used[wish.post, kind]}")
    return ports


def _neuron(
    network: Network,
    neuron: Neuron,
    name: str,
    wishes: list[Wish],
    offset: float,
    characteristics: Characteristics,
) -> PlacedNeuron:
    population, index = neuron
    model = network.population(population).neuron
    assert isinstance(model, SFQNeuron)
    excitatory = sum(wish.post == neuron and wish.weight > 0 for wish in wishes)
    inhibitory = sum(wish.post == neuron and wish.weight < 0 for wish in wishes)
    refractory = any(wish.post == neuron and wish.weight > 1 for wish in wishes)
    who = f"neuron {population}[{index}] of network {network.name!r}"
    if not 1 <= excitatory <= MAX_EXCITATORY:
        raise DescriptionError(
            f"{who} has {excitatory} excitatory inputs, and {inhibitory} inhibitory ones; "
            f"the cell takes 1 to {MAX_EXCITATORY} excitatory inputs"
        )
    shape = Shape(excitatory=excitatory, inhibitory=inhibitory, refractory=refractory)
    weights = [wish.weight for wish in wishes if wish.post == neuron and wish.weight > 0]
    try:
        aimed = max(between_sums(model.threshold, weights), characteristics.lowest_threshold(shape))
        current = characteristics.threshold_current(
            excitatory=excitatory, inhibitory=inhibitory, refractory=refractory, threshold=min(aimed, model.threshold)
        )
    except NeurofluxonError as error:
        raise DescriptionError(f"{who}: {error}") from error
    return PlacedNeuron(
        population=population,
        index=index,
        cell=f"neuron_{name}",
        junction=f"neuron_{name}{SEPARATOR}{OUTPUT_JUNCTION}",
        excitatory=excitatory,
        inhibitory=inhibitory,
        refractory=refractory,
        threshold=model.threshold,
        threshold_current=current,
        offset=offset,
    )


def between_sums(threshold: float, weights: Sequence[int]) -> float:
    """Return a threshold that whole sums of ``weights`` meet as they meet ``threshold``, but none of them just so.

    A sum that equals the threshold fires; in hardware it would on the knife edge, so the threshold is moved half-way
    to the next lower sum.
    """
    sums = {0}
    for weight in weights:
        sums |= {s + weight for s in sums}
    if not any(abs(threshold - s) < WEIGHT_TOLERANCE for s in sums):
        return threshold
    return (threshold + max((s for s in sums if s < threshold - WEIGHT_TOLERANCE), default=0)) / 2


def _ends(projection: str | None, pre: str, post: str) -> str:
    return f"projection {projection!r} from {pre} to {post}"
