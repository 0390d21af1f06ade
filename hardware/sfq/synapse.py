"""The pulse-level synapse: how many pulses leave for one that enters, and when."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.sfq.characteristics import Characteristics
from hardware.sfq.pulse_circuit import Pulse, Reaction

REST = 350e-12  # after so long without a pulse the synapse is at rest [s]; the longest interval measured


@dataclass(frozen=True, kw_only=True)
class Synapse:
    """Pulse multiplier set by a current.

    For a pulse in, ``n(weight_current)`` pulses leave after the measured delays; a pulse within 350 ps before makes
    them later. In trains of pulses less than 150 ps apart the circuit also loses some: the model keeps the number.

    Parameters
    ----------
    weight_current : float
        [A].
    characteristics : Characteristics
        The measurements.
    energy_in, energy_out : float
        Energy from the bias sources for each pulse in and out [J].
    """

    weight_current: float
    characteristics: Characteristics
    energy_in: float = 0.0
    energy_out: float = 0.0
    inputs: tuple[str, ...] = ("input",)
    outputs: tuple[str, ...] = ("output",)

    def start(self) -> _SynapseState:
        """Return the state at rest."""
        return _SynapseState(self)


class _SynapseState:
    def __init__(self, model: Synapse) -> None:
        self.energy = 0.0
        self.margin = float("inf")
        self._model = model
        self._delays = model.characteristics.response(model.weight_current)
        self._last = float("-inf")

    def receive(self, port: str, time: float) -> Reaction:
        interval, self._last = time - self._last, time
        self.energy += self._model.energy_in + len(self._delays) * self._model.energy_out
        if len(self._delays) == 0:
            return ()
        later = self._model.characteristics.extra_delay(len(self._delays), interval) if interval < REST else 0.0
        return tuple(Pulse("output", time + float(d)) for d in self._delays + later)

    def wake(self, token: int, time: float) -> Reaction:
        return ()
