"""The architecture level on Brian2 against closed forms, event-by-event references and hand-written Brian2."""

import math
from dataclasses import dataclass

import brian2
import numpy as np
import pytest

from neurosim.compare import compare
from neurosim.engines.brian2.engine import time_step
from neurosim.engines.brian2.models import PLASTICITY_BUILDERS, SynapseCode
from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, Equations, Izhikevich, Neuron, SFQNeuron, SpikeSource
from neurosim.simulate import simulate, simulate_batch
from neurosim.stimuli import Stimulus, currents, poisson, pulses
from spice_models.errors import DescriptionError, EngineError, UnknownNameError
from spice_models.results import Traces

PS = 1e-12


def chain(neuron, weights=1.0, delays=0.0, sources=1, size=1):
    """Sources into one population."""
    return Network(
        name="chain",
        populations=[
            Population(name="in", size=sources, neuron=SpikeSource()),
            Population(name="cell", size=size, neuron=neuron),
        ],
        projections=[Projection(pre="in", post="cell", weights=weights, delays=delays)],
    )


def alone(neuron, size=1):
    return Network(name="alone", populations=[Population(name="cell", size=size, neuron=neuron)])


def xor():
    """Hidden OR (threshold 1) and AND (threshold 2); the AND inhibits the output 12 ps before the OR excites it."""
    cell = {"leak_time": 1e-9, "refractory": 10 * PS, "delay": 5 * PS}
    populations = [
        Population(name="a", size=1, neuron=SpikeSource()),
        Population(name="b", size=1, neuron=SpikeSource()),
        Population(name="either", size=1, neuron=SFQNeuron(threshold=1, **cell)),
        Population(name="both", size=1, neuron=SFQNeuron(threshold=2, **cell)),
        Population(name="out", size=1, neuron=SFQNeuron(threshold=1, **cell)),
    ]
    into = [Projection(pre=p, post=h, weights=1.0, delays=4 * PS) for p in "ab" for h in ("either", "both")]
    excite = Projection(pre="either", post="out", weights=1.0, delays=16 * PS)
    inhibit = Projection(pre="both", post="out", weights=-1.0, delays=4 * PS)
    return Network(name="xor", populations=populations, projections=[*into, excite, inhibit])


PATTERNS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def pattern(a, b):
    return pulses({"a": [20 * PS] * a, "b": [20 * PS] * b}, duration=70 * PS)


@pytest.fixture(scope="module")
def xor_runs():
    return simulate_batch(xor(), [pattern(a, b) for a, b in PATTERNS], record="u")


def test_sfq_network_computes_xor(xor_runs):
    assert [run.counts("out").item() for run in xor_runs] == [a ^ b for a, b in PATTERNS]
    assert [run.counts("both").item() for run in xor_runs] == [a & b for a, b in PATTERNS]
    assert [run.counts("either").item() for run in xor_runs] == [a | b for a, b in PATTERNS]


def test_sfq_delays_add_up_exactly(xor_runs):
    run = xor_runs[1]
    # 20 + 4 into the hidden layer, 5 through the neuron; 16 to the output, 5 through it
    np.testing.assert_allclose(run.of("either").times, [29 * PS], rtol=1e-12)
    np.testing.assert_allclose(run.of("out").times, [50 * PS], rtol=1e-12)
    assert run.latency == pytest.approx(30 * PS)
    assert (xor_runs[0].latency, xor_runs[3].latency) == (None, None)


def test_sfq_inhibition_comes_first_and_leaks(xor_runs):
    trace = xor_runs[3].traces["out.u"]
    assert (trace.units, trace.dt) == (("1",), 0.1 * PS)
    u, step = trace["out[0]"], round(33 * PS / trace.dt)
    # traces hold the state at the start of a step, so an arrival shows in the next
    assert (u[step], u[step + 1]) == (0.0, -1.0)
    after = round(45 * PS / trace.dt)
    assert u[after] == pytest.approx(-math.exp(-(after - step - 1) * trace.dt / 1e-9))
    assert u[after + 1] == pytest.approx(1 - math.exp(-12 * PS / 1e-9), rel=1e-9)


def test_batch_equals_singles(xor_runs):
    for (a, b), together in zip(PATTERNS[2:], xor_runs[2:], strict=True):
        single = simulate(xor(), pattern(a, b), record="u", seed=together.seed)
        assert compare(single, together).agreement
        assert compare(single, together).spike_time_difference == 0.0
        for name in single.traces:
            np.testing.assert_array_equal(single.traces[name].values, together.traces[name].values)


@dataclass
class Reference:
    """One SFQNeuron, event by event, on a grid of steps (all times in whole steps)."""

    threshold: float
    leak: float
    refractory: int

    def fire(self, arrivals):
        u, last, ready, fired = 0.0, 0, 0, []
        for step in sorted(arrivals):
            u *= math.exp(-(step - last) / self.leak)
            last = step
            if step >= ready:
                u += arrivals[step]
                if u >= self.threshold * (1 - 1e-9):
                    fired.append(step)
                    u, ready = 0.0, step + self.refractory
        return fired


@pytest.mark.parametrize(("leak", "refractory"), [(math.inf, 0), (math.inf, 70), (200.0, 70)])
def test_sfq_neuron_against_event_by_event_reference(leak, refractory):
    step, sources, samples, rng = 0.1 * PS, 6, 15, np.random.default_rng(4)
    weights = rng.choice([-1.0, -0.3, 0.4, 1.0, 1.0], size=(sources, 1))
    delays = rng.integers(1, 60, size=(sources, 1))
    network = chain(
        SFQNeuron(threshold=1.7, leak_time=leak * step, refractory=refractory * step, delay=3 * PS),
        weights=weights,
        delays=delays * step,
        sources=sources,
    )
    stimuli, expected = [], []
    for _ in range(samples):
        spikes = [np.unique(rng.integers(0, 800, size=12)) for _ in range(sources)]
        stimuli.append(pulses({"in": [s * step for s in spikes]}, duration=1000 * step))
        arrivals = {}
        for source, steps in enumerate(spikes):
            for arrival in steps + delays[source, 0]:
                arrivals[arrival] = arrivals.get(arrival, 0.0) + weights[source, 0]
        expected.append(Reference(threshold=1.7, leak=leak, refractory=refractory).fire(arrivals))
    assert sum(map(len, expected)) > 50
    for run, steps in zip(simulate_batch(network, stimuli, dt=step), expected, strict=True):
        np.testing.assert_allclose(run.of("cell").times, np.array(steps) * step + 3 * PS, rtol=1e-9)


def test_pulses_of_one_step_are_summed_before_the_threshold():
    network = chain(SFQNeuron(threshold=2), weights=[[1.0], [1.0], [-1.0]], delays=1 * PS, sources=3)
    two = pulses({"in": [[5 * PS], [5 * PS], []]}, duration=20 * PS)
    cancelled = pulses({"in": [[5 * PS], [5 * PS], [5 * PS]]}, duration=20 * PS)
    assert [run.counts("cell").item() for run in simulate_batch(network, [two, cancelled])] == [1, 0]


def test_sums_of_decimals_reach_the_threshold():
    network = chain(SFQNeuron(threshold=1), weights=0.1, delays=1 * PS)
    stimulus = pulses({"in": [k * 5 * PS for k in range(20)]}, duration=120 * PS)
    # ten times 0.1 is 0.9999999999999999
    np.testing.assert_allclose(simulate(network, stimulus).of("cell").times, [46 * PS, 96 * PS])


def test_pulses_in_the_refractory_time_are_lost():
    network = chain(SFQNeuron(threshold=1, refractory=10 * PS), delays=1 * PS)
    stimulus = pulses({"in": [5 * PS, 14.9 * PS, 15 * PS, 24.9 * PS]}, duration=40 * PS)
    np.testing.assert_allclose(simulate(network, stimulus).of("cell").times, [6 * PS, 16 * PS])


def test_an_output_after_the_end_is_not_seen():
    network = chain(SFQNeuron(delay=5 * PS), delays=1 * PS)
    assert simulate(network, pulses({"in": [10 * PS]}, duration=15 * PS)).counts("cell").item() == 0
    assert simulate(network, pulses({"in": [10 * PS]}, duration=16.5 * PS)).counts("cell").item() == 1


def test_spikes_of_sources_come_back_as_given():
    network = chain(SFQNeuron(), delays=1 * PS)
    stimulus = pulses({"in": [10.037 * PS]}, duration=20 * PS)
    run = simulate(network, stimulus)
    assert run.of("in").times.tolist() == [10.037 * PS]
    # the step is 0.1 ps, a time is rounded to the nearest
    np.testing.assert_allclose(run.of("cell").times, [11.0 * PS])


@pytest.mark.parametrize("refractory", [0.0, 3e-3])
def test_lif_fires_at_the_rate_of_its_closed_form(refractory):
    drives = np.array([[0.9], [1.05], [1.5], [3.0], [10.0]])
    neuron, dt = LIF(tau=10e-3, rest=0.05, reset=-0.1, refractory=refractory), 2e-5
    stimulus = currents({"cell": drives}, dt=1.0, duration=0.3)
    spikes = simulate(alone(neuron, size=5), stimulus, dt=dt).of("cell")
    assert spikes.counts()[0] == 0
    assert neuron.rate(0.9) == 0.0
    for i, drive in enumerate(drives[1:, 0], start=1):
        intervals = np.diff(spikes.of(i))
        assert intervals.size > 5
        # a clock-driven spike is late by less than a step, a refractory time short by at most one
        assert np.all(np.abs(intervals - 1 / neuron.rate(drive)) <= dt * 1.001)


def test_lif_membrane_follows_the_exponential():
    neuron = LIF(tau=10e-3, threshold=5.0, rest=0.2, resistance=2.0, initial=0.7)
    trace = simulate(alone(neuron), currents({"cell": 1.0}, duration=0.05), record="v").traces["cell.v"]
    exact = 2.2 + (0.7 - 2.2) * np.exp(-trace.times / 10e-3)
    np.testing.assert_allclose(trace["cell[0]"], exact, rtol=1e-12)


def test_lif_delta_synapses_and_delays():
    delays = np.array([[1e-3, 2.5e-3]])
    network = chain(LIF(tau=10e-3), weights=np.array([[0.4, 0.7]]), delays=delays, size=2)
    run = simulate(network, pulses({"in": [10e-3]}, duration=30e-3), record="cell.v")
    v, dt = run.traces["cell.v"].values, run.traces["cell.v"].dt
    for row, (delay, weight) in zip(v, [(1e-3, 0.4), (2.5e-3, 0.7)], strict=True):
        first = np.flatnonzero(row)[0]
        assert first * dt == pytest.approx(10e-3 + delay + dt)
        assert row[first] == pytest.approx(weight)


def test_spikes_in_the_refractory_time_of_lif_are_lost():
    stimulus = pulses({"in": [1e-3, 2e-3]}, duration=10e-3)
    for refractory, expected in ((3e-3, 1), (0.5e-3, 2)):
        network = chain(LIF(tau=1.0, refractory=refractory), weights=1.5)
        assert simulate(network, stimulus).counts("cell").item() == expected


def test_sampled_current_holds_each_sample_and_is_zero_outside():
    samples = Traces(values=[[1.0, -2.0]], dt=2e-3, names=("i",), units=("A",), start=1e-3)
    stimulus = Stimulus(duration=8e-3, currents={"cell": samples})
    trace = simulate(alone(LIF()), stimulus, record="I", dt=1e-4).traces["cell.I"]
    times, shown = trace.times, trace["cell[0]"]
    assert set(shown[(times > 0.95e-3) & (times < 2.95e-3)]) == {1.0}
    assert set(shown[(times > 2.95e-3) & (times < 4.95e-3)]) == {-2.0}
    assert set(shown[(times < 0.95e-3) | (times > 4.95e-3)]) == {0.0}


def test_currents_of_a_batch_do_not_mix():
    network = alone(LIF(), size=2)
    drives = [currents({"cell": drive}, duration=0.1) for drive in (0.0, 1.5, 3.0)]
    drives.append(currents({"cell": [[0.0], [3.0]]}, dt=1.0, duration=0.05))
    together = simulate_batch(network, drives)
    assert together[0].counts("cell").tolist() == [0, 0]
    for stimulus, run in zip(drives, together, strict=True):
        assert run.duration == stimulus.duration
        assert run.of("cell").to_lists() == simulate(network, stimulus).of("cell").to_lists()


def test_izhikevich_types_fire_as_published():
    counts, intervals = {}, {}
    for name in ("RS", "FS", "CH"):
        spikes = simulate(alone(Izhikevich.of_type(name)), currents({"cell": 10.0}, duration=0.5)).of("cell")
        counts[name], intervals[name] = spikes.counts().item(), np.diff(spikes.times)
    # fast spiking is faster; regular spiking adapts: later intervals are longer; chattering fires in bursts
    assert counts["FS"] > 2 * counts["RS"] > 10
    assert intervals["RS"][-1] > 1.2 * intervals["RS"][0]
    assert intervals["CH"].max() > 5 * intervals["CH"].min()


EQUATIONS = "dv/dt = (v_rest - v + I*R)/tau : volt (unless refractory)\nI : amp"
PARAMETERS = {"v_rest": -70 * brian2.mV, "tau": 10 * brian2.ms, "R": 100 * brian2.Mohm}


def user_network(n, weights, delays):
    neuron = Equations(
        equations=EQUATIONS,
        threshold="v > -50*mV",
        reset="v = v_rest",
        parameters=PARAMETERS,
        refractory=2 * brian2.ms,
        method="exact",
        initial={"v": -70 * brian2.mV},
    )
    populations = [
        Population(name="in", size=3, neuron=SpikeSource()),
        Population(name="cells", size=n, neuron=neuron),
    ]
    kick = Projection(pre="in", post="cells", weights=4 * brian2.mV, delays=0.5e-3)
    recurrent = Projection(pre="cells", post="cells", weights=weights, delays=delays)
    return Network(name="user", populations=populations, projections=[kick, recurrent])


def hand_written(n, weights, delays, spikes, current, duration):
    """Run the same network as a Brian2 user writes it."""
    group = brian2.NeuronGroup(
        n, EQUATIONS, threshold="v > -50*mV", reset="v = v_rest", refractory=2 * brian2.ms, method="exact",
        namespace=PARAMETERS,
    )  # fmt: skip
    group.v = -70 * brian2.mV
    group.I = current * brian2.amp
    source = brian2.SpikeGeneratorGroup(3, spikes.indices, spikes.times * brian2.second)
    kick = brian2.Synapses(source, group, on_pre="v_post += 4*mV", delay=0.5 * brian2.ms)
    kick.connect()
    recurrent = brian2.Synapses(group, group, "w : volt", on_pre="v_post += w")
    pre, post = np.nonzero(weights)
    recurrent.connect(i=pre, j=post)
    recurrent.w = weights[pre, post] * brian2.volt
    recurrent.delay = delays[pre, post] * brian2.second
    monitor = brian2.SpikeMonitor(group)
    with_all = brian2.Network(group, source, kick, recurrent, monitor)
    with_all.run(duration * brian2.second)
    return np.asarray(monitor.t_), np.asarray(monitor.i)


def test_a_users_equations_equal_a_hand_written_brian2_script(monkeypatch):
    n, duration, rng = 20, 0.3, np.random.default_rng(7)
    weights = rng.normal(0.0, 3e-3, (n, n)) * (rng.random((n, n)) < 0.4)
    delays = rng.integers(0, 40, (n, n)) * 1e-4
    current = np.linspace(0.15e-9, 0.25e-9, n)
    stimulus = poisson("in", 3, rate=40.0, duration=duration, seed=5)
    stimulus |= currents({"cells": current[:, np.newaxis]}, dt=1.0, duration=duration)
    run = simulate(user_network(n, weights, delays), stimulus, record=("spikes", "v"))
    # the engine rounds spikes of sources to the nearest step, Brian2 down
    spikes = stimulus.spikes["in"]
    on_grid = type(spikes)(times=np.rint(spikes.times / 1e-4) * 1e-4, indices=spikes.indices, n=3, duration=duration)
    monkeypatch.setitem(brian2.prefs, "codegen.target", "numpy")
    times, indices = hand_written(n, weights, delays, on_grid, current, duration)
    order = np.lexsort((indices, times))
    assert times.size > 100
    np.testing.assert_allclose(run.of("cells").times, times[order], rtol=1e-12)
    np.testing.assert_array_equal(run.of("cells").indices, indices[order])
    assert run.traces["cells.v"].units == ("V",) * n


NOISY = Equations(
    equations="dv/dt = (1.1 - v)/(10*ms) + 0.5*xi*(10*ms)**-0.5 : 1",
    threshold="v > 1",
    reset="v = 0",
    method="euler",
    initial={"v": "rand()"},
)


def test_the_seed_decides_everything_random():
    stimulus = pulses({}, duration=0.1)
    one, same, other = (simulate(alone(NOISY, 5), stimulus, seed=seed).of("cell").times for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_noisy_batch_has_independent_samples_that_can_be_repeated():
    stimulus = pulses({}, duration=0.05)
    one, two = simulate_batch(alone(NOISY, 5), [stimulus] * 2, seed=3)
    assert not np.array_equal(one.of("cell").times, two.of("cell").times)
    again = simulate(alone(NOISY, 5), stimulus, seed=two.seed)
    np.testing.assert_array_equal(again.of("cell").times, two.of("cell").times)


def test_indices_in_equations_are_those_of_the_population_in_a_batch():
    neuron = Equations(equations="dv/dt = 100*Hz*(i + 1) : 1", threshold="v > 1", reset="v = 0", method="euler")
    first, second = simulate_batch(alone(neuron, 2), [pulses({}, duration=0.1)] * 2)
    assert first.counts("cell").tolist() == second.counts("cell").tolist()


def test_nothing_global_changes():
    brian2.seed(11)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (Brian2 draws from numpy's global state)
    target, dt = brian2.prefs.codegen.target, float(brian2.defaultclock.dt)
    simulate(alone(NOISY), pulses({}, duration=0.01), seed=5)
    with pytest.raises(EngineError):
        simulate(alone(Equations(equations="dv/dt = nothing : 1", threshold="v > 1", reset="")), pulses({}, duration=1))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert (brian2.prefs.codegen.target, float(brian2.defaultclock.dt)) == (target, dt)


def test_the_step_comes_from_the_models_and_delays():
    assert time_step(chain(SFQNeuron(leak_time=50 * PS, delay=5 * PS))) == 0.1 * PS
    assert time_step(chain(SFQNeuron(delay=0.5 * PS))) == pytest.approx(0.05 * PS)
    assert time_step(chain(LIF())) == 1e-4
    assert time_step(chain(LIF(tau=1e-9))) == pytest.approx(5e-11)
    assert time_step(chain(LIF(), delays=2e-5)) == 2e-5
    assert time_step(chain(NOISY)) == 1e-4


def test_what_a_run_says_about_itself():
    run = simulate(chain(LIF(), weights=2.0), pulses({"in": [1e-3]}, duration=5e-3), seed=9)
    assert (run.network, run.level, run.engine, run.seed) == ("chain", "architecture", "brian2", 9)
    assert {"brian2", "numpy", "python"} <= set(run.versions)
    assert (run.details["dt"], run.details["target"]) == (1e-4, "numpy")
    assert run.energy is None


def test_empty_batch():
    assert simulate_batch(xor(), []) == []


def test_several_spikes_of_a_source_in_one_step_all_count():
    network = chain(LIF(tau=1e6, threshold=1e6), weights=[[1.0], [100.0]], delays=1e-3, sources=2)
    stimuli = [poisson("in", 2, rate=[5000.0, 300.0], duration=0.1, seed=seed) for seed in (1, 2)]
    stimuli.append(pulses({"in": [[1e-3] * 3, [1e-3, 2e-3]]}, duration=4e-3))
    for stimulus, run in zip(stimuli, simulate_batch(network, stimuli, record="v"), strict=True):
        spikes = stimulus.spikes["in"]
        seen = spikes.indices[np.rint((spikes.times + 1e-3) / 1e-4) < np.rint(stimulus.duration / 1e-4) - 1]
        assert run.traces["cell.v"].values[0, -1] == pytest.approx(np.sum(100.0**seen), rel=1e-6)
        assert run.of("in").times.size == spikes.times.size


def test_a_current_in_one_sample_leaves_the_others_as_they_start():
    neuron = Equations(
        equations="dv/dt = I/ms : 1\nI : 1", threshold="v > 1", reset="v = 0", method="euler", initial={"I": 0.15}
    )
    network = alone(neuron)
    both = [pulses({}, duration=0.02), currents({"cell": 0.4}, duration=0.02)]
    together = simulate_batch(network, both)
    for stimulus, run in zip(both, together, strict=True):
        assert run.of("cell").to_lists() == simulate(network, stimulus).of("cell").to_lists()
    assert together[0].counts("cell").item() > 0


def test_a_learning_projection_refuses_what_it_cannot_resolve():
    network = Network(
        name="plastic",
        populations=[
            Population(name="in", size=1, neuron=SpikeSource()),
            Population(name="cell", size=1, neuron=LIF()),
        ],
        projections=[Projection(pre="in", post="cell", weights=1.0, plasticity=object())],
    )
    with pytest.raises(DescriptionError, match=r"from 'in' to 'cell' learns, so .* two spikes within one step"):
        simulate(network, pulses({"in": [1e-3, 1.01e-3]}, duration=2e-3))


@dataclass(frozen=True)
class Halving:
    """A rule for tests: each transmitted spike halves the weight afterwards."""


def test_a_plasticity_rule_is_one_builder(monkeypatch):
    def build(rule, post, dt):
        return SynapseCode(on_pre=f"{post.on_pre}\nw = w/2", namespace=post.namespace)

    monkeypatch.setitem(PLASTICITY_BUILDERS, Halving, build)
    network = Network(
        name="plastic",
        populations=[
            Population(name="in", size=2, neuron=SpikeSource()),
            Population(name="cell", size=1, neuron=LIF(tau=1e6, threshold=100.0)),
        ],
        projections=[Projection(pre="in", post="cell", weights=8.0, plasticity=Halving(), name="learn")],
    )
    stimuli = [pulses({"in": [[1e-3, 2e-3], []]}, duration=5e-3), pulses({"in": [[], [1e-3]]}, duration=5e-3)]
    one, two = simulate_batch(network, stimuli, record="v")
    assert one.details["final_weights"]["learn"].tolist() == [2.0, 8.0]
    assert two.details["final_weights"]["learn"].tolist() == [8.0, 4.0]
    assert one.traces["cell.v"]["cell[0]"][-1] == pytest.approx(12.0)


class Unheard(Neuron):
    """A model that no engine knows."""


QUIET = pulses({}, duration=1e-3)
UNDECLARED = Equations(equations="dx/dt = -x/(1*ms) : 1", threshold="x > 1", reset="x = 0", method="exact")


@pytest.mark.parametrize(
    ("network", "stimulus", "options", "error", "message"),
    [
        (alone(Unheard()), QUIET, {}, EngineError, "cannot run Unheard; available: DiscreteLIF, Equations, Izh.*"),
        (chain(UNDECLARED), QUIET, {}, DescriptionError, "'in' to 'cell'.*give target="),
        (
            alone(UNDECLARED),
            currents({"cell": 1.0}, duration=1e-3),
            {},
            DescriptionError,
            "declare it in the equations",
        ),
        (alone(LIF()), QUIET, {"dt": -1.0}, DescriptionError, "dt must be positive"),
        (alone(LIF()), QUIET, {"target": "numppy"}, UnknownNameError, "no target 'numppy'.*Did you mean 'numpy'"),
        (alone(LIF()), QUIET, {"record": "u"}, UnknownNameError, "variable to record 'u'.*cell.v, spikes"),
        (alone(SFQNeuron()), pulses({}, duration=1.0), {}, EngineError, r"1e\+13 steps of 1e-13 s are too many"),
        (
            chain(LIF(), delays=1e-5),
            QUIET,
            {"dt": 1e-4},
            DescriptionError,
            "delay of 1e-05 s, which a step of 0.0001 s",
        ),
        (
            alone(Equations(equations="dv/dt = 1 : 1", threshold="v > 1", reset="")),
            QUIET,
            {},
            EngineError,
            "'alone': .*",
        ),
        (
            alone(Equations(equations="v : 1", threshold="v > 1", reset="", initial={"w": 1.0})),
            QUIET,
            {},
            UnknownNameError,
            "no state variable 'w'",
        ),
        (
            Network(
                name="plastic",
                populations=[Population(name="cell", size=1, neuron=LIF())],
                projections=[Projection(pre="cell", post="cell", weights=1.0, plasticity=object())],
            ),
            QUIET,
            {},
            EngineError,
            "from 'cell' to 'cell': the brian2 engine cannot run plasticity object",
        ),
    ],
)
def test_refusals(network, stimulus, options, error, message):
    with pytest.raises(error, match=message):
        simulate(network, stimulus, **options)
