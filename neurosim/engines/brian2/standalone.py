"""Brian2's ``cpp_standalone`` for networks of discrete-time neurons: compiled once, run with any spikes and weights."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.brian2.cache import compiled_project
from neurosim.engines.brian2.project import GIVEN, LAYOUT, PROGRAM, digest
from neurosim.engines.brian2.sources import MAX_STEPS, SourceEvents, source_events
from neurosim.network import Network
from neurosim.neurons import SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.run import Run, response_latency, versions
from neurosim.stimuli import Stimulus
from spice_models.errors import EngineError, unknown_name
from spice_models.results import SpikeTrains

TARGET = "cpp_standalone"


def run(network: Network, stimulus: Stimulus, record: Sequence[str], seed: int, step: float) -> Run:
    """Run one stimulus in steps of ``step`` [s]; the first run of a network compiles it.

    Raises
    ------
    EngineError
        For a network that is not of `DiscreteLIF`, `SpikeSource` and `PairSTDP` alone, without a compiler, and for
        a program that fails.
    """
    _check(network, record)
    n_steps = math.ceil(stimulus.duration / step - 1e-6)
    if n_steps > MAX_STEPS:
        raise EngineError(f"{n_steps:.3g} steps are too many for one run (limit {MAX_STEPS:.0e}): shorten the stimulus")
    given = {p.name: source_events(p, [stimulus], step, n_steps) for p in network.inputs}
    folder, compiled = compiled_project(network, {name: events.layers for name, events in given.items()}, step)
    layout = json.loads((folder / LAYOUT).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="neurofluxon-") as place:
        results = Path(place)
        _write_given(results / GIVEN, n_steps, [given[name] for name in layout["sources"]])
        arguments = []
        for k, projection in enumerate(network.projections):
            name, weight = str(projection.name), projection.connections.weight
            if weight.size and digest(weight) != layout["compiled_in"][name]:
                file = results / f"initial_{k}"
                weight.tofile(file)
                arguments.append(f"{layout['arguments'][name]}={file}")
        _call(folder, results, arguments)
        trains = {
            name: _trains(results / file, network.population(name).size, step, stimulus.duration)
            for name, file in layout["spikes"].items()
        }
        learned = {name: np.fromfile(results / file) for name, file in layout["weights"].items()}
    return _result(network, stimulus, trains, learned, seed, {"dt": step, "target": TARGET, "compiled": compiled})


def _check(network: Network, record: Sequence[str]) -> None:
    for wanted in record:
        if wanted != "spikes":
            raise unknown_name("variable to record", wanted, ["spikes"], f" (target {TARGET!r} records no others)")
    other = next((p for p in network.populations if not isinstance(p.neuron, DiscreteLIF | SpikeSource)), None)
    if other is not None:
        raise EngineError(
            f"target {TARGET!r} cannot run {type(other.neuron).__name__} of population {other.name!r}; available: "
            "DiscreteLIF, SpikeSource (target='numpy' runs the others)"
        )
    for p in network.projections:
        if p.synapse is not None or not isinstance(p.plasticity, PairSTDP | None):
            what = p.plasticity if p.synapse is None else p.synapse
            raise EngineError(
                f"target {TARGET!r} cannot run {type(what).__name__} of projection {p.name!r}; available: PairSTDP "
                "(target='numpy' runs the others)"
            )


def _write_given(path: Path, n_steps: int, sources: Sequence[SourceEvents]) -> None:
    with path.open("wb") as file:
        np.array(n_steps, dtype=np.int64).tofile(file)
        for events in sources:
            np.array(events.steps.size, dtype=np.int64).tofile(file)
            events.indices.astype(np.int32).tofile(file)
            events.steps.astype(np.int32).tofile(file)


def _call(folder: Path, results: Path, arguments: Sequence[str]) -> None:
    command = [str(folder / PROGRAM), "--results_dir", f"{results}/", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, check=False, errors="replace", stdin=subprocess.DEVNULL, text=True
        )
    except OSError as error:
        raise EngineError(f"the compiled network cannot be run ({error}): delete {folder} and run again") from error
    # Brian2's program only tells of an argument that it cannot read, and goes on
    if done.returncode or done.stderr or "Error" in done.stdout:
        said = (done.stderr or done.stdout).strip()[-300:] or f"exit status {done.returncode}"
        raise EngineError(f"the compiled network failed ({said}): delete {folder} and run again")


def _trains(file: Path, size: int, step: float, duration: float) -> SpikeTrains:
    times = np.rint(np.fromfile(f"{file}_t") / step) * step
    indices = np.fromfile(f"{file}_i", dtype=np.int32).astype(np.int64)
    inside = times <= duration
    return SpikeTrains(times=times[inside], indices=indices[inside], n=size, duration=duration)


def _result(
    network: Network,
    stimulus: Stimulus,
    trains: dict[str, SpikeTrains],
    learned: dict[str, NDArray[np.float64]],
    seed: int,
    details: dict[str, Any],
) -> Run:
    nothing, none, duration = np.empty(0), np.empty(0, dtype=np.int64), stimulus.duration
    silent = {p.name: SpikeTrains(times=nothing, indices=none, n=p.size, duration=duration) for p in network.inputs}
    spikes = {p.name: {**silent, **stimulus.spikes, **trains}[p.name] for p in network.populations}
    if learned:
        details["final_weights"] = learned
    return Run(
        network=network.name,
        level="architecture",
        engine="brian2",
        duration=duration,
        spikes=spikes,
        latency=response_latency(network, spikes),
        seed=seed,
        versions=versions("brian2"),
        details=details,
    )
