"""Experiments on the hippocampal memory: a schedule of operations, run in one simulation, and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.models.hippocampal_cam import INDEX, POPULATIONS, STORE, network
from neurosim.models.hippocampal_operations import MS, Answer, Operation, answers, expected_answers, stimulus
from neurosim.run import Run
from neurosim.simulate import simulate
from spice_models.errors import unknown_name


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A memory of some size and the operations on it.

    Parameters
    ----------
    name, summary : str
        For the command line.
    cues, bits : int
        Size of the memory.
    operations : sequence of Operation
        In order of time.
    """

    name: str
    summary: str
    cues: int
    bits: int
    operations: Sequence[Operation]


@dataclass(frozen=True, kw_only=True, eq=False)
class MemoryResult:
    """What an experiment gave.

    Parameters
    ----------
    case : str
    experiment : Experiment
    run : Run
        With the spikes of every population.
    answers : tuple of Answer
        One an operation.
    before, after : mapping of str to array
        Weights of the plastic projections [A], shape (n_pre, n_post).
    """

    case: str
    experiment: Experiment
    run: Run
    answers: tuple[Answer, ...]
    before: Mapping[str, NDArray[np.float64]]
    after: Mapping[str, NDArray[np.float64]]

    @property
    def correct(self) -> bool:
        """Whether every operation gave what it should."""
        return all(answer.correct for answer in self.answers)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers, strings and lists, ready for JSON; see docs/json.md."""
        spikes = [
            (round(float(time) / MS), POPULATIONS.index(name), name, int(index))
            for name, trains in self.run.spikes.items()
            for time, index in zip(trains.times, trains.indices, strict=True)
        ]
        return {
            "case": self.case,
            "experiment": self.experiment.name,
            "cues": self.experiment.cues,
            "bits": self.experiment.bits,
            "engine": self.run.engine,
            "correct": self.correct,
            "spikes": [
                {"population": name, "index": index, "time_ms": time} for time, _, name, index in sorted(spikes)
            ],
            "operations": [
                {
                    "time_ms": answer.operation.step,
                    "operation": answer.operation.kind,
                    "cue": answer.operation.cue,
                    "bits": sorted(answer.operation.bits),
                    "expected": sorted(answer.expected),
                    "got": sorted(answer.got),
                    "correct": answer.correct,
                }
                for answer in self.answers
            ],
            "weights_a": {
                name: {"before": self.before[name].tolist(), "after": self.after[name].tolist()} for name in self.after
            },
        }


@dataclass(frozen=True, kw_only=True)
class MemoryCase:
    """Experiments on one model of a memory.

    Parameters
    ----------
    name, summary : str
        For the command line.
    experiments : mapping of str to Experiment
    """

    name: str
    summary: str
    experiments: Mapping[str, Experiment]

    @property
    def patterns(self) -> tuple[str, ...]:
        """Names of the experiments."""
        return tuple(self.experiments)

    def experiment(self, name: str) -> Experiment:
        """Return an experiment; raises `UnknownNameError` with the nearest spelling."""
        if name not in self.experiments:
            raise unknown_name("experiment", name, self.experiments, f" of case {self.name!r}")
        return self.experiments[name]

    def run(self, experiment: str, *, engine: str | None = None, seed: int = 0) -> MemoryResult:
        """Run an experiment by name at the architecture level.

        Raises
        ------
        UnknownNameError
            For an experiment or engine that does not exist.
        """
        chosen = self.experiment(experiment)
        memory = network(chosen.cues, chosen.bits)
        given = stimulus(chosen.operations, chosen.cues, chosen.bits)
        run = simulate(memory, given, level="architecture", engine=engine, seed=seed)
        shapes = {STORE: (chosen.cues, chosen.bits), INDEX: (chosen.bits, chosen.cues)}
        learned = run.details["final_weights"]
        return MemoryResult(
            case=self.name,
            experiment=chosen,
            run=run,
            answers=tuple(
                answers(chosen.operations, expected_answers(chosen.operations, {}), run.of("OUT"), chosen.cues)
            ),
            before={name: np.zeros(shape) for name, shape in shapes.items()},
            after={name: np.asarray(learned[name]).reshape(shape) for name, shape in shapes.items()},
        )
