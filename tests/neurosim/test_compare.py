"""Runs: their forms for other tools, and how they are held against each other."""

import json
import math

import numpy as np
import pytest

from neurosim.compare import compare
from neurosim.run import Run
from spice_models.errors import DescriptionError, UnknownNameError
from spice_models.results import SpikeTrains, Traces

PS = 1e-12


def run(level="architecture", engine="brian2", traces=None, **trains):
    spikes = {name: SpikeTrains.from_lists(lists, 100 * PS) for name, lists in trains.items()}
    return Run(network="net", level=level, engine=engine, duration=100 * PS, spikes=spikes, traces=traces or {}, seed=3)


ONE = run(a=[[10 * PS], []], out=[[30 * PS, 60 * PS]])
LATE = run("circuit", "ngspice", a=[[10 * PS], []], out=[[31.5 * PS, 61 * PS]], inside=[[5 * PS]])
FEWER = run("behavioral", "events", a=[[10 * PS], []], out=[[30 * PS]])
OTHER = run("behavioral", "events", a=[[10 * PS], [20 * PS]], out=[[30 * PS, 60 * PS]])


def test_agreement_and_spike_times():
    found = compare(ONE, LATE)
    assert found.populations == ("a", "out")
    assert (found.same_fired, found.same_counts, found.agreement) == (True, True, True)
    assert found.spike_time_difference == pytest.approx(1.5 * PS)
    assert found.spike_time_differences == {
        ("architecture/brian2", "circuit/ngspice"): pytest.approx(1.5 * PS),
    }


def test_same_neurons_but_other_counts():
    found = compare(ONE, FEWER)
    assert (found.same_fired, found.same_counts, found.agreement) == (True, False, False)
    assert found.spike_time_difference == 0.0
    assert "but not equally often" in str(found)


def test_other_neurons():
    found = compare(ONE, OTHER, LATE)
    assert (found.same_fired, found.agreement) == (False, False)
    assert len(found.spike_time_differences) == 3
    assert "disagree" in str(found)


def test_silence_agrees_and_has_no_time_difference():
    silent = run(a=[[]])
    assert compare(silent, silent).agreement
    assert math.isnan(compare(silent, silent).spike_time_difference)
    assert compare(silent, silent).labels == ("architecture/brian2#1", "architecture/brian2#2")


def test_table():
    assert str(compare(ONE, LATE)).splitlines() == [
        "neuron  architecture/brian2  circuit/ngspice",
        "a[0]    10 ps                10 ps",
        "out[0]  30 ps, 60 ps         31.5 ps, 61 ps",
        "agree: the same neurons fired, equally often; spike times within 1.5 ps",
    ]
    assert "<td>31.5 ps, 61 ps</td>" in compare(ONE, LATE)._repr_html_()
    many = run(a=[[k * PS for k in range(9)]])
    assert "(9 spikes)" in str(compare(many, many))


def test_what_cannot_be_compared():
    with pytest.raises(DescriptionError, match="at least two runs, got 1"):
        compare(ONE)
    with pytest.raises(DescriptionError, match=r"no population in common; recorded: .*brian2: a, out; .*: b"):
        compare(ONE, run(b=[[]]))
    with pytest.raises(DescriptionError, match=r"population 'a' has different sizes in the runs: \[2, 1\]"):
        compare(ONE, run(a=[[]]))


def traced():
    trace = Traces(values=np.arange(6.0).reshape(2, 3), dt=PS, names=("a[0]", "a[1]"), units=("V", "V"))
    return run(a=[[10 * PS], []], b=[[4 * PS]], traces={"a.v": trace})


def test_counts_and_fired():
    assert ONE.counts("a").tolist() == [1, 0]
    assert ONE.fired["a"].tolist() == [True, False]
    with pytest.raises(UnknownNameError, match="available: a, out"):
        ONE.counts("outt")


def test_dataframe():
    pytest.importorskip("pandas")
    table = traced().to_dataframe()
    assert table.to_dict("list") == {"time": [4 * PS, 10 * PS], "population": ["b", "a"], "neuron": [0, 0]}
    assert run(a=[[]]).to_dataframe().empty


def test_xarray():
    pytest.importorskip("xarray")
    data = traced().to_xarray()
    assert data["a.v"].sel({"a.v channel": "a[1]"}).values.tolist() == [3.0, 4.0, 5.0]
    assert data["a.v"].attrs["units"] == "V"
    assert data["a count"].values.tolist() == [1, 0]
    assert data.attrs["engine"] == "brian2"


def test_dict_is_plain_json():
    data = json.loads(json.dumps(traced().to_dict()))
    assert data["spikes"] == {"a": [[10 * PS], []], "b": [[4 * PS]]}
    assert data["traces"]["a.v"]["values"] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert data["seed"] == 3
    details = {"array": np.ones(2), "number": np.float64(2), "set": {1}, "object": object}
    plain = Run(network="n", level="l", engine="e", duration=1.0, spikes={}, details=details).to_dict()["details"]
    assert json.loads(json.dumps(plain))["array"] == [1.0, 1.0]


def test_representations():
    assert repr(ONE) == "Run('net', architecture/brian2, 1e-10 s, spikes {a: 1, out: 2})"
    assert "<td>out</td><td>1</td><td>2</td>" in ONE._repr_html_()
