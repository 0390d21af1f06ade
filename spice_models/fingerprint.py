"""One short text for what a result belongs to: the same for equal descriptions, in any process and on any machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from pathlib import PurePath
from types import MethodType
from typing import Any

import numpy as np

from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError


def fingerprint(*values: Any) -> str:
    """Return a hash of values: numbers, texts, arrays, containers, dataclasses, circuits, functions by their name.

    Parameters
    ----------
    *values
        What counts. Mappings and sets count whatever their order; ``1`` and ``1.0`` are the same.

    Raises
    ------
    DescriptionError
        For an object that cannot be told from others by its value.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": [2.0]}) == fingerprint({"b": [2], "a": 1.0})
    True
    """
    digest = hashlib.sha256()
    for value in values:
        for part in _parts(value):
            digest.update(part.encode())
            digest.update(b"\0")
    return digest.hexdigest()


def _parts(value: Any) -> Iterable[str]:
    match value:
        case None | bool() | str() | bytes() | PurePath():
            yield repr(value)
        case Enum():
            yield f"{type(value).__qualname__}.{value.name}"
        case int() | float() | np.integer() | np.floating() | np.bool_():
            yield _number(value)
        case complex() | np.complexfloating():
            yield f"{_number(value.real)}{_number(value.imag)}j"
        case np.ndarray() if value.dtype != object:
            yield f"array{value.shape}"
            yield hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest() + value.dtype.str
        case Mapping():
            yield "mapping"
            yield from sorted(fingerprint(key, item) for key, item in value.items())
        case set() | frozenset():
            yield "set"
            yield from sorted(fingerprint(item) for item in value)
        case list() | tuple():
            yield f"sequence {len(value)}"
            for item in value:
                yield from _parts(item)
        case Circuit():
            yield from ("circuit", value.name)
            yield from sorted(fingerprint(element) for element in value.flatten())
        case MethodType():
            yield from ("method", value.__name__, *_parts(value.__self__))
        case partial():
            yield from ("partial", *_parts(value.func), *_parts(value.args), *_parts(value.keywords))
        case _ if is_dataclass(value) and not isinstance(value, type):
            yield type(value).__qualname__
            for item in fields(value):
                if item.compare and item.repr:
                    yield item.name
                    yield from _parts(getattr(value, item.name))
        case _:
            yield _named(value)


def _number(value: Any) -> str:
    exact_integer = isinstance(value, int | np.integer) and abs(int(value)) > 2**53
    return repr(int(value)) if exact_integer else float(value).hex()


def _named(value: Any) -> str:
    name: str | None = getattr(value, "__qualname__", None)
    if name is None or "<" in name:
        what = type(value).__qualname__ if name is None else f"function {name}"
        raise DescriptionError(
            f"cannot tell one {what} from another by its value: use numbers, texts, containers, dataclasses, and "
            "functions of a module"
        )
    return f"{getattr(value, '__module__', '')}:{name}"
