"""Pictures of networks and runs: one function a picture, each draws into Axes and returns them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spice_models.constants import PHASE_PER_FLUX

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.network import Network
    from neurosim.run import Run
    from spice_models.results import Traces

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours that stay apart for colour-blind readers (M. Okabe and K. Ito, 2008)."""

EXCITATORY, INHIBITORY = COLOURS[0], COLOURS[1]
MARKERS = ("o", "x", "|", "+", "d")


def plot_network(network: Network, axes: Axes) -> Axes:
    """Draw neurons in columns by their distance from the inputs; excitatory edges solid, inhibitory ones dashed."""
    from matplotlib.lines import Line2D

    place = _columns(network)
    for source, target, data in network.graph.edges(data=True):
        excites = data["weight"] > 0
        axes.annotate(
            "",
            xy=place[target],
            xytext=place[source],
            arrowprops={
                "arrowstyle": "-|>" if excites else "-[,widthB=0.5",
                "color": EXCITATORY if excites else INHIBITORY,
                "linestyle": "-" if excites else "--",
                "linewidth": 0.8 + 0.7 * abs(data["weight"]),
                "shrinkA": 14,
                "shrinkB": 15,
            },
        )
    for node, (x, y) in place.items():
        source = network.graph.nodes[node]["model"] == "SpikeSource"
        axes.scatter([x], [y], s=700, marker="s" if source else "o", color="white", edgecolors="black", zorder=3)
        name, index = network.graph.nodes[node]["population"], network.graph.nodes[node]["index"]
        label = name if network.population(name).size == 1 else f"{name}[{index}]"
        axes.text(x, y, label, ha="center", va="center", fontsize=8 if len(label) < 5 else 6, zorder=4)
    handles = [
        Line2D([], [], color=EXCITATORY, label="excitatory"),
        Line2D([], [], color=INHIBITORY, linestyle="--", label="inhibitory"),
        Line2D([], [], color="black", marker="s", markerfacecolor="white", linestyle="", label="input"),
        Line2D([], [], color="black", marker="o", markerfacecolor="white", linestyle="", label="neuron"),
    ]
    axes.legend(handles=handles, frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, 0.0), fontsize=8)
    axes.margins(0.15)
    axes.set_axis_off()
    axes.set_title(network.name)
    return axes


def plot_raster(runs: Sequence[Run], axes: Axes, *, title: str = "") -> Axes:
    """Draw the spikes of every neuron, one row a neuron, one marker a run."""
    rows = [(name, i) for name, trains in runs[0].spikes.items() for i in range(trains.n)]
    height = {row: len(rows) - 1 - k for k, row in enumerate(rows)}
    for k, run in enumerate(runs):
        marks = [
            (1e12 * time, height[name, int(index)])
            for name, trains in run.spikes.items()
            for time, index in zip(trains.times, trains.indices, strict=True)
        ]
        times, heights = zip(*marks, strict=True) if marks else ((), ())
        shape = MARKERS[k % len(MARKERS)]
        inside = "none" if shape == "o" else COLOURS[k]
        outside = {} if shape in "x+|" else {"edgecolors": COLOURS[k]}
        style: dict[str, Any] = {"s": 60, "marker": shape, "facecolors": inside, **outside}
        axes.scatter(times, heights, label=run.label, **style)
    sizes = {name: trains.n for name, trains in runs[0].spikes.items()}
    labels = [name if sizes[name] == 1 else f"{name}[{i}]" for name, i in rows]
    axes.set_yticks(range(len(rows)), labels[::-1])
    axes.set(xlabel="time [ps]", ylabel="neuron", xlim=(0, 1e12 * runs[0].duration), ylim=(-0.7, len(rows) - 0.3))
    axes.grid(axis="y", linewidth=0.3)
    if title:
        axes.set_title(title)
    return axes


def plot_phases(phases: Traces, axes: Axes, *, title: str = "") -> Axes:
    """Draw phases over 2 pi, one row a junction: every step up by one is one SFQ pulse."""
    rows = {name: phases[name] / (2 * pi) for name in phases.names}
    return _stacked(rows, phases, axes, spacing=1.4, label=r"phase / 2$\pi$", title=title)


def plot_voltages(phases: Traces, axes: Axes, *, title: str = "") -> Axes:
    """Draw the voltages [mV] that belong to phases, one row a junction, 1 mV apart: a pulse has the area Phi0."""
    rows = {name: 1e3 * np.gradient(phases[name], phases.dt) / PHASE_PER_FLUX for name in phases.names}
    return _stacked(rows, phases, axes, spacing=1.0, label="voltage, rows 1 mV apart", title=title)


def _stacked(
    rows: Mapping[str, NDArray[np.float64]], traces: Traces, axes: Axes, *, spacing: float, label: str, title: str
) -> Axes:
    times = 1e12 * traces.times
    bases = [spacing * (len(rows) - 1 - k) for k in range(len(rows))]
    for k, (base, values) in enumerate(zip(bases, rows.values(), strict=True)):
        axes.axhline(base, color="#cccccc", linewidth=0.6)
        axes.plot(times, base + values, color=COLOURS[k % len(COLOURS)], linewidth=1.2)
    axes.set_yticks(bases, [name.removesuffix("[0]") for name in rows])
    axes.set(xlabel="time [ps]", ylabel=label, xlim=(times[0], times[-1]), ylim=(-0.3 * spacing, bases[0] + spacing))
    if title:
        axes.set_title(title)
    return axes


def _columns(network: Network) -> dict[str, tuple[float, float]]:
    """Place each neuron in the column of its longest way from an input, or of its population where there are loops."""
    import networkx as nx

    graph = network.graph
    if nx.is_directed_acyclic_graph(graph):
        column = {node: depth for depth, nodes in enumerate(nx.topological_generations(graph)) for node in nodes}
    else:
        order = {p.name: k for k, p in enumerate(network.populations)}
        column = {node: order[data["population"]] for node, data in graph.nodes(data=True)}
    place: dict[str, tuple[float, float]] = {}
    for depth in sorted(set(column.values())):
        members = [node for node in graph if column[node] == depth]
        heights = np.arange(len(members))[::-1] - (len(members) - 1) / 2
        place |= {node: (2.0 * depth, float(y)) for node, y in zip(members, heights, strict=True)}
    return place
