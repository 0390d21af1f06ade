"""The hippocampal memory with its content matrices on resistive crossbars: how often it still answers right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurosim.cases.crossbar_recall_result import RecallResult


@dataclass(frozen=True, kw_only=True)
class RecallCase:
    """A spiking memory whose answers are measured against properties of the crossbars that hold it.

    Parameters
    ----------
    name, summary : str
        For the command line.
    """

    name: str
    summary: str

    @property
    def patterns(self) -> tuple[str, ...]:
        """None: its input are drawn contents and queries."""
        return ()

    def run(
        self, *, quick: bool = False, seed: int = 0, progress: Callable[[str, float], None] | None = None
    ) -> RecallResult:
        """Learn in software, write, ask, and hold the answers against closed forms.

        Parameters
        ----------
        quick : bool
            Two values a property and two arrays a value.
        seed : int
            Of contents, queries, and all that is random in the hardware.
        progress : callable, optional
            Told in a few words what comes next, and the part that is done.
        """
        from neurosim.cases.crossbar_recall_study import run_recall  # the array solve takes half a second to import

        return run_recall(self.name, quick=quick, seed=seed, progress=progress)


CASE = RecallCase(
    name="cam-crossbar",
    summary="the hippocampal memory on resistive crossbars: spread, noise, on/off ratio, wires, energy",
)
