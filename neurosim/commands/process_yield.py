"""``neurosim yield``."""

from typing import TYPE_CHECKING, Annotated

import typer

from neurosim.commands.study_options import Count, Engine, Expect, Input, Json, Out, RuleFile, State, Target, Window

if TYPE_CHECKING:
    from rich.table import Table

    from spice_models.analysis.yields import YieldReport

DEFAULT_SPREAD = 0.05
"""Standard deviation of each element where nothing is said [chosen]."""

_SHOWN = 8  # parameters and reasons in the table


def process_yield(
    target: Target,
    samples: Annotated[int, typer.Option(min=1, help="Chips to draw.")] = 1000,
    local: Annotated[
        list[str] | None,
        typer.Option(
            "--local",
            metavar="SIGMA|KIND=SIGMA",
            help="Standard deviation of each element by itself; 0.05 is 5 %. Kinds: bias, critical-current, "
            "inductance, resistance; may be given several times.",
        ),
    ] = None,
    global_: Annotated[
        list[str] | None,
        typer.Option("--global", metavar="SIGMA|KIND=SIGMA", help="The same for all elements of a kind together."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all draws.")] = 0,
    expect: Expect = None,
    window: Window = None,
    count: Count = None,
    rule: RuleFile = None,
    inputs: Input = None,
    json_file: Json = None,
    out: Out = None,
    state: State = None,
    engine: Engine = "native",
) -> None:
    """Estimate how many chips of a process work, and which parameters have to do with those that do not.

    What must hold is as of `neurosim margins`. Without --local and --global elements spread as the netlist's .spread
    says, or else each by 5 %.
    """
    from rich.console import Console

    from neurosim.commands.study_options import patterns, picture, progress_bar, read_study
    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_figure, write_json
    from spice_models.analysis.spreads import spreads_of
    from spice_models.analysis.yields import process_yield as estimate

    check_writable(json_file, state, picture(out, "yield", "case"))
    terminal = Console(stderr=True)
    alone, together = _spreads("--local", local), _spreads("--global", global_)
    study = read_study(target, expect, window, count, rule, inputs, terminal)
    spreads = list(study.spreads)
    if local or global_ or not spreads:
        default = alone if local or global_ else DEFAULT_SPREAD
        spreads = spreads_of(study.parameters, study.elements, local=default, global_=together)
    with progress_bar(terminal, f"{samples} samples, {patterns(study)}") as progress:
        report = estimate(
            study.circuits,
            study.rule,
            spreads=spreads,
            duration=study.duration,
            step=study.step,
            samples=samples,
            seed=seed,
            engine=engine,
            state=state,
            progress=progress,
        )
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    console.print(
        f"yield {100 * report.fraction:.1f} %: {report.passed} of {report.samples}; "
        f"{100 * report.confidence:.0f} % interval {100 * report.low:.1f} to {100 * report.high:.1f} %",
        highlight=False,
    )
    if report.failures:
        console.print(_table(report))
        for reason, number in list(report.reasons.items())[:_SHOWN]:
            console.print(f"{number:5} x {reason}", highlight=False, markup=False, soft_wrap=True)
    chart = picture(out, "yield", study.name)
    if chart is not None:
        from matplotlib.figure import Figure

        from neurosim.pictures.process import plot_influences, plot_yield

        figure = Figure(figsize=(9.5, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        plot_yield(report, left)
        plot_influences(report, right)
        console.print(f"wrote {write_figure(chart, figure)}", soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(json_file, {"case": study.name, **report.to_dict()})


def _table(report: "YieldReport") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("parameter", "sigma %", "correlation with failure", "of its square", "standard errors"):
        table.add_column(heading, justify="left" if heading == "parameter" else "right")
    for i in report.influences[:_SHOWN]:
        table.add_row(
            Text(i.name), f"{100 * i.sigma:.3g}", f"{i.correlation:+.2f}", f"{i.two_sided:+.2f}", f"{i.score:.1f}"
        )
    return table


def _spreads(option: str, words: list[str] | None) -> float | dict[str, float]:
    """Read ``0.05`` or ``inductance=0.05`` ...; raise for words that are neither."""
    from spice_models.errors import DescriptionError

    found: dict[str, float] = {}
    for word in words or ():
        kind, _, number = word.rpartition("=")
        try:
            found[kind] = float(number)
        except ValueError:
            raise DescriptionError(f"{option} takes SIGMA or KIND=SIGMA, such as 0.05, got {word!r}") from None
    if "" in found and len(found) > 1:
        raise DescriptionError(f"{option}: give one SIGMA for all kinds, or KIND=SIGMA for each")
    return found.get("", found)
