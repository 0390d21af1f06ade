"""Thermal noise that a netlist asks for: currents of Johnson noise across its resistors and junctions."""

from __future__ import annotations

from math import sqrt

from spice_models.circuit import Circuit
from spice_models.constants import BOLTZMANN
from spice_models.dialects.reader.deck import Deck
from spice_models.elements import CurrentSource, Junction, Resistor
from spice_models.waveforms import Noise


def is_uniform(deck: Deck, step: float) -> bool:
    """Whether all resistors have one temperature and noise that is white at steps of ``step`` [s]."""
    own = any(local.temp is not None or local.neb is not None for local in deck.local.values())
    return not own and (deck.noise_bandwidth is None or 1 / deck.noise_bandwidth <= step)


def noise_sources(deck: Deck, circuit: Circuit, step: float) -> list[CurrentSource]:
    """Noise currents across the elements that have a temperature, of one-sided density ``4 k T / R``.

    An element's own ``temp=`` and ``neb=`` come before ``.temp`` and ``.neb``. Without a bandwidth the noise is white
    up to half the sampling rate; with one, its value is held for ``1 / bandwidth``.

    Parameters
    ----------
    deck : Deck
        What was read.
    circuit : Circuit
        Its circuit, flattened.
    step : float
        Time step of the run [s].
    """
    sources = []
    for element in circuit:
        if not isinstance(element, Resistor | Junction):
            continue
        local = deck.local.get(element.name)
        temperature = deck.temperature if local is None or local.temp is None else local.temp
        bandwidth = deck.noise_bandwidth if local is None or local.neb is None else local.neb
        if temperature:
            shape = Noise(
                amplitude=sqrt(4 * BOLTZMANN * temperature / element.resistance),
                interval=step if bandwidth is None else max(step, 1 / bandwidth),
            )
            name = f"{element.name}_noise"
            while name in circuit:
                name += "_"
            sources.append(
                CurrentSource(name=name, plus=element.plus, minus=element.minus, waveform=shape, role="input")
            )
    return sources
