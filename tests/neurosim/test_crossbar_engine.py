"""Projections on crossbars: Brian2 spike for spike on ideal hardware, frozen weights against reads in every step."""

import numpy as np
import pytest

import neurosim as ns
from hardware.rram.device import GaussianNoise
from hardware.rram.layers.converters import ADC
from hardware.rram.layers.layer import CrossbarHardware
from spice_models.errors import DescriptionError, EngineError, UnknownNameError

RNG = np.random.default_rng(1)
WIRED = CrossbarHardware(word_resistance=30.0, spread=0.1, tile=(16, 16))


def network(refractory=2e-3, **changed):
    cells = ns.LIF(tau=10e-3, refractory=refractory)
    projections = {
        "in": {"pre": "input", "post": "a", "weights": RNG.normal(0.25, 0.3, (20, 15)), "delays": 0.0},
        "loop": {"pre": "a", "post": "a", "weights": RNG.normal(0.0, 0.3, (15, 15)), "delays": 1e-3},
        "out": {"pre": "a", "post": "b", "weights": RNG.normal(0.3, 0.3, (15, 6)), "delays": 0.4e-3},
    }
    return ns.Network(
        name="reservoir",
        populations=[
            ns.Population(name="input", size=20, neuron=ns.SpikeSource()),
            ns.Population(name="a", size=15, neuron=cells),
            ns.Population(name="b", size=6, neuron=ns.LIF(tau=5e-3, reset=-0.5)),
        ],
        projections=[
            ns.Projection(name=name, **{**values, **changed.get(name, {})}) for name, values in projections.items()
        ],
    )


STIMULUS = ns.poisson("input", 20, rate=60.0, duration=0.2, seed=2) | ns.currents({"b": 0.7}, duration=0.2)


def same(one, two):
    for name in ("a", "b"):
        np.testing.assert_array_equal(one.of(name).indices, two.of(name).indices)
        np.testing.assert_allclose(one.of(name).times, two.of(name).times, atol=1e-12)
    assert one.of("a").times.size > 100
    assert one.of("b").times.size > 20


@pytest.mark.parametrize("refractory", [0.0, 2e-3])
def test_ideal_crossbars_fire_as_brian2_does_spike_for_spike(refractory):
    net = network(refractory)
    found = ns.simulate(net, STIMULUS, level="behavioral", engine="crossbar", dt=1e-4, record="v")
    expected = ns.simulate(net, STIMULUS, dt=1e-4, record="v")
    same(found, expected)
    np.testing.assert_allclose(found.traces["a.v"].values, expected.traces["a.v"].values, atol=1e-9)
    assert found.details["reads"]["loop"] > 50


def test_several_spikes_of_a_source_in_one_step_all_count():
    net = network()
    stimulus = ns.pulses({"input": [[10e-3, 10.02e-3, 10.04e-3]] * 20}, duration=30e-3)
    found = ns.simulate(net, stimulus, engine="crossbar", dt=1e-4)
    expected = ns.simulate(net, stimulus, dt=1e-4)
    np.testing.assert_array_equal(found.of("a").indices, expected.of("a").indices)
    assert found.details["reads"]["in"] == 3


def test_the_placed_network_does_what_reads_in_every_step_do():
    net = network()
    frozen = ns.place(net, hardware=WIRED, seed=5)
    assert not np.allclose(frozen.weights("input", "a"), net.weights("input", "a"), rtol=0.02)
    in_loop = ns.simulate(net, STIMULUS, engine="crossbar", dt=1e-4, hardware=WIRED, seed=5)
    same(in_loop, ns.simulate(frozen, STIMULUS, dt=1e-4))
    part = ns.place(net, hardware={"out": WIRED})
    np.testing.assert_array_equal(part.weights("input", "a"), net.weights("input", "a"))
    np.testing.assert_allclose(ns.place(net, hardware=CrossbarHardware()).weights("a", "b"), net.weights("a", "b"))


def test_noise_is_drawn_at_each_read():
    weights = np.full((20, 15), 0.002)
    net = network(**{"in": {"weights": weights}, "loop": {"weights": 0 * np.eye(15)}, "out": {"delays": 1e-3}})
    times = (1e-3 * np.arange(1, 400)).tolist()
    stimulus = ns.pulses({"input": [times] * 20}, duration=0.4)
    noisy = CrossbarHardware(noise=GaussianNoise(sigma=0.2))
    run = ns.simulate(net, stimulus, engine="crossbar", dt=1e-3, hardware={"in": noisy}, record="a.v", seed=1)
    v = run.traces["a.v"].values
    arrived = v[:, 3:] - v[:, 2:-1] * np.exp(-0.1)
    # Each of 20 rows has a cell at its largest and one at its smallest conductance, both read with noise.
    assert arrived.std() == pytest.approx(0.002 * 0.2 * np.sqrt(20) * (100 / 99), rel=0.03)
    assert arrived.mean() == pytest.approx(0.04, rel=0.01)
    again = ns.simulate(net, stimulus, engine="crossbar", dt=1e-3, hardware={"in": noisy}, record="a.v", seed=1)
    np.testing.assert_array_equal(v, again.traces["a.v"].values)
    other = ns.simulate(net, stimulus, engine="crossbar", dt=1e-3, hardware={"in": noisy}, record="a.v", seed=2)
    assert not np.array_equal(v, other.traces["a.v"].values)


def test_coarse_converters_change_what_is_delivered():
    net = network()
    coarse = ns.simulate(net, STIMULUS, engine="crossbar", dt=1e-4, hardware=CrossbarHardware(adc=ADC(bits=3)))
    exact = ns.simulate(net, STIMULUS, engine="crossbar", dt=1e-4)
    assert not np.array_equal(coarse.of("a").indices, exact.of("a").indices)


def test_what_cannot_be_placed_is_named():
    with pytest.raises(UnknownNameError, match="out"):
        ns.place(network(), hardware={"outt": WIRED})
    with pytest.raises(DescriptionError, match=r"CrossbarHardware\(...\), got 5"):
        ns.place(network(), hardware={"out": 5})
    delays = np.full((15, 15), 1e-3)
    delays[0, 0] = 2e-3
    with pytest.raises(DescriptionError, match="split it by delay"):
        ns.place(network(loop={"delays": delays}), hardware=WIRED)
    with pytest.raises(DescriptionError, match="kind"):
        ns.place(network(loop={"synapse": object()}), hardware=WIRED)
    izhikevich = ns.Network(name="x", populations=[ns.Population(name="a", size=1, neuron=ns.Izhikevich())])
    with pytest.raises(EngineError, match="Izhikevich"):
        ns.simulate(izhikevich, ns.currents({"a": 1.0}, duration=0.1), engine="crossbar")
    with pytest.raises(DescriptionError, match="smaller dt"):
        ns.simulate(network(), STIMULUS, engine="crossbar", dt=1e-2)
