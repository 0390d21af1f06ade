"""The behavioral level: a network placed on SFQ cells, run as pulses by the event engine.

Times count from stimulus time zero. An input's spikes are the pulses that leave its driver, a neuron's those that
leave its cell, as at the circuit level.
"""

from __future__ import annotations

from collections.abc import Sequence

from hardware.sfq.characteristics import Characteristics, load_characteristics
from hardware.sfq.pulse_circuit import PulseCircuit
from hardware.sfq.pulse_models import pulse_model
from neurosim.mapping.netlist import input_drives
from neurosim.mapping.placement import PlacedNetwork
from neurosim.mapping.sfq import place
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
    placed: PlacedNetwork | None = None,
    characteristics: Characteristics | None = None,
) -> Run:
    """Run a network on pulse-level SFQ cells; nothing is drawn at random.

    Parameters
    ----------
    network, stimulus
        What to run; see `neurosim.mapping.sfq.place` for what a network may hold.
    record : sequence of str
        Only ``"spikes"``: there are no waveforms at this level.
    seed : int
        Kept in the result.
    placed : PlacedNetwork, optional
        The network as placed, where that has been done before or differently.
    characteristics : Characteristics, optional
        Measurements that the models are made of; the shipped ones if not given.
    """
    for item in record:
        if item != "spikes":
            raise unknown_name("record", item, ("spikes",), " of engine 'events'")
    measured = characteristics or load_characteristics()
    placed = placed or place(network, characteristics=measured)
    input_drives(placed, stimulus)
    circuit = PulseCircuit(
        {cell.name: (pulse_model(cell.kind, cell.parameters, measured), cell.connections) for cell in placed.cells}
    )
    entering = {
        source.net: stimulus.spikes[source.population].of(source.index).tolist()
        for source in placed.inputs
        if source.population in stimulus.spikes
    }
    result = circuit.run(entering, until=stimulus.duration)
    output_net = {cell.name: cell.connections["output"] for cell in placed.cells if "output" in cell.connections}
    spikes = {
        p.name: result.spike_trains([output_net[placed[p.name, i].cell] for i in range(p.size)], stimulus.duration)
        for p in network.populations
    }
    return Run(
        network=network.name,
        level="behavioral",
        engine="events",
        duration=stimulus.duration,
        spikes=spikes,
        energy=sum(result.energy.values()),
        latency=response_latency(network, spikes),
        seed=seed,
        versions=versions(),
        details={
            "events": result.events,
            "tuning_currents": placed.tuning,
            "decision_margins": {f"{n.population}[{n.index}]": result.margin[n.cell] for n in placed.neurons},
        },
    )
