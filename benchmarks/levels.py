"""What each level costs: CPU and wall time of one run, against ngspice in the same run.

Rows are the XOR network under pattern 01 at every level and engine, and a random network of 6, 4 and 2 neurons where
hardware is concerned. Each row is the median of several runs after one that is not counted (imports, compilation).
CPU time is that of this process and of the simulators it starts; a ratio is ngspice's time over the row's.

``python benchmarks/levels.py [--repeat 3] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import neurosim as ns
from neurosim.cases import sfq_xor
from neurosim.models.random_sfq import random_network, random_stimulus
from spice_models.engines import why_unavailable

HARDWARE = (("behavioral", "events"), ("circuit", "native"), ("circuit", "ngspice"))
ENGINES = (("architecture", "brian2"), *HARDWARE)
SEED = 1  # of the random network and its stimulus


def cpu_seconds() -> float:
    """CPU time of this process, its threads, and the children it has waited for [s]."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """CPU and wall time of a call [s]."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    work()
    return cpu_seconds() - cpu, time.perf_counter() - wall


def measure(repeat: int) -> list[dict[str, Any]]:
    """Time every row; ratios are left out where ngspice is not installed."""
    network = random_network(seed=SEED)
    studies = (
        ("sfq-xor", sfq_xor.network(), sfq_xor.stimulus("01"), ENGINES),
        ("random 6-4-2", network, random_stimulus(network, seed=SEED), HARDWARE),
    )
    missing = why_unavailable("ngspice")
    if missing:
        print(f"without ngspice: {missing}")
    rows: list[dict[str, Any]] = []
    for name, described, stimulus, engines in studies:
        found = []
        for level, engine in engines:
            if engine == "ngspice" and missing:
                continue
            work = partial(ns.simulate, described, stimulus, level=level, engine=engine)
            run = work()
            cpu, wall = (statistics.median(t) for t in zip(*(timed(work) for _ in range(repeat)), strict=True))
            found.append(
                {
                    "network": name,
                    "level": level,
                    "engine": engine,
                    "junctions": run.details.get("junctions"),
                    "events": run.details.get("events"),
                    "cpu_s": cpu,
                    "wall_s": wall,
                }
            )
        reference = next((row for row in found if row["engine"] == "ngspice"), None)
        for row in found:
            row["cpu_ratio"] = reference["cpu_s"] / row["cpu_s"] if reference and row["cpu_s"] else None
            row["wall_ratio"] = reference["wall_s"] / row["wall_s"] if reference else None
        rows += found
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median is taken")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON")
    options = parser.parse_args()
    rows = measure(options.repeat)

    def ratio(value: float | None) -> str:
        return "-" if value is None else f"{value:.1f}"

    columns = "{:14}{:14}{:10}{:>10}{:>11}{:>11}{:>12}{:>12}"
    print(columns.format("network", "level", "engine", "junctions", "CPU [s]", "wall [s]", "CPU ratio", "wall ratio"))
    for row in rows:
        times = (f"{row['cpu_s']:.4f}", f"{row['wall_s']:.4f}", ratio(row["cpu_ratio"]), ratio(row["wall_ratio"]))
        print(columns.format(row["network"], row["level"], row["engine"], row["junctions"] or "-", *times))
    print("ratio: ngspice's time over the row's; above 1 is faster than ngspice")
    if options.json is not None:
        options.json.write_text(json.dumps({"repeat": options.repeat, "rows": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
