"""The cells against golden tables: rows of time and the number of 2 pi slips that each junction has made by then."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pytest

from spice_models.cells.dc_sfq import dc_sfq
from spice_models.cells.jtl import jtl
from spice_models.cells.library import CELLS, cell, library_path, library_text, write_libraries
from spice_models.cells.merger import merger
from spice_models.cells.sfq_dc import sfq_dc
from spice_models.cells.splitter import splitter
from spice_models.cells.storage import dff, ndro
from spice_models.cells.technology import NIOBIUM_10KA
from spice_models.cells.testbench import GLOBALS, Bench, bench, global_scales, slips_by
from spice_models.circuit import Circuit, SubCircuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import Junction
from spice_models.engines.native import Batch, run, transient_batch
from spice_models.errors import DescriptionError, UnknownNameError

PS = 1e-12
MARGIN = 0.15
BACKWARD = {"ndro": {"cell.B8"}}  # slips back when a full cell is reset: see `ndro`


@dataclass(frozen=True, kw_only=True)
class Golden:
    """Pulses [ps] a port, and rows of time [ps] and slips of each junction by then."""

    function: Callable[..., SubCircuit]
    pulses: Mapping[str, Sequence[float]] = field(default_factory=dict)
    currents: Mapping[str, Sequence[float]] = field(default_factory=dict)
    junctions: tuple[str, ...]
    rows: tuple[tuple[float, tuple[int, ...]], ...]


GOLDEN = {
    "jtl": Golden(
        function=jtl,
        pulses={"input": [30, 80, 100]},
        junctions=("cell.B1", "cell.B2", "load_output.B1"),
        rows=((38, (0, 0, 0)), (83, (1, 1, 1)), (106, (2, 2, 2)), (153, (3, 3, 3))),
    ),
    "splitter": Golden(
        function=splitter,
        pulses={"input": [30, 80, 100]},
        junctions=("cell.B1", "load_output_1.B1", "load_output_2.B1"),
        rows=((38, (0, 0, 0)), (83, (1, 1, 1)), (106, (2, 2, 2)), (153, (3, 3, 3))),
    ),
    "merger": Golden(
        function=merger,
        pulses={"input_1": [30, 130, 280, 330], "input_2": [80, 130, 180, 230, 305]},
        junctions=("cell.B1", "cell.B2", "cell.B3", "cell.B4", "load_output.B1"),
        rows=(
            (38, (0, 0, 0, 0, 0)),
            (83, (1, 0, 0, 1, 1)),
            (133, (1, 1, 1, 1, 2)),
            (183, (2, 2, 1, 1, 3)),  # both at once: one pulse
            (233, (2, 3, 2, 1, 4)),
            (283, (2, 4, 3, 1, 5)),
            (333, (3, 5, 4, 2, 7)),
            (383, (4, 5, 4, 3, 8)),
        ),
    ),
    "dc_sfq": Golden(
        function=dc_sfq,
        currents={"input": [30, 80, 105]},
        junctions=("cell.B1", "cell.B2", "cell.B3", "load_output.B1"),
        rows=((30, (0, 0, 0, 0)), (80, (1, 1, 1, 1)), (105, (2, 2, 2, 2)), (150, (3, 3, 3, 3))),
    ),
    "sfq_dc": Golden(
        function=sfq_dc,
        pulses={"input": [100, 300, 500, 700]},
        junctions=("cell.B1", "cell.B2", "cell.B3", "cell.B4", "cell.B5"),
        rows=(
            (100, (0, 0, 0, 0, 0)),
            (300, (1, 0, 1, 1, 0)),
            (500, (2, 1, 1, 1, 1)),
            (700, (3, 1, 2, 2, 1)),
            (900, (4, 2, 2, 2, 2)),
        ),
    ),
    "dff": Golden(
        function=dff,
        pulses={"data": [80, 230, 280, 380], "clock": [30, 130, 180, 330, 405, 430]},
        junctions=("cell.B3", "cell.B4", "cell.B5", "cell.B6", "load_output.B1"),
        rows=(
            (38, (0, 0, 0, 0, 0)),
            (83, (0, 1, 0, 0, 0)),  # clock to the empty cell
            (133, (0, 1, 1, 0, 0)),  # data
            (183, (0, 1, 1, 1, 1)),  # clock: out
            (233, (0, 2, 1, 1, 1)),  # clock: empty again
            (283, (0, 2, 2, 1, 1)),  # data
            (333, (1, 2, 2, 1, 1)),  # data to the full cell: lost
            (383, (1, 2, 2, 2, 2)),
            (433, (1, 2, 3, 3, 3)),  # data, and clock 25 ps later
            (483, (1, 3, 3, 3, 3)),
        ),
    ),
    "ndro": Golden(
        function=ndro,
        pulses={
            "set": [80, 230, 530],
            "reset": [330, 430, 580],
            "clock": [30, 130, 180, 280, 380, 480, 555, 605],
        },
        junctions=("cell.B4", "cell.B5", "cell.B6", "cell.B7", "cell.B9", "cell.B10", "load_output.B1"),
        rows=(
            (38, (0, 0, 0, 0, 0, 0, 0)),
            (83, (0, 0, 0, 0, 1, 0, 0)),  # clock to the empty cell
            (133, (0, 1, 0, 0, 1, 0, 0)),  # set
            (183, (0, 1, 0, 0, 1, 1, 1)),  # clock: out
            (233, (0, 1, 0, 0, 1, 2, 2)),  # clock: out again
            (283, (1, 1, 0, 0, 1, 2, 2)),  # set to the full cell
            (333, (1, 1, 0, 0, 1, 3, 3)),
            (383, (1, 1, 0, 1, 1, 3, 3)),  # reset
            (433, (1, 1, 0, 1, 2, 3, 3)),
            (483, (1, 1, 1, 1, 2, 3, 3)),  # reset to the empty cell
            (533, (1, 1, 1, 1, 3, 3, 3)),
            (583, (1, 2, 1, 1, 3, 4, 4)),  # set, and clock 25 ps later
            (633, (1, 2, 1, 2, 4, 4, 4)),  # reset, and clock 25 ps later
        ),
    ),
}


def _ps(table: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    return {port: [t * PS for t in times] for port, times in table.items()}


@cache
def simulated(name: str) -> tuple[Bench, Batch]:
    """Variant 0 nominal, then every global parameter at -15 % and +15 %."""
    golden = GOLDEN[name]
    resistors = {"output": 50.0} if name == "sfq_dc" else None
    made = bench(golden.function(), _ps(golden.pulses), currents=_ps(golden.currents), resistors=resistors)
    scales: dict[str, np.ndarray] = {}
    for k, parameter in enumerate(GLOBALS):
        factors = np.ones(1 + 2 * len(GLOBALS))
        factors[1 + 2 * k : 3 + 2 * k] = 1 - MARGIN, 1 + MARGIN
        for element, values in global_scales(made.circuit, parameter, factors).items():
            scales[element] = scales.get(element, 1.0) * values
    return made, transient_batch(made.circuit, duration=(golden.rows[-1][0] + 5) * PS, scales=scales)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_table(name):
    _, batch = simulated(name)
    golden = GOLDEN[name]
    table = tuple(
        (time, tuple(int(slips_by(batch, j, time * PS)[0]) for j in golden.junctions)) for time, _ in golden.rows
    )
    assert table == golden.rows


@pytest.mark.parametrize("name", GOLDEN)
def test_no_junction_slips_backward(name):
    _, batch = simulated(name)
    back = {j for j, row in zip(batch.junctions, batch.backward, strict=True) if row.any()}
    assert back <= BACKWARD.get(name, set())


@pytest.mark.parametrize("name", GOLDEN)
def test_works_at_15_percent_of_each_global_parameter(name):
    made, batch = simulated(name)
    golden = GOLDEN[name]
    watched = [j for j in golden.junctions if not j.startswith("cell.") or name == "sfq_dc"]
    for time, expected in golden.rows:
        for junction in watched:
            counts, wanted = slips_by(batch, junction, time * PS), expected[golden.junctions.index(junction)]
            np.testing.assert_array_equal(counts, wanted, err_msg=f"{junction} by {time} ps")
    for port, junction in made.inputs.items():
        np.testing.assert_array_equal(batch.slips[batch.row(junction)], len(golden.pulses[port]))


def test_sfq_dc_switches_a_voltage_on_and_off():
    _, batch = simulated("sfq_dc")
    slips = {t: slips_by(batch, "cell.B8", t * PS) for t in (100, 160, 300, 360, 500, 560, 700, 760, 900)}
    assert not slips[100].any()
    for start in (100, 500):
        on = (slips[start + 200] - slips[start + 60]) * FLUX_QUANTUM / (140 * PS)
        assert on.min() >= 100e-6
    for start in (300, 700):
        np.testing.assert_array_equal(slips[start + 200], slips[start + 60])


@pytest.mark.parametrize("off", [300, 303, 306, 309])
def test_sfq_dc_switches_off_at_any_moment_of_its_oscillation(off):
    made = bench(sfq_dc(), {"input": [100 * PS, off * PS]}, resistors={"output": 50.0})
    batch = transient_batch(made.circuit, duration=450 * PS)
    switched_off = batch.pulses(made.inputs["input"])[1]
    assert batch.pulses("cell.B8")[0] - batch.pulses(made.inputs["input"])[0] == pytest.approx(18.9 * PS, abs=0.1 * PS)
    assert batch.pulses("cell.B8")[-1] < switched_off + 9.2 * PS
    assert not batch.backward.any()


def test_sfq_dc_mean_voltage_is_flux_quantum_times_rate():
    made = bench(sfq_dc(), {"input": [100 * PS]}, resistors={"output": 50.0})
    traces = run(made.circuit, duration=700 * PS, record=["voltage(output)"])
    times = transient_batch(made.circuit, duration=700 * PS).pulses("cell.B8")
    first, last = times[5], times[-1]
    within = (traces.times >= first) & (traces.times < last)
    mean = traces["voltage(output)"][within].mean()
    assert mean == pytest.approx((len(times) - 6) * FLUX_QUANTUM / (last - first), rel=2e-3)
    assert mean == pytest.approx(207e-6, rel=0.01)


def test_flux_is_balanced_in_every_loop():
    def total(name: str, *junctions: str) -> int:
        _, batch = simulated(name)
        return sum(int(batch.slips[batch.row(f"cell.{j}"), 0]) for j in junctions)

    assert total("merger", "B1", "B3") == total("merger", "B2", "B4") == total("merger", "B5")
    assert total("dc_sfq", "B1") == total("dc_sfq", "B2") == total("dc_sfq", "B3")
    assert total("sfq_dc", "B1") == total("sfq_dc", "B2", "B4") == total("sfq_dc", "B3", "B5")
    assert total("dff", "B1") == total("dff", "B3", "B5")
    assert total("dff", "B2") == total("dff", "B4", "B6")
    assert total("dff", "B5") == total("dff", "B6") == total("dff", "B7")
    assert total("ndro", "B1") == total("ndro", "B4", "B5")
    assert total("ndro", "B2") == total("ndro", "B6", "B7")
    assert total("ndro", "B3") == total("ndro", "B9", "B10")
    assert total("ndro", "B8", "B7") == total("ndro", "B10")


@pytest.mark.parametrize(
    ("name", "port", "delay"),
    [
        ("jtl", "output", 4.06),
        ("splitter", "output_1", 4.38),
        ("splitter", "output_2", 4.38),
        ("merger", "output", 6.40),
    ],
)
def test_documented_delay(name, port, delay):
    made, batch = simulated(name)
    entry = "input_1" if name == "merger" else "input"
    first_in = batch.pulses(made.inputs[entry])[0]
    assert batch.pulses(made.outputs[port])[0] - first_in == pytest.approx(delay * PS, abs=0.02 * PS)


@pytest.mark.parametrize(("name", "delay"), [("dff", 5.61), ("ndro", 6.42)])
def test_documented_delay_of_readout(name, delay):
    made, batch = simulated(name)
    clock, out = batch.pulses(made.inputs["clock"]), batch.pulses(made.outputs["output"])
    assert out[0] - clock[1] == pytest.approx(delay * PS, abs=0.02 * PS)


def test_dc_sfq_delay_and_shortest_spacing():
    starts = np.array([30, 48, 66, 116]) * PS
    made = bench(dc_sfq(), {}, currents={"input": starts.tolist()})
    batch = transient_batch(made.circuit, duration=150 * PS)
    out = batch.pulses(made.outputs["output"])
    np.testing.assert_allclose(out[[0, 3]] - starts[[0, 3]], 7.37 * PS, atol=0.02 * PS)
    np.testing.assert_allclose(out - starts, 7.37 * PS, atol=0.5 * PS)


@pytest.mark.parametrize(("skew", "pulses"), [(0, 1), (2, 1), (-4.3, 1), (4.3, 1), (5, 2), (-5, 2), (10, 2), (40, 2)])
def test_dead_time_of_the_merger(skew, pulses):
    made = bench(merger(), {"input_1": [50 * PS], "input_2": [(50 + skew) * PS]})
    batch = transient_batch(made.circuit, duration=150 * PS)
    assert batch.slips[batch.row(made.loads["output"]), 0] == pulses
    assert not batch.backward.any()
    assert [int(batch.slips[batch.row(made.inputs[p]), 0]) for p in ("input_1", "input_2")] == [1, 1]


def _random_sequence(
    function: Callable[..., SubCircuit], ports: Sequence[str], slots: int
) -> tuple[list[str], list[int]]:
    """Send one pulse a slot to a port drawn at random; return the ports and the pulses out in each slot."""
    drawn = [ports[k] for k in np.random.default_rng(1991).integers(len(ports), size=slots)]
    starts = [(30 + 40 * k) * PS for k in range(slots + 1)]
    pulses = {port: [t for t, p in zip(starts, drawn, strict=False) if p == port] for port in ports}
    made = bench(function(), pulses)
    batch = transient_batch(made.circuit, duration=starts[-1] + 5 * PS)
    counts = [int(slips_by(batch, made.loads["output"], t)[0]) for t in starts]
    return drawn, np.diff(counts).tolist()


def test_dff_follows_its_truth_table_over_a_random_sequence():
    drawn, out = _random_sequence(dff, ("data", "clock"), 40)
    full, expected = False, []
    for port in drawn:
        expected.append(int(port == "clock" and full))
        full = port == "data"
    assert out == expected
    assert sum(expected) > 5


def test_ndro_follows_its_truth_table_over_a_random_sequence():
    drawn, out = _random_sequence(ndro, ("set", "reset", "clock"), 60)
    full, expected = False, []
    for port in drawn:
        expected.append(int(port == "clock" and full))
        full = full if port == "clock" else port == "set"
    assert out == expected
    assert sum(expected) > 5


def test_a_pulse_carries_one_flux_quantum():
    made = bench(jtl(), {"input": [30 * PS]})
    traces = run(made.circuit, duration=80 * PS, record=["voltage(output)"])
    from_rest = traces["voltage(output)"][traces.times > 25 * PS]
    assert from_rest.sum() * traces.dt == pytest.approx(FLUX_QUANTUM, rel=1e-3)


@pytest.mark.parametrize("name", [n for n in CELLS if n != "terminator"])
def test_every_cell_takes_a_name_and_a_technology(name):
    damped = replace(NIOBIUM_10KA, name="damped", shunt_voltage=NIOBIUM_10KA.shunt_voltage / 2)
    made = cell(name, name="other", technology=damped)
    assert made.name == "other"
    assert made.junction_count > 0
    assert max(j.beta_c for j in made.of_type(Junction)) < 0.3


def test_technology_gives_beta_c_near_one():
    circuit = Circuit("one")
    NIOBIUM_10KA.junction(circuit, "B1", "a", "0", 250e-6)
    (junction,) = circuit.of_type(Junction)
    assert junction.capacitance == pytest.approx(175e-15)
    assert junction.resistance == pytest.approx(1 / (250e-6 / 0.686e-3 + 250e-6 / 16e-3))
    assert junction.beta_c == pytest.approx(0.92, abs=0.005)


def test_what_does_not_exist_is_named():
    with pytest.raises(UnknownNameError, match=r"available: .*merger.* Did you mean 'splitter'"):
        cell("spliter")
    with pytest.raises(UnknownNameError, match="no parameter 'stage' of cell 'jtl'"):
        cell("jtl", stage=3)
    with pytest.raises(UnknownNameError, match="no port 'a' of cell 'jtl'"):
        bench(jtl(), {"a": []})
    with pytest.raises(UnknownNameError, match="global parameter"):
        global_scales(jtl(), "temperature", [1.0])
    with pytest.raises(UnknownNameError, match="dialect"):
        library_text("jtl", dialect="hspice")
    with pytest.raises(DescriptionError, match="at least one stage"):
        jtl(stages=0)


def test_shipped_libraries_are_what_the_functions_generate(tmp_path):
    written = write_libraries(tmp_path)
    assert {p.stem for p in written} == set(CELLS)
    for path in written:
        shipped = library_path() / path.name
        assert shipped.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            f"{path.name}: run spice_models.cells.library.write_libraries(library_path())"
        )


@pytest.mark.parametrize("dialect", ["ngspice", "josim"])
def test_libraries_stand_alone(dialect):
    for name, function in CELLS.items():
        text = library_text(name, dialect=dialect)
        body = [line for line in text.splitlines() if line and not line.startswith("*")]
        assert f".subckt {name} {' '.join(function().ports)}" in body
        starts = sum(line.startswith(".subckt") for line in body)
        assert starts == sum(line.startswith(".ends") for line in body)
        assert all(line.isascii() for line in text.splitlines())


@pytest.mark.ngspice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="the ngspice program is not installed")
def test_libraries_run_in_ngspice_as_a_user_includes_them(tmp_path):
    write_libraries(tmp_path)
    deck = """* a pulse through included cells
.include dc_sfq.lib
.include splitter.lib
.include jtl.lib
Idrive 0 in pwl(0 0 30e-12 0 35e-12 600e-6 42e-12 600e-6 47e-12 0)
Xconverter in a dc_sfq
Xsplitter a b c splitter
Xline b d jtl
Rb d 0 3
Rc c 0 3
.options method=gear reltol=1e-6 abstol=1e-12 vntol=1e-9 chgtol=1e-22
.tran 1e-13 80e-12 0 1e-13 uic
.control
run
meas tran before find v(xline.phase_b2) at=28e-12
meas tran after find v(xline.phase_b2) at=79e-12
quit 0
.endc
.end
"""
    (tmp_path / "deck.cir").write_text(deck)
    done = subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    measured = dict(re.findall(r"^(before|after)\s*=\s*(\S+)", done.stdout, flags=re.M))
    assert float(measured["after"]) - float(measured["before"]) == pytest.approx(2 * np.pi, abs=0.02), done.stderr
