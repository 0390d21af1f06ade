"""The elements of a circuit: frozen descriptions between named nodes."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi
from typing import Literal

from spice_models.constants import FLUX_QUANTUM
from spice_models.errors import DescriptionError
from spice_models.waveforms import Waveform

GROUND = "0"

SourceRole = Literal["bias", "tuning", "input"]
"""What a current source is for: a fixed bias line, a weight or threshold current, or a signal.

Margins scale bias and tuning currents and leave inputs alone; ``energy`` counts bias and tuning currents.
"""


def shunt_for_beta_c(critical_current: float, capacitance: float, beta_c: float, *, name: str = "") -> float:
    """Resistance [ohm] at which a junction has Stewart-McCumber parameter ``beta_c = 2 pi Ic R^2 C / Phi0``."""
    _positive("junction", name, critical_current=critical_current, capacitance=capacitance, beta_c=beta_c)
    return float((beta_c * FLUX_QUANTUM / (2 * pi * critical_current * capacitance)) ** 0.5)


def _positive(element: str, name: str, **values: float) -> None:
    for what, value in values.items():
        if not (isfinite(value) and value > 0):
            raise DescriptionError(f"{element} {name!r}: {what.replace('_', ' ')} must be positive, got {value}")


@dataclass(frozen=True, kw_only=True)
class Junction:
    """Josephson junction (RCSJ), current counted from ``plus`` to ``minus``.

    ``I = Ic sin(phase) + V / R + C dV/dt``, ``V = (Phi0 / 2 pi) dphase/dt``.

    Parameters
    ----------
    critical_current : float
        Ic [A].
    capacitance : float
        C [F].
    resistance : float
        R [ohm]: everything linear across the junction, external shunt and subgap leakage in parallel.

    References
    ----------
    W. C. Stewart, Appl. Phys. Lett. 12, 277 (1968), doi 10.1063/1.1651991;
    D. E. McCumber, J. Appl. Phys. 39, 3113 (1968), doi 10.1063/1.1656743.
    """

    name: str
    plus: str
    minus: str
    critical_current: float
    capacitance: float
    resistance: float

    def __post_init__(self) -> None:
        _positive(
            "junction",
            self.name,
            critical_current=self.critical_current,
            capacitance=self.capacitance,
            resistance=self.resistance,
        )

    @property
    def beta_c(self) -> float:
        """Stewart-McCumber parameter ``2 pi Ic R^2 C / Phi0``."""
        return 2 * pi * self.critical_current * self.resistance**2 * self.capacitance / FLUX_QUANTUM

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


@dataclass(frozen=True, kw_only=True)
class Inductor:
    """Inductance [H] from ``plus`` to ``minus``."""

    name: str
    plus: str
    minus: str
    inductance: float

    def __post_init__(self) -> None:
        _positive("inductor", self.name, inductance=self.inductance)

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
        _positive("resistor", self.name, resistance=self.resistance)

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
        _positive("capacitor", self.name, capacitance=self.capacitance)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


@dataclass(frozen=True, kw_only=True)
class CurrentSource:
    """Current [A] that flows through the source from ``plus`` to ``minus``, as in SPICE.

    A bias current into node ``n`` is a source from ground to ``n``: ``plus="0", minus="n"``.
    """

    name: str
    plus: str
    minus: str
    waveform: Waveform
    role: SourceRole = "bias"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


@dataclass(frozen=True, kw_only=True)
class VoltageSource:
    """Voltage [V] of ``plus`` against ``minus``."""

    name: str
    plus: str
    minus: str
    waveform: Waveform

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


Primitive = Junction | Inductor | Mutual | Resistor | Capacitor | CurrentSource | VoltageSource
