"""The child process of the engine ``ngspice-shared``: loads a deck into libngspice and saves the vectors.

Run as ``python -m spice_models.engines.ngspice_child DECK RESULT``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def main(deck: Path, result: Path) -> None:
    """Run the transient analysis of ``deck`` and write its vectors to the npz file ``result``."""
    from PySpice.Spice.NgSpice.Shared import NgSpiceShared

    simulator = NgSpiceShared.new_instance()
    simulator.load_circuit(deck.read_text(encoding="ascii"))
    simulator.run()
    plot = simulator.plot(None, simulator.last_plot)
    names = list(plot)
    np.savez(result, names=np.array(names), values=np.array([np.real(plot[name]._data) for name in names]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
