"""How often the behavioral level is right where nobody chose the weights.

Random networks of 6, 4 and 2 neurons, each under random stimuli (a pulse for each of about half of the inputs): the
fraction of the stimuli for which both output neurons fire equally often at the behavioral and at the circuit level.
Every disagreement is named, with the neuron in which the two levels part first and the smallest margin of its
behavioral decisions: how far its threshold current was from what just fires. A small margin says that the levels
differ by less than the thresholds are known to; a large one is a fault of the model. ``--late`` names spikes that are
apart in the same way, as latency diverges at threshold.

``python benchmarks/random_networks.py [--networks 20] [--stimuli 8] [--engine native|ngspice] [--late] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

import neurosim as ns
from neurosim.mapping.sfq import place
from neurosim.models.random_sfq import random_network, random_stimulus
from neurosim.simulate import simulate_batch

LATE = 2e-12  # difference of spike times that is named [s]


def first_difference(network: ns.Network, behavioral: ns.Run, circuit: ns.Run) -> str | None:
    """Name of the neuron nearest to the inputs that fired differently often, if there is one."""
    for population in network.populations:
        name = population.name
        other = np.flatnonzero(behavioral.counts(name) != circuit.counts(name))
        if other.size:
            return f"{name}[{other[0]}]"
    return None


def first_late(network: ns.Network, behavioral: ns.Run, circuit: ns.Run) -> tuple[str, float] | None:
    """Name and difference [s] of the neuron nearest to the inputs with a spike more than `LATE` apart."""
    for population in network.populations:
        for i in range(population.size):
            one, other = behavioral.of(population.name).of(i), circuit.of(population.name).of(i)
            if one.size and one.size == other.size and (apart := float(np.abs(one - other).max())) > LATE:
                return f"{population.name}[{i}]", apart
    return None


def study(seed: int, stimuli: int, engine: str) -> list[dict[str, Any]]:
    """One row a stimulus of one network."""
    network = random_network(seed=seed)
    placed = place(network)
    given = [random_stimulus(network, seed=k) for k in range(stimuli)]
    circuits = simulate_batch(network, given, level="circuit", engine=engine, placed=placed)
    rows = []
    for k, (stimulus, circuit) in enumerate(zip(given, circuits, strict=True)):
        behavioral = ns.simulate(network, stimulus, level="behavioral", placed=placed)
        outputs = {
            run.level: [int(n) for p in network.outputs for n in run.counts(p.name)] for run in (behavioral, circuit)
        }
        neuron = first_difference(network, behavioral, circuit)
        late = first_late(network, behavioral, circuit)
        margins = behavioral.details.get("decision_margins", {})
        rows.append(
            {
                "network": seed,
                "stimulus": k,
                "outputs": outputs,
                "equal": outputs["behavioral"] == outputs["circuit"],
                "all_equal": neuron is None,
                "first_difference": neuron,
                "margin_a": margins.get(neuron) if neuron is not None else None,
                "late": late and late[0],
                "late_by_s": late and late[1],
                "late_margin_a": late and margins.get(late[0]),
            }
        )
    return rows


def microamperes(value: float | None) -> str:
    return "unknown" if value is None else f"{1e6 * value:.1f} uA"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", type=int, default=20, help="networks, with seeds 0, 1, ...")
    parser.add_argument("--stimuli", type=int, default=8, help="stimuli of each, with seeds 0, 1, ...")
    parser.add_argument("--engine", default="native", help="circuit engine: native, ngspice or josim")
    parser.add_argument("--late", action="store_true", help="also name spikes more than 2 ps apart")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every stimulus as JSON")
    options = parser.parse_args()
    rows = [row for seed in range(options.networks) for row in study(seed, options.stimuli, options.engine)]
    different = [row for row in rows if not row["all_equal"]]
    for row in different:
        where = "outputs differ" if not row["equal"] else "outputs equal"
        print(
            f"network {row['network']}, stimulus {row['stimulus']}: {where}, behavioral "
            f"{row['outputs']['behavioral']}, circuit {row['outputs']['circuit']}; first at {row['first_difference']}, "
            f"margin {microamperes(row['margin_a'])}"
        )
    late = [row for row in rows if row["all_equal"] and row["late"]]
    for row in late if options.late else []:
        print(
            f"network {row['network']}, stimulus {row['stimulus']}: spikes of {row['late']} are "
            f"{1e12 * row['late_by_s']:.2f} ps apart, margin {microamperes(row['late_margin_a'])}"
        )
    equal = sum(row["equal"] for row in rows)
    everywhere = len(rows) - len(different)
    print(f"output spike counts equal: {equal} of {len(rows)} stimuli ({100 * equal / len(rows):.1f} %)")
    print(f"spike counts of all neurons equal: {everywhere} of {len(rows)} ({100 * everywhere / len(rows):.1f} %)")
    print(f"of those, all spikes within {1e12 * LATE:g} ps: {everywhere - len(late)}")
    if options.json is not None:
        summary = {"engine": options.engine, "stimuli": len(rows), "equal": equal, "fraction": equal / len(rows)}
        options.json.write_text(json.dumps(summary | {"rows": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
