"""The engine table: choosing a level and an engine, options, and engines of other packages."""

import sys
from importlib import metadata
from types import ModuleType

import pytest

from neurosim.network import Network, Population
from neurosim.neurons import LIF
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
