"""Numbers with suffixes and arithmetic expressions, read by recursive descent; nothing is executed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

from spice_models.constants import FLUX_QUANTUM

Lookup = Callable[[str], float | None]

SUFFIXES = {"t": 12, "g": 9, "x": 6, "k": 3, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}
_MICRO = "\N{MICRO SIGN}\N{GREEK SMALL LETTER MU}"
_DIGITS = r"((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_UNITS = "\N{OHM SIGN}\N{GREEK CAPITAL LETTER OMEGA}"
_LETTERS = rf"([A-Za-z{_MICRO}{_UNITS}]*)"
_NUMBER = re.compile(rf"([-+]?){_DIGITS}{_LETTERS}\Z")
_TOKEN = re.compile(
    rf"\s*(?:{_DIGITS}{_LETTERS}"
    r"|([A-Za-z_][\w.]*)|(\*\*|[-+*/^(),{}\[\]]))"
)
_DEEPEST = 100

CONSTANTS = {
    "pi": math.pi,
    "phi_zero": FLUX_QUANTUM,
    "sigma": FLUX_QUANTUM / (2 * math.pi),
    "boltzmann": 1.380649e-23,
    "ev": 1.602176634e-19,
    "hbar": 1.054571817e-34,
    "c": 299792458.0,
    "mu0": 1.25663706127e-6,
    "eps0": 8.8541878188e-12,
}
"""Names that JoSIM knows, with the CODATA 2022 values; parameters of the same names come first."""

FUNCTIONS: dict[str, tuple[Callable[..., float], int | None]] = {
    **{
        name: (getattr(math, name), 1)
        for name in (
            *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
            *("exp", "log", "log10", "sqrt", "cbrt", "floor", "ceil"),
        )
    },
    "ln": (math.log, 1),
    "abs": (abs, 1),
    "int": (math.trunc, 1),
    "sgn": (lambda x: float((x > 0) - (x < 0)), 1),
    "pow": (math.pow, 2),
    "atan2": (math.atan2, 2),
    "min": (min, None),
    "max": (max, None),
}
"""Functions of expressions and how many arguments each takes; None for one or more."""


class ExpressionError(ValueError):
    """An expression without a value; whoever knows the line adds it."""


def evaluate(text: str, lookup: Lookup = lambda name: None) -> float:
    """Value of an expression such as ``{2*Lx + 0.5p}``.

    Parameters
    ----------
    text : str
        Numbers with suffixes T G MEG X K M U N P F and units, which are ignored; names; ``+ - * / ^ **``; brackets of
        any kind; the functions of `FUNCTIONS`.
    lookup : callable
        Value of a parameter by its name in lower case, None if there is none.

    Raises
    ------
    ExpressionError
        For what cannot be read or has no finite value.
    """
    plain = _number(text)
    if plain is not None:
        return plain
    reader = _Reader(text.replace("'", " ").replace('"', " "), lookup)
    try:
        value = reader.whole()
    except OverflowError as error:
        raise ExpressionError(f"{text.strip()!r} is too large a number") from error
    if not math.isfinite(value):
        raise ExpressionError(f"{text.strip()!r} has no finite value")
    return value


@lru_cache(maxsize=2**14)
def _number(text: str) -> float | None:
    """Value of a number without arithmetic, None for anything else: most values, and the same ones again and again."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    sign, digits, letters = match.groups()
    value = scaled(digits, letters)
    return None if math.isinf(value) else -value if sign == "-" else value


def scaled(digits: str, letters: str) -> float:
    """Number with the suffix at the start of ``letters``; letters that are no suffix are a unit."""
    folded = letters.lower()
    if folded.startswith("meg"):
        return float(digits) * 1e6
    if folded[:1] and folded[0] in _MICRO:
        return float(digits) * 1e-6
    exponent = SUFFIXES.get(folded[:1], 0)
    return float(f"{digits}e{exponent}") if "e" not in digits.lower() else float(digits) * 10.0**exponent


class _Reader:
    def __init__(self, text: str, lookup: Lookup) -> None:
        self._text = text.strip()
        self._lookup = lookup
        self._tokens = self._split()
        self._next = 0
        self._depth = 0

    def whole(self) -> float:
        if not self._tokens:
            raise ExpressionError("a value is missing")
        value = self._sum()
        if self._next < len(self._tokens):
            raise ExpressionError(f"{self._tokens[self._next][1]!r} is not expected in {self._text!r}")
        return value

    def _split(self) -> list[tuple[str, str, float]]:
        tokens: list[tuple[str, str, float]] = []
        place = 0
        while place < len(self._text):
            match = _TOKEN.match(self._text, place)
            if match is None:
                raise ExpressionError(f"cannot read {self._text[place:][:20]!r} in {self._text!r}")
            digits, letters, name, operator = match.groups()
            if digits is not None:
                tokens.append(("number", match.group().strip(), scaled(digits, letters)))
            elif name is not None:
                tokens.append(("name", name, 0.0))
            else:
                tokens.append(("operator", operator, 0.0))
            place = match.end()
        return tokens

    def _accept(self, *operators: str) -> str | None:
        if self._next < len(self._tokens):
            kind, text, _ = self._tokens[self._next]
            if kind == "operator" and text in operators:
                self._next += 1
                return text
        return None

    def _sum(self) -> float:
        value = self._product()
        while operator := self._accept("+", "-"):
            other = self._product()
            value = value + other if operator == "+" else value - other
        return value

    def _product(self) -> float:
        value = self._signed()
        while operator := self._accept("*", "/"):
            other = self._signed()
            if operator == "/" and other == 0:
                raise ExpressionError(f"{self._text!r} divides by zero")
            value = value * other if operator == "*" else value / other
        return value

    def _signed(self) -> float:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError(f"more than {_DEEPEST} brackets or signs within each other in {self._text[:40]!r}")
        operator = self._accept("-", "+")
        value = self._power() if operator is None else self._signed() * (-1 if operator == "-" else 1)
        self._depth -= 1
        return value

    def _power(self) -> float:
        base = self._atom()
        if self._accept("^", "**") is None:
            return base
        exponent = self._signed()
        try:
            return math.pow(base, exponent)
        except ValueError as error:
            raise ExpressionError(f"{base:g} to the power {exponent:g} has no value, in {self._text!r}") from error

    def _atom(self) -> float:
        if self._next >= len(self._tokens):
            raise ExpressionError(f"{self._text!r} ends too early")
        kind, text, value = self._tokens[self._next]
        self._next += 1
        if kind == "number":
            return value
        if kind == "operator":
            if text not in ("(", "{", "["):
                raise ExpressionError(f"{text!r} is not expected in {self._text!r}")
            value = self._sum()
            self._close(text)
            return value
        opened = self._accept("(") if text.lower() in FUNCTIONS else None
        return self._name(text) if opened is None else self._call(text)

    def _close(self, opened: str) -> None:
        closing = {"(": ")", "{": "}", "[": "]"}[opened]
        if self._accept(closing) is None:
            raise ExpressionError(f"there is no {closing!r} for a {opened!r} in {self._text!r}")

    def _name(self, name: str) -> float:
        value = self._lookup(name.lower())
        if value is None:
            value = CONSTANTS.get(name.lower())
        if value is None:
            raise ExpressionError(f"there is no parameter {name!r} for {self._text!r}: define it with .param")
        return value

    def _call(self, name: str) -> float:
        function, expected = FUNCTIONS[name.lower()]
        arguments = [self._sum()]
        while self._accept(","):
            arguments.append(self._sum())
        self._close("(")
        if expected is not None and len(arguments) != expected:
            raise ExpressionError(f"{name} takes {expected} values, got {len(arguments)}, in {self._text!r}")
        try:
            return float(function(*arguments))
        except ValueError as error:
            given = ", ".join(f"{a:g}" for a in arguments)
            raise ExpressionError(f"{name}({given}) has no value, in {self._text!r}") from error
