"""Placed networks as circuits and as files."""

import subprocess

import pytest

import neurosim as ns
from neurosim.cases import sfq_xor
from neurosim.mapping.netlist import START_UP, build_circuit, netlist, scaled_circuit
from neurosim.mapping.sfq import place
from spice_models.elements import CurrentSource, Junction
from spice_models.errors import DescriptionError, OutputError, UnknownNameError


@pytest.fixture(scope="module")
def placed():
    return place(sfq_xor.network())


def written(pattern, dialect="ngspice"):
    return netlist(sfq_xor.network(), sfq_xor.stimulus(pattern)).text(dialect)


@pytest.mark.parametrize("dialect", ["ngspice", "josim"])
def test_decks_of_two_patterns_differ_in_their_input_sources_alone(dialect):
    one, other = written("01", dialect).splitlines(), written("10", dialect).splitlines()
    assert len(one) == len(other)
    assert {a.split()[0].lower() for a, b in zip(one, other, strict=True) if a != b} == {"input_a", "input_b"}


def test_an_input_spike_is_the_start_of_its_current_pulse(placed):
    circuit = build_circuit(placed, sfq_xor.stimulus("01"))
    drive = circuit["input_b"].waveform
    start = START_UP + sfq_xor.PULSE_TIME
    assert drive.at([start, start + 5e-12]) == pytest.approx([0.0, 600e-6])
    assert circuit["input_a"].role == "input"


def test_cells_of_equal_parameters_share_a_subcircuit(placed):
    circuit = build_circuit(placed, sfq_xor.stimulus("11"))
    assert circuit["synapse_a_h1"].subcircuit is circuit["synapse_b_h2"].subcircuit
    assert circuit["neuron_h1"].subcircuit is not circuit["neuron_h2"].subcircuit


def test_tuning_currents_bear_the_names_that_placement_tells(placed):
    flat = build_circuit(placed, sfq_xor.stimulus("11")).flatten()
    tuning = {e.name: e.waveform.at(1.0) for e in flat.of_type(CurrentSource) if e.role == "tuning"}
    assert tuning == pytest.approx(placed.tuning)
    assert {n.junction for n in placed.neurons} <= {j.name for j in flat.of_type(Junction)}


def test_scaling_moves_what_it_names(placed):
    flat = build_circuit(placed, sfq_xor.stimulus("11")).flatten()
    changed = scaled_circuit(flat, {"critical-current": 1.1, "bias": 1.2, "neuron_o.IT": 0.5})
    currents = [e for e in flat.of_type(CurrentSource) if e.role != "input"]
    ratio = {e.name: changed[e.name].waveform.at(1.0) / e.waveform.at(1.0) for e in currents}
    assert ratio.pop("neuron_o.IT") == pytest.approx(0.6)
    assert list(ratio.values()) == pytest.approx([1.2] * len(ratio))
    assert changed["neuron_o.BN"].critical_current == pytest.approx(1.1 * flat["neuron_o.BN"].critical_current)
    assert changed["neuron_o.BN"].resistance == flat["neuron_o.BN"].resistance
    with pytest.raises(UnknownNameError, match=r"neuron_o\.IT"):
        scaled_circuit(flat, {"neuron_o.IZ": 1.1})
    with pytest.raises(DescriptionError, match="positive"):
        scaled_circuit(flat, {"bias": 0.0})


def test_the_file_is_whole_or_not_there(tmp_path):
    deck = netlist(sfq_xor.network(), sfq_xor.stimulus("01"))
    path = deck.write(tmp_path / "xor.cir")
    assert path.read_text() == deck.text()
    locked = tmp_path / "file"
    locked.write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        deck.write(locked / "xor.cir")
    with pytest.raises(UnknownNameError, match=r"no dialect 'spice3'.*josim, ngspice"):
        deck.write(tmp_path / "other.cir", dialect="spice3")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "xor.cir"]


def test_spikes_that_are_too_close_are_refused_with_the_input_named():
    stimulus = ns.pulses({"a": [20e-12, 30e-12]}, duration=100e-12)
    with pytest.raises(DescriptionError, match=r"input a\[0\].*overlap"):
        netlist(sfq_xor.network(), stimulus)


def test_another_neuron_may_be_the_output():
    deck = netlist(sfq_xor.network(), sfq_xor.stimulus("11"), output=("h2", 0))
    assert deck.output == "neuron_h2.BO2"


@pytest.mark.ngspice
@pytest.mark.parametrize(("pattern", "pulses"), [("01", 1), ("11", 0)])
def test_ngspice_runs_the_file_and_prints_the_pulses(pattern, pulses, tmp_path):
    path = netlist(sfq_xor.network(), sfq_xor.stimulus(pattern)).write(tmp_path / "xor.cir")
    done = subprocess.run(["ngspice", "-b", path], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert f"output_pulses = {pulses}" in done.stdout
