"""Pictures of a memory on crossbars: success along a property, energy by part. Each function draws into given Axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurosim.cases.crossbar_recall_memory import OPERATIONS, SHORT
from neurosim.pictures.plotting import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.cases.crossbar_recall_energy import OperationEnergy
    from neurosim.cases.crossbar_recall_result import Sweep

STYLES = (("o", "-"), ("s", "--"), ("^", ":"))
"""Marker and line by size."""


def plot_success(sweep: Sweep, axes: Axes, *, legend: bool = False) -> Axes:
    """Draw measured success as points with one standard error, and the closed form as lines."""
    sizes = sorted({size for size, _ in sweep.points})
    values = np.array(sweep.values)
    for (size, kind), points in sweep.points.items():
        colour, (marker, line) = COLOURS[list(OPERATIONS).index(kind)], STYLES[sizes.index(size)]
        low, high = np.array([point.interval for point in points]).T
        measured = np.array([point.success for point in points])
        # Where the closed form is certain nothing was drawn, and nothing is uncertain.
        drawn = np.array([0 < point.expected < 1 for point in points])
        bars = 100 * drawn * np.array([np.maximum(measured - low, 0), np.maximum(high - measured, 0)])
        axes.errorbar(
            values,
            100 * measured,
            bars if sweep.random else None,
            color=colour,
            marker=marker,
            markersize=4,
            linestyle="none",
            capsize=2,
            fillstyle="full" if line == "-" else "none",
            label=f"{OPERATIONS[kind]}, {size} x {size}",
        )
        axes.plot(values, [100 * point.expected for point in points], color=colour, linestyle=line, linewidth=1)
    if values[values > 0].max() / values[values > 0].min() > 12:
        axes.set_xscale("log")
        axes.set_xticks(values, [f"{value:g}" for value in values], fontsize=8)
        axes.minorticks_off()
    axes.set(xlabel=sweep.title, ylabel="right answers [%]", ylim=(-3, 103))
    if legend:
        axes.legend(frameon=False, fontsize=7)
    return axes


def plot_energy(energies: Sequence[OperationEnergy], axes: Axes) -> Axes:
    """Draw the energy of each operation as a bar of its parts."""
    names = [f"{energy.size}: {SHORT[energy.query]}, {1e9 * energy.read_time:g} ns" for energy in energies]
    left = np.zeros(len(energies))
    places = np.arange(len(energies))
    for colour, part in zip(COLOURS, energies[0].parts, strict=False):
        widths = np.array([1e12 * energy.parts[part] for energy in energies])
        axes.barh(places, widths, left=left, color=colour, label=part)
        left += widths
    axes.set_yticks(places, names, fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("energy of one operation [pJ]")
    axes.legend(frameon=False, fontsize=8)
    return axes
