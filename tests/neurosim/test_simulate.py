"""The engine table: choosing a level and an engine, options, and engines of other packages."""

import os
import subprocess
import sys
from importlib import metadata
from types import ModuleType

import numpy as np
import pytest

from neurosim import engine_choice
from neurosim.discrete_neurons import DiscreteLIF
from neurosim.models import hippocampal_cam
from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.run import Run
from neurosim.simulate import engines, simulate, simulate_batch
from neurosim.stimuli import pulses
from spice_models.errors import DescriptionError, EngineError, UnknownNameError

NETWORK = Network(name="net", populations=[Population(name="cell", size=1, neuron=LIF())])
STIMULUS = pulses({}, duration=1e-3)


@pytest.fixture
def foreign(monkeypatch):
    """Install an engine of another package, and return the calls it gets."""
    calls = []

    def run(network, stimulus, *, record, seed, gain=1.0):
        calls.append((record, seed, gain))
        return Run(network=network.name, level="circuit", engine="x", duration=stimulus.duration, spikes={}, seed=seed)

    module = ModuleType("foreign_engine")
    module.run = run
    monkeypatch.setitem(sys.modules, "foreign_engine", module)
    points = [metadata.EntryPoint(name="circuit.foreign", value="foreign_engine:run", group="neurofluxon.engines")]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points if group == "neurofluxon.engines" else [])
    return calls


def test_each_level_has_engines():
    levels = {entry.level for entry in engines().values()}
    assert levels == {"architecture", "behavioral", "circuit"}


def test_an_engine_of_another_package_runs(foreign):
    run = simulate(NETWORK, STIMULUS, level="circuit", engine="foreign", record="spikes", seed=5, gain=2.0)
    assert (run.seed, foreign) == (5, [(("spikes",), 5, 2.0)])


def test_the_engine_alone_implies_its_level(foreign):
    assert simulate(NETWORK, STIMULUS, engine="foreign").level == "circuit"


def test_engines_without_a_batch_run_one_by_one_with_seeds_of_their_own(foreign):
    runs = simulate_batch(NETWORK, [STIMULUS] * 3, engine="foreign", seed=1)
    seeds = [run.seed for run in runs]
    assert len(set(seeds)) == 3
    assert seeds == [run.seed for run in simulate_batch(NETWORK, [STIMULUS] * 3, engine="foreign", seed=1)]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"level": "circiut"},
            UnknownNameError,
            "available: architecture, behavioral, circuit. Did you mean 'circuit'",
        ),
        ({"engine": "brian"}, UnknownNameError, "no engine 'brian'.*brian2.*Did you mean 'brian2'"),
        (
            {"level": "circuit", "engine": "brian2"},
            DescriptionError,
            "'brian2' runs level 'architecture', not 'circuit'",
        ),
        (
            {"engine": "foreign", "gian": 2.0},
            DescriptionError,
            "no option 'gian'; available: gain. Did you mean 'gain'",
        ),
        ({"time_step": 1e-4}, DescriptionError, "engine 'brian2' has no option 'time_step'; available: dt, target"),
    ],
)
def test_refusals(foreign, options, error, message):
    with pytest.raises(error, match=message):
        simulate(NETWORK, STIMULUS, **options)


def test_the_stimulus_is_checked_for_every_engine(foreign):
    for call, given in (
        (simulate, pulses({"x": []}, duration=1.0)),
        (simulate_batch, [pulses({"x": []}, duration=1.0)]),
    ):
        with pytest.raises(UnknownNameError, match="no population 'x'"):
            call(NETWORK, given, engine="foreign")
    assert foreign == []


@pytest.mark.parametrize("value", ["no_such_module:run", "foreign_engine:walk"])
def test_an_engine_that_cannot_be_loaded(foreign, monkeypatch, value):
    points = [metadata.EntryPoint(name="circuit.foreign", value=value, group="neurofluxon.engines")]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    with pytest.raises(EngineError, match=f"engine 'foreign' cannot be loaded from '{value}'"):
        simulate(NETWORK, STIMULUS, engine="foreign")


def test_an_entry_point_must_say_its_level(monkeypatch):
    points = [metadata.EntryPoint(name="foreign", value="a:b", group="neurofluxon.engines")]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    with pytest.raises(EngineError, match=r"must be named 'level\.engine'; available levels: architecture"):
        engines()


def layer(size, neuron=None, **options):
    """A layer of neurons driven all-to-all by ten sources: ``11 * size + 10`` neurons and synapses."""
    populations = [
        Population(name="in", size=10, neuron=SpikeSource()),
        Population(name="cell", size=size, neuron=neuron or DiscreteLIF()),
    ]
    joined = Projection(pre="in", post="cell", weights=1e-9, **{"delays": 1e-3, **options})
    return Network(name="layer", populations=populations, projections=[joined])


def test_large_networks_in_discrete_time_are_run_by_the_compiled_loop():
    large = (engine_choice.LARGE - 10) // 11 + 1
    small = {"brian2": [layer(large - 1), hippocampal_cam.network(16, 6), layer(large, LIF())]}
    chosen = {**small, "discrete": [layer(large), hippocampal_cam.network(64, 64)]}
    for engine, networks in chosen.items():
        assert [engine_choice.architecture_engine(network) for network in networks] == [engine] * len(networks)
    mixed = np.full((10, large), 1e-3)
    mixed[0] = 2e-3
    rule = PairSTDP(tau_plus=1e-3, tau_minus=1e-3, amplitude_plus=1e-9, amplitude_minus=1e-9, low=0, high=1e-9)
    learning = layer(large, plasticity=rule, delays=mixed)
    assert engine_choice.architecture_engine(learning) == "brian2"
    given = pulses({"in": [[2e-3]] * 10}, duration=6e-3)
    runs = [simulate(layer(large), given, **named) for named in ({}, {"engine": "brian2"}, {"record": ("cell.v",)})]
    assert [run.engine for run in runs] == ["discrete", "brian2", "brian2"]
    assert simulate_batch(layer(large), [given], target="numpy")[0].engine == "brian2"
    assert runs[0].of("cell").times.size == large
    np.testing.assert_array_equal(runs[0].of("cell").times, runs[1].of("cell").times)


# Brian2 calls names that pyparsing has deprecated, as the filters of this project's tests know; all else is an error.
FIRST = r"""
import sys
import warnings
warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(brian2|pyparsing)\.")
from neurosim import simulate
from neurosim.cases.hippocampal_cam import FUNCTIONAL
from neurosim.models.hippocampal_cam import network
from neurosim.models.hippocampal_operations import stimulus
run = simulate(network(5, 10), stimulus(FUNCTIONAL, 5, 10))
print(run.engine, run.details["target"], run.of("OUT").times.size, "numba" in sys.modules)
"""


def test_the_first_run_of_a_small_memory_compiles_nothing_and_warns_of_nothing(tmp_path):
    quiet = {**os.environ, "HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run([sys.executable, "-W", "error", "-c", FIRST], capture_output=True, text=True, env=quiet)
    assert (done.returncode, done.stderr, done.stdout.split()) == (0, "", ["brian2", "numpy", "57", "False"])
