"""Compile the engine ahead of its first use: ``python -m spice_models.engines.native.warm``."""

from __future__ import annotations

import logging
import sys

from numba.core import event

from spice_models.circuit import Circuit
from spice_models.engines.native.compilation import LOG, mark
from spice_models.engines.native.engine import run, transient_batch


def warm() -> float:
    """Run a small circuit in every way that has code of its own; return the seconds that compiling took."""
    circuit = Circuit("warm")
    circuit.current("i", "0", "a", 2e-4)
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=5.0)
    circuit.inductor("l", "a", "b", 1e-12)
    circuit.resistor("r", "b", "0", 1.0)
    with event.install_listener("numba:compile", event.TimingListener()) as compiling:
        for temperature in (0.0, 4.2):
            run(circuit, duration=1e-12, temperature=temperature)
            for variants in (1, 2):
                transient_batch(circuit, duration=1e-12, variants=variants, temperature=temperature)
    mark()
    return float(compiling.duration) if compiling.done else 0.0


if __name__ == "__main__":
    LOG.setLevel(logging.ERROR)
    seconds = warm()
    sys.stdout.write(f"circuit engine: {f'compiled in {seconds:.0f} s' if seconds else 'compiled already'}\n")
