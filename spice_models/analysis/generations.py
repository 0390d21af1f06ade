"""Evolution strategies that see one generation at a time, and a file from which they are taken up again.

An interrupted search is replayed: the strategy is started as before and given the scores that the file holds, so that
it needs no pickled state and draws the same candidates from there on.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.outcomes import read_state, write_state
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]
Method = Literal["cma", "differential-evolution"]
Score = Callable[[Floats], Floats]
"""Takes candidates, shape (candidates, variables) within 0..1, and returns their scores: the higher the better."""

_log = logging.getLogger(__name__)


class _Enough(Exception):
    """All generations are done."""


def choose_method(method: Method | None, variables: int) -> Method:
    """Return the method to use: CMA-ES where it is installed and there is more than one variable.

    Raises
    ------
    EngineError
        If CMA-ES is asked for and not installed.
    DescriptionError
        For another method, or CMA-ES of a single variable.
    """
    installed = find_spec("cma") is not None
    match method:
        case None:
            return "cma" if installed and variables > 1 else "differential-evolution"
        case "cma" if not installed:
            raise EngineError("CMA-ES is not installed: pip install 'neurofluxon[optimise]', or use another method")
        case "cma" if variables < 2:
            raise DescriptionError("CMA-ES needs at least two variables: use method 'differential-evolution'")
        case "cma" | "differential-evolution":
            return method
    raise DescriptionError(f"no method {method!r}; available: cma, differential-evolution")


def default_population(method: Method, variables: int) -> int:
    """Candidates in a generation: ``4 + 3 log n`` for CMA-ES, as it recommends; 5 a variable otherwise, at least 16."""
    return 4 + int(3 * np.log(variables)) if method == "cma" else max(5 * variables, 16)


class Record:
    """Candidates and scores of the generations so far, in memory and in a file if asked.

    Parameters
    ----------
    score : callable
        Scores a generation that the file does not hold.
    path : Path or None
        The file.
    study : str
        `fingerprint` of all that scores depend on.
    told : callable
        Called with the number of each generation that is done, its candidates and scores, and whether they came from
        the file.
    """

    def __init__(
        self, score: Score, *, path: Path | None, study: str, told: Callable[[int, Floats, Floats, bool], None]
    ) -> None:
        self._score, self._path, self._study, self._told = score, path, study, told
        self._generations: list[tuple[Floats, Floats]] = []
        data = None if path is None else read_state(path, study)
        kept: Any = [] if data is None else data["generations"]
        self._kept = [(np.array(g["candidates"]), np.array(g["scores"])) for g in kept]

    def __call__(self, candidates: Floats) -> Floats:
        """Return the scores of the next generation."""
        number = len(self._generations)
        replayed = number < len(self._kept)
        if replayed:
            known, scores = self._kept[number]
            if known.shape != candidates.shape or not np.allclose(known, candidates, rtol=0, atol=1e-9):
                raise DescriptionError(
                    f"generation {number} in {self._path} holds other candidates, from another version of the "
                    "optimiser: name another file, or remove it to begin anew"
                )
        else:
            scores = np.asarray(self._score(candidates), dtype=float)
        self._generations.append((np.array(candidates), scores))
        if self._path is not None and not replayed:
            write_state(
                self._path,
                self._study,
                {
                    "generations": [
                        {"candidates": c.tolist(), "scores": s.tolist()}
                        for c, s in (*self._generations, *self._kept[len(self._generations) :])
                    ]
                },
            )
        self._told(number, candidates, scores, replayed)
        return scores


def evolve(
    method: Method,
    record: Record,
    *,
    start: Floats,
    spread: float,
    population: int,
    generations: int,
    seed: int,
) -> None:
    """Let a strategy ask ``record`` for the scores of so many generations.

    Parameters
    ----------
    start : array, shape (variables,)
        Where it begins, within 0..1.
    spread : float
        How widely it begins to look.
    """
    generator = np.random.default_rng(seed)
    if method == "cma":
        _evolve_cma(record, start, spread, population, generations, generator)
    else:
        _evolve_differential(record, start, spread, population, generations, generator)


def _evolve_cma(
    record: Record, start: Floats, spread: float, population: int, generations: int, generator: np.random.Generator
) -> None:
    import cma

    options = {
        "bounds": [0.0, 1.0],
        "popsize": population,
        "randn": lambda *shape: generator.standard_normal(shape),
        "seed": np.nan,
        "verbose": -9,
        "verb_log": 0,
        "verb_disp": 0,
    }
    strategy = cma.CMAEvolutionStrategy(start, spread, options)
    for _ in range(generations):
        candidates = strategy.ask()
        scores = record(np.clip(np.array(candidates), 0.0, 1.0))
        strategy.tell(candidates, (-scores).tolist())


def _evolve_differential(
    record: Record, start: Floats, spread: float, population: int, generations: int, generator: np.random.Generator
) -> None:
    from scipy.optimize import Bounds, differential_evolution

    population = max(population, 5)  # what the method needs at least
    first = np.clip(start + spread * generator.standard_normal((population, start.size)), 0.0, 1.0)
    first[0] = start
    left = generations

    def energies(columns: Any, /) -> Any:
        nonlocal left
        if left == 0:
            raise _Enough
        left -= 1
        return -record(np.ascontiguousarray(columns.T))

    named: dict[str, Any] = {
        "rng" if "rng" in inspect.signature(differential_evolution).parameters else "seed": generator
    }
    try:
        differential_evolution(
            energies,
            Bounds(np.zeros(start.size), np.ones(start.size)),
            init=first,
            maxiter=generations + 1,
            vectorized=True,
            updating="deferred",
            polish=False,
            tol=0.0,
            atol=-1.0,  # never converged: the number of generations is given
            **named,
        )
    except _Enough:
        _log.debug("differential evolution ended after %d generations", generations)
