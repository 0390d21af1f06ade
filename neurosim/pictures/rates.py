"""Pictures of rate coding on noisy synapses. Each function draws into given Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.pictures.plotting import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hardware.sfq.stochastic_data import StochasticData
    from neurosim.cases.rate_result import RateResult

GIGA, MICRO, NANO = 1e-9, 1e6, 1e9
MARKERS = ("o", "s", "^", "D", "v", "P")


def plot_pass_probability(data: StochasticData, axes: Axes) -> Axes:
    """Draw the share of pulses that pass against weight current: counts with standard errors, and the fitted laws."""
    reach = max(max(c["currents"]) for c in data.counts) - data.synapse.law(0.0).midpoint
    grid = data.synapse.law(0.0).midpoint + np.linspace(-reach, reach, 400)
    axes.step(
        MICRO * grid, data.synapse.law(0.0).probability(grid), color="#999999", linewidth=1, label="no noise: a step"
    )
    for counts, colour, marker in zip(data.counts, COLOURS, MARKERS, strict=False):
        trials = np.array(counts["trials"], dtype=float)
        share = np.array(counts["passed"]) / trials
        law = data.synapse.law(counts["temperature"])
        error = np.sqrt(np.maximum(share * (1 - share), 1 / trials) / trials)
        label = f"{counts['temperature']:g} K: dI = {MICRO * law.gray_zone:.1f} µA"
        axes.errorbar(
            MICRO * np.array(counts["currents"]),
            share,
            error,
            color=colour,
            marker=marker,
            markersize=4,
            linestyle="none",
            label=label,
        )
        axes.plot(MICRO * grid, law.probability(grid), color=colour, linewidth=1)
    axes.set(xlabel="weight current [µA]", ylabel="probability that a pulse passes", ylim=(-0.03, 1.03))
    axes.set_title(f"stochastic synapse, {GIGA * data.rate:g} GHz: counts and error functions")
    axes.legend(frameon=False, loc="upper left")
    return axes


def plot_gray_zone(data: StochasticData, axes: Axes) -> Axes:
    """Draw midpoint less its mean, and gray zone against temperature, with the square-root law."""
    zones = data.synapse
    grid = np.linspace(0.0, 1.05 * zones.temperatures[-1], 200)
    scale = float(np.mean(zones.gray_zones / np.sqrt(zones.temperatures)))
    axes.plot(zones.temperatures, MICRO * zones.gray_zones, "o", color=COLOURS[0], label="gray zone dI")
    label = rf"{MICRO * scale:.2f} µA $\sqrt{{T / K}}$"
    axes.plot(grid, MICRO * scale * np.sqrt(grid), color=COLOURS[0], linewidth=1, label=label)
    mean = float(zones.midpoints.mean())
    label = f"midpoint $I_0$ less {MICRO * mean:.1f} µA"
    axes.plot(zones.temperatures, MICRO * (zones.midpoints - mean), "s", color=COLOURS[1], label=label)
    axes.axhline(0.0, color="#999999", linewidth=0.8)
    axes.set(xlabel="temperature [K]", ylabel="current [µA]", xlim=(0, None), title="stochastic synapse: gray zone")
    axes.legend(frameon=False)
    return axes


def plot_rates(result: RateResult, axes: Axes) -> Axes:
    """Draw the output rate of every pattern at every level at 4.2 K: mean, and standard deviation of the samples."""
    places = np.arange(len(result.expected))
    width = 0.8 / len(result.levels)
    for k, level in enumerate(result.levels):
        rates = [GIGA * result.rates(level, pattern, result.output) for pattern in result.expected]
        axes.bar(
            places + (k - (len(result.levels) - 1) / 2) * width,
            [r.mean() for r in rates],
            width,
            yerr=[r.std(ddof=1) for r in rates],
            color=COLOURS[k],
            capsize=3,
            label=level,
        )
    axes.axhline(GIGA * result.decision_rate, color="black", linestyle="--", linewidth=1, label="decision rate")
    axes.set_xticks(places, [f"{p} → {wanted}" for p, wanted in result.expected.items()])
    axes.set(xlabel="pattern and expected answer", ylabel="output rate [GHz]", ylim=(0, None))
    window = NANO * (result.runs[0].runs[0].duration - result.warm_up)
    axes.set_title(f"{result.case}: output rate over {window:g} ns, 4.2 K")
    axes.legend(frameon=False, loc="upper right")
    return axes


def plot_margin_by_window(result: RateResult, axes: Axes) -> Axes:
    """Draw the margin against the averaging window at 4.2 K for each level, and its square-root law."""
    windows = np.array(sorted(result.windows))
    for level, colour, marker in zip(result.levels, COLOURS, MARKERS, strict=False):
        margins = [result.margin(level, window).deviations for window in windows]
        axes.loglog(NANO * windows, margins, color=colour, marker=marker, label=level)
    first = result.margin(result.levels[-1], windows[-1]).deviations
    axes.loglog(
        NANO * windows, first * np.sqrt(windows / windows[-1]), color="#999999", linestyle=":", label="square root"
    )
    axes.set(xlabel="averaging window [ns]", ylabel="margin [standard deviations]")
    axes.set_xticks(NANO * windows, [f"{NANO * w:g}" for w in windows])
    ticks = [1, 2, 3, 4, 5, 6, 8, 10]
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_title("margin of the worst pattern against window, 4.2 K")
    axes.legend(frameon=False)
    return axes


def plot_errors_by_window(result: RateResult, axes: Axes) -> Axes:
    """Draw the share of windows decided wrong at each temperature and level; where none is, a bound at one in all."""
    windows = np.array(sorted(result.windows))
    for level, marker in zip(result.levels, MARKERS, strict=False):
        for temperature, colour in zip(result.temperatures, COLOURS, strict=False):
            found = [result.margin(level, window, temperature) for window in windows]
            seen = np.array([m.errors > 0 for m in found])
            share = np.array([m.errors / m.decisions for m in found])
            axes.plot(
                NANO * windows[seen], share[seen], color=colour, marker=marker, label=f"{level}, {temperature:g} K"
            )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set(xlabel="averaging window [ns]", ylabel="windows decided wrong")
    axes.set_xticks(NANO * windows, [f"{NANO * w:g}" for w in windows])
    axes.minorticks_off()
    axes.set_title("errors against window; none were seen where no point is")
    axes.legend(frameon=False, fontsize="small")
    return axes


def plot_margin_by_temperature(result: RateResult, axes: Axes) -> Axes:
    """Draw the margin against temperature over the middle window for each level."""
    window = sorted(result.windows)[len(result.windows) // 2]
    for level, colour, marker in zip(result.levels, COLOURS, MARKERS, strict=False):
        margins = [result.margin(level, window, temperature).deviations for temperature in result.temperatures]
        axes.plot(result.temperatures, margins, color=colour, marker=marker, label=level)
    axes.set(xlabel="temperature [K]", ylabel="margin [standard deviations]", xlim=(0, None), ylim=(0, None))
    axes.set_title(f"margin of the worst pattern over {NANO * window:g} ns against temperature")
    axes.legend(frameon=False)
    return axes
