"""A network of one's own: the majority of three inputs, described once and run at three levels.

Seen: for each of the eight input patterns the number of output pulses at each level. Weights and threshold are in
pulse equivalents; the placement turns them into weight and threshold currents, which the last lines show.
"""

from itertools import product

import neurosim as ns
from neurosim.mapping.sfq import place

network = ns.Network(
    name="majority",
    populations=[
        ns.Population(name="x", size=3, neuron=ns.SpikeSource()),
        ns.Population(name="y", size=1, neuron=ns.SFQNeuron(threshold=1.5, leak_time=40e-12)),
    ],
    projections=[ns.Projection(pre="x", post="y", weights=[[1.0], [1.0], [1.0]])],
)
levels = ("architecture", "behavioral", "circuit")

print(f"{'x':5}{'majority':>10}", *(f"{level:>12}" for level in levels))
for bits in product((0, 1), repeat=3):
    # one pulse for each active input, all at the same time
    stimulus = ns.pulses({"x": [[20e-12] if bit else [] for bit in bits]}, duration=150e-12)
    counts = [int(ns.simulate(network, stimulus, level=level).counts("y")[0]) for level in levels]
    pattern = "".join(map(str, bits))
    print(f"{pattern:5}{int(sum(bits) >= 2):>10}", *(f"{count:>12}" for count in counts))

for name, current in place(network).tuning.items():
    print(f"{name}: {1e6 * current:.1f} uA")
