"""Compile the crossbar solvers ahead of their first use: ``python -m hardware.rram.array.warm``."""

import numpy as np

from hardware.rram.array.compilation import CODE
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.joining import voltages_before


def use() -> None:
    """Solve a small array in every way that has code of its own."""
    crossbar = Crossbar(np.full((5, 5), 1e-4), word_resistance=1.0, bit_resistance=1.0)
    crossbar.solve(np.ones(5))
    crossbar.effective_conductance()
    voltages_before(np.zeros((5, 8)), np.zeros(5))  # needed where conjugate gradients get lost


if __name__ == "__main__":
    CODE.say_ahead(use)
