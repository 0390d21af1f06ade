"""What builders of neuron models and plasticity rules hand to the Brian2 engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class BuiltGroup:
    """A population in Brian2.

    Parameters
    ----------
    group : brian2 group
        What emits the spikes.
    extras : tuple of Brian2 objects
        What else must be in the network for the group to work.
    on_pre : str
        What an arriving spike of weight ``w`` (a number) does.
    namespace : mapping
        Names that ``on_pre`` needs.
    current : str or None
        Variable that takes the input current.
    emission_delay : float
        Time from crossing the threshold to the spike that others see [s].
    instant : bool
        True if an arriving spike must be able to fire the neuron in the step of its arrival; False for Brian2's own
        schedule, where the state after an arrival meets the threshold one step later.
    next_update : bool
        True if a spike with a delay of d steps, at least one, must enter the update of the state d steps later.
    layers : int
        How many Brian2 neurons stand for one source, so that its several spikes of one step all count.
    """

    group: Any
    extras: tuple[Any, ...] = ()
    on_pre: str = ""
    namespace: Mapping[str, Any] = field(default_factory=dict)
    current: str | None = None
    emission_delay: float = 0.0
    instant: bool = False
    next_update: bool = False
    layers: int = 1


@dataclass(frozen=True, kw_only=True)
class ModelBuilder:
    """How Brian2 runs one neuron model.

    Parameters
    ----------
    time_step : function of the neuron
        The step the model wants [s].
    build : function of (neuron, size, clock)
        Makes the `BuiltGroup`.
    separable : function of the neuron
        Whether copies of a network side by side in one run behave as they do alone.
    """

    time_step: Callable[[Any], float]
    build: Callable[[Any, int, Any], BuiltGroup]
    separable: Callable[[Any], bool] = lambda neuron: True


@dataclass(frozen=True, kw_only=True)
class SynapseCode:
    """What a plasticity rule becomes in Brian2.

    Parameters
    ----------
    model : str
        Variables of a synapse besides its weight ``w`` (a number, declared by the engine).
    on_pre, on_post : str
        Code at an arriving spike of either end; ``on_pre`` must also transmit (`BuiltGroup.on_pre`).
    post_delay : float
        Time from a postsynaptic spike to ``on_post`` [s].
    namespace : mapping
        Names the code needs.
    configure : function of the Brian2 synapses, or None
        Last changes: order of the pathways, start values.
    """

    model: str = ""
    on_pre: str = ""
    on_post: str = ""
    post_delay: float = 0.0
    namespace: Mapping[str, Any] = field(default_factory=dict)
    configure: Callable[[Any], None] | None = None
