"""SPICE raw files, binary and ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import NetlistError, unknown_name

Values = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, eq=False)
class RawPlot:
    """One analysis of a raw file.

    Parameters
    ----------
    title, kind : str
        Title of the deck and name of the analysis ("Transient Analysis").
    names : tuple of str
        Vectors in the order of the file, in lower case; the first is the scale (time).
    values : array, shape (vectors, points)
        Real or complex samples.
    announced : int
        Number of points that the header promises.
    """

    title: str
    kind: str
    names: tuple[str, ...]
    values: Values
    announced: int

    @property
    def complete(self) -> bool:
        """Whether every announced point is there, and at least one is."""
        return 0 < self.announced == int(self.values.shape[1])

    def __getitem__(self, name: str) -> Values:
        key = vector_key(name)
        for row, own in enumerate(self.names):
            if vector_key(own) == key:
                found: Values = self.values[row]
                return found
        raise unknown_name("vector", name, self.names)


def vector_key(name: str) -> str:
    """One spelling for a vector: ``v(x)`` and ``x``, ``i(x)`` and ``x#branch`` are the same."""
    name = name.lower()
    if name.startswith("v(") and name.endswith(")"):
        return name[2:-1]
    if name.startswith("i(") and name.endswith(")"):
        return name[2:-1] + "#branch"
    return name


def read_raw(path: Path) -> list[RawPlot]:
    """Read every plot of a raw file; one that breaks off keeps its whole points (see `RawPlot.complete`).

    Raises
    ------
    NetlistError
        If the file is not a raw file.
    """
    data = path.read_bytes()
    plots: list[RawPlot] = []
    position = 0
    while position < len(data) and data[position:].strip():
        plot, position = _plot(data, position, path)
        plots.append(plot)
    if not plots:
        raise NetlistError(f"{path.name} is empty: the simulator wrote no result")
    return plots


def _plot(data: bytes, start: int, path: Path) -> tuple[RawPlot, int]:
    header: dict[str, str] = {}
    names: list[str] = []
    position = start
    while True:
        end = data.find(b"\n", position)
        if end < 0:
            raise NetlistError(f"{path.name} is not a SPICE raw file, or its header breaks off")
        line = data[position:end].decode("latin-1").rstrip("\r")
        position = end + 1
        key, colon, text = line.partition(":")
        if line.startswith(("\t", " ")):
            fields = line.split()
            if len(fields) < 3 or not fields[0].isdigit():
                raise NetlistError(f"{path.name}: cannot read the variable {line.strip()!r}")
            names.append(fields[1].lower())
        elif key in ("Binary", "Values"):
            break
        elif colon:
            header[key.strip().lower()] = text.strip()
        elif line.strip():
            raise NetlistError(f"{path.name} is not a SPICE raw file: cannot read the line {line[:60]!r}")
    announced = _whole(header.get("no. points", "0"))
    if not names or len(names) != _whole(header.get("no. variables", "0")):
        raise NetlistError(f"{path.name}: the header announces other variables than it names")
    is_complex = "complex" in header.get("flags", "real").lower()
    read = _binary if key == "Binary" else _ascii
    values, position = read(data, position, len(names), announced, is_complex)
    plot = RawPlot(
        title=header.get("title", ""),
        kind=header.get("plotname", ""),
        names=tuple(names),
        values=values,
        announced=announced,
    )
    return plot, position


def _binary(data: bytes, start: int, variables: int, announced: int, is_complex: bool) -> tuple[Values, int]:
    width = variables * (16 if is_complex else 8)
    present = (len(data) - start) // width
    points = min(announced, present) if announced else present
    end = start + points * width
    table = np.frombuffer(data[start:end], dtype="<c16" if is_complex else "<f8").reshape(points, variables)
    return table.T.copy(), end if points == announced else len(data)


def _ascii(data: bytes, start: int, variables: int, announced: int, is_complex: bool) -> tuple[Values, int]:
    following = data.find(b"\nTitle:", start)
    end = len(data) if following < 0 else following + 1
    words = data[start:end].decode("latin-1").split()
    whole = len(words) // (variables + 1)
    points = min(announced, whole) if announced else whole
    table = [words[p * (variables + 1) + 1 : (p + 1) * (variables + 1)] for p in range(points)]
    if is_complex:
        pairs = [[complex(*map(float, word.split(","))) for word in row] for row in table]
        return np.array(pairs, dtype=complex).reshape(points, variables).T, end
    return np.array(table, dtype=float).reshape(points, variables).T, end


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 0
