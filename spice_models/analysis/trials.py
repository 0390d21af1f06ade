"""Variants of circuits held to a rule: in chunks that bound the memory, over any executor, and on disk if asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from math import inf
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.outcomes import OutcomeFile, Outcomes
from spice_models.analysis.patterns import SideBySide, side_by_side
from spice_models.analysis.variants import EngineBatch, Evaluate, NativeBatch
from spice_models.circuit import Circuit
from spice_models.engines.native.compilation import CODE
from spice_models.engines.native.engine import Batch
from spice_models.errors import DescriptionError, EngineError, NeurofluxonError, unknown_name
from spice_models.tasks import run_tasks

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Scales = dict[str, Floats]

Rule = Callable[[list[Batch]], Bools]
"""Says pass or fail for every variant, shape (variants,), from the pulses of each circuit.

It may have a method ``explain(batches, variant)`` that says in words what is wrong with one variant.
"""

LANES = 512
"""Runs in one call of the engine, patterns times variants [chosen: keeps cores busy, a few ten megabytes]."""

NODE_LANES = 2**20
"""Most runs times nodes in one call [chosen: a few hundred megabytes for the matrices of large circuits]."""

SAVE_INTERVAL = 1.0
"""Time [s] after which outcomes are written again [chosen: what a kill can cost]."""

_PIECES = 16  # that a round is cut into for an executor, whose workers nobody knows the number of


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """What a worker gets: everything but the variants."""

    circuits: tuple[Circuit, ...]
    rule: Rule
    evaluate: Evaluate
    explain: bool

    @cached_property
    def joined(self) -> SideBySide | None:
        # Other engines run one variant at a time: joining would only give each of them more sources.
        return side_by_side(self.circuits) if isinstance(self.evaluate, NativeBatch) else None

    def __call__(self, scales: Scales) -> tuple[Bools, dict[int, str]]:
        count = max((len(v) for v in scales.values()), default=1)
        try:
            batches = self.batches(scales, count)
        except (EngineError, DescriptionError) as error:
            if count == 1:
                return np.array([False]), {0: f"not simulated: {error}"}
        else:
            return self._verdict(batches, count)
        # One variant that cannot be simulated must not take the others with it.
        half = count // 2
        first, reasons = self({key: v[:half] for key, v in scales.items()})
        second, more = self({key: v[half:] for key, v in scales.items()})
        return np.append(first, second), {**reasons, **{half + i: text for i, text in more.items()}}

    def batches(self, scales: Scales, count: int) -> list[Batch]:
        """Run the variants under every pattern."""
        if self.joined is None:
            return [self.evaluate(circuit, scales) for circuit in self.circuits]
        return self.joined.split(self.evaluate(self.joined.circuit, self.joined.scales(scales, count)), count)

    def _verdict(self, batches: list[Batch], count: int) -> tuple[Bools, dict[int, str]]:
        passed = np.asarray(self.rule(batches))
        if passed.shape != (count,):
            raise RuleError(f"the rule must return one answer a variant, shape ({count},), but gave {passed.shape}")
        passed = passed.astype(bool)
        explain = getattr(self.rule, "explain", None)
        if not self.explain:
            return passed, {}
        failed = [int(i) for i in np.flatnonzero(~passed)]
        return passed, {i: explain(batches, i) if explain else "the rule does not hold" for i in failed}


def engine_version(engine: str) -> str:
    """Name of an engine; of our own with what tells its version, so that no file mixes outcomes of two."""
    return f"{engine} {CODE.version}" if engine == "native" else engine


class RuleError(NeurofluxonError, TypeError):
    """A rule that does not answer as rules must; it ends what asked it."""


class Trials:
    """Circuits, a rule, and what runs their variants.

    Parameters
    ----------
    circuits : Circuit or sequence of Circuit
        One for each input pattern; they differ in their input sources alone.
    rule : callable
        ``rule(batches) -> bool array (variants,)``, where ``batches[k]`` holds the pulses of ``circuits[k]``.
    duration, step : float
        Simulated time and time step [s].
    engine : str
        ``"native"`` or one of `available_engines`, which run one variant after the other.
    evaluate : callable, optional
        Runs the variants in place of the engine.
    workers : int, optional
        Threads of the native engine; 1 with an executor, all processors without, if not given.
    executor : Executor, optional
        Runs chunks of variants; results do not depend on it.

    Raises
    ------
    DescriptionError
        If there is no circuit, or the rule does not hold at the circuits' own values.
    """

    def __init__(
        self,
        circuits: Circuit | Sequence[Circuit],
        rule: Rule,
        *,
        duration: float,
        step: float = 1e-13,
        engine: str = "native",
        evaluate: Evaluate | None = None,
        workers: int | None = None,
        executor: Executor | None = None,
    ) -> None:
        self.circuits = tuple(c.flatten() for c in ([circuits] if isinstance(circuits, Circuit) else circuits))
        if not self.circuits:
            raise DescriptionError("there must be at least one circuit to hold to the rule")
        self.rule, self.duration, self.step = rule, duration, step
        self.engine = engine if evaluate is None else "given"
        self.executor = executor
        threads = 1 if workers is None and executor is not None else workers
        if evaluate is None and engine == "native":
            evaluate = NativeBatch(duration=duration, step=step, workers=threads)
        self._evaluate = evaluate or EngineBatch(engine=engine, duration=duration, step=step)
        self._judge = {
            explain: _Judge(circuits=self.circuits, rule=rule, evaluate=self._evaluate, explain=explain)
            for explain in (False, True)
        }

    @property
    def name(self) -> str:
        """Name of the first circuit."""
        return self.circuits[0].name

    @property
    def chunk(self) -> int:
        """Variants in one call of the engine."""
        nodes = max(len(self.circuits[0].nodes), 1)
        return max(min(LANES, NODE_LANES // nodes) // len(self.circuits), 1)

    @cached_property
    def nominal(self) -> list[Batch]:
        """The circuits at their own values; what stands in the way of simulating them is raised here."""
        return self._judge[False].batches({}, 1)

    def require_nominal(self) -> None:
        """Raise `DescriptionError` unless the rule holds at the circuits' own values."""
        batches = self.nominal
        if bool(np.all(self.rule(batches))):
            return
        explain = getattr(self.rule, "explain", None)
        reason = f": {explain(batches, 0)}" if explain else "; start from a circuit that works"
        raise DescriptionError(f"circuit {self.name!r} does not pass with its own values{reason}")

    def run(
        self,
        count: int,
        scales: Callable[[int, int], Scales],
        *,
        explain: bool = False,
        file: OutcomeFile | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Outcomes:
        """Try variants; one that cannot be simulated where the circuits themselves can counts as failed.

        Parameters
        ----------
        count : int
            How many.
        scales : callable
            ``scales(start, stop)`` returns the factors of some of them, by key as in `Parameter`.
        explain : bool
            Whether to say why variants fail.
        file : OutcomeFile, optional
            Where outcomes are kept; those that it holds are not computed again.
        progress : callable, optional
            Called with the part that is done, from 0 to 1.
        """
        outcomes = Outcomes.none(count) if file is None else file.load(count)
        if len(outcomes.open):
            assert self.nominal
        chunks = self._chunks(outcomes.open)
        done, total = int(np.sum(outcomes.known)), max(count, 1)
        tasks = (self._scales(chunk, scales) for chunk in chunks)
        saved = -inf
        try:
            with closing(run_tasks(self._judge[explain], tasks, self.executor)) as results:
                for number, (passed, reasons) in results:
                    chunk = chunks[number]
                    outcomes.add(chunk, passed, {int(chunk[i]): text for i, text in reasons.items()})
                    if file is not None and monotonic() - saved > SAVE_INTERVAL:
                        file.save(outcomes)
                        saved = monotonic()
                    done += len(chunk)
                    if progress is not None:
                        progress(done / total)
        finally:
            if file is not None and chunks:
                file.save(outcomes)
        return outcomes

    def passes(self, scales: Scales, *, progress: Callable[[float], None] | None = None) -> Bools:
        """Try variants whose factors are at hand; True where the rule holds, shape (variants,)."""
        count = max((len(v) for v in scales.values()), default=1)
        found = self.run(count, lambda a, b: {key: v[a:b] for key, v in scales.items()}, progress=progress)
        return found.passed

    def _chunks(self, numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        size = self.chunk
        if self.executor is not None:
            size = min(size, max(-(-len(numbers) // _PIECES), 8))
        # Runs of neighbours: scale factors are asked for by their first and last number.
        runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1) if len(numbers) else []
        return [run[i : i + size] for run in runs for i in range(0, len(run), size)]

    def _scales(self, chunk: NDArray[np.int64], scales: Callable[[int, int], Scales]) -> Scales:
        found = scales(int(chunk[0]), int(chunk[-1]) + 1)
        for key in found:
            name = key.partition(":")[0]
            if name not in self.circuits[0]:
                raise unknown_name("element", name, [e.name for e in self.circuits[0]], f" in circuit {self.name!r}")
        return found
