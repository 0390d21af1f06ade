"""Rules that say whether a circuit did what it should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spice_models.engines.native.engine import Batch
from spice_models.errors import DescriptionError

Counts = Mapping[str, int]
Windows = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class PulseCountRule:
    """Chosen junctions emit as many pulses as they should, no more, in every pattern, and never slip backward.

    Parameters
    ----------
    counts : sequence of mapping of junction to int
        Pulses expected in each pattern; junctions that are not named are free.
    windows : sequence of mapping of junction to (start, stop), optional
        Times [s] between which all pulses of a junction must lie, in each pattern.

    Examples
    --------
    ``margins(bench, PulseCountRule(counts=[{"load_output.B1": 2}]), duration=100e-12)``
    """

    counts: Sequence[Counts]
    windows: Sequence[Windows] = field(default=())

    def __post_init__(self) -> None:
        if not any(self.counts):
            raise DescriptionError("a rule needs the pulse count of at least one junction in one pattern")
        if self.windows and len(self.windows) != len(self.counts):
            raise DescriptionError(f"{len(self.counts)} patterns of counts but {len(self.windows)} of windows")

    def __call__(self, batches: list[Batch]) -> NDArray[np.bool_]:
        """Return which variants pass, shape (variants,)."""
        self._match(batches)
        good = np.ones(batches[0].slips.shape[1], dtype=bool)
        for pattern, batch in enumerate(batches):
            for junction, count in self.counts[pattern].items():
                row = batch.row(junction)
                good &= (batch.slips[row] == count) & (batch.backward[row] == 0)
            for junction, (start, stop) in (self.windows[pattern] if self.windows else {}).items():
                times = batch.times[batch.row(junction)]
                good &= np.all(np.isnan(times) | ((times >= start) & (times <= stop)), axis=0)
        return good

    def explain(self, batches: list[Batch], variant: int = 0) -> str:
        """Name the junctions whose count is wrong in one variant."""
        self._match(batches)
        wrong = []
        for pattern, batch in enumerate(batches):
            for junction, count in self.counts[pattern].items():
                row = batch.row(junction)
                seen, back = int(batch.slips[row, variant]), int(batch.backward[row, variant])
                if seen != count or back:
                    backward = f" ({back} backward)" if back else ""
                    wrong.append(f"pattern {pattern}: {junction!r} slipped {seen} times{backward}, expected {count}")
        return "; ".join(wrong) or "a pulse outside its window"

    def _match(self, batches: list[Batch]) -> None:
        if len(batches) != len(self.counts):
            raise DescriptionError(f"the rule is for {len(self.counts)} patterns, but {len(batches)} were simulated")


def pulse_count_rule(*counts: Counts, windows: Sequence[Windows] = ()) -> PulseCountRule:
    """Return the rule for one mapping of junction to pulse count a pattern."""
    return PulseCountRule(counts=counts, windows=windows)
