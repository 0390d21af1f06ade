"""What `neurosim run` prints and draws of a classifier on crossbars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from neurosim.cases.readout_result import COSTLY, HEADINGS, RECOVERED, ReadoutResult, Sweep
from neurosim.cases.readout_study import LOSSY
from neurosim.output_files import write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def show(result: ReadoutResult, console: Console) -> None:
    """Print accuracies against every property."""
    for sweep in result.sweeps:
        console.print(_table(sweep))
        console.print()
    for line in _summary(result):
        console.print(line, highlight=False, soft_wrap=True)


def write_pictures(result: ReadoutResult, folder: Path) -> list[Path]:
    """Write the conductance map, the voltage-drop map, and accuracy against every property."""
    from matplotlib.figure import Figure

    from neurosim.pictures.readout import plot_accuracy, plot_conductance, plot_drop

    figures: dict[str, Figure] = {}
    for name in ("conductance", "drop"):
        figure = figures[name] = Figure(figsize=(7.2, 4.2), layout="constrained")
        if name == "conductance":
            plot_conductance(result.pictures[name], figure.subplots())
        else:
            plot_drop(result.pictures[name], figure.subplots(), LOSSY)
    figures["accuracy"] = figure = Figure(figsize=(9.6, 10.4), layout="constrained")
    panels = figure.subplots(-(-len(result.sweeps) // 2), 2).ravel()
    for sweep, axes in zip(result.sweeps, panels, strict=False):
        plot_accuracy(sweep, axes, result.software)
    for axes in panels[len(result.sweeps) :]:
        axes.set_axis_off()
    return [write_figure(folder / f"{name}.png", figure) for name, figure in figures.items()]


def _table(sweep: Sweep) -> Table:
    table = Table(title=f"accuracy [%] against {sweep.title}", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for value in sweep.values:
        table.add_column(f"{value:g}", justify="right", no_wrap=True)
    for curve in sweep.curves:
        cells = [
            f"{100 * mean:.1f}" + (f"±{100 * deviation:.1f}" if len(draws) > 1 else "")
            for mean, deviation, draws in zip(curve.mean, curve.deviation, curve.accuracy, strict=True)
        ]
        table.add_row(HEADINGS[curve.label], *cells)
    return table


def _summary(result: ReadoutResult) -> list[str]:
    agree = "the same class for every sample" if result.same_predictions else "ANOTHER class for some samples"
    lines = [
        f"software {100 * result.software:.2f} % of {result.test_samples} digits; ideal crossbars give {agree}",
    ]
    for r, part in result.recovered.items():
        lines.append(
            f"at {r:g} ohm a segment compensation brings back {100 * part:.0f} % of the accuracy lost "
            f"(needed: {100 * RECOVERED:g} %, where the loss is {100 * COSTLY:g} points or more)"
        )
    told = ", ".join(f"{name} {value}" for name, value in result.hardware.items())
    scores = ", ".join(f"{HEADINGS[name]} {100 * np.mean(scored):.1f} %" for name, scored in result.together.items())
    lines.append(f"all at once ({told}): {scores}")
    cost = result.cost
    split = ", ".join(f"{name} {1e12 * part.energy:.3g}" for name, part in cost.parts.items())
    lines.append(
        f"there a digit takes {1e9 * cost.energy:.2f} nJ ({split} pJ), {1e6 * cost.time:.2f} µs and "
        f"{1e6 * cost.area:.4f} mm2; component costs: {cost.source}"
    )
    return lines
