"""Sweeps of networks: parameters reach whom they are for, runs are the same whatever runs them, and are kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import neurosim as ns
from spice_models.errors import DescriptionError


def network(threshold, size=2):
    return ns.Network(
        name="pair",
        populations=[
            ns.Population(name="a", size=size, neuron=ns.SpikeSource()),
            ns.Population(name="o", size=1, neuron=ns.SFQNeuron(threshold=threshold)),
        ],
        projections=[ns.Projection(pre="a", post="o", weights=1.0)],
    )


def stimulus(late=0.0, size=2):
    return ns.pulses({"a": [[20e-12], [20e-12 + late]][:size]}, duration=250e-12)


GRID = {"threshold": [0.7, 1.5], "late": [0.0, 60e-12], "level": ["behavioral"]}


@pytest.fixture(scope="module")
def found():
    return ns.sweep(network, stimulus, GRID, seed=3)


def test_parameters_reach_network_stimulus_and_engine(found):
    table = found.to_dataframe()
    assert table[["threshold", "late"]].to_numpy().tolist() == [[0.7, 0.0], [0.7, 60e-12], [1.5, 0.0], [1.5, 60e-12]]
    assert table["level"].unique().tolist() == ["behavioral"]
    assert table["error"].isna().all()
    for point, run in zip(found.points, found, strict=True):
        alone = ns.simulate(network(point["threshold"]), stimulus(point["late"]), level="behavioral")
        assert run.of("o").times.tolist() == alone.of("o").times.tolist()
    # One pulse is enough for 0.7; 1.5 needs both at the same time.
    assert (table["spikes_o"] > 0).tolist() == [True, True, True, False]
    assert len({run.seed for run in found}) == len(found)


def test_it_is_the_same_on_threads_and_from_a_store(found, tmp_path):
    def times(sweep):
        return [run.of("o").times.tolist() for run in sweep]

    with ThreadPoolExecutor(2) as pool:
        spread = ns.sweep(network, stimulus, GRID, seed=3, executor=pool, store=tmp_path)
    again = ns.sweep(network, stimulus, GRID, seed=3, store=tmp_path)
    assert times(found) == times(spread) == times(again)
    assert (spread.reused, again.reused) == (0, 4)
    assert ns.sweep(network(0.7), stimulus(), [{}], level="behavioral", store=tmp_path).reused == 0
    assert ns.sweep(network(0.7), stimulus(), [{}], level="behavioral", store=tmp_path).reused == 1


def test_points_that_fail_are_kept_with_their_error():
    result = ns.sweep(network, stimulus(), {"threshold": [-1.0, 0.7]}, level="behavioral")
    assert result[0] is None
    assert result[1] is not None
    errors = result.to_dataframe()["error"]
    assert "threshold" in errors[0]


def test_wrong_words_are_told():
    with pytest.raises(DescriptionError, match="leave one out"):
        ns.sweep(network, stimulus, GRID, level="circuit")
    with pytest.raises(DescriptionError, match="not at single ones"):
        ns.sweep(network, stimulus, [{"threshold": 0.7, "seed": 1}])
    unknown = ns.sweep(network, stimulus, [{"treshold": 0.7}], level="behavioral")
    assert unknown.errors[0].kind == "TypeError"
