"""Independent sources: currents, voltages and phases that follow a waveform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spice_models.waveforms import Waveform

SourceRole = Literal["bias", "tuning", "input"]
"""What a current source is for: a fixed bias line, a weight or threshold current, or a signal.

Margins scale bias and tuning currents and leave inputs alone; ``energy`` counts bias and tuning currents.
"""


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
    """Voltage [V] of ``plus`` against ``minus``; its current is counted from ``plus`` through it to ``minus``."""

    name: str
    plus: str
    minus: str
    waveform: Waveform

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)


@dataclass(frozen=True, kw_only=True)
class PhaseSource:
    """Phase [rad] of ``plus`` against ``minus``: ``2 pi / Phi0`` times the time integral of the voltage.

    A phase of ``2 pi`` in a superconducting loop is one flux quantum. The voltage is ``(Phi0 / 2 pi) dphase/dt``.
    """

    name: str
    plus: str
    minus: str
    waveform: Waveform

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)
