"""Cases of the form "for each input pattern, these outputs must fire", run at several levels and held together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neurosim.cases.pattern_result import CaseResult, PatternRun
from neurosim.network import Network
from neurosim.simulate import simulate_batch
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, unknown_name

if TYPE_CHECKING:
    from neurosim.cases.decision_margin import DecisionMargin
    from neurosim.mapping.placement import PlacedNetwork

LEVELS = ("architecture", "behavioral", "circuit")


@dataclass(frozen=True, kw_only=True)
class PatternCase:
    """A network, a stimulus for each pattern, and which output neurons must fire.

    Parameters
    ----------
    name : str
        What it is called on the command line.
    summary : str
        One line for lists.
    network : callable
        Returns the network.
    stimulus : callable of pattern
        Returns the stimulus for a pattern.
    expected : mapping of pattern to tuple of int
        1 for each output neuron that must fire (once), 0 for one that must be silent.
    """

    name: str
    summary: str
    network: Callable[[], Network]
    stimulus: Callable[[str], Stimulus]
    expected: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def patterns(self) -> tuple[str, ...]:
        """All patterns, in order."""
        return tuple(self.expected)

    def checked(self, pattern: str) -> str:
        """Return ``pattern`` if there is such a one; raises `UnknownNameError`."""
        if pattern not in self.expected:
            raise unknown_name("pattern", pattern, self.expected, f" of case {self.name!r}")
        return pattern

    def run(
        self,
        levels: Sequence[str] = LEVELS,
        *,
        engine: str | None = None,
        patterns: Sequence[str] | None = None,
        record: Sequence[str] = ("spikes",),
        seed: int = 0,
        margins: bool = True,
        timeout: float | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> CaseResult:
        """Run all patterns at several levels.

        Parameters
        ----------
        levels : sequence of str
            Which levels.
        engine : str, optional
            Engine of the circuit level; the toolkit's own if not given.
        patterns : sequence of str, optional
            Which patterns; all if not given.
        record : sequence of str
            What to record besides spikes; ``"phases"`` concerns the circuit level alone.
        seed : int
            Seed of every random draw.
        margins : bool
            Whether to find the decision margin of each pattern, at the circuit level.
        timeout : float, optional
            Time [s] after which an external simulator is stopped, a pattern each.
        progress : callable, optional
            Told in a few words what comes next.
        """
        chosen = [self.checked(pattern) for pattern in (patterns or self.patterns)]
        for level in levels:
            if level not in LEVELS:
                raise unknown_name("level", level, LEVELS)
        if engine is not None and "circuit" not in levels:
            raise DescriptionError(
                f"engine {engine!r} was asked for, but not the circuit level that it runs; add level 'circuit' to "
                f"{', '.join(levels)}, or leave the engine out"
            )
        if timeout is not None and engine in (None, "native"):
            raise DescriptionError("a timeout is for simulators outside of this process: give engine ngspice or josim")
        if timeout is not None and not timeout > 0:
            raise DescriptionError(f"the timeout must be a positive number of seconds, got {timeout:g}")
        network = self.network()
        stimuli = [self.stimulus(pattern) for pattern in chosen]
        runs: list[PatternRun] = []
        placed = _placed(network) if "circuit" in levels else None
        for level in levels:
            used, wanted = None, [item for item in record if item != "phases"]
            options: dict[str, Any] = {}
            if level == "circuit":
                used, wanted = engine, list(record)
                options = {"placed": placed} if timeout is None else {"placed": placed, "timeout": timeout}
            if progress is not None:
                progress(f"{level}: {len(chosen)} patterns{f' on {used}' if used else ''}")
            results = simulate_batch(network, stimuli, level=level, engine=used, record=wanted, seed=seed, **options)
            runs += [
                PatternRun(pattern=pattern, expected=self.expected[pattern], run=run, outputs=outputs(network, run))
                for pattern, run in zip(chosen, results, strict=True)
            ]
        found: dict[str, DecisionMargin] = {}
        if margins and placed is not None:
            # numba with it, which cases are listed and run at other levels without
            from neurosim.cases.decision_margin import decision_margin

            for pattern, stimulus in zip(chosen, stimuli, strict=True):
                if progress is not None:
                    progress(f"decision margin of pattern {pattern}")
                found[pattern] = decision_margin(placed, stimulus)
        return CaseResult(
            case=self.name,
            inputs=tuple(p.name for p in network.inputs),
            runs=tuple(runs),
            margins=found,
            junctions=_junctions(runs),
            notes=() if placed is None else placed.cautions,
        )


def outputs(network: Network, run: Any) -> tuple[int, ...]:
    """Number of spikes of each output neuron."""
    return tuple(int(count) for p in network.outputs for count in run.counts(p.name))


def _placed(network: Network) -> PlacedNetwork:
    from neurosim.mapping.sfq import place

    return place(network)


def _junctions(runs: Sequence[PatternRun]) -> int | None:
    found = [run.run.details["junctions"] for run in runs if run.run.level == "circuit"]
    return int(found[0]) if found else None
