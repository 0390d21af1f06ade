"""The circuit level: a network placed on SFQ cells, its circuit simulated, and pulses read as spikes.

The circuit starts `START_UP` before the stimulus, so that biases have risen; all times in results count from stimulus
time zero. An input's spikes are the pulses that leave its driver, a neuron's those that leave its cell.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from neurosim.mapping.netlist import START_UP, build_circuit, scaled_circuit
from neurosim.mapping.placement import PlacedNetwork
from neurosim.mapping.sfq import place
from neurosim.network import Network
from neurosim.run import Run, response_latency, versions
from neurosim.stimuli import Stimulus
from spice_models.analysis.energy import bias_records, energy_report
from spice_models.analysis.pulses import count_pulses, pulse_trains
from spice_models.engines import transient
from spice_models.engines.process import DEADLINE, stop_all
from spice_models.errors import unknown_name
from spice_models.results import SpikeTrains, Traces

STEP = 1e-13
"""Time between samples, and the simulators' longest step [s]."""

PARALLEL = 2
"""Simulators that run at a time in a batch, at most [chosen: they are limited by memory bandwidth beyond]."""

RECORDS = ("spikes", "phases", "phase(JUNCTION)", "voltage(NODE)", "current(ELEMENT)")


def run_native(
    network: Network,
    stimulus: Stimulus,
    *,
    record: Sequence[str] = ("spikes",),
    seed: int = 0,
    step: float = STEP,
    placed: PlacedNetwork | None = None,
    scale: Mapping[str, float] | None = None,
) -> Run:
    """Run on the toolkit's own engine; nothing is drawn at random.

    Parameters
    ----------
    network, stimulus
        What to run; see `neurosim.mapping.sfq.place` for what a network may hold.
    record : sequence of str
        ``"spikes"`` (always recorded); ``"phases"`` for the phases [rad] of the junctions that show them, as traces
        ``"phases"`` with a channel ``"population[i]"`` each; ``"phase(JUNCTION)"`` and the like, with names of the
        flattened circuit, as traces ``"circuit"``.
    seed : int
        Kept in the result.
    step : float
        Time step [s].
    placed : PlacedNetwork, optional
        The network as placed, where that has been done before or differently.
    scale : mapping of parameter to factor, optional
        See `neurosim.mapping.netlist.scaled_circuit`.
    """
    return _run("native", network, stimulus, record, seed, step, placed, scale, {})


def run_ngspice(
    network: Network,
    stimulus: Stimulus,
    *,
    record: Sequence[str] = ("spikes",),
    seed: int = 0,
    step: float = STEP,
    placed: PlacedNetwork | None = None,
    scale: Mapping[str, float] | None = None,
    timeout: float = DEADLINE,
) -> Run:
    """Run on ngspice, which is stopped after ``timeout`` [s]; other parameters as of `run_native`."""
    return _run("ngspice", network, stimulus, record, seed, step, placed, scale, {"timeout": timeout})


def run_josim(
    network: Network,
    stimulus: Stimulus,
    *,
    record: Sequence[str] = ("spikes",),
    seed: int = 0,
    step: float = STEP,
    placed: PlacedNetwork | None = None,
    scale: Mapping[str, float] | None = None,
    timeout: float = DEADLINE,
) -> Run:
    """Run on JoSIM, which is stopped after ``timeout`` [s]; other parameters as of `run_native`."""
    return _run("josim", network, stimulus, record, seed, step, placed, scale, {"timeout": timeout})


def run_native_batch(
    network: Network,
    stimuli: Sequence[Stimulus],
    *,
    record: Sequence[str] = ("spikes",),
    seeds: Sequence[int],
    step: float = STEP,
    placed: PlacedNetwork | None = None,
    scale: Mapping[str, float] | None = None,
) -> list[Run]:
    """Run several stimuli on the toolkit's own engine, the network placed once; parameters as of `run_native`."""
    placed = place(network) if placed is None else placed
    return [
        _run("native", network, stimulus, record, seed, step, placed, scale, {})
        for stimulus, seed in zip(stimuli, seeds, strict=True)
    ]


def run_ngspice_batch(
    network: Network,
    stimuli: Sequence[Stimulus],
    *,
    record: Sequence[str] = ("spikes",),
    seeds: Sequence[int],
    step: float = STEP,
    placed: PlacedNetwork | None = None,
    scale: Mapping[str, float] | None = None,
    timeout: float = DEADLINE,
) -> list[Run]:
    """Run several stimuli on ngspice, `PARALLEL` processes at a time; parameters as of `run_ngspice`."""
    whole = place(network) if placed is None else placed

    def one(item: tuple[Stimulus, int]) -> Run:
        return _run("ngspice", network, item[0], record, item[1], step, whole, scale, {"timeout": timeout})

    with ThreadPoolExecutor(min(PARALLEL, os.cpu_count() or 1)) as pool:
        waiting = [pool.submit(one, item) for item in zip(stimuli, seeds, strict=True)]
        try:
            return [future.result() for future in waiting]
        except BaseException:  # Ctrl-C too: what still runs would hold up the end
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise


def _run(
    engine: str,
    network: Network,
    stimulus: Stimulus,
    record: Sequence[str],
    seed: int,
    step: float,
    placed: PlacedNetwork | None,
    scale: Mapping[str, float] | None,
    options: Mapping[str, Any],
) -> Run:
    wanted = [item for item in record if item not in ("spikes", "phases")]
    for item in wanted:
        if "(" not in item:
            raise unknown_name("record", item, RECORDS, f" of engine {engine!r}")
    placed = place(network) if placed is None else placed
    circuit = build_circuit(placed, stimulus)
    circuit = circuit.flatten() if not scale else scaled_circuit(circuit, scale)
    watched = placed.watched
    phases = [f"phase({junction})" for junction in watched.values()]
    duration = START_UP + stimulus.duration
    traces = transient(
        circuit,
        duration=duration,
        step=step,
        record=list(dict.fromkeys([*phases, *bias_records(circuit), *wanted])),
        engine=engine,
        **options,
    )
    spikes = {p.name: _spikes(traces, placed.junctions(p.name), stimulus.duration) for p in network.populations}
    kept = {}
    if "phases" in record:
        kept["phases"] = _excerpt(traces, phases, [f"{population}[{i}]" for population, i in watched])
    if wanted:
        kept["circuit"] = _excerpt(traces, wanted, wanted)
    energy = energy_report(traces, circuit, start=START_UP)
    return Run(
        network=network.name,
        level="circuit",
        engine=engine,
        duration=stimulus.duration,
        spikes=spikes,
        traces=kept,
        energy=energy.dynamic,
        latency=response_latency(network, spikes),
        seed=seed,
        versions=versions("numba" if engine == "native" else "PySpice"),
        details={
            "junctions": circuit.junction_count,
            "static_power": energy.static_power,
            "static_energy": energy.static,
            "cooling_factor": energy.cooling_factor,
            "cooled_dynamic_energy": energy.cooled_dynamic,
            "cooled_static_energy": energy.cooled_static,
            "energy_assumptions": energy.assumptions,
            "backward_steps": _backward(traces, watched, spikes),
            "tuning_currents": placed.tuning,
            "start_up": START_UP,
        },
    )


def _spikes(traces: Traces, junctions: Sequence[str], duration: float) -> SpikeTrains:
    """Pulses of some junctions in stimulus time; what slipped during start-up counts at time zero."""
    trains = pulse_trains(traces, junctions)
    times = np.clip(trains.times - START_UP, 0.0, duration)
    return SpikeTrains(times=times, indices=trains.indices, n=trains.n, duration=duration)


def _backward(traces: Traces, watched: Mapping[tuple[str, int], str], spikes: Mapping[str, SpikeTrains]) -> int:
    """Number of 2 pi steps down, over all junctions that show spikes; a circuit within its margins has none."""
    net = count_pulses(traces, list(watched.values()))
    return sum(int(spikes[p].counts()[i]) - net[junction] for (p, i), junction in watched.items())


def _excerpt(traces: Traces, channels: Sequence[str], names: Sequence[str]) -> Traces:
    """Some channels under other names, in stimulus time."""
    units = dict(zip(traces.names, traces.units, strict=True))
    return Traces(
        values=np.array([traces[channel] for channel in channels]),
        dt=traces.dt,
        start=traces.start - START_UP,
        names=tuple(names),
        units=tuple(units[channel] for channel in channels),
    )
