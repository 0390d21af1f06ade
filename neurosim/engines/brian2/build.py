"""A `Network` as Brian2 objects, in as many copies side by side as there are stimuli, and its results as `Run`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import brian2
import numpy as np
from numpy.typing import NDArray

from neurosim.engines.brian2.models import builder, synapse_code
from neurosim.engines.brian2.parts import BuiltGroup
from neurosim.engines.brian2.sources import source_events
from neurosim.engines.brian2.stochastic import set_transmission, transmitting
from neurosim.network import Network, Population
from neurosim.neurons import SpikeSource
from neurosim.projection import Projection
from neurosim.run import Run, response_latency, versions
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, unknown_name
from spice_models.results import SpikeTrains, Traces


class BuiltNetwork:
    """Brian2 objects of a network in copies side by side: neuron i of copy k has index ``k * size + i``.

    Parameters
    ----------
    network : Network
    stimuli : sequence of Stimulus
        One a copy.
    dt : float
        Time step [s].
    n_steps : int
        Steps that will be run.
    record : sequence of str
        What to record besides spikes.
    seeds : sequence of int
        One a copy: of what its stochastic synapses pass.
    """

    def __init__(
        self,
        network: Network,
        stimuli: Sequence[Stimulus],
        dt: float,
        n_steps: int,
        record: Sequence[str],
        seeds: Sequence[int],
    ) -> None:
        self.seeds = seeds
        self.network, self.stimuli, self.dt, self.n_steps = network, stimuli, dt, n_steps
        self.clock = brian2.Clock(dt=dt * brian2.second, name="network_clock*")
        self.brian = brian2.Network()
        self.groups = {p.name: self._population(p) for p in network.populations}
        self.monitors = {}
        for name, built in self.groups.items():
            if not isinstance(network.population(name).neuron, SpikeSource):
                self.monitors[name] = brian2.SpikeMonitor(built.group)
        self.brian.add(*self.monitors.values())
        self.synapses = {str(p.name): self._projection(p) for p in network.projections if p.connections.pre.size}
        self.brian.add(*self.synapses.values())
        self.states = {
            f"{name}.{variable}": brian2.StateMonitor(self.groups[name].group, variable, record=True, clock=self.clock)
            for name, variable in self._recorded(record)
        }
        self.brian.add(*self.states.values())

    def _population(self, population: Population) -> BuiltGroup:
        copies = len(self.stimuli)
        if isinstance(population.neuron, SpikeSource):
            return self._source(population)
        built = builder(population.neuron).build(population.neuron, population.size * copies, self.clock)
        self.brian.add(built.group, *built.extras)
        if any(population.name in stimulus.currents for stimulus in self.stimuli):
            if built.current is None:
                raise DescriptionError(
                    f"population {population.name!r} has no variable for its input current; declare it in the "
                    "equations as a parameter and name it with current="
                )
            self.brian.add(self._current(population, built))
        return built

    def _source(self, population: Population) -> BuiltGroup:
        events = source_events(population, self.stimuli, self.dt, self.n_steps)
        n = population.size * len(self.stimuli) * events.layers
        times = events.steps * self.dt * brian2.second
        group = brian2.SpikeGeneratorGroup(n, events.indices, times, clock=self.clock)
        self.brian.add(group)
        return BuiltGroup(group=group, layers=events.layers)

    def _current(self, population: Population, built: BuiltGroup) -> Any:
        variable = built.group.variables[built.current]
        # a copy without a current keeps what its model starts with
        values = np.array(variable.get_value()).reshape(len(self.stimuli), population.size)
        traces = [stimulus.currents.get(population.name) for stimulus in self.stimuli]
        shown: list[int | None] = [None] * len(traces)

        def set_current() -> None:
            now, changed = self.clock.variables["t"].get_value().item(), False
            for k, trace in enumerate(traces):
                if trace is None:
                    continue
                last = trace.values.shape[1]
                # a sample that starts within a millionth of a step of now has started
                sample = min(max(math.floor((now - trace.start) / trace.dt + 1e-6), -1), last)
                if sample != shown[k]:
                    shown[k], changed = sample, True
                    values[k] = trace.values[:, sample] if 0 <= sample < last else 0.0
            if changed:
                variable.set_value(values.ravel())

        return brian2.NetworkOperation(set_current, clock=self.clock, when="before_start")

    def _projection(self, projection: Projection) -> Any:
        pre, post = self.groups[projection.pre], self.groups[projection.post]
        ends = f"projection {projection.name!r} from {projection.pre!r} to {projection.post!r}"
        if projection.plasticity is not None and pre.layers > 1:
            raise DescriptionError(
                f"{ends} learns, so no neuron of {projection.pre!r} may have two spikes within one step of "
                f"{self.dt:g} s: give a smaller dt="
            )
        code = transmitting(synapse_code(projection.plasticity, post, self.dt, ends), projection.synapse)
        joined = projection.connections
        steps = self._delay_steps(joined.delay, pre.emission_delay, ends)
        if post.instant or post.next_update:
            # events are read one step after they were emitted, before the threshold, so one step of delay is spent
            steps = np.maximum(steps - 1, 0)
        one_delay = bool(np.all(steps == steps[0]))
        delays = {"pre": steps[0] * self.dt * brian2.second} if one_delay else {}
        if code.on_post:
            delays["post"] = code.post_delay * brian2.second
        synapses = brian2.Synapses(
            pre.group,
            post.group,
            model=f"w : 1\n{code.model}",
            on_pre=code.on_pre,
            on_post=code.on_post or None,
            namespace=dict(code.namespace),
            delay=delays,
            clock=self.clock,
        )
        n_pre, n_post = (self.network.population(name).size for name in (projection.pre, projection.post))
        repeats = np.arange(len(self.stimuli) * pre.layers)[:, np.newaxis]
        copies = repeats % len(self.stimuli)
        synapses.connect(i=(joined.pre + repeats * n_pre).ravel(), j=(joined.post + copies * n_post).ravel())
        synapses.w_ = np.tile(joined.weight, repeats.size)
        number = [p.name for p in self.network.projections].index(projection.name)
        set_transmission(synapses, projection.synapse, seeds=self.seeds, number=number, per_copy=joined.pre.size)
        if post.instant:
            synapses.pre.when = "before_thresholds"
        if not one_delay:
            synapses.pre.variables["delay"].set_value(np.tile(steps * self.dt, repeats.size))
        if code.configure is not None:
            code.configure(synapses)
        return synapses

    def _delay_steps(self, delays: NDArray[np.float64], emission: float, ends: str) -> NDArray[np.int64]:
        total = delays + emission
        steps: NDArray[np.int64] = np.rint(total / self.dt).astype(np.int64)
        lost = (total > 0) & (steps == 0)
        if np.any(lost):
            raise DescriptionError(
                f"{ends} has a delay of {total[lost].min():g} s, which a step of {self.dt:g} s cannot show: give a "
                "smaller dt="
            )
        return steps

    def _recorded(self, record: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs of population and variable for what the user wants recorded."""
        available = {
            name: sorted(built.group.equations.names)
            for name, built in self.groups.items()
            if hasattr(built.group, "equations")
        }
        everything = [(name, variable) for name, variables in available.items() for variable in variables]
        found = []
        for wanted in record:
            if wanted == "spikes":
                continue
            matching = [pair for pair in everything if wanted in (pair[1], ".".join(pair))]
            if not matching:
                raise unknown_name("variable to record", wanted, ["spikes", *(".".join(pair) for pair in everything)])
            found += [pair for pair in matching if pair not in found]
        return found

    def result(self, k: int, seed: int, target: str) -> Run:
        """Return what copy ``k`` did."""
        stimulus = self.stimuli[k]
        duration = stimulus.duration
        spikes = {p.name: self._spikes(p, k) for p in self.network.populations}
        kept = min(self.n_steps, math.ceil(duration / self.dt - 1e-6))
        traces = {}
        for key, monitor in self.states.items():
            name, variable = key.rsplit(".", 1)
            size = self.network.population(name).size
            values = np.asarray(getattr(monitor, f"{variable}_"))[k * size : (k + 1) * size, :kept]
            unit = _unit_name(self.groups[name].group.variables[variable].dim)
            names = tuple(f"{name}[{i}]" for i in range(size))
            traces[key] = Traces(values=values.copy(), dt=self.dt, names=names, units=(unit,) * size)
        details: dict[str, Any] = {"dt": self.dt, "target": target, "samples_in_run": len(self.stimuli)}
        learned = {
            name: np.asarray(synapses.w_).reshape(len(self.stimuli), -1)[k].copy()
            for name, synapses in self.synapses.items()
            if next(p for p in self.network.projections if p.name == name).plasticity is not None
        }
        if learned:
            details["final_weights"] = learned
        return Run(
            network=self.network.name,
            level="architecture",
            engine="brian2",
            duration=duration,
            spikes=spikes,
            traces=traces,
            latency=response_latency(self.network, spikes),
            seed=seed,
            versions=versions("brian2"),
            details=details,
        )

    def _spikes(self, population: Population, k: int) -> SpikeTrains:
        stimulus, size = self.stimuli[k], population.size
        if population.name not in self.monitors:
            given = stimulus.spikes.get(population.name)
            times = np.empty(0) if given is None else given.times
            indices = np.empty(0, dtype=np.int64) if given is None else given.indices
        else:
            monitor, built = self.monitors[population.name], self.groups[population.name]
            emitted = np.rint(np.asarray(monitor.t_) / self.dt) * self.dt + built.emission_delay
            source = np.asarray(monitor.i, dtype=np.int64) - k * size
            seen = (source >= 0) & (source < size) & (emitted <= stimulus.duration)
            times, indices = emitted[seen], source[seen]
        return SpikeTrains(times=times, indices=indices, n=size, duration=stimulus.duration)


def _unit_name(dimension: Any) -> str:
    return "1" if dimension.is_dimensionless else str(brian2.get_unit(dimension))
