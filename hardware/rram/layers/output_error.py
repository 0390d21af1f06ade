"""How far the decoded outputs of an array are from those wanted, over inputs that matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import reals
from hardware.rram.array.crossbar import Crossbar
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OutputError:
    """What is wanted of an array, and how far from it an effective matrix is.

    Parameters
    ----------
    array : Crossbar
        The wires; its conductances are not read.
    target : array, shape (m, n)
        Conductances that give the wanted outputs without wires [S].
    inputs : array, shape (r, m)
        Voltages [V]; see `moments`.
    decode : array, shape (n, outputs)
        Digital combination of bit lines.
    """

    array: Crossbar
    target: Floats
    inputs: Floats
    decode: Floats

    def effective(self, conductance: Floats) -> Floats:
        """Effective matrix [S] of other conductances."""
        return conductance if self.lossless else replace(self.array, conductance=conductance).effective_conductance()

    def slope(self, conductance: Floats, upstream: Floats) -> Floats:
        """Gradient of a loss with respect to the conductances, from that with respect to the currents."""
        if self.lossless:
            return np.asarray(self.inputs.T @ upstream)
        return replace(self.array, conductance=conductance).gradient(self.inputs, upstream)

    @cached_property
    def lossless(self) -> bool:
        """Whether there is no resistance but that of the cells."""
        a = self.array
        resistances = (a.word_resistance, a.bit_resistance, a.driver_resistance, a.terminal_resistance)
        return not any(np.any(np.asarray(r)) for r in resistances)

    @cached_property
    def wanted(self) -> Floats:
        """Outputs without wires."""
        return np.asarray(self.inputs @ self.target @ self.decode)

    def error(self, effective: Floats, gain: Floats) -> float:
        """Error of the outputs relative to the wanted ones, root mean square over the inputs."""
        off = self.inputs @ (effective * gain) @ self.decode - self.wanted
        size = np.linalg.norm(self.wanted)
        return float(np.linalg.norm(off) / size) if size > 0 else 0.0

    def gain(self, effective: Floats) -> Floats:
        """Least squares of ``inputs @ (E * gain) @ decode`` to what is wanted."""
        currents = self.inputs @ effective
        gram = (currents.T @ currents) * (self.decode @ self.decode.T)
        right = np.einsum("kj,ko,jo->j", currents, self.wanted, self.decode)
        # A line without current, or one that no output uses, keeps a gain of 1.
        used = np.diag(gram) > 0
        gain = np.ones(len(used))
        if np.any(used):
            kept = gram[np.ix_(used, used)]
            gain[used] = np.linalg.lstsq(kept, right[used], rcond=1e-12)[0]
        return gain


def moments(inputs: ArrayLike | None, m: int) -> Floats:
    """At most m vectors with the second moments of the inputs, which is all that a linear array's error depends on."""
    if inputs is None:
        return np.eye(m)
    v = reals("inputs of a compensation", inputs)
    if v.ndim != 2 or v.shape[1] != m or not np.all(np.isfinite(v)):
        raise DescriptionError(f"inputs of a compensation must be finite and of shape (k, {m}), got {v.shape}")
    return np.asarray(np.linalg.qr(v, mode="r")) if len(v) > m else v
