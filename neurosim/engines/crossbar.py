"""The behavioral level of resistive crossbars: in each time step, spikes are read through the arrays of a projection.

Populations are those of `LIF`, in steps of ``dt``. Step k, in the order of Brian2's schedule:

1. neurons that are not refractory: ``v <- v_inf + (v - v_inf) exp(-dt / tau)``, ``v_inf = rest + resistance I``, exact
   for a current that is constant over the step;
2. ``v > threshold``: a spike at ``k dt``;
3. spikes of step ``k - d``, with the delay of ``d`` steps, are read through the crossbars of their projection, and what
   these deliver is added to v, except where a neuron is refractory;
4. neurons that spiked: ``v <- reset``, refractory for ``refractory / dt`` steps.

A read takes place where at least one word line has a spike, so that an offset of the converters does not add up in
silence. Several spikes of a source in one step are as many reads. With ideal hardware the result is Brian2's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.rram.layer import CrossbarHardware, CrossbarLayer
from neurosim.mapping.rram import Hardware, delay_of, dense_weights, place_layers
from neurosim.network import Network, Population
from neurosim.neurons import LIF, SpikeSource
from neurosim.quantities import si
from neurosim.run import Run, response_latency, versions
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, EngineError, unknown_name
from spice_models.results import SpikeTrains, Traces

Floats = NDArray[np.float64]

MOST_STEPS = 10_000_000
"""More are a step meant for another kind of neuron [chosen]."""


def run(
    network: Network,
    stimulus: Stimulus,
    *,
    record: Sequence[str] = ("spikes",),
    seed: int = 0,
    dt: float | None = None,
    hardware: Hardware | None = None,
) -> Run:
    """Run one stimulus.

    Parameters
    ----------
    network, stimulus
        What to run: sources and `LIF` populations.
    record : sequence of str
        ``"spikes"`` (always recorded), ``"v"`` or ``"population.v"``: the state at the start of each step.
    seed : int
        Of what is written into the cells, and of the noise of reads.
    dt : float or None
        Time step [s]; None takes the smallest of 0.1 ms, a twentieth of each ``tau``, and the delays.
    hardware : CrossbarHardware or mapping of str to CrossbarHardware, optional
        For all projections or those named, the others being ideal; ideal crossbars if not given.
    """
    _check(network)
    wanted = _recorded(network, record)
    step = _time_step(network) if dt is None else si(dt, "second", "dt")
    if not 0 < step < math.inf:
        raise DescriptionError(f"dt must be positive and finite [s], got {step}")
    n_steps = math.ceil(stimulus.duration / step - 1e-6)
    if n_steps > MOST_STEPS:
        raise EngineError(f"{n_steps:.3g} steps of {step:g} s are too many: shorten the stimulus or give a larger dt=")
    layers = place_layers(network, hardware=CrossbarHardware() if hardware is None else hardware, seed=seed)
    paths = [_path(network, number, layers, step) for number in range(len(network.projections))]
    cells = {p.name: _Cells(p, p.neuron, stimulus, step) for p in network.populations if isinstance(p.neuron, LIF)}
    given = {p.name: _arrivals(p, stimulus, step, n_steps) for p in network.inputs}
    # Spikes of the last steps, as many as the longest delay needs.
    longest = 1 + max((path.delay for path in paths), default=0)
    past: dict[str, NDArray[np.int64]] = {
        p.name: np.zeros((longest, p.size), dtype=np.int64) for p in network.populations
    }
    seen = {name: np.zeros((network.population(name).size, n_steps)) for name in wanted}
    for k in range(n_steps):
        for name, values in seen.items():
            values[:, k] = cells[name].v
        for name, rows in past.items():
            rows[k % longest] = cells[name].advance(k) if name in cells else given[name].get(k, 0)
        for path in paths:
            path.deliver(past[path.pre][(k - path.delay) % longest] if k >= path.delay else None, cells[path.post])
        for population in cells.values():
            population.reset()
    spikes = {p.name: _spikes(p, cells, stimulus, step) for p in network.populations}
    return Run(
        network=network.name,
        level="behavioral",
        engine="crossbar",
        duration=stimulus.duration,
        spikes=spikes,
        traces={f"{name}.v": _trace(name, values, step) for name, values in seen.items()},
        latency=response_latency(network, spikes),
        seed=seed,
        versions=versions("scipy", "numba"),
        details={"dt": step, "reads": {path.name: path.reads for path in paths}},
    )


class _Cells:
    """The neurons of one population."""

    def __init__(self, population: Population, neuron: LIF, stimulus: Stimulus, dt: float) -> None:
        self._neuron, self._dt, self._current = neuron, dt, stimulus.currents.get(population.name)
        self._kept = math.exp(-dt / neuron.tau)
        # Rounded as Brian2 does, which allows for a thousandth of a step.
        self._held = int((neuron.refractory + 1e-3 * dt) / dt)
        self.v = np.full(population.size, neuron.rest if neuron.initial is None else neuron.initial)
        self._last = np.full(population.size, -(2**62), dtype=np.int64)
        self.free = np.ones(population.size, dtype=bool)
        self._fired = np.zeros(population.size, dtype=bool)
        self.times: list[NDArray[np.int64]] = []
        self.indices: list[NDArray[np.int64]] = []

    def advance(self, k: int) -> NDArray[np.int64]:
        """Take step ``k`` up to the threshold; returns who spiked."""
        neuron = self._neuron
        final = neuron.rest + neuron.resistance * self._drive(k * self._dt)
        self.free = k - self._last >= self._held
        self.v = np.where(self.free, final + (self.v - final) * self._kept, self.v)
        self._fired = self.free & (self.v > neuron.threshold)
        self._last[self._fired] = k
        if neuron.refractory > 0:
            self.free = self.free & ~self._fired
        (who,) = np.nonzero(self._fired)
        self.times.append(np.full(who.size, k))
        self.indices.append(who)
        return self._fired.astype(np.int64)

    def add(self, delivered: Floats) -> None:
        """Take up what arrives."""
        self.v = np.where(self.free, self.v + delivered, self.v)

    def reset(self) -> None:
        """End the step."""
        self.v = np.where(self._fired, self._neuron.reset, self.v)

    def _drive(self, now: float) -> Floats | float:
        trace = self._current
        if trace is None:
            return 0.0
        sample = math.floor((now - trace.start) / trace.dt + 1e-6)
        return np.asarray(trace.values[:, sample]) if 0 <= sample < trace.values.shape[1] else 0.0


@dataclass(kw_only=True)
class _Path:
    """One projection: its crossbars, or its weights where it has none."""

    name: str
    pre: str
    delay: int
    post: str
    layer: CrossbarLayer | None
    weights: Floats
    reads: int = 0

    def deliver(self, counts: NDArray[np.int64] | None, to: _Cells) -> None:
        """Read the spikes of one step, once for each spike that the busiest line has."""
        while counts is not None and np.any(counts > 0):
            lines = (counts > 0).astype(float)
            to.add(lines @ self.weights if self.layer is None else self.layer(lines))
            self.reads += 1
            counts = counts - 1


def _path(network: Network, number: int, layers: dict[str, CrossbarLayer], dt: float) -> _Path:
    projection = network.projections[number]
    delay = delay_of(projection)
    steps = round(delay / dt)
    if delay > 0 and steps == 0:
        raise DescriptionError(
            f"projection {projection.name!r} has a delay of {delay:g} s, which a step of {dt:g} s cannot show: give a "
            "smaller dt="
        )
    name = str(projection.name)
    weights = dense_weights(network, projection)
    return _Path(
        name=name, pre=projection.pre, post=projection.post, delay=steps, layer=layers.get(name), weights=weights
    )


def _check(network: Network) -> None:
    for population in network.populations:
        if not isinstance(population.neuron, LIF | SpikeSource):
            raise EngineError(
                f"the crossbar engine cannot run {type(population.neuron).__name__} (population {population.name!r}); "
                "available: LIF, SpikeSource"
            )


def _time_step(network: Network) -> float:
    wanted = [p.neuron.tau / 20 for p in network.populations if isinstance(p.neuron, LIF)]
    wanted += [delay for p in network.projections if (delay := delay_of(p)) > 0]
    return min([1e-4, *wanted])


def _recorded(network: Network, record: Sequence[str]) -> list[str]:
    names = [p.name for p in network.populations if isinstance(p.neuron, LIF)]
    found: list[str] = []
    for wanted in record:
        if wanted == "spikes":
            continue
        matching = [name for name in names if wanted in ("v", f"{name}.v")]
        if not matching:
            raise unknown_name("variable to record", wanted, ["spikes", "v", *(f"{name}.v" for name in names)])
        found += [name for name in matching if name not in found]
    return found


def _arrivals(population: Population, stimulus: Stimulus, dt: float, n_steps: int) -> dict[int, NDArray[np.int64]]:
    """Spikes of each source in each step that has any."""
    trains = stimulus.spikes.get(population.name)
    found: dict[int, Any] = {}
    if trains is not None:
        for k, i in zip(np.rint(trains.times / dt).astype(np.int64).tolist(), trains.indices, strict=True):
            if k < n_steps:
                found.setdefault(k, np.zeros(population.size, dtype=np.int64))[i] += 1
    return found


def _spikes(population: Population, cells: dict[str, _Cells], stimulus: Stimulus, dt: float) -> SpikeTrains:
    size, duration = population.size, stimulus.duration
    if population.name not in cells:
        nothing = SpikeTrains(times=np.empty(0), indices=np.empty(0, dtype=np.int64), n=size, duration=duration)
        return stimulus.spikes.get(population.name, nothing)
    own = cells[population.name]
    times = np.concatenate(own.times).astype(np.float64) * dt
    indices = np.concatenate(own.indices)
    return SpikeTrains(times=times, indices=indices, n=size, duration=duration)


def _trace(name: str, values: Floats, dt: float) -> Traces:
    return Traces(
        values=values, dt=dt, names=tuple(f"{name}[{i}]" for i in range(len(values))), units=("1",) * len(values)
    )
