"""Kinds of neuron, and the pulses that one is measured with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Shape:
    """A kind of neuron: its number of inputs of each sign, and whether it has its refractory branch."""

    excitatory: int
    inhibitory: int = 0
    refractory: bool = False

    @property
    def key(self) -> str:
        """Its name in a file, such as ``"2,1"`` or ``"2,1,refractory"``."""
        return f"{self.excitatory},{self.inhibitory}" + (",refractory" if self.refractory else "")

    @classmethod
    def from_key(cls, key: str) -> Shape:
        """Read a name."""
        excitatory, inhibitory, *rest = key.split(",")
        return cls(excitatory=int(excitatory), inhibitory=int(inhibitory), refractory=bool(rest))

    def together(self, active: int, inhibiting: int = 0, lead: float = 0.0) -> Drive:
        """``active`` inputs at time zero, ``inhibiting`` ones by ``lead`` [s] before."""
        return self.driven([(0.0,)] * active, [(-lead,)] * inhibiting)

    def driven(
        self,
        excitatory: Sequence[tuple[float, ...]],
        inhibitory: Sequence[tuple[float, ...]] = (),
        weight_current: float | None = None,
    ) -> Drive:
        """Pulses [s] of the first inputs of each kind, the others silent."""
        return Drive(
            shape=self,
            excitatory=(*excitatory, *[()] * (self.excitatory - len(excitatory))),
            inhibitory=(*inhibitory, *[()] * (self.inhibitory - len(inhibitory))),
            weight_current=weight_current,
        )


@dataclass(frozen=True, kw_only=True)
class Drive:
    """When each input of a neuron gets its pulses, relative to the time that counts as zero [s].

    With a ``weight_current`` [A], a synapse stands before the first excitatory input.
    """

    shape: Shape
    excitatory: tuple[tuple[float, ...], ...]
    inhibitory: tuple[tuple[float, ...], ...]
    weight_current: float | None = None

    @property
    def earliest(self) -> float:
        """First pulse [s], zero if there is none before."""
        return min([0.0, *(t for train in (*self.excitatory, *self.inhibitory) for t in train)])
