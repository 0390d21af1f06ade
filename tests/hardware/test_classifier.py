"""Classifiers on crossbars: three lines from scikit-learn to an accuracy, and the same class as software."""

import numpy as np
import pytest

from hardware.rram.device import Faults
from hardware.rram.layers.classifier import ACTIVATIONS, CrossbarClassifier
from hardware.rram.layers.converters import ADC, DAC
from spice_models.errors import DescriptionError, UnknownNameError


@pytest.fixture(scope="module")
def digits():
    pytest.importorskip("sklearn")
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return x[:1200] / 16, x[1200:] / 16, y[:1200], y[1200:]


def test_from_scikit_learn_to_an_accuracy_in_three_lines(digits):
    from sklearn.linear_model import LogisticRegression

    x_train, x_test, y_train, y_test = digits
    model = LogisticRegression(max_iter=200).fit(x_train, y_train)

    from hardware.rram.layers.classifier import CrossbarClassifier

    placed = CrossbarClassifier.of(model, x_train, word_resistance=2.0, dac=DAC(bits=8), adc=ADC(bits=8))
    accuracy = placed.score(x_test, y_test)

    assert accuracy == pytest.approx(model.score(x_test, y_test), abs=0.03)
    ideal = CrossbarClassifier.of(model, x_train)
    np.testing.assert_array_equal(ideal.predict(x_test), model.predict(x_test))
    np.testing.assert_allclose(ideal.outputs(x_test), model.decision_function(x_test), atol=1e-9)
    assert placed.cost().parts["adc"].energy > 0


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.filterwarnings("ignore:.*converge")
def test_perceptrons_of_every_activation_give_the_classes_of_the_software(digits, activation):
    from sklearn.neural_network import MLPClassifier

    x_train, x_test, y_train, _ = digits
    names = np.array(list("abcdefghij"))[y_train]
    model = MLPClassifier((20, 12), activation=activation, max_iter=5, random_state=0).fit(x_train, names)
    placed = CrossbarClassifier.of(model, x_train, tile=(19, 23))
    np.testing.assert_array_equal(placed.predict(x_test), model.predict(x_test))
    assert set(ACTIVATIONS) == {"relu", "tanh", "logistic", "identity"}


def test_two_classes_from_one_output(digits):
    from sklearn.linear_model import RidgeClassifier

    x_train, x_test, y_train, _ = digits
    model = RidgeClassifier().fit(x_train, y_train % 2)
    np.testing.assert_array_equal(CrossbarClassifier.of(model, x_train).predict(x_test), model.predict(x_test))


def test_reading_back_brings_accuracy_back(digits):
    from sklearn.linear_model import LogisticRegression

    x_train, x_test, y_train, y_test = digits
    model = LogisticRegression(max_iter=200).fit(x_train, y_train)
    faulty = CrossbarClassifier.of(model, x_train, spread=0.3, faults=Faults(stuck_low=0.03, stuck_high=0.03), seed=4)
    software, before = model.score(x_test, y_test), faulty.score(x_test, y_test)
    after = faulty.retuned().score(x_test, y_test)
    assert software - before > 0.05
    assert after - before > 0.5 * (software - before)


def test_layers_of_any_origin_as_matrices():
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(6, 5)), rng.normal(size=5)), (rng.normal(size=(5, 3)), None)]
    x = rng.random((20, 6))
    placed = CrossbarClassifier(layers, x, activation=np.abs)
    wanted = np.abs(x @ layers[0][0] + layers[0][1]) @ layers[1][0]
    np.testing.assert_allclose(placed.outputs(x), wanted, atol=1e-9)
    np.testing.assert_array_equal(placed.rewritten(lambda target: target).predict(x), wanted.argmax(axis=1))


def test_what_does_not_fit_is_refused():
    x, w = np.ones((3, 4)), np.ones((4, 2))
    with pytest.raises(DescriptionError, match="those of PyTorch transposed"):
        CrossbarClassifier([(w.T, None)], x)
    with pytest.raises(DescriptionError, match="layer 1 takes 4 inputs, but the layer before it gives 2"):
        CrossbarClassifier([(w, None), (w, None)], x)
    with pytest.raises(UnknownNameError, match="relu"):
        CrossbarClassifier([(w, None)], x, activation="rleu")
    with pytest.raises(UnknownNameError, match="word_resistance"):
        CrossbarClassifier([(w, None)], x, word_resistanse=2.0)
    with pytest.raises(DescriptionError, match="fit it first"):
        CrossbarClassifier.of(object(), x)
    with pytest.raises(DescriptionError, match="2 classes"):
        CrossbarClassifier([(w, None)], x, classes=["a"])
    for wrong in (None, [], [w], [(w,)], [("w", None)], [(w, "b")], [(w[0], None)]):
        with pytest.raises(DescriptionError):
            CrossbarClassifier(wrong, x)
