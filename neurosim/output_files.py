"""Files that commands leave behind: refused before a long run rather than after it, and whole or not at all."""

from __future__ import annotations

import json
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spice_models.atomic import write_bytes
from spice_models.errors import OutputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STANDARD_OUTPUT = Path("-")
"""The file name that stands for standard output."""


def check_writable(*targets: Path | None) -> None:
    """Raise unless each file could be written; None and ``-`` are left out.

    Folders that are not there yet are not made: the nearest one above them is tried.

    Raises
    ------
    OutputError
        Naming the file that cannot be written.
    """
    for target in targets:
        if target is None or target == STANDARD_OUTPUT:
            continue
        if target.is_dir():
            raise OutputError(f"cannot write {target}: it is a folder; give the name of a file")
        folder = target.absolute().parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise _error(target, error) from error


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file whole or not at all; its folder is made if it is not there.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _error(path, error) from error
    return write_bytes(path, content.encode() if isinstance(content, str) else content)


def write_json(path: Path, data: Any) -> None:
    """Write data as indented JSON, to standard output for ``-``."""
    text = json.dumps(data, indent=2) + "\n"
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
    else:
        write_whole(path, text)


def write_figure(path: Path, figure: Figure) -> Path:
    """Write a figure as PNG."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return write_whole(path, buffer.getvalue())


def _error(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {path}: {error.strerror or error}; choose a folder that you may write to")
