"""``neurosim margins``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from spice_models.analysis.margins import MarginReport


def margins(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case, as `neurosim list` names them.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the margins as JSON; '-' is standard output.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the bar chart.")] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", metavar="NAME", help="Only this one; may be given several times."),
    ] = None,
    globals_only: Annotated[bool, typer.Option("--globals-only", help="Leave out single currents.")] = False,
    limit: Annotated[float, typer.Option(help="Largest deviation that is tried; 0.6 is 60 %.")] = 0.6,
    tolerance: Annotated[float, typer.Option(help="Resolution of the search.")] = 0.005,
    engine: Annotated[str, typer.Option(help="Circuit engine; others than native take far longer.")] = "native",
) -> None:
    """Find how far parameters of a case's circuit can be off before a pattern is classified wrong.

    Parameters are bias, critical-current, inductance and resistance (all of a kind together) and every bias and
    tuning current by itself; one is moved at a time.
    """
    from rich.console import Console
    from rich.progress import Progress

    from neurosim.cases import load_case
    from neurosim.cases.margin_study import margin_study
    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_figure, write_json
    from spice_models.analysis.margins import circuit_parameters, find_parameter
    from spice_models.analysis.margins import margins as find_margins

    chart = None if out is None else out / f"margins_{case}.png"
    check_writable(json_file, chart)
    circuits, rule, duration = margin_study(load_case(case))
    parameters = circuit_parameters(circuits[0])
    if parameter:
        parameters = [find_parameter(parameters, name) for name in parameter]
    if globals_only:
        parameters = [p for p in parameters if p.scope == "global"]
    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task(f"{len(parameters)} parameters, {len(circuits)} patterns", total=1.0)
        report = find_margins(
            circuits,
            rule,
            duration=duration,
            parameters=parameters,
            limit=limit,
            tolerance=tolerance,
            engine=engine,
            progress=lambda done: bar.update(task, completed=done),
        )
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    console.print(_table(report))
    if report.margins:
        worst = report.worst
        console.print(f"smallest: {worst.name}, {100 * worst.low:.1f} / +{100 * worst.high:.1f} %", highlight=False)
    if chart is not None:
        from matplotlib.figure import Figure

        from neurosim.plotting_circuit import plot_margins

        figure = Figure(figsize=(8.0, 1.4 + 0.2 * max(len(report.margins), 3)), layout="constrained")
        plot_margins(report, figure.subplots())
        console.print(f"wrote {write_figure(chart, figure)}", soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(json_file, {"case": case, **report.to_dict()})


def _table(report: "MarginReport") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("parameter", "scope", "low %", "high %", f"-{100 * report.limit:.0f} % ... 0 ... +"):
        table.add_column(heading, justify="right" if heading.endswith("h %") or heading == "low %" else "left")
    cells = 12
    for margin in report.margins:
        left = round(-margin.low / report.limit * cells)
        right = round(margin.high / report.limit * cells)
        bar = f"{'█' * left:>{cells}}|{'█' * right:<{cells}}"
        table.add_row(
            Text(margin.name), margin.scope, f"{100 * margin.low:.1f}", f"{100 * margin.high:+.1f}", Text(bar)
        )
    return table
