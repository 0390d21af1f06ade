"""Neurons that advance in fixed steps, and pair-based plasticity, in Brian2."""

from __future__ import annotations

from typing import Any

import brian2

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.brian2.parts import BuiltGroup, SynapseCode
from neurosim.plasticity import PairSTDP
from spice_models.errors import DescriptionError

UPDATE = """
i_exc += s_exc*arrived_exc
i_inh += s_inh*arrived_inh
arrived_exc = 0
arrived_inh = 0
v_inf = rest + resistance*(i_exc - i_inh)
v = v*int(hold > 0) + (v_inf - kept_v*(v_inf - v))*int(hold <= 0)
hold -= int(hold > 0)
i_exc *= kept_exc
i_inh *= kept_inh
"""


def build_discrete_lif(neuron: DiscreteLIF, size: int, clock: Any) -> BuiltGroup:
    """Make a group of `DiscreteLIF`; raises `DescriptionError` on a clock of another step than the neuron's."""
    step = float(clock.dt_)
    if abs(step / neuron.step - 1) > 1e-9:
        raise DescriptionError(
            f"DiscreteLIF advances in steps of {neuron.step:g} s and cannot run in steps of {step:g} s: give delays "
            "and all other steps as whole multiples of it, and dt= its step or nothing"
        )
    (kept_exc, kept_inh), (s_exc, s_inh) = neuron.kept_currents, neuron.current_scales
    group = brian2.NeuronGroup(
        size,
        "v : 1\ni_exc : 1\ni_inh : 1\narrived_exc : 1\narrived_inh : 1\nhold : integer",
        threshold="v >= theta",
        reset="v = v_reset; hold = held",
        clock=clock,
        namespace={
            "theta": neuron.threshold,
            "v_reset": neuron.reset,
            "held": neuron.held_steps,
            "rest": neuron.rest,
            "resistance": neuron.resistance,
            "kept_v": neuron.kept_potential,
            "kept_exc": kept_exc,
            "kept_inh": kept_inh,
            "s_exc": s_exc,
            "s_inh": s_inh,
        },
    )
    group.v_ = neuron.rest if neuron.initial is None else neuron.initial
    group.run_regularly(UPDATE, when="groups", clock=clock)
    on_pre = "arrived_exc_post += w*int(w > 0)\narrived_inh_post -= w*int(w < 0)"
    return BuiltGroup(group=group, on_pre=on_pre, next_update=True)


def pair_stdp_code(rule: PairSTDP, post: BuiltGroup, dt: float) -> SynapseCode:
    """Return traces and steps of `PairSTDP`; postsynaptic spikes are dealt with before presynaptic ones."""
    steps = rule.post_delay / dt
    if abs(steps - round(steps)) > 1e-6:
        raise DescriptionError(
            f"PairSTDP: post_delay must be whole steps of {dt:g} s, got {rule.post_delay:g} s; give another dt="
        )

    def configure(synapses: Any) -> None:
        synapses.post.order = -2
        synapses.pre.order = -1

    return SynapseCode(
        model=(
            "dpresynaptic_trace/dt = -presynaptic_trace/stdp_tau_plus : 1 (event-driven)\n"
            "dpostsynaptic_trace/dt = -postsynaptic_trace/stdp_tau_minus : 1 (event-driven)"
        ),
        on_pre=(
            f"w = clip(w - stdp_minus*postsynaptic_trace, stdp_low, stdp_high)\npresynaptic_trace += 1\n{post.on_pre}"
        ),
        on_post="w = clip(w + stdp_plus*presynaptic_trace, stdp_low, stdp_high)\npostsynaptic_trace += 1",
        post_delay=round(steps) * dt,
        namespace={
            **post.namespace,
            "stdp_tau_plus": rule.tau_plus * brian2.second,
            "stdp_tau_minus": rule.tau_minus * brian2.second,
            "stdp_plus": rule.amplitude_plus,
            "stdp_minus": rule.amplitude_minus,
            "stdp_low": rule.low,
            "stdp_high": rule.high,
        },
        configure=configure,
    )
