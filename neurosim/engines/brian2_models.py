"""What each neuron model becomes in Brian2: one builder a model, collected in `BUILDERS`.

Numbers inside are SI; units appear only where a user's own equations have them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import brian2
from brian2.utils.stringtools import get_identifiers

from neurosim.neurons import LIF, THRESHOLD_TOLERANCE, Equations, Izhikevich, Neuron, SFQNeuron
from neurosim.quantities import Dimensional
from neurosim.stochastic import RateNeuron
from spice_models.errors import DescriptionError, EngineError, unknown_name


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


def _refractory(time: float) -> Any:
    return time * brian2.second if time > 0 else False


def _lif(neuron: LIF, size: int, clock: Any) -> BuiltGroup:
    hold = " (unless refractory)" if neuron.refractory > 0 else ""
    group = brian2.NeuronGroup(
        size,
        f"dv/dt = (rest - v + resistance*I)/tau : 1{hold}\nI : 1",
        threshold="v > theta",
        reset="v = v_reset",
        refractory=_refractory(neuron.refractory),
        method="exact",
        clock=clock,
        namespace={
            "rest": neuron.rest,
            "resistance": neuron.resistance,
            "tau": neuron.tau * brian2.second,
            "theta": neuron.threshold,
            "v_reset": neuron.reset,
        },
    )
    group.v_ = neuron.rest if neuron.initial is None else neuron.initial
    return BuiltGroup(group=group, on_pre="v_post += w", current="I")


def _sfq(neuron: SFQNeuron, size: int, clock: Any) -> BuiltGroup:
    group = brian2.NeuronGroup(
        size,
        "u : 1",
        threshold="u >= theta",
        reset="u = 0",
        refractory=_refractory(neuron.refractory),
        clock=clock,
        namespace={"theta": neuron.threshold * (1 - THRESHOLD_TOLERANCE)},
    )
    if math.isfinite(neuron.leak_time):
        group.namespace["kept"] = math.exp(-float(clock.dt_) / neuron.leak_time)
        group.run_regularly("u *= kept", when="groups", clock=clock)
    return BuiltGroup(
        group=group,
        on_pre="u_post += w*int(not_refractory_post)" if neuron.refractory > 0 else "u_post += w",
        emission_delay=neuron.delay,
        instant=True,
    )


def _sfq_step(neuron: SFQNeuron) -> float:
    scales = [t for t in (neuron.leak_time, neuron.refractory, neuron.delay) if 0 < t < math.inf]
    # chosen: 0.1 ps resolves the 1 to 2 ps width of an SFQ pulse
    return min([0.1e-12, *(scale / 10 for scale in scales)])


def _rate(neuron: RateNeuron, size: int, clock: Any) -> BuiltGroup:
    group = brian2.NeuronGroup(
        size,
        "u : 1\nv : 1",
        threshold="u - inhibition*v >= theta",
        reset="u -= taken",
        clock=clock,
        namespace={
            "theta": neuron.threshold * (1 - THRESHOLD_TOLERANCE),
            "taken": neuron.reset,
            "inhibition": neuron.inhibition,
            "kept_u": math.exp(-float(clock.dt_) / neuron.leak_time),
            "kept_v": math.exp(-float(clock.dt_) / neuron.inhibition_time),
        },
    )
    group.run_regularly("u *= kept_u\nv *= kept_v", when="groups", clock=clock)
    on_pre = "u_post += w*int(w > 0)\nv_post -= w*int(w < 0)"
    return BuiltGroup(group=group, on_pre=on_pre, emission_delay=neuron.delay, instant=True)


def _rate_step(neuron: RateNeuron) -> float:
    # chosen: fine against the leak and the intervals of pulses that rates are made of
    return min(2e-12, neuron.leak_time / 50, neuron.inhibition_time / 50)


def _izhikevich(neuron: Izhikevich, size: int, clock: Any) -> BuiltGroup:
    group = brian2.NeuronGroup(
        size,
        """dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
           du/dt = a*(b*v - u)/ms : 1
           I : 1""",
        threshold="v >= 30",
        reset="v = c; u += d",
        method="euler",
        clock=clock,
        namespace={"a": neuron.a, "b": neuron.b, "c": neuron.c, "d": neuron.d},
    )
    group.v_ = neuron.initial
    group.u_ = neuron.b * neuron.initial
    return BuiltGroup(group=group, on_pre="v_post += w", current="I")


def _with_unit(value: Any) -> Any:
    if isinstance(value, Dimensional):
        dimension = brian2.units.fundamentalunits.get_or_create_dimension(value.dimensions)
        return brian2.Quantity(value.value, dim=dimension)
    return value


def _equations(neuron: Equations, size: int, clock: Any) -> BuiltGroup:
    refractory = neuron.refractory
    if not isinstance(refractory, str):
        holds = "unless refractory" in neuron.equations
        refractory = neuron.refractory * brian2.second if holds or neuron.refractory else False
    chosen = {} if neuron.method is None else {"method": neuron.method}
    equations = brian2.Equations(neuron.equations)
    declared = equations.names
    for name in neuron.initial:
        if name not in declared:
            raise unknown_name("state variable", name, declared, " (in initial=)")
    group = brian2.NeuronGroup(
        size,
        equations,
        threshold=neuron.threshold,
        reset=neuron.reset or None,
        refractory=refractory,
        clock=clock,
        namespace={name: _with_unit(value) for name, value in neuron.parameters.items()},
        **chosen,
    )
    for name, value in neuron.initial.items():
        setattr(group, f"{name}_" if isinstance(value, float) else name, _with_unit(value))
    built = BuiltGroup(
        group=group, current=neuron.current if neuron.current in group.equations.parameter_names else None
    )
    if neuron.target not in declared:
        return built
    # w is a plain number: the unit that makes it the target's is kept beside it
    unit = brian2.Quantity(1.0, dim=group.variables[neuron.target].dim)
    return BuiltGroup(
        group=group, current=built.current, on_pre=f"{neuron.target}_post += w*w_unit", namespace={"w_unit": unit}
    )


# Words that tell copies of a network in one run apart from the network alone.
_ENTANGLING = frozenset({"i", "N", "shared", "rand", "randn", "poisson", "binomial"})


def _equations_separable(neuron: Equations) -> bool:
    texts = [neuron.equations, neuron.threshold, neuron.reset, str(neuron.refractory)]
    texts += [value for value in neuron.initial.values() if isinstance(value, str)]
    words = {word for text in texts for word in get_identifiers(text)}
    return not (words & _ENTANGLING or any(word == "xi" or word.startswith("xi_") for word in words))


BUILDERS: dict[type[Neuron], ModelBuilder] = {
    LIF: ModelBuilder(time_step=lambda neuron: min(1e-4, neuron.tau / 20), build=_lif),
    SFQNeuron: ModelBuilder(time_step=_sfq_step, build=_sfq),
    RateNeuron: ModelBuilder(time_step=_rate_step, build=_rate),
    Izhikevich: ModelBuilder(time_step=lambda neuron: 1e-4, build=_izhikevich),
    Equations: ModelBuilder(
        time_step=lambda neuron: neuron.dt or 1e-4, build=_equations, separable=_equations_separable
    ),
}


def builder(neuron: Neuron) -> ModelBuilder:
    """Return the builder of a model; raises `EngineError` for one that Brian2 is not taught."""
    if type(neuron) not in BUILDERS:
        known = ", ".join(sorted(model.__name__ for model in BUILDERS))
        raise EngineError(f"the brian2 engine cannot run {type(neuron).__name__}; available: {known}")
    return BUILDERS[type(neuron)]


@dataclass(frozen=True, kw_only=True)
class SynapseCode:
    """What a plasticity rule becomes in Brian2.

    Parameters
    ----------
    model : str
        Variables of a synapse besides its weight ``w`` (a number, declared by the engine).
    on_pre, on_post : str
        Code at an arriving spike of either end; ``on_pre`` must also transmit (`BuiltGroup.on_pre`).
    namespace : mapping
        Names the code needs.
    configure : function of the Brian2 synapses, or None
        Last changes: delays and order of the pathways, start values.
    """

    model: str = ""
    on_pre: str = ""
    on_post: str = ""
    namespace: Mapping[str, Any] = field(default_factory=dict)
    configure: Callable[[Any], None] | None = None


# Rule type -> function of (rule, BuiltGroup of the receiving end, dt [s]).
PLASTICITY_BUILDERS: dict[type, Callable[[Any, BuiltGroup, float], SynapseCode]] = {}


def synapse_code(plasticity: Any, post: BuiltGroup, dt: float, ends: str) -> SynapseCode:
    """Return the code of the synapses of a projection that ends in ``post``."""
    if not post.on_pre:
        raise DescriptionError(
            f"{ends}: the equations of the receiving population have no variable for arriving spikes; give target="
        )
    if plasticity is None:
        return SynapseCode(on_pre=post.on_pre, namespace=post.namespace)
    if type(plasticity) not in PLASTICITY_BUILDERS:
        known = ", ".join(sorted(rule.__name__ for rule in PLASTICITY_BUILDERS)) or "none"
        raise EngineError(
            f"{ends}: the brian2 engine cannot run plasticity {type(plasticity).__name__}; available: {known}"
        )
    return PLASTICITY_BUILDERS[type(plasticity)](plasticity, post, dt)
