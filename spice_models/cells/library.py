"""The table of cells, and the subcircuit libraries for SPICE made from it."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from spice_models.atomic import write_text
from spice_models.cells.dc_sfq import dc_sfq
from spice_models.cells.jtl import jtl, terminator
from spice_models.cells.merger import merger
from spice_models.cells.sfq_dc import sfq_dc
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.splitter import splitter
from spice_models.cells.stochastic_synapse import stochastic_synapse
from spice_models.cells.storage import dff, ndro
from spice_models.cells.technology import Technology
from spice_models.circuit import Circuit, SubCircuit
from spice_models.dialects import josim, ngspice
from spice_models.dialects.ngspice_phases import JUNCTION
from spice_models.errors import unknown_name

CELLS: dict[str, Callable[..., SubCircuit]] = {
    "dc_sfq": dc_sfq,
    "dff": dff,
    "jtl": jtl,
    "merger": merger,
    "ndro": ndro,
    "sfq_dc": sfq_dc,
    "sfq_neuron": sfq_neuron,
    "sfq_synapse": sfq_synapse,
    "splitter": splitter,
    "stochastic_synapse": stochastic_synapse,
    "terminator": terminator,
}
"""Every cell with its defaults, by name."""

WRITERS: dict[str, Callable[..., str]] = {"josim": josim.write, "ngspice": ngspice.write}


def cell(name: str, /, **parameters: object) -> SubCircuit:
    """Return the cell called ``name`` with some of its parameters given [SI].

    Raises
    ------
    UnknownNameError
        If there is no such cell, or it has no such parameter.

    Examples
    --------
    >>> cell("jtl", stages=4).junction_count
    4
    """
    if name not in CELLS:
        raise unknown_name("cell", name, CELLS)
    allowed = inspect.signature(CELLS[name]).parameters
    for parameter in parameters:
        if parameter not in allowed:
            raise unknown_name("parameter", parameter, allowed, f" of cell {name!r}")
    return CELLS[name](**parameters)


def library_path() -> Path:
    """Folder of the shipped ``.lib`` files: ``.include`` them in a deck of your own."""
    return Path(str(files("spice_models").joinpath("lib")))


def device_libraries() -> dict[str, Path]:
    """Shipped subcircuits for ngspice that are written by hand, by name: resistive cells, in the folder ``rram``."""
    return {path.stem: path for path in sorted((library_path() / "rram").glob("*.lib"))}


def library_text(name: str, *, dialect: str = "ngspice") -> str:
    """Text of the library file of one cell with its default values.

    The file stands alone: what it needs besides the cell (the junction in ngspice, the models in JoSIM) bears the
    name of the cell, so that several such files can be included in one deck.
    """
    if dialect not in WRITERS:
        raise unknown_name("dialect", dialect, WRITERS)
    circuit = cell(name)
    use = Circuit("library")
    use.instance("cell", circuit, **{port: port for port in circuit.ports})
    for port in circuit.ports:
        use.resistor(f"ground_{port}", port, "0", 1.0)
    lines, depth = [], 0
    for line in WRITERS[dialect](use, duration=1e-12).splitlines():
        depth += line.lower().startswith(".subckt")
        if depth or line.lower().startswith(".model"):
            lines.append(line)
        depth -= line.lower().startswith(".ends")
    body = "\n".join(lines)
    body = re.sub(rf"\b{JUNCTION}\b", f"{name}_junction", body)
    body = re.sub(r"\b(jj\d+)\b", rf"{name}_\1", body)
    return "\n".join([*(f"* {line}".rstrip() for line in _header(name, circuit, dialect)), body, ""])


def write_libraries(directory: str | Path, *, dialect: str = "ngspice") -> list[Path]:
    """Write one library file a cell and return their paths.

    Parameters
    ----------
    directory : path
        Folder to write into; made if it is not there.
    dialect : str
        ``"ngspice"`` or ``"josim"``.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in CELLS:
        path = folder / f"{name}.lib"
        paths.append(write_text(path, library_text(name, dialect=dialect)))
    return paths


def _header(name: str, circuit: SubCircuit, dialect: str) -> list[str]:
    function = CELLS[name]
    lines = [f"{name}: {dialect} library of neurofluxon, generated from {function.__module__}.{function.__name__}"]
    if dialect == "ngspice":
        lines += ["", "Use: .include this file, run with '.tran 0.1p STOP 0 0.1p uic' (a superconducting loop has no"]
        lines += [f"operating point) and '.options method=gear reltol={ngspice.TOLERANCE} {ngspice.ABSOLUTE}'"]
    lines += ["", *(inspect.getdoc(function) or "").splitlines(), ""]
    lines += [f"Pins: {' '.join(circuit.ports)}", "Values here [SI]:"]
    for parameter in inspect.signature(function).parameters.values():
        if isinstance(parameter.default, Technology):
            technology = f"technology: {parameter.default.name}; {parameter.default.references}"
            lines += textwrap.wrap(technology, width=110, initial_indent="  ", subsequent_indent="    ")
        elif parameter.default is not None:
            lines += [f"  {parameter.name} = {parameter.default!r}"]
    return lines
