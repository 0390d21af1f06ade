"""Tables of `neurosim characterise` for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from rich.table import Table
from rich.text import Text

from neurosim.pictures.characteristics import GIGA, MICRO, PICO
from neurosim.studies.characterise import NeuronStudy, SynapseStudy

ATTO = 1e18


def synapse_tables(study: SynapseStudy) -> list[Table]:
    """Steps, and what each level does."""
    c = study.characteristics
    steps = _table("weight current", ("from [µA]", "to [µA]", "pulses out", "delays [ps]"))
    bounds = [0.0, *c.synapse_steps]
    for pulses, (low, high) in enumerate(pairwise(bounds)):
        middle = 0.5 * (low + high)
        steps.add_row(f"{MICRO * low:.1f}", f"{MICRO * high:.1f}", str(pulses), _list(PICO * c.response(middle), 1))
    steps.add_row(f"{MICRO * study.self_firing:.1f}", "", "without input", "")
    levels = _table(
        "levels, through a neuron",
        [
            "level",
            "weight\ncurrent [µA]",
            "pulse\nequivalents",
            "threshold\nshift [µA]",
            "first\nat [ps]",
            "pairs hold\nfrom [ps]",
            "energy\n[aJ]",
        ],
    )
    for s in study.strengths:
        delays, energy, interval = c.response(s.weight_current), study.energy(s.pulses), study.interval(s.pulses)
        levels.add_row(
            str(s.level),
            f"{MICRO * s.weight_current:.1f}",
            f"{s.equivalents:+.2f}",
            f"{MICRO * s.threshold_shift:+.1f}",
            f"{PICO * delays[0]:.1f}" if len(delays) else "",
            "" if interval is None else f"{PICO * interval:.0f}",
            "" if energy is None else f"{ATTO * energy.synapse:.2f}",
        )
    return [steps, levels]


def neuron_tables(study: NeuronStudy) -> list[Table]:
    """Thresholds and times of each shape; delay laws; inhibition; rates; refractory time; energy."""
    return [_shapes(study), _delays(study), _inhibition(study), _rates(study), _refractory(study), _energies(study)]


def _shapes(study: NeuronStudy) -> Table:
    most = max(n.shape.excitatory for n in study.neurons)
    table = _table(
        "shapes: least threshold current [µA] that fires, by pulses at once (0: fires by itself); leak; recovery",
        ("exc,inh", *map(str, range(most + 1)), "leak\n[ps]", "recovery\n[µA]", "\n[ps]"),
    )
    for n in study.neurons:
        thresholds = [n.self_firing, *(n.threshold(k) for k in range(1, n.shape.excitatory + 1))]
        table.add_row(
            n.shape.key.replace(",refractory", " refr."),
            *(f"{MICRO * t:.0f}" for t in thresholds),
            *[""] * (most - n.shape.excitatory),
            f"{PICO * n.leak_time:.1f}",
            f"{MICRO * n.recovery_current:.0f}",
            f"{PICO * n.recovery_time:.0f}",
        )
    return table


def _delays(study: NeuronStudy) -> Table:
    table = _table(
        "delay = a - b ln(overdrive / 1 µA)", ("exc,inh", "pulses", "a [ps]", "b [ps]", "rms [ps]", "overdrives [µA]")
    )
    for n in (n for n in study.neurons if not (n.shape.refractory or n.shape.inhibitory)):
        for k, law in enumerate(study.laws(n), start=1):
            span = f"{MICRO * law.overdrives[0]:.0f} .. {MICRO * law.overdrives[-1]:.0f}"
            table.add_row(
                n.shape.key, str(k), f"{PICO * law.a:.1f}", f"{PICO * law.b:.2f}", f"{PICO * law.residual:.2f}", span
            )
    return table


def _inhibition(study: NeuronStudy) -> Table:
    table = _table("inhibition of one pulse by one", ("ahead by [ps]", "threshold shift [µA]"))
    c = study.characteristics
    for lead, shift in zip(c.inhibition_leads, c.inhibition_shifts, strict=True):
        table.add_row(f"{PICO * lead:.0f}", f"{MICRO * shift:+.1f}")
    return table


def _rates(study: NeuronStudy) -> Table:
    heads = [f"level {r.level},\nthreshold {r.threshold:g}" for r in study.rates]
    table = _table("output rate [GHz]: circuit (pulse-level model)", ("input [GHz]", *heads))
    for k, rate in enumerate(study.rates[0].input_rates):
        table.add_row(
            f"{GIGA * rate:g}", *(f"{GIGA * r.circuit[k]:.2f} ({GIGA * r.model[k]:.2f})" for r in study.rates)
        )
    return table


def _refractory(study: NeuronStudy) -> Table:
    table = _table(
        "refractory time [ps]: a second pulse is answered from here on; a driver takes none closer than 18 ps",
        ("exc,inh", "threshold", "circuit", "pulse-level model"),
    )
    for shape, times in study.refractory_times.items():
        for t in times:
            row = (f"{t.threshold:g}", f"{PICO * t.circuit:.1f}", f"{PICO * t.model:.1f}")
            table.add_row(shape.key.replace(",refractory", " refr."), *row)
    return table


def _energies(study: NeuronStudy) -> Table:
    table = _table(
        "energy of one spike from the bias sources, neuron of one input [aJ]",
        ("pulses in", "spikes", "circuit", "pulse-level model"),
    )
    for e in study.energies:
        table.add_row(str(e.level), str(e.spikes), f"{ATTO * e.neuron:.3f}", f"{ATTO * e.neuron_model:.3f}")
    return table


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=Text(title, style="bold"), title_justify="left", box=None, pad_edge=False)
    for heading in headings:
        table.add_column(Text(heading), justify="right")
    return table


def _list(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], digits: int) -> str:
    return ", ".join(f"{v:.{digits}f}" for v in values)
