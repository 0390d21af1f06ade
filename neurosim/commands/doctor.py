"""``neurosim doctor``."""

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the self test.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the findings as JSON; '-' is standard output.")
    ] = None,
) -> None:
    """Show versions, the simulators found, caches, and whether it all works.

    Exits with status 1 if something required is missing or broken.
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from neurosim.doctor import examine
    from neurosim.self_test import run_all

    with Console(stderr=True).status("looking around"):
        findings = [*examine(), *(() if quick else run_all())]
    fatal = [finding for finding in findings if finding.fatal]

    if json_file is not None:
        text = json.dumps({"ok": not fatal, "findings": [asdict(finding) for finding in findings]}, indent=2)
        if str(json_file) == "-":
            typer.echo(text)
        else:
            json_file.write_text(text + "\n", encoding="utf-8")
    if str(json_file) != "-":
        colours = {"ok": "green", "missing": "yellow", "broken": "red"}
        table = Table(box=None, pad_edge=False)
        for heading in ("what", "state", "detail"):
            table.add_column(heading, overflow="fold")
        for finding in findings:
            colour = "red" if finding.fatal else colours[finding.state]
            detail = f"{finding.detail}\n-> {finding.remedy}" if finding.remedy else finding.detail
            state = finding.state if finding.state != "missing" or finding.required else "optional"
            table.add_row(Text(finding.subject), Text(state, style=colour), Text(detail))
        Console().print(table)
    if fatal:
        typer.echo(f"required, and not in order: {', '.join(finding.subject for finding in fatal)}", err=True)
        raise typer.Exit(1)
