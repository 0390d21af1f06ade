"""Resistive-memory hardware: cells, crossbar arrays and what drives them.

The names below are loaded at first use; cells are in `hardware.rram.device`, costs in `hardware.cost`.
"""

from typing import TYPE_CHECKING

from spice_models.public_names import lazily

if TYPE_CHECKING:
    from hardware.rram.cell_solve import solve_law
    from hardware.rram.cell_transient import Drive, cell_transient
    from hardware.rram.compensation import compensate
    from hardware.rram.converters import ADC, DAC
    from hardware.rram.crossbar import Crossbar, Solution
    from hardware.rram.crossbar_hardware import CrossbarHardware
    from hardware.rram.layer import CrossbarLayer
    from hardware.rram.line_transient import line_transient
    from hardware.rram.netlist import netlist, solve_circuit
    from hardware.rram.netlist_transient import transient_netlist
    from hardware.rram.nonlinear import solve_cells
    from hardware.rram.programming import write_verify
    from hardware.rram.weights import BitSlices, DifferentialPairs, OffsetColumn
    from hardware.rram.write_schemes import write_voltages

__all__ = [
    "ADC",
    "DAC",
    "BitSlices",
    "Crossbar",
    "CrossbarHardware",
    "CrossbarLayer",
    "DifferentialPairs",
    "Drive",
    "OffsetColumn",
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
    "cell_solve": ("solve_law",),
    "cell_transient": ("Drive", "cell_transient"),
    "compensation": ("compensate",),
    "converters": ("ADC", "DAC"),
    "crossbar": ("Crossbar", "Solution"),
    "crossbar_hardware": ("CrossbarHardware",),
    "layer": ("CrossbarLayer",),
    "line_transient": ("line_transient",),
    "netlist": ("netlist", "solve_circuit"),
    "netlist_transient": ("transient_netlist",),
    "nonlinear": ("solve_cells",),
    "programming": ("write_verify",),
    "weights": ("BitSlices", "DifferentialPairs", "OffsetColumn"),
    "write_schemes": ("write_voltages",),
}

_SOURCES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}

__getattr__, __dir__ = lazily(__name__, _SOURCES)
