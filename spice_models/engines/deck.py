"""Decks of ours whose analysis is no run from rest, such as operating points: ngspice, as program or as library."""

from __future__ import annotations

import numpy as np

from spice_models.dialects.rawfile import RawPlot
from spice_models.engines import ngspice, ngspice_shared
from spice_models.engines.process import DEADLINE
from spice_models.errors import unknown_name

DECK_ENGINES = ("ngspice", "ngspice-shared")
"""Engines that take such decks."""


def run_deck(
    text: str, *, engine: str = "ngspice", timeout: float = DEADLINE, duration: float | None = None
) -> RawPlot:
    """Run a deck without control commands and return the last of its analyses.

    Parameters
    ----------
    text : str
        The deck, ASCII.
    engine : {"ngspice", "ngspice-shared"}
        The program or the library.
    timeout : float
        Seconds after which it is stopped.
    duration : float, optional
        Simulated time [s], for the message when that happens.

    Raises
    ------
    UnknownNameError
        For another engine.
    EngineError
        If ngspice is missing, hangs, complains or writes no whole result.
    """
    if engine not in DECK_ENGINES:
        raise unknown_name("engine", engine, DECK_ENGINES, " that runs ngspice decks")
    if engine == "ngspice":
        return ngspice.run_deck(text, timeout=timeout, duration=duration)
    vectors = ngspice_shared.run_deck(text, timeout=timeout, duration=duration)
    values = np.array([np.atleast_1d(v) for v in vectors.values()])
    return RawPlot(title="", kind="", names=tuple(vectors), values=values, announced=values.shape[1])
