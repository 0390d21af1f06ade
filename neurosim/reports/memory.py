"""What `neurosim run hippocampal-cam` prints and writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from neurosim.cases.memory_case import MemoryCase, MemoryResult
from neurosim.output_files import STANDARD_OUTPUT, write_json


def report_memory(
    case: MemoryCase,
    experiments: Sequence[str],
    *,
    engine: str | None,
    json_file: Path | None,
    out: Path | None,
    seed: int,
) -> None:
    """Run experiments, all of them if none is named, and show them; ends with status 1 if an answer is wrong.

    Raises
    ------
    UnknownNameError
        For an experiment that the case does not have, before any is run.
    """
    for name in experiments:
        case.experiment(name)
    results = []
    with Console(stderr=True).status(f"running {case.name}") as status:
        for name in experiments or case.patterns:
            status.update(f"running {case.name}, {name}")
            results.append(case.run(name, engine=engine, seed=seed))
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    for result in results:
        chosen = result.experiment
        console.print(
            f"{chosen.name}: {chosen.summary}, {chosen.cues} cues x {chosen.bits} bits, {result.run.label}",
            highlight=False,
            soft_wrap=True,
        )
        console.print(memory_table(result))
        right = sum(answer.correct for answer in result.answers)
        console.print(f"{right} of {len(result.answers)} operations right\n", highlight=False)
    if out is not None:
        from neurosim.pictures.memory import write_memory_pictures

        for result in results:
            for path in write_memory_pictures(result, out):
                console.print(f"wrote {path}", highlight=False, soft_wrap=True)
    if json_file is not None:
        write_json(json_file, memory_data(case, results))
    if not all(result.correct for result in results):
        raise typer.Exit(1)


def memory_table(result: MemoryResult) -> Table:
    """Return a table of the operations: what was expected, what came out."""
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("time\n\\[ms]", justify="right")
    for heading in ("operation", "expected", "got"):
        table.add_column(f"\n{heading}")
    for answer in result.answers:
        table.add_row(
            str(answer.operation.step),
            answer.operation.label,
            _listed(answer.expected),
            Text(
                _listed(answer.got) + ("" if answer.cue_shown else ", wrong cue"),
                style="green" if answer.correct else "bold red",
            ),
        )
    return table


def memory_data(case: MemoryCase, results: Sequence[MemoryResult]) -> dict[str, Any]:
    """Return one result as it is, and several as a list under ``experiments``."""
    if len(results) == 1:
        return results[0].to_dict()
    return {
        "case": case.name,
        "correct": all(result.correct for result in results),
        "experiments": [result.to_dict() for result in results],
    }


def _listed(numbers: frozenset[int]) -> str:
    return " ".join(map(str, sorted(numbers))) or "none"
