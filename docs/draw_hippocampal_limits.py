"""Draw the paper's hippocampal memory and the corrected one side by side into docs/images.

Run it after a variant has changed, on what the benchmark has measured:
``python benchmarks/cam_limits.py --tables spacing relearning query --json FILE`` and then
``python docs/draw_hippocampal_limits.py FILE [--out PICTURE]``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neurosim.memory.hippocampal import HippocampalMemory
from neurosim.models.hippocampal_cam import INDEX
from neurosim.pictures.plotting import COLOURS

OUT = Path(__file__).resolve().parent / "images" / "hippocampal_limits.png"

CUES, BITS, SEARCHES = 16, 24, 20
"""Of the matrices of weights, and searches before they are drawn [chosen]."""

STYLES = {
    ("paper", 1): (COLOURS[1], "o", "-"),
    ("paper", 10): (COLOURS[1], "s", "--"),
    ("corrected", 1): (COLOURS[0], "o", "-"),
    ("corrected", 10): (COLOURS[0], "s", "--"),
}


def plot_spacing(rows: list[dict[str, Any]], axes: Axes) -> None:
    """Draw right searches against the time from one operation to the next."""
    for (variant, query), (colour, marker, line) in STYLES.items():
        own = [row for row in rows if (row["variant"], row["query"]) == (variant, query)]
        label = f"{variant}, {'1 bit' if query == 1 else f'1 to {query} bits'}"
        axes.errorbar(
            [row["spacing"] for row in own],
            [row["searches"] for row in own],
            [row["+-"] for row in own],
            color=colour,
            marker=marker,
            linestyle=line,
            markersize=4,
            label=label,
        )
    axes.set(xlabel="spacing of operations [ms]", ylabel="searches right [%]")
    axes.legend(frameon=False, fontsize=8, loc="lower right")


def plot_groups(rows: list[dict[str, Any]], key: str, chosen: tuple[tuple[str, int], ...], axes: Axes) -> None:
    """Draw right searches against what ``key`` names, for chosen variants and spacings [ms]."""
    names = list(dict.fromkeys(row[key] for row in rows))
    for k, (variant, spacing) in enumerate(chosen):
        own = {row[key]: row for row in rows if (row["variant"], row["spacing"]) == (variant, spacing)}
        axes.errorbar(
            range(len(names)),
            [own[name]["searches"] for name in names],
            [own[name]["+-"] for name in names],
            color=COLOURS[0] if variant == "corrected" else COLOURS[1],
            linestyle=("-", "--", ":")[k % 3] if variant == "paper" else "-",
            marker="o",
            markersize=4,
            label=f"{variant}, {spacing} ms",
        )
    axes.set_xticks(range(len(names)), [str(name).removesuffix(" times").removeprefix("up to ") for name in names])
    axes.legend(frameon=False, fontsize=8, loc="lower right")


def weights_after_use(variant: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a memory was told, and its weights from contents to cues [nA], after overwriting and searching."""
    generator = np.random.default_rng(4)
    memory = HippocampalMemory(CUES, BITS, variant=variant)
    for _ in range(2):
        for cue in range(CUES):
            memory.learn(cue, (generator.random(BITS) < 0.25) | (np.arange(BITS) == cue))
    for _ in range(SEARCHES):
        memory.search(generator.choice(BITS, 3, replace=False))
    told = np.zeros((CUES, BITS))
    for cue, bits in memory.contents.items():
        told[cue, sorted(bits)] = 6.0
    return told, 1e9 * memory.weights[INDEX][:BITS].T


def draw(found: dict[str, list[dict[str, Any]]]) -> Figure:
    """Return the picture."""
    figure = Figure(figsize=(11.4, 6.0), layout="constrained")
    upper, lower = figure.subplots(2, 3)
    plot_spacing(found["spacing"], upper[0])
    plot_groups(
        found["relearning"], "learned", (("corrected", 7), ("paper", 7), ("paper", 10), ("paper", 14)), upper[1]
    )
    upper[1].set(xlabel="times that a cue is learned at most; queries of 1 bit")
    plot_groups(found["query"], "query", (("corrected", 7), ("paper", 14)), upper[2])
    upper[2].set(xlabel="bits of every query")
    for axes in upper:
        axes.set_ylim(0, 104)
        axes.grid(linewidth=0.3)
    told, ours = weights_after_use("corrected")
    matrices = {"told": told, "corrected": ours, "paper": weights_after_use("paper")[1]}
    image: Any = None
    for axes, (name, matrix) in zip(lower, matrices.items(), strict=True):
        image = axes.imshow(matrix, vmin=0, vmax=6, cmap="cividis", interpolation="nearest")
        off = np.abs(matrix - told)
        axes.set(xlabel="bit", ylabel="cue")
        axes.set_title(
            name if name == "told" else f"{name}: {np.sum(off > 0.06)} weights off by more than 1 %", fontsize=9
        )
    figure.colorbar(image, ax=lower, label="weight, bit to cue [nA]")
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    draw(json.loads(given.measured.read_text())).savefig(given.out, dpi=130)


if __name__ == "__main__":
    main()
