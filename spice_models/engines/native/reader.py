"""Recorded node fluxes and their rates turned into the channels that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit
from spice_models.elements import Capacitor, CurrentSource, Inductor, Junction, Resistor
from spice_models.engines.native.known import KAPPA, KnownFlux
from spice_models.engines.native.system import System
from spice_models.engines.recording import Channel
from spice_models.errors import EngineError

Floats = NDArray[np.float64]


_BY_OTHERS = (Inductor, Resistor, Capacitor, CurrentSource, Junction)


def found_in_loop(channel: Channel) -> str | None:
    """Element whose current a channel is, if it does not follow from the fluxes of its nodes; None otherwise."""
    element = channel.element
    if channel.kind != "current" or element is None or isinstance(element, _BY_OTHERS):
        return None
    return element.name


class Reader:
    """Channels of one run.

    Parameters
    ----------
    nodes : sequence of int
        The unknowns that were recorded.
    flux, rate : array, shape (nodes, samples)
        Their fluxes [rad] and the derivatives of these [rad/s] at mid-step.
    step : float
        Time step [s].
    every : int
        Steps from one sample to the next.
    currents : mapping of element -> array, shape (samples,)
        Those that the time loop has found itself.
    ends : bool
        The samples are those at the ends of steps, of a circuit with noise.
    variant : int
        Whose values are meant; channels to be read have elements with these values.
    """

    def __init__(
        self,
        circuit: Circuit,
        system: System,
        *,
        nodes: Sequence[int],
        flux: Floats,
        rate: Floats,
        step: float,
        every: int,
        currents: Mapping[str, Floats] | None = None,
        ends: bool = False,
        variant: int = 0,
    ) -> None:
        self._circuit = circuit
        self._system = system
        self._place = {node: row for row, node in enumerate(nodes)}
        self._flux = flux
        self._rate = rate
        self._spacing = step * every
        self._times: Floats = (np.arange(flux.shape[1], dtype=np.float64) * every + (1.0 if ends else 0.5)) * step
        self._currents = currents or {}
        self._step = step
        self._every = every
        self._ends = ends
        self._variant = variant
        self._known: dict[int, tuple[Floats, Floats]] = {}

    def read(self, channel: Channel) -> Floats:
        """Samples of one channel in SI."""
        if channel.kind == "phase":
            return self._phase(*channel.ends)
        if channel.kind == "voltage":
            return self._voltage(*channel.ends)
        return self._current(channel)

    def _phase(self, plus: str, minus: str) -> Floats:
        return self._node(plus) - self._node(minus)

    def _node(self, name: str) -> Floats:
        unknown = self._system.index[name]
        value = self._flux[self._place[unknown]].copy() if unknown >= 0 else np.zeros(len(self._times))
        for source, weight in self._system.offsets[name]:
            value += weight * self._source(source)[1]
        return value

    def _source(self, number: int) -> tuple[Floats, Floats]:
        """Voltage over ``Phi0 / 2 pi`` and flux of a source of known flux."""
        if number not in self._known:
            source = self._system.known_sources[number]
            steps = (len(self._times) - 1) * self._every + 1
            _, volts, middles = KnownFlux(source, self._step).stretch(0, steps)
            if self._ends:
                middles = KnownFlux(source, self._step).fluxes(0, steps)[1]
                volts = KnownFlux(source, self._step).end_voltages(0, steps)[1:]
            scale = self._system.known_scale[number, self._variant]
            self._known[number] = scale * volts[:: self._every], scale * middles[:: self._every]
        return self._known[number]

    def _voltage(self, plus: str, minus: str) -> Floats:
        total = np.zeros(len(self._times))
        for name, sign in ((plus, 1.0), (minus, -1.0)):
            unknown = self._system.index[name]
            if unknown >= 0:
                total += sign * KAPPA * self._rate[self._place[unknown]]
            for source, weight in self._system.offsets[name]:
                total += sign * weight * KAPPA * self._source(source)[0]
        return total

    def _slope(self, volts: Floats) -> Floats:
        return np.asarray(np.gradient(volts, self._spacing)) if len(volts) > 1 else np.zeros(len(volts))

    def _current(self, channel: Channel) -> Floats:
        if self._ends and isinstance(channel.element, Resistor | Junction):
            raise EngineError(
                f"the native engine has no {channel.text} in a run with noise, where draws of parallel resistances are "
                "one: record the current of an inductor in series with it"
            )
        if channel.element is not None and channel.element.name in self._currents:
            return self._currents[channel.element.name]
        match channel.element:
            case Inductor(name=name):
                total = np.zeros(len(self._times))
                for other, inverse in self._system.inductor_rows[name]:
                    plus, minus = self._circuit[other].nodes
                    total += inverse[self._variant] * KAPPA * self._phase(plus, minus)
                return total
            case Resistor(resistance=resistance):
                return self._voltage(*channel.ends) / resistance
            case Capacitor(capacitance=capacitance):
                return capacitance * self._slope(self._voltage(*channel.ends))
            case CurrentSource(waveform=waveform):
                return np.asarray(waveform.at(self._times))
            case Junction() as junction:
                volts = self._voltage(*channel.ends)
                ohmic = junction.resistive_current(volts)
                supercurrent = junction.supercurrent(self._phase(*channel.ends))
                return np.asarray(supercurrent + ohmic + junction.capacitance * self._slope(volts))
            case other_kind:
                raise EngineError(
                    f"the native engine has no {channel.text}, the current of a {type(other_kind).__name__}: record "
                    "that of an element in series with it"
                )
