"""``neurosim simulate``."""

from __future__ import annotations

from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from spice_models.dialects.reader import Deck
    from spice_models.results import Traces


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
    seed: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=0, help="Of noise and spread, instead of that of .option seed=.")
    ] = None,
) -> None:
    """Simulate a netlist of your own and write the columns it prints, as JoSIM does.

    Files that the netlist names with .file are written too; without those and without --output the table goes to
    standard output. What has no effect is told on standard error; what is not supported is an error with its line. Of
    a run that diverges the rows up to then are written, and the exit status is 1.
    """
    from rich.console import Console

    from neurosim.output_files import check_writable
    from spice_models.dialects.reader import read, run
    from spice_models.errors import DivergenceError

    check_writable(output)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    deck = read(netlist)
    for warning in deck.warnings:
        console.print(f"warning: {warning}", markup=False)
    if deck.random and seed is None and deck.seed is None:
        seed = randbits(32)
        console.print(f"this run is random: --seed {seed} repeats it", markup=False)
    try:
        with console.status(f"simulating {netlist.name}"):
            traces = run(deck, engine, step=None if step is None else _seconds(step), seed=seed)
    except DivergenceError as error:
        if error.traces is not None:
            _write(deck, error.traces, output, console)
        raise
    _write(deck, traces, output, console)


def _write(deck: Deck, traces: Traces, output: Path | None, console: Console) -> None:
    from neurosim.output_files import STANDARD_OUTPUT, write_whole
    from spice_models.dialects.reader import csv_text, write_files

    files = any(column.file is not None for column in deck.prints)
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
