"""What `neurosim run image-memory` prints, draws and writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from neurosim.cases.image_memory_result import ImageMemoryResult, Scores
from neurosim.output_files import write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = ("top half", "random quarter", "50 % erased", "10 % flipped", "20 % flipped", "30 % flipped", "50 % flipped")
"""Examples of the picture, as far as they have been run."""

COLUMNS = 10
"""Images in the picture: one of each digit."""


def show(result: ImageMemoryResult, console: Console) -> None:
    """Print how many images came back from what."""
    for kind, levels in result.corrupted.items():
        columns = {f"{100 * part:g} %": by for part, by in levels.items()}
        console.print(_table(f"images recalled exactly [%], pixels {kind}", columns))
        console.print()
    console.print(_table("images recalled exactly [%] (cues found) from a fragment", result.fragments, cues=True))
    for line in _summary(result):
        console.print(line, highlight=False, soft_wrap=True)


def write_pictures(result: ImageMemoryResult, folder: Path) -> list[Path]:
    """Write what was stored, shown and recalled, and the success against corruption."""
    from matplotlib.figure import Figure

    from neurosim.pictures.images import plot_recalled, plot_success

    figures: dict[str, Figure] = {}
    examples = [example.first(COLUMNS) for title in SHOWN for example in result.examples if example.title == title]
    figures["images"] = figure = Figure(figsize=(6.2, 0.6 + 1.16 * len(examples)), layout="constrained")
    plot_recalled(result.images[:COLUMNS], examples, figure.subplots())
    figures["success"] = figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    panels = figure.subplots(1, len(result.corrupted), sharey=True)
    for axes, (kind, levels) in zip(panels, result.corrupted.items(), strict=True):
        plot_success(levels, axes, chance=1 / len(result.images))
        axes.set(xlabel=f"pixels {kind} [%]")
        axes.label_outer()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return [write_figure(folder / f"{name}.png", figure) for name, figure in figures.items()]


def _table(title: str, columns: Mapping[str, Mapping[str, Scores]], *, cues: bool = False) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for heading in columns:
        table.add_column(heading.replace(" ", "\n") if cues else heading, justify="right", no_wrap=True)
    for way in next(iter(columns.values())):
        cells = []
        for by in columns.values():
            own = by[way]
            spread = f"±{100 * own.deviation:.0f}" if own.deviation and not cues else ""
            cells.append(f"{100 * own.mean:.0f}{spread}" + (f" ({own.found:.1f})" if cues else ""))
        table.add_row(way.removesuffix(" cells"), *cells)
    return table


def _summary(result: ImageMemoryResult) -> list[str]:
    count, pixels = result.images.shape
    done = ", ".join(f"{number} x {kind}" for kind, number in result.operations.items())
    agree = (
        "each with the answer of an ideal memory"
        if not result.disagreements
        else f"{result.disagreements} answers are NOT those of an ideal memory"
    )
    return [
        f"{result.recalled_exactly} of {count} images of {pixels} pixels come back from their cue, pixel for pixel",
        f"operations of the network: {done}; {agree}",
        "any and all are one search of the network each; nearest repeats it with thresholds until the best is found",
    ]
