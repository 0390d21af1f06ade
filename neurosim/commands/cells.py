"""``neurosim cells``."""

from pathlib import Path
from typing import Annotated

import typer


def cells(
    path: Annotated[bool, typer.Option("--path", help="Print the folder of the .lib files only.")] = False,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write the library files into a folder of yours.")
    ] = None,
    dialect: Annotated[str, typer.Option("--dialect", help="ngspice or josim; of what --write writes.")] = "ngspice",
) -> None:
    """List the cells, or show where their SPICE libraries are.

    Include a library in a deck of your own with ``.include FOLDER/jtl.lib``; the header of each file names its pins,
    parameters and units.
    """
    import inspect

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from neurosim.output_files import check_writable
    from spice_models.cells.library import CELLS, WRITERS, cell, device_libraries, library_path, write_libraries
    from spice_models.errors import unknown_name

    if path:
        typer.echo(library_path())
        return
    if write is not None:
        if dialect not in WRITERS:
            raise unknown_name("dialect", dialect, WRITERS)
        check_writable(write / "jtl.lib")
        for written in write_libraries(write, dialect=dialect):
            typer.echo(written)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("cell", "ports", "junctions", "what it does"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "junctions" else "left")
    for name, function in CELLS.items():
        circuit = cell(name)
        first = (inspect.getdoc(function) or "").partition("\n")[0].replace("``", "")
        table.add_row(Text(name), Text(" ".join(circuit.ports)), str(circuit.junction_count), Text(first))
    for name, file in device_libraries().items():
        first = file.read_text(encoding="ascii").partition("\n")[0].partition(": ")[2].partition(",")[0]
        table.add_row(Text(name), Text("top bottom state"), "0", Text(f"{first}, in rram/{file.name}"))
    Console().print(table)
