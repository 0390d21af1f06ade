"""Systems that can be run as they are: a network, its stimuli, and what must come out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from spice_models.errors import unknown_name

if TYPE_CHECKING:
    from neurosim.cases.pattern_case import PatternCase

CASES: dict[str, str] = {
    "sfq-xor": "neurosim.cases.sfq_xor:CASE",
    "sfq-logic": "neurosim.cases.sfq_logic:CASE",
}
"""Every case by name as ``"module:object"``; a module is imported when its case is loaded."""


def load_case(name: str) -> PatternCase:
    """Return a case; raises `UnknownNameError` with the nearest spelling."""
    if name not in CASES:
        raise unknown_name("case", name, CASES)
    module, _, attribute = CASES[name].partition(":")
    case: PatternCase = getattr(import_module(module), attribute)
    return case
