"""``neurosim list``."""


def list_cases() -> None:
    """List the cases that `neurosim run`, `export` and `margins` know."""
    from rich.console import Console
    from rich.table import Table

    from neurosim.cases import CASES, find_case

    table = Table(box=None, pad_edge=False)
    for heading in ("case", "patterns", "what it is"):
        table.add_column(heading)
    for name in CASES:
        case = find_case(name)
        table.add_row(name, ", ".join(case.patterns), case.summary)
    Console().print(table)
