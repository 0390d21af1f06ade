"""Pictures of an experiment on the hippocampal memory: spikes of every population, weights before and after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim.cases.memory_case import MemoryResult
from neurosim.models.hippocampal_cam import INDEX, POPULATIONS, STORE
from neurosim.models.hippocampal_operations import MS
from neurosim.output_files import write_figure
from neurosim.pictures.plotting import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 2
"""Empty rows between populations in the raster."""


def write_memory_pictures(result: MemoryResult, folder: Path) -> list[Path]:
    """Write the raster and the weights of an experiment; returns the files."""
    from matplotlib.figure import Figure

    name = result.experiment.name
    wide = min(22.0, max(9.0, 0.1 * result.run.duration / MS))
    raster = Figure(figsize=(wide, 8.5), layout="constrained")
    plot_memory_raster(result, raster.subplots())
    weights = Figure(figsize=(8.0, 6.0), layout="constrained")
    plot_memory_weights(result, weights)
    drawn = {f"raster_{name}.png": raster, f"weights_{name}.png": weights}
    return [write_figure(folder / file, figure) for file, figure in drawn.items()]


def plot_memory_raster(result: MemoryResult, axes: Axes) -> Axes:
    """Draw every spike, one row a neuron, populations in the paper's order from the top; operations along the top."""
    top = longest = 0
    ticks, labels = [], []
    for number, name in enumerate(POPULATIONS):
        trains = result.run.of(name)
        colour = COLOURS[number % len(COLOURS)]
        axes.scatter(trains.times / MS, top + trains.indices, s=9, marker="s", color=colour, linewidths=0)
        axes.axhline(top + trains.n - 1 + (GAP + 1) / 2, color="#cccccc", linewidth=0.6)
        ticks.append(top + (trains.n - 1) / 2)
        labels.append(name)
        top += trains.n + GAP
    axes.set_yticks(ticks, labels)
    for answer in result.answers:
        colour = "black" if answer.correct else COLOURS[1]
        axes.axvline(answer.operation.step, color=colour, linewidth=0.4, alpha=0.5)
        label = answer.operation.label
        axes.text(
            answer.operation.step, -GAP - 0.5, label, rotation=90, fontsize=6, ha="center", va="bottom", color=colour
        )
        longest = max(longest, len(label))
    axes.set(xlabel="time [ms]", xlim=(-1, result.run.duration / MS), ylim=(top, -GAP))
    axes.set_title(f"{result.case}, {result.experiment.name}", pad=10 + 3.2 * longest)
    return axes


def plot_memory_weights(result: MemoryResult, figure: Figure) -> Figure:
    """Draw the plastic weights [nA] before and after: cues down, bits across."""
    axes: Any = figure.subplots(2, 2, sharex=True, sharey=True)
    turned: dict[str, Callable[[Any], Any]] = {STORE: lambda w: w, INDEX: np.transpose}
    image: Any = None
    for row, (name, turn) in zip(axes, turned.items(), strict=True):
        for one, (when, weights) in zip(row, (("before", result.before), ("after", result.after)), strict=True):
            image = one.imshow(1e9 * turn(weights[name]), vmin=0, vmax=6, cmap="cividis", aspect="auto")
            one.set_title(f"{name}, {when}", fontsize=9)
            one.set(xlabel="bit", ylabel="cue")
            one.label_outer()
    figure.colorbar(image, ax=axes, label="weight [nA]")
    return figure
