"""Discrete-time neurons behind crossbars: the spikes of Brian2 and of the compiled loop, what reads cost, freezing."""

import numpy as np
import pytest
import scipy.sparse

import neurosim as ns
from hardware.cost import ComponentCosts
from hardware.rram.layers.converters import ADC
from hardware.rram.layers.layer import CrossbarHardware, CrossbarLayer
from hardware.rram.layers.read_energy import ReadEnergy
from neurosim.mapping.rram import place_layers
from neurosim.models.hippocampal_cam import INDEX, STORE
from neurosim.models.hippocampal_cam import network as memory_network
from neurosim.models.hippocampal_operations import Operation, answers, expected_answers, stimulus
from spice_models.errors import DescriptionError, EngineError, UnknownNameError

MS, NA = 1e-3, 1e-9
PLACED = ("in->a", "a->b", "b->b")


def random_network(seed, **changed):
    """Weights of one sign where excitation and inhibition decay differently; delays of 0 to 6 steps."""
    rng = np.random.default_rng(seed)

    def some(n_pre, n_post, low, high, part=0.3):
        chosen = rng.random((n_pre, n_post)) < part
        return scipy.sparse.csr_array(np.where(chosen, rng.uniform(low, high, (n_pre, n_post)), 0))

    projections = {
        "in->a": {"weights": some(30, 40, 0, 2 * NA, 0.6), "delays": 2 * MS},
        "in->b": {"weights": some(30, 25, 0, 2 * NA), "delays": MS * rng.integers(0, 7, (30, 25))},
        "a->b": {"weights": some(40, 25, -NA, 1.2 * NA), "delays": 4 * MS},
        "b->a": {"weights": some(25, 40, -2 * NA, 2 * NA), "delays": MS * rng.integers(0, 7, (25, 40))},
        "b->b": {"weights": -0.3 * NA, "delays": 0.0},
    }
    cells = {"a": ns.DiscreteLIF(refractory=2 * MS, tau_inhibitory=2 * MS), "b": ns.DiscreteLIF(tau=8 * MS)}
    sizes = {"a": 40, "b": 25}
    return ns.Network(
        name=f"random_{seed}",
        populations=[
            ns.Population(name="in", size=30, neuron=ns.SpikeSource()),
            *(
                ns.Population(name=name, size=sizes[name], neuron=changed.get(name, cell))
                for name, cell in cells.items()
            ),
        ],
        projections=[
            ns.Projection(pre=name[: name.index("-")], post=name[-1], name=name, **{**values, **changed.get(name, {})})
            for name, values in projections.items()
        ],
    )


@pytest.mark.parametrize("seed", range(3))
def test_ideal_crossbars_give_the_spikes_of_both_other_engines(seed):
    network = random_network(seed)
    given = ns.poisson("in", 30, rate=80, duration=0.3, seed=seed)
    hardware = dict.fromkeys(PLACED, CrossbarHardware(tile=(16, 24)))
    found = ns.simulate(network, given, engine="crossbar", hardware=hardware, record="v")
    assert found.details["dt"] == MS
    assert set(found.details["reads"]) == set(PLACED)
    brian2 = ns.simulate(network, given, engine="brian2", record="v")
    for name in ("a", "b"):
        np.testing.assert_allclose(found.traces[f"{name}.v"].values, brian2.traces[f"{name}.v"].values, atol=1e-12)
        assert found.of(name).times.size > 200
        for other in (brian2, ns.simulate(network, given, engine="discrete")):
            np.testing.assert_array_equal(np.rint(found.of(name).times / MS), np.rint(other.of(name).times / MS))
            np.testing.assert_array_equal(found.of(name).indices, other.of(name).indices)


@pytest.fixture(scope="module")
def learned():
    """Eight contents of sixteen bits, learned in software."""
    rng = np.random.default_rng(3)
    contents = {cue: frozenset(np.flatnonzero(rng.random(16) < 0.4).tolist()) for cue in range(8)}
    operations = [Operation(kind="learn", time=20 * MS * cue, cue=cue, bits=b) for cue, b in contents.items()]
    run = ns.simulate(memory_network(8, 16), stimulus(operations, 8, 16), engine="discrete")
    return contents, ns.frozen(memory_network(8, 16), run.details["final_weights"])


def queries():
    recalls = [Operation(kind="recall", time=14 * MS * cue, cue=cue) for cue in range(8)]
    return recalls + [Operation(kind="search", time=14 * MS * (8 + b), bits=frozenset({b, 3})) for b in range(16)]


def test_a_memory_on_binary_cells_answers_as_in_software(learned):
    contents, network = learned
    asked = queries()
    given = stimulus(asked, 8, 16)
    hardware = dict.fromkeys((STORE, INDEX), CrossbarHardware(cell_bits=1))
    found = ns.simulate(network, given, engine="crossbar", hardware=hardware)
    software = ns.simulate(network, given, engine="discrete")
    for name in found.spikes:
        np.testing.assert_array_equal(found.of(name).indices, software.of(name).indices)
        np.testing.assert_allclose(found.of(name).times, software.of(name).times, atol=1e-9)
    assert all(answer.correct for answer in answers(asked, expected_answers(asked, dict(contents)), found.of("OUT"), 8))
    assert found.details["reads"] == {STORE: 8, INDEX: 16}


def test_written_once_the_compiled_loop_and_reads_in_every_step_agree(learned):
    _, network = learned
    given = stimulus(queries(), 8, 16)
    poor = CrossbarHardware(spread=0.6, word_resistance=100.0)
    hardware = dict.fromkeys((STORE, INDEX), poor)
    in_loop = ns.simulate(network, given, engine="crossbar", hardware=hardware, seed=2)
    placed = ns.simulate(ns.place(network, hardware=hardware, seed=2), given, engine="discrete")
    software = ns.simulate(network, given, engine="discrete")
    assert in_loop.of("OUT").times.size != software.of("OUT").times.size
    for name in in_loop.spikes:
        np.testing.assert_array_equal(in_loop.of(name).indices, placed.of(name).indices)
        np.testing.assert_allclose(in_loop.of(name).times, placed.of(name).times, atol=1e-9)


def test_the_energy_of_reads_is_what_drivers_deliver_and_what_the_table_says():
    network = random_network(0)
    given = ns.pulses({"in": [[MS], *([] for _ in range(28)), [MS]]}, duration=4 * MS)
    plain = CrossbarHardware(tile=(16, 24), adc=ADC(bits=8))
    costs = ComponentCosts(read_time=10e-9)
    run = ns.simulate(network, given, engine="crossbar", hardware={"in->a": plain}, costs=costs)
    layer = CrossbarLayer(network.weights("in", "a"), hardware=plain, input_range=(0.0, 1.0))
    parts = run.details["energy"]["in->a"]
    assert run.details["reads"] == {"in->a": 1}
    driven = layer.conductance[[0, 29]].sum()
    assert parts["array"] == pytest.approx(plain.read_voltage**2 * driven * 10e-9, rel=1e-12)
    assert parts["adc"] == pytest.approx(2 * 80 * costs.adc_energy)
    # Two rows and four columns of arrays; each array has drivers of its own.
    assert parts["drivers"] == pytest.approx(4 * 30 * costs.driver_energy)
    assert run.energy == pytest.approx(sum(parts.values()))
    wired = CrossbarLayer(network.weights("in", "a"), word_resistance=50.0, order_rows=True)
    lines = np.zeros(30)
    lines[[2, 11, 29]] = 1
    (tile,) = wired.tiles
    volts = plain.read_voltage * lines[wired.order]
    expected = volts @ tile.array.solve(volts).word_currents * ComponentCosts().read_time
    meter = ReadEnergy(wired)
    found = [meter.array_energy(lines) for _ in range(32)]  # from the admittance after 30
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert set(ReadEnergy(wired).parts) == {"drivers", "array"}


def test_what_cannot_be_run_is_named(learned):
    given = ns.poisson("in", 30, rate=80, duration=0.02)
    ideal = CrossbarHardware()
    signed = random_network(0, **{"in->a": {"weights": np.linspace(-NA, NA, 1200).reshape(30, 40)}})
    with pytest.raises(DescriptionError, match="split it by sign"):
        ns.simulate(signed, given, engine="crossbar", hardware={"in->a": ideal})
    with pytest.raises(DescriptionError, match="cannot run in steps"):
        ns.simulate(random_network(0), given, engine="crossbar", hardware={}, dt=0.5 * MS)
    odd = random_network(0, **{"in->a": {"delays": 1.5 * MS}})
    with pytest.raises(DescriptionError, match="whole steps"):
        ns.simulate(odd, given, engine="crossbar", hardware={})
    layers = place_layers(odd, hardware={"in->a": ideal})
    for wrong in ({"a->b": layers["in->a"]}, {"a-b": layers["in->a"]}):
        with pytest.raises(
            (DescriptionError, UnknownNameError), match=r"shape \(30, 40\), not \(40, 25\)|no projection 'a-b'"
        ):
            ns.simulate(random_network(0), given, engine="crossbar", layers=wrong)
    with pytest.raises(DescriptionError, match="not both"):
        ns.simulate(random_network(0), given, engine="crossbar", layers=layers, hardware={"in->a": ideal})
    learning = memory_network(8, 16)
    for hardware, error in (({}, EngineError), ({STORE: ideal}, DescriptionError)):
        with pytest.raises(error, match="freeze it first"):
            ns.simulate(learning, stimulus(queries(), 8, 16), engine="crossbar", hardware=hardware)
    with pytest.raises(UnknownNameError, match="CueCue->ContCue"):
        ns.frozen(learning, {"CueCue->CueCont": np.zeros((8, 8))})
    with pytest.raises(DescriptionError, match=r"shape \(8, 16\) or a list of its 128"):
        ns.frozen(learning, {STORE: np.zeros((16, 8))})
