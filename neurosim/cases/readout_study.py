"""A classifier of handwritten digits, trained in software, put on crossbars and scored against their properties."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.rram.device.array import Faults
from hardware.rram.device.read_noise import GaussianNoise
from hardware.rram.layers.classifier import CrossbarClassifier
from hardware.rram.layers.converters import ADC, DAC
from neurosim.cases.readout_result import Curve, ReadoutResult, Sweep
from spice_models.errors import EngineError

Floats = NDArray[np.float64]

HIDDEN = 64
"""Hidden units, so that differential pairs of the first layer fill 64 x 128 cells [chosen]."""

TEST_PART = 0.25
"""Of the samples, never seen in training [chosen]."""

CALIBRATION = 200
"""Training samples that set converters and compensation [chosen]."""

DRAWS, DRAWS_TOGETHER, QUICK_DRAWS = 5, 3, 1
"""Of arrays, where writing is random [chosen]."""

LOSSY = 20.0
"""Resistance of a segment [ohm] at which array sizes are compared [chosen: costs a few points on whole arrays]."""

TOGETHER: dict[str, Any] = {
    "tile": (128, 128),
    "word_resistance": 10.0,
    "converter_bits": 8,
    "cell_bits": 5,
    "spread": 0.05,
    "stuck": 0.005,
    "read_noise": 0.02,
}
"""Every imperfection at once [chosen]; ``stuck``: half at the smallest, half at the largest conductance."""

SWEEPS: dict[str, tuple[float, ...]] = {
    "wire_resistance": (0.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    "tile": (8, 16, 32, 64, 128),
    "converter_bits": (2, 3, 4, 5, 6, 8),
    "cell_bits": (1, 2, 3, 4, 5, 6),
    "spread": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5),
    "read_noise": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5),
    "stuck": (0.0, 0.002, 0.005, 0.01, 0.02, 0.05),
}

QUICK: dict[str, tuple[float, ...]] = {
    **{name: (values[0], values[-1]) for name, values in SWEEPS.items()},
    "wire_resistance": (0.0, 50.0),
    "tile": (64, 128),
}

QUICK_SAMPLES = 150
"""Test samples of a quick run [chosen]."""

TITLES = {
    "wire_resistance": "resistance of a wire segment [ohm]",
    "tile": f"largest array, lines each way, at {LOSSY:g} ohm a segment",
    "converter_bits": "bits of DAC and ADC",
    "cell_bits": "bits of a cell",
    "spread": "spread of writing (log-normal)",
    "read_noise": "noise of each read, relative",
    "stuck": "part of cells stuck at either bound",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Classifier:
    """Two layers trained in software, and the samples.

    Parameters
    ----------
    weights, biases : tuple of array
        Of each layer.
    train, test : array, shape (samples, inputs)
    labels : array, shape (test samples,)
    predictions : array, shape (test samples,)
        Of the software.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    train: Floats
    test: Floats
    labels: NDArray[np.int64]
    predictions: NDArray[np.int64]

    @property
    def accuracy(self) -> float:
        """In software."""
        return float(np.mean(self.predictions == self.labels))

    def placed(self, *, seed: int = 0, **hardware: Any) -> CrossbarClassifier:
        """Return both layers on crossbars."""
        return CrossbarClassifier(
            list(zip(self.weights, self.biases, strict=True)), self.train[:CALIBRATION], seed=seed, **hardware
        )

    def score(self, placed: CrossbarClassifier) -> float:
        """Accuracy of the hardware."""
        return placed.score(self.test, self.labels)


def train(seed: int = 0) -> Classifier:
    """Train the classifier on the 1,797 digits of 8 x 8 pixels that scikit-learn ships.

    Raises
    ------
    EngineError
        Without scikit-learn.

    References
    ----------
    E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998), doi 10.24432/C50P49.
    """
    try:
        from sklearn.datasets import load_digits
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier
    except ImportError as error:
        raise EngineError(
            "case 'crossbar-readout' trains with scikit-learn, which is not installed: pip install 'neurofluxon[learn]'"
        ) from error
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(images))
    images, labels = images[order] / 16.0, labels[order]
    cut = round(len(images) * (1 - TEST_PART))
    model = MLPClassifier(
        hidden_layer_sizes=(HIDDEN,), alpha=1e-3, learning_rate_init=5e-3, max_iter=60, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 60 epochs are enough for a test error of 2 %
        model.fit(images[:cut], labels[:cut])
    return Classifier(
        weights=tuple(model.coefs_),
        biases=tuple(model.intercepts_),
        train=images[:cut],
        test=images[cut:],
        labels=labels[cut:],
        predictions=model.predict(images[cut:]),
    )


def run_readout(
    name: str, *, quick: bool = False, seed: int = 0, progress: Callable[[str, float], None] | None = None
) -> ReadoutResult:
    """Train, place, and sweep; see `neurosim.cases.study_case.StudyCase.run`."""
    report = progress or (lambda text, done: None)
    report("training in software", 0.0)
    classifier = train(seed)
    if quick:
        some = {what: getattr(classifier, what)[:QUICK_SAMPLES] for what in ("test", "labels", "predictions")}
        classifier = replace(classifier, **some)
    draws = range(QUICK_DRAWS if quick else DRAWS)
    sweeps = []
    for number, (swept, values) in enumerate((QUICK if quick else SWEEPS).items()):
        report(f"accuracy against {TITLES[swept]}", (number + 0.5) / (len(SWEEPS) + 1.5))
        sweeps.append(_sweep(classifier, swept, values, draws if swept in _RANDOM else range(1), seed))
    report("all imperfections at once", (len(SWEEPS) + 0.5) / (len(SWEEPS) + 1.5))
    together, cost = {}, None
    draws = range(QUICK_DRAWS if quick else DRAWS_TOGETHER)
    for label in ("none", "fixed-point", "read back"):
        placed = [_placed(classifier, {**TOGETHER}, label, 1000 * seed + draw) for draw in draws]
        together[label] = tuple(classifier.score(each) for each in placed)
        cost = placed[0].cost()
    assert cost is not None
    ideal = classifier.placed().predict(classifier.test)
    lossy = classifier.placed(word_resistance=LOSSY).layers[0].tiles[0].array
    words, bits = lossy.node_voltages(np.ones(lossy.shape[0]))
    return ReadoutResult(
        case=name,
        software=classifier.accuracy,
        ideal=float(np.mean(ideal == classifier.labels)),
        same_predictions=bool(np.array_equal(ideal, classifier.predictions)),
        test_samples=len(classifier.labels),
        shapes=tuple((w.shape[0], w.shape[1]) for w in classifier.weights),
        sweeps=tuple(sweeps),
        together=together,
        hardware={key: list(v) if isinstance(v, tuple) else v for key, v in TOGETHER.items()},
        cost=cost,
        pictures={"conductance": np.asarray(lossy.conductance), "drop": 1 - (words - bits)},
        seed=seed,
    )


_RANDOM = ("spread", "read_noise", "stuck")

_IN_WIRES = {"wires": "none", "wires, fixed-point": "fixed-point"}
"""Curves in wires of `LOSSY` ohm a segment, and how their arrays are compensated."""

_CURVES: dict[str, tuple[str, ...]] = {
    **{name: ("none", "gain", "fixed-point") for name in ("wire_resistance", "tile")},
    **{name: ("none", *_IN_WIRES) for name in ("converter_bits", "read_noise")},
    **{name: ("none", "read back") for name in ("cell_bits", "spread", "stuck")},
}
"""With and without what can make up for a property. For coarse converters and fresh noise nothing can: there it is
shown what they leave of a compensation of the wires."""


def _sweep(classifier: Classifier, name: str, values: Sequence[float], draws: range, seed: int) -> Sweep:
    curves = []
    for label in _CURVES[name]:
        method = _IN_WIRES.get(label, label)
        found = []
        for value in values:
            properties: dict[str, Any] = {name: value}
            if name == "wire_resistance":
                properties = {"word_resistance": value}
            elif name == "tile":
                properties = {"tile": (int(value), int(value)), "word_resistance": LOSSY}
            elif label in _IN_WIRES:
                properties["word_resistance"] = LOSSY
            placed = (_placed(classifier, properties, method, 1000 * seed + draw) for draw in draws)
            found.append(tuple(classifier.score(each) for each in placed))
        curves.append(Curve(label=label, accuracy=tuple(found)))
    return Sweep(name=name, title=TITLES[name], values=tuple(float(v) for v in values), curves=tuple(curves))


def _placed(classifier: Classifier, properties: dict[str, Any], label: str, seed: int) -> CrossbarClassifier:
    """Both layers on hardware with some properties, named as in `SWEEPS` or as fields of the hardware."""
    wired = "word_resistance" in properties
    method = ("fixed-point" if wired else "none") if label == "read back" else label
    hardware: dict[str, Any] = {"compensation": None if method == "none" else method}
    for name, value in properties.items():
        if name == "converter_bits":
            hardware |= {"dac": DAC(bits=int(value)), "adc": ADC(bits=int(value))}
        elif name == "cell_bits":
            hardware["cell_bits"] = int(value)
        elif name == "stuck":
            hardware["faults"] = Faults(stuck_low=value / 2, stuck_high=value / 2)
        elif name == "read_noise":
            hardware["noise"] = GaussianNoise(sigma=value) if value else None
        else:
            hardware[name] = value
    placed = classifier.placed(seed=seed, **hardware)
    return placed.retuned(seed=seed) if label == "read back" else placed
