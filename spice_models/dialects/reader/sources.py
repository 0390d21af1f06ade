"""Independent sources: the words after the nodes turned into a waveform."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spice_models.dialects.reader.expressions import ExpressionError, evaluate
from spice_models.dialects.reader.lines import Line, read_text, words
from spice_models.dialects.reader.shapes import Custom, DampedSine, Eased
from spice_models.errors import DescriptionError
from spice_models.waveforms import DC, PWL, Exponential, Noise, Pulse, Sine, Waveform

Value = Callable[[str], float]

_SHAPE = re.compile(r"([A-Za-z]\w*)\s*(\(.*\))?\Z", re.S)
_REFUSED = {
    "ac": "only transient runs are supported: remove the ac part",
    "sffm": "write its points as a pwl",
    "am": "write its points as a pwl",
    "table": "write its points as a pwl",
}


@dataclass(frozen=True, kw_only=True)
class Times:
    """Step and end [s] of the run, which are the defaults of some shapes; None without a ``.tran``."""

    step: float | None = None
    stop: float | None = None


def read_source(line: Line, given: Sequence[str], value: Value, times: Times) -> Waveform:
    """Read the description of a source.

    Parameters
    ----------
    line : Line
        The statement, for messages and for the folder of wave files.
    given : sequence of str
        Its words after the nodes.
    value : callable
        Value of an expression.
    times : Times
        Of the run.

    Raises
    ------
    NetlistError
        For shapes that are not supported and values that make no sense.
    """
    rest = list(given)
    if rest and rest[0].lower() == "dc":
        rest.pop(0)
        if len(rest) > 1 and _shape(rest[1:]) is not None:
            rest.pop(0)
    if not rest:
        raise line.error(
            "the source has no value: write a number, or pwl(...), pulse(...), sin(...), exp(...), cus(...), pws(...), "
            "noise(...)"
        )
    found = _shape(rest)
    if found is None:
        if len(rest) > 1:
            raise line.error(f"{rest[1]!r} is not expected after the value of a source")
        return DC(value(rest[0]))
    kind, inside = found
    if kind in _REFUSED:
        raise line.error(f"source shape {kind!r}: {_REFUSED[kind]}")
    arguments = words(line, inside, separators=",")
    reader = _Reader(line, value, times)
    try:
        return _READERS[kind](reader, arguments)
    except DescriptionError as error:
        raise line.error(str(error)) from error


def _shape(rest: Sequence[str]) -> tuple[str, str] | None:
    match = _SHAPE.match(" ".join(rest)) if "(" in rest[0] else _SHAPE.match(rest[0])
    if match is None or match.group(1).lower() not in {**_READERS, **_REFUSED}:
        return None
    inside = match.group(2) or " ".join(rest[1:])
    inside = inside.strip()
    if inside.startswith("(") and inside.endswith(")"):
        inside = inside[1:-1]
    return match.group(1).lower(), inside


class _Reader:
    def __init__(self, line: Line, value: Value, times: Times) -> None:
        self.line = line
        self.value = value
        self._times = times

    @property
    def step(self) -> float:
        return self._of_run(self._times.step)

    @property
    def stop(self) -> float:
        return self._of_run(self._times.stop)

    def _of_run(self, value: float | None) -> float:
        if value is None:
            raise self.line.error("the values that this source leaves out come from .tran: add it, or give them")
        return value

    def numbers(self, given: Sequence[str], least: int, most: int, form: str) -> list[float]:
        if not least <= len(given) <= most:
            raise self.line.error(f"{len(given)} values do not fit: write {form}")
        return [self.value(text) for text in given]

    def pwl(self, given: Sequence[str]) -> Waveform:
        if not given or len(given) % 2:
            raise self.line.error(f"pwl takes pairs of time and value, got {len(given)} numbers")
        numbers = [self.value(text) for text in given]
        times, values = numbers[::2], numbers[1::2]
        if times[0] < 0:
            raise self.line.error(f"the times of a pwl must not be negative, got {times[0]:g} s")
        return PWL(tuple(times), tuple(values))

    def pulse(self, given: Sequence[str]) -> Waveform:
        values = self.numbers(given, 2, 7, "pulse(LOW HIGH [DELAY [RISE [FALL [WIDTH [PERIOD]]]]])")
        low, high = values[:2]
        delay, rise, fall, width, period = (values[2:] + [0.0] * 5)[:5]
        rise, fall = rise or self.step, fall or self.step
        if len(values) < 6:
            width, period = self.stop, 0.0
        elif len(values) == 7 and self._times.stop is not None and delay + period >= self._times.stop:
            period = 0.0
        return Pulse(low=low, high=high, delay=delay, rise=rise, fall=fall, width=width, period=period)

    def sine(self, given: Sequence[str]) -> Waveform:
        values = self.numbers(given, 2, 7, "sin(OFFSET AMPLITUDE [FREQUENCY [DELAY [DAMPING [DEGREES [CYCLES]]]]])")
        if len(values) == 2:
            values.append(1 / self.stop)
        offset, amplitude, frequency, delay, damping, degrees, cycles = (values + [0.0] * 5)[:7]
        if damping == degrees == 0 and cycles <= 0:
            return Sine(offset=offset, amplitude=amplitude, frequency=frequency, delay=delay)
        if frequency <= 0 or damping < 0:
            raise self.line.error("a sine needs a positive frequency and a damping that is not negative")
        return DampedSine(
            offset=offset,
            amplitude=amplitude,
            frequency=frequency,
            delay=delay,
            damping=damping,
            phase=math.radians(degrees),
            cycles=max(cycles, 0.0),
        )

    def exponential(self, given: Sequence[str]) -> Waveform:
        values = self.numbers(given, 2, 6, "exp(FIRST SECOND [DELAY [RISE [BACK [FALL]]]])")
        first, second = values[:2]
        delay = values[2] if len(values) > 2 else 0.0
        rise = values[3] if len(values) > 3 else self.step
        back = values[4] if len(values) > 4 else delay + self.step
        fall = values[5] if len(values) > 5 else self.step
        return Exponential(first=first, second=second, delay=delay, rise=rise, back=back, fall=fall)

    def noise(self, given: Sequence[str]) -> Waveform:
        amplitude, *rest = self.numbers(given, 1, 3, "noise(AMPLITUDE [DELAY [INTERVAL]])")
        delay, interval = [*rest, 0.0, 0.0][:2]
        return Noise(amplitude=amplitude, delay=delay, interval=interval or self.step)

    def eased(self, given: Sequence[str]) -> Waveform:
        points = self.pwl(given)
        assert isinstance(points, PWL)
        return Eased(times=points.times, values=points.values)

    def custom(self, given: Sequence[str]) -> Waveform:
        form = "cus(FILE STEP [FACTOR [INTERPOLATION [DELAY [REPEAT]]]])"
        if not given:
            raise self.line.error(f"cus needs the name of a file: write {form}")
        values = self.numbers(given[1:], 1, 5, form)
        step, factor, interpolation, delay, repeat = (values + [1.0, 1.0, 0.0, 0.0][len(values) - 1 :])[:5]
        if interpolation not in (0, 1, 2) or repeat not in (0, 1):
            raise self.line.error("cus: interpolation is 0 (none), 1 (linear) or 2 (cubic), repetition 0 or 1")
        if not (step > 0 and delay >= 0):
            raise self.line.error("cus needs a positive step and a delay that is not negative")
        return Custom(
            values=tuple(factor * point for point in self._wave(given[0].strip("\"'"))),
            step=step,
            order=int(interpolation),
            delay=delay,
            repeated=bool(repeat),
        )

    def _wave(self, name: str) -> list[float]:
        path = self.line.folder / name.replace("\\", "/")
        try:
            first = read_text(path).strip().partition("\n")[0]
            points = [evaluate(text) for text in re.split(r"[\s,;]+", first.strip()) if text]
        except OSError as error:
            raise self.line.error(f"cannot read wave file {path}: {error.strerror or error}") from error
        except ExpressionError as error:
            raise self.line.error(f"wave file {path}: {error}") from error
        if not points:
            raise self.line.error(f"wave file {path} holds no values in its first line")
        return points


_READERS: dict[str, Callable[[_Reader, Sequence[str]], Waveform]] = {
    "pwl": _Reader.pwl,
    "pulse": _Reader.pulse,
    "sin": _Reader.sine,
    "exp": _Reader.exponential,
    "cus": _Reader.custom,
    "noise": _Reader.noise,
    "pws": _Reader.eased,
}
