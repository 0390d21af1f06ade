"""Networks of rate neurons at the behavioral level: pulses through noisy pulse-level cells, event by event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hardware.sfq.characteristics import load_characteristics
from hardware.sfq.pulse_circuit import CellModel, PulseCircuit
from hardware.sfq.pulse_models import pulse_model
from hardware.sfq.rate_models import rate_model
from hardware.sfq.stochastic_data import StochasticData, load_stochastic
from neurosim.mapping.placement import PlacedCell
from neurosim.mapping.rates import PlacedRates, place_rates
from neurosim.network import Network
from neurosim.run import Run, response_latency, versions
from neurosim.stimuli import Stimulus
from spice_models.errors import unknown_name


def run(
    network: Network,
    stimulus: Stimulus,
    *,
    record: Sequence[str] = ("spikes",),
    seed: int = 0,
    placed: PlacedRates | None = None,
    data: StochasticData | None = None,
) -> Run:
    """Run a network of rate neurons on pulse-level cells.

    Parameters
    ----------
    network, stimulus
        What to run; see `neurosim.mapping.rates.place_rates`.
    record : sequence of str
        Only ``"spikes"``.
    seed : int
        Seed of what each synapse passes and of the noise of each threshold.
    placed : PlacedRates, optional
        The network as placed, where that has been done before.
    data : StochasticData, optional
        Measurements that the models are made of; the shipped ones if not given.
    """
    for item in record:
        if item != "spikes":
            raise unknown_name("record", item, ("spikes",), " of engine 'rate-events'")
    data = data or load_stochastic()
    placed = placed or place_rates(network, data=data)
    stimulus.check(network)
    seeds = np.random.SeedSequence(seed).spawn(len(placed.cells))
    circuit = PulseCircuit(
        {c.name: (_model(c, own, placed, data), c.connections) for c, own in zip(placed.cells, seeds, strict=True)}
    )
    entering = {
        source.net: stimulus.spikes[source.population].of(source.index).tolist()
        for source in placed.inputs
        if source.population in stimulus.spikes
    }
    done = circuit.run(entering, until=stimulus.duration)
    spikes = {
        p.name: done.spike_trains([placed.outputs[p.name, i] for i in range(p.size)], stimulus.duration)
        for p in network.populations
    }
    return Run(
        network=network.name,
        level="behavioral",
        engine="rate-events",
        duration=stimulus.duration,
        spikes=spikes,
        energy=sum(done.energy.values()),
        latency=response_latency(network, spikes),
        seed=seed,
        versions=versions(),
        details={"events": done.events, "tuning_currents": placed.tuning, "temperature": placed.temperature},
    )


def _model(cell: PlacedCell, seed: np.random.SeedSequence, placed: PlacedRates, data: StochasticData) -> CellModel:
    if cell.kind in ("stochastic_synapse", "sfq_neuron"):
        return rate_model(cell.kind, cell.parameters, data, temperature=placed.temperature, seed=seed)
    return pulse_model(cell.kind, cell.parameters, load_characteristics())
