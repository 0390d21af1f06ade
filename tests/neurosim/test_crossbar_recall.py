"""A memory on crossbars: closed forms foretell how often it is right, and the command tells what happened."""

import json

import numpy as np
import pytest
from scipy.special import ndtr
from typer.testing import CliRunner

from hardware.rram.layers.column_sums import ColumnSums
from neurosim.cases import find_case
from neurosim.cases.crossbar_recall import CASE
from neurosim.cases.crossbar_recall_energy import PUBLISHED, accounts, operation_energies
from neurosim.cases.crossbar_recall_memory import OPERATIONS, stored_memory
from neurosim.cases.crossbar_recall_result import Point
from neurosim.cases.crossbar_recall_study import ON, Setting
from neurosim.cases.crossbar_recall_theory import expected_success, firing_levels
from neurosim.cli import app


@pytest.fixture(scope="module")
def memory():
    return stored_memory(16, seed=2)


def measured(memory, setting, runs):
    """Right answers and queries, by kind."""
    found = {name: [0, 0] for name in OPERATIONS}
    for seed in range(runs):
        for name, answers in memory.judge(memory.on_crossbars(setting.hardware, seed=seed)).items():
            found[name][0] += sum(answer.correct for answer in answers)
            found[name][1] += len(answers)
    return found


def test_a_recall_fails_where_a_written_cell_gives_less_than_the_firing_weight(memory):
    bit, cue = firing_levels(memory)
    assert 6 * bit == pytest.approx(3.293, abs=1e-3)
    assert 6 * cue == pytest.approx(3.36, rel=0.01)
    spread = 0.4
    expected = (1 - ndtr(np.log(bit) / spread)) ** 4  # four bits a content
    chances = expected_success(memory, ColumnSums(ratio=1e6, spread=spread), pairs=False)
    assert chances["recall"][0] == pytest.approx(expected, abs=1e-3)
    right, asked = measured(memory, Setting(ratio=1e6, spread=spread), 25)["recall"]
    assert abs(right / asked - expected) < 4 * np.sqrt(expected * (1 - expected) / asked)


@pytest.mark.parametrize(
    "setting", [Setting(spread=0.3), Setting(ratio=4.0, spread=0.2, pairs=True), Setting(ratio=7.0, spread=0.1)]
)
def test_closed_forms_foretell_every_kind_of_query(memory, setting):
    sums = ColumnSums(ratio=setting.ratio, spread=setting.spread)
    expected = expected_success(memory, sums, pairs=setting.pairs)
    for name, (right, asked) in measured(memory, setting, 25).items():
        point = Point(right=right, asked=asked, errors=0.0, expected=expected[name][0], expected_errors=0.0)
        # Searches for several bits read the same cells several times: their answers are not all independent.
        assert abs(point.deviation) < (4 if name in ("recall", "search_1") else 8), name


def test_closed_forms_hold_for_noise_of_reads_too(memory):
    expected = expected_success(memory, ColumnSums(ratio=100.0, noise=0.25), pairs=False)
    for name, (right, asked) in measured(memory, Setting(noise=0.25), 4).items():
        point = Point(right=right, asked=asked, errors=0.0, expected=expected[name][0], expected_errors=0.0)
        assert abs(point.deviation) < 4, name


def test_the_leak_of_off_cells_finds_cues_that_hold_none_of_four_bits(memory):
    critical = 4 / firing_levels(memory)[1]
    below, above = (measured(memory, Setting(ratio=part * critical), 1) for part in (0.99, 1.01))
    assert below["search_any"][0] == 0
    assert below["search_1"] == above["search_1"] == above["search_any"] == [16, 16]


def test_energy_counts_driven_cells_drivers_and_comparators(memory):
    slow, fast = accounts()
    recall, one, some, every = operation_energies(memory, Setting().hardware, slow)
    row = 4 * ON + 12 * ON / 100
    assert recall.parts["array"] == pytest.approx(0.1**2 * row * 100e-9)
    assert some.parts["array"] == pytest.approx(4 * one.parts["array"], rel=0.3)
    held = [sum(bit in content for content in memory.contents) for q in memory.queries["search_all"] for bit in q.bits]
    driven = 4 * np.mean([cues * ON + (16 - cues) * ON / 100 for cues in held])
    assert every.parts == pytest.approx(some.parts | {"array": 0.1**2 * driven * 100e-9})
    assert recall.parts["comparators"] == pytest.approx(16 * slow.adc_energy / 2**7)
    assert recall.parts["drivers"] == pytest.approx(16 * slow.driver_energy)
    assert recall.per_bit * 256 == pytest.approx(recall.total)
    quicker = operation_energies(memory, Setting().hardware, fast)[0]
    assert quicker.parts["array"] == pytest.approx(recall.parts["array"] / 10)
    assert all(entry.source and (entry.energy or "not found" in entry.counted) for entry in PUBLISHED)


@pytest.mark.slow
def test_the_command_runs_and_writes(tmp_path):
    assert find_case("cam-crossbar") is CASE
    files = ["--out", str(tmp_path), "--json", str(tmp_path / "r.json")]
    done = CliRunner().invoke(app, ["run", "cam-crossbar", "--quick", *files])
    assert done.exit_code == 0, done.output
    assert "give the same spikes" in done.output
    assert (tmp_path / "recall.png").is_file()
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["correct"]
    assert found["same_spikes"]
    assert found["largest_deviation"] < 5
    curve = found["sweeps"]["spread"]["curves"][0]
    assert (curve["size"], curve["query"], curve["right"][0]) == (16, "recall", curve["asked"][0])
    refused = CliRunner().invoke(app, ["run", "cam-crossbar", "--level", "circuit"])
    assert refused.exit_code != 0
