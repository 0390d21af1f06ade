"""Margin-driven optimisation: values moved within bounds until the smallest margins are as wide as they get.

The circuit that is optimised must be driven and loaded by real cells, for example by
`spice_models.cells.testbench.bench`: an optimiser that sees an ideal source of pulses learns to lean on it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.generations import (
    Method,
    Record,
    choose_method,
    default_population,
    evolve,
)
from spice_models.analysis.ideal_drive import ideally_driven
from spice_models.analysis.margins import MarginReport, margins_of
from spice_models.analysis.optimisation_result import Generation, OptimisationResult, Variable
from spice_models.analysis.parameters import Parameter, circuit_parameters
from spice_models.analysis.score import MarginScore
from spice_models.analysis.trials import Rule, Trials, engine_version
from spice_models.analysis.variants import Evaluate
from spice_models.circuit import Circuit
from spice_models.elements import Junction
from spice_models.errors import DescriptionError
from spice_models.fingerprint import fingerprint

__all__ = ["Generation", "IdealDriveWarning", "MarginScore", "OptimisationResult", "Variable", "optimise"]

Floats = NDArray[np.float64]


class IdealDriveWarning(UserWarning):
    """An optimiser sees a junction that an ideal source drives."""


def optimise(
    circuits: Circuit | Sequence[Circuit],
    rule: Rule,
    *,
    variables: Sequence[Variable],
    duration: float,
    step: float = 1e-13,
    probes: Sequence[Parameter] | None = None,
    score: MarginScore | None = None,
    generations: int = 20,
    population: int | None = None,
    spread: float = 0.15,
    method: Method | None = None,
    seed: int = 0,
    engine: str = "native",
    evaluate: Evaluate | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    state: str | Path | None = None,
    progress: Callable[[int, Generation], None] | None = None,
) -> OptimisationResult:
    """Move values within bounds until the margins of the probes are as wide as they get.

    Candidates of a generation, all margins of each and all input patterns are simulated together (`MarginScore`).
    The circuit must be driven and loaded by real cells; where an ideal source drives a junction under optimisation,
    the result says so and `IdealDriveWarning` is given.

    Parameters
    ----------
    circuits, rule, duration, step, engine, evaluate, workers, executor
        As of `spice_models.analysis.trials.Trials`. The circuit need not work at its own values.
    variables : sequence of Variable
        What may be moved, and how far.
    probes : sequence of Parameter, optional
        Whose margins count; the global parameters of `circuit_parameters` if not given.
    score : MarginScore, optional
        How margins become one number, with the probes in it.
    generations, population : int
        How long to search and how many candidates at a time; `default_population` if not given.
    spread : float
        How widely to look at first, as a part of the way between the bounds on a scale of ratios.
    method : str, optional
        ``"cma"`` (CMA-ES; the extra ``optimise``) or ``"differential-evolution"``; CMA-ES where it is installed.
    seed : int
        Of the search; the same one gives the same result.
    state : path, optional
        File that keeps all generations, written after each; a later call with the same arguments, or with more
        generations, goes on from it.
    progress : callable, optional
        Called with the number of generations that are done and the last one.

    References
    ----------
    N. Hansen, A. Ostermeier, Evol. Comput. 9, 159 (2001), doi 10.1162/106365601750190398;
    R. Storn, K. Price, J. Glob. Optim. 11, 341 (1997), doi 10.1023/A:1008202821328.
    """
    trials = Trials(
        circuits,
        rule,
        duration=duration,
        step=step,
        engine=engine,
        evaluate=evaluate,
        workers=workers,
        executor=executor,
    )
    names = [v.parameter.name for v in variables]
    if not variables or len(set(names)) < len(names) or generations < 1 or spread <= 0:
        raise DescriptionError("need variables of different names, at least one generation and a positive spread")
    if score is not None and probes is not None:
        raise DescriptionError("give either probes or a score, which names its own")
    if score is None:
        chosen = probes or [p for p in circuit_parameters(trials.circuits[0]) if p.scope == "global"]
        score = MarginScore(probes=tuple(chosen))
    moved = [v.parameter for v in variables]
    how = choose_method(method, len(variables))
    size = population or default_population(how, len(variables))
    notes = _notes(trials.circuits, moved)
    study = fingerprint(
        "optimise",
        trials.circuits,
        rule,
        engine_version(engine),
        duration,
        step,
        tuple(variables),
        score,
        size,
        spread,
        how,
        seed,
    )
    search = _Search(trials, variables, score, progress)
    record = Record(search.score, path=None if state is None else Path(state), study=study, told=search.learn)
    start = np.array([v.start for v in variables])
    search.begin(start)
    evolve(how, record, start=start, spread=spread, population=size, generations=generations, seed=seed)
    factors = {v.parameter.name: float(f) for v, f in zip(variables, search.factors(search.best), strict=True)}

    def report(base: Sequence[tuple[Parameter, float]], works: bool) -> MarginReport | None:
        return margins_of(trials, score.probes, base=base) if works else None

    return OptimisationResult(
        circuit=trials.name,
        method=how,
        variables=tuple(variables),
        factors=factors,
        score_before=search.first_score,
        score_after=search.best_score,
        history=tuple(search.history),
        before=report((), search.first_score >= 0),
        after=report([(p, factors[p.name]) for p in moved], search.best_score >= 0),
        evaluations=search.evaluations,
        seed=seed,
        notes=notes,
    )


class _Search:
    """The best candidate so far."""

    def __init__(
        self,
        trials: Trials,
        variables: Sequence[Variable],
        score: MarginScore,
        progress: Callable[[int, Generation], None] | None,
    ) -> None:
        self._trials, self._variables, self._score, self._progress = trials, variables, score, progress
        self.history: list[Generation] = []
        self.evaluations = 0

    def begin(self, start: Floats) -> None:
        """Score the circuit as it is: a search that finds nothing better returns it."""
        self.best = start
        self.first_score = self.best_score = float(self.score(start[None, :])[0])

    def factors(self, place: Floats) -> Floats:
        """Factors of one candidate, or of many in columns."""
        return np.array([v.factor(p) for v, p in zip(self._variables, place, strict=True)])

    def score(self, candidates: Floats) -> Floats:
        """Score candidates, shape (candidates, variables)."""
        parameters = [v.parameter for v in self._variables]
        scores, tried = self._score(self._trials, parameters, self.factors(candidates.T))
        self.evaluations += tried
        return scores

    def learn(self, number: int, candidates: Floats, scores: Floats, replayed: bool) -> None:
        """Take in a generation."""
        top = int(np.argmax(scores))
        if scores[top] > self.best_score:
            self.best, self.best_score = candidates[top].copy(), float(scores[top])
        last = Generation(best=float(scores[top]), mean=float(np.mean(scores)), best_so_far=self.best_score)
        self.history.append(last)
        if self._progress is not None:
            self._progress(number + 1, last)


def _notes(circuits: Sequence[Circuit], moved: Sequence[Parameter]) -> tuple[str, ...]:
    names = {key.partition(":")[0] for p in moved for key in p.scales}
    junctions = {j.name for c in circuits for j in c.of_type(Junction) if j.name in names}
    found: dict[str, str] = {}
    for circuit in circuits:
        found |= ideally_driven(circuit, junctions)
    notes = tuple(
        f"junction {junction!r} is under optimisation and driven by the ideal source {source!r}: put a real cell "
        "between them, or the result leans on the source"
        for junction, source in sorted(found.items())
    )
    for note in notes:
        warnings.warn(note, IdealDriveWarning, stacklevel=3)
    return notes
