"""Systems that can be run as they are: a network, its stimuli, and what must come out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from spice_models.errors import DescriptionError, unknown_name

if TYPE_CHECKING:
    from neurosim.cases.memory_case import MemoryCase
    from neurosim.cases.pattern_case import PatternCase
    from neurosim.cases.rate_case import RateCase
    from neurosim.cases.study_case import StudyCase

    AnyCase = PatternCase | RateCase | MemoryCase | StudyCase

CASES: dict[str, str] = {
    "sfq-xor": "neurosim.cases.sfq_xor:CASE",
    "sfq-logic": "neurosim.cases.sfq_logic:CASE",
    "sfq-xor-stochastic": "neurosim.cases.sfq_xor_stochastic:CASE",
    "crossbar-readout": "neurosim.cases.crossbar_readout:CASE",
    "hippocampal-cam": "neurosim.cases.hippocampal_cam:CASE",
    "image-memory": "neurosim.cases.image_memory:CASE",
    "cam-crossbar": "neurosim.cases.crossbar_recall:CASE",
}
"""Every case by name as ``"module:object"``; a module is imported when its case is loaded."""


def load_case(name: str) -> PatternCase:
    """Return a case of single pulses, which can be exported and has margins of pulse counts.

    Raises
    ------
    UnknownNameError
        With the nearest spelling.
    DescriptionError
        For a case in spike-rate coding, on a data set, or of a memory.
    """
    from neurosim.cases.pattern_case import PatternCase

    case = find_case(name)
    if not isinstance(case, PatternCase):
        raise DescriptionError(
            f"case {name!r} has no single pulses that answer a pattern, so no margins of pulse counts and no netlist "
            f"of one pattern: use 'neurosim run {name}'"
        )
    return case


def find_case(name: str) -> AnyCase:
    """Return any case; raises `UnknownNameError` with the nearest spelling."""
    if name not in CASES:
        raise unknown_name("case", name, CASES)
    module, _, attribute = CASES[name].partition(":")
    case: AnyCase = getattr(import_module(module), attribute)
    return case
