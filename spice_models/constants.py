"""Physical constants, exact in the SI of 2019."""

from math import pi

PLANCK = 6.62607015e-34  # [J s]
ELEMENTARY_CHARGE = 1.602176634e-19  # [C]
BOLTZMANN = 1.380649e-23  # [J/K]
FLUX_QUANTUM = PLANCK / (2 * ELEMENTARY_CHARGE)  # [Wb], 2.067833848e-15
PHASE_PER_FLUX = 2 * pi / FLUX_QUANTUM  # [rad/Wb]

SLIP_HYSTERESIS = pi / 4
"""How far [rad] beyond an odd multiple of pi a phase must go for a slip to count [chosen: ringing stays below it]."""
