"""Networks of rate neurons at the circuit level: all stimuli of a batch are variants of one noisy circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.mapping.names import legal_name
from neurosim.mapping.rates import PlacedRates, place_rates
from neurosim.network import Network
from neurosim.run import Run, response_latency, versions
from neurosim.stimuli import Stimulus
from spice_models.cells.dc_sfq import dc_sfq_drive
from spice_models.cells.library import cell as cell_of_library
from spice_models.circuit import Circuit, SubCircuit
from spice_models.elements import GROUND
from spice_models.engines.native import Batch, transient_batch
from spice_models.errors import DescriptionError, unknown_name
from spice_models.results import SpikeTrains

STEP = 1e-13
"""Time step of the circuit level [s]."""

START_UP = 0.6e-9
"""Time before the stimulus [s; chosen]: what the bias ramps leave in the storage inductances leaks away, two leak times
of the neuron; the case leaves out two more."""

DRAIN = 100e-12
"""Time after the stimulus in which pulses on their way arrive, so that all that entered a cell left it [s; chosen]."""


def run(
    network: Network,
    stimulus: Stimulus,
    *,
    record: Sequence[str] = ("spikes",),
    seed: int = 0,
    step: float = STEP,
    placed: PlacedRates | None = None,
) -> Run:
    """Run a network of rate neurons as a noisy circuit; see `run_batch`."""
    return run_batch(network, [stimulus], record=record, seeds=[seed], step=step, placed=placed)[0]


def run_batch(
    network: Network,
    stimuli: Sequence[Stimulus],
    *,
    record: Sequence[str] = ("spikes",),
    seeds: Sequence[int],
    step: float = STEP,
    placed: PlacedRates | None = None,
    temperatures: Sequence[float] | None = None,
) -> list[Run]:
    """Run several stimuli as variants of one noisy circuit, each with noise of its own.

    Parameters
    ----------
    network, stimuli
        What to run.
    record : sequence of str
        Only ``"spikes"``.
    seeds : sequence of int
        Of the noise. The variants share the draws of the first seed, each with a stream of its own.
    step : float
        Time step [s].
    placed : PlacedRates, optional
        The network as placed, where that has been done before.
    temperatures : sequence of float, optional
        One a stimulus [K]; that of the synapses if not given. Currents stay as placed.
    """
    for item in record:
        if item != "spikes":
            raise unknown_name("record", item, ("spikes",), " of engine 'rate-native'")
    placed = placed or place_rates(network)
    for stimulus in stimuli:
        stimulus.check(network)
    warmth = (
        np.full(len(stimuli), placed.temperature) if temperatures is None else np.asarray(temperatures, dtype=float)
    )
    circuit, scales = build_rates(placed, stimuli)
    flat = circuit.flatten()
    duration = max(stimulus.duration for stimulus in stimuli)
    batch = transient_batch(
        flat,
        duration=START_UP + duration + DRAIN,
        step=step,
        scales=scales,
        max_events=64 + int(duration * MOST_PULSES),
        temperature=warmth,
        seed=seeds[0],
    )
    runs = []
    for v, (stimulus, seed) in enumerate(zip(stimuli, seeds, strict=True)):
        spikes = {}
        for p in network.populations:
            trains = []
            for i in range(p.size):
                times = batch.pulses(placed.junctions[p.name, i], v) - START_UP
                trains.append(np.clip(times[times <= stimulus.duration], 0.0, None).tolist())
            spikes[p.name] = SpikeTrains.from_lists(trains, stimulus.duration)
        flow = {name: _flow(batch, name, v) for name in placed.synapses}
        runs.append(
            Run(
                network=network.name,
                level="circuit",
                engine="rate-native",
                duration=stimulus.duration,
                spikes=spikes,
                latency=response_latency(network, spikes),
                seed=seed,
                versions=versions("numba"),
                details={
                    "junctions": flat.junction_count,
                    "tuning_currents": placed.tuning,
                    "temperature": float(warmth[v]),
                    "start_up": START_UP,
                    "entered": {name: counts[0] for name, counts in flow.items()},
                    "passed": {name: counts[1] for name, counts in flow.items()},
                    "blocked": {name: counts[2] for name, counts in flow.items()},
                },
            )
        )
    return runs


DECISION_TIME = 20e-12
"""Time that a synapse takes to decide at most [s; chosen: more than twice what was seen]."""


def _flow(batch: Batch, synapse: str, variant: int) -> tuple[int, int, int]:
    """Pulses that entered a synapse, passed and were blocked, up to the last moment at which none was on its way."""
    entering = batch.pulses(f"{synapse}.BD", variant)
    end = batch.duration
    for time in entering[::-1]:
        if time <= end - DECISION_TIME:
            break
        end = float(time) - 1e-12
    slips = []
    for junction in ("BD", "BB", "BA"):
        times = batch.times[batch.row(f"{synapse}.{junction}"), :, variant]
        slips.append(int(np.sign(times[np.abs(times) <= end]).sum()))
    return slips[0], slips[1], slips[2]


MOST_PULSES = 200e9
"""Rate of pulses of one junction that is taken for a fault [Hz; chosen]."""


def build_rates(
    placed: PlacedRates, stimuli: Sequence[Stimulus], *, start_up: float = START_UP
) -> tuple[Circuit, Mapping[str, np.ndarray]]:
    """Build one circuit for several stimuli, and the scale factors that give each variant its own.

    Every input has a current source for each stimulus, which is on in that variant alone.
    """
    circuit = Circuit(legal_name(placed.network.name))
    scales: dict[str, np.ndarray] = {}
    for source in placed.inputs:
        for v, stimulus in enumerate(stimuli):
            trains = stimulus.spikes.get(source.population)
            times = [] if trains is None else (trains.of(source.index) + start_up).tolist()
            if not times:
                continue
            name = f"{source.cell.replace('driver_', 'input_', 1)}_{v}"
            try:
                circuit.current(name, GROUND, source.net, dc_sfq_drive(times), role="input")
            except DescriptionError as error:
                raise DescriptionError(f"input {source.population}[{source.index}]: {error}") from error
            scales[name] = np.zeros(len(stimuli))
            scales[name][v] = 1.0
    shared: dict[object, SubCircuit] = {}
    for cell in placed.cells:
        key = (cell.kind, *sorted(cell.parameters.items()))
        if key not in shared:
            shared[key] = cell_of_library(cell.kind, **cell.parameters)
        circuit.instance(cell.name, shared[key], **cell.connections)
    return circuit, scales
