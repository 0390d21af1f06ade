"""The behavioral level of resistive crossbars: in each time step, spikes are read through the arrays of a projection.

Populations are those of `LIF` and `DiscreteLIF`, in steps of ``dt``. Step k, in the order of Brian2's schedule:

1. neurons advance to the threshold: `LIF` that are not refractory by ``v <- v_inf + (v - v_inf) exp(-dt / tau)``,
   ``v_inf = rest + resistance I``, exact for a current that is constant over the step; `DiscreteLIF` by its own update;
2. who reached the threshold spikes at ``k dt``;
3. spikes are read through the crossbars of their projection, and what these deliver is taken up: by `LIF` at the end of
   the step in which the delay ends, added to v except where a neuron is refractory; by `DiscreteLIF` in the update of
   that step, so that the shortest delay is one step;
4. `LIF` that spiked: ``v <- reset``, refractory for ``refractory / dt`` steps.

A read takes place where at least one word line has a spike, so that an offset of the converters does not add up in
silence. Several spikes of a source in one step are as many reads. Projections without a crossbar have their exact
weights. With ideal hardware the result is Brian2's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.cost import ComponentCosts
from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from hardware.rram.layers.layer import CrossbarLayer
from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.crossbar_cells import CELLS, Cells
from neurosim.engines.crossbar_paths import paths_of
from neurosim.mapping.rram import Hardware, place_layers
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
    layers: Mapping[str, CrossbarLayer] | None = None,
    costs: ComponentCosts | None = None,
) -> Run:
    """Run one stimulus.

    The energy of the run is that of all reads: arrays, drivers of one bit, and converters where the ADC has bits
    (`hardware.rram.layers.read_energy`); ``details["energy"]`` splits it by projection and part [J]. Neurons,
    projections without a crossbar, and writing are not counted.

    Parameters
    ----------
    network, stimulus
        What to run: sources, `LIF` and `DiscreteLIF`; no projection learns.
    record : sequence of str
        ``"spikes"`` (always recorded), ``"v"`` or ``"population.v"``: the state at the start of each step.
    seed : int
        Of what is written into the cells, and of the noise of reads.
    dt : float or None
        Time step [s]; None takes the step of `DiscreteLIF`, else the smallest of 0.1 ms, a twentieth of each ``tau``,
        and the delays.
    hardware : CrossbarHardware or mapping of str to CrossbarHardware, optional
        For all projections or those named, the others having exact weights; ideal crossbars if not given.
    layers : mapping of str to CrossbarLayer, optional
        In place of ``hardware``: layers that are written already, by name of their projection, such as
        `neurosim.mapping.rram.place_layers` returns. The same arrays then serve several runs, and noise goes on.
    costs : ComponentCosts, optional
        Of drivers and converters, and the time of a read; `ComponentCosts()` if not given.

    Raises
    ------
    EngineError
        For other neurons, and projections that learn or are on other hardware.
    DescriptionError
        For steps and delays that do not fit each other, and what `neurosim.place` refuses.
    """
    _check(network)
    wanted = _recorded(network, record)
    step = _time_step(network) if dt is None else si(dt, "second", "dt")
    if not 0 < step < math.inf:
        raise DescriptionError(f"dt must be positive and finite [s], got {step}")
    n_steps = math.ceil(stimulus.duration / step - 1e-6)
    if n_steps > MOST_STEPS:
        raise EngineError(f"{n_steps:.3g} steps of {step:g} s are too many: shorten the stimulus or give a larger dt=")
    if layers is None:
        layers = place_layers(network, hardware=CrossbarHardware() if hardware is None else hardware, seed=seed)
    elif hardware is not None:
        raise DescriptionError("give hardware= to write crossbars or layers= that are written, not both")
    paths = paths_of(network, layers, step, costs)
    cells: dict[str, Cells] = {
        p.name: CELLS[type(p.neuron)](p, stimulus, step) for p in network.populations if type(p.neuron) in CELLS
    }
    given = {p.name: _arrivals(p, stimulus, step, n_steps) for p in network.inputs}
    # Spikes of the last steps, as many as the longest delay needs; None where there are none.
    longest = 1 + max((path.lag for path in paths), default=0)
    past: dict[str, list[NDArray[np.int64] | None]] = {p.name: [None] * longest for p in network.populations}
    fired: dict[str, list[tuple[int, NDArray[np.int64]]]] = {name: [] for name in cells}
    seen = {name: np.zeros((network.population(name).size, n_steps)) for name in wanted}
    for k in range(n_steps):
        for name, values in seen.items():
            values[:, k] = cells[name].v
        for name, population in cells.items():
            who = population.advance(k)
            spiked = bool(who.any())
            past[name][k % longest] = who.astype(np.int64) if spiked else None
            if spiked:
                fired[name].append((k, np.flatnonzero(who)))
        for name, arriving in given.items():
            past[name][k % longest] = arriving.get(k)
        for path in paths:
            counts = past[path.pre][(k - path.lag) % longest] if k >= path.lag else None
            if counts is not None:
                path.deliver(counts, cells[path.post])
        for population in cells.values():
            population.finish()
    spikes = {p.name: _spikes(p, fired, stimulus, step) for p in network.populations}
    on_crossbars = [path for path in paths if path.meter is not None]
    return Run(
        network=network.name,
        level="behavioral",
        engine="crossbar",
        duration=stimulus.duration,
        spikes=spikes,
        traces={f"{name}.v": _trace(name, values, step) for name, values in seen.items()},
        energy=sum(path.meter.energy for path in on_crossbars if path.meter) if on_crossbars else None,
        latency=response_latency(network, spikes),
        seed=seed,
        versions=versions("scipy", "numba"),
        details={
            "dt": step,
            "reads": {path.name: path.reads for path in on_crossbars},
            "energy": {path.name: path.meter.parts for path in on_crossbars if path.meter},
        },
    )


def _check(network: Network) -> None:
    for population in network.populations:
        if type(population.neuron) not in (*CELLS, SpikeSource):
            raise EngineError(
                f"the crossbar engine cannot run {type(population.neuron).__name__} (population {population.name!r}); "
                f"available: {', '.join(kind.__name__ for kind in CELLS)}, SpikeSource"
            )


def _time_step(network: Network) -> float:
    exact = [p.neuron.step for p in network.populations if isinstance(p.neuron, DiscreteLIF)]
    if exact:
        return exact[0]
    wanted = [p.neuron.tau / 20 for p in network.populations if isinstance(p.neuron, LIF)]
    wanted += [float(delay) for p in network.projections for delay in np.unique(p.connections.delay) if delay > 0]
    return min([1e-4, *wanted])


def _recorded(network: Network, record: Sequence[str]) -> list[str]:
    names = [p.name for p in network.populations if type(p.neuron) in CELLS]
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


def _spikes(
    population: Population, fired: dict[str, list[tuple[int, NDArray[np.int64]]]], stimulus: Stimulus, dt: float
) -> SpikeTrains:
    size, duration = population.size, stimulus.duration
    nothing = SpikeTrains(times=np.empty(0), indices=np.empty(0, dtype=np.int64), n=size, duration=duration)
    if population.name not in fired:
        return stimulus.spikes.get(population.name, nothing)
    own = fired[population.name]
    if not own:
        return nothing
    times = np.concatenate([np.full(who.size, k * dt) for k, who in own])
    indices = np.concatenate([who for _, who in own])
    return SpikeTrains(times=times, indices=indices, n=size, duration=duration)


def _trace(name: str, values: Floats, dt: float) -> Traces:
    return Traces(
        values=values, dt=dt, names=tuple(f"{name}[{i}]" for i in range(len(values))), units=("1",) * len(values)
    )
