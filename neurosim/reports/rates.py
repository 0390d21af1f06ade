"""What `neurosim run` prints of a rate-coded case, and `neurosim characterise` of the stochastic synapse."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from hardware.sfq.stochastic_data import NOMINAL_TEMPERATURE, StochasticData, load_stochastic, stochastic_path
from neurosim.cases.rate_case import RateCase
from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_json
from neurosim.reports.rate_tables import rate_summary, rate_tables, synapse_law_tables


def report_rates(
    case: RateCase,
    levels: Sequence[str],
    *,
    engine: str | None,
    patterns: Sequence[str] | None,
    json_file: Path | None,
    out: Path | None,
    seed: int,
) -> None:
    """Run a rate-coded case and show what came out; ends with status 1 if it is wrong or the levels disagree."""
    with Console(stderr=True).status(f"running {case.name}") as status:
        result = case.run(levels, engine=engine, patterns=patterns, seed=seed, progress=status.update)
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    for table in rate_tables(result):
        console.print(table)
        console.print()
    for line in rate_summary(result):
        console.print(line, highlight=False, soft_wrap=True)
    if out is not None:
        from neurosim.pictures.rate_case import write_rate_pictures

        for path in write_rate_pictures(case.network(NOMINAL_TEMPERATURE), result, out):
            console.print(f"wrote {path}", highlight=False, soft_wrap=True)
    if json_file is not None:
        write_json(json_file, result.to_dict())
    if not (result.correct and result.agreement and result.conserved is not False):
        raise typer.Exit(1)


def report_synapse_law(*, measure: bool, update: bool, json_file: Path | None, out: Path) -> None:
    """Show the pass probability of the stochastic synapse, from the shipped measurements or from new ones."""
    from neurosim.pictures.rate_case import write_synapse_law_pictures

    data, numbers = (
        _measured(update=update) if measure else (load_stochastic(), json.loads(stochastic_path().read_text()))
    )
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    for table in synapse_law_tables(data, numbers["synapse"]):
        console.print(table)
        console.print()
    for path in write_synapse_law_pictures(data, out):
        console.print(f"wrote {path}", highlight=False, soft_wrap=True)
    if json_file is not None:
        write_json(json_file, numbers)


def _measured(*, update: bool) -> tuple[StochasticData, dict[str, Any]]:
    from hardware.sfq.measure_stochastic import measure_stochastic, write_stochastic

    if update:
        check_writable(stochastic_path())
    with Console(stderr=True).status("measuring") as status:
        measured = measure_stochastic(report=status.update)
    with tempfile.TemporaryDirectory() as folder:
        path = write_stochastic(measured, None if update else Path(folder) / "stochastic.json")
        load_stochastic.cache_clear()
        return load_stochastic(path), json.loads(path.read_text())
