"""Thermal noise against the equipartition theorem, Nyquist's formula and exact results for noisy junctions.

Seeds are fixed. Each tolerance is four standard deviations or more of what it holds, unless it says otherwise.
"""

import shutil
from math import acos, pi, sqrt

import numpy as np
import pytest
from scipy.signal import welch

from spice_models.analysis.escape import BiasedJunction, escape_rate, overdamped_voltage
from spice_models.analysis.iv import overdamped_voltage as cold_voltage
from spice_models.circuit import Circuit
from spice_models.constants import BOLTZMANN, FLUX_QUANTUM
from spice_models.dialects.josim import transient_deck
from spice_models.engines import transient
from spice_models.engines.native import blocks, noise, prepare, run, transient_batch
from spice_models.errors import DescriptionError, EngineError
from spice_models.waveforms import DC, Noise, bias_ramp

KAPPA = FLUX_QUANTUM / (2 * pi)
KELVIN = 4.2
KT = BOLTZMANN * KELVIN
R, C = 2.0, 1e-13


def mean_square(circuit, channels, *, step, steps, plus=None):
    """Mean squares of the channels, or of the difference of two, over the second half and more of a run."""
    traces = run(circuit, duration=steps * step, step=step, record=channels, temperature=KELVIN, seed=1)
    values = traces.values[:, min(steps // 10, 10_000) :]
    if plus is not None:
        values = np.array([values[0] - values[1], *values[2:]])
    return np.mean(values**2, axis=1)


@pytest.mark.parametrize(("ratio", "steps"), [(0.1, 1_200_000), (0.5, 600_000), (3.0, 300_000), (30.0, 600_000)])
def test_a_capacitor_and_an_inductor_hold_half_kt_each_at_any_step(ratio, steps):
    coil = R**2 * C
    circuit = Circuit("both")
    circuit.resistor("r1", "a", "0", R)
    circuit.capacitor("c", "a", "0", C)
    circuit.resistor("r2", "b", "0", R)
    circuit.inductor("l", "b", "0", coil)
    volts, amperes = mean_square(circuit, ["voltage(a)", "current(l)"], step=ratio * R * C, steps=steps)
    assert volts == pytest.approx(KT / C, rel=0.02)
    assert amperes == pytest.approx(KT / coil, rel=0.02)


@pytest.mark.parametrize("ratio", [0.2, 2.0])
def test_equipartition_across_a_node_of_resistors_only(ratio):
    coil = 3e-13
    circuit = Circuit("star")
    for name, ohms in (("a", 1.0), ("b", 3.0), ("d", 2.0), ("0", 5.0)):
        circuit.resistor(f"r_{name}", "m", name, ohms)
    circuit.capacitor("ca", "a", "0", C)
    circuit.capacitor("cb", "b", "0", 2 * C)
    circuit.inductor("l", "d", "0", coil)
    found = mean_square(circuit, ["voltage(a)", "voltage(b)", "current(l)"], step=ratio * R * C, steps=600_000)
    assert found == pytest.approx([KT / C, KT / (2 * C), KT / coil], rel=0.02)


@pytest.mark.parametrize("ratio", [0.3, 3.0])
def test_equipartition_of_a_series_resonance_whose_capacitor_floats(ratio):
    coil = 2e-13
    circuit = Circuit("series")
    circuit.resistor("r", "a", "0", R)
    circuit.capacitor("c", "a", "b", C)
    circuit.inductor("l", "b", "0", coil)
    channels = ["voltage(a)", "voltage(b)", "current(l)"]
    found = mean_square(circuit, channels, step=ratio * R * C, steps=600_000, plus="a")
    assert found == pytest.approx([KT / C, KT / coil], rel=0.02)


def test_spectral_density_of_the_voltage_is_nyquists():
    step = 0.1 * R * C
    circuit = Circuit("rc")
    circuit.resistor("r", "a", "0", R)
    circuit.capacitor("c", "a", "0", C)
    traces = run(circuit, duration=2**21 * step, step=step, record=["voltage(a)"], temperature=KELVIN, seed=3)
    frequency, density = welch(traces.values[0], fs=1 / step, nperseg=1024, detrend=False)
    expected = 4 * KT * R / (1 + (2 * pi * frequency * R * C) ** 2)
    inside = (frequency > 0) & (2 * pi * frequency * step < 0.5)
    bands = np.array_split(density[inside] / expected[inside], 8)
    # 4096 averages of ten and more bins: 0.5 %; the step adds (w h)^2 / 12, 2 % at most.
    assert np.array([band.mean() for band in bands]) == pytest.approx(1.0, abs=0.03)


def test_a_biased_junction_in_a_superconducting_loop_follows_boltzmanns_law():
    ic, coil, bias = 1e-4, 5e-12, 6e-5
    capacitance, resistance = 7e-14, 6.857
    circuit = Circuit("loop")
    circuit.junction("q", "a", "0", critical_current=ic, capacitance=capacitance, resistance=resistance)
    circuit.inductor("l", "a", "0", coil)
    circuit.current("i", "0", "a", bias_ramp(bias, 1e-11))
    names = ["phase(q)", "voltage(a)"]
    traces = run(circuit, duration=1e-7, step=1e-13, record=names, temperature=KELVIN, seed=4)
    phase, volts = traces.values[:, 1000:]
    x = np.linspace(-2, 3, 100_001)
    energy = KAPPA * (-ic * np.cos(x) - bias * x) + (KAPPA * x) ** 2 / (2 * coil)
    weight = np.exp((energy.min() - energy) / KT)
    mean = np.average(x, weights=weight)
    assert phase.mean() == pytest.approx(mean, abs=4e-3)
    assert phase.var() == pytest.approx(np.average((x - mean) ** 2, weights=weight), rel=0.02)
    # The midpoint rule's error at a fifth of the damping time.
    assert np.mean(volts**2) == pytest.approx(KT / capacitance, rel=0.02)


def slipping():
    circuit = Circuit("pair")
    for name in ("a", "b"):
        circuit.junction(f"q_{name}", name, "0", critical_current=1e-5, capacitance=7e-14, resistance=6.857)
    circuit.inductor("l", "a", "b", 1e-11)
    circuit.resistor("r", "a", "b", 20.0)
    circuit.current("i", "0", "a", bias_ramp(2.2e-5, 1e-12))
    return circuit


def test_bits_depend_on_seed_and_number_of_the_variant_alone(monkeypatch):
    settings = {"duration": 3e-10, "temperature": KELVIN, "seed": 5}
    full = transient_batch(slipping(), variants=13, workers=2, **settings)
    for count, workers in ((1, 1), (8, 1), (8, 2), (13, 1)):
        batch = transient_batch(slipping(), variants=count, workers=workers, **settings)
        for v in range(count):
            assert np.array_equal(batch.pulses("q_b", v), full.pulses("q_b", v))
    monkeypatch.setattr(noise, "CHUNK", 7)
    monkeypatch.setattr(blocks, "STRETCH", 100)
    short = transient_batch(slipping(), variants=13, **settings)
    assert np.array_equal(short.times, full.times, equal_nan=True)
    others = transient_batch(slipping(), variants=13, **{**settings, "seed": 6})
    arrivals = {full.pulses("q_b", v)[-1] for v in range(13)} | {others.pulses("q_b", v)[-1] for v in range(13)}
    assert len(arrivals) == 26


def test_each_variant_has_its_own_temperature():
    settings = {"duration": 2e-10, "seed": 5}
    mixed = transient_batch(slipping(), temperature=[0.0, KELVIN, 0.0, 2 * KELVIN], **settings)
    cold = transient_batch(slipping(), **settings)
    warm = transient_batch(slipping(), temperature=KELVIN, variants=4, **settings)
    for v, expected in ((0, cold.pulses("q_b")), (2, cold.pulses("q_b")), (1, warm.pulses("q_b", 1))):
        assert np.array_equal(mixed.pulses("q_b", v), expected)
    assert mixed.pulses("q_b", 3)[-1] != warm.pulses("q_b", 3)[-1]


def test_a_run_is_the_first_variant():
    batch = transient_batch(slipping(), duration=3e-10, temperature=KELVIN, seed=5, variants=3)
    traces = run(slipping(), duration=3e-10, temperature=KELVIN, seed=5)
    phase = traces["phase(q_b)"]
    passed = np.array([traces.times[np.argmax(phase > pi * (2 * k + 1))] for k in range(batch.slips[1, 0])])
    assert traces.start == pytest.approx(1e-13)
    assert np.all(np.abs(passed - batch.pulses("q_b")) <= 1.01e-13)


def test_draws_of_parallel_resistances_add_up_and_none_is_held_by_a_source():
    circuit = Circuit("sources")
    circuit.voltage("v", "a", "b", DC(0.0))
    circuit.resistor("held", "a", "b", 1.0)
    circuit.resistor("r1", "a", "c", 2.0)
    circuit.resistor("r2", "c", "b", 3.0)
    circuit.junction("q", "c", "0", critical_current=1e-5, capacitance=C, resistance=4.0)
    circuit.capacitor("cb", "b", "0", C)
    scales = {"r1": [1.0, 10.0], "q:resistance": [1.0, 0.5]}
    ready = prepare(circuit, duration=1e-12, step=1e-13, scales=scales)
    currents = noise.random_currents(
        ready.circuit, ready.system, scales=scales, temperature=[KELVIN, 2 * KELVIN], step=1e-13, seed=0, sources={}
    )
    siemens = {
        frozenset(ends): currents.deviation[k] ** 2 * 1e-13 / (2 * KT * np.array([1, 2]))
        for k, ends in enumerate(zip(currents.plus.tolist(), currents.minus.tolist(), strict=True))
    }
    b, c, ground = ready.system.index["b"], ready.system.index["c"], ready.system.n
    assert set(siemens) == {frozenset((b, c)), frozenset((c, ground))}
    assert siemens[frozenset((b, c))] == pytest.approx([1 / 2 + 1 / 3, 1 / 20 + 1 / 3])
    assert siemens[frozenset((c, ground))] == pytest.approx([1 / 4, 1 / 2])


def johnson(interval, ohms=R, delay=0.0):
    return Noise(amplitude=sqrt(4 * KT / ohms), interval=interval, delay=delay)


@pytest.mark.parametrize("kind", ["current", "voltage"])
def test_a_noise_source_of_johnsons_density_warms_a_cold_resistor(kind):
    step = 0.2 * R * C
    circuit = Circuit("norton")
    circuit.capacitor("c", "a", "0", C)
    if kind == "current":
        circuit.resistor("r", "a", "0", R)
        circuit.current("n", "0", "a", johnson(step))
    else:
        circuit.resistor("r", "a", "b", R)
        circuit.voltage("n", "b", "0", johnson(step).scaled(R))
    traces = run(circuit, duration=600_000 * step, step=step, record=["voltage(a)"], seed=2)
    assert np.mean(traces.values**2) == pytest.approx(KT / C, rel=0.02)


def noisy(interval=2.5e-13):
    circuit = slipping()
    circuit.current("n", "0", "b", johnson(interval, delay=3e-12))
    circuit.current("m", "b", "0", johnson(interval / 4))
    return circuit


def test_noise_sources_draw_in_every_variant_and_a_run_shows_what_they_drew(monkeypatch):
    settings = {"duration": 2e-10, "seed": 9}
    scales = {"n": [1.0, 1.0, 2.0, 0.0], "m": [1.0, 1.0, 1.0, 0.0]}
    full = transient_batch(noisy(), scales=scales, **settings)
    monkeypatch.setattr(noise, "CHUNK", 60)
    assert np.array_equal(transient_batch(noisy(), scales=scales, **settings).times, full.times, equal_nan=True)
    assert np.array_equal(transient_batch(noisy(), **settings).pulses("q_b"), full.pulses("q_b", 0))
    assert np.array_equal(transient_batch(slipping(), **settings).pulses("q_b"), full.pulses("q_b", 3))
    lasts = [full.pulses("q_b", v)[-1] for v in range(4)]
    assert len(set(lasts)) == 4
    traces = run(noisy(), record=["current(n)", "current(m)", "phase(q_b)"], **settings)
    n, m, phase = traces.values
    assert len(full.pulses("q_b", 0)) == int((phase[-1] + pi) // (2 * pi))
    before = traces.times < 2.95e-12
    assert not n[before].any()
    assert n[~before].std() == pytest.approx(sqrt(2 * KT / (R * 2.5e-13)), rel=0.12)
    assert m.std() == pytest.approx(sqrt(2 * KT / (R * 1e-13)), rel=0.08)
    assert abs(np.mean(n[1:] * n[:-1]) / n.var() - 0.6) < 0.1  # held for two and a half steps


def test_noise_of_a_voltage_source_is_of_single_runs_only():
    circuit = slipping()
    circuit.voltage("n", "x", "0", johnson(1e-13).scaled(R))
    circuit.resistor("rx", "x", "b", R)
    with pytest.raises(DescriptionError, match="'n' follows noise"):
        transient_batch(circuit, duration=1e-12, variants=2)


def biased(ic, capacitance, resistance, bias):
    circuit = Circuit("biased")
    circuit.junction("q", "a", "0", critical_current=ic, capacitance=capacitance, resistance=resistance)
    circuit.current("i", "0", "a", DC(bias))
    return circuit


def test_phase_diffusion_of_an_overdamped_junction_is_that_of_ambegaokar_and_halperin():
    ic, repetitions = 1e-5, 24
    tilt = np.array([0.5, 0.8, 1.0, 1.3])
    tau = KAPPA / ic  # at 1 ohm
    temperature = KAPPA * ic / (4.0 * BOLTZMANN)
    duration = 20_000 * tau
    ohms = np.tile([1.0, 0.5], repetitions // 2)
    batch = transient_batch(
        biased(ic, 1e-3 * tau, 1.0, ic),
        duration=duration,
        step=0.05 * tau,
        scales={"i": np.repeat(tilt, repetitions), "q:resistance": np.tile(ohms, len(tilt))},
        temperature=temperature,
        seed=7,
        max_events=1,
        forget=True,
    )
    volts = (batch.slips[0] * FLUX_QUANTUM / duration).reshape(len(tilt), repetitions) / ohms
    # The rule is of first order here: a step of 0.05 tau costs 1 %. Four standard deviations are 3, 2, 1 and 1 %.
    assert volts.mean(axis=1) / overdamped_voltage(tilt * ic, ic, 1.0, temperature) == pytest.approx(1.0, abs=0.03)


def test_mean_voltage_in_closed_form_between_cold_and_hot():
    current = np.array([-2e-4, 0.0, 1.5e-4, 3e-4])
    cold = overdamped_voltage(current, 1e-4, 2.0, 0.05)
    assert cold == pytest.approx(np.sign(current) * cold_voltage(current, 1e-4, 2.0), rel=1e-3)
    assert overdamped_voltage(current, 1e-4, 2.0, 1e5) == pytest.approx(2.0 * current, rel=1e-3)


def at_barrier(height, *, quality, tilt=0.7, ic=1e-5, capacitance=7e-15):
    energy = KAPPA * ic * 2 * (sqrt(1 - tilt**2) - tilt * acos(tilt))
    settings = {"critical_current": ic, "capacitance": capacitance, "bias": tilt * ic}
    settings["temperature"] = energy / (height * BOLTZMANN)
    frequency = BiasedJunction(resistance=1.0, **settings).plasma_frequency
    junction = BiasedJunction(resistance=quality / (frequency * capacitance), **settings)
    assert junction.barrier == pytest.approx(height)
    assert junction.quality == pytest.approx(quality)
    return junction


def counted(j, *, rate, step, settle, repetitions):
    circuit = biased(j.critical_current, j.capacitance, j.resistance, j.bias)
    return escape_rate(
        circuit,
        "q",
        temperature=j.temperature,
        duration=settle + 1.5 / rate,
        settle=settle,
        repetitions=repetitions,
        step=step,
        seed=8,
    )


def test_escape_of_an_overdamped_junction_takes_the_exact_passage_time():
    j = at_barrier(3.0, quality=0.05)
    tau = KAPPA / (j.critical_current * j.resistance)
    mean = j.overdamped_passage_time
    found = counted(j, rate=1 / mean, step=0.05 * tau, settle=5 * tau, repetitions=2048)
    assert found.low < found.rate < found.high
    # 1550 escapes: 2.5 % standard deviation.
    assert found.rate * mean == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize(("height", "quality"), [(4.5, 1.0), (4.5, 0.4), (5.5, 2.0)])
def test_escape_at_moderate_damping_is_kramers(height, quality):
    j = at_barrier(height, quality=quality)
    period = 2 * pi / j.plasma_frequency
    settle = 3 * max(period, 2 * j.resistance * j.capacitance)
    found = counted(j, rate=j.kramers_rate, step=period / 60, settle=settle, repetitions=1024)
    # The formula is for high barriers: the exact rate without capacitance is 7.5 % below it at 4.5 k T and 5.5 % at
    # 6 k T. The standard deviation of 770 escapes is 3.6 %.
    assert found.rate / j.kramers_rate == pytest.approx(0.94, abs=0.11)
    assert found.error_probability(1 / found.rate) == pytest.approx(1 - np.exp(-1))


def test_rates_refuse_what_has_no_well():
    with pytest.raises(DescriptionError, match="below the critical current"):
        BiasedJunction(critical_current=1e-4, capacitance=C, resistance=R, bias=1.1e-4, temperature=KELVIN)
    with pytest.raises(DescriptionError, match="raise the bias"):
        _ = at_barrier(3.0, quality=0.05, tilt=0.01).overdamped_passage_time
    with pytest.raises(DescriptionError, match="slipped within"):
        escape_rate(biased(1e-5, C, R, 5e-5), "q", temperature=KELVIN, duration=1e-10, settle=9e-11, repetitions=8)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"temperature": -1.0}, "zero or positive"),
        ({"temperature": float("nan")}, "zero or positive"),
        ({"temperature": [4.0, 5.0], "variants": 3}, "do not fit 3 variants"),
        ({"temperature": KELVIN, "seed": -1}, "seed"),
        ({"variants": 0}, "variants must be at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(options, said):
    with pytest.raises(DescriptionError, match=said):
        transient_batch(slipping(), duration=1e-12, **options)


def warm_junction():
    circuit = biased(1e-4, 7e-14, 6.857, 3e-5)
    circuit.resistor("r", "a", "0", 10.0)
    return circuit


def test_josims_netlist_has_temperature_bandwidth_and_seed():
    settings = {"duration": 1e-11, "step": 5e-14, "record": None}
    lines = transient_deck(warm_junction(), temperature=4.2, seed=3, **settings).text.splitlines()
    assert {".temp 4.2", ".neb 20000000000000.0", ".option seed=3"} <= set(lines)
    cold = transient_deck(warm_junction(), **settings).text
    assert ".temp" not in cold
    assert ".neb" not in cold


@pytest.mark.skipif(shutil.which("josim-cli") is None, reason="josim-cli is not on the PATH")
def test_josim_finds_the_same_fluctuations():
    settings = {"duration": 2e-8, "step": 5e-14, "temperature": KELVIN, "seed": 1}
    spread = [transient(warm_junction(), engine=name, **settings).values[0, 400:].var() for name in ("native", "josim")]
    assert spread[1] == pytest.approx(spread[0], rel=0.1)


@pytest.mark.parametrize("engine", ["ngspice", "ngspice-shared"])
def test_engines_without_noise_refuse_a_temperature(engine):
    with pytest.raises(EngineError, match=f"'{engine}' has no thermal noise"):
        transient(warm_junction(), duration=1e-12, engine=engine, temperature=KELVIN)


def test_currents_of_noisy_resistances_are_refused_by_name():
    with pytest.raises(EngineError, match=r"current\(q_a\) in a run with noise"):
        run(slipping(), duration=1e-12, temperature=KELVIN, record=["current(q_a)"])
