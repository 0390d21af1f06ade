"""Resistive-memory hardware: cells, crossbar arrays and what drives them.

The names below are loaded at first use; cells are in `hardware.rram.device`, costs in `hardware.cost`.
"""

from typing import TYPE_CHECKING

from spice_models.public_names import lazily

if TYPE_CHECKING:
    from hardware.rram.array.cell_solve import solve_law
    from hardware.rram.array.cell_transient import Drive, cell_transient
    from hardware.rram.array.crossbar import Crossbar, Solution
    from hardware.rram.array.line_transient import line_transient
    from hardware.rram.array.nonlinear import solve_cells
    from hardware.rram.array.write_schemes import write_voltages
    from hardware.rram.layers.classifier import CrossbarClassifier
    from hardware.rram.layers.compensation import compensate
    from hardware.rram.layers.converters import ADC, DAC
    from hardware.rram.layers.crossbar_hardware import CrossbarHardware
    from hardware.rram.layers.layer import CrossbarLayer
    from hardware.rram.layers.weights import BitSlices, DifferentialPairs, OffsetColumn
    from hardware.rram.netlists.netlist import netlist, solve_circuit
    from hardware.rram.netlists.transient import transient_netlist
    from hardware.rram.writing.programming import write_verify
    from hardware.rram.writing.pulses import PulseScheme

__all__ = [
    "ADC",
    "DAC",
    "BitSlices",
    "Crossbar",
    "CrossbarClassifier",
    "CrossbarHardware",
    "CrossbarLayer",
    "DifferentialPairs",
    "Drive",
    "OffsetColumn",
    "PulseScheme",
    "Solution",
    "cell_transient",
    "compensate",
    "line_transient",
    "netlist",
    "solve_cells",
    "solve_circuit",
    "solve_law",
    "transient_netlist",
    "write_verify",
    "write_voltages",
]

_MODULES = {
    "array.cell_solve": ("solve_law",),
    "array.cell_transient": ("Drive", "cell_transient"),
    "layers.classifier": ("CrossbarClassifier",),
    "layers.compensation": ("compensate",),
    "layers.converters": ("ADC", "DAC"),
    "array.crossbar": ("Crossbar", "Solution"),
    "layers.crossbar_hardware": ("CrossbarHardware",),
    "layers.layer": ("CrossbarLayer",),
    "array.line_transient": ("line_transient",),
    "netlists.netlist": ("netlist", "solve_circuit"),
    "netlists.transient": ("transient_netlist",),
    "array.nonlinear": ("solve_cells",),
    "writing.programming": ("write_verify",),
    "writing.pulses": ("PulseScheme",),
    "layers.weights": ("BitSlices", "DifferentialPairs", "OffsetColumn"),
    "array.write_schemes": ("write_voltages",),
}

_SOURCES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}

__getattr__, __dir__ = lazily(__name__, _SOURCES)
