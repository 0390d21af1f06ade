"""A crossbar with wires, solved here and by ngspice: linear cells, and filaments in the middle of switching.

The deck of each array is written into the folder in which the example is run; `ngspice -b filaments.cir` prints the
currents out of the bit lines. Without ngspice the decks are written all the same.

Seen: how much of the current the wires take, and that both solutions agree in every current and node voltage.
"""

import numpy as np

from hardware.rram import Crossbar, netlist, solve_law
from hardware.rram.device import CellLawAt, Filament
from spice_models.errors import EngineError

rng = np.random.default_rng(0)
conductance = rng.uniform(1e-5, 1e-4, (8, 6))  # [S], word lines by bit lines
voltages = rng.uniform(0.1, 0.5, 8)  # [V]
array = Crossbar(conductance, word_resistance=20.0, bit_resistance=20.0, driver_resistance=100.0)
filaments = CellLawAt(Filament(), rng.uniform(0, 1, array.shape))

ideal = voltages @ conductance
print(f"linear: the wires take {1 - array.currents(voltages).sum() / ideal.sum():.1%} of the current")

for name, law in (("linear", None), ("filaments", filaments)):
    ours = array.solve(voltages) if law is None else solve_law(array, law, voltages)
    deck = netlist(array, voltages, law=law, name=name)
    deck.write(f"{name}.cir")
    try:
        theirs = deck.solve()
    except EngineError as error:
        print(f"{name}: {error}")
        continue
    current = np.max(np.abs(theirs.bit_currents / ours.bit_currents - 1))
    node = np.max(np.abs(theirs.bit_nodes / ours.bit_nodes - 1))
    agrees = max(current, node) < 1e-9
    print(f"{name}: ngspice agrees within 1e-9: {agrees}  (currents {current:.0e}, nodes {node:.0e})")
