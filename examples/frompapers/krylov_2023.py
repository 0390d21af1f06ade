"""XOR on accumulate-and-fire SFQ neurons, at the architecture and the circuit level, and between them.

After: G. Krylov, A. J. Edwards, J. S. Friedman, E. G. Friedman, arXiv 2311.10721 (2023): a deep network of SFQ synapses
and neurons computes XOR, evaluated at the architecture and the circuit level, and is tuned by external currents.

What is the paper's: the task, ordinary SFQ junctions only, tuning by currents, evaluation at two levels.
What is not: circuits, component values, weights, thresholds and coding are this toolkit's own, as the abstract gives
none of them; the behavioral level stands between the two. The noise-driven, rate-coded form (A. J. Edwards et al.,
Neuromorph. Comput. Eng. 4, 014005 (2024), doi 10.1088/2634-4386/ad207a) needs thermal noise and is not run here.

Seen: the output neuron fires for 01 and 10 at every level and is silent for 00 and 11, where the AND neuron's pulse
reaches it before that of the OR neuron and holds it back. Pictures go to the folder given as argument, or to
`results/krylov_2023`: the network, the spikes of each pattern at the three levels, and phases and voltages of the
junctions that send the spikes out.
"""

import sys
from pathlib import Path

from neurosim.cases import sfq_xor
from neurosim.pictures.cases import write_pictures

result = sfq_xor.run(record=("spikes", "phases"))
for level in result.levels:
    found = {pattern: result.of(level, pattern).outputs[0] for pattern in result.patterns}
    print(f"{level:12}", *(f"{pattern} -> {count}" for pattern, count in found.items()), sep="  ")
print("every output right:", result.correct, "  levels agree:", result.agreement)
if result.spike_time_difference is not None:
    print(f"behavioral against circuit: spikes within {1e12 * result.spike_time_difference:.2f} ps")
if result.margin is not None:
    print(f"smallest decision margin: {1e6 * result.margin:.0f} uA of threshold current")
for note in result.notes:
    print(note)

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "results/krylov_2023")
for path in write_pictures(sfq_xor.network(), result, folder):
    print(f"wrote {path}")
