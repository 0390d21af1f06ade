"""How a `HippocampalMemory` plays spikes to its network: piece by piece, or in one Brian2 run a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosim.models.hippocampal_cam import INDEX, STORE
from neurosim.network import Network
from neurosim.run import Run
from neurosim.simulate import simulate
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


class Continuing:
    """The engine ``discrete``, kept as it is between calls."""

    def __init__(self, make: MemoryNetwork) -> None:
        from neurosim.engines.vectorised import DiscreteSimulation

        network = make()
        self._simulation = DiscreteSimulation(network)
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


class Restarting:
    """Brian2, in one run a call from the learned weights."""

    def __init__(self, make: MemoryNetwork) -> None:
        self._make = make
        self._weights = {name: np.zeros(shape) for name, shape in _shapes(make()).items()}
        self._run: Run | None = None

    def play(self, inputs: SpikeTrains) -> SpikeTrains:
        """Run these spikes of IN for their duration from rest; returns those of OUT."""
        given = Stimulus(duration=inputs.duration, spikes={"IN": inputs})
        self._run = simulate(self._make(weights=self._weights), given, engine="brian2")
        learned = self._run.details["final_weights"]
        self._weights = {name: np.asarray(learned[name]).reshape(own.shape) for name, own in self._weights.items()}
        return self._run.of("OUT")

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of a population in the last call of `play`."""
        if self._run is None:
            raise DescriptionError("nothing has been run yet")
        return self._run.of(population)

    @property
    def weights(self) -> dict[str, NDArray[np.float64]]:
        """Weights of the plastic projections as matrices [A]."""
        return {name: own.copy() for name, own in self._weights.items()}

    def state(self) -> Arrays:
        """Return a copy of the weights."""
        return dict(self.weights)

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to weights; raises `DescriptionError` for those of another memory."""
        for name, own in self._weights.items():
            if name not in state or np.shape(state[name]) != own.shape:
                raise DescriptionError(f"a state of this memory on brian2 needs weights {name!r} of shape {own.shape}")
        self._weights = {name: np.array(state[name], dtype=np.float64) for name in self._weights}


MEMORY_ENGINES: dict[str, Callable[[MemoryNetwork], MemoryEngine]] = {"discrete": Continuing, "brian2": Restarting}
"""Engines of a memory by name."""


def _shapes(network: Network) -> dict[str, tuple[int, int]]:
    joined = {p.name: p for p in network.projections}
    ends = {name: (joined[name].pre, joined[name].post) for name in (STORE, INDEX)}
    return {name: (network.population(pre).size, network.population(post).size) for name, (pre, post) in ends.items()}
