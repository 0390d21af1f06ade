"""Rate coding on noisy synapses: descriptions, placement, and the levels against each other."""

import dataclasses
import json
import math

import numpy as np
import pytest
from scipy.stats import kstest
from typer.testing import CliRunner

import neurosim as ns
from neurosim import cli
from neurosim.cases import find_case, load_case, sfq_xor_stochastic
from neurosim.cases.sfq_xor_stochastic import CASE, WEIGHTS, network, stimulus
from neurosim.engines.brian2.stochastic import drawn
from neurosim.mapping.rates import place_rates
from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, SFQNeuron, SpikeSource
from neurosim.stimuli import pulses
from neurosim.stochastic import RateNeuron, StochasticSynapse
from spice_models.errors import DescriptionError, EngineError, UnknownNameError

DURATION = 4.5e-9


def one_synapse(synapse, *, weight=1.0, target=None, projections=1):
    populations = [
        Population(name="a", size=1, neuron=SpikeSource()),
        Population(name="n", size=1, neuron=target or RateNeuron(threshold=0.9)),
    ]
    joined = [Projection(pre="a", post="n", weights=weight, synapse=synapse) for _ in range(projections)]
    return Network(name="one", populations=populations, projections=joined)


def samples(patterns, count, seed=0, duration=DURATION):
    generator = np.random.default_rng(seed)
    return [stimulus(p, duration=duration, generator=generator) for p in patterns for _ in range(count)]


def test_draws_are_uniform_and_differ_with_key_and_count():
    keys = np.repeat(np.arange(200.0), 100)
    counts = np.tile(np.arange(100.0), 200)
    numbers = drawn(keys, counts)
    assert kstest(numbers, "uniform").pvalue > 1e-3
    assert np.unique(numbers).size == numbers.size
    rows = numbers.reshape(200, 100)
    for neighbours in (np.corrcoef(rows[:-1].ravel(), rows[1:].ravel()), np.corrcoef(numbers[:-1], numbers[1:])):
        assert abs(neighbours[0, 1]) < 4 / math.sqrt(numbers.size)


def test_brian2_passes_as_many_as_the_law_says():
    currents = {"low": 74e-6, "middle": 78e-6, "high": 82e-6}
    populations = [Population(name=name, size=1, neuron=SFQNeuron(threshold=0.5)) for name in currents]
    joined = [
        Projection(pre="a", post=name, weights=1.0, synapse=StochasticSynapse(weight_current=current))
        for name, current in currents.items()
    ]
    source = Population(name="a", size=1, neuron=SpikeSource())
    net = Network(name="three", populations=[source, *populations], projections=joined)
    trains = pulses({"a": (np.arange(1, 2001) * 50e-12).tolist()}, duration=100.2e-9)
    run = ns.simulate(net, trains, seed=4, dt=5e-11)
    for projection in joined:
        p = projection.synapse.probability
        assert abs(run.counts(projection.post)[0] - 2000 * p) < 4 * math.sqrt(max(2000 * p * (1 - p), 1.0))


def test_a_sample_is_the_same_alone_and_beside_others():
    stimuli = samples(("01", "11"), 2, duration=1.5e-9)
    together = ns.simulate_batch(network(), stimuli, seed=3)
    alone = ns.simulate(network(), stimuli[1], seed=together[1].seed)
    for name in ("h1", "h2", "o"):
        np.testing.assert_array_equal(alone.of(name).times, together[1].of(name).times)
    assert together[1].of("o").times.size


@pytest.fixture(scope="module")
def result():
    return CASE.run(samples=6, temperatures=(4.2,), windows=(0.5e-9, 1e-9, 2e-9), seed=11)


def test_xor_is_right_at_every_level(result):
    assert result.correct
    for level in ("architecture", "behavioral", "circuit"):
        for pattern, wanted in result.expected.items():
            rate = result.rates(level, pattern, "o").mean()
            assert (rate > 2 * CASE.decision_rate) if wanted else (rate < 0.5 * CASE.decision_rate)


def test_every_pulse_of_the_circuit_is_passed_or_blocked(result):
    assert result.conserved
    entered = sum(sum(run.details["entered"].values()) for g in result.runs if g.level == "circuit" for run in g.runs)
    assert entered > 1000


def test_levels_agree_and_margins_grow_with_the_window(result):
    assert result.agreement
    assert len(result.agreements) == 4 * 3 * 3
    for level in result.levels:
        short, long = (result.margin(level, window) for window in (0.5e-9, 2e-9))
        assert short.deviations < long.deviations
        assert short.errors / short.decisions >= long.errors / long.decisions
        assert 0 <= long.expected_error < short.expected_error < 0.5


def test_brian2_and_behavioral_level_have_the_same_rates(result):
    found = [one for one in result.agreements if one.levels == ("architecture", "behavioral")]
    assert len(found) == 4 * 3
    for one in found:
        first, second = one.rates
        assert abs(first - second) < 0.1 * max(first, second) + 0.4e9
        assert abs(one.z) < 4


def test_result_is_plain_data(result):
    data = json.loads(json.dumps(result.to_dict()))
    assert data["correct"]
    assert data["agreement"]
    assert data["conserved"]
    assert data["junctions"] == result.junctions > 50
    assert {row["level"] for row in data["margins"]} == {"architecture", "behavioral", "circuit"}
    assert len(data["tuning_currents_a"]) == 9


def test_margin_counts_windows_and_deviations():
    spikes = {"a": [], "b": []}
    net = network()
    runs = ns.simulate_batch(net, [pulses(spikes, duration=DURATION)] * 2, level="behavioral")
    silent = sfq_xor_stochastic.CASE.run(("behavioral",), patterns=["00"], samples=2, samples_elsewhere=2)
    assert all(run.counts("o")[0] == 0 for run in runs)
    assert silent.margin("behavioral", 1e-9).decisions == 2 * 4
    assert silent.conserved is None


def test_the_same_circuit_is_an_or_with_other_currents():
    # nothing inhibits where the inhibiting synapses block: h1 follows a, h2 follows b
    net = network(weights={**WEIGHTS, "inhibit": 1e-9})
    kinds = {cell.name: cell.kind for cell in place_rates(net).cells}
    assert kinds == {cell.name: cell.kind for cell in place_rates(network()).cells}
    for level in ("architecture", "behavioral"):
        runs = ns.simulate_batch(net, samples(("00", "01", "10", "11"), 3), level=level)
        rates = np.array([run.counts("o")[0] for run in runs]).reshape(4, 3) / DURATION
        np.testing.assert_array_equal(rates > CASE.decision_rate, [[False] * 3] + [[True] * 3] * 3)


def test_placement_has_a_merger_a_splitter_an_input_and_a_synapse_a_connection():
    placed = place_rates(network())
    kinds = [cell.kind for cell in placed.cells]
    assert (kinds.count("stochastic_synapse"), kinds.count("splitter"), kinds.count("merger")) == (6, 2, 1)
    assert placed.tuning["synapse_a_h1.IW"] == pytest.approx(
        sfq_xor_stochastic.probability_current(0.98, 4.2), rel=1e-12
    )
    assert placed.temperature == 4.2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": 2.0}, r"\+1 or -1"),
        ({"synapse": None}, "StochasticSynapse"),
        ({"weight": -1.0}, "no input"),
        ({"target": LIF()}, "SpikeSource and RateNeuron only"),
        ({"target": RateNeuron(threshold=0.01)}, "without input"),
    ],
)
def test_what_the_hardware_cannot_do_is_refused(change, words):
    net = one_synapse(**{"synapse": StochasticSynapse(weight_current=78e-6), **change})
    with pytest.raises(DescriptionError, match=words):
        place_rates(net)


def test_synapses_of_one_network_have_one_temperature():
    warm, cold = (StochasticSynapse(weight_current=78e-6, temperature=t) for t in (4.2, 1.0))
    populations = one_synapse(warm).populations
    joined = [Projection(pre="a", post="n", weights=1.0, synapse=s) for s in (warm, cold)]
    with pytest.raises(DescriptionError, match="one temperature"):
        place_rates(Network(name="two", populations=populations, projections=joined))


@pytest.mark.parametrize("change", [{"threshold": 0.0}, {"leak_time": -1.0}, {"inhibition": -1.0}, {"reset": 0.0}])
def test_bad_rate_neurons_are_refused(change):
    with pytest.raises(DescriptionError):
        dataclasses.replace(RateNeuron(threshold=1.0), **change)


def test_bad_runs_are_refused():
    with pytest.raises(EngineError, match="target='numpy'"):
        ns.simulate(network(), samples(("01",), 1)[0], target="cython")
    with pytest.raises(DescriptionError, match="thermal noise"):
        CASE.run(("circuit",), engine="ngspice")
    with pytest.raises(UnknownNameError, match="pattern"):
        CASE.run(("behavioral",), patterns=["02"])
    with pytest.raises(DescriptionError, match="two samples"):
        CASE.run(("behavioral",), samples=1)
    with pytest.raises(DescriptionError, match="neurosim run sfq-xor-stochastic"):
        load_case("sfq-xor-stochastic")
    assert find_case("sfq-xor-stochastic") is CASE


def test_the_command_writes_pictures_and_data(tmp_path):
    arguments = [
        "run",
        "sfq-xor-stochastic",
        "--level",
        "behavioral",
        "--out",
        str(tmp_path),
        "--json",
        str(tmp_path / "r.json"),
    ]
    done = CliRunner().invoke(cli.app, arguments)
    assert done.exit_code == 0, done.output
    assert "every sample is right" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {
        "network.png", "pass_probability.png", "gray_zone.png", "rates.png",
        "margin_window.png", "errors_window.png", "margin_temperature.png", "r.json",
    }  # fmt: skip
    assert json.loads((tmp_path / "r.json").read_text())["correct"]


def test_characterise_shows_the_law(tmp_path):
    done = CliRunner().invoke(cli.app, ["characterise", "stochastic-synapse", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "I0" in done.stdout
    assert (tmp_path / "pass_probability.png").stat().st_size > 10_000
    refused = CliRunner().invoke(cli.app, ["characterise", "stochastic-synapse", "--fan-in", "2"])
    assert refused.exit_code == 1
    assert "one input" in refused.stderr
