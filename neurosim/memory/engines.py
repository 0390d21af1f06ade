"""How a `HippocampalMemory` plays spikes to its network, piece by piece, on either engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosim.models.hippocampal_cam import INDEX, STORE
from neurosim.network import Network
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError
from spice_models.results import SpikeTrains

Arrays = dict[str, NDArray[Any]]


class MemoryNetwork(Protocol):
    """Makes the network of one memory, empty or from the weights of its plastic projections."""

    def __call__(self, *, weights: Mapping[str, NDArray[np.float64]] | None = None) -> Network:
        """Return it; ``weights`` [A] by name of projection, as matrices."""


class MemoryEngine(Protocol):
    """The network of a memory with a state of its own."""

    def play(self, inputs: SpikeTrains) -> SpikeTrains:
        """Go on with these spikes of IN for their duration; returns those of OUT."""

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of a population in the last call of `play`."""

    @property
    def weights(self) -> dict[str, NDArray[np.float64]]:
        """Weights of the plastic projections as matrices [A]."""

    def state(self) -> Arrays:
        """Return a copy of all that decides how it goes on."""

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""


class Simulation(Protocol):
    """A network that an engine advances piece by piece: `DiscreteSimulation`, `Brian2Simulation`."""

    network: Network

    def advance(self, stimulus: Stimulus) -> None:
        """Go on for the duration of a stimulus."""

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of a population in the last piece."""

    @property
    def weights(self) -> dict[str, NDArray[np.float64]]:
        """Weights of the plastic projections, flat."""

    def state(self) -> Arrays:
        """Return a copy of all that decides how it goes on."""

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""


class Continuing:
    """A network kept as it is between calls.

    Parameters
    ----------
    make : MemoryNetwork
        Makes the network of the memory.
    address : str
        ``"module:class"`` of the simulation, imported here.
    """

    def __init__(self, make: MemoryNetwork, address: str) -> None:
        module, _, name = address.partition(":")
        network = make()
        self._simulation: Simulation = getattr(import_module(module), name)(network)
        self._shapes = _shapes(network)
        self._inputs: SpikeTrains | None = None

    def play(self, inputs: SpikeTrains) -> SpikeTrains:
        """Go on with these spikes of IN for their duration; returns those of OUT."""
        self._simulation.advance(Stimulus(duration=inputs.duration, spikes={"IN": inputs}))
        self._inputs = inputs
        return self._simulation.spikes("OUT")

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of a population in the last call of `play`."""
        self._simulation.network.population(population)
        if self._inputs is None:
            raise DescriptionError("nothing has been run yet")
        return self._inputs if population == "IN" else self._simulation.spikes(population)

    @property
    def weights(self) -> dict[str, NDArray[np.float64]]:
        """Weights of the plastic projections as matrices [A]."""
        return {name: flat.reshape(self._shapes[name]) for name, flat in self._simulation.weights.items()}

    def state(self) -> Arrays:
        """Return a copy of all that decides how it goes on."""
        return self._simulation.state()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        self._simulation.restore(state)


MEMORY_ENGINES: dict[str, Callable[[MemoryNetwork], MemoryEngine]] = {
    "discrete": partial(Continuing, address="neurosim.engines.vectorised.engine:DiscreteSimulation"),
    "brian2": partial(Continuing, address="neurosim.engines.brian2.piecewise:Brian2Simulation"),
}
"""Engines of a memory by name."""


def _shapes(network: Network) -> dict[str, tuple[int, int]]:
    joined = {p.name: p for p in network.projections}
    ends = {name: (joined[name].pre, joined[name].post) for name in (STORE, INDEX)}
    return {name: (network.population(pre).size, network.population(post).size) for name, (pre, post) in ends.items()}
