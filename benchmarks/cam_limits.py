"""Where the hippocampal memory works: the paper's variant and the corrected one, side by side.

Random sequences of 200 operations on `HippocampalMemory`: learning, recalling and searching as often as each other.
Each table varies one thing. Cues are relearned at will and queries have any number of bits, but for the table that
varies it. Figures are right searches and right operations of other kinds in per cent; those of the corrected variant
have forgetting and searches for all bits among them.

``python benchmarks/cam_limits.py [--tables spacing relearning ...] [--sequences 20] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.memory.hippocampal import HippocampalMemory, Operation, SpacingWarning
from neurosim.models.hippocampal_cam import INDEX, STORE, WEIGHT
from neurosim.models.hippocampal_schedules import random_operations

Row = dict[str, Any]

AT_WILL = 10**9
VARIANTS = ("paper", "corrected")
SAFE = {"paper": 14, "corrected": 7}
"""Spacing [ms] where a table varies something else."""

SPACINGS = {"paper": (7, 8, 9, 10, 12, 14, 16, 20), "corrected": (5, 6, 7, 8)}
LEARNED = {"once": 1, "up to twice": 2, "3 times": 3, "5 times": 5, "10 times": 10, "at will": AT_WILL}
QUERIES = (1, 2, 3, 5, 7, 10)
DENSITIES = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9)
SIZES = ((5, 10), (16, 16), (32, 32), (64, 64), (128, 128), (256, 256))
LARGE, LONG = (1000, 1000), 2000
"""Cues and bits, and operations enough to learn many of the cues again."""


def measured(cues: int, bits: int, variant: str, *, sequences: int, spacing: int, query: int, **how: Any) -> Row:
    """Right operations of random sequences."""
    more = {"match_all": True, "forgetting": True} if variant == "corrected" else {}
    answers = []
    for seed in range(sequences):
        schedule = random_operations(
            cues, bits, seed=seed, spacing=spacing, query=query, **({"times_learned": AT_WILL} | more | how)
        )
        answers += HippocampalMemory(cues, bits, variant=variant).run(schedule)
    searches, others = (
        [answer.correct for answer in answers if (answer.operation.kind == "search") == searched]
        for searched in (True, False)
    )
    return {
        "size": f"{cues}x{bits}",
        "variant": variant,
        "spacing": spacing,
        "query": query,
        "operations": len(answers),
        "searches right": 100 * np.mean(searches),
        "others right": 100 * np.mean(others),
    }


def by_spacing(sequences: int) -> Iterable[Row]:
    """Time from one operation to the next [ms]; queries of one bit and of any number."""
    for variant in VARIANTS:
        for query in (1, 10):
            for spacing in SPACINGS[variant]:
                yield measured(5, 10, variant, sequences=sequences, spacing=spacing, query=query)


def by_relearning(sequences: int) -> Iterable[Row]:
    """How often a cue is learned at most; queries of one bit."""
    for variant, spacings in (("paper", SPACINGS["paper"]), ("corrected", (6, 7))):
        for name, times in LEARNED.items():
            for spacing in spacings:
                row = measured(5, 10, variant, sequences=sequences, spacing=spacing, query=1, times_learned=times)
                yield {"learned": name, **row}


def by_query(sequences: int) -> Iterable[Row]:
    """Bits of a query."""
    for variant, spacings in (("paper", (14, 20)), ("corrected", (7,))):
        for spacing in spacings:
            for query in QUERIES:
                yield measured(5, 10, variant, sequences=sequences, spacing=spacing, query=query, least_query=query)


def by_density(sequences: int) -> Iterable[Row]:
    """Part of the bits that a content holds."""
    for variant in VARIANTS:
        for query in (1, 10):
            for density in DENSITIES:
                row = measured(5, 10, variant, sequences=sequences, spacing=SAFE[variant], query=query, density=density)
                yield {"density": density, **row}


def by_size(sequences: int) -> Iterable[Row]:
    """Cues and bits; fewer sequences of the large ones, one longer one of the largest."""
    for variant, spacings in (("paper", (7, 14, 20)), ("corrected", (5, 6, 7))):
        for cues, bits in SIZES:
            for spacing in spacings:
                for query in (1, bits):
                    few = max(1, sequences // (1 if bits <= 64 else 4))
                    yield measured(cues, bits, variant, sequences=few, spacing=spacing, query=query)
        for density in (0.05, 0.4, 0.9):
            row = measured(
                *LARGE, variant, sequences=1, spacing=SAFE[variant], query=LARGE[1], density=density, count=LONG
            )
            yield {"density": density, **row}


def by_weights(sequences: int) -> Iterable[Row]:
    """Largest weight of a forgotten bit after one overwrite, and largest change by 200 searches [% of the maximum]."""
    for variant in VARIANTS:
        for cues, bits in ((5, 10), (64, 64)):
            left, written = 0.0, 0.0
            for seed in range(sequences):
                rng, memory = np.random.default_rng(seed), HippocampalMemory(cues, bits, variant=variant)
                held = np.zeros((2, cues, bits), dtype=bool)
                for time in (0, 1):
                    for cue in range(cues):
                        held[time, cue] = rng.random(bits) < 0.4
                        held[time, cue, cue % bits] = True
                        memory.learn(cue, held[time, cue])
                gone, before = held[0] & ~held[1], memory.weights
                both = (before[STORE][:, :bits], before[INDEX].T[:, :bits])
                left = max(left, *(float(weights[gone].max(initial=0)) for weights in both))
                step = SAFE[variant] * 1e-3
                asked = [rng.choice(bits, int(rng.integers(1, bits + 1)), replace=False).tolist() for _ in range(200)]
                memory.run(Operation(kind="search", time=k * step, bits=frozenset(b)) for k, b in enumerate(asked))
                written = max(written, *(float(abs(memory.weights[n] - w).max()) for n, w in before.items()))
            left, written = 100 * left / WEIGHT, 100 * written / WEIGHT
            yield {"size": f"{cues}x{bits}", "variant": variant, "forgotten": left, "written by searches": written}


TABLES: dict[str, Callable[[int], Iterable[Row]]] = {
    "spacing": by_spacing,
    "relearning": by_relearning,
    "query": by_query,
    "density": by_density,
    "size": by_size,
    "weights": by_weights,
}


def shown(value: Any) -> str:
    return f"{value:12.4g}" if isinstance(value, float) else f"{value!s:>12s}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--sequences", type=int, default=20)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore", SpacingWarning)
    found: dict[str, list[Row]] = {}
    for name in given.tables:
        print(f"\n{name}: {TABLES[name].__doc__}")
        heads: list[str] = []
        for row in TABLES[name](given.sequences):
            if list(row) != heads:
                heads = list(row)
                print("  ".join(f"{head:>12s}" for head in heads))
            print("  ".join(shown(value) for value in row.values()), flush=True)
            found.setdefault(name, []).append(row)
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
