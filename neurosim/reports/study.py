"""What `neurosim run` does with a case that is a study."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from neurosim.cases.study_case import StudyCase
from neurosim.output_files import STANDARD_OUTPUT, write_json


def report_study(case: StudyCase, *, quick: bool, json_file: Path | None, out: Path | None, seed: int) -> None:
    """Run a study under a progress bar, print, draw and write what came out; ends with status 1 if it is wrong."""
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(case.name, total=1.0)
        result = case.run(
            quick=quick, seed=seed, progress=lambda text, done: bar.update(task, description=text, completed=done)
        )
    report = import_module(case.report)
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    report.show(result, console)
    if out is not None:
        for path in report.write_pictures(result, out):
            console.print(f"wrote {path}", highlight=False, soft_wrap=True)
    if json_file is not None:
        write_json(json_file, result.to_dict())
    if not result.correct:
        raise typer.Exit(1)
