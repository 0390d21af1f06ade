"""Images in the hippocampal memory: the network answers as an ideal memory, and the command tells what was recalled."""

import builtins
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from neurosim.cases.image_memory_images import FRAGMENTS, bits_of, corrupt, fragment, image_of, load_images
from neurosim.cases.image_memory_study import WAYS, ImageMemory
from neurosim.cli import app
from neurosim.memory.hippocampal import HippocampalMemory
from neurosim.memory.nearest import nearest
from neurosim.models.hippocampal_cam import STORE
from spice_models.errors import DescriptionError, EngineError

pytest.importorskip("sklearn")

BEST = "nearest, ON and OFF cells"


def test_the_command_recalls_every_image_and_answers_as_an_ideal_memory(tmp_path):
    arguments = ["--quick", "--out", str(tmp_path / "out"), "--json", str(tmp_path / "r.json")]
    done = CliRunner().invoke(app, ["run", "image-memory", *arguments])
    assert done.exit_code == 0, done.output
    assert "10 of 10 images of 64 pixels come back from their cue, pixel for pixel" in done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"images.png", "success.png"}
    found = json.loads((tmp_path / "r.json").read_text())
    assert (found["correct"], found["recalled_exactly"], found["disagreements"]) == (True, 10, 0)
    assert set(found["fragments"]) == set(FRAGMENTS)
    assert found["operations"]["learn"] == 10
    for kind, levels in found["corrupted"].items():
        assert set(levels["success"]) == {way.name for way in WAYS}
        mean = {way: np.mean(draws, axis=1) for way, draws in levels["success"].items()}
        assert mean[BEST][0] == 1.0
        assert np.all(np.diff(mean[BEST]) <= 0.0), kind
        assert np.all(mean[BEST] >= mean["all, ON and OFF cells"])
        # digits share pixels: a search for any of them finds them all
        assert min(levels["found"]["any, ON cells"]) == 10.0
    assert found["corrupted"]["flipped"]["success"]["all, ON and OFF cells"][1:] == [[0.0, 0.0]] * 2


@pytest.mark.parametrize("match", ["any", "all", "nearest"])
def test_a_network_that_forgot_one_synapse_is_told_from_an_ideal_memory(match):
    images, _ = load_images(10)
    sound, damaged = ImageMemory(images), ImageMemory(images)
    state, own = damaged.memory.state, min(bits_of(images[3]))
    # the plastic weights in one row, of contents by cue, then of cues by content
    cues_by_content = state["weights"][damaged.memory.weights[STORE].size :].reshape(-1, 10)
    cues_by_content[own, 3] = 0.0
    damaged.memory.restore(state)
    queries = [frozenset({own})] if match == "any" else [bits_of(image) for image in images]
    for memory in (sound, damaged):
        memory.search(queries, match)
    assert sound.disagreements == 0
    assert damaged.disagreements > 0


def test_the_nearest_contents_are_those_that_counting_finds():
    generator = np.random.default_rng(2)
    contents = generator.random((12, 20)) < 0.4
    contents[:, -1] = False
    memory = HippocampalMemory(12, 20)
    for cue, content in enumerate(contents):
        memory.learn(cue, content)
    before = {name: weights.copy() for name, weights in memory.weights.items()}
    queries = [*(generator.random((30, 20)) < 0.5), {19}]
    found = nearest(memory, queries)
    for query, one in zip(queries[:-1], found, strict=False):
        shared = (contents & query).sum(axis=1)
        assert (one.shared, one.cues) == (shared.max(), set(np.flatnonzero(shared == shared.max()).tolist()))
        assert len(one.answers) <= np.floor(np.log2(query.sum())) + 1
    assert any(len(one.cues) > 1 for one in found)
    assert (found[-1].cues, found[-1].shared) == (frozenset(), 0)
    assert memory.nearest(queries[0]) == found[0].cues
    with pytest.raises(DescriptionError, match=r"use memory.nearest\(content\) for one"):
        nearest(memory, {1, 2})
    for name, weights in memory.weights.items():
        np.testing.assert_allclose(weights, before[name], atol=1e-6 * weights.max())


def test_images_are_different_digits_in_turn_and_come_back_from_their_bits():
    images, labels = load_images(40)
    assert labels.tolist() == list(range(10)) * 4
    assert len(np.unique(images, axis=0)) == 40
    for image in images:
        np.testing.assert_array_equal(image_of(bits_of(image), 64), image)
        assert len(bits_of(image)) == 64
    with pytest.raises(DescriptionError, match="a multiple of ten, not 15"):
        load_images(15)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5])
def test_corruption_takes_exactly_a_part_of_the_pixels(part):
    images, _ = load_images(10)
    generator = np.random.default_rng(0)
    shown, known = corrupt(images, "flipped", part, generator)
    assert known.all()
    assert ((shown != images).sum(axis=1) == round(64 * part)).all()
    shown, known = corrupt(images, "erased", part, generator)
    assert ((~known).sum(axis=1) == round(64 * part)).all()
    for image, one, seen in zip(images, shown, known, strict=True):
        assert bits_of(one, seen) <= bits_of(image)


def test_fragments_show_what_their_names_say():
    images, _ = load_images(10)
    generator = np.random.default_rng(0)
    shown = {name: fragment(images, name, generator)[0].reshape(8, 8) for name in FRAGMENTS}
    assert {name: int(window.sum()) for name, window in shown.items()} == {
        name: 32 if "half" in name else 16 for name in FRAGMENTS
    }
    assert shown["top half"][0].all()
    assert not (shown["top half"] & shown["bottom half"]).any()
    assert shown["left half"][:, 0].all()
    assert shown["middle quarter"][3, 3]


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def absent(name, *arguments, **options):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(EngineError, match=r"neurofluxon\[learn\]"):
        load_images(10)
