"""The pictures of a case that was run: its network, the spikes of every pattern, and the phases of the circuit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from neurosim.output_files import write_figure
from neurosim.pictures.plotting import plot_network, plot_phases, plot_raster, plot_voltages

if TYPE_CHECKING:
    from neurosim.cases.pattern_result import CaseResult
    from neurosim.network import Network


def write_pictures(network: Network, result: CaseResult, folder: Path) -> list[Path]:
    """Write ``network.png``, ``spikes.png`` and, if phases were recorded, ``phases.png`` and ``voltages.png``."""
    from matplotlib.figure import Figure

    columns = 2 if len(result.patterns) > 1 else 1
    rows = -(-len(result.patterns) // columns)
    neurons = network.n_neurons

    figure = Figure(figsize=(6.4, 2.0 + 0.6 * max(p.size for p in network.populations)), layout="constrained")
    plot_network(network, figure.subplots())
    written = [write_figure(folder / "network.png", figure)]

    figure = Figure(figsize=(9.6, 0.6 + rows * (0.9 + 0.26 * neurons)), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).flat
    for axes, pattern in zip(panels, result.patterns, strict=False):
        runs = [run.run for run in result.runs if run.pattern == pattern]
        plot_raster(runs, axes, title=f"pattern {pattern}")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    written.append(write_figure(folder / "spikes.png", figure))

    traced = [run for run in result.runs if "phases" in run.run.traces]
    if traced:
        for name, draw in (("phases.png", plot_phases), ("voltages.png", plot_voltages)):
            figure = Figure(figsize=(9.6, rows * (0.9 + 0.34 * neurons)), layout="constrained")
            panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flat
            for axes, found in zip(panels, traced, strict=False):
                draw(found.run.traces["phases"], axes, title=f"pattern {found.pattern}, {found.run.label}")
            written.append(write_figure(folder / name, figure))
    return written
