"""``neurosim simulate``."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    netlist: Annotated[Path, typer.Argument(metavar="FILE", help="A netlist in the dialect of JoSIM or WRspice.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Table to write, .csv or .dat; '-' is standard output."),
    ] = None,
    engine: Annotated[str, typer.Option(metavar="NAME", help="native, ngspice or josim.")] = "native",
    step: Annotated[
        str | None, typer.Option(metavar="TIME", help="Time step such as 0.05p, instead of that of .tran.")
    ] = None,
) -> None:
    """Simulate a netlist of your own and write the columns it prints, as JoSIM does.

    Files that the netlist names with .file are written too; without those and without --output the table goes to
    standard output. What has no effect is told on standard error; what is not supported is an error with its line.
    """
    from rich.console import Console

    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_whole
    from spice_models.dialects.reader import csv_text, read, run, write_files

    check_writable(output)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    deck = read(netlist)
    for warning in deck.warnings:
        console.print(f"warning: {warning}", markup=False)
    files = any(column.file is not None for column in deck.prints)
    with console.status(f"simulating {netlist.name}"):
        traces = run(deck, engine, step=None if step is None else _seconds(step))
    target = output or (None if files else STANDARD_OUTPUT)
    if target == STANDARD_OUTPUT:
        typer.echo(csv_text(deck, traces), nl=False)
    elif target is not None:
        text = csv_text(deck, traces, separator=" " if target.suffix.lower() == ".dat" else ",")
        console.print(f"wrote {write_whole(target, text)}", markup=False)
    for path in write_files(deck, traces):
        console.print(f"wrote {path}", markup=False)


def _seconds(text: str) -> float:
    from spice_models.dialects.reader import evaluate
    from spice_models.errors import DescriptionError

    try:
        value = evaluate(text)
    except ValueError as error:
        raise DescriptionError(f"--step: {error}") from error
    if value <= 0:
        raise DescriptionError(f"--step must be positive [s], got {text}")
    return value
