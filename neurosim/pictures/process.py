"""Pictures of what processes do to circuits: shmoo maps, yields, optimisations. Each draws into given Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurosim.pictures.circuit import COLOURS, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from spice_models.analysis.optimisation import OptimisationResult
    from spice_models.analysis.shmoo import Shmoo
    from spice_models.analysis.yields import YieldReport

_BARS = 20  # parameters in a ranking


def plot_shmoo(shmoo: Shmoo, axes: Axes) -> Axes:
    """Draw the map: a filled cell where the rule held, a cross at the circuit as it is."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    x, y = 100 * shmoo.x, 100 * shmoo.y
    axes.pcolormesh(
        _edges(x), _edges(y), shmoo.passed.astype(float), cmap=ListedColormap(["white", COLOURS[5]]), vmin=0, vmax=1
    )
    for value in (-20, 20):
        axes.axvline(value, color="black", linestyle=":", linewidth=0.8)
        axes.axhline(value, color="black", linestyle=":", linewidth=0.8)
    axes.plot(0, 0, "+", color="black", markersize=9)
    axes.set(xlabel=f"{shmoo.x_name}, deviation [%]", ylabel=f"{shmoo.y_name}, deviation [%]")
    axes.set_title(f"{shmoo.circuit}: works at {100 * shmoo.fraction:.0f} % of the points; dotted: 20 %", fontsize=10)
    axes.legend(handles=[Patch(facecolor=COLOURS[5], label="works")], loc="upper right")
    return axes


def plot_yield(report: YieldReport, axes: Axes) -> Axes:
    """Draw the part of the samples that work, as it settles with their number, and its interval at the end."""
    failed = np.zeros(report.samples)
    failed[list(report.failures)] = 1
    numbers = np.arange(1, report.samples + 1)
    running = 100 * (1 - np.cumsum(failed) / numbers)
    axes.plot(numbers, running, color=COLOURS[0], label="samples so far")
    axes.axhspan(
        100 * report.low,
        100 * report.high,
        color=COLOURS[5],
        alpha=0.4,
        linewidth=0,
        label=f"{100 * report.confidence:.0f} % interval: {100 * report.low:.1f} to {100 * report.high:.1f} %",
    )
    late = running[min(20, report.samples - 1) :]
    low = min(float(late.min()), 100 * report.low) - 2
    axes.set(xlabel="samples", ylabel="yield [%]", xlim=(0, report.samples), ylim=(max(low, -1), 101))
    axes.set_title(f"{report.circuit}: {report.passed} of {report.samples} work", fontsize=10)
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    return axes


def plot_influences(report: YieldReport, axes: Axes) -> Axes:
    """Draw the correlation of failures with each parameter, strongest first; grey is what chance makes."""
    shown = report.influences[:_BARS]
    rows = np.arange(len(shown))
    chance = 2 / np.sqrt(report.samples)
    axes.axvspan(-chance, chance, color=GREY, alpha=0.25, linewidth=0, label="chance (2 standard errors)")
    axes.barh(rows - 0.2, [i.correlation for i in shown], height=0.4, color=COLOURS[0], label="of the deviation")
    axes.barh(rows + 0.2, [i.two_sided for i in shown], height=0.4, color=COLOURS[4], label="of its square")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(rows, [i.name for i in shown], fontsize=7)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel("correlation with failure")
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3, fontsize=8)
    return axes


def plot_history(result: OptimisationResult, axes: Axes) -> Axes:
    """Draw the scores of the generations: best so far, best and mean of each."""
    from matplotlib.ticker import MaxNLocator

    numbers = np.arange(1, len(result.history) + 1)
    axes.plot(numbers, [g.best_so_far for g in result.history], color=COLOURS[0], label="best so far")
    axes.plot(numbers, [g.best for g in result.history], "o", color=COLOURS[5], markersize=4, label="best")
    axes.plot(numbers, [g.mean for g in result.history], ".", color=COLOURS[1], markersize=5, label="mean")
    axes.axhline(result.score_before, color=GREY, linestyle="--", linewidth=0.8, label="before")
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set(xlabel="generation", ylabel="score: soft minimum of the margins", xlim=(0.5, len(result.history) + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    variables = "1 variable" if len(result.variables) == 1 else f"{len(result.variables)} variables"
    axes.set_title(f"{result.circuit}, {result.method}, {variables}", fontsize=10)
    axes.legend(edgecolor="none", framealpha=1.0, loc="lower right", fontsize=8)
    return axes


def plot_before_after(result: OptimisationResult, axes: Axes) -> Axes:
    """Draw the margins of the probes before and after."""
    reports = (("before", result.before, GREY), ("after", result.after, COLOURS[0]))
    known = result.after or result.before
    names = [] if known is None else [m.name for m in known.margins]
    for place, (label, report, colour) in zip((-0.2, 0.2), reports, strict=True):
        if report is None:
            continue
        rows = np.arange(len(names)) + place
        lows, highs = (np.array([100 * getattr(m, side) for m in report.margins]) for side in ("low", "high"))
        axes.barh(rows, highs - lows, left=lows, height=0.36, color=colour, label=label)
        for row, low, high in zip(rows, lows, highs, strict=True):
            for value, side, align in ((low, -3, "right"), (high, 3, "left")):
                axes.annotate(
                    f"{value:+.0f}",
                    (value, row),
                    (side, 0),
                    textcoords="offset points",
                    ha=align,
                    va="center",
                    fontsize=7,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                )
    for value in (-20, 20):
        axes.axvline(value, color="black", linestyle=":", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.4, -0.6)
    widest = max((max(-m.low, m.high) for _, r, _ in reports if r is not None for m in r.margins), default=0.5)
    axes.set_xlim(-118 * widest, 118 * widest)
    axes.set_xlabel("margins [%]; dotted: 20 %")
    axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return axes


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of cells about points."""
    if values.size == 1:
        return np.array([values[0] - 1.0, values[0] + 1.0])
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]])
