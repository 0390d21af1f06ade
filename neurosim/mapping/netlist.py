"""A placed network as a circuit, and as a netlist in a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosim.mapping.names import legal_name
from neurosim.mapping.placement import PlacedInput, PlacedNetwork
from neurosim.mapping.sfq import place
from neurosim.output_files import write_whole
from spice_models.analysis.parameters import scaled
from spice_models.cells.dc_sfq import dc_sfq_drive
from spice_models.cells.library import cell as cell_of_library
from spice_models.circuit import Circuit, SubCircuit
from spice_models.dialects import josim, ngspice
from spice_models.elements import GROUND
from spice_models.errors import DescriptionError, unknown_name
from spice_models.waveforms import PWL

if TYPE_CHECKING:
    from neurosim.network import Network
    from neurosim.stimuli import Stimulus

START_UP = 150e-12
"""Time [s] before stimulus time zero [chosen]: biases rise in the first 10 ps, then loops settle, the slowest, in the
synapse, with 55 ps."""

DIALECTS = ("ngspice", "josim")


def build_circuit(placed: PlacedNetwork, stimulus: Stimulus, *, start_up: float = START_UP) -> Circuit:
    """Build the circuit of a placed network under a stimulus.

    Each cell is an instance; cells of one kind and equal parameters share a subcircuit. An input spike at t is the
    start of its driver's current pulse, at ``start_up + t``. Circuits of two stimuli differ in the waveforms of the
    input sources ``input_NAME`` alone.

    Raises
    ------
    DescriptionError
        For input currents, and for spikes of one input less than 18 ps apart.
    """
    circuit = Circuit(legal_name(placed.network.name))
    for source, drive in input_drives(placed, stimulus, start_up=start_up):
        name = source.cell.replace("driver_", "input_", 1)
        circuit.current(name, GROUND, source.net, drive, role="input")
    shared: dict[tuple[Any, ...], SubCircuit] = {}
    for cell in placed.cells:
        key = (cell.kind, *sorted(cell.parameters.items()))
        if key not in shared:
            shared[key] = cell_of_library(cell.kind, **cell.parameters)
        circuit.instance(cell.name, shared[key], **cell.connections)
    return circuit


def input_drives(
    placed: PlacedNetwork, stimulus: Stimulus, *, start_up: float = START_UP
) -> list[tuple[PlacedInput, PWL]]:
    """Return the current into the driver of each input; raises `DescriptionError` for what a driver cannot take."""
    stimulus.check(placed.network)
    if stimulus.currents:
        raise DescriptionError(
            f"the stimulus gives population {next(iter(stimulus.currents))!r} a current; SFQ inputs take pulses only"
        )
    drives = []
    for source in placed.inputs:
        trains = stimulus.spikes.get(source.population)
        times = [] if trains is None else (trains.of(source.index) + start_up).tolist()
        try:
            drives.append((source, dc_sfq_drive(times)))
        except DescriptionError as error:
            raise DescriptionError(
                f"input {source.population}[{source.index}]: {error} (times in the circuit, {start_up:g} s later than "
                "in the stimulus)"
            ) from error
    return drives


@dataclass(frozen=True, kw_only=True, eq=False)
class Netlist:
    """A circuit with what is needed to write it: how long to run it and which junction is the output.

    Parameters
    ----------
    circuit : Circuit
    duration : float
        Simulated time [s], start-up included.
    output : str
        Junction, in the flattened circuit, whose pulses are the answer.
    settle : float
        When the biases have settled and no input has come yet [s].
    """

    circuit: Circuit
    duration: float
    output: str
    settle: float = START_UP

    def scaled(self, factors: Mapping[str, float]) -> Netlist:
        """Return it with parameters multiplied, see `scaled_circuit`."""
        return replace(self, circuit=scaled_circuit(self.circuit, factors))

    def text(self, dialect: str = "ngspice") -> str:
        """Return the netlist in a dialect, ``"ngspice"`` or ``"josim"``.

        The one for ngspice runs by itself with ``ngspice -b FILE``, prints ``output_pulses = n`` and has the phase of
        the output junction [rad] as the voltage of node ``output_phase``; JoSIM's prints the phases of all junctions.
        """
        if dialect == "ngspice":
            return ngspice.write(
                self.circuit,
                duration=self.duration,
                outputs=[f"phase({self.output})"],
                output_junction=self.output,
                settle=self.settle,
            )
        if dialect == "josim":
            return josim.write(self.circuit, duration=self.duration)
        raise unknown_name("dialect", dialect, DIALECTS)

    def write(self, path: str | os.PathLike[str], dialect: str = "ngspice") -> Path:
        """Write the netlist to a file, which appears whole or not at all.

        Raises
        ------
        OutputError
            If the file cannot be written there.
        """
        return write_whole(Path(path), self.text(dialect))


def netlist(network: Network, stimulus: Stimulus, *, output: tuple[str, int] | None = None) -> Netlist:
    """Place a network of SFQ neurons and return its netlist under a stimulus.

    Parameters
    ----------
    network, stimulus
        What to write.
    output : tuple of population and index, optional
        Neuron whose pulses are counted; the first of the outputs if not given.
    """
    return placed_netlist(place(network), stimulus, output=output)


def placed_netlist(placed: PlacedNetwork, stimulus: Stimulus, *, output: tuple[str, int] | None = None) -> Netlist:
    """Return the netlist of a network that is placed already; parameters as of `netlist`."""
    if output is None and not placed.output_junctions:
        raise DescriptionError(f"network {placed.network.name!r} has no output population: name a neuron with output=")
    return Netlist(
        circuit=build_circuit(placed, stimulus),
        duration=START_UP + stimulus.duration,
        output=placed.output_junctions[0] if output is None else placed[output].junction,
    )


def scaled_circuit(circuit: Circuit, factors: Mapping[str, float]) -> Circuit:
    """Return the flattened circuit with parameters multiplied.

    Parameters
    ----------
    circuit : Circuit
    factors : mapping of parameter to factor
        Names as in `spice_models.analysis.parameters.circuit_parameters`: ``"bias"``, ``"critical-current"``,
        ``"inductance"``, ``"resistance"``, or one bias or tuning current such as ``"neuron_o.IT"``. Factors that
        reach the same value multiply.

    Raises
    ------
    DescriptionError
        For a factor that is not positive.
    UnknownNameError
        For a parameter that the circuit does not have.
    """
    circuit = circuit.flatten()
    for name, factor in factors.items():
        if not (isfinite(factor) and factor > 0):
            raise DescriptionError(f"the factor of {name!r} must be a positive number, got {factor}")
        circuit = scaled(circuit, name, factor)
    return circuit
