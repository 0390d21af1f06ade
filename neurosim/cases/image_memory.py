"""Handwritten digits in the hippocampal memory: recalled from cues, from fragments, and from corrupted images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurosim.cases.image_memory_result import ImageMemoryResult


@dataclass(frozen=True, kw_only=True)
class ImageMemoryCase:
    """A spiking memory that holds images and is asked for them in several ways.

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
        self, *, quick: bool = False, seed: int = 0, progress: Callable[[float], None] | None = None
    ) -> ImageMemoryResult:
        """Store images, recall all of them, and search for them by fragments and with corrupted pixels.

        Parameters
        ----------
        quick : bool
            Ten images, three levels of corruption, two draws.
        seed : int
            Of what is corrupted.
        progress : callable, optional
            Told how much is done, from 0 to 1.
        """
        from neurosim.cases.image_memory_study import run_images  # scikit-learn takes a second to import

        return run_images(self.name, quick=quick, seed=seed, progress=progress)


CASE = ImageMemoryCase(
    name="image-memory",
    summary="digits in the hippocampal memory, recalled from cues, fragments and corrupted images",
)
