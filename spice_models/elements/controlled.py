"""Linear controlled sources: SPICE's E, F, G and H."""

from __future__ import annotations

from dataclasses import dataclass

from spice_models.elements.values import check_finite


@dataclass(frozen=True, kw_only=True)
class VoltageControlledVoltageSource:
    """``V(plus, minus) = gain * V(control_plus, control_minus)``; SPICE's E."""

    name: str
    plus: str
    minus: str
    control_plus: str
    control_minus: str
    gain: float

    def __post_init__(self) -> None:
        check_finite("voltage-controlled voltage source", self.name, gain=self.gain)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node, then the controlling ones."""
        return (self.plus, self.minus, self.control_plus, self.control_minus)


@dataclass(frozen=True, kw_only=True)
class CurrentControlledCurrentSource:
    """Current from ``plus`` through it to ``minus``: ``gain`` times that of the voltage source ``control``; SPICE's F.

    The control is a `VoltageSource` of the same circuit (of 0 V for a mere ammeter).
    """

    name: str
    plus: str
    minus: str
    control: str
    gain: float

    def __post_init__(self) -> None:
        check_finite("current-controlled current source", self.name, gain=self.gain)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


@dataclass(frozen=True, kw_only=True)
class VoltageControlledCurrentSource:
    """Current from ``plus`` through it to ``minus``: ``transconductance * V(control_plus, control_minus)``; SPICE's G.

    The transconductance is in siemens.
    """

    name: str
    plus: str
    minus: str
    control_plus: str
    control_minus: str
    transconductance: float

    def __post_init__(self) -> None:
        check_finite("voltage-controlled current source", self.name, transconductance=self.transconductance)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node, then the controlling ones."""
        return (self.plus, self.minus, self.control_plus, self.control_minus)


@dataclass(frozen=True, kw_only=True)
class CurrentControlledVoltageSource:
    """``V(plus, minus) = transresistance *`` the current of the voltage source ``control``; SPICE's H.

    The transresistance is in ohms; the control is a `VoltageSource` of the same circuit.
    """

    name: str
    plus: str
    minus: str
    control: str
    transresistance: float

    def __post_init__(self) -> None:
        check_finite("current-controlled voltage source", self.name, transresistance=self.transresistance)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


ControlledSource = (
    VoltageControlledVoltageSource
    | CurrentControlledCurrentSource
    | VoltageControlledCurrentSource
    | CurrentControlledVoltageSource
)
