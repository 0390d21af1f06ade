"""Operations a second of the hippocampal memory by size and engine, learning on, against real time.

A third each of learning (density 0.4, no cue twice), recalling and searching one bit, 14 ms apart. *First* is a run in
a fresh interpreter with what is compiled already on disk, imports and building of the network included; *warm* the
median of further runs on a network that is built. Real time is the 14 ms that the operations take on SpiNNaker.

``python benchmarks/cam.py [--sizes 5x10 256x256 1000x1000] [--engines discrete brian2] [--operations N] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

SPACING = 14  # ms
OPERATIONS = {"discrete": {"5x10": 2000, "256x256": 300}, "brian2": {"5x10": 200}}
FEW = 40
"""Operations of the sizes that are not named."""


def operations(cues: int, bits: int, count: int) -> list[Any]:
    from neurosim.models.hippocampal_operations import MS, Operation

    rng = np.random.default_rng(0)
    left, known, made = list(rng.permutation(cues)), [], []
    for k in range(count):
        kind, time_ = ("learn", "recall", "search")[k % 3], SPACING * k * MS
        if kind == "learn" and left:
            known.append(int(left.pop()))
            content = set(np.flatnonzero(rng.random(bits) < 0.4).tolist()) or {0}
            made.append(Operation(kind="learn", time=time_, cue=known[-1], bits=frozenset(content)))
        elif kind == "search":
            made.append(Operation(kind="search", time=time_, bits=frozenset({int(rng.integers(bits))})))
        else:
            made.append(Operation(kind="recall", time=time_, cue=int(rng.choice(known))))
    return made


def measured(engine: str, size: str, count: int, repeat: int) -> dict[str, Any]:
    """Measure in this process; ``first`` counts from its start."""
    started = time.perf_counter()
    from neurosim.models.hippocampal_cam import network
    from neurosim.models.hippocampal_operations import answers, expected_answers, stimulus
    from neurosim.simulate import simulate

    cues, bits = (int(number) for number in size.split("x"))
    schedule = operations(cues, bits, count)
    given = stimulus(schedule, cues, bits)
    memory = network(cues, bits)
    run = simulate(memory, given, engine=engine)
    first = time.perf_counter() - started
    right = sum(a.correct for a in answers(schedule, expected_answers(schedule, {}), run.of("OUT"), cues))
    times = []
    for _ in range(repeat):
        if engine == "discrete":
            from neurosim.engines.vectorised import DiscreteSimulation

            simulation = DiscreteSimulation(memory)
            begun = time.perf_counter()
            simulation.advance(given)
        else:
            begun = time.perf_counter()
            simulate(memory, given, engine=engine)
        times.append(time.perf_counter() - begun)
    warm = statistics.median(times)
    return {
        "engine": engine,
        "size": size,
        "operations": count,
        "right": right,
        "first_s": first,
        "warm_s": warm,
        "operations_per_s": count / warm,
        "times_real_time": given.duration / warm,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["5x10", "256x256", "1000x1000"])
    parser.add_argument("--engines", nargs="+", default=["discrete", "brian2"])
    parser.add_argument("--operations", type=int)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help="measure the first engine and size here, as JSON")
    given = parser.parse_args()
    if given.one:
        count = given.operations or OPERATIONS.get(given.engines[0], {}).get(given.sizes[0], FEW)
        print(json.dumps(measured(given.engines[0], given.sizes[0], count, given.repeat)))
        return
    print("engine      size         right     first [s]   operations/s   x real time")
    rows = []
    for size in given.sizes:
        for engine in given.engines:
            options = ["--engines", engine, "--sizes", size, "--repeat", str(given.repeat), "--one"]
            options += [] if given.operations is None else ["--operations", str(given.operations)]
            done = subprocess.run([sys.executable, __file__, *options], check=True, capture_output=True, text=True)
            row = json.loads(done.stdout.splitlines()[-1])
            rows.append(row)
            print(
                f"{engine:10s}  {size:10s}  {row['right']:4d}/{row['operations']:<4d}  {row['first_s']:9.2f}"
                f"  {row['operations_per_s']:13.1f}  {row['times_real_time']:12.2f}",
                flush=True,
            )
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
