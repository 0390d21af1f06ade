"""Handwritten digits through a classifier of two layers on resistive crossbars: what each imperfection costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurosim.cases.readout_result import ReadoutResult


@dataclass(frozen=True, kw_only=True)
class ReadoutCase:
    """A trained classifier whose accuracy is measured against properties of the crossbars it is put on.

    Parameters
    ----------
    name, summary : str
        For the command line.
    """

    name: str
    summary: str

    @property
    def patterns(self) -> tuple[str, ...]:
        """None: its input is a data set."""
        return ()

    def run(
        self, *, quick: bool = False, seed: int = 0, progress: Callable[[str, float], None] | None = None
    ) -> ReadoutResult:
        """Train, place, and sweep.

        Parameters
        ----------
        quick : bool
            Two values a property, fewer draws and test samples.
        seed : int
            Of the split, the training, and all that is random in the hardware.
        progress : callable, optional
            Told in a few words what comes next, and the part that is done.
        """
        from neurosim.cases.readout_study import run_readout  # the array solve takes half a second to import

        return run_readout(self.name, quick=quick, seed=seed, progress=progress)


CASE = ReadoutCase(
    name="crossbar-readout",
    summary="digits through two layers on resistive crossbars: wires, bits, spread, stuck cells, compensation",
)
