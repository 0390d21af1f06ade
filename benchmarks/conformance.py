"""How closely the circuit engines agree: largest difference of a pulse's time, on every cell and on whole networks.

The reference is the native engine at a step of 0.0125 ps. Every junction's number of 2 pi slips is compared as well;
where one differs, the difference is infinite and the script ends with status 1. Engines that are not installed are left
out. ``tests/conformance`` holds the same circuits to fixed tolerances at 0.1 ps.

``python benchmarks/conformance.py [--case NAME ...] [--engine NAME ...] [--step PS ...] [--json FILE]``
"""

import argparse
import json
import sys
from pathlib import Path

from spice_models.engines import available_engines, why_unavailable

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.conformance.circuits import CELLS, NETWORKS, PS, largest_difference, simulated

NAMES = (*CELLS, *NETWORKS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", action="append", choices=NAMES, help="may be given several times; all by default")
    parser.add_argument("--engine", action="append", choices=available_engines(), help="all that are installed")
    parser.add_argument("--step", action="append", type=float, metavar="PS", help="default: 0.1, 0.05 and 0.025 ps")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON")
    given = parser.parse_args()
    engines = given.engine or [name for name in available_engines() if why_unavailable(name) is None]
    steps = given.step or [0.1, 0.05, 0.025]

    rows = []
    print("largest difference of a pulse's time from the native engine at 0.0125 ps [fs]")
    print(f"{'':32}", *(f"{name:>{9 * len(steps)}}" for name in engines))
    print(f"{'step [ps]':32}", *(f"{step:9g}" for _ in engines for step in steps), sep="")
    for name in given.case or NAMES:
        found = []
        for engine in engines:
            for step in steps:
                difference = largest_difference(name, simulated(name, engine, step * PS))
                found.append(difference)
                rows.append({"case": name, "engine": engine, "step_s": step * PS, "difference_s": difference})
        print(f"{name:32}", *(f"{1e15 * difference:9.2f}" for difference in found), sep="", flush=True)
    worst = max(row["difference_s"] for row in rows)
    print(f"largest of all: {1e15 * worst:.1f} fs; slips of every junction are the same: {worst < float('inf')}")
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return int(worst == float("inf"))


if __name__ == "__main__":
    sys.exit(main())
