"""Projections on resistive crossbars: layers that carry them, and the network with the weights that these deliver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hardware.rram.arguments import instance
from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from hardware.rram.layers.layer import CrossbarLayer
from neurosim.network import Network
from neurosim.projection import Projection
from spice_models.errors import DescriptionError, unknown_name

Hardware = CrossbarHardware | Mapping[str, CrossbarHardware]


def place(network: Network, *, hardware: Hardware, seed: int = 0) -> Network:
    """Return the network with the weights that crossbars deliver, for any engine.

    Written once: levels, spread, stuck cells, wires and compensation are in the weights. Converters and noise, which
    act at each read, are not; the engine ``"crossbar"`` has them. A weight of zero comes back as the small weight that
    the two cells of its pair leave.

    Parameters
    ----------
    network : Network
    hardware : CrossbarHardware or mapping of str to CrossbarHardware
        For all projections, or for those that are named; the others stay.
    seed : int
        Of what is written.

    Raises
    ------
    DescriptionError
        For a projection that learns, has hardware of another kind, or delays that differ.
    UnknownNameError
        For a projection that the network does not have.
    """
    layers = place_layers(network, hardware=hardware, seed=seed)
    placed = []
    for projection in network.projections:
        layer = layers.get(str(projection.name))
        if layer is None:
            placed.append(projection)
        else:
            placed.append(replace(projection, weights=layer.effective_weights(), delays=delay_of(projection)))
    return Network(name=network.name, populations=network.populations, projections=placed)


def place_layers(network: Network, *, hardware: Hardware, seed: int = 0) -> dict[str, CrossbarLayer]:
    """Return the layer of each projection on crossbars, by name; parameters as in `place`."""
    instance("what is placed", network, Network, "a Network")
    instance("hardware", hardware, (CrossbarHardware, Mapping), "CrossbarHardware(...), or a dict of it by projection")
    names = [str(p.name) for p in network.projections]
    if not isinstance(hardware, CrossbarHardware):
        for name, own_hardware in hardware.items():
            instance(f"hardware of projection {name!r}", own_hardware, CrossbarHardware, "CrossbarHardware(...)")
            if name not in names:
                raise unknown_name("projection", name, names, f" in network {network.name!r}")
    layers = {}
    for projection in network.projections:
        name = str(projection.name)
        chosen = hardware if isinstance(hardware, CrossbarHardware) else hardware.get(name)
        if chosen is None:
            continue
        if projection.plasticity is not None or projection.synapse is not None:
            learns = "learns; freeze it first, with neurosim.frozen(network, weights) and the weights it has learned"
            what = learns if projection.plasticity is not None else "is on hardware of another kind already"
            raise DescriptionError(f"projection {name!r} cannot be placed on crossbars: it {what}")
        delay_of(projection)
        # By name: what else the network has does not change what is written.
        own = int(np.random.SeedSequence([seed, *name.encode()]).generate_state(1)[0])
        layers[name] = CrossbarLayer(
            dense_weights(network, projection), hardware=chosen, input_range=(0.0, 1.0), seed=own
        )
    return layers


def dense_weights(network: Network, projection: Projection) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Weights of a projection as an array, shape (n_pre, n_post)."""
    weights = np.zeros((network.population(projection.pre).size, network.population(projection.post).size))
    joined = projection.connections
    weights[joined.pre, joined.post] = joined.weight
    return weights


def delay_of(projection: Projection) -> float:
    """Return the delay [s] that all synapses of a projection share.

    Raises
    ------
    DescriptionError
        If they differ: one read of a crossbar serves all of them at once.
    """
    delays = projection.connections.delay
    if delays.size and np.ptp(delays) > 1e-12 * delays.max():
        raise DescriptionError(
            f"projection {projection.name!r} cannot be placed on crossbars: its delays run from {delays.min():g} to "
            f"{delays.max():g} s, but one read serves all its synapses; split it by delay"
        )
    return float(delays[0]) if delays.size else 0.0
