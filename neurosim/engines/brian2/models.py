"""What each neuron model becomes in Brian2: one builder a model, collected in `BUILDERS`.

Numbers inside are SI; units appear only where a user's own equations have them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import brian2
from brian2.utils.stringtools import get_identifiers

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.brian2.discrete import build_discrete_lif, pair_stdp_code
from neurosim.engines.brian2.parts import BuiltGroup, ModelBuilder, SynapseCode
from neurosim.neurons import LIF, THRESHOLD_TOLERANCE, Equations, Izhikevich, Neuron, SFQNeuron
from neurosim.plasticity import PairSTDP
from neurosim.quantities import Dimensional
from neurosim.stochastic import RateNeuron
from spice_models.errors import DescriptionError, EngineError, unknown_name

__all__ = ["BUILDERS", "PLASTICITY_BUILDERS", "BuiltGroup", "SynapseCode", "builder", "synapse_code"]


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
    DiscreteLIF: ModelBuilder(time_step=lambda neuron: float(neuron.step), build=build_discrete_lif),
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


# Rule type -> function of (rule, BuiltGroup of the receiving end, dt [s]).
PLASTICITY_BUILDERS: dict[type, Callable[[Any, BuiltGroup, float], SynapseCode]] = {PairSTDP: pair_stdp_code}


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
