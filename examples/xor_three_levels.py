"""The SFQ XOR network at three levels, side by side, and its circuit as a netlist.

Seen: one table of who spiked when at each level, the same neurons at all of them, and `xor.cir`, which runs with plain
``ngspice -b xor.cir`` and ends with ``output_pulses = 1``. Architecture times are those of the description (delays of
the connections alone); the other two include what the cells take.
"""

import neurosim as ns
from neurosim.cases import sfq_xor

network = sfq_xor.network()
stimulus = ns.pulses({"a": [20e-12], "b": []}, duration=250e-12)

runs = [ns.simulate(network, stimulus, level=level) for level in ("architecture", "behavioral", "circuit")]
print(ns.compare(*runs))

path = ns.netlist(network, stimulus).write("xor.cir", dialect="ngspice")
print(f"wrote {path}")
