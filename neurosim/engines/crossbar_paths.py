"""Ways from one population to another: a read of crossbars for each spike, or exact weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from hardware.cost import ComponentCosts
from hardware.rram.layers.layer import CrossbarLayer
from hardware.rram.layers.read_energy import ReadEnergy
from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.crossbar_cells import CELLS, Cells
from neurosim.mapping.rram import delay_of
from neurosim.network import Network
from neurosim.projection import Projection
from spice_models.errors import DescriptionError, EngineError, unknown_name

Floats = NDArray[np.float64]


@dataclass(kw_only=True)
class Path:
    """Synapses of one projection that share a delay: its crossbars, or its weights where it has none.

    Parameters
    ----------
    name, pre, post : str
        Of the projection and its ends.
    lag : int
        Steps from a spike to the end of the step at which it is added.
    layer : CrossbarLayer or None
    excitatory, inhibitory : sparse array
        Magnitudes of the weights of either sign, shape (n_post, n_pre), where there is no layer.
    meter : ReadEnergy or None
        Adds up what the reads cost.
    """

    name: str
    pre: str
    post: str
    lag: int
    layer: CrossbarLayer | None = None
    excitatory: Any = None
    inhibitory: Any = None
    meter: ReadEnergy | None = None
    reads: int = 0
    signs: tuple[bool, bool] = field(default=(True, True))

    def deliver(self, counts: NDArray[np.int64], to: Cells) -> None:
        """Add the spikes of one step; crossbars are read once for each spike that the busiest line has."""
        if self.layer is None:
            to.add(self.excitatory @ counts, self.inhibitory @ counts)
            return
        while np.any(counts > 0):
            lines = (counts > 0).astype(float)
            to.add(*self._split(self.layer(lines)))
            self.reads += 1
            if self.meter is not None:
                self.meter.count(lines)
            counts = counts - 1

    def _split(self, delivered: Floats) -> tuple[Floats, Floats]:
        """Excitation and inhibition; where all weights have one sign, what is read counts as that, whatever its own."""
        positive, negative = self.signs
        if not negative:
            return delivered, np.zeros_like(delivered)
        if not positive:
            return np.zeros_like(delivered), -delivered
        return np.maximum(delivered, 0.0), np.maximum(-delivered, 0.0)


def paths_of(
    network: Network, layers: Mapping[str, CrossbarLayer], dt: float, costs: ComponentCosts | None
) -> list[Path]:
    """Return the paths of all projections; those without a crossbar get one for each of their delays.

    Raises
    ------
    UnknownNameError
        For a layer of a projection that the network does not have.
    EngineError
        For projections that learn or need other hardware.
    DescriptionError
        For layers of another shape than their projection, delays that the step cannot show, and weights of both signs
        read by one crossbar for neurons whose excitation and inhibition decay differently.
    """
    found: list[Path] = []
    names = [str(projection.name) for projection in network.projections]
    for name in layers:
        if name not in names:
            raise unknown_name("projection", name, names, f" in network {network.name!r}")
    for projection in network.projections:
        _check(projection)
        name = str(projection.name)
        pre, post = projection.pre, projection.post
        kind = CELLS[type(network.population(post).neuron)]
        if name in layers:
            _check_shape(network, projection, layers[name])
            signs = _signs(network, projection)
            lag = _lag(projection, delay_of(projection), dt, kind)
            meter = ReadEnergy(layers[name], costs=costs)
            found.append(Path(name=name, pre=pre, post=post, lag=lag, layer=layers[name], meter=meter, signs=signs))
            continue
        joined = projection.connections
        shape = (network.population(post).size, network.population(pre).size)
        lags = np.array([_lag(projection, float(delay), dt, kind) for delay in np.unique(joined.delay)], dtype=np.int64)
        which = lags[np.searchsorted(np.unique(joined.delay), joined.delay)]
        for lag in np.unique(lags):
            mine = which == lag
            rows, columns, weights = joined.pre[mine], joined.post[mine], joined.weight[mine]
            parts = [
                scipy.sparse.csr_array((np.maximum(sign * weights, 0.0), (columns, rows)), shape=shape)
                for sign in (1.0, -1.0)
            ]
            found.append(Path(name=name, pre=pre, post=post, lag=int(lag), excitatory=parts[0], inhibitory=parts[1]))
    return found


def _lag(projection: Projection, delay: float, dt: float, kind: Any) -> int:
    steps = round(delay / dt)
    exact = kind.first_step > 0
    if (delay > 0 and steps == 0) or (exact and abs(delay / dt - steps) > 1e-6):
        raise DescriptionError(
            f"projection {projection.name!r} has a delay of {delay:g} s, which a step of {dt:g} s cannot show: give a "
            "smaller dt=" + (", or delays in whole steps" if exact else "")
        )
    # A spike is known at the end of its own step, so the shortest delay there is ends with it.
    return max(steps - int(kind.first_step), 0)


def _signs(network: Network, projection: Projection) -> tuple[bool, bool]:
    weights = projection.connections.weight
    signs = bool(np.any(weights > 0)), bool(np.any(weights < 0))
    neuron = network.population(projection.post).neuron
    if all(signs) and isinstance(neuron, DiscreteLIF) and neuron.tau_excitatory != neuron.tau_inhibitory:
        raise DescriptionError(
            f"projection {projection.name!r} has weights of both signs, whose sum one read of a crossbar gives, but "
            f"excitation and inhibition of {projection.post!r} decay differently: split it by sign"
        )
    return signs


def _check_shape(network: Network, projection: Projection, layer: CrossbarLayer) -> None:
    shape = tuple(network.population(end).size for end in (projection.pre, projection.post))
    if layer.weights.shape != shape:
        raise DescriptionError(
            f"the layer of projection {projection.name!r} has weights of shape {layer.weights.shape}, not {shape}"
        )


def _check(projection: Projection) -> None:
    if projection.plasticity is not None:
        raise EngineError(
            f"projection {projection.name!r} learns, which the crossbar engine does not do: freeze it first, with "
            "neurosim.frozen(network, weights) and weights that another engine has learned"
        )
    if projection.synapse is not None:
        raise EngineError(
            f"projection {projection.name!r} is on hardware of another kind, {type(projection.synapse).__name__}, "
            "which the crossbar engine does not know"
        )
