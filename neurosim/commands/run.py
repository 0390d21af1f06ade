"""``neurosim run``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from neurosim.cases.pattern_result import CaseResult


_HEADINGS = {"architecture": "archi-\ntecture", "behavioral": "behav-\nioral"}  # all of a table in 80 columns


def run(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case, as `neurosim list` names them.")],
    level: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVEL",
            help="architecture, behavioral or circuit; may be given several times. [default: all three]",
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of the circuit level: native (the default), ngspice or josim; brian2 or discrete for a memory.",
        ),
    ] = None,
    pattern: Annotated[
        list[str] | None, typer.Option(metavar="BITS", help="Only this pattern; may be given several times.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; '-' is standard output.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for pictures: network, spikes, waveforms.")
    ] = None,
    experiment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Of hippocampal-cam: functional, stress or application; may be given several times. [default: all]",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random draw.")] = 0,
    quick: Annotated[
        bool, typer.Option("--quick", help="Of cases with sweeps, such as crossbar-readout: fewer values.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Stop ngspice or JoSIM after this time for a pattern. [default: 120]"),
    ] = None,
) -> None:
    """Run a case at several levels of abstraction and hold the results against each other.

    Exits with status 1 if an output is wrong or the levels disagree.
    """
    from rich.console import Console

    from neurosim.cases import find_case
    from neurosim.cases.memory_case import MemoryCase
    from neurosim.cases.pattern_case import LEVELS, PatternCase
    from neurosim.cases.study_case import StudyCase
    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_json
    from spice_models.errors import DescriptionError

    check_writable(json_file, None if out is None else out / "network.png")
    chosen = find_case(case)
    if quick and not isinstance(chosen, StudyCase):
        raise DescriptionError(f"case {case!r} has no quick form: leave out --quick")
    if experiment and not isinstance(chosen, MemoryCase):
        raise DescriptionError(f"case {case!r} has no experiments: leave out --experiment")
    if isinstance(chosen, MemoryCase):
        if pattern or timeout is not None or (level or ["architecture"]) != ["architecture"]:
            raise DescriptionError(f"case {case!r} has experiments at the architecture level, no patterns or timeout")
        from neurosim.reports.memory import report_memory

        report_memory(chosen, experiment or (), engine=engine, json_file=json_file, out=out, seed=seed)
        return
    if isinstance(chosen, StudyCase):
        if level or engine or pattern or timeout is not None:
            raise DescriptionError(f"case {case!r} is a study: it has no levels, engines, patterns or timeout")
        from neurosim.reports.study import report_study

        report_study(chosen, quick=quick, json_file=json_file, out=out, seed=seed)
        return
    if not isinstance(chosen, PatternCase):
        from neurosim.reports.rates import report_rates

        report_rates(chosen, level or LEVELS, engine=engine, patterns=pattern, json_file=json_file, out=out, seed=seed)
        return
    with Console(stderr=True).status(f"running {case}") as status:
        result = chosen.run(
            level or LEVELS,
            engine=engine,
            patterns=pattern,
            record=("spikes", "phases") if out is not None else ("spikes",),
            seed=seed,
            timeout=timeout,
            progress=status.update,
        )
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    console.print(_table(result))
    for line in _summary(result):
        console.print(line, highlight=False, soft_wrap=True)
    if out is not None:
        from neurosim.pictures.cases import write_pictures

        for path in write_pictures(chosen.network(), result, out):
            console.print(f"wrote {path}", highlight=False, soft_wrap=True)
    if json_file is not None:
        write_json(json_file, result.to_dict())
    if not (result.correct and result.agreement):
        raise typer.Exit(1)


def _table(result: "CaseResult") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("pattern")
    table.add_column("expected")
    for level in result.levels:
        table.add_column(_HEADINGS.get(level, level), justify="right")
    for heading in ("decision\nmargin", "latency\n\\[ps]", "energy\n\\[aJ]", "junc-\ntions"):
        table.add_column(heading, justify="right", no_wrap=True)
    best = result.levels[-1]
    for pattern in result.patterns:
        runs = [result.of(level, pattern) for level in result.levels]
        cells = [
            Text(_bits(run.outputs), style="green" if run.correct else "bold red") for run in runs if run is not None
        ]
        last = result.of(best, pattern)
        assert last is not None
        margin = result.margins.get(pattern)
        table.add_row(
            pattern,
            _bits(last.expected),
            *cells,
            "" if margin is None else f"{1e6 * margin.deviation:.0f} µA, {100 * margin.relative:.0f} %",
            "" if last.run.latency is None else f"{1e12 * last.run.latency:.1f}",
            "" if last.run.energy is None else f"{1e18 * last.run.energy:.2f}",
            "" if result.junctions is None else str(result.junctions),
        )
    return table


def _summary(result: "CaseResult") -> list[str]:
    lines = [f"note: {note}" for note in result.notes]
    wrong = [f"{run.run.level} {run.pattern}" for run in result.runs if not run.correct]
    lines.append(f"wrong: {', '.join(wrong)}" if wrong else "every output is right")
    for pattern, comparison in result.comparisons.items():
        if not comparison.agreement:
            lines += [f"pattern {pattern}, {comparison.summary()}:", str(comparison)]
    if result.comparisons and result.agreement:
        lines.append("the levels agree on which neurons fired, and how often")
    difference = result.spike_time_difference
    if difference is not None:
        lines.append(
            f"spikes of hidden and output neurons, behavioral against circuit: within {1e12 * difference:.2f} ps"
        )
    if result.margins:
        lines.append(
            "decision margin: least change of a threshold current that changes an output, also as % of the "
            "threshold junction's Ic"
        )
    for run in result.runs:
        power, cooled = run.run.details.get("static_power"), run.run.details.get("cooled_dynamic_energy")
        if power is not None and cooled is not None:
            lines.append(
                f"energy: dynamic, at {result.levels[-1]} level; a resistive bias network burns {1e6 * power:.1f} µW; "
                f"cooling multiplies both by {run.run.details['cooling_factor']:g} (assumed)"
            )
            break
    return lines


def _bits(values: tuple[int, ...]) -> str:
    return "".join(map(str, values))
