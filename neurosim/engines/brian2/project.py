"""Compile a network with Brian2's ``cpp_standalone`` device: ``python -m neurosim.engines.brian2.project FOLDER``.

A process of its own does this, so that the device and preferences of the user's Brian2 stay as they are. The folder
holds the pickled network in ``NETWORK``; the program comes to stand beside it, with a file of what it reads and
writes. Weights are run arguments of the program. Spikes and the number of steps are read from a file, since Brian2's
own run arguments fix the number of spikes and the duration.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engines.brian2.sources import MAX_STEPS
from neurosim.network import Network
from neurosim.stimuli import Stimulus
from spice_models.errors import EngineError, NeurofluxonError
from spice_models.results import SpikeTrains

NETWORK, LAYOUT, FAILURE, PROGRAM = "network.pickle", "layout.json", "failure.json", "main"
"""Files of a project: what it is made of, what the program reads and writes, why there is none, the program."""

GIVEN = "given"
"""File that the program reads, in its folder of results: number of steps, then for each source the number of its
spikes, their indices and their steps."""

FLAGS = ("-w", "-ffp-contract=off", "-std=c++11")
"""Without Brian2's fast-math, and no fused operations: sums are those of the numpy target."""


def compiler() -> list[str]:
    """Return the command of the C++ compiler; raises `EngineError` if there is none."""
    wanted = os.environ.get("CXX")
    if wanted:
        words = shlex.split(wanted)
        if shutil.which(words[0]):
            return words
        raise EngineError(f"CXX is {wanted!r}, which is no program on the path; unset it or name a C++ compiler")
    found = next(filter(None, map(shutil.which, ("g++", "c++", "clang++"))), None)
    if found is None:
        raise EngineError(
            "target 'cpp_standalone' needs a C++ compiler, and none is on the path: install g++ or clang, or use "
            "engine='discrete' or target='numpy', which need none"
        )
    return [found]


def digest(weights: NDArray[np.float64]) -> str:
    """Return what tells weights from others."""
    return hashlib.sha256(np.ascontiguousarray(weights).tobytes()).hexdigest()


def build(folder: Path, network: Network, layers: Mapping[str, int], step: float) -> None:
    """Write, compile and describe the program in a folder; Brian2 of this process is used up afterwards."""
    import brian2

    from neurosim.engines.brian2.build import BuiltNetwork

    brian2.set_device("cpp_standalone", build_on_run=False)
    device = brian2.get_device()
    built = BuiltNetwork(network, [_widest(network, layers, step)], step, 1, ("spikes",), [0])
    sources = [p.name for p in network.inputs]
    device.insert_code("before_network_run", _reading(built, sources, device))
    spikes = {name: f"spikes_{k}" for k, name in enumerate(built.monitors)}
    learning = {str(p.name) for p in network.projections if p.plasticity is not None}
    weights = {name: f"weights_{k}" for k, name in enumerate(built.synapses) if name in learning}
    device.insert_code("before_end", _writing(built, spikes, weights, device))
    # the longest run; the program ends it after the steps that it is given
    built.brian.run(MAX_STEPS * step * brian2.second, namespace={})
    device.build(directory=str(folder), compile=False, run=False, with_output=False)
    layout = {
        "sources": sources,
        "spikes": spikes,
        "weights": weights,
        "arguments": {name: f"{synapses.name}.w" for name, synapses in built.synapses.items()},
        "compiled_in": {str(p.name): digest(p.connections.weight) for p in network.projections},
    }
    _compile(folder)
    (folder / LAYOUT).write_text(json.dumps(layout, indent=1), encoding="utf-8")


def _widest(network: Network, layers: Mapping[str, int], step: float) -> Stimulus:
    """As many spikes of one source in the first step as there are to be layers."""
    spikes = {}
    for population in network.inputs:
        count = layers[population.name]
        indices = np.zeros(count, dtype=np.int64)
        spikes[population.name] = SpikeTrains(times=np.zeros(count), indices=indices, n=population.size, duration=step)
    return Stimulus(duration=step, spikes=spikes)


def _reading(built: Any, sources: list[str], device: Any) -> str:
    """Return C++ that takes spikes and steps from `GIVEN` and ends the run after the last one."""
    clock = built.clock.name
    lines = [
        "static int64_t steps_to_run = 0;",
        f'std::ifstream given(results_dir + "{GIVEN}", std::ios::binary);',
        "given.read(reinterpret_cast<char*>(&steps_to_run), sizeof(int64_t));",
    ]
    for name in sources:
        variables = built.groups[name].group.variables
        index, bins = (device.get_array_name(variables[v], access_data=False) for v in ("neuron_index", "_timebins"))
        lines += ["{", "int64_t count = 0;", "given.read(reinterpret_cast<char*>(&count), sizeof(int64_t));"]
        for array in (index, bins):
            lines += [
                f"{array}.resize(count);",
                f"given.read(reinterpret_cast<char*>({array}.data()), count*sizeof({array}[0]));",
            ]
        lines.append("}")
    lines += [
        'if (!given) { std::cerr << "the given spikes cannot be read" << std::endl; return 1; }',
        f"{built.brian.name}.add(&{clock}, []() {{ if ({clock}.timestep[0] + 1 >= steps_to_run) "
        "Network::_globally_stopped = true; });",
    ]
    return "\n".join(lines)


def _writing(built: Any, spikes: Mapping[str, str], weights: Mapping[str, str], device: Any) -> str:
    """Return C++ that writes spikes and learned weights, and leaves; Brian2 would write every array that there is."""
    arrays: dict[str, str] = {}
    for name, file in spikes.items():
        variables = built.monitors[name].variables
        arrays |= {f"{file}_{v}": device.get_array_name(variables[v], access_data=False) for v in ("i", "t")}
    for name, file in weights.items():
        arrays[file] = device.get_array_name(built.synapses[name].variables["w"], access_data=False)
    lines = ["using namespace brian;"]
    for file, array in arrays.items():
        lines += [
            f'{{ std::ofstream out(results_dir + "{file}", std::ios::binary);',
            f"out.write(reinterpret_cast<const char*>({array}.data()), {array}.size()*sizeof({array}[0]));",
            'out.close(); if (!out) { std::cerr << "a result cannot be written" << std::endl; return 1; } }',
        ]
    return "\n".join([*lines, "return 0;"])


def _compile(folder: Path) -> None:
    (folder / "all.cpp").write_text(_together(folder), encoding="utf-8")
    command = compiler()
    # what only reads and writes arrays is long, and not worth optimising
    parts = {"all": "-O2", "objects": "-O0"}
    running = [
        subprocess.Popen(
            [*command, *FLAGS, level, "-I.", "-c", f"{name}.cpp", "-o", f"{name}.o"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            errors="replace",
        )
        for name, level in parts.items()
    ]
    said = [part.communicate()[1] for part in running]
    if not any(part.returncode for part in running):
        objects = [f"{name}.o" for name in parts]
        link = [*command, *objects, "-o", PROGRAM]
        said = [subprocess.run(link, cwd=folder, capture_output=True, check=False, errors="replace", text=True).stderr]
    if not (folder / PROGRAM).exists():
        raise EngineError(f"the C++ compiler {command[0]} failed: {''.join(said).strip()[:600]}")
    for scrap in folder.glob("*.o"):
        scrap.unlink()


def _together(folder: Path) -> str:
    """Return one source that includes Brian2's hundred small ones: the time goes into headers that all of them read.

    Each has helper functions of the same names, so it stands in a namespace, and a function outside calls the one
    inside.
    """
    lines = [f"#include <{name}>" for name in ("algorithm", "climits", "cmath", "ctime", "fstream", "iostream")]
    headers = ["objects.h", "synapses_classes.h", "brianlib/common_math.h", "brianlib/stdint_compat.h"]
    parts = sorted(path.relative_to(folder) for path in folder.glob("code_objects/*.cpp"))
    lines += [f'#include "{name}"' for name in (*headers, *(part.with_suffix(".h") for part in parts))]
    for k, part in enumerate(parts):
        lines += [f"namespace part_{k} {{", f'#include "{part}"', "}"]
        names = re.findall(r"^void (\w+)\(\)", (folder / part).read_text(encoding="utf-8"), re.MULTILINE)
        lines += [f"void {name}() {{ part_{k}::{name}(); }}" for name in names]
    whole = [path.relative_to(folder) for pattern in ("*.cpp", "brianlib/*.cpp") for path in folder.glob(pattern)]
    rest = sorted(str(path) for path in whole if path.name not in ("all.cpp", "objects.cpp"))
    return "\n".join([*lines, *(f'#include "{name}"' for name in rest), ""])


def main(folder: Path) -> int:
    """Build what the folder describes; a failure that has a reason of ours is noted there."""
    network, layers, step = pickle.loads((folder / NETWORK).read_bytes())
    try:
        build(folder, network, layers, step)
    except NeurofluxonError as error:
        (folder / FAILURE).write_text(json.dumps({"type": type(error).__name__, "message": str(error)}), "utf-8")
        return 1
    (folder / NETWORK).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
