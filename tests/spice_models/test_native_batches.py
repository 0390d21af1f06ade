"""Batches of the native engine: the same bits in any company, traces, portions, and what is left of one that fails."""

from math import pi

import numpy as np
import pytest
from scipy.linalg import cho_factor, cho_solve

from spice_models.circuit import Circuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.engines import transient
from spice_models.engines.native import engine, prepare, run, transient_batch
from spice_models.engines.native.corrections import LARGEST_ANGLE, corrections_of
from spice_models.engines.native.drive import Drive
from spice_models.errors import DescriptionError, DivergenceError
from spice_models.waveforms import PWL, bias_ramp

KAPPA = FLUX_QUANTUM / (2 * pi)
RECORD = ("phase(q2)", "voltage(n1)", "current(l1)", "current(r)", "current(q0)", "current(i0)")


def line(resistance=2.63, capacitance=1.75e-13):
    """Three junctions, one of them floating, two coupled coils, a resistor between nodes and a kick."""
    circuit = Circuit("line")
    for k in range(3):
        circuit.junction(
            f"q{k}",
            f"n{k}",
            "0" if k != 1 else "m",
            critical_current=2.5e-4,
            capacitance=capacitance,
            resistance=resistance,
        )
        circuit.current(f"i{k}", "0", f"n{k}", bias_ramp(1.75e-4, 10e-12))
    circuit.inductor("l0", "n0", "n1", 4e-12)
    circuit.inductor("l1", "n1", "n2", 4e-12)
    circuit.inductor("lm", "m", "0", 1e-12)
    circuit.mutual("k", "l0", "l1", 0.2)
    circuit.resistor("r", "n0", "n2", 30.0)
    circuit.capacitor("c", "n0", "n1", 1e-14)
    circuit.current("kick", "0", "n0", PWL((0, 20e-12, 22e-12, 24e-12), (0, 0, 6e-4, 0)), role="input")
    return circuit


def spread(variants, seed=3):
    rng = np.random.default_rng(seed)
    names = ["q0", "q1", "q2", "i1", "l1", "k", "r", "c", "kick", "q1:capacitance", "q2:resistance"]
    return {name: rng.uniform(0.85, 1.15, variants) for name in names}


def square(pattern):
    n = len(pattern.indptr) - 1
    columns = np.repeat(np.arange(n), np.diff(pattern.indptr))
    matrix = np.zeros((n, n))
    matrix[pattern.indices, columns] = pattern.values[:, 0]
    return matrix


def dense_phases(circuit, *, duration, step, corrections):
    """Phases at mid-step by the rule in dense matrices, as the module's docstring has it."""
    p = prepare(circuit, duration=duration, step=step)
    s = p.system
    c, g, k = square(s.capacitance), square(s.conductance), square(s.stiffness)
    b = np.zeros((s.n, len(s.junctions)))
    for j, ends in enumerate(s.junction_nodes):
        for node, sign in zip(ends, (1.0, -1.0), strict=True):
            if node >= 0:
                b[node, j] = sign
    m = 4 * c / step**2 + 2 * g / step
    solver = cho_factor(m + k)
    ic = s.critical_current[:, 0]
    drive = Drive(p.circuit, s, step)
    shapes = drive.stretch(0, p.steps)
    weights = (4.0, -6.0, 4.0, -1.0) if corrections == 0 else (2.5, -2.0, 0.5, 0.0)
    x, y, before = np.zeros(s.n), np.zeros(s.n), np.zeros((4, len(ic)))
    phases = []
    for step_number in range(p.steps):
        currents = np.zeros(s.n)
        np.add.at(currents, drive.nodes, drive.scale[:, 0] * shapes[drive.shape, step_number])
        guess = weights @ before
        for _ in range(corrections + 1):
            z = cho_solve(solver, currents + m @ x + 2 * c @ y / step - b @ (ic * np.sin(guess)))
            guess = b.T @ z
        y = np.where(np.diag(c) > 0, 4 * (z - x) / step - y, 0.0)
        x = 2 * z - x
        before = np.vstack([guess, before[:3]])
        phases.append(guess)
    return s.junction_names, np.array(phases).T


@pytest.mark.parametrize("corrections", [0, 1, 2])
def test_the_kernel_does_what_dense_matrices_do(corrections):
    settings = {"duration": 5e-11, "step": 1e-13, "corrections": corrections}
    names, phases = dense_phases(line(), **settings)
    traces = run(line(), record=[f"phase({name})" for name in names], **settings)
    assert traces.values.max() > 6
    np.testing.assert_allclose(traces.values, phases, atol=1e-9)


def test_without_correction_pulses_come_as_early_and_converge_to_the_corrected_ones():
    steps = np.array([5e-14, 2.5e-14, 1.25e-14])

    def arrivals(corrections):
        found = (transient_batch(line(), duration=5e-11, step=h, corrections=corrections) for h in steps)
        return np.array([batch.pulses("q2")[0] for batch in found])

    apart = np.abs(arrivals(0) - arrivals(1))
    assert apart[0] < 1e-16
    assert np.polyfit(np.log(steps), np.log(apart), 1)[0] > 3


def test_damped_junctions_need_no_correction_and_all_others_one():
    def needed(resistance, noisy=False, **scales):
        system = prepare(line(resistance), duration=1e-12, step=1e-13, scales=scales).system
        return corrections_of(system, 1e-13, noisy=np.full(system.variants, noisy)).tolist()

    limit = LARGEST_ANGLE * KAPPA / (2.5e-4 * 1e-13)
    assert needed(0.99 * limit) == [0]
    assert needed(1.01 * limit) == [1]
    assert needed(0.99 * limit, noisy=True) == [1]
    assert needed(0.99 * limit, q1=[1.0, 1.1, 0.9]) == [0, 1, 0]


def ringing(resistance, inductance, corrections):
    """Largest phase late after a nudge of a junction in a loop that only the junction damps."""
    circuit = Circuit("ring")
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=resistance)
    circuit.inductor("l", "a", "0", inductance)
    circuit.current("i", "0", "a", PWL((0, 1e-12, 2e-12), (0, 1e-5, 0)))
    phase = run(circuit, duration=4e-9, record=["phase(q)"], corrections=corrections)["phase(q)"]
    return np.abs(phase[-1000:]).max() / np.abs(phase[:1000]).max()


@pytest.mark.parametrize("inductance", [1e-14, 1e-13, 1e-12, 1e-11])
def test_nothing_grows(inductance):
    limit = LARGEST_ANGLE * KAPPA / (1e-4 * 1e-13)
    assert ringing(limit, inductance, 0) < 0.1
    assert ringing(1e7, inductance, 1) < 1.01
    assert ringing(1e7, inductance, 2) < 1.01


def test_a_junction_that_is_not_damped_needs_its_correction():
    assert ringing(1e7, 3.16e-14, 0) > 10
    assert ringing(1e7, 3.16e-14, 1) < 1


@pytest.fixture(scope="module")
def twenty():
    """Twenty variants with traces, some with noise, some that need a correction."""
    scales = {**spread(20), "q0:resistance": np.where(np.arange(20) % 3 == 0, 3.0, 1.0)}
    kelvin = np.where(np.arange(20) % 5 == 0, 4.2, 0.0)
    settings = {"duration": 6e-11, "every": 3, "seed": 4}
    return scales, kelvin, settings, transient_batch(line(), scales=scales, temperature=kelvin, **settings)


@pytest.mark.parametrize(("size", "workers"), [(1, 1), (3, 2), (8, 1), (13, 2)])
def test_a_variant_gives_the_same_bits_in_any_company(size, workers):
    scales, settings = spread(13), {"duration": 6e-11, "every": 3, "workers": workers}
    together = transient_batch(line(), scales=scales, record=RECORD, duration=6e-11, every=3, workers=1)
    for first in range(0, 13 - size + 1, max(1, size // 2)):
        some = slice(first, first + size)
        part = {name: factors[some] for name, factors in scales.items()}
        batch = transient_batch(line(), scales=part, record=RECORD, **settings)
        assert np.array_equal(batch.values, together.values[:, :, some])
        events = batch.times.shape[1]
        assert np.array_equal(batch.times, together.times[:, :events, some], equal_nan=True)


def test_variants_of_several_kinds_and_in_several_portions_give_the_same_bits(twenty, monkeypatch):
    scales, kelvin, settings, together = twenty
    monkeypatch.setattr(engine, "_MOST_VALUES", 8 * len(line()))
    portions = transient_batch(line(), scales=scales, temperature=kelvin, **settings)
    assert np.array_equal(portions.times, together.times, equal_nan=True)
    assert np.array_equal(portions.slips, together.slips)
    for variant in (1, 3):  # without noise, as that belongs to the number of a variant; 3 needs a correction
        part = {name: factors[variant] for name, factors in scales.items()}
        alone = transient_batch(line(), scales=part, **settings)
        for name in alone.junctions:
            assert np.array_equal(alone.pulses(name), together.pulses(name, variant))


def test_traces_of_a_variant_are_those_of_a_run_of_its_circuit():
    scales = spread(5)
    batch = transient(line(), duration=6e-11, variants=scales, record=RECORD, every=2)
    assert batch.values.shape == (len(RECORD), 300, 5)
    from spice_models.analysis.parameters import with_factors

    for variant in range(5):
        circuit = with_factors(line(), {name: factors[variant] for name, factors in scales.items()})
        alone, mine = run(circuit, duration=6e-11, record=RECORD, every=2), batch.traces(variant)
        assert (mine.names, mine.units, mine.dt, mine.start) == (alone.names, alone.units, alone.dt, alone.start)
        for name in RECORD:
            np.testing.assert_allclose(mine[name], alone[name], atol=1e-9 * np.abs(alone[name]).max())


def test_other_engines_run_variants_one_by_one_without_traces():
    with pytest.raises(DescriptionError, match="engine 'ngspice' keeps no traces of variants"):
        transient(line(), duration=1e-11, variants={"q0": [1.0, 1.1]}, record=["phase(q0)"], engine="ngspice")
    with pytest.raises(DescriptionError, match="this batch has no traces"):
        transient(line(), duration=1e-12, variants={"q0": [1.0, 1.1]}).traces()


def test_a_batch_that_diverges_keeps_what_it_has():
    circuit = line()
    circuit.current("huge", "0", "n2", PWL((0, 50e-12, 51e-12), (0, 0, 1e6)))
    scales = {"huge": [0.0, 1.0, 0.0]}
    with pytest.raises(DivergenceError, match=r"diverged at 5\.\d+e-11 s, at node 'n2' first, in variant 1") as caught:
        transient_batch(circuit, duration=1e-10, scales=scales, record=["phase(q2)"])
    error = caught.value
    whole = transient_batch(circuit, duration=1e-10, scales={"huge": 0.0}, record=["phase(q2)"])
    assert 500 <= error.batch.values.shape[1] < 520
    assert np.array_equal(error.batch.values[:, :, 2], whole.values[:, : error.batch.values.shape[1], 0])
    assert np.array_equal(error.batch.pulses("q2", 0)[:1], whole.pulses("q2")[:1])
    assert error.traces["phase(q2)"][480] == error.batch.values[0, 480, 1]


def test_a_run_of_absurdly_many_steps_is_refused():
    circuit = Circuit("c")
    circuit.resistor("R", "a", "0", 1.0)
    circuit.current("I", "0", "a", 1.0)
    with pytest.raises(DescriptionError, match="both are in seconds"):
        transient_batch(circuit, duration=1.0, step=1e-15)


@pytest.mark.parametrize("factor", [0.0, -2.0])
def test_critical_currents_stay_positive(factor):
    circuit = Circuit("c")
    circuit.junction("B", "a", "0", critical_current=1e-4, capacitance=7e-14, beta_c=1.0)
    with pytest.raises(DescriptionError, match="must be positive"):
        transient_batch(circuit, duration=1e-12, scales={"B": [1.0, factor]})
