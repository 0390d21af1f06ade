"""Results in the form of JoSIM's output files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spice_models.atomic import write_text
from spice_models.dialects.reader.deck import Deck
from spice_models.dialects.reader.digits import table_text
from spice_models.errors import DescriptionError
from spice_models.results import Traces


def csv_text(deck: Deck, traces: Traces, *, columns: Sequence[int] | None = None, separator: str = ",") -> str:
    """Table of a run: ``time`` first, then the columns that the netlist asks for, seven digits each.

    Parameters
    ----------
    deck : Deck
        The netlist.
    traces : Traces
        As `run` returns them.
    columns : sequence of int, optional
        Which columns; all if not given.
    separator : str
        What stands between them.
    """
    if len(traces.names) != len(deck.prints):
        raise DescriptionError(f"{len(traces.names)} traces do not fit the {len(deck.prints)} columns of the netlist")
    chosen = list(range(len(traces.names)) if columns is None else columns)
    # JoSIM writes quotes around the names of columns that were asked for, and none around its own choice.
    quote = '"' if deck.asked else ""
    header = separator.join(["time", *(f"{quote}{traces.names[k]}{quote}" for k in chosen)])
    return f"{header}\n{table_text(np.column_stack([traces.times, *traces.values[chosen]]), separator)}"


def write_csv(deck: Deck, traces: Traces, path: str | Path) -> Path:
    """Write all columns of a run to a file; separated by blanks if its name ends in ``.dat``."""
    return write_text(path, csv_text(deck, traces, separator=_separator(path)))


def write_files(deck: Deck, traces: Traces) -> list[Path]:
    """Write the files that the netlist asks for with ``.file``, each with the columns after it."""
    files: dict[str, list[int]] = {}
    for number, column in enumerate(deck.prints):
        if column.file is not None:
            files.setdefault(column.file, []).append(number)
    return [
        write_text(path, csv_text(deck, traces, columns=columns, separator=_separator(path)))
        for path, columns in files.items()
    ]


def _separator(path: str | Path) -> str:
    return " " if str(path).lower().endswith(".dat") else ","
