"""Networks as data: what they hold, what they refuse, and their round trip through JSON."""

import json
import math
import pickle
import sys

import numpy as np
import pytest
import scipy.sparse

from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, Equations, Izhikevich, SFQNeuron, SpikeSource
from spice_models.errors import DescriptionError, UnknownNameError

WEIGHTS = np.array([[1.0, 0.0, -2.0], [0.0, 0.5, 0.0]])


def network(**changes):
    """Two sources into three neurons."""
    projection = {"pre": "input", "post": "cells", "weights": WEIGHTS, "delays": 2e-12, **changes}
    return Network(
        name="small",
        populations=[
            Population(name="input", size=2, neuron=SpikeSource()),
            Population(name="cells", size=3, neuron=SFQNeuron(threshold=2, leak_time=50e-12, delay=3e-12)),
        ],
        projections=[Projection(**projection)],
    )


def round_trip(described):
    """Write a network as JSON, read it, and check that nothing got lost on the way."""
    read = Network.from_dict(json.loads(json.dumps(described.to_dict(), allow_nan=False)))
    assert read.to_dict() == described.to_dict()
    assert read.populations == described.populations
    for one, other in zip(read.projections, described.projections, strict=True):
        for field in ("pre", "post", "weight", "delay"):
            np.testing.assert_array_equal(getattr(one.connections, field), getattr(other.connections, field))
    return read


def test_zero_weights_are_no_synapses_dense_or_sparse():
    explicit = scipy.sparse.csr_array((np.array([1.0, 0.0, -2.0, 0.5]), ([0, 0, 0, 1], [0, 1, 2, 1])), shape=(2, 3))
    assert explicit.nnz == 4
    for weights in (WEIGHTS, explicit, scipy.sparse.coo_matrix(WEIGHTS)):
        joined = network(weights=weights).projections[0].connections
        assert joined.pre.tolist() == [0, 0, 1]
        assert joined.post.tolist() == [0, 2, 1]
        assert joined.weight.tolist() == [1.0, -2.0, 0.5]
        assert joined.delay.tolist() == [2e-12] * 3


def test_a_plastic_projection_keeps_the_zeros_that_may_grow():
    assert network(weights=0.0, plasticity=object()).n_synapses == 6
    explicit = scipy.sparse.csr_array((np.array([1.0, 0.0]), ([0, 1], [0, 2])), shape=(2, 3))
    assert network(weights=explicit, plasticity=object()).n_synapses == 2


def test_scalars_are_broadcast_and_delays_follow_their_synapses():
    assert network(weights=0.5).projections[0].weights.shape == (2, 3)
    delays = np.arange(6).reshape(2, 3) * 1e-12
    for given in (delays, scipy.sparse.csr_array(delays)):
        assert network(delays=given).projections[0].connections.delay.tolist() == [0.0, 2e-12, 4e-12]


def test_arrays_are_copied_and_read_only():
    weights = WEIGHTS.copy()
    described = network(weights=weights)
    weights[:] = 7
    np.testing.assert_array_equal(described.projections[0].weights, WEIGHTS)
    with pytest.raises(ValueError, match="read-only"):
        described.projections[0].weights[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        described.projections[0].connections.weight[0] = 1
    sparse = scipy.sparse.csr_array(WEIGHTS)
    described = network(weights=sparse)
    sparse.data[:] = 7
    assert described.projections[0].connections.weight.tolist() == [1.0, -2.0, 0.5]


def test_graph_has_a_node_a_neuron_and_an_edge_a_synapse():
    graph = network().graph
    assert sorted(graph) == ["cells[0]", "cells[1]", "cells[2]", "input[0]", "input[1]"]
    assert graph.nodes["cells[2]"] == {"population": "cells", "index": 2, "model": "SFQNeuron"}
    assert graph.get_edge_data("input[0]", "cells[2]") == {
        0: {"weight": -2.0, "delay": 2e-12, "projection": "input->cells"}
    }
    assert graph.number_of_edges() == 3


def test_inputs_outputs_and_weights():
    described = network()
    assert [p.name for p in described.inputs] == ["input"]
    assert [p.name for p in described.outputs] == ["cells"]
    assert described.population("cells").size == 3
    np.testing.assert_array_equal(described.weights("input", "cells"), WEIGHTS)
    np.testing.assert_array_equal(described.weights("cells", "input"), np.zeros((3, 2)))


def test_parallel_projections_get_names_of_their_own():
    one = Projection(pre="a", post="b", weights=1.0)
    populations = [Population(name="a", size=1, neuron=SpikeSource()), Population(name="b", size=1, neuron=LIF())]
    described = Network(name="two", populations=populations, projections=[one, one])
    assert [p.name for p in described.projections] == ["a->b", "a->b#2"]
    assert described.weights("a", "b").item() == 2.0


def test_representations_are_short():
    assert repr(network()) == "Network('small': 2 populations, 5 neurons, 1 projection, 3 synapses)"
    assert "<td>cells</td><td>3</td>" in network()._repr_html_()
    assert len(repr(network(weights=0.5).projections[0])) < 80


@pytest.mark.parametrize(
    "neuron",
    [
        LIF(tau=5e-3, refractory=1e-3),
        SFQNeuron(leak_time=math.inf),
        Izhikevich.of_type("FS"),
        Equations(
            equations="dv/dt = -v/tau : volt",
            threshold="v > 1*mV",
            reset="v = 0*mV",
            parameters={"tau": 0.01},
            initial={"v": "1*mV*rand()"},
        ),
    ],
    ids=lambda neuron: type(neuron).__name__,
)
def test_round_trip_of_each_model(neuron):
    populations = [Population(name="a", size=3, neuron=SpikeSource()), Population(name="b", size=2, neuron=neuron)]
    weights = scipy.sparse.random_array((3, 2), density=0.5, rng=np.random.default_rng(1))
    projections = [
        Projection(pre="a", post="b", weights=weights, delays=1e-3),
        Projection(pre="b", post="b", weights=-1.0, name="inhibition"),
    ]
    round_trip(Network(name="net", populations=populations, projections=projections))


def test_round_trip_keeps_units_of_parameters():
    brian2 = pytest.importorskip("brian2")
    neuron = Equations(
        equations="dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", parameters={"tau": 10 * brian2.ms}
    )
    read = round_trip(Network(name="n", populations=[Population(name="p", size=1, neuron=neuron)]))
    tau = read.populations[0].neuron.parameters["tau"]
    assert (tau.value, tau.dimensions[2]) == (0.01, 1.0)


def test_files_of_another_kind_are_refused():
    data = network().to_dict()
    with pytest.raises(DescriptionError, match="version 99"):
        Network.from_dict({**data, "version": 99})
    with pytest.raises(DescriptionError, match="lack 'projections'"):
        Network.from_dict({key: value for key, value in data.items() if key != "projections"})
    data["populations"][1]["neuron"]["model"] = "SFQNeurone"
    with pytest.raises(UnknownNameError, match="Did you mean 'SFQNeuron'"):
        Network.from_dict(data)


def test_a_plasticity_rule_is_not_dropped_silently_when_written():
    with pytest.raises(DescriptionError, match="plasticity rule"):
        network(plasticity=object()).to_dict()


def test_networks_can_be_sent_to_other_processes():
    described = network(weights=0.5)
    assert pickle.loads(pickle.dumps(described)).to_dict() == described.to_dict()


def test_brian2_quantities_are_stripped_and_checked():
    brian2 = pytest.importorskip("brian2")
    assert LIF(tau=10 * brian2.ms, threshold=20 * brian2.mV, reset=0 * brian2.mV).tau == 0.01
    assert network(delays=2 * brian2.ms).projections[0].connections.delay[0] == 0.002
    with pytest.raises(DescriptionError, match=r"LIF\.tau must be in second"):
        LIF(tau=10 * brian2.mV)
    with pytest.raises(DescriptionError, match="delays of projection from 'input' to 'cells' must be in second"):
        network(delays=2 * brian2.mV)


def test_describing_a_network_does_not_import_brian2():
    import subprocess

    code = "import sys, neurosim.network, neurosim.stimuli, neurosim.simulate; assert 'brian2' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"post": "cell"}, UnknownNameError, r"no population 'cell' .*from 'input' to 'cell'.*Did you mean 'cells'"),
        ({"pre": "x"}, UnknownNameError, r"from 'x' to 'cells'.*available: cells, input"),
        ({"weights": np.ones((3, 2))}, DescriptionError, r"'input' to 'cells': weights have shape \(3, 2\).*\(2, 3\)"),
        ({"weights": np.ones(3)}, DescriptionError, r"'input' to 'cells': weights must be one number or a matrix"),
        ({"delays": np.ones((1, 3))}, DescriptionError, r"delays have shape \(1, 3\)"),
        ({"delays": -1e-12}, DescriptionError, r"from 'input' to 'cells' has a negative delay"),
        ({"delays": math.inf}, DescriptionError, r"delays must be finite"),
        ({"weights": math.nan}, DescriptionError, r"from 'input' to 'cells': weights must be finite"),
        ({"weights": scipy.sparse.csr_array([[math.inf, 0, 0], [0, 0, 0]])}, DescriptionError, "must be finite"),
        ({"weights": "strong"}, DescriptionError, r"weights of projection from 'input' to 'cells' must be numbers"),
        (
            {"pre": "cells", "post": "input", "weights": 1.0},
            DescriptionError,
            r"'cells' to 'input' ends in a SpikeSource",
        ),
    ],
)
def test_a_wrong_projection_names_both_ends(changes, error, message):
    with pytest.raises(error, match=message):
        network(**changes)


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "3"])
def test_a_population_needs_a_size(size):
    with pytest.raises(DescriptionError, match="population 'p' needs a size of at least 1"):
        Population(name="p", size=size, neuron=LIF())


def test_populations_need_names_models_and_no_doubles():
    one = Population(name="p", size=1, neuron=LIF())
    with pytest.raises(DescriptionError, match="two populations are called 'p' in network 'n'"):
        Network(name="n", populations=[one, one])
    loop = Projection(pre="p", post="p", weights=1.0, name="loop")
    with pytest.raises(DescriptionError, match="two projections are called 'loop'"):
        Network(name="n", populations=[one], projections=[loop, loop])
    with pytest.raises(DescriptionError, match="has no populations"):
        Network(name="n", populations=[])
    with pytest.raises(DescriptionError, match="needs a name"):
        Population(name="", size=1, neuron=LIF())
    with pytest.raises(DescriptionError, match="needs a neuron model"):
        Population(name="p", size=1, neuron=LIF)
    with pytest.raises(UnknownNameError, match="Did you mean 'p'"):
        Network(name="n", populations=[one]).population("pp")
    with pytest.raises(DescriptionError, match="put it into a Network first"):
        _ = loop.connections


@pytest.mark.parametrize(
    ("model", "parameters", "message"),
    [
        (LIF, {"tau": 0.0}, "tau must be positive"),
        (LIF, {"refractory": -1.0}, "refractory must be >= 0"),
        (LIF, {"reset": 2.0}, "reset 2.0 must lie below threshold 1.0"),
        (LIF, {"tau": "10 ms"}, r"LIF\.tau must be one number \[second\]"),
        (LIF, {"tau": math.nan}, "tau is NaN"),
        (SFQNeuron, {"threshold": 0.0}, "threshold must be positive"),
        (SFQNeuron, {"leak_time": 0.0}, "leak_time must be positive"),
        (SFQNeuron, {"refractory": math.inf}, "refractory must be >= 0"),
        (SFQNeuron, {"delay": -1e-12}, "delay must be >= 0"),
        (Izhikevich, {"c": 40.0}, "must lie below the spike's peak"),
        (Equations, {"equations": " ", "threshold": "v>1", "reset": ""}, "equations are empty"),
        (Equations, {"equations": "v : 1", "threshold": "", "reset": ""}, "threshold is empty"),
        (Equations, {"equations": "v : 1", "threshold": "v>1", "reset": "", "dt": 0.0}, "dt must be positive"),
    ],
)
def test_neuron_parameters_out_of_range(model, parameters, message):
    with pytest.raises(DescriptionError, match=message):
        model(**parameters)


def test_unknown_izhikevich_type():
    with pytest.raises(UnknownNameError, match="available: CH, FS"):
        Izhikevich.of_type("XX")
