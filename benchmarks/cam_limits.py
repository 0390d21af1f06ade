"""Where the hippocampal memory works: right searches by spacing, how often cues are learned, size and rule.

Random sequences of 200 operations, contents of density 0.4. First the paper's model with queries of one bit, then the
same network with the rule `COINCIDENCE`, cues relearned at will and queries of any number of bits.

``python benchmarks/cam_limits.py [--size 5x10] [--sequences 20]``
"""

from __future__ import annotations

import argparse

from neurosim.models.hippocampal_cam import network
from neurosim.models.hippocampal_operations import Answer, answers, expected_answers, stimulus
from neurosim.models.hippocampal_schedules import random_operations
from neurosim.models.hippocampal_variants import COINCIDENCE, PLASTICITY
from neurosim.plasticity import PairSTDP
from neurosim.simulate import simulate

SPACINGS = (7, 8, 9, 10, 12, 14, 20)
AT_WILL = 10**9
TIMES_LEARNED = {"once": 1, "up to twice": 2, "any number of times": AT_WILL}
NARROW_SPACINGS = (7, 8, 9, 10)
SIZES = ((5, 10, 10), (16, 16, 16), (32, 32, 32), (64, 64, 1), (64, 64, 64), (128, 128, 1))
"""Cues, bits, and bits of a query at most."""


def played(
    cues: int, bits: int, rule: PairSTDP, *, sequences: int, spacing: int, times: int, query: int
) -> list[Answer]:
    memory = network(cues, bits, plasticity=rule)
    found = []
    for seed in range(sequences):
        schedule = random_operations(cues, bits, seed=seed, spacing=spacing, times_learned=times, query=query)
        run = simulate(memory, stimulus(schedule, cues, bits), engine="discrete")
        found += answers(schedule, expected_answers(schedule, {}), run.of("OUT"), cues)
    return found


def line(label: str, spacing: int, found: list[Answer]) -> str:
    searches = [answer.correct for answer in found if answer.operation.kind == "search"]
    right = sum(answer.correct for answer in found)
    share = f"{sum(searches):5d}/{len(searches):<5d} {100 * sum(searches) / len(searches):5.1f} %"
    return f"{label:20s} {spacing:12d}   {share}   {100 * right / len(found):5.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="5x10")
    parser.add_argument("--sequences", type=int, default=20)
    given = parser.parse_args()
    cues, bits = (int(number) for number in given.size.split("x"))
    print("each cue learned     spacing [ms]   searches right     all right")
    for name, times in TIMES_LEARNED.items():
        for spacing in SPACINGS:
            found = played(cues, bits, PLASTICITY, sequences=given.sequences, spacing=spacing, times=times, query=1)
            print(line(name, spacing, found), flush=True)
    print("\nnarrow window        spacing [ms]   searches right     all right")
    for size in SIZES:
        for spacing in NARROW_SPACINGS:
            found = played(
                *size[:2], COINCIDENCE, sequences=given.sequences // 3, spacing=spacing, times=AT_WILL, query=size[2]
            )
            print(line(f"{size[0]}x{size[1]}, query <= {size[2]}", spacing, found), flush=True)


if __name__ == "__main__":
    main()
