"""Where the hippocampal memory of the paper works: right searches by spacing, and how often cues are learned.

Random sequences of 200 operations (density 0.4, queries of one bit); learning and recall are right throughout unless
a line says otherwise.

``python benchmarks/cam_limits.py [--size 5x10] [--sequences 20]``
"""

from __future__ import annotations

import argparse
import warnings

from neurosim.hippocampal_memory import HippocampalMemory, SpacingWarning
from neurosim.models.hippocampal_schedules import random_operations

SPACINGS = (7, 8, 9, 10, 12, 14, 20)
TIMES_LEARNED = {"once": 1, "up to twice": 2, "any number of times": 10**9}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="5x10")
    parser.add_argument("--sequences", type=int, default=20)
    given = parser.parse_args()
    cues, bits = (int(number) for number in given.size.split("x"))
    warnings.simplefilter("ignore", SpacingWarning)
    print("each cue learned     spacing [ms]   searches right     all right")
    for name, times in TIMES_LEARNED.items():
        for spacing in SPACINGS:
            answers = [
                answer
                for seed in range(given.sequences)
                for answer in HippocampalMemory(cues, bits).run(
                    random_operations(cues, bits, seed=seed, spacing=spacing, times_learned=times)
                )
            ]
            searches = [answer.correct for answer in answers if answer.operation.kind == "search"]
            right = sum(answer.correct for answer in answers)
            found = f"{sum(searches):5d}/{len(searches):<5d} {100 * sum(searches) / len(searches):5.1f} %"
            print(
                f"{name:20s} {spacing:12d}   {found}   {100 * right / len(answers):5.1f} %",
                flush=True,
            )


if __name__ == "__main__":
    main()
