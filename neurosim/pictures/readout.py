"""Pictures of crossbars and of what a classifier on them scores. Each function draws into given Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurosim.cases.readout_result import HEADINGS
from neurosim.pictures.plotting import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.cases.readout_result import Sweep

MARKERS = ("o", "s", "^", "D", "v", "P")


def plot_conductance(conductance: NDArray[np.float64], axes: Axes) -> Axes:
    """Draw the conductance of every cell, word lines from top to bottom, driven from the left."""
    shown = axes.imshow(1e6 * conductance, cmap="viridis", aspect="auto", interpolation="nearest")
    axes.figure.colorbar(shown, ax=axes, label="conductance [µS]")
    axes.set(xlabel="bit line (pairs: plus, minus)", ylabel="word line", title="conductance as written")
    return axes


def plot_drop(drop: NDArray[np.float64], axes: Axes, resistance: float) -> Axes:
    """Draw the part of one voltage on all word lines that is lost in the wires on its way to each cell."""
    shown = axes.imshow(100 * drop, cmap="magma", aspect="auto", interpolation="nearest", vmin=0, vmax=100)
    axes.figure.colorbar(shown, ax=axes, label="voltage lost in the wires [% of the input]")
    axes.set(xlabel="bit line, grounded below", ylabel="word line, driven from the left")
    axes.set_title(f"{resistance:g} ohm a segment, all word lines at one voltage")
    return axes


def plot_accuracy(sweep: Sweep, axes: Axes, software: float) -> Axes:
    """Draw accuracy along one property, with standard deviations over draws, and that of the software."""
    grow = max(sweep.values) / max(min(v for v in sweep.values if v > 0), 1e-30) > 12
    styles = dict(zip(HEADINGS, zip(COLOURS, MARKERS, strict=False), strict=True))
    for curve in sweep.curves:
        colour, marker = styles[curve.label]
        axes.errorbar(
            sweep.values,
            100 * curve.mean,
            100 * curve.deviation if np.any(curve.deviation) else None,
            color=colour,
            marker=marker,
            markersize=4,
            capsize=2,
            label=HEADINGS[curve.label],
        )
    axes.axhline(100 * software, color="#999999", linewidth=0.8, linestyle="--", label="software")
    if grow:
        least = min(v for v in sweep.values if v > 0)
        axes.set_xscale("symlog", linthresh=least, linscale=0.3) if 0 in sweep.values else axes.set_xscale("log")
        axes.set_xticks(sweep.values, [f"{v:g}" for v in sweep.values], fontsize=8)
        axes.minorticks_off()
        axes.set_xlim(min(sweep.values) - 0.2 * least, None)
    axes.set(xlabel=sweep.title, ylabel="accuracy [%]", ylim=(None, 101))
    if len(sweep.curves) > 1:
        axes.legend(frameon=False, fontsize=8)
    return axes
