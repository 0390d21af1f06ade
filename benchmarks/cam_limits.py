"""Where the hippocampal memory works: the paper's variant and the corrected one, side by side.

Random sequences of 200 operations on `HippocampalMemory`: learning, recalling and searching as often as each other.
Each table varies one thing. Cues are relearned at will and queries have any number of bits, but for the table that
varies it. Figures are right searches, right operations of other kinds and all right operations in per cent, means of
sequences; ``+-`` is the standard error of the searches' mean. The corrected variant's have forgetting and searches for
all bits among them. Large memories have fewer sequences, the largest one longer one.

``python benchmarks/cam_limits.py [--tables spacing relearning ...] [--sequences 100] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.memory.hippocampal import Answer, HippocampalMemory, Operation, SpacingWarning
from neurosim.models.hippocampal_cam import INDEX, STORE, WEIGHT
from neurosim.models.hippocampal_schedules import DENSITY, random_operations

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

USE = {(5, 10): 5000, (16, 16): 5000, (64, 64): 2000, (256, 256): 2000}
"""Operations of the longest sequences by size."""
MARKS = (200, 600, 2000, 5000)
"""Numbers of operations for which success is counted along them."""


def sequence(cues: int, bits: int, variant: str, seed: int, **how: Any) -> tuple[Answer, ...]:
    """Answers to one random sequence."""
    more = {"match_all": True, "forgetting": True} if variant == "corrected" else {}
    schedule = random_operations(cues, bits, seed=seed, **({"times_learned": AT_WILL} | more | how))
    return HippocampalMemory(cues, bits, variant=variant).run(schedule)


def right(answers: Sequence[Answer], *, searches: bool) -> float:
    """Right ones among the searches, or among all others [%]."""
    return 100 * float(np.mean([a.correct for a in answers if (a.operation.kind == "search") == searches]))


def error(values: Sequence[float]) -> float:
    """Standard error of a mean."""
    return float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("nan")


def measured(cues: int, bits: int, variant: str, *, sequences: int, spacing: int, query: int, **how: Any) -> Row:
    """Right operations of random sequences."""
    played = [sequence(cues, bits, variant, k, spacing=spacing, query=query, **how) for k in range(sequences)]
    searches = [right(answers, searches=True) for answers in played]
    return {
        "size": f"{cues}x{bits}",
        "variant": variant,
        "spacing": spacing,
        "query": query,
        "sequences": sequences,
        "searches": float(np.mean(searches)),
        "+-": error(searches),
        "others": float(np.mean([right(answers, searches=False) for answers in played])),
        "all": 100 * float(np.mean([answer.correct for answers in played for answer in answers])),
    }


def fewer(sequences: int, bits: int) -> int:
    """Sequences of a memory of so many bits."""
    return sequences if bits <= 16 else max(2, sequences // 5)


def by_spacing(sequences: int) -> Iterable[Row]:
    """Time from one operation to the next [ms]; queries of one bit and of any number."""
    for variant in VARIANTS:
        for query in (1, 10):
            for spacing in SPACINGS[variant]:
                yield measured(5, 10, variant, sequences=sequences, spacing=spacing, query=query)


def by_relearning(sequences: int) -> Iterable[Row]:
    """How often a cue is learned at most; queries of one bit."""
    for variant, spacings in (("paper", (7, 10, 14)), ("corrected", (6, 7))):
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
    """Cues and bits; the largest with queries of any size at three densities, and with one bit and each cue once."""
    for variant, spacings in (("paper", (7, 14, 20)), ("corrected", (5, 6, 7))):
        for cues, bits in SIZES:
            for spacing in spacings:
                for query in (1, bits):
                    few = fewer(sequences, bits)
                    yield measured(cues, bits, variant, sequences=few, spacing=spacing, query=query)
        for spacing in spacings[1:]:
            one = {"variant": variant, "sequences": 1, "spacing": spacing}
            for density in (0.05, 0.4, 0.9):
                row = measured(*LARGE, **one, query=LARGE[1], density=density, count=LONG)
                yield {"density": density, "count": LONG, **row}
            row = measured(*LARGE, **one, query=1, count=600, times_learned=1)
            yield {"density": DENSITY, "count": 600, **row}


def by_operations(sequences: int) -> Iterable[Row]:
    """How many operations there were; queries of one bit for the paper's variant, of any number for the corrected."""
    settings = [("paper", spacing, times) for times in (2, AT_WILL) for spacing in (14, 20)]
    for variant, spacing, times in [*settings, ("corrected", 7, AT_WILL)]:
        for (cues, bits), most in USE.items():
            query, number = bits if variant == "corrected" else 1, max(2, sequences // 10)
            how = {"spacing": spacing, "query": query, "times_learned": times, "count": most}
            played = [sequence(cues, bits, variant, seed, **how) for seed in range(number)]
            row: Row = {"size": f"{cues}x{bits}", "variant": variant, "spacing": spacing}
            row |= {"learned": "at will" if times == AT_WILL else times, "sequences": number}
            for mark in MARKS:
                rates = [right(answers[:mark], searches=True) for answers in played] if mark <= most else [float("nan")]
                row |= {f"first {mark}": float(np.mean(rates)), "+-" + " " * MARKS.index(mark): error(rates)}
            yield row


def by_condition(sequences: int) -> Iterable[Row]:
    """The paper's variant within bounds: no cue relearned more than once, queries of one bit, 14 ms."""
    for cues, bits in SIZES[:4]:
        yield measured(cues, bits, "paper", sequences=sequences, spacing=14, query=1, times_learned=2)


def by_weights(sequences: int) -> Iterable[Row]:
    """Largest weight of a forgotten bit after one overwrite, and largest change by 200 searches [% of the maximum]."""
    for variant in VARIANTS:
        for cues, bits in ((5, 10), (64, 64)):
            left, written = 0.0, 0.0
            for seed in range(fewer(sequences, bits)):
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
    "operations": by_operations,
    "condition": by_condition,
    "weights": by_weights,
}


def shown(value: Any) -> str:
    return f"{value:12.4g}" if isinstance(value, float) else f"{value!s:>12s}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--sequences", type=int, default=100)
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
