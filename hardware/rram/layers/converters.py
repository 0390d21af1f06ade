"""Converters at the edge of a crossbar: numbers to voltages and currents to numbers, with limits, steps and errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import pair, real, reals, whole
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

MOST_BITS = 24
"""A converter of more is a mistake [chosen]."""


@dataclass(frozen=True, kw_only=True)
class Converter:
    """What `DAC` and `ADC` share: codes, limits and errors.

    Codes stand ``LSB = (high - low) / (2^bits - 1)`` apart from ``low`` to ``high``. Where the limits are symmetric
    about zero one code fewer is used, ``LSB = (high - low) / (2^bits - 2)``, so that zero is a code. The analogue side,
    with ``u`` from 0 to 1 between the limits, is bent and shifted:

    ``u -> u + gain_error (u - u_0) + 4 nonlinearity u (1 - u)``, and ``offset`` is added,

    where ``u_0`` is zero, or the lower limit where zero is not within the limits. Without bits, limits and errors a
    converter is the identity.

    Parameters
    ----------
    bits : int, optional
        Resolution; none for a continuous one.
    limits : pair of float, optional
        Lowest and highest value; beyond, it clips. In volts for a DAC and in amperes for an ADC.
    offset : float
        Added on the analogue side [V or A].
    gain_error : float
        Relative.
    nonlinearity : float
        Integral nonlinearity as a bow: largest deviation, in the middle, as a part of the range.

    Raises
    ------
    DescriptionError
        For values that make no sense, and for conversions that need limits where none are given.
    """

    bits: int | None = None
    limits: tuple[float, float] | None = None
    offset: float = 0.0
    gain_error: float = 0.0
    nonlinearity: float = 0.0

    def __post_init__(self) -> None:
        if self.bits is not None:
            object.__setattr__(
                self, "bits", whole("bits of a converter (or None for no steps)", self.bits, least=1, most=MOST_BITS)
            )
        if self.limits is not None:
            low, high = pair("limits of a converter", self.limits)
            if not low < high:
                raise DescriptionError(f"limits of a converter must be finite, the lower first; got {self.limits}")
            object.__setattr__(self, "limits", (low, high))
            if low == -high and self.bits == 1:
                raise DescriptionError("one bit has no code for zero: give limits that begin at zero, or two bits")
        for name in ("offset", "gain_error", "nonlinearity"):
            real(f"{name} of a converter", getattr(self, name))
        if not (abs(self.nonlinearity) < 0.25 and self.gain_error > -1):
            raise DescriptionError(
                "a converter must stay monotonic: nonlinearity between -0.25 and 0.25 of the range, gain error above -1"
            )

    @property
    def ideal(self) -> bool:
        """Whether it is the identity."""
        return self == type(self)()

    @property
    def steps(self) -> int:
        """Distances between the lowest and the highest code."""
        low, high = self._range
        if self.bits is None:
            raise DescriptionError("a converter without bits has no steps")
        return (1 << self.bits) - (2 if low == -high else 1)

    @property
    def lsb(self) -> float:
        """Distance of neighbouring codes [V or A]."""
        low, high = self._range
        return (high - low) / self.steps

    def within(self, low: float, high: float) -> Self:
        """Return it with these limits, unless it has its own or needs none."""
        if self.limits is not None or (self.bits is None and self.nonlinearity == 0):
            return self
        return replace(self, limits=(low, high))

    @property
    def _range(self) -> tuple[float, float]:
        if self.limits is None:
            raise DescriptionError("a converter with bits or nonlinearity needs limits=(low, high)")
        return self.limits

    def _quantised(self, value: Floats) -> Floats:
        if self.limits is None and self.bits is None:
            return value
        low, high = self._range
        inside = np.clip(value, low, high)
        if self.bits is None:
            return inside
        if low == -high:
            return np.asarray(np.rint(inside / self.lsb) * self.lsb)
        return np.asarray(low + np.rint((inside - low) / self.lsb) * self.lsb)

    def _bent(self, value: Floats) -> Floats:
        low = self.limits[0] if self.limits is not None else 0.0
        high = self.limits[1] if self.limits is not None else 0.0
        centre = 0.0 if low <= 0 <= high else low
        out = value + self.offset + self.gain_error * (value - centre)
        if self.nonlinearity:
            low, high = self._range
            u = (value - low) / (high - low)
            out = out + 4 * self.nonlinearity * u * (1 - u) * (high - low)
        return np.asarray(out)


@dataclass(frozen=True, kw_only=True)
class DAC(Converter):
    """A digital-to-analogue converter: a number in volts becomes the voltage of the nearest code, with its errors.

    Examples
    --------
    >>> DAC(bits=2, limits=(0.0, 0.3)).convert([0.04, 0.12, 0.5]).round(3)
    array([0. , 0.1, 0.3])
    """

    def convert(self, wanted: ArrayLike) -> Floats:
        """Return the voltages [V] that appear for those wanted."""
        return self._bent(self._quantised(reals("what a DAC converts", wanted)))


@dataclass(frozen=True, kw_only=True)
class ADC(Converter):
    """An analogue-to-digital converter: a current with the converter's errors becomes the value of the nearest code.

    Without limits it gets those of the array that it reads (`hardware.rram.layers.layer`).
    """

    def convert(self, current: ArrayLike) -> Floats:
        """Return the values [A] of the codes that are read."""
        given = reals("what an ADC converts", current)
        if self.nonlinearity and self.limits is not None:
            given = np.clip(given, *self.limits)
        return self._quantised(self._bent(given))
