"""Write pulses as they are asked for, and what a write achieved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.rram.arguments import real, whole
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PulseScheme:
    """Amplitudes and widths of write pulses.

    Parameters
    ----------
    set_start, reset_start : float
        Magnitude of the first pulse of either kind on a cell [V].
    increment : float
        By how much each further pulse of the same kind grows [V].
    largest : float
        No pulse is larger [V].
    width : float
        Of every pulse [s].
    read_time : float
        Of a verifying read [s].
    parts : int
        Equal parts of a pulse. Voltages at the cells are found anew at the start of each, while states move all the
        time: more parts where wires drop much and a pulse changes much.

    Raises
    ------
    DescriptionError
        For values that make no sense.
    """

    set_start: float
    reset_start: float
    increment: float
    largest: float
    width: float
    read_time: float = 10e-9
    parts: int = 1

    def __post_init__(self) -> None:
        largest = real("the largest amplitude of pulses [V]", self.largest, above=0.0)
        for name in ("set_start", "reset_start"):
            if real(f"{name} of pulses [V]", getattr(self, name), above=0.0) > largest:
                raise DescriptionError(
                    f"pulses must not start above their largest amplitude: {name} {getattr(self, name)} V, largest "
                    f"{self.largest} V"
                )
        real("the increment of pulses [V]", self.increment, least=0.0)
        real("the width of pulses [s]", self.width, above=0.0)
        real("the read time of pulses [s]", self.read_time, least=0.0)
        whole("the parts of a pulse", self.parts, least=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Programmed:
    """What a write achieved.

    Parameters
    ----------
    target, conductance : array, shape (m, n)
        Wanted and achieved [S], the latter without read noise.
    reached : array of bool, shape (m, n)
        Which cells ended within the tolerance, by a last read.
    given_up : array of bool, shape (m, n)
        Cells that the largest pulses moved too little for them to arrive.
    pulses : array of int, shape (m, n)
        Pulses applied to each cell.
    disturbed : array, shape (m, n)
        Sum of the changes of state that pulses meant for other cells made.
    energy : float
        Delivered by the line drivers during pulses and reads [J].
    time : float
        Of all pulses and reads, one after the other [s].
    """

    target: Floats
    conductance: Floats
    reached: NDArray[np.bool_]
    given_up: NDArray[np.bool_]
    pulses: NDArray[np.int64]
    disturbed: Floats
    energy: float
    time: float

    @property
    def yield_of(self) -> float:
        """Part of the cells within the tolerance."""
        return float(np.mean(self.reached))
