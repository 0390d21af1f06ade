"""What `neurosim run cam-crossbar` prints and draws."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from neurosim.cases.crossbar_recall_energy import PUBLISHED
from neurosim.cases.crossbar_recall_memory import SHORT
from neurosim.cases.crossbar_recall_result import RecallResult, Sweep
from neurosim.output_files import write_figure


def show(result: RecallResult, console: Console) -> None:
    """Print success against every property, and energies beside published ones."""
    for sweep in result.sweeps:
        console.print(success_table(sweep))
        console.print()
    console.print(energy_table(result))
    for line in ["", *published_lines(), "", *_summary(result)]:
        console.print(line, highlight=False, soft_wrap=True)


def write_pictures(result: RecallResult, folder: Path) -> list[Path]:
    """Write success against every property, with the energy of an operation; returns the files."""
    from matplotlib.figure import Figure

    from neurosim.pictures.recall import plot_energy, plot_success

    figure = Figure(figsize=(10.0, 11.0), layout="constrained")
    panels = figure.subplots(-(-(len(result.sweeps) + 1) // 2), 2).ravel()
    for number, sweep in enumerate(result.sweeps):
        plot_success(sweep, panels[number], legend=number == 0)
    plot_energy(result.energies, panels[len(result.sweeps)])
    for axes in panels[len(result.sweeps) + 1 :]:
        axes.set_axis_off()
    return [write_figure(folder / "recall.png", figure)]


def success_table(sweep: Sweep) -> Table:
    """Return a table of measured and expected success [%], one row a value, one column a size and query."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), title_justify="left")
    table.title = escape(f"right answers [%], measured/closed form, against {sweep.title}")
    table.add_column("")
    for size, kind in sweep.points:
        table.add_column(f"{size}x{size}\n{SHORT[kind]}", justify="right", no_wrap=True)
    for number, value in enumerate(sweep.values):
        points = [some[number] for some in sweep.points.values()]
        table.add_row(f"{value:g}", *(f"{100 * p.success:.0f}/{100 * p.expected:.0f}" for p in points))
    return table


def energy_table(result: RecallResult) -> Table:
    """Return a table of the energy of an operation by part."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), title_justify="left")
    table.title = escape("energy of one operation [pJ], a model's figure; the last column is over all stored bits")
    names = list(result.energies[0].parts)
    for heading in ("memory", "operation"):
        table.add_column(heading)
    for heading in ("read\n[ns]", *names, "sum", "fJ/bit"):
        table.add_column(escape(heading), justify="right", no_wrap=True)
    for energy in result.energies:
        table.add_row(
            f"{energy.size} x {energy.size}",
            SHORT[energy.query],
            f"{1e9 * energy.read_time:g}",
            *(f"{1e12 * energy.parts[name]:.2f}" for name in names),
            f"{1e12 * energy.total:.2f}",
            f"{1e15 * energy.per_bit:.2f}",
        )
    return table


def published_lines() -> list[str]:
    """Published memories for which a figure was found, one line each."""
    return ["published, fJ a bit and search:"] + [
        f"  {entry.energy}: {entry.what}, {entry.technology}, {entry.bits}; {entry.counted} ({entry.source})"
        for entry in PUBLISHED
        if entry.energy
    ]


def _summary(result: RecallResult) -> list[str]:
    same = "give the same spikes" if result.same_spikes else "give OTHER spikes"
    return [
        f"software: {100 * result.software:g} % of the answers right; ideal binary cells {same}",
        f"largest deviation from the closed form where answers are independent: {result.largest_deviation:.1f} "
        "standard errors",
    ]
