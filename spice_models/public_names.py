"""Packages whose public names are loaded at first use, from the modules that define them (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def lazily(package: str, sources: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package with these names, name to defining module.

    Importing a submodule binds it as an attribute of its package. Where a public function has the name of its module,
    that one assignment is ignored, so that the function is found; ``from package.module import ...`` works as ever.

    Raises
    ------
    AttributeError
        By ``__getattr__`` for any other name, with what was probably meant.
    """
    module = sys.modules[package]

    class Package(ModuleType):
        def __setattr__(self, name: str, value: object) -> None:
            if not (name in sources and isinstance(value, ModuleType)):
                super().__setattr__(name, value)

    def load(name: str) -> Any:
        if name in sources:
            value = getattr(import_module(sources[name]), name)
            setattr(module, name, value)
            return value
        if name.startswith("__"):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if find_spec(f"{package}.{name}") is not None:
            hint = f"it is a module, import it with 'import {package}.{name}'"
        elif close := get_close_matches(name, sources, n=1):
            hint = f"did you mean {close[0]!r}?"
        else:
            hint = f"available: {', '.join(sorted(sources))}"
        raise AttributeError(f"module {package!r} has no attribute {name!r}; {hint}")

    module.__class__ = Package
    return load, lambda: sorted({*vars(module), *sources})
