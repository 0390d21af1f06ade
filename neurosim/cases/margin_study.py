"""A case as a question about margins: its circuits under all patterns, and which pulses must come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from neurosim.mapping.netlist import START_UP, build_circuit
from neurosim.mapping.sfq import place
from neurosim.network import Network
from neurosim.stimuli import Stimulus
from spice_models.analysis.rules import PulseCountRule
from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError


class Classifier(Protocol):
    """What a case must offer: a network, a stimulus a pattern, and how often each output neuron must fire."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def expected(self) -> Mapping[str, tuple[int, ...]]:
        """Pulses of each output neuron, by pattern."""

    def network(self) -> Network:
        """Return the network."""

    def stimulus(self, pattern: str, /) -> Stimulus:
        """Return the input of a pattern."""


class MarginStudy(NamedTuple):
    """What `spice_models.analysis.margins.margins` takes.

    Parameters
    ----------
    circuits : list of Circuit
        One a pattern; they differ in their inputs alone.
    rule : PulseCountRule
        Every output emits as many pulses as expected in every pattern, from the rise of the biases to the end;
        hidden neurons are free.
    duration : float
        Of the longest pattern, start-up included [s].
    """

    circuits: list[Circuit]
    rule: PulseCountRule
    duration: float


def margin_study(case: Classifier) -> MarginStudy:
    """Place the network of a case and build its circuit under every pattern.

    Raises
    ------
    DescriptionError
        For a case without patterns or outputs.
    """
    placed = place(case.network())
    outputs = placed.output_junctions
    if not case.expected or not outputs:
        raise DescriptionError(f"case {case.name!r} has no patterns or no outputs: there is nothing to hold it to")
    stimuli = [case.stimulus(pattern) for pattern in case.expected]
    return MarginStudy(
        circuits=[build_circuit(placed, stimulus).flatten() for stimulus in stimuli],
        rule=PulseCountRule(counts=[dict(zip(outputs, fired, strict=True)) for fired in case.expected.values()]),
        duration=START_UP + max(stimulus.duration for stimulus in stimuli),
    )
