"""The SFQ XOR network at three levels, side by side, and its circuit as a netlist.

Seen: one table of who spiked when at each level, the same neurons at all of them, and `xor.cir`, which runs with plain
``ngspice -b xor.cir`` and ends with ``output_pulses = 1``. Architecture times are those of the description (delays of
the connections alone); the other two include what the cells take.
"""

import neurosim as ns
from neurosim.cases import sfq_xor
from spice_models.engines import why_unavailable

network = sfq_xor.network()
stimulus = ns.pulses({"a": [20e-12], "b": []}, duration=250e-12)
circuit_engine = "native" if why_unavailable("ngspice") else "ngspice"

runs = [
    ns.simulate(network, stimulus, level="architecture"),
    ns.simulate(network, stimulus, level="behavioral"),
    ns.simulate(network, stimulus, level="circuit", engine=circuit_engine),
]
print(ns.compare(*runs))

path = ns.netlist(network, stimulus).write("xor.cir", dialect="ngspice")
print(f"wrote {path}")
