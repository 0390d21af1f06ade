"""Pulse-level lines, splitters and mergers: delays, dead time and energy."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.sfq.pulse_circuit import Pulse, Reaction


@dataclass(frozen=True, kw_only=True)
class Line:
    """Passes every pulse on after ``delay`` [s], taking ``energy`` [J] for it (a driver, a line, a terminator).

    ``output`` is None where pulses end.
    """

    delay: float
    energy: float = 0.0
    output: str | None = "output"
    inputs: tuple[str, ...] = ("input",)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Output ports."""
        return (self.output,) if self.output else ()

    def start(self) -> _Repeater:
        """Return the state at rest."""
        return _Repeater(delay=self.delay, cost=self.energy, outputs=self.outputs)


@dataclass(frozen=True, kw_only=True)
class Splitter:
    """One pulse in, one out of each of two outputs after ``delay`` [s]."""

    delay: float
    energy: float = 0.0
    inputs: tuple[str, ...] = ("input",)
    outputs: tuple[str, ...] = ("output_1", "output_2")

    def start(self) -> _Repeater:
        """Return the state at rest."""
        return _Repeater(delay=self.delay, cost=self.energy, outputs=self.outputs)


@dataclass(frozen=True, kw_only=True)
class Merger:
    """A pulse at either input gives one at the output, unless one passed less than ``dead_time`` [s] before."""

    delay: float
    dead_time: float
    energy: float = 0.0
    inputs: tuple[str, ...] = ("input_1", "input_2")
    outputs: tuple[str, ...] = ("output",)

    def start(self) -> _Repeater:
        """Return the state at rest."""
        return _Repeater(delay=self.delay, cost=self.energy, outputs=self.outputs, dead_time=self.dead_time)


@dataclass
class _Repeater:
    delay: float
    cost: float
    outputs: tuple[str, ...]
    dead_time: float = 0.0
    energy: float = 0.0
    margin: float = float("inf")
    _last: float = field(default=float("-inf"))

    def receive(self, port: str, time: float) -> Reaction:
        if time - self._last < self.dead_time:
            return ()
        self._last = time
        self.energy += self.cost
        return tuple(Pulse(out, time + self.delay) for out in self.outputs)

    def wake(self, token: int, time: float) -> Reaction:
        return ()
