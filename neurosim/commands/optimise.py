"""``neurosim optimise``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurosim.commands.study_options import Count, Engine, Expect, Input, Json, Out, RuleFile, State, Target, Window

if TYPE_CHECKING:
    from rich.table import Table

    from spice_models.analysis.optimisation import OptimisationResult, Variable
    from spice_models.analysis.study import Study


def optimise(
    target: Target,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="NAME[@LOW:HIGH]",
            help="What may be moved: a parameter, an element, a pattern such as '*.IT' (each by itself) or a group as "
            "in NAME=A,B (together), and bounds of its factor; may be given several times.",
        ),
    ],
    bounds: Annotated[
        str, typer.Option(metavar="LOW:HIGH", help="Bounds of factors for which --vary gives none.")
    ] = "0.7:1.4",
    probe: Annotated[
        list[str] | None,
        typer.Option("--probe", metavar="NAME", help="Whose margins count; may be given several times. [the globals]"),
    ] = None,
    generations: Annotated[int, typer.Option(min=1, help="How long to search.")] = 20,
    population: Annotated[int | None, typer.Option(min=2, help="Candidates in a generation.")] = None,
    limit: Annotated[float, typer.Option(help="Margins beyond this count no more; 0.4 is 40 %.")] = 0.4,
    method: Annotated[
        str | None, typer.Option(metavar="NAME", help="cma or differential-evolution. [cma where it is installed]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    expect: Expect = None,
    window: Window = None,
    count: Count = None,
    rule: RuleFile = None,
    inputs: Input = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the best circuit as a netlist (JoSIM's dialect)."),
    ] = None,
    json_file: Json = None,
    out: Out = None,
    state: State = None,
    engine: Engine = "native",
) -> None:
    """Move values within bounds until the smallest margins are as wide as they get.

    What must hold is as of `neurosim margins`. Put the circuit between real cells: a junction that an ideal source
    drives is told, as an optimiser learns to lean on such a source. Ctrl-C keeps what is in the state file.
    """
    import warnings

    from rich.console import Console

    from neurosim.commands.study_options import picture, progress_bar, read_study
    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_figure, write_json, write_whole
    from neurosim.studies.circuit import find_parameters
    from spice_models.analysis.optimisation import Generation, IdealDriveWarning, MarginScore
    from spice_models.analysis.optimisation import optimise as search
    from spice_models.dialects import josim

    check_writable(json_file, state, output, picture(out, "optimise", "case"))
    terminal = Console(stderr=True)
    study = read_study(target, expect, window, count, rule, inputs, terminal)
    probes = [p for p in study.parameters if p.scope == "global"]
    if probe:
        probes = [p for text in probe for p in find_parameters(text, study)]
    variables = [v for text in vary for v in _variables(text, bounds, study)]
    with progress_bar(terminal, f"{generations} generations of {len(variables)} variables") as progress:

        def tell(done: int, last: Generation) -> None:
            progress(done / generations)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IdealDriveWarning)
            result = search(
                study.circuits,
                study.rule,
                variables=variables,
                score=MarginScore(probes=tuple(probes), limit=limit),
                duration=study.duration,
                step=study.step,
                generations=generations,
                population=population,
                method=method,  # type: ignore[arg-type]
                seed=seed,
                engine=engine,
                state=state,
                progress=tell,
            )
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    for note in result.notes:
        terminal.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    for table in _tables(result):
        console.print(table)
    console.print(f"score {result.score_before:.3f}, now {result.score_after:.3f} ({result.method})", highlight=False)
    chart = picture(out, "optimise", study.name)
    if chart is not None:
        from matplotlib.figure import Figure

        from neurosim.pictures.process import plot_before_after, plot_history

        figure = Figure(figsize=(9.5, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        plot_history(result, left)
        plot_before_after(result, right)
        console.print(f"wrote {write_figure(chart, figure)}", soft_wrap=True, highlight=False)
    if output is not None:
        best = result.applied(study.circuits[-1])
        netlist = josim.write(best, duration=study.duration, step=study.step, title=f"{study.name}, optimised")
        console.print(f"wrote {write_whole(output, netlist)}", soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(json_file, {"case": study.name, **result.to_dict()})


def _variables(text: str, bounds: str, study: "Study") -> "list[Variable]":
    from neurosim.studies.circuit import find_parameters
    from spice_models.analysis.optimisation import Variable
    from spice_models.errors import DescriptionError

    name, _, own = text.partition("@")
    low, _, high = (own or bounds).partition(":")
    try:
        between = (float(low), float(high))
    except ValueError:
        raise DescriptionError(f"bounds are two factors LOW:HIGH, such as 0.7:1.4, got {own or bounds!r}") from None
    return [Variable(parameter=p, low=between[0], high=between[1]) for p in find_parameters(name, study)]


def _tables(result: "OptimisationResult") -> "list[Table]":
    from rich.table import Table
    from rich.text import Text

    moved = Table("variable", box=None, pad_edge=False)
    for heading in ("factor", "bounds"):
        moved.add_column(heading, justify="right")
    for v in result.variables:
        moved.add_row(Text(v.parameter.name), f"{result.factors[v.parameter.name]:.3f}", f"{v.low:g} to {v.high:g}")
    widths = Table("margins", box=None, pad_edge=False)
    for heading in ("before %", "now %"):
        widths.add_column(heading, justify="right")
    known = result.after or result.before
    for probe in () if known is None else known.margins:
        cells = [
            "does not work"
            if report is None
            else f"{100 * report[probe.name].low:.1f} / {100 * report[probe.name].high:+.1f}"
            for report in (result.before, result.after)
        ]
        widths.add_row(Text(probe.name), *cells)
    return [moved, widths]
