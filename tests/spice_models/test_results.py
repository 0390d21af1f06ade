"""Results: events and samples, and each in the form of the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spice_models.errors import DescriptionError, UnknownNameError
from spice_models.results import SpikeTrains, Traces

trains_of_times = st.lists(st.lists(st.floats(0, 1), max_size=6), min_size=1, max_size=5)


@given(trains_of_times)
def test_trains_come_back_as_the_lists_they_were_made_of(lists):
    trains = SpikeTrains.from_lists(lists, 1.0)
    assert trains.to_lists() == [sorted(train) for train in lists]
    assert trains.counts().tolist() == [len(train) for train in lists]
    assert (np.diff(trains.times) >= 0).all()
    assert trains.n == len(lists)


@given(trains_of_times, st.floats(0.01, 2.0))
def test_binning_keeps_the_counts(lists, dt):
    trains = SpikeTrains.from_lists(lists, 1.0)
    traces = trains.to_traces(dt)
    assert traces.values.sum(axis=1).tolist() == trains.counts().tolist()
    assert traces.values.shape == (len(lists), int(np.ceil(1.0 / dt)))


@given(trains_of_times)
def test_samples_of_ramps_become_events_at_the_crossings(lists):
    times = [t for train in lists for t in train if 0.01 < t < 0.9]
    traces = Traces(
        values=np.array([[k * 0.1 - t for k in range(11)] for t in times]).reshape(len(times), 11),
        dt=0.1,
        names=tuple(map(str, range(len(times)))),
        units=("V",) * len(times),
    )
    if times:
        seen = traces.to_spikes(0.0)
        assert [t for train in seen.to_lists() for t in train] == pytest.approx(times)


def test_trains_cannot_be_changed():
    trains = SpikeTrains.from_lists([[0.5]], 1.0)
    with pytest.raises(ValueError, match="read-only"):
        trains.times[0] = 0.1


def test_traces_are_looked_up_by_name():
    traces = Traces(values=[[1, 2], [3, 4]], dt=0.5, names=["a", "b"], units=["V", "A"], start=1.0)
    assert traces["b"].tolist() == [3, 4]
    assert "a" in traces
    assert "c" not in traces
    assert traces.times.tolist() == [1.0, 1.5]
    with pytest.raises(UnknownNameError, match="no trace 'c'; available: a, b"):
        traces["c"]


def test_only_upward_crossings_are_events():
    traces = Traces(values=[[0, 2, 0, 1, 1, 2]], dt=1.0, names=("x",), units=("V",), start=2.0)
    spikes = traces.to_spikes(1.0)
    assert spikes.times.tolist() == [2.5, 5.0]
    assert spikes.duration == 8.0


def trains(**changes):
    good = {"times": [0.1, 0.2], "indices": [0, 1], "n": 2, "duration": 1.0}
    return lambda: SpikeTrains(**{**good, **changes})


def traces(**changes):
    good = {"values": np.zeros((2, 3)), "dt": 1.0, "names": ("a", "b"), "units": ("V", "V")}
    return lambda: Traces(**{**good, **changes})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (trains(times=[0.1]), r"of one length, got shapes \(1,\) and \(2,\)"),
        (trains(times=[[0.1], [0.2]], indices=[[0], [1]]), r"must be 1-d"),
        (trains(n=0), "at least one source, got n = 0"),
        (trains(duration=0.0), r"duration must be positive and finite \[s\], got 0"),
        (trains(duration=float("inf")), "duration must be positive and finite"),
        (trains(times=[0.1, float("nan")]), "spike times must be finite"),
        (trains(times=[-0.1, 0.2]), r"must lie in 0\.\.1 s, got -0.1\.\.0.2 s"),
        (trains(times=[0.1, 1.2]), r"must lie in 0\.\.1 s"),
        (trains(indices=[0, 2]), r"indices must lie in 0\.\.1, got 0\.\.2"),
        (traces(dt=0.0), r"time between samples must be positive \[s\], got 0"),
        (traces(names=("a",)), "one name and one unit a channel: 2 channels, 1 names and 2 units"),
        (traces(values=np.zeros((2, 2, 2))), r"one row a channel; got values of shape \(2, 2, 2\)"),
        (lambda: trains()().of(2), r"no source 2: available are 0\.\.1"),
        (lambda: trains()().to_traces(0.0), "width of a bin must be positive"),
    ],
)
def test_results_that_make_no_sense_are_refused(build, message):
    with pytest.raises(DescriptionError, match=message):
        build()
