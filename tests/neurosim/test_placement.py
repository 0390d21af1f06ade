"""Networks placed on SFQ cells: fan-out, ports, currents, timing, names, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurosim as ns
from hardware.sfq.characteristics import load_characteristics
from neurosim.cases import sfq_logic, sfq_xor
from neurosim.mapping.fan_out import balanced, depths
from neurosim.mapping.names import Names, neuron_names
from neurosim.mapping.sfq import between_sums, place
from neurosim.models.random_sfq import random_network
from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, SFQNeuron, SpikeSource
from spice_models.errors import DescriptionError, UnknownNameError


def network(weights, *, threshold=0.75, delays=0.0, neuron=None, name="net"):
    n_pre, n_post = np.shape(weights)
    return Network(
        name=name,
        populations=[
            Population(name="x", size=n_pre, neuron=SpikeSource()),
            Population(name="y", size=n_post, neuron=neuron or SFQNeuron(threshold=threshold)),
        ],
        projections=[Projection(pre="x", post="y", weights=np.array(weights, dtype=float), delays=delays)],
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_splitter_trees_are_shallow_and_let_the_urgent_go_first(urgencies):
    found = depths(balanced(dict(enumerate(urgencies))))
    assert sorted(found) == list(range(len(urgencies)))
    assert set(found.values()) <= {math.floor(math.log2(len(urgencies))), math.ceil(math.log2(len(urgencies)))}
    order = sorted(found, key=lambda leaf: (found[leaf], leaf))
    assert all(urgencies[a] >= urgencies[b] for a in order for b in order if found[a] < found[b])


def test_a_tree_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one leaf"):
        balanced({})


def test_xor_becomes_the_cells_one_expects():
    placed = place(sfq_xor.network())
    kinds = ("dc_sfq", "splitter", "sfq_synapse", "sfq_neuron", "terminator")
    assert [placed.count(kind) for kind in kinds] == [2, 2, 6, 3, 1]
    assert {(n.population, n.excitatory, n.inhibitory) for n in placed.neurons} == {
        ("h1", 2, 0),
        ("h2", 2, 0),
        ("o", 1, 1),
    }
    assert {"neuron_o.IT", "synapse_h1_o.IW", "synapse_b_h2.IW"} < set(placed.tuning)
    assert placed.output_junctions == ["neuron_o.BO2"]
    assert placed["a", 0].junction == "driver_a.B3"
    assert all(len(set(cell.connections.values())) == len(cell.connections) for cell in placed.cells)


def test_currents_are_those_of_the_characterisation():
    measured, placed = load_characteristics(), place(sfq_xor.network())
    for connection in placed.connections:
        assert connection.weight_current == measured.weight_current(connection.weight)
    assert placed["h2", 0].threshold_current == measured.threshold_current(
        excitatory=2, inhibitory=0, threshold=sfq_xor.AND_THRESHOLD
    )


def test_every_net_joins_two_cells():
    placed = place(random_network((6, 4, 2), seed=3))
    ends = [net for cell in placed.cells for net in cell.connections.values()]
    drives = {source.net for source in placed.inputs}
    assert {net for net in ends if ends.count(net) != 2} == drives


@pytest.mark.parametrize("net", [sfq_xor.network(), sfq_logic.network(), random_network((6, 4, 2), seed=1)])
def test_padding_keeps_the_described_order_of_arrivals(net):
    measured, placed = load_characteristics(), place(net)
    half = measured.line_delay / 2
    for neuron in placed.neurons:
        into = [c for c in placed.connections if c.post == (neuron.population, neuron.index)]
        assert max(abs(c.timing_error) for c in into) <= half * (1 + 1e-9)
        assert min(c.stages for c in into) == 0
        same_layer = {c.pre[0] for c in into} <= {p.name for p in net.inputs}
        if same_layer:
            late = [c.path_delay - c.described_delay for c in into]
            assert max(late) - min(late) <= 2 * half * (1 + 1e-9)


def test_inhibition_of_the_xor_leads():
    connections = {(c.pre[0], c.post[0]): c for c in place(sfq_xor.network()).connections}
    lead = connections["h1", "o"].path_delay - connections["h2", "o"].path_delay
    assert lead == pytest.approx(sfq_xor.INHIBITION_LEAD, abs=load_characteristics().line_delay / 2)


def test_connections_that_skip_a_layer_wait_for_the_others():
    source, neuron = SpikeSource(), SFQNeuron(threshold=0.75)
    net = Network(
        name="skip",
        populations=[
            Population(name="x", size=1, neuron=source),
            Population(name="h", size=1, neuron=neuron),
            Population(name="y", size=1, neuron=neuron),
        ],
        projections=[
            Projection(pre="x", post="h", weights=1.0),
            Projection(pre="h", post="y", weights=1.0),
            Projection(pre="x", post="y", weights=1.0),
        ],
    )
    stages = {(c.pre[0], c.post[0]): c.stages for c in place(net).connections}
    assert stages["h", "y"] == 0
    assert stages["x", "y"] > 10


def test_names_are_legal_unique_and_readable():
    net = Network(
        name="names",
        populations=[
            Population(name="layer 1", size=2, neuron=SpikeSource()),
            Population(name="Layer-1_0", size=1, neuron=SpikeSource()),
            Population(name="é", size=1, neuron=SpikeSource()),
        ],
    )
    assert list(neuron_names(net).values()) == ["layer_1_0", "layer_1_1", "Layer_1_0_x2", "n"]
    pool = Names(["a"])
    assert [pool.new("A"), pool.new("a"), pool.new("b")] == ["A_x2", "a_x3", "b"]


def test_a_silent_input_still_ends_in_a_resistor():
    placed = place(network([[1.0], [0.0]]))
    assert placed.count("terminator") == 2
    assert placed.count("splitter") == 0


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (network([[0.5]]), ["'x->y' from x[0] to y[0]", "whole number of pulses", "0.5"]),
        (network([[4.0]]), ["x[0] to y[0]", "-3 .. 3"]),
        (network([[-1.0]]), ["y[0]", "0 excitatory inputs", "1 to 8"]),
        (network(np.ones((9, 1))), ["y[0]", "9 excitatory inputs"]),
        (network([[1.0]], threshold=3.0), ["y[0]", "got 3"]),
        (network([[1.0]], neuron=LIF(tau=1e-2, threshold=1.0)), ["'y'", "LIF", "SFQNeuron"]),
    ],
)
def test_what_the_cells_cannot_do_is_refused_with_the_limit(net, words):
    with pytest.raises(DescriptionError) as refused:
        place(net)
    for word in words:
        assert word in str(refused.value)


def test_a_loop_is_refused_and_named():
    source, neuron = SpikeSource(), SFQNeuron()
    net = Network(
        name="loop",
        populations=[
            Population(name="x", size=1, neuron=source),
            Population(name="p", size=1, neuron=neuron),
            Population(name="q", size=1, neuron=neuron),
        ],
        projections=[Projection(pre=pre, post=post, weights=1.0) for pre, post in (("x", "p"), ("p", "q"), ("q", "p"))],
    )
    with pytest.raises(DescriptionError, match=r"loop, .*p\[0\].*feed-forward"):
        place(net)


def test_an_unknown_neuron_is_named():
    with pytest.raises(UnknownNameError, match=r"no placed neuron 'z\[0\]'.*h1\[0\]"):
        place(sfq_xor.network())["z", 0]


def test_random_networks_repeat_and_have_excitation():
    for seed in range(20):
        net, again = random_network((6, 4, 2), seed=seed), random_network((6, 4, 2), seed=seed)
        assert net.to_dict() == again.to_dict()
        for pre, post in (("x", "h1"), ("h1", "y")):
            weights = net.weights(pre, post)
            assert (weights > 0).any(axis=0).all()
            assert set(np.unique(weights)) <= {-1, 0, 1, 2}
        place(net)


@pytest.mark.parametrize(
    ("threshold", "weights", "aimed"),
    [
        (1.0, [1], 0.5),
        (2.0, [1, 1], 1.5),
        (3.0, [1, 1, 1], 2.5),
        (3.0, [2, 1], 2.5),
        (1.3, [1, 1], 1.3),
        (2.0, [2], 1.0),
    ],
)
def test_a_threshold_that_equals_a_sum_of_weights_moves_half_way_to_the_next_lower_sum(threshold, weights, aimed):
    assert between_sums(threshold, weights) == pytest.approx(aimed)


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_the_levels_agree_at_whole_thresholds(inputs):
    network = ns.Network(
        name="all",
        populations=[
            ns.Population(name="x", size=inputs, neuron=ns.SpikeSource()),
            ns.Population(name="y", size=1, neuron=ns.SFQNeuron(threshold=float(inputs), leak_time=40e-12)),
        ],
        projections=[ns.Projection(pre="x", post="y", weights=1.0)],
    )
    for active in (inputs - 1, inputs):
        trains = [[20e-12] if i < active else [] for i in range(inputs)]
        stimulus = ns.pulses({"x": trains if inputs > 1 else trains[0]}, duration=200e-12)
        counts = [
            int(ns.simulate(network, stimulus, level=level, engine=engine).counts("y")[0])
            for level, engine in (("architecture", None), ("behavioral", None), ("circuit", "native"))
        ]
        assert counts == [active == inputs] * 3
