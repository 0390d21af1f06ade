"""Compile the engine ahead of its first use: ``python -m spice_models.engines.native.warm``."""

from spice_models.circuit import Circuit
from spice_models.engines.native.compilation import CODE
from spice_models.engines.native.engine import run, transient_batch


def use() -> None:
    """Run a small circuit in every way that has code of its own."""
    circuit = Circuit("warm")
    circuit.current("i", "0", "a", 2e-4)
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=5.0)
    circuit.inductor("l", "a", "b", 1e-12)
    circuit.resistor("r", "b", "0", 1.0)
    for temperature in (0.0, 4.2):
        run(circuit, duration=1e-12, temperature=temperature)
        for variants in (1, 2):
            transient_batch(circuit, duration=1e-12, variants=variants, temperature=temperature)


if __name__ == "__main__":
    CODE.say_ahead(use)
