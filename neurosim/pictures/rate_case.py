"""The pictures of a rate-coded case that was run, and of the stochastic synapse, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hardware.sfq.stochastic_data import StochasticData, load_stochastic
from neurosim.output_files import write_figure
from neurosim.pictures import rates as plotting
from neurosim.pictures.plotting import plot_network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.cases.rate_result import RateResult
    from neurosim.network import Network

SIZE = (7.2, 4.6)


def write_rate_pictures(network: Network, result: RateResult, folder: Path) -> list[Path]:
    """Write network, pass probability, rates by pattern, margins and errors by window, margins by temperature."""
    return _write(
        folder,
        {
            "network.png": lambda axes: plot_network(network, axes),
            **synapse_law_pictures(load_stochastic()),
            "rates.png": lambda axes: plotting.plot_rates(result, axes),
            "margin_window.png": lambda axes: plotting.plot_margin_by_window(result, axes),
            "errors_window.png": lambda axes: plotting.plot_errors_by_window(result, axes),
            "margin_temperature.png": lambda axes: plotting.plot_margin_by_temperature(result, axes),
        },
    )


def write_synapse_law_pictures(data: StochasticData, folder: Path) -> list[Path]:
    """Write the pass probability and the gray zone of the stochastic synapse."""
    return _write(folder, synapse_law_pictures(data))


def synapse_law_pictures(data: StochasticData) -> dict[str, Callable[[Axes], Axes]]:
    """Return what draws each picture of the stochastic synapse, by file name."""
    return {
        "pass_probability.png": lambda axes: plotting.plot_pass_probability(data, axes),
        "gray_zone.png": lambda axes: plotting.plot_gray_zone(data, axes),
    }


def _write(folder: Path, pictures: dict[str, Callable[[Axes], Axes]]) -> list[Path]:
    from matplotlib.figure import Figure

    written = []
    for name, draw in pictures.items():
        figure = Figure(figsize=SIZE, layout="constrained")
        draw(figure.subplots())
        written.append(write_figure(folder / name, figure))
    return written
