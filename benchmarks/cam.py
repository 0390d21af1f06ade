"""Operations a second of the hippocampal memory by size, variant and engine, learning on, against real time.

A third each of learning (density 0.4, no cue twice), recalling and searching one bit; the paper's variant 14 ms apart,
the corrected one 7 ms. Each row has processes of its own: *cold* is the first run of a fresh interpreter with empty
caches, so that what is to be compiled is; *fresh* the same with warm caches, imports and building included; *run* the
median of further runs in that interpreter. Times are processor time, children included, so that other work on the
machine does not count; every engine uses one core, compilers two. Real time is the simulated time, which SpiNNaker
needs.

``python benchmarks/cam.py [--sizes 5x10 256x256 1000x1000] [--engines discrete brian2 brian2-cpp]
[--variants paper corrected] [--operations N] [--repeat N] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SPACING = {"paper": 14, "corrected": 7}
"""From one operation to the next [ms]."""

ENGINES = {
    "discrete": {"engine": "discrete"},
    "brian2": {"engine": "brian2"},
    "brian2-cpp": {"engine": "brian2", "target": "cpp_standalone"},
}

OPERATIONS = {
    "5x10": {"discrete": 2000, "brian2": 200, "brian2-cpp": 2000},
    "256x256": {"discrete": 300, "brian2-cpp": 300},
    "1000x1000": {"discrete": 600, "brian2-cpp": 600},
}
FEW = 60
"""Operations where none are named."""


def operations(cues: int, bits: int, count: int, spacing: int) -> list[Any]:
    from neurosim.models.hippocampal_operations import MS, Operation

    rng = np.random.default_rng(0)
    left, known, made = list(rng.permutation(cues)), [], []
    for k in range(count):
        kind, time_ = ("learn", "recall", "search")[k % 3], spacing * k * MS
        if kind == "learn" and left:
            known.append(int(left.pop()))
            content = set(np.flatnonzero(rng.random(bits) < 0.4).tolist()) or {0}
            made.append(Operation(kind="learn", time=time_, cue=known[-1], bits=frozenset(content)))
        elif kind == "search":
            made.append(Operation(kind="search", time=time_, bits=frozenset({int(rng.integers(bits))})))
        else:
            made.append(Operation(kind="recall", time=time_, cue=int(rng.choice(known))))
    return made


def spent() -> float:
    """Processor time of this process and its children since its start [s]."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measured(engine: str, size: str, variant: str, count: int, repeat: int) -> dict[str, Any]:
    """Measure in this process."""
    from neurosim.models.hippocampal_cam import network
    from neurosim.models.hippocampal_operations import answers, expected_answers, stimulus
    from neurosim.simulate import simulate

    cues, bits = (int(number) for number in size.split("x"))
    schedule = operations(cues, bits, count, SPACING[variant])
    given = stimulus(schedule, cues, bits, variant=variant)
    memory = network(cues, bits, variant=variant)
    run = simulate(memory, given, **ENGINES[engine])
    first = spent()
    right = sum(a.correct for a in answers(schedule, expected_answers(schedule, {}), run.of("OUT"), cues))
    times = []
    for _ in range(repeat):
        begun = spent()
        simulate(memory, given, **ENGINES[engine])
        times.append(spent() - begun)
    again = statistics.median(times) if times else first
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "engine": engine,
        "size": size,
        "variant": variant,
        "operations": count,
        "right": right,
        "first_s": first,
        "run_s": again,
        "operations_per_s": count / again,
        "times_real_time": given.duration / again,
        # Linux counts in kilobytes, macOS in bytes
        "peak_mb": peak / (2**20 if sys.platform == "darwin" else 2**10),
    }


def in_a_process(engine: str, size: str, variant: str, count: int, repeat: int, caches: str) -> dict[str, Any]:
    options = ["--engines", engine, "--sizes", size, "--variants", variant, "--operations", str(count)]
    environment = os.environ | {"NUMBA_CACHE_DIR": f"{caches}/numba", "NEUROFLUXON_CACHE": f"{caches}/neurofluxon"}
    command = [sys.executable, __file__, *options, "--repeat", str(repeat), "--one"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["5x10", "256x256", "1000x1000"])
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--variants", nargs="+", default=list(SPACING), choices=SPACING)
    parser.add_argument("--operations", type=int)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help="measure the first of all here, as JSON")
    given = parser.parse_args()
    if given.one:
        one = (given.engines[0], given.sizes[0], given.variants[0], given.operations or FEW, given.repeat)
        print(json.dumps(measured(*one)))
        return
    print(
        "variant    size       engine      right      cold [s]  fresh [s]  run [s]  operations/s  x real time  peak MB"
    )
    rows = []
    for variant in given.variants:
        for size in given.sizes:
            for engine in given.engines:
                count = given.operations or OPERATIONS.get(size, {}).get(engine, FEW)
                with tempfile.TemporaryDirectory() as caches:
                    cold = in_a_process(engine, size, variant, count, 0, caches)
                    row = in_a_process(engine, size, variant, count, given.repeat, caches)
                row["cold_s"] = cold["first_s"]
                rows.append(row)
                print(
                    f"{variant:9s}  {size:9s}  {engine:10s}  {row['right']:4d}/{row['operations']:<4d}"
                    f"  {row['cold_s']:8.1f}  {row['first_s']:9.1f}  {row['run_s']:7.3f}"
                    f"  {row['operations_per_s']:12.0f}  {row['times_real_time']:11.1f}  {row['peak_mb']:9.0f}",
                    flush=True,
                )
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
