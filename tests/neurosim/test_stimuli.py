"""Stimuli: what they hold, how they combine, and what they refuse."""

import numpy as np
import pytest

from neurosim.network import Network, Population
from neurosim.neurons import LIF, SFQNeuron, SpikeSource
from neurosim.stimuli import Stimulus, currents, merge, poisson, pulses, regular, sequence
from spice_models.errors import DescriptionError, UnknownNameError
from spice_models.results import Traces

NETWORK = Network(
    name="net",
    populations=[
        Population(name="a", size=1, neuron=SpikeSource()),
        Population(name="many", size=3, neuron=SpikeSource()),
        Population(name="cells", size=2, neuron=LIF()),
        Population(name="sfq", size=1, neuron=SFQNeuron()),
    ],
)


def test_pulses_one_list_or_one_a_neuron():
    stimulus = pulses({"a": [20e-12, 5e-12], "many": [[], [1e-12], []]}, duration=50e-12)
    assert stimulus.spikes["a"].to_lists() == [[5e-12, 20e-12]]
    assert stimulus.spikes["many"].to_lists() == [[], [1e-12], []]
    assert pulses({"a": []}, duration=1.0).spikes["a"].n == 1
    stimulus.check(NETWORK)


def test_regular_stops_before_the_end():
    times = [0.1, 0.2, 0.3, 0.4]
    by_rate = regular("many", 3, rate=10.0, start=0.1, duration=0.5)
    by_interval = regular("many", 3, interval=0.1, start=0.1, duration=0.5)
    for stimulus in (by_rate, by_interval):
        np.testing.assert_allclose(stimulus.spikes["many"].to_lists(), [times] * 3)
    assert regular("a", interval=0.1, start=2.0, duration=1.0).spikes["a"].times.size == 0


def test_poisson_is_repeatable_and_has_the_rate():
    one, same, other = (poisson("many", 3, rate=[0.0, 50.0, 500.0], duration=20.0, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.spikes["many"].times, same.spikes["many"].times)
    assert not np.array_equal(one.spikes["many"].times[:5], other.spikes["many"].times[:5])
    silent, slow, fast = one.spikes["many"].counts()
    assert silent == 0
    # four standard deviations of the count
    assert abs(slow - 1000) < 4 * np.sqrt(1000)
    assert abs(fast - 10000) < 4 * np.sqrt(10000)
    intervals = np.diff(one.spikes["many"].of(2))
    assert np.std(intervals) / np.mean(intervals) == pytest.approx(1.0, abs=0.05)


def test_currents_constant_sampled_and_traces():
    constant = currents({"cells": 1.5}, duration=0.2).currents["cells"]
    assert (constant.values.tolist(), constant.dt) == ([[1.5]], 0.2)
    rows = currents({"cells": [[1, 2], [3, 4]]}, dt=0.1, start=0.05, duration=0.2).currents["cells"]
    assert rows.values.shape == (2, 2)
    assert (rows.start, rows.names) == (0.05, ("cells[0]", "cells[1]"))
    assert currents({"cells": rows}, duration=1.0).currents["cells"] is rows


def test_merge_overlays_and_takes_the_longest():
    merged = pulses({"a": [0.1]}, duration=0.2) | pulses({"a": [0.3], "many": [[0.1], [], []]}, duration=0.5)
    merged = merge(merged, currents({"cells": 1.0}, duration=0.1))
    assert merged.duration == 0.5
    assert merged.spikes["a"].times.tolist() == [0.1, 0.3]
    assert set(merged.currents) == {"cells"}
    merged.check(NETWORK)


def test_sequence_plays_one_after_another():
    played = sequence([pulses({"a": [0.1]}, duration=1.0), pulses({"a": [0.2]}, duration=1.0)], gap=0.5)
    np.testing.assert_allclose(played.spikes["a"].times, [0.1, 1.7])
    assert played.duration == 2.5
    late = sequence([pulses({"a": []}, duration=1.0), currents({"cells": 2.0}, duration=1.0)])
    assert late.currents["cells"].start == 1.0


def test_quantities_are_stripped():
    brian2 = pytest.importorskip("brian2")
    assert pulses({"a": [2 * brian2.ms]}, duration=5 * brian2.ms).spikes["a"].times.tolist() == [2e-3]
    assert regular("a", rate=100 * brian2.Hz, duration=0.1).spikes["a"].times.size == 10
    with pytest.raises(DescriptionError, match="duration must be in second"):
        pulses({"a": []}, duration=5 * brian2.mV)


def test_representation():
    assert repr(pulses({"a": [1.0]}, duration=2.0)) == "Stimulus(2 s; a: 1 spikes)"


@pytest.mark.parametrize(
    ("stimulus", "error", "message"),
    [
        (pulses({"aa": []}, duration=1.0), UnknownNameError, "no population 'aa'.*Did you mean 'a'"),
        (pulses({"many": [[], []]}, duration=1.0), DescriptionError, "2 spike trains for population 'many' of 3"),
        (
            pulses({"cells": [[], []]}, duration=1.0),
            DescriptionError,
            "'cells' of LIF takes no spikes.*available: a, many",
        ),
        (currents({"sfq": 1.0}, duration=1.0), DescriptionError, "'sfq' of SFQNeuron has no input current"),
        (currents({"b": 1.0}, duration=1.0), UnknownNameError, "no population 'b'"),
        (currents({"cells": np.ones((3, 4))}, dt=0.1, duration=1.0), DescriptionError, "3 channels for 2 neurons"),
    ],
)
def test_a_stimulus_must_fit_the_network(stimulus, error, message):
    with pytest.raises(error, match=message):
        stimulus.check(NETWORK)


def _shorter():
    long = pulses({"a": [0.9]}, duration=1.0)
    return Stimulus(duration=0.5, spikes=long.spikes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pulses({"a": [2.0]}, duration=1.0), r"population 'a': spike times must lie in 0\.\.1"),
        (lambda: pulses({"a": [-0.1]}, duration=1.0), "population 'a': spike times must lie in"),
        (lambda: pulses({"a": [float("nan")]}, duration=1.0), "population 'a': spike times must be finite"),
        (lambda: pulses({"a": [0.1, [0.2]]}, duration=1.0), "population 'a' mix numbers and lists"),
        (lambda: pulses({"a": ["soon"]}, duration=1.0), "spike times of population 'a' must be numbers"),
        (lambda: pulses({"a": []}, duration=0.0), "duration must be positive"),
        (lambda: pulses({"a": []}, duration=float("inf")), "duration must be positive and finite"),
        (_shorter, "population 'a' has a spike at 0.9 s, after the end at 0.5 s"),
        (lambda: regular("a", duration=1.0), "give either rate= .* or interval="),
        (lambda: regular("a", rate=1.0, interval=1.0, duration=1.0), "give either"),
        (lambda: regular("a", rate=0.0, duration=1.0), "rate must be positive"),
        (lambda: poisson("a", 2, rate=[1.0, 2.0, 3.0], duration=1.0), "one number or 2 numbers"),
        (lambda: poisson("a", rate=-1.0, duration=1.0), "rates must be finite and >= 0"),
        (lambda: currents({"cells": [1.0, 2.0]}, duration=1.0), "is sampled: give dt="),
        (lambda: currents({"cells": float("nan")}, duration=1.0), "current into population 'cells' holds NaN"),
        (lambda: currents({"cells": np.ones((1, 1, 1))}, dt=0.1, duration=1.0), "has shape"),
        (lambda: merge(), "nothing to merge"),
        (lambda: pulses({"a": []}, duration=1.0) | pulses({"a": [[], []]}, duration=1.0), "different sizes"),
        (lambda: currents({"p": 1.0}, duration=1.0) | currents({"p": 1.0}, duration=1.0), "two of the stimuli"),
        (lambda: pulses({"a": []}, duration=1.0).shifted(-1.0), "shifted to later times only"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(DescriptionError, match=message):
        make()


def test_traces_are_taken_as_they_are():
    trace = Traces(values=np.ones((1, 3)), dt=0.1, names=("i",), units=("A",))
    assert currents({"cells": trace}, duration=1.0).currents["cells"] is trace
