"""``neurosim shmoo``."""

from typing import TYPE_CHECKING, Annotated

import typer

from neurosim.commands.study_options import Count, Engine, Expect, Input, Json, Out, RuleFile, State, Target, Window

if TYPE_CHECKING:
    from spice_models.analysis.shmoo import Shmoo

_Span = Annotated[float, typer.Option(help="Largest deviation of both axes, either way; 0.4 is 40 %.")]


def shmoo(
    target: Target,
    x: Annotated[str, typer.Option("--x", metavar="NAME", help="Parameter or element, or a group as in NAME=A,B.")],
    y: Annotated[str, typer.Option("--y", metavar="NAME", help="The same for the other axis.")],
    span: _Span = 0.4,
    points: Annotated[int, typer.Option(min=2, help="Deviations of each axis.")] = 41,
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
    """Map over two parameters where a circuit does what it should.

    What must hold is as of `neurosim margins`; so are the names of parameters.
    """
    import numpy as np
    from rich.console import Console

    from neurosim.commands.study_options import patterns, picture, progress_bar, read_study
    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_figure, write_json
    from neurosim.studies.circuit import find_one
    from spice_models.analysis.shmoo import shmoo as map_shmoo

    check_writable(json_file, state, picture(out, "shmoo", "case"))
    terminal = Console(stderr=True)
    study = read_study(target, expect, window, count, rule, inputs, terminal)
    deviations = np.round(np.linspace(-span, span, points), 12)
    with progress_bar(terminal, f"{points} x {points} points, {patterns(study)}") as progress:
        found = map_shmoo(
            study.circuits,
            study.rule,
            x=find_one(x, study),
            y=find_one(y, study),
            duration=study.duration,
            step=study.step,
            x_deviations=deviations,
            y_deviations=deviations,
            engine=engine,
            state=state,
            progress=progress,
        )
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    for row in _map(found):
        console.print(row, highlight=False, markup=False, no_wrap=True)
    console.print(f"works at {100 * found.fraction:.1f} % of the points", highlight=False)
    chart = picture(out, "shmoo", study.name)
    if chart is not None:
        from matplotlib.figure import Figure

        from neurosim.pictures.process import plot_shmoo

        figure = Figure(figsize=(5.6, 5.2), layout="constrained")
        plot_shmoo(found, figure.subplots())
        console.print(f"wrote {write_figure(chart, figure)}", soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(json_file, {"case": study.name, **found.to_dict()})


def _map(found: "Shmoo") -> list[str]:
    """Rows of the map, the largest y first; narrow enough for a terminal of 80 columns."""
    every = max(1, -(-found.x.size // 60))
    columns = range(0, found.x.size, every)
    rows = []
    for row in range(found.y.size - 1, -1, -every):
        marks = "".join("█" if found.passed[row, c] else "·" for c in columns)
        rows.append(f"{100 * found.y[row]:+7.1f} % {marks}")
    left, right = f"{100 * found.x[0]:+.1f} %", f"{100 * found.x[columns[-1]]:+.1f} %"
    width = len(columns)
    rows.append(f"{'':9} {left}{right:>{max(width - len(left), len(right) + 1)}}")
    return [f"{found.y_name} over {found.x_name}", *rows]
