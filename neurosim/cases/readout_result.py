"""What a classifier on crossbars scored, against each property of the hardware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.cost import CrossbarCost
from neurosim.run import versions

COSTLY = 0.1
"""Loss of accuracy from which compensation must show what it is worth."""

RECOVERED = 0.8
"""Part of such a loss that it must bring back."""


HEADINGS = {
    "none": "as trained",
    "gain": "gain a line",
    "fixed-point": "compensated",
    "read back": "read back, corrected",
    "wires": "as trained, 20 ohm a segment",
    "wires, fixed-point": "compensated, 20 ohm a segment",
}
"""What curves are called, for people."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Accuracy along one property, for several draws of what is random.

    Parameters
    ----------
    label : str
        What sets it apart from the other curves.
    accuracy : tuple of tuple of float
        For each value of the property, that of each draw.
    """

    label: str
    accuracy: tuple[tuple[float, ...], ...]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean over the draws, one for each value."""
        return np.array([np.mean(draws) for draws in self.accuracy])

    @property
    def deviation(self) -> NDArray[np.float64]:
        """Standard deviation over the draws, 0 for a single one."""
        return np.array([np.std(draws, ddof=1) if len(draws) > 1 else 0.0 for draws in self.accuracy])


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Curves along one property of the hardware; all else is ideal but for what ``title`` says.

    Parameters
    ----------
    name : str
        Of the property, for JSON.
    title : str
        For people, with its unit.
    values : tuple of float
        Of the property.
    curves : tuple of Curve
    """

    name: str
    title: str
    values: tuple[float, ...]
    curves: tuple[Curve, ...]

    def curve(self, label: str) -> Curve:
        """Return the curve of that label."""
        return next(curve for curve in self.curves if curve.label == label)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadoutResult:
    """A classifier in software and on crossbars.

    Parameters
    ----------
    case : str
    software, ideal : float
        Accuracy in software and on crossbars without any fault.
    same_predictions : bool
        Whether the two agree on every test sample.
    test_samples : int
    shapes : tuple
        Inputs and outputs of each layer.
    sweeps : tuple of Sweep
    together : mapping of str to tuple of float
        Accuracy of each draw of hardware with every imperfection at once, without and with compensation.
    hardware : mapping
        Those imperfections.
    cost : CrossbarCost
        Of one classification there.
    pictures : mapping of str to array
        Maps of the first layer: ``conductance`` [S], and ``drop``, the part of one voltage on all word lines that is
        lost in the wires.
    seed : int
    """

    case: str
    software: float
    ideal: float
    same_predictions: bool
    test_samples: int
    shapes: tuple[tuple[int, int], ...]
    sweeps: tuple[Sweep, ...]
    together: Mapping[str, tuple[float, ...]]
    hardware: Mapping[str, Any]
    cost: CrossbarCost
    pictures: Mapping[str, NDArray[np.float64]] = field(repr=False)
    seed: int

    def sweep(self, name: str) -> Sweep:
        """Return the sweep of that name."""
        return next(sweep for sweep in self.sweeps if sweep.name == name)

    @property
    def recovered(self) -> dict[float, float]:
        """Part of the lost accuracy that compensation brings back, at wire resistances where the loss is `COSTLY`."""
        wires = self.sweep("wire_resistance")
        plain, better = wires.curve("none").mean, wires.curve("fixed-point").mean
        return {
            r: float((b - p) / (self.software - p))
            for r, p, b in zip(wires.values, plain, better, strict=True)
            if self.software - p >= COSTLY
        }

    @property
    def correct(self) -> bool:
        """Ideal hardware predicts what software does, and compensation brings back `RECOVERED` of each costly loss."""
        return self.same_predictions and all(part >= RECOVERED for part in self.recovered.values())

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers, strings and lists, ready for JSON."""
        return {
            "case": self.case,
            "software": self.software,
            "ideal_hardware": self.ideal,
            "same_predictions": self.same_predictions,
            "correct": self.correct,
            "test_samples": self.test_samples,
            "layers": [list(shape) for shape in self.shapes],
            "sweeps": {
                sweep.name: {
                    "title": sweep.title,
                    "values": list(sweep.values),
                    "accuracy": {curve.label: [list(draws) for draws in curve.accuracy] for curve in sweep.curves},
                }
                for sweep in self.sweeps
            },
            "recovered": [{"wire_resistance_ohm": r, "part": part} for r, part in self.recovered.items()],
            "together": {"hardware": dict(self.hardware), **{name: list(a) for name, a in self.together.items()}},
            "cost": self.cost.to_dict(),
            "seed": self.seed,
            "versions": versions("scikit-learn"),
        }
