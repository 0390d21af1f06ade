"""Compiled Brian2 networks: one program for any spikes and weights, kept for later processes, and what it refuses."""

import dataclasses
import logging
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.brian2 import cache as kept
from neurosim.engines.brian2 import standalone
from neurosim.engines.brian2.project import LAYOUT, PROGRAM
from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.simulate import simulate
from neurosim.stimuli import pulses
from spice_models.errors import DescriptionError, EngineError, UnknownNameError

MS, NA = 1e-3, 1e-9
CELL = DiscreteLIF()
RULE = PairSTDP(
    tau_plus=4 * MS, tau_minus=7 * MS, amplitude_plus=0.6 * NA, amplitude_minus=0.5 * NA, low=0, high=3 * NA
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "brian2"


def learner(seed=0, *, delays=(1, 4), neuron=CELL, **options):
    """Two sources, of which one learns; recurrent inhibition with delays of their own."""
    rng = np.random.default_rng(seed)
    populations = [
        Population(name="in", size=12, neuron=SpikeSource()),
        Population(name="noise", size=3, neuron=SpikeSource()),
        Population(name="cell", size=9, neuron=neuron),
    ]
    later = np.random.default_rng(0).integers(*delays, (9, 9)) * MS
    projections = [
        Projection(pre="in", post="cell", weights=rng.uniform(0, 2 * NA, (12, 9)), delays=2 * MS, plasticity=RULE),
        Projection(pre="noise", post="cell", weights=rng.uniform(1, 3, (3, 9)) * NA, delays=MS, **options),
        Projection(pre="cell", post="cell", weights=-rng.uniform(0.1, 1, (9, 9)) * NA, delays=later),
    ]
    return Network(name="learner", populations=populations, projections=projections)


def drive(seed, steps, *, twice=False):
    """Spikes in a third of the steps; on request one source has two within a step."""
    rng = np.random.default_rng(seed)
    noise = [list(np.flatnonzero(row) * MS) for row in rng.random((3, steps)) < 0.3]
    noise[0] += [5.2 * MS, 5.4 * MS] if twice else []
    shown = [list(np.flatnonzero(row) * MS) for row in rng.random((12, steps)) < 0.3]
    return pulses({"in": shown, "noise": noise}, duration=steps * MS)


def assert_same(run, other):
    for name, trains in other.spikes.items():
        np.testing.assert_array_equal(run.of(name).times, trains.times)
        np.testing.assert_array_equal(run.of(name).indices, trains.indices)
    for name, weights in other.details["final_weights"].items():
        np.testing.assert_allclose(run.details["final_weights"][name], weights, atol=1e-14 * NA)


@pytest.mark.slow
def test_one_program_runs_any_spikes_and_weights_in_later_processes_too(cache):
    runs = [(0, drive(1, 60)), (0, drive(2, 700)), (5, drive(3, 25)), (5, pulses({}, duration=9 * MS))]
    compiled = []
    for seed, stimulus in runs:
        network = learner(seed)
        run = simulate(network, stimulus, engine="brian2", target="cpp_standalone")
        compiled.append(run.details["compiled"])
        for engine in ("brian2", "discrete"):
            assert_same(run, simulate(network, stimulus, engine=engine))
        assert (run.of("cell").times.size > 3) == any(trains.times.size for trains in stimulus.spikes.values())
    assert compiled == [True, False, False, False]
    weights = runs[1][1], learner(0).projections[0].connections.weight
    learned = simulate(learner(0), weights[0], engine="brian2", target="cpp_standalone").details["final_weights"]
    assert np.mean(np.abs(learned["in->cell"] - weights[1]) > 0.01 * NA) > 0.5

    program = f"""
import sys
sys.path.insert(0, {str(kept.__file__).rsplit("/neurosim/", 1)[0]!r})
sys.path.insert(0, {str(__file__).rsplit("/", 1)[0]!r})
from test_brian2_standalone import drive, learner, simulate
run = simulate(learner(5), drive(3, 25), engine="brian2", target="cpp_standalone")
print(run.details["compiled"], run.of("cell").times.size)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    same = simulate(learner(5), drive(3, 25), engine="discrete").of("cell").times.size
    assert done.stdout.split() == ["False", str(same)]
    (folder,) = cache.iterdir()
    assert sorted(path.name for path in cache.iterdir()) == [folder.name]

    (folder / PROGRAM).write_text("#!/bin/sh\necho 'Error reading something'\n")
    with pytest.raises(EngineError, match=r"Error reading something.*: delete .* and run again"):
        simulate(learner(0), drive(1, 60), engine="brian2", target="cpp_standalone")
    shutil.rmtree(folder)
    again = simulate(learner(0), drive(1, 60, twice=True), engine="brian2", target="cpp_standalone")
    assert again.details["compiled"]
    assert_same(again, simulate(learner(0), drive(1, 60, twice=True), engine="brian2"))


def test_what_is_compiled_in_tells_projects_apart_and_weights_do_not(monkeypatch):
    monkeypatch.setattr(kept, "compiler", lambda: ["g++"])
    layers = {"in": 1, "noise": 1}

    def key(network, layers=layers):
        return kept.project_key(network, layers, MS)

    assert key(learner(0)) == key(learner(3))
    others = [learner(delays=(1, 3)), learner(neuron=DiscreteLIF(tau=4 * MS)), learner(plasticity=RULE)]
    others.append(learner(plasticity=dataclasses.replace(RULE, tau_plus=MS)))
    keys = {key(learner(0)), *map(key, others), key(learner(0), {"in": 1, "noise": 2})}
    monkeypatch.setattr(kept, "compiler", lambda: ["clang++"])
    assert len(keys | {key(learner(0))}) == 7


def test_two_that_compile_at_once_keep_one_and_leave_nothing(cache, monkeypatch, caplog):
    def build(folder):
        (folder / LAYOUT).write_text("{}")
        (folder / PROGRAM).write_text("")

    monkeypatch.setattr(kept, "_build", build)
    monkeypatch.setattr(kept, "compiler", lambda: ["g++"])
    network, layers = learner(), {"in": 1, "noise": 1}
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: kept.compiled_project(network, layers, MS), range(4)))
    assert len({folder for folder, _ in found}) == 1
    assert [path.name for path in cache.iterdir()] == [found[0][0].name]
    assert "compiling network 'learner' as a C++ program, once" in caplog.text
    assert kept.compiled_project(network, layers, MS) == (found[0][0], False)


def run(network, stimulus=None, **options):
    simulate(network, stimulus or drive(0, 9), engine="brian2", target="cpp_standalone", **options)


def test_without_a_compiler_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"needs a C\+\+ compiler, and none is on the path: install g\+\+ or clang"):
        run(learner())
    monkeypatch.setenv("CXX", "no-such-compiler -v")
    with pytest.raises(EngineError, match="CXX is 'no-such-compiler -v', which is no program"):
        run(learner())


def test_a_cache_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "file"))
    with pytest.raises(EngineError, match="set NEUROFLUXON_CACHE to a folder that you can write"):
        kept.cache_folder()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: run(learner(neuron=LIF())), EngineError, "cannot run LIF of population 'cell'"),
        (lambda: run(learner(plasticity=object())), EngineError, "cannot run object of projection 'noise->cell'"),
        (lambda: run(learner(), record="v"), UnknownNameError, "records no others"),
        (lambda: run(learner(), dt=-1), DescriptionError, "dt must be positive"),
        (lambda: run(learner(), pulses({}, duration=1e6)), EngineError, "too many for one run"),
    ],
)
def test_what_it_cannot_run_is_refused_before_anything_is_compiled(call, error, message, monkeypatch):
    monkeypatch.setattr(standalone, "compiled_project", None)
    with pytest.raises(error, match=message):
        call()
