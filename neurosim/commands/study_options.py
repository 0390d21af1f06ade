"""Options that the commands on margins, shmoo maps, yields and optimisations share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from spice_models.analysis.study import Study

Target = Annotated[
    str, typer.Argument(metavar="CASE|FILE", help="A case, as `neurosim list` names them, or a netlist of yours.")
]
Expect = Annotated[
    list[str] | None,
    typer.Option(
        "--expect", metavar="JUNCTION=N", help="Of a netlist: slips of a junction; may be given several times."
    ),
]
Window = Annotated[
    list[str] | None,
    typer.Option(
        "--window",
        metavar="JUNCTION=T..T",
        help="Of a netlist: when a junction may slip, as B5=20p..60p; several hold a slip each, in turn.",
    ),
]
Count = Annotated[
    list[str] | None,
    typer.Option(
        "--count", metavar="JUNCTION", help="Without --expect: only these must slip as in the netlist as it is. [all]"
    ),
]
RuleFile = Annotated[
    str | None,
    typer.Option("--rule", metavar="FILE.py:FUNCTION", help="A function of the batches that returns a bool a variant."),
]
Input = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="SOURCE", help="Of a netlist: a source that is no supply although it stays on."),
]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; '-' is standard output.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for pictures.")]
State = Annotated[
    Path | None, typer.Option("--state", metavar="FILE", help="Keep what is done there, and go on from it.")
]
Engine = Annotated[str, typer.Option(help="Circuit engine; others than native take far longer.")]


def read_study(
    target: str,
    expect: list[str] | None,
    window: list[str] | None,
    count: list[str] | None,
    rule: str | None,
    inputs: list[str] | None,
    console: "Console",
) -> "Study":
    """Load a study and print its notes to standard error."""
    from neurosim.studies.circuit import load_study

    study = load_study(
        target, expect=expect or (), windows=window or (), count=count or (), rule=rule, inputs=inputs or ()
    )
    for note in study.notes:
        console.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    return study


def picture(out: Path | None, kind: str, study: str) -> Path | None:
    """Path of a picture in the folder that was asked for."""
    return None if out is None else out / f"{kind}_{study}.png"


def patterns(study: "Study") -> str:
    """How many patterns a study has, in words."""
    return "1 pattern" if len(study.circuits) == 1 else f"{len(study.circuits)} patterns"


@contextmanager
def progress_bar(console: "Console", text: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal, and nothing elsewhere; yields what moves it, from 0 to 1."""
    from rich.progress import Progress

    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda done: bar.update(task, completed=done)
