"""What goes into a network in one simulation, and how two stimuli become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from neurosim.neurons import SpikeSource
from neurosim.quantities import si
from spice_models.errors import DescriptionError
from spice_models.results import SpikeTrains, Traces

if TYPE_CHECKING:
    from neurosim.network import Network


@dataclass(frozen=True, kw_only=True, eq=False)
class Stimulus:
    """Spikes and currents for one simulation; two are merged with ``|``.

    Parameters
    ----------
    spikes : mapping of str to SpikeTrains
        Population of `SpikeSource` to its spikes. A source that is not named is silent.
    currents : mapping of str to Traces
        Population to its input current, one channel for all its neurons or one a neuron, in the unit of the neuron
        model. Sample k holds from ``start + k dt`` to ``start + (k + 1) dt``; zero before the first and after the
        last.
    duration : float
        Length of the simulation [s].

    Raises
    ------
    DescriptionError
        For a duration that is not positive and finite, and for spikes after the end.
    """

    duration: float
    spikes: Mapping[str, SpikeTrains] = field(default_factory=dict)
    currents: Mapping[str, Traces] = field(default_factory=dict)

    def __post_init__(self) -> None:
        duration = si(self.duration, "second", "duration")
        if not 0 < duration < np.inf:
            raise DescriptionError(f"duration must be positive and finite [s], got {duration}")
        object.__setattr__(self, "duration", duration)
        object.__setattr__(self, "spikes", dict(self.spikes))
        object.__setattr__(self, "currents", dict(self.currents))
        for name, trains in self.spikes.items():
            if trains.times.size and trains.times[-1] > duration:
                raise DescriptionError(
                    f"population {name!r} has a spike at {trains.times[-1]:g} s, after the end at {duration:g} s"
                )
        for name, trace in self.currents.items():
            if not np.all(np.isfinite(trace.values)):
                raise DescriptionError(f"the current into population {name!r} holds NaN or infinity")

    def __or__(self, other: Stimulus) -> Stimulus:
        return merge(self, other)

    def shifted(self, by: float) -> Stimulus:
        """Return the same stimulus ``by`` [s] later, with silence before it; the duration grows by as much."""
        if by < 0:
            raise DescriptionError(f"a stimulus is shifted to later times only, got {by:g} s")
        duration = self.duration + by
        spikes = {
            name: SpikeTrains(times=trains.times + by, indices=trains.indices, n=trains.n, duration=duration)
            for name, trains in self.spikes.items()
        }
        currents = {
            name: Traces(values=trace.values, dt=trace.dt, names=trace.names, units=trace.units, start=trace.start + by)
            for name, trace in self.currents.items()
        }
        return Stimulus(duration=duration, spikes=spikes, currents=currents)

    def check(self, network: Network) -> None:
        """Refuse a stimulus that does not fit ``network``.

        Raises
        ------
        UnknownNameError
            For a population that the network does not have.
        DescriptionError
            For spikes of a population that is not a source, currents into one that takes none, and wrong sizes.
        """
        for name, trains in self.spikes.items():
            population = network.population(name)
            if not isinstance(population.neuron, SpikeSource):
                sources = ", ".join(p.name for p in network.inputs) or "none"
                raise DescriptionError(
                    f"population {name!r} of {type(population.neuron).__name__} takes no spikes from a stimulus, "
                    f"only sources do; available: {sources}"
                )
            if trains.n != population.size:
                raise DescriptionError(
                    f"the stimulus has {trains.n} spike trains for population {name!r} of {population.size} neurons"
                )
        for name, trace in self.currents.items():
            population = network.population(name)
            if not population.neuron.accepts_current:
                raise DescriptionError(
                    f"population {name!r} of {type(population.neuron).__name__} has no input current"
                )
            if len(trace.values) not in (1, population.size):
                raise DescriptionError(
                    f"the current into population {name!r} has {len(trace.values)} channels for {population.size} "
                    "neurons; give one for all or one a neuron"
                )

    def __repr__(self) -> str:
        spikes = [f"{name}: {trains.times.size} spikes" for name, trains in self.spikes.items()]
        currents = [f"{name}: current" for name in self.currents]
        return f"Stimulus({self.duration:g} s; {', '.join(spikes + currents) or 'silent'})"


def merge(*stimuli: Stimulus) -> Stimulus:
    """Overlay stimuli: all their spikes and currents at once, as long as the longest.

    Raises
    ------
    DescriptionError
        If two give the same population different sizes, or a current each.
    """
    if not stimuli:
        raise DescriptionError("there is nothing to merge")
    duration = max(stimulus.duration for stimulus in stimuli)
    parts: dict[str, list[SpikeTrains]] = {}
    flowing: dict[str, Traces] = {}
    for stimulus in stimuli:
        for name, trains in stimulus.spikes.items():
            parts.setdefault(name, []).append(trains)
        for name, trace in stimulus.currents.items():
            if name in flowing:
                raise DescriptionError(f"two of the stimuli give population {name!r} a current: add the samples first")
            flowing[name] = trace
    spikes = {}
    for name, found in parts.items():
        sizes = {trains.n for trains in found}
        if len(sizes) > 1:
            raise DescriptionError(f"the stimuli give population {name!r} different sizes: {sorted(sizes)}")
        spikes[name] = SpikeTrains(
            times=np.concatenate([trains.times for trains in found]),
            indices=np.concatenate([trains.indices for trains in found]),
            n=found[0].n,
            duration=duration,
        )
    return Stimulus(duration=duration, spikes=spikes, currents=flowing)


def sequence(stimuli: Sequence[Stimulus], *, gap: float = 0.0) -> Stimulus:
    """Play stimuli one after another with ``gap`` [s] of silence between them.

    Only one of them may give a population a current.
    """
    placed = []
    start = 0.0
    for stimulus in stimuli:
        placed.append(stimulus.shifted(start))
        start += stimulus.duration + gap
    return merge(*placed)
