"""The lossless transmission line."""

from __future__ import annotations

from dataclasses import dataclass

from spice_models.elements.values import check_positive


@dataclass(frozen=True, kw_only=True)
class TransmissionLine:
    """Lossless line from the port (``plus``, ``minus``) to the port (``far_plus``, ``far_minus``); SPICE's T.

    With ``v`` and ``i`` the voltage and the current into each port,
    ``v1(t) - Z i1(t) = v2(t - delay) + Z i2(t - delay)``, and the same with the ports exchanged.

    Parameters
    ----------
    impedance : float
        Z [ohm].
    delay : float
        Time from one end to the other [s].

    References
    ----------
    F. H. Branin, Proc. IEEE 55, 2012 (1967), doi 10.1109/PROC.1967.6033.
    """

    name: str
    plus: str
    minus: str
    far_plus: str
    far_minus: str
    impedance: float
    delay: float

    def __post_init__(self) -> None:
        check_positive("transmission line", self.name, impedance=self.impedance, delay=self.delay)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node of the near port, then of the far one."""
        return (self.plus, self.minus, self.far_plus, self.far_minus)
