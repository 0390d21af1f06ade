"""Networks of discrete-time neurons in one compiled loop, driven by spikes: the engine ``discrete``.

It does what the Brian2 engine does with `DiscreteLIF` and `PairSTDP`, spike for spike. Weights after learning differ
in the last bits only, since sums are taken in another order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engines.vectorised.loop import State, advance
from neurosim.engines.vectorised.state import check_range, checked_state
from neurosim.engines.vectorised.tables import tables
from neurosim.network import Network
from neurosim.neurons import SpikeSource
from neurosim.run import Run, response_latency, versions
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, unknown_name
from spice_models.results import SpikeTrains

Integers = NDArray[np.int64]


def run(network: Network, stimulus: Stimulus, *, record: Sequence[str] = ("spikes",), seed: int = 0) -> Run:
    """Run one stimulus; nothing is random, so ``seed`` is only noted, and only spikes can be recorded."""
    for wanted in record:
        if wanted != "spikes":
            raise unknown_name("variable to record", wanted, ["spikes"], " (the engine brian2 records the others)")
    simulation = DiscreteSimulation(network)
    simulation.advance(stimulus)
    spikes = {
        p.name: stimulus.spikes.get(p.name, _silent(p.size, stimulus.duration))
        if isinstance(p.neuron, SpikeSource)
        else simulation.spikes(p.name)
        for p in network.populations
    }
    details: dict[str, Any] = {"dt": simulation.step}
    if simulation.weights:
        details["final_weights"] = simulation.weights
    return Run(
        network=network.name,
        level="architecture",
        engine="discrete",
        duration=stimulus.duration,
        spikes=spikes,
        latency=response_latency(network, spikes),
        seed=seed,
        versions=versions("numba"),
        details=details,
    )


class DiscreteSimulation:
    """A network that is advanced piece by piece and whose state can be taken out and put back.

    Parameters
    ----------
    network : Network
        Of `DiscreteLIF` and `SpikeSource`; plastic projections with `PairSTDP` and one delay each.

    Raises
    ------
    EngineError, DescriptionError
        For a network that this engine cannot run.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._tables = tables(network)
        n, slots, rules = self._tables.n, self._tables.slots, len(self._tables.plastic_names)
        self._next = 0
        # a step may bring several spikes of one source
        self._state = State(
            v=self._tables.start.copy(),
            i_exc=np.zeros(n),
            i_inh=np.zeros(n),
            hold=np.zeros(n, dtype=np.int64),
            arriving_exc=np.zeros((slots, n)),
            arriving_inh=np.zeros((slots, n)),
            emitted=np.zeros((slots, n), dtype=np.int64),
            counts=np.zeros(slots, dtype=np.int64),
            x=np.zeros((rules, n)),
            y=np.zeros((rules, n)),
            weights=self._tables.weights.copy(),
        )
        self._seen: tuple[Integers, Integers] = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        self._first, self._duration = 0, 0.0

    @property
    def step(self) -> float:
        """Length of a step [s]."""
        return self._tables.step

    @property
    def time(self) -> float:
        """Time simulated so far [s]."""
        return self._next * self.step

    def advance(self, stimulus: Stimulus) -> None:
        """Go on for the duration of a stimulus, whose times count from now."""
        n_steps = math.ceil(stimulus.duration / self.step - 1e-6)
        steps, neurons = self._inputs(stimulus, n_steps)
        widest = int(np.bincount(steps, minlength=1).max(initial=0)) + self._tables.n
        if widest > self._state.emitted.shape[1]:
            wider = np.zeros((self._state.counts.size, widest), dtype=np.int64)
            wider[:, : self._state.emitted.shape[1]] = self._state.emitted
            self._state = self._state._replace(emitted=wider)
        first = np.searchsorted(steps, np.arange(n_steps + 1)).astype(np.int64)
        # chosen: room for a thousand spikes beyond what one step can bring
        room = self._tables.n + 1000
        found: list[tuple[Integers, Integers]] = []
        self._first, self._duration = self._next, stimulus.duration
        end = self._next + n_steps
        while self._next < end:
            out_step, out_neuron = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
            done, written = advance(
                self._next,
                end,
                first[self._next - self._first :],
                neurons,
                self._tables.cells,
                self._tables.fixed,
                self._tables.uniform,
                self._tables.plastic,
                self._state,
                out_step,
                out_neuron,
            )
            found.append((out_step[:written], out_neuron[:written]))
            self._next, room = done, 2 * room
        empty = np.empty(0, dtype=np.int64)
        self._seen = (
            np.concatenate([empty, *(part for part, _ in found)]),
            np.concatenate([empty, *(part for _, part in found)]),
        )

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of a population of neurons in the last call of `advance`, in its time."""
        offset, size = self._tables.offsets[population], self.network.population(population).size
        steps, neurons = self._seen
        mine = (neurons >= offset) & (neurons < offset + size)
        times = (steps[mine] - self._first).astype(np.float64) * self.step
        inside = times <= self._duration
        return SpikeTrains(times=times[inside], indices=neurons[mine][inside] - offset, n=size, duration=self._duration)

    @property
    def weights(self) -> dict[str, NDArray[np.float64]]:
        """Weights of each plastic projection now, in the order of its `Connections`."""
        found, first = {}, 0
        for name in self._tables.plastic_names:
            size = next(p for p in self.network.projections if p.name == name).connections.pre.size
            found[name] = self._state.weights[first : first + size].copy()
            first += size
        return found

    def state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that decides how it goes on."""
        return {"next": np.array(self._next), **{name: a.copy() for name, a in self._state._asdict().items()}}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state that `state` returned.

        Raises
        ------
        DescriptionError
            For what cannot be a state of this network: names, shapes, types, values that are not finite or no neuron.
        """
        own, whose = self._state._asdict(), f"network {self.network.name!r} on the engine discrete"
        slots, n = self._state.counts.size, self._tables.n
        # the list of spikes is as wide as the input made it
        checked = checked_state(state, {"next": np.array(self._next), **own}, whose, free={"emitted": (slots, None)})
        width = checked["emitted"].shape[1]
        if width < n:
            raise DescriptionError(f"a state of {whose} needs 'emitted' of at least {n} columns, got {width}")
        check_range("emitted", checked["emitted"], 0, n - 1, whose)
        check_range("counts", checked["counts"], 0, width, whose)
        for name in ("hold", "next"):
            check_range(name, checked[name], 0, np.inf, whose)
        self._next = int(checked.pop("next"))
        self._state = State(**checked)

    def _inputs(self, stimulus: Stimulus, n_steps: int) -> tuple[Integers, Integers]:
        steps, neurons = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        learning = {p.pre for p in self.network.projections if p.plasticity is not None}
        for name, trains in stimulus.spikes.items():
            at = np.rint(trains.times / self.step).astype(np.int64)
            pairs = np.stack((at, trains.indices))
            if name in learning and np.unique(pairs, axis=1).shape[1] < at.size:
                raise DescriptionError(
                    f"a projection from {name!r} learns, so none of its neurons may have two spikes within one step "
                    f"of {self.step:g} s"
                )
            steps.append(at)
            neurons.append(trains.indices + self._tables.offsets[name])
        step, neuron = np.concatenate(steps), np.concatenate(neurons)
        inside = step < n_steps
        order = np.lexsort((neuron[inside], step[inside]))
        return step[inside][order], neuron[inside][order]


def _silent(n: int, duration: float) -> SpikeTrains:
    return SpikeTrains(times=np.empty(0), indices=np.empty(0, dtype=np.int64), n=n, duration=duration)
