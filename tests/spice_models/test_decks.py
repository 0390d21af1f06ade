import os
import re
import subprocess
import sys
from math import pi

import pytest

from spice_models.circuit import Circuit, SubCircuit
from spice_models.dialects import josim, ngspice
from spice_models.dialects.element_lines import LINE_LENGTH, waveform_text, wrapped
from spice_models.engines import why_unavailable
from spice_models.errors import DescriptionError, NetlistError, UnknownNameError
from spice_models.waveforms import DC, PWL, Pulse, Sine, bias_ramp, trapezoids

WRITERS = pytest.mark.parametrize("write", [ngspice.write, josim.write], ids=["ngspice", "josim"])


def stage(bias=1.75e-4):
    cell = SubCircuit("stage", ("a", "b"))
    cell.inductor("l1", "a", "m", 2e-12)
    cell.junction("q", "m", "0", critical_current=2.5e-4, capacitance=1.75e-13, resistance=2.63)
    cell.inductor("l2", "m", "b", 2e-12)
    cell.current("ib", "0", "m", bias_ramp(bias))
    return cell


def line(times=(30e-12,), stages=3, cell=stage):
    circuit = Circuit("line")
    circuit.current("in", "0", "n0", trapezoids(times, high=5e-4, rise=2e-12, width=0.0, fall=2e-12), role="input")
    for k in range(stages):
        circuit.instance(f"s{k}", cell(), a=f"n{k}", b=f"n{k + 1}")
    circuit.resistor("load", f"n{stages}", "0", 3.0)
    return circuit


@WRITERS
def test_equal_subcircuits_share_one_block_and_others_get_names_of_their_own(write):
    circuit = line()
    circuit.instance("odd", stage(bias=1e-4), a="n0", b="n3")
    deck = write(circuit, duration=1e-10)
    blocks = [name for name in re.findall(r"^\.subckt (\w+)", deck, re.M) if name.startswith("stage")]
    assert blocks == ["stage", "stage_2"]
    assert len(re.findall(r"^Xs\d .* stage$", deck, re.M) + re.findall(r"^s\d .* stage$", deck, re.M)) == 3


@WRITERS
def test_inputs_change_only_the_lines_of_sources(write):
    first = write(line((30e-12,)), duration=2e-10).splitlines()
    second = write(line((40e-12, 70e-12, 100e-12, 130e-12)), duration=2e-10).splitlines()

    def without_source(deck):
        start = next(k for k, text in enumerate(deck) if text.lower().startswith("in 0 n0"))
        end = start + 1
        while deck[end].startswith("+"):
            end += 1
        return deck[:start] + deck[end:]

    assert first != second
    assert without_source(first) == without_source(second)


@WRITERS
def test_subcircuits_with_inputs_keep_their_own_blocks_whatever_the_waveforms(write):
    def deck(second):
        circuit = Circuit("pair")
        for name, height in (("a", 1e-4), ("b", second)):
            source = SubCircuit("source", ("out",))
            source.current("i", "0", "out", PWL((0.0, 1e-12), (0.0, height)), role="input")
            circuit.instance(name, source, out=name)
            circuit.resistor(f"r_{name}", name, "0", 1.0)
        return write(circuit, duration=1e-11).splitlines()

    same, other = deck(1e-4), deck(2e-4)
    assert len([text for text in same if text.startswith(".subckt source")]) == 2
    assert len([1 for a, b in zip(same, other, strict=True) if a != b]) == 1


@WRITERS
def test_flattened_names_and_names_that_differ_in_case_stay_distinct(write):
    circuit = line().flatten()
    circuit.resistor("case1", "s0.M", "0", 1.0)
    circuit.resistor("case2", "s0_m", "0", 1.0)
    circuit.resistor("case3", "gnd", "0", 1.0)
    deck = write(circuit, duration=1e-10)
    nodes = [re.search(rf"^Rcase{k} (\w+) 0", deck, re.M).group(1).lower() for k in (1, 2, 3)]
    inner = re.search(r"^Ls0_l1 n0 (\w+)", deck, re.M).group(1).lower()
    assert len({*nodes, inner, "gnd"}) == 5


@WRITERS
def test_floating_nodes_are_refused_before_anything_is_written(write):
    circuit = line()
    circuit.capacitor("c", "x", "y", 1e-15)
    with pytest.raises(DescriptionError, match="'x', 'y'"):
        write(circuit, duration=1e-10)


@WRITERS
def test_unknown_outputs_are_refused(write):
    with pytest.raises(UnknownNameError, match=re.escape("s0.q")):
        write(line(), duration=1e-10, outputs=["phase(s0.qq)"])
    with pytest.raises(DescriptionError, match="no junction"):
        write(line(), duration=1e-10, outputs=["phase(load)"])


@pytest.mark.parametrize(
    ("waveform", "text"),
    [
        (DC(1e-4), "dc 0.0001"),
        (PWL((0.0, 1e-12), (0.0, 2e-5)), "pwl(0.0 0.0 1e-12 2e-05)"),
        (PWL((1e-12, 2e-12), (3.0, 4.0)), "pwl(0.0 3.0 1e-12 3.0 2e-12 4.0)"),
        (PWL((-1.0, 1.0), (0.0, 2.0)), "pwl(0.0 1.0 1.0 2.0)"),
        (PWL((0.0,), (2.0,)), "dc 2.0"),
        (
            Pulse(high=1.0, rise=1e-12, fall=1e-12, width=2e-12, period=1e-11),
            "pulse(0.0 1.0 0.0 1e-12 1e-12 2e-12 1e-11)",
        ),
        (Pulse(high=1.0, delay=1e-12, rise=1e-12, fall=1e-12, width=0.0), "pwl(0.0 0.0 1e-12 0.0 2e-12 1.0 3e-12 0.0)"),
        (Sine(amplitude=1e-3, frequency=1e10, delay=1e-12), "sin(0.0 0.001 10000000000.0 1e-12)"),
    ],
)
def test_waveforms_as_text(waveform, text):
    assert waveform_text(waveform, owner="i") == text


def test_waveforms_without_a_spice_form_are_refused():
    with pytest.raises(NetlistError, match="give its corners as a PWL"):
        waveform_text(Pulse(high=1.0, rise=1e-12, fall=1e-12, width=0.0, period=1e-11), owner="i")
    with pytest.raises(NetlistError, match="DC, PWL, Pulse or Sine"):
        waveform_text(object(), owner="i")


def test_long_lines_continue_with_plus():
    text = wrapped("pwl " + " ".join(str(k) for k in range(200)))
    assert len(text.splitlines()) > 1
    assert all(len(part) <= LINE_LENGTH + 2 for part in text.splitlines())
    assert [part[0] for part in text.splitlines()[1:]] == ["+"] * (len(text.splitlines()) - 1)
    assert text.replace("\n+", "").split() == ["pwl", *map(str, range(200))]


def test_output_junction_must_be_a_junction_and_settle_within_the_run():
    with pytest.raises(DescriptionError, match="is no junction"):
        ngspice.write(line(), duration=1e-10, output_junction="load")
    with pytest.raises(DescriptionError, match="settle must lie within"):
        ngspice.write(line(), duration=1e-10, output_junction="s0.q", settle=1e-9)
    with pytest.raises(DescriptionError, match="data file"):
        ngspice.write(line(), duration=1e-10, data_file="a b")


@pytest.mark.ngspice
@pytest.mark.skipif(why_unavailable("ngspice") is not None, reason=str(why_unavailable("ngspice")))
@pytest.mark.parametrize("times", [(), (30e-12,), (30e-12, 60e-12, 90e-12)])
def test_the_deck_runs_by_itself_and_counts_the_pulses_of_its_output(tmp_path, times):
    deck = ngspice.write(
        line(times), duration=1.3e-10, title="a line", output_junction="s2.q", settle=2e-11, data_file="out.txt"
    )
    (tmp_path / "line.cir").write_text(deck, encoding="ascii")
    done = subprocess.run(
        ["ngspice", "-b", "line.cir"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        check=True,
        timeout=60,
    )
    assert re.findall(r"^output_pulses = .*$", done.stdout, re.M) == [f"output_pulses = {len(times)}"]
    assert (tmp_path / "out.txt").read_text(encoding="ascii").split()[0] == "time"


@pytest.mark.ngspice
@pytest.mark.skipif(why_unavailable("ngspice-shared") is not None, reason=str(why_unavailable("ngspice-shared")))
def test_the_deck_runs_in_the_library_of_pyspice(tmp_path):
    (tmp_path / "line.cir").write_text(ngspice.write(line(), duration=1e-10, output_junction="s2.q"), encoding="ascii")
    code = (
        "from pathlib import Path\n"
        "from PySpice.Spice.NgSpice.Shared import NgSpiceShared\n"
        "simulator = NgSpiceShared.new_instance()\n"
        "simulator.load_circuit(Path('line.cir').read_text())\n"
        "print(simulator.stdout)\n"
        "print(float(simulator.plot(None, simulator.last_plot)['output_phase']._data[-1]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        check=True,
        timeout=60,
    )
    assert "output_pulses = 1" in done.stdout
    assert 2 * pi < float(done.stdout.split()[-1]) < 3 * pi
