"""A bench for a cell: a real driver at every input, a real load at every output, and the junctions to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.cells.dc_sfq import dc_sfq, dc_sfq_drive
from spice_models.cells.jtl import jtl, terminator
from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import Circuit, SubCircuit
from spice_models.elements import GROUND, CurrentSource, Inductor, Junction, Resistor
from spice_models.errors import unknown_name

if TYPE_CHECKING:
    from spice_models.engines.native.engine import Batch

Scales = dict[str, NDArray[np.float64]]
GLOBALS = ("bias", "critical_current", "inductance", "resistance")
"""The global parameters of `global_scales`."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A cell between drivers and loads.

    Parameters
    ----------
    circuit : Circuit
        All of it, flattened; the cell's elements are named ``cell.NAME``.
    inputs : mapping of port -> junction
        The junction that drives each input port (the last of its driver); a pulse enters the cell when it slips.
    outputs : mapping of port -> junction
        The junction of the cell from each output port to ground; the delay of the cell ends when it slips.
    loads : mapping of port -> junction
        The first junction of the line after each output port; a pulse has left the cell when it slips.
    """

    circuit: Circuit
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    loads: Mapping[str, str]


def bench(
    cell: SubCircuit,
    pulses: Mapping[str, Sequence[float]],
    *,
    currents: Mapping[str, Sequence[float]] | None = None,
    resistors: Mapping[str, float] | None = None,
    technology: Technology = NIOBIUM_10KA,
) -> Bench:
    """Put a cell between drivers and loads.

    ::

        current pulses -> dc_sfq -> jtl (2) -> [input  CELL  output] -> jtl (2) -> 3 ohm

    Parameters
    ----------
    cell : SubCircuit
        The cell under test; ports named in none of the mappings below are its outputs.
    pulses : mapping of input port -> times
        Starts of the current pulses [s] of the driver of each input port, at least 18 ps apart and after the bias
        ramps; the pulse reaches the port 11.3 ps later. An input that gets no pulse has an empty list.
    currents : mapping of port -> times, optional
        Ports fed with the current pulses themselves (the input of a `dc_sfq`), without driver.
    resistors : mapping of port -> float, optional
        Output ports loaded with just a resistor to ground [ohm].

    Raises
    ------
    UnknownNameError
        For a port that the cell does not have.
    """
    currents, resistors = currents or {}, resistors or {}
    for port in (*pulses, *currents, *resistors):
        if port not in cell.ports:
            raise unknown_name("port", port, cell.ports, f" of cell {cell.name!r}")
    circuit = Circuit(f"{cell.name}_bench")
    driver, line = dc_sfq(technology=technology), jtl(technology=technology)
    inputs: dict[str, str] = {}
    loads: dict[str, str] = {}
    for port, times in pulses.items():
        circuit.current(f"drive_{port}", GROUND, f"{port}_current", dc_sfq_drive(times), role="input")
        circuit.instance(f"driver_{port}", driver, input=f"{port}_current", output=f"{port}_converted")
        circuit.instance(f"line_{port}", line, input=f"{port}_converted", output=port)
        inputs[port] = f"line_{port}.B2"
    for port, times in currents.items():
        circuit.current(f"drive_{port}", GROUND, port, dc_sfq_drive(times), role="input")
    circuit.instance("cell", cell, **{port: port for port in cell.ports})
    for port in cell.ports:
        if port in resistors:
            circuit.resistor(f"load_{port}", port, GROUND, resistors[port])
        elif port not in inputs and port not in currents:
            circuit.instance(f"load_{port}", line, input=port, output=f"{port}_end")
            circuit.instance(f"end_{port}", terminator(), input=f"{port}_end")
            loads[port] = f"load_{port}.B1"
    flat = circuit.flatten()
    ends = {(j.plus, j.minus): j.name for j in flat.of_type(Junction) if j.name.startswith("cell.")}
    outputs = {port: ends[port, GROUND] for port in (*loads, *resistors) if (port, GROUND) in ends}
    return Bench(circuit=flat, inputs=inputs, outputs=outputs, loads=loads)


def global_scales(circuit: Circuit, parameter: str, factors: ArrayLike) -> Scales:
    """Scale factors for `transient_batch` that move one global parameter of a flattened circuit.

    Parameters
    ----------
    parameter : str
        ``"bias"``: every current source that is no input; ``"critical_current"``: Ic and capacitance of every
        junction, shunts left alone; ``"inductance"``; ``"resistance"``: shunts and resistors.
    factors : array of float, shape (variants,)
    """
    if parameter not in GLOBALS:
        raise unknown_name("global parameter", parameter, GLOBALS)
    values = np.atleast_1d(np.asarray(factors, dtype=float))
    names: list[str] = []
    for e in circuit:
        match parameter, e:
            case "bias", CurrentSource(role="bias" | "tuning"):
                names.append(e.name)
            case "critical_current", Junction():
                names += [e.name, f"{e.name}:capacitance"]
            case "inductance", Inductor():
                names.append(e.name)
            case "resistance", Junction():
                names.append(f"{e.name}:resistance")
            case "resistance", Resistor():
                names.append(e.name)
    return dict.fromkeys(names, values)


def slips_by(batch: Batch, junction: str, time: float) -> NDArray[np.int64]:
    """Net number of 2 pi slips of a junction up to ``time`` [s], shape (variants,)."""
    times = batch.times[batch.row(junction)]
    done = np.abs(times) <= time
    result: NDArray[np.int64] = np.sum(np.where(done, np.sign(times), 0.0), axis=0).astype(np.int64)
    return result
