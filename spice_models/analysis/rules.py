"""Rules that say whether a circuit did what it should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spice_models.engines.native.engine import Batch
from spice_models.errors import DescriptionError

_MOST_TOLD = 3  # junctions in an explanation

Counts = Mapping[str, int]
Window = tuple[float, float]
Windows = Mapping[str, Window | Sequence[Window]]
"""Times [s] between which the pulses of a junction must lie: one window for all, or several, one for each in turn."""


@dataclass(frozen=True, kw_only=True)
class PulseCountRule:
    """Chosen junctions emit as many pulses as they should, no more, and do not slip backward, in every pattern.

    Parameters
    ----------
    counts : sequence of mapping of junction to int
        Pulses expected in each pattern; junctions that are not named are free.
    windows : sequence of mapping of junction to (start, stop) or sequence of (start, stop), optional
        Times [s] between which all pulses of a junction must lie, in each pattern; of several windows, in order of
        time, each must hold one pulse, and none may lie elsewhere.
    backward : sequence of mapping of junction to int, optional
        Slips backward of junctions that do so when all is well, in each pattern; none if not named.

    Examples
    --------
    ``margins(bench, PulseCountRule(counts=[{"load_output.B1": 2}]), duration=100e-12)``
    """

    counts: Sequence[Counts]
    windows: Sequence[Windows] = field(default=())
    backward: Sequence[Counts] = field(default=())

    def __post_init__(self) -> None:
        if not any(self.counts):
            raise DescriptionError("a rule needs the pulse count of at least one junction in one pattern")
        for what, given in (("windows", self.windows), ("slips backward", self.backward)):
            if given and len(given) != len(self.counts):
                raise DescriptionError(f"{len(self.counts)} patterns of counts but {len(given)} of {what}")

    def __call__(self, batches: list[Batch]) -> NDArray[np.bool_]:
        """Return which variants pass, shape (variants,)."""
        self._match(batches)
        good = np.ones(batches[0].slips.shape[1], dtype=bool)
        for pattern, batch in enumerate(batches):
            for junction, count in self.counts[pattern].items():
                row = batch.row(junction)
                good &= (batch.slips[row] == count) & (batch.backward[row] == self._backward(pattern, junction))
            for junction, window in self._windows(pattern).items():
                good &= ~_outside(batch, junction, window)
        return good

    def explain(self, batches: list[Batch], variant: int = 0) -> str:
        """Name the junctions whose count is wrong in one variant, or that slip at a wrong time."""
        self._match(batches)
        wrong = []
        for pattern, batch in enumerate(batches):
            for junction, count in self.counts[pattern].items():
                row = batch.row(junction)
                seen, back = int(batch.slips[row, variant]), int(batch.backward[row, variant])
                if seen != count or back != self._backward(pattern, junction):
                    backward = f" ({back} backward)" if back else ""
                    wrong.append(f"pattern {pattern}: {junction!r} slipped {seen} times{backward}, expected {count}")
            wrong += [
                f"pattern {pattern}: {junction!r} slipped outside {_told(window)} s"
                for junction, window in self._windows(pattern).items()
                if _outside(batch, junction, window)[variant]
            ]
        more = f"; and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
        return "; ".join(wrong[:_MOST_TOLD]) + more or "nothing is wrong"

    def _backward(self, pattern: int, junction: str) -> int:
        return self.backward[pattern].get(junction, 0) if self.backward else 0

    def _windows(self, pattern: int) -> Windows:
        return self.windows[pattern] if self.windows else {}

    def _match(self, batches: list[Batch]) -> None:
        if len(batches) != len(self.counts):
            raise DescriptionError(f"the rule is for {len(self.counts)} patterns, but {len(batches)} were simulated")


def several_windows(window: Window | Sequence[Window]) -> list[Window]:
    """Return one window or several as a list."""
    return [(float(start), float(stop)) for start, stop in np.reshape(np.asarray(window, dtype=float), (-1, 2))]


def _told(window: Window | Sequence[Window]) -> str:
    return ", ".join(f"{start:g}..{stop:g}" for start, stop in several_windows(window))


def _outside(batch: Batch, junction: str, window: Window | Sequence[Window]) -> NDArray[np.bool_]:
    """Whether a junction slips outside its windows, shape (variants,); the times of slips backward are negative."""
    times = np.sort(np.abs(batch.times[batch.row(junction)]), axis=0)  # NaN for none comes last
    windows = several_windows(window)
    if len(windows) == 1:
        ((start, stop),) = windows
        return np.asarray(np.any((times < start) | (times > stop), axis=0))
    held = np.ones(times.shape[1], dtype=bool)
    for k, (start, stop) in enumerate(windows):
        held &= (times[k] >= start) & (times[k] <= stop) if k < len(times) else False
    return np.asarray(~held | np.any(np.isfinite(times[len(windows) :]), axis=0))


def same_counts_rule(batches: Sequence[Batch], junctions: Sequence[str] | None = None) -> PulseCountRule:
    """Return the rule that junctions slip as often, forward and backward, as in the first variant of some batches.

    Parameters
    ----------
    batches : sequence of Batch
        One a pattern, for example of the circuit as it is.
    junctions : sequence of str, optional
        Which count; all if not given.
    """

    def first(batch: Batch, counts: NDArray[np.int64]) -> Counts:
        return {name: int(counts[batch.row(name), 0]) for name in (junctions or batch.junctions)}

    return PulseCountRule(
        counts=[first(batch, batch.slips) for batch in batches],
        backward=[first(batch, batch.backward) for batch in batches],
    )


def pulse_count_rule(*counts: Counts, windows: Sequence[Windows] = ()) -> PulseCountRule:
    """Return the rule for one mapping of junction to pulse count a pattern."""
    return PulseCountRule(counts=counts, windows=windows)
