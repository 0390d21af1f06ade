"""Pictures of the measured SFQ synapse and neuron. Each function draws into given Axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hardware.sfq.characteristics import HIGHEST_LEVEL, level_current
from neurosim.pictures.circuit import COLOURS, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hardware.sfq.characterise_rates import RateCurve
    from hardware.sfq.characterise_strength import Strength
    from hardware.sfq.characteristics import Characteristics, MeasuredNeuron
    from hardware.sfq.delay_law import DelayLaw

MICRO, PICO, GIGA = 1e6, 1e12, 1e-9
MARKERS = ("o", "s", "^", "D", "v", "P")
DELAY_COLOUR = COLOURS[1]


def plot_synapse_steps(characteristics: Characteristics, self_firing: float, axes: Axes) -> Axes:
    """Draw the pulses out for each one in (left axis) and the delay of each (right axis) against weight current.

    The range from ``self_firing`` [A] on, where pulses leave without any that enters, is shaded.
    """
    steps = MICRO * np.array(characteristics.synapse_steps)
    end = steps[-1] + 8.0
    axes.stairs(np.arange(len(steps) + 1), [0.0, *steps, end], baseline=None, color=COLOURS[0], linewidth=2)
    for level in range(HIGHEST_LEVEL + 1):
        current = MICRO * level_current(list(characteristics.synapse_steps), level)
        axes.plot(current, level, "o", color=COLOURS[0], label="current of a level" if level == 0 else None)
    if np.isfinite(self_firing):
        axes.axvspan(MICRO * self_firing, end, color=GREY, alpha=0.3, linewidth=0, label="fires without input")
    axes.set(xlabel="weight current [µA]", xlim=(0, end), ylim=(-0.15, len(steps) + 0.6))
    axes.set_ylabel("pulses out for each pulse in", color=COLOURS[0])
    axes.set_yticks(range(len(steps) + 1))
    right = axes.twinx()
    for currents, delays in zip(characteristics.synapse_currents, characteristics.synapse_delays, strict=True):
        for k in range(delays.shape[1]):
            right.plot(
                MICRO * currents,
                PICO * delays[:, k],
                color=DELAY_COLOUR,
                linewidth=1,
                marker=MARKERS[k],
                markersize=3.5,
                label=f"pulse {k + 1}" if delays.shape[1] == len(characteristics.synapse_delays) else None,
            )
    right.set_ylabel("delay of each pulse [ps]", color=DELAY_COLOUR)
    right.set_ylim(0, None)
    axes.set_title("SFQ synapse: the weight current sets the number of pulses")
    handles, labels = (a + b for a, b in zip(*(x.get_legend_handles_labels() for x in (axes, right)), strict=True))
    axes.legend(handles, labels, frameon=False, loc="upper left", ncols=2)
    return axes


def plot_strengths(strengths: Sequence[Strength], axes: Axes) -> Axes:
    """Draw the threshold shift of a neuron by each level of a synapse, labelled with pulse equivalents."""
    levels = [s.level for s in strengths]
    shifts = [MICRO * s.threshold_shift for s in strengths]
    colours = [COLOURS[1] if s.level < 0 else COLOURS[0] for s in strengths]
    axes.bar(levels, shifts, width=0.6, color=colours)
    for s, shift in zip(strengths, shifts, strict=True):
        axes.annotate(
            f"{_unsigned_zero(s.equivalents):.2f}",
            (s.level, shift),
            (0, 4 if shift > -1 else -4),
            textcoords="offset points",
            ha="center",
            va="bottom" if shift > -1 else "top",
        )
    axes.axhline(0, color="black", linewidth=0.8)
    axes.margins(y=0.15)
    axes.set_xticks(levels)
    axes.set(xlabel="level of the synapse", ylabel="less threshold current needed [µA]")
    axes.set_title("Strength of a synapse; numbers: pulses at once with the same effect")
    return axes


def plot_threshold(neurons: Sequence[MeasuredNeuron], axes: Axes) -> Axes:
    """Draw the least threshold current that fires against the drive, for several shapes of neuron."""
    for k, neuron in enumerate(neurons):
        axes.plot(
            neuron.drives,
            MICRO * neuron.thresholds,
            color=COLOURS[k % len(COLOURS)],
            marker=MARKERS[k % len(MARKERS)],
            linestyle="--" if neuron.shape.refractory else "-",
            label=shape_name(neuron),
        )
        start = MICRO * np.array([neuron.self_firing, neuron.thresholds[0]])
        axes.plot([0, neuron.drives[0]], start, color=COLOURS[k % len(COLOURS)], linestyle=":", linewidth=1)
    axes.set(xlabel="excitatory drive [pulses at once]", ylabel="least threshold current that fires [µA]")
    axes.set_title("SFQ neuron: threshold; at drive 0: where it fires by itself")
    axes.legend(frameon=False, loc="upper right", title="inputs")
    return axes


def plot_delay(neuron: MeasuredNeuron, laws: Sequence[DelayLaw], axes: Axes) -> Axes:
    """Draw the delay against overdrive on a logarithmic axis, with the fitted ``a - b ln(overdrive)``."""
    for k, law in enumerate(laws):
        colour = COLOURS[k % len(COLOURS)]
        fit = rf"{PICO * law.a:.1f} − {PICO * law.b:.1f} ln($\Delta I$ / µA), rms {PICO * law.residual:.2f}"
        axes.plot(
            MICRO * law.overdrives,
            PICO * law.delays,
            color=colour,
            marker=MARKERS[k % len(MARKERS)],
            linestyle="none",
            label=f"{k + 1} pulse{'s' if k else ''}: {fit}",
        )
        span = np.geomspace(law.overdrives[0], law.overdrives[-1], 50)
        axes.plot(MICRO * span, PICO * law.at(span), color=colour, linewidth=1)
    axes.set_xscale("log")
    axes.set_xticks([2, 5, 10, 20, 50, 100, 200], ["2", "5", "10", "20", "50", "100", "200"])
    axes.minorticks_off()
    axes.set(
        xlabel=r"threshold current above the least that fires, $\Delta I$ [µA]", ylabel="delay from pulse to spike [ps]"
    )
    axes.set_ylim(0, None)
    axes.set_title(f"SFQ neuron, {shape_name(neuron)}: delay")
    axes.legend(frameon=False, title="delay [ps]")
    return axes


def plot_inhibition(characteristics: Characteristics, axes: Axes) -> Axes:
    """Draw by how much an inhibitory pulse raises the threshold current, against the time by which it is ahead."""
    axes.plot(
        PICO * characteristics.inhibition_leads,
        MICRO * characteristics.inhibition_shifts,
        color=COLOURS[1],
        marker=MARKERS[0],
    )
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.set(xlabel="inhibitory pulse before the excitatory one by [ps]", ylabel="more threshold current needed [µA]")
    axes.set_title("SFQ neuron, 1 excitatory and 1 inhibitory input: inhibition")
    return axes


def plot_rates(rates: Sequence[RateCurve], axes: Axes) -> Axes:
    """Draw output rate against input rate: the circuit as markers, the pulse-level model as a line."""
    for k, curve in enumerate(rates):
        colour = COLOURS[k % len(COLOURS)]
        branch = ", refractory branch" if curve.refractory else ""
        axes.plot(
            GIGA * curve.input_rates,
            GIGA * curve.circuit,
            color=colour,
            marker=MARKERS[k % len(MARKERS)],
            linestyle="none",
            label=f"level {curve.level}, threshold {curve.threshold:g}{branch}",
        )
        axes.plot(GIGA * curve.input_rates, GIGA * curve.model, color=colour, linewidth=1)
    top = GIGA * max(float(curve.input_rates[-1]) for curve in rates)
    axes.plot([0, top], [0, top], color=GREY, linestyle=":", linewidth=0.8, zorder=0)
    axes.set(xlabel="input rate [GHz]", ylabel="output rate [GHz]", xlim=(0, None), ylim=(0, None))
    axes.set_title("SFQ synapse and neuron; markers: circuit, lines: pulse-level model")
    axes.legend(frameon=False, loc="upper left", title="synapse and neuron")
    return axes


def shape_name(neuron: MeasuredNeuron) -> str:
    """Name a shape for a reader."""
    shape = neuron.shape
    inhibitory = f" + {shape.inhibitory} inhibitory" if shape.inhibitory else ""
    return f"{shape.excitatory} excitatory{inhibitory}{', refractory branch' if shape.refractory else ''}"


def _unsigned_zero(value: float) -> float:
    """Without the sign that one step of the search gives to nothing."""
    return 0.0 if abs(value) < 0.02 else value
