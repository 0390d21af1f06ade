"""From a cell of the library, by name and parameters, to its pulse-level model."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.sfq.characteristics import Characteristics
from hardware.sfq.neuron import Neuron
from hardware.sfq.passive import Line, Merger, Splitter
from hardware.sfq.pulse_circuit import CellModel
from hardware.sfq.synapse import Synapse
from spice_models.cells.library import cell as build_cell
from spice_models.circuit import SubCircuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import CurrentSource
from spice_models.errors import unknown_name

LATE = 1.0  # a time by which every bias has risen [s]
KINDS = ("dc_sfq", "jtl", "merger", "sfq_neuron", "sfq_synapse", "splitter", "terminator")


def pulse_model(kind: str, parameters: Mapping[str, float], characteristics: Characteristics) -> CellModel:
    """Return the pulse-level model of a library cell.

    Every bias current feeds a node whose junction slips once a pulse, so a pulse takes ``I Phi0`` from each source it
    passes.

    Raises
    ------
    UnknownNameError
        For a cell that has no pulse-level model.
    """
    cell = build_cell(kind, **parameters) if kind in KINDS else None
    match kind, cell:
        case "dc_sfq", SubCircuit():
            return Line(delay=characteristics.driver_delay, energy=bias_energy(cell))
        case "jtl", SubCircuit():
            return Line(delay=characteristics.line_delay * parameters.get("stages", 2), energy=bias_energy(cell))
        case "terminator", SubCircuit():
            return Line(delay=0.0, output=None)
        case "splitter", SubCircuit():
            return Splitter(delay=characteristics.splitter_delay, energy=bias_energy(cell))
        case "merger", SubCircuit():
            return Merger(
                delay=characteristics.merger_delay,
                dead_time=characteristics.merger_dead_time,
                energy=bias_energy(cell),
            )
        case "sfq_synapse", SubCircuit():
            return Synapse(
                weight_current=parameters["weight_current"],
                characteristics=characteristics,
                energy_in=bias_energy(cell, only=("d",)),
                energy_out=bias_energy(cell, without=("d",)),
            )
        case "sfq_neuron", SubCircuit():
            inhibitory = int(parameters.get("inhibitory", 0))
            inputs = tuple(n for n in cell.nodes if n[0] in "dh" and n[1:].isdigit())
            return Neuron(
                excitatory=int(parameters["excitatory"]),
                inhibitory=inhibitory,
                refractory=bool(parameters.get("refractory", False)),
                threshold_current=parameters["threshold_current"],
                characteristics=characteristics,
                energy_excitation=bias_energy(cell, only=("d1",)),
                energy_inhibition=bias_energy(cell, only=("h1",)),
                energy_spike=bias_energy(cell, without=inputs),
            )
    raise unknown_name("pulse-level model", kind, KINDS)


def bias_energy(cell: SubCircuit, *, only: tuple[str, ...] | None = None, without: tuple[str, ...] = ()) -> float:
    """Phi0 times the sum of the bias currents into some nodes [J]."""
    currents = [
        float(e.waveform.at([LATE])[0])
        for e in cell.of_type(CurrentSource)
        if e.minus not in without and (only is None or e.minus in only)
    ]
    return FLUX_QUANTUM * sum(currents)
