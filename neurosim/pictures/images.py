"""Pictures of what a memory of images recalled. Each function draws into a given Axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosim.cases.image_memory_result import Example, Scores
from neurosim.pictures.plotting import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OFF, ON, UNKNOWN, SILENT, WRONG = "#f4f0e6", "#1d3557", "#b9b9b9", "#ffffff", COLOURS[1]
GAP = 1
"""Empty pixels between images."""

MARKERS = ("o", "s", "^", "D", "v")


def plot_recalled(images: NDArray[np.bool_], examples: Sequence[Example], axes: Axes) -> Axes:
    """Draw stored images in a row, and below them for each example what was shown and what was recalled.

    Parameters
    ----------
    images : array of bool, shape (images, pixels)
        Square; one column each.
    examples : sequence of Example
    axes : Axes
    """
    from matplotlib.colors import ListedColormap, to_rgb
    from matplotlib.patches import Rectangle

    side = round(images.shape[1] ** 0.5)
    pitch = side + GAP
    rows: list[tuple[str, NDArray[np.int64]]] = [("stored", images.astype(np.int64))]
    for example in examples:
        rows.append((example.title, np.where(example.known, example.shown, 2)))
        rows.append(("recalled", np.where(example.answered[:, None], example.recalled, 3)))
    # a wider gap above each example, so that what was shown and what came back stay together
    tops = [0 if k == 0 else k * pitch + 2 * ((k + 1) // 2) for k in range(len(rows))]
    canvas = np.full((tops[-1] + side, len(images) * pitch - GAP), 3)
    for top, (_, row) in zip(tops, rows, strict=True):
        for column, image in enumerate(row):
            canvas[top : top + side, column * pitch : column * pitch + side] = image.reshape(side, side)
    axes.imshow(canvas, cmap=ListedColormap([to_rgb(c) for c in (OFF, ON, UNKNOWN, SILENT)]), vmin=0, vmax=3)
    style: dict[str, Any] = {"fill": False, "edgecolor": WRONG, "linewidth": 1.6}
    for number, example in enumerate(examples):
        wrong = ~example.answered | np.any(example.recalled != images, axis=1)
        for column in np.flatnonzero(wrong):
            corner = (column * pitch - 0.75, tops[2 * number + 2] - 0.75)
            axes.add_patch(Rectangle(corner, side + 0.5, side + 0.5, clip_on=False, **style))
    axes.set_yticks([top + side / 2 - 0.5 for top in tops], [name for name, _ in rows], fontsize=8)
    # a centred image moves when room is made for the names
    axes.set_anchor("W")
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return axes


def plot_success(levels: Mapping[float, Mapping[str, Scores]], axes: Axes, *, chance: float) -> Axes:
    """Draw the part of images recalled against the part of pixels corrupted, with standard deviations over draws.

    Parameters
    ----------
    levels : mapping
        By part of the pixels, by way of asking.
    axes : Axes
    chance : float
        Success of a guess.
    """
    parts = [100 * part for part in levels]
    ways = tuple(next(iter(levels.values())))
    for k, (way, colour, marker) in enumerate(zip(ways, COLOURS, MARKERS, strict=False)):
        scores = [by[way] for by in levels.values()]
        axes.errorbar(
            parts,
            [100 * own.mean for own in scores],
            [100 * own.deviation for own in scores],
            color=colour,
            marker=marker,
            # wider below narrower: some ways succeed equally often
            linewidth=2.9 - 0.45 * k,
            markersize=8 - k,
            elinewidth=1,
            capsize=2,
            label=way,
        )
    axes.axhline(100 * chance, color="#999999", linewidth=0.8, linestyle="--", label="a guess")
    axes.set(ylabel="images recalled exactly [%]", ylim=(-3, 103))
    return axes
