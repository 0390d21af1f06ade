"""The hippocampal memory against the published spike times."""

import dataclasses
import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from neurosim import cli
from neurosim.cases import hippocampal_cam
from neurosim.cases.hippocampal_cam import learn, search
from neurosim.engines.vectorised.engine import DiscreteSimulation
from neurosim.memory.hippocampal import HippocampalMemory
from neurosim.models.hippocampal_cam import INDEX, STORE, WEIGHT, network
from neurosim.models.hippocampal_operations import MS, Operation, stimulus
from neurosim.simulate import simulate
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError
from spice_models.results import SpikeTrains
from tests.neurosim.hippocampal_table import predicted, recorded

ENGINES = ("brian2", "discrete")
SPIKES = {"functional": 262, "stress": 1567, "application": 402}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", SPIKES)
def test_every_spike_of_the_papers_experiments(name, engine):
    result = hippocampal_cam.CASE.run(name, engine=engine)
    expected = predicted(result.experiment.operations, result.experiment.cues)
    assert recorded(result.run) == expected
    assert (len(expected), result.correct) == (SPIKES[name], True)


def test_the_experiments_answer_what_the_paper_says():
    functional = hippocampal_cam.CASE.run("functional", engine="discrete")
    assert [sorted(a.got) for a in functional.answers[3:6]] == [[0, 1, 8, 9], [3, 4], [0, 3]]
    assert [sorted(a.got) for a in functional.answers[7:]] == [[1, 3, 4, 8], [4]]


def experiment(name, *operations):
    return hippocampal_cam.Experiment(name=name, summary="", cues=2, bits=4, operations=operations)


def test_a_wrong_answer_is_seen_as_wrong():
    writing = (learn(0, 0, {1, 2}), learn(20, 0, {3}))
    made = (experiment("overwritten", *writing), experiment("searched", *writing, search(40, {1, 2})))
    case = hippocampal_cam.MemoryCase(name="limits", summary="", experiments={e.name: e for e in made})
    weights = case.run("overwritten", engine="discrete").to_dict()["weights_a"][INDEX]
    assert np.all(np.array(weights["before"]) == 0)
    # the cue fires once more 2 ms after a forgotten bit, and brings back this part of its weight
    after = np.array(weights["after"])[:, 0] / WEIGHT
    np.testing.assert_allclose(after, [0, np.exp(-2 / 3), np.exp(-2 / 3), 1], atol=0.005)
    # two such bits searched at once are enough to fire it: a false match of this model
    result = case.run("searched", engine="discrete")
    assert (result.answers[2].expected, result.answers[2].got, result.correct) == (frozenset(), {0}, False)


@pytest.mark.parametrize(("kept", "stays"), [(54, False), (55, True)])
def test_a_cue_that_keeps_many_bits_forgets_none(kept, stays):
    # bits that stay bring their cue 1.7 of 6 nA in step 6, of which a step later exp(-1/0.3) is left: from 55 of them
    # on the cue fires a third time, and the forgotten bit gets what it does not need any more
    content = set(range(kept))
    memory = HippocampalMemory(2, kept + 2, variant="paper", spacing=40 * MS)
    memory.learn(0, content | {kept})
    memory.learn(0, content | {kept + 1})
    assert np.rint(memory.spikes("CueCont").times / MS).tolist() == [3, 5, 7][: 2 + stays]
    left = np.exp(-2 / 3) + stays * np.exp(-4 / 3)
    np.testing.assert_allclose(memory.weights[INDEX][kept, 0] / WEIGHT, left, rtol=1e-4)
    assert memory.search({kept}) == ({0} if stays else set())
    assert memory.recall(0) == content | {kept + 1}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: network(0, 10), "at least one of cues"),
        (lambda: network(5, 2.5), "at least one of bits"),
        (lambda: stimulus([learn(0, 5, {1})], 5, 10), "no cue 5: the memory has cues 0 to 4"),
        (lambda: stimulus([search(0, {1, 10})], 5, 10), "no bit 10: the memory has bits 0 to 9"),
        (lambda: stimulus([], 5, 10), "at least one operation"),
        (lambda: learn(0, 0, ()), "learn takes at least one bit"),
        (lambda: Operation(kind="recall", time=0.0005, cue=1), "whole millisecond"),
    ],
)
def test_what_a_memory_cannot_do_is_refused(make, message):
    with pytest.raises(DescriptionError, match=message):
        make()


def command(*arguments):
    return CliRunner().invoke(cli.app, ["run", "hippocampal-cam", *arguments])


def test_the_command_writes_spikes_operations_and_pictures(tmp_path):
    done = command("--experiment", "application", "--json", "-", "--out", str(tmp_path), "--engine", "discrete")
    assert (done.exit_code, "20 of 20 operations right" in done.stderr) == (0, True)
    data = json.loads(done.stdout)
    spikes = {(s["population"], s["index"], s["time_ms"]) for s in data["spikes"]}
    assert {s for s in spikes if s[0] != "IN"} == predicted(hippocampal_cam.application_operations(), 16)
    assert {s for s in spikes if s[0] == "IN" and s[2] >= 124} == {("IN", 16 + 5, 124), ("IN", 16 + 0, 130)}
    assert data["operations"][16] == {
        "time_ms": 112,
        "operation": "search",
        "cue": None,
        "bits": [1, 2, 4],
        "expected": [2, 6, 10, 12, 13, 14],
        "got": [2, 6, 10, 12, 13, 14],
        "correct": True,
    }
    pictures = [tmp_path / f"{kind}_application.png" for kind in ("raster", "weights")]
    assert [path.read_bytes()[:4] for path in pictures] == [b"\x89PNG"] * 2


def test_all_experiments_are_run_if_none_is_named():
    data = json.loads(command("--json", "-", "--engine", "discrete").stdout)
    assert (data["correct"], [e["experiment"] for e in data["experiments"]]) == (True, [*SPIKES])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--experiment", "stress", "--experiment", "stres"], "no experiment 'stres'.*Did you mean 'stress'"),
        (["--level", "circuit"], "experiments at the architecture level"),
        (["--engine", "native"], "runs level 'circuit', not 'architecture'"),
    ],
)
def test_the_command_refuses_what_the_case_has_not(arguments, message):
    done = command(*arguments)
    assert done.exit_code == 1
    assert re.search(message, done.stderr)


def test_a_cue_held_without_a_content_forgets_one_way_only():
    # why a memory forgets by learning a hidden bit
    simulation = DiscreteSimulation(network(2, 4))
    learned = stimulus([learn(0, 0, {1, 2})], 2, 4).spikes["IN"]
    held = SpikeTrains(times=np.arange(3) * MS, indices=np.zeros(3, dtype=int), n=6, duration=20 * MS)
    for spikes in (dataclasses.replace(learned, duration=20 * MS), held):
        simulation.advance(Stimulus(duration=20 * MS, spikes={"IN": spikes}))
    store, index = simulation.weights[STORE].reshape(2, 4), simulation.weights[INDEX].reshape(4, 2)
    assert np.all(store < 0.05 * WEIGHT)
    np.testing.assert_allclose(index[[1, 2], 0], WEIGHT)


@pytest.mark.parametrize("name", SPIKES)
def test_the_corrected_variant_gives_the_same_spikes(name):
    chosen = hippocampal_cam.CASE.experiment(name)
    memory = network(chosen.cues, chosen.bits, variant="corrected")
    given = stimulus(chosen.operations, chosen.cues, chosen.bits, variant="corrected")
    run = simulate(memory, given, engine="discrete")
    assert recorded(run) == predicted(chosen.operations, chosen.cues)
