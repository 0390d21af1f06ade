"""What a command loads, and that the main job needs no simulator: each in a process of its own."""

import json
import os
import subprocess
import sys

LISTING = """
import json, sys
from neurosim.cli import main
try:
    main({words!r})
except SystemExit as leaving:
    status = leaving.code or 0
print(json.dumps([status, sorted(sys.modules)]))
"""


def ran(*words: str) -> tuple[str, set[str]]:
    """Run a command where no program is on the path; return what it printed and the modules it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING.format(words=list(words))],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *printed, last = done.stdout.splitlines()
    status, modules = json.loads(last)
    assert status == 0, "\n".join([*printed, done.stderr])
    return "\n".join(printed), set(modules)


def test_the_circuit_level_alone_loads_no_spiking_simulator_no_plotting_and_no_optimiser():
    printed, modules = ran("run", "sfq-xor", "--level", "circuit", "--pattern", "01")
    assert "every output is right" in printed
    assert not modules & {"brian2", "matplotlib", "scipy.optimize", "networkx", "PySpice"}


def test_the_cases_are_listed_without_their_engines():
    printed, modules = ran("list")
    assert "sfq-xor" in printed
    assert not modules & {"brian2", "matplotlib", "numba", "scipy.optimize"}


def test_a_memory_runs_on_brian2_without_plotting_where_nothing_is_drawn():
    printed, modules = ran("run", "hippocampal-cam", "--experiment", "functional")
    assert "9 of 9 operations right" in printed
    assert "brian2" in modules
    assert not modules & {"matplotlib.pyplot", "matplotlib.font_manager", "pylab", "numba"}
