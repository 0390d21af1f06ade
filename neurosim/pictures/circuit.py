"""Pictures of the circuit level: I-V curves, SQUID modulation, margins. Each function draws into given Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.studies.iv import IV_FLUXES, MODULATION_BIASES
from spice_models.analysis.iv import overdamped_voltage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.studies.iv import IVStudy
    from spice_models.analysis.margins import MarginReport

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that stay apart for colour-blind readers (M. Okabe and K. Ito, 2008)."""

GREY = "#999999"
SCOPE_COLOURS = {
    "global": COLOURS[0],
    "bias-line": COLOURS[5],
    "tuning": COLOURS[4],
    "element": COLOURS[2],
    "group": COLOURS[3],
}


def plot_junction_iv(study: IVStudy, axes: Axes) -> Axes:
    """Draw the curves of the junctions, in units of Ic and Ic R, with the closed form without capacitance dashed."""
    unit = study.squid.critical_current
    for curve, colour in zip(study.junctions, _cycle(len(study.junctions)), strict=True):
        volts = unit * curve.junction.resistance
        label = rf"$\beta_c$ = {curve.junction.beta_c:.3g} ($R$ = {curve.junction.resistance:.3g} Ω)"
        axes.plot(curve.up / volts, curve.current / unit, color=colour, label=label)
        if np.any(np.abs(curve.down - curve.up) > 1e-3 * volts):
            axes.plot(curve.down / volts, curve.current / unit, color=colour, linestyle=":", label="  on the way down")
    current = np.linspace(0.0, study.junctions[0].current[-1] / unit, 400)
    exact = overdamped_voltage(current, 1.0, 1.0)
    axes.plot(exact, current, color="black", linestyle="--", linewidth=0.8, label=r"$R\sqrt{I^2 - I_c^2}$")
    axes.plot(current, current, color=GREY, linewidth=0.8, zorder=0, label=r"$I R$")
    axes.set(xlabel=r"mean voltage / $I_c R$", ylabel=r"current / $I_c$", xlim=(0, None), ylim=(0, None))
    axes.set_title(rf"Josephson junction, $I_c$ = {1e6 * unit:.4g} µA")
    axes.legend(frameon=False, loc="lower right")
    return axes


def plot_squid_iv(study: IVStudy, axes: Axes) -> Axes:
    """Draw the SQUID's current against its mean voltage at a few applied fluxes."""
    for flux, voltage, colour in zip(IV_FLUXES, study.squid_voltage, _cycle(len(IV_FLUXES)), strict=True):
        axes.plot(1e6 * voltage, 1e6 * study.current, color=colour, label=rf"$\Phi$ = {flux:g} $\Phi_0$")
    axes.set(xlabel="mean voltage [µV]", ylabel="bias current [µA]", xlim=(0, None), ylim=(0, None))
    axes.set_title(_squid_title(study))
    axes.legend(frameon=False, loc="lower right")
    return axes


def plot_squid_modulation(study: IVStudy, axes: Axes) -> Axes:
    """Draw the SQUID's mean voltage against the applied flux at a few bias currents."""
    unit = study.squid.critical_current
    rows = list(zip(MODULATION_BIASES, study.modulation, _cycle(len(MODULATION_BIASES)), strict=True))
    for bias, voltage, colour in reversed(rows):
        axes.plot(study.flux, 1e6 * voltage, color=colour, label=rf"{1e6 * bias * unit:.4g} µA = {bias:g} $I_c$")
    axes.set(xlabel=r"applied flux [$\Phi_0$]", ylabel="mean voltage [µV]", ylim=(0, None))
    axes.set_xlim(study.flux[0], study.flux[-1])
    axes.set_title(_squid_title(study))
    axes.legend(frameon=False, title="bias", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return axes


def plot_margins(report: MarginReport, axes: Axes) -> Axes:
    """Draw a bar a parameter from its low to its high margin [%]; arrows where the search ended at its limit."""
    limit = 100 * report.limit
    for row, margin in enumerate(report.margins):
        low, high = 100 * margin.low, 100 * margin.high
        axes.barh(row, high - low, left=low, height=0.7, color=SCOPE_COLOURS[margin.scope])
        for value, side, align in ((low, -1, "right"), (high, 1, "left")):
            clipped = abs(value) >= limit - 1e-9
            axes.annotate(
                f"> {limit:.0f}" if clipped else f"{abs(value):.1f}",
                (value, row),
                (3 * side, 0),
                textcoords="offset points",
                ha=align,
                va="center",
                fontsize=7,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )
    for scope in dict.fromkeys(m.scope for m in report.margins):
        axes.barh(0, 0, color=SCOPE_COLOURS[scope], label=scope)
    for value in (-20, 20):
        axes.axvline(value, color="black", linestyle=":", linewidth=0.8, zorder=2.5)
    axes.axvline(0, color="black", linewidth=0.8, zorder=2.5)
    axes.set_yticks(range(len(report.margins)), [m.name for m in report.margins], fontsize=8)
    axes.set(xlim=(-1.15 * limit, 1.15 * limit), xlabel="deviation [%]; dotted: 20 %")
    axes.set_ylim(len(report.margins) - 0.4, -0.6)
    patterns = "1 pattern" if report.patterns == 1 else f"{report.patterns} patterns"
    axes.set_title(f"Margins of {report.circuit} ({report.engine} engine, {patterns})")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return axes


def _squid_title(study: IVStudy) -> str:
    squid = study.squid
    return (
        rf"dc SQUID, 2 × {1e6 * squid.critical_current:.4g} µA, {squid.resistance:.3g} Ω, "
        rf"$L$ = {1e12 * squid.inductance:.3g} pH ($\beta_L$ = {squid.beta_l:g})"
    )


def _cycle(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]
