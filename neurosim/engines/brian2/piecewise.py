"""A network of discrete-time neurons in Brian2 that is advanced piece by piece, as `DiscreteSimulation` is.

Brian2's own ``store`` keeps undelivered spikes in a form of its own, as a pickle; here a state is arrays, with the
spikes of the last steps, which are sent again when it is put back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import brian2
import numpy as np
from numpy.typing import NDArray

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.brian2.build import BuiltNetwork
from neurosim.engines.brian2.engine import time_step, untouched_globals
from neurosim.engines.brian2.sources import SourceEvents, source_events
from neurosim.engines.vectorised.state import check_range, checked_state
from neurosim.network import Network, Population
from neurosim.neurons import SpikeSource
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, EngineError
from spice_models.results import SpikeTrains

Integers = NDArray[np.int64]

TARGET = "numpy"

RECENT = ("recent_steps", "recent_populations", "recent_neurons")
"""Spikes that may not have arrived everywhere: steps before now, populations by number, neurons."""


class Brian2Simulation:
    """A network whose state can be taken out and put back.

    Parameters
    ----------
    network : Network
        Of `DiscreteLIF` and `SpikeSource`.

    Raises
    ------
    EngineError
        For other neurons.
    """

    def __init__(self, network: Network) -> None:
        for p in network.populations:
            if not isinstance(p.neuron, DiscreteLIF | SpikeSource):
                raise EngineError(
                    f"cannot go on piece by piece with {type(p.neuron).__name__} of population {p.name!r}; available: "
                    "DiscreteLIF, SpikeSource"
                )
        self.network, self.step = network, time_step(network)
        self._whose = f"network {network.name!r} on the engine brian2"
        with untouched_globals(TARGET, 0):
            self._built = BuiltNetwork(
                network, [Stimulus(duration=self.step, spikes={})], self.step, 1, ("spikes",), [0]
            )
            _adopt(self._built.brian, self._built.brian.objects)
        self._next = self._first = 0
        self._duration = self.step
        self._counts = dict.fromkeys(self._built.monitors, 0)
        delays = [float(p.connections.delay.max(initial=0.0)) for p in network.projections]
        delays += [p.plasticity.post_delay for p in network.projections if p.plasticity is not None]
        self._memory = 1 + math.ceil(max(delays, default=0.0) / self.step - 1e-6)
        self._recent = [np.empty(0, dtype=np.int64)] * 3
        self._seen: dict[str, tuple[Integers, Integers]] = {}

    def advance(self, stimulus: Stimulus) -> None:
        """Go on for the duration of a stimulus, whose times count from now."""
        n_steps = math.ceil(stimulus.duration / self.step - 1e-6)
        given = {p.name: source_events(p, [stimulus], self.step, n_steps) for p in self.network.inputs}
        twice = [name for name, events in given.items() if events.layers > 1]
        if twice:
            raise DescriptionError(
                f"no neuron of {twice[0]!r} may have two spikes within one step of {self.step:g} s when a network goes "
                "on piece by piece in Brian2"
            )
        with untouched_globals(TARGET, 0):
            for name, events in given.items():
                times = (self._next + events.steps) * self.step * brian2.second
                self._built.groups[name].group.set_spikes(events.indices, times, sorted=True)
            self._built.brian.run(n_steps * self.step * brian2.second, namespace={})
        self._first, self._duration = self._next, stimulus.duration
        self._next += n_steps
        self._seen = {p.name: self._new_spikes(p, given) for p in self.network.populations}
        self._remember()

    def _new_spikes(self, population: Population, given: Mapping[str, SourceEvents]) -> tuple[Integers, Integers]:
        """Steps since the first one of this piece, and neurons."""
        if population.name in given:
            return given[population.name].steps, given[population.name].indices
        monitor, before = self._built.monitors[population.name], self._counts[population.name]
        times, neurons = np.asarray(monitor.t_), np.asarray(monitor.i)
        self._counts[population.name] = times.size
        steps = np.rint((times[before:]) / self.step).astype(np.int64) - self._first
        return steps, neurons[before:].astype(np.int64)

    def _remember(self) -> None:
        ended, length = self._next - self._first, self._memory
        ago, populations, neurons = ([part] for part in self._recent)
        ago[0] = ago[0] + ended
        for number, (steps, indices) in enumerate(self._seen.values()):
            ago.append(ended - steps)
            populations.append(np.full(steps.size, number, dtype=np.int64))
            neurons.append(indices)
        columns = np.stack([np.concatenate(part) for part in (ago, populations, neurons)])
        self._recent = list(columns[:, columns[0] <= length])

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of a population in the last call of `advance`, in its time."""
        size, none = self.network.population(population).size, np.empty(0, dtype=np.int64)
        steps, neurons = self._seen.get(population, (none, none))
        times = steps.astype(np.float64) * self.step
        inside = times <= self._duration
        return SpikeTrains(times=times[inside], indices=neurons[inside], n=size, duration=self._duration)

    @property
    def weights(self) -> dict[str, NDArray[np.float64]]:
        """Weights of each plastic projection now, in the order of its `Connections`."""
        return {
            str(p.name): np.array(self._built.synapses[str(p.name)].w_)
            for p in self.network.projections
            if p.plasticity is not None and p.connections.pre.size
        }

    def _variables(self) -> dict[str, tuple[Any, str]]:
        """Owner and name of each Brian2 variable that belongs to the state."""
        found: dict[str, tuple[Any, str]] = {}
        for name, built in self._built.groups.items():
            if name in self._built.monitors:
                found |= {f"{name}.{v}": (built.group, v) for v in sorted(built.group.equations.names)}
        for p in self.network.projections:
            if p.plasticity is not None and p.connections.pre.size:
                synapses = self._built.synapses[str(p.name)]
                names = {*synapses.equations.names, *synapses.event_driven.names, "lastupdate"}
                found |= {f"{p.name}.{v}": (synapses, v) for v in sorted(names)}
        return found

    def state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that decides how it goes on; times in it count back from now."""
        now = self._next * self.step
        found: dict[str, NDArray[Any]] = {}
        for key, (owner, name) in self._variables().items():
            values = np.array(owner.variables[name].get_value())
            found[key] = now - values if name == "lastupdate" else values
        return {**found, **{name: part.copy() for name, part in zip(RECENT, self._recent, strict=True)}}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state that `state` returned; raises `DescriptionError` for what cannot be one."""
        checked = checked_state(state, self.state(), self._whose, free=dict.fromkeys(RECENT, (None,)))
        recent = [checked[name] for name in RECENT]
        if len({part.size for part in recent}) > 1:
            raise DescriptionError(f"a state of {self._whose} holds {', '.join(RECENT)} of different lengths")
        sizes = np.array([p.size for p in self.network.populations])
        check_range(RECENT[0], recent[0], 1, self._memory, self._whose)
        check_range(RECENT[1], recent[1], 0, sizes.size - 1, self._whose)
        nobody = recent[2][(recent[2] < 0) | (recent[2] >= sizes[recent[1]])]
        if nobody.size:
            raise DescriptionError(
                f"a state of {self._whose} holds {RECENT[2]!r} with {nobody[0]}, which its population does not have"
            )
        now = self._next * self.step
        for key, (owner, name) in self._variables().items():
            owner.variables[name].set_value(now - checked[key] if name == "lastupdate" else checked[key])
        self._recent = recent
        for p in self.network.projections:
            if p.connections.pre.size:
                self._send_again(p.pre, self._built.synapses[str(p.name)].pre)
                if p.plasticity is not None:
                    self._send_again(p.post, self._built.synapses[str(p.name)].post)

    def _send_again(self, population: str, pathway: Any) -> None:
        """Let a pathway of synapses know the recent spikes of a population, and no others."""
        number = [p.name for p in self.network.populations].index(population)
        ago, populations, neurons = self._recent
        pathway.initialise_queue()
        for _ in range(self._memory + 1):
            pathway.queue.advance()
        for step in range(self._memory, 0, -1):
            spiking = np.sort(neurons[(ago == step) & (populations == number)]).astype(np.int32)
            if spiking.size:
                pathway.queue.push(spiking)
            pathway.queue.advance()


def _adopt(network: Any, members: Any) -> None:
    """Let Brian2 know now what a first run would tell it, so that it does not warn of a network that never ran."""
    for member in members:
        member._network = network.id
        _adopt(network, member.contained_objects)
