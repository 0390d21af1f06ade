"""``neurosim margins``."""

from typing import TYPE_CHECKING, Annotated

import typer

from neurosim.commands.study_options import Count, Engine, Expect, Input, Json, Out, RuleFile, Target, Window

if TYPE_CHECKING:
    from rich.table import Table

    from spice_models.analysis.margins import MarginReport


def margins(
    target: Target,
    expect: Expect = None,
    window: Window = None,
    count: Count = None,
    rule: RuleFile = None,
    inputs: Input = None,
    json_file: Json = None,
    out: Out = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="NAME",
            help="Only this one, an element, a pattern such as '*.IT', or a group as in NAME=A,B; may be given several "
            "times.",
        ),
    ] = None,
    globals_only: Annotated[bool, typer.Option("--globals-only", help="Leave out single currents.")] = False,
    limit: Annotated[float, typer.Option(help="Largest deviation that is tried; 0.6 is 60 %.")] = 0.6,
    tolerance: Annotated[float, typer.Option(help="Resolution of the search.")] = 0.005,
    engine: Engine = "native",
) -> None:
    """Find how far parameters of a circuit can be off before it does something else.

    Parameters are bias, critical-current, inductance and resistance (all of a kind together) and every bias and
    tuning current by itself; one is moved at a time. A case must classify every pattern right; a netlist must do what
    --expect, --window or --rule say, or else every junction slip as often as it does in the netlist as it is.
    """
    from rich.console import Console

    from neurosim.commands.study_options import patterns, picture, progress_bar, read_study
    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_figure, write_json
    from neurosim.studies.circuit import find_parameters
    from spice_models.analysis.margins import margins as find_margins

    check_writable(json_file, picture(out, "margins", "case"))
    terminal = Console(stderr=True)
    study = read_study(target, expect, window, count, rule, inputs, terminal)
    chart = picture(out, "margins", study.name)
    parameters = list(study.parameters)
    if parameter:
        parameters = [p for text in parameter for p in find_parameters(text, study)]
    if globals_only:
        parameters = [p for p in parameters if p.scope == "global"]
    with progress_bar(terminal, f"{len(parameters)} parameters, {patterns(study)}") as progress:
        report = find_margins(
            study.circuits,
            study.rule,
            duration=study.duration,
            step=study.step,
            parameters=parameters,
            limit=limit,
            tolerance=tolerance,
            engine=engine,
            progress=progress,
        )
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    console.print(_table(report))
    if report.margins:
        worst = report.worst
        console.print(f"smallest: {worst.name}, {100 * worst.low:.1f} / +{100 * worst.high:.1f} %", highlight=False)
    if chart is not None:
        from matplotlib.figure import Figure

        from neurosim.pictures.circuit import plot_margins

        figure = Figure(figsize=(8.0, 1.4 + 0.2 * max(len(report.margins), 3)), layout="constrained")
        plot_margins(report, figure.subplots())
        console.print(f"wrote {write_figure(chart, figure)}", soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(json_file, {"case": study.name, **report.to_dict()})


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
