"""A trained classifier of one or more layers on crossbars, from scikit-learn or as matrices of weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.cost import CrossbarCost
from hardware.rram.arguments import reals, whole
from hardware.rram.layers.layer import CrossbarLayer
from spice_models.errors import DescriptionError, unknown_name

Floats = NDArray[np.float64]
Activation = Callable[[Floats], Floats]

ACTIVATIONS: dict[str, Activation] = {
    "relu": lambda x: np.maximum(x, 0.0),
    "tanh": np.tanh,
    "logistic": lambda x: 1.0 / (1.0 + np.exp(-np.clip(x, -500.0, 500.0))),
    "identity": lambda x: x,
}
"""Between layers, by scikit-learn's names; digital, and exact."""

CALIBRATION = 200
"""Inputs of those given that set converters and compensation [chosen]."""


class CrossbarClassifier:
    """Layers on crossbars, with an activation between them; the class is the largest output.

    With a single output, the class is the second of two where the output is above zero.

    Parameters
    ----------
    layers : sequence of (weights, bias)
        ``weights[m, n]`` as scikit-learn's ``coefs_[k]``, or PyTorch's ``weight.T.detach().numpy()``; ``bias[n]``, or
        None.
    calibration : array, shape (k, m)
        Typical inputs, such as those of the training: they set converters and compensation, layer by layer.
    activation : {"relu", "tanh", "logistic", "identity"} or callable
        After each layer but the last.
    classes : array, optional
        Names of the classes, in the order of the outputs; 0, 1, ... if not given.
    seed : int
        Of what is written, and of noise.
    **hardware
        As of `CrossbarLayer`, such as ``word_resistance=2.0``.

    Raises
    ------
    DescriptionError
        For layers that do not follow on each other.

    Examples
    --------
    >>> layers = [([[1.0, -1.0], [-1.0, 1.0]], None)]
    >>> placed = CrossbarClassifier(layers, [[1.0, 0.5], [0.0, 1.0]], classes=["a", "b"])
    >>> placed.predict([[0.9, 0.1], [0.2, 0.7]]).tolist()
    ['a', 'b']
    """

    def __init__(
        self,
        layers: Sequence[tuple[ArrayLike, ArrayLike | None]],
        calibration: ArrayLike,
        *,
        activation: str | Activation = "relu",
        classes: ArrayLike | None = None,
        seed: int = 0,
        **hardware: Any,
    ) -> None:
        if isinstance(activation, str):
            if activation not in ACTIVATIONS:
                raise unknown_name("activation", activation, ACTIVATIONS)
            self._activation = ACTIVATIONS[activation]
        elif callable(activation):
            self._activation = activation
        else:
            raise DescriptionError(f"activation must be a name or a function, got {activation!r}")
        given = _pairs(layers)
        seen = np.atleast_2d(reals("calibration", calibration))
        seen = seen[np.linspace(0, len(seen) - 1, min(CALIBRATION, len(seen))).astype(int)]
        seeds = np.random.SeedSequence(whole("seed", seed, least=0)).generate_state(len(given))
        placed: list[CrossbarLayer] = []
        for (weights, bias), own in zip(given, seeds, strict=True):
            if seen.shape[1] != len(weights):
                where = "calibration has" if not placed else "the layer before it gives"
                raise DescriptionError(
                    f"layer {len(placed)} takes {len(weights)} inputs, but {where} {seen.shape[1]}: weights are "
                    "(inputs, outputs), those of PyTorch transposed"
                )
            placed.append(CrossbarLayer(weights, bias=bias, calibration=seen, seed=int(own), **hardware))
            seen = self._activation(seen @ weights + (0.0 if bias is None else bias))
        self.layers = tuple(placed)
        outputs = placed[-1].weights.shape[1]
        self.classes = np.arange(max(outputs, 2)) if classes is None else np.asarray(classes)
        if self.classes.shape != (max(outputs, 2),):
            raise DescriptionError(f"{outputs} outputs need {max(outputs, 2)} classes, got {self.classes.shape}")

    @classmethod
    def of(cls, model: Any, calibration: ArrayLike, *, seed: int = 0, **hardware: Any) -> CrossbarClassifier:
        """Put a trained classifier of scikit-learn on crossbars: a linear one or a perceptron of several layers.

        Parameters
        ----------
        model : object
            With ``coefs_``, ``intercepts_`` and ``activation`` (``MLPClassifier``), or ``coef_`` and ``intercept_``
            (``LogisticRegression``, ``LinearSVC``, ``RidgeClassifier``, ``Perceptron``), and ``classes_``.
        calibration, seed, **hardware
            As above.

        Raises
        ------
        DescriptionError
            For a model without weights of that kind, or one that has not been trained.
        """
        if hasattr(model, "coefs_") and hasattr(model, "classes_"):
            layers = list(zip(model.coefs_, model.intercepts_, strict=True))
            activation = model.activation
        elif hasattr(model, "coef_") and hasattr(model, "classes_") and hasattr(model, "intercept_"):
            weights = np.atleast_2d(model.coef_).T
            layers = [(weights, np.broadcast_to(model.intercept_, weights.shape[1:]))]
            activation = "identity"
        else:
            raise DescriptionError(
                f"a {type(model).__name__} has no weights and classes as trained classifiers of scikit-learn have: fit "
                "it first, or give CrossbarClassifier a list of (weights, bias)"
            )
        return cls(layers, calibration, activation=activation, classes=model.classes_, seed=seed, **hardware)

    def outputs(self, x: ArrayLike) -> Floats:
        """What the last layer delivers for inputs ``x[k, m]``: shape (k, outputs)."""
        for layer in self.layers[:-1]:
            x = self._activation(layer(x))
        return self.layers[-1](x)

    def predict(self, x: ArrayLike) -> NDArray[Any]:
        """Classes that the hardware finds, shape (k,)."""
        out = self.outputs(x)
        found = (out[..., 0] > 0).astype(int) if out.shape[-1] == 1 else np.argmax(out, axis=-1)
        return np.asarray(self.classes[found])

    def score(self, x: ArrayLike, labels: ArrayLike) -> float:
        """Accuracy: the part of the inputs whose class is right."""
        found, right = self.predict(x), np.asarray(labels)
        if found.shape != right.shape:
            raise DescriptionError(f"{len(found)} inputs need as many labels, got shape {right.shape}")
        return float(np.mean(found == right))

    def retuned(self, *, seed: int = 0, **options: Any) -> CrossbarClassifier:
        """Return it with every layer read back and corrected; options as of `CrossbarLayer.retuned`."""
        seeds = np.random.SeedSequence(whole("seed", seed, least=0)).generate_state(len(self.layers))
        return self._with([r.retuned(seed=int(s), **options) for r, s in zip(self.layers, seeds, strict=True)])

    def rewritten(self, write: Callable[[Floats], Floats]) -> CrossbarClassifier:
        """Return it with every array written in another way; see `CrossbarLayer.rewritten`."""
        return self._with([layer.rewritten(write) for layer in self.layers])

    def cost(self, **options: Any) -> CrossbarCost:
        """Cost of one classification; options as of `CrossbarLayer.cost`."""
        total = self.layers[0].cost(**options)
        for layer in self.layers[1:]:
            total = total + layer.cost(**options)
        return total

    def _with(self, layers: list[CrossbarLayer]) -> CrossbarClassifier:
        other = copy(self)
        other.layers = tuple(layers)
        return other


def _pairs(layers: Any) -> list[tuple[Floats, Floats | None]]:
    if not isinstance(layers, list | tuple) or not layers:
        raise DescriptionError(f"layers must be a list of (weights, bias), got {layers!r:.60}")
    pairs = []
    for k, layer in enumerate(layers):
        if not isinstance(layer, list | tuple) or len(layer) != 2:
            raise DescriptionError(f"layer {k} must be a pair (weights, bias), bias None for none")
        weights = reals(f"weights of layer {k}", layer[0])
        if weights.ndim != 2:
            raise DescriptionError(f"weights of layer {k} must have two axes (inputs, outputs), got {weights.shape}")
        pairs.append((weights, None if layer[1] is None else reals(f"bias of layer {k}", layer[1])))
    return pairs
