"""A neuron model of one's own, written as Brian2 users write it, at the architecture level.

An adaptive integrate-and-fire neuron: each spike raises a variable w that works against the next one.

Seen: intervals between spikes grow until adaptation and drive balance. Equations are for the architecture level alone;
SFQ hardware takes `SpikeSource` and `SFQNeuron`, and says so if asked for anything else.
"""

import numpy as np

import neurosim as ns

adaptive = ns.Equations(
    equations="""
        dv/dt = (drive - v - w) / (10*ms) : 1
        dw/dt = -w / (100*ms) : 1
    """,
    threshold="v > 1",
    reset="v = 0; w += step",
    parameters={"drive": 2.0, "step": 0.1},
    method="euler",
)
network = ns.Network(name="adaptive", populations=[ns.Population(name="cell", size=1, neuron=adaptive)])

run = ns.simulate(network, ns.Stimulus(duration=0.4), record=["spikes", "w"])
intervals = 1e3 * np.diff(run.of("cell").times)
adaptation = run.traces["cell.w"]
print(f"{run.counts('cell')[0]} spikes; intervals from {intervals[0]:.1f} ms to {intervals[-1]:.1f} ms")
print(f"w at the end: {adaptation.values[0, -1]:.2f}")
