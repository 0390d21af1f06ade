"""Inductors, their couplings, resistors and capacitors."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from spice_models.elements.values import check_positive
from spice_models.errors import DescriptionError


@dataclass(frozen=True, kw_only=True)
class Inductor:
    """Inductance [H] from ``plus`` to ``minus``; extraction may give negative ones, which are taken."""

    name: str
    plus: str
    minus: str
    inductance: float

    def __post_init__(self) -> None:
        if not (isfinite(self.inductance) and self.inductance != 0):
            raise DescriptionError(
                f"inductor {self.name!r}: inductance must be finite and not zero, got {self.inductance}; "
                "join its nodes instead of an inductance of zero"
            )

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


@dataclass(frozen=True, kw_only=True)
class Mutual:
    """Coupling ``k`` between two inductors of the same circuit: ``M = k sqrt(L1 L2)``, dots at their plus nodes."""

    name: str
    first: str
    second: str
    coupling: float

    def __post_init__(self) -> None:
        if not (isfinite(self.coupling) and 0 < abs(self.coupling) < 1):
            raise DescriptionError(
                f"mutual {self.name!r}: coupling must lie within -1..1 and not be 0: {self.coupling}"
            )
        if self.first == self.second:
            raise DescriptionError(f"mutual {self.name!r} couples inductor {self.first!r} with itself")

    @property
    def nodes(self) -> tuple[str, ...]:
        """A coupling touches no node of its own."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Resistor:
    """Resistance [ohm] from ``plus`` to ``minus``."""

    name: str
    plus: str
    minus: str
    resistance: float

    def __post_init__(self) -> None:
        check_positive("resistor", self.name, resistance=self.resistance)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


@dataclass(frozen=True, kw_only=True)
class Capacitor:
    """Capacitance [F] from ``plus`` to ``minus``."""

    name: str
    plus: str
    minus: str
    capacitance: float

    def __post_init__(self) -> None:
        check_positive("capacitor", self.name, capacitance=self.capacitance)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)
