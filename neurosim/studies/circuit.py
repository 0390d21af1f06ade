"""What commands on margins, shmoo maps, yields and optimisations are given: a case by name or a user's netlist."""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from spice_models.analysis.parameters import (
    Parameter,
    circuit_parameters,
    element_parameters,
    find_parameter,
)
from spice_models.analysis.study import Study, netlist_study
from spice_models.analysis.trials import Rule, RuleError
from spice_models.errors import DescriptionError, NeurofluxonError, unknown_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spice_models.engines.native.engine import Batch


@dataclass(frozen=True, kw_only=True)
class FileRule:
    """A rule that is a function in a user's file: ``function(batches)`` returns one bool a variant.

    Parameters
    ----------
    path : Path
        The file.
    function : str
        Name of the function in it.
    digest : str
        Hash of the file: a file that has changed is another rule.
    """

    path: Path
    function: str
    digest: str

    def __call__(self, batches: list[Batch]) -> NDArray[np.bool_]:
        """Ask the function; what it raises is told with its line."""
        try:
            answer: NDArray[np.bool_] = self._loaded()(batches)
        except NeurofluxonError:
            raise
        except Exception as error:
            line = traceback.extract_tb(error.__traceback__)[-1]
            raise RuleError(
                f"rule {self.function!r} raised {type(error).__name__}: {error} ({line.filename}:{line.lineno})"
            ) from error
        return answer

    def _loaded(self) -> Any:
        name = f"_rule_{self.digest}"
        module = sys.modules.get(name) or _load(self.path, name)
        if not callable(found := getattr(module, self.function, None)):
            raise DescriptionError(f"{self.path} has no function {self.function!r}")
        return found


def file_rule(text: str) -> FileRule:
    """Return the rule of ``FILE.py:FUNCTION``.

    Raises
    ------
    DescriptionError
        If there is no such file or function, or the file cannot be run.
    """
    name, colon, function = text.rpartition(":")
    path = Path(name)
    if not colon or not path.is_file():
        raise DescriptionError(f"a rule is given as FILE.py:FUNCTION of a file that exists, got {text!r}")
    rule = FileRule(path=path.absolute(), function=function, digest=hashlib.sha256(path.read_bytes()).hexdigest())
    rule._loaded()
    return rule


def load_study(
    target: str,
    *,
    expect: Sequence[str] = (),
    windows: Sequence[str] = (),
    count: Sequence[str] = (),
    rule: str | None = None,
    inputs: Sequence[str] = (),
) -> Study:
    """Return the study of a case, or of a netlist with what must hold of it.

    Parameters
    ----------
    target : str
        Name of a case, or path of a netlist.
    expect, windows : sequence of str
        ``"B5=2"`` and ``"B5=20p..60p"``, for netlists.
    count, inputs : sequence of str
        As of `netlist_study`.
    rule : str, optional
        ``"FILE.py:FUNCTION"``.

    Raises
    ------
    UnknownNameError
        If there is neither such a case nor such a file.
    """
    from neurosim.cases import CASES

    given = file_rule(rule) if rule is not None else None
    if target in CASES or not (Path(target).exists() or "." in target or "/" in target):
        if expect or windows or count or inputs:
            raise DescriptionError(
                "--expect, --window, --count and --input are for netlists: a case says what must hold"
            )
        return _case_study(target, given)
    if given is not None and (expect or windows or count):
        raise DescriptionError("give either --rule or --expect, --window and --count")
    return netlist_study(
        Path(target),
        expect=dict(_expectation(text) for text in expect),
        windows=_windows(windows),
        count=count,
        rule=given,
        inputs=inputs,
    )


def find_parameters(text: str, study: Study) -> list[Parameter]:
    """Return the parameters that a word of the command line means.

    ``NAME`` is one of the study's parameters or elements, a pattern such as ``*.IT`` all that match, each by itself,
    and ``NAME=A,B,...`` a new one that moves all of A, B (names or patterns) together.
    """
    name, equals, members = text.partition("=")
    if not equals:
        return _matching(name, study)
    several = [parameter for word in members.split(",") for parameter in _matching(word, study)]
    return [Parameter(name=name, scales={key: power for p in several for key, power in p.scales.items()})]


def find_one(text: str, study: Study) -> Parameter:
    """Return the one parameter that a word means."""
    found = find_parameters(text, study)
    if len(found) > 1:
        listed = ", ".join(p.name for p in found[:5])
        raise DescriptionError(f"{text!r} means {len(found)} parameters ({listed} ...): write NAME={text} to join them")
    return found[0]


def _matching(word: str, study: Study) -> list[Parameter]:
    known = {p.name: p for p in (*study.elements, *study.parameters)}
    if not any(letter in word for letter in "*?["):
        return [find_parameter(known.values(), word)]
    found = [p for name, p in known.items() if fnmatchcase(name.lower(), word.lower())]
    if not found:
        raise unknown_name("parameter", word, known)
    return found


def _case_study(name: str, rule: Rule | None) -> Study:
    from neurosim.cases import load_case
    from neurosim.cases.margin_study import margin_study

    case: Any = load_case(name)
    if not hasattr(case, "expected"):
        raise DescriptionError(f"case {name!r} has no patterns that a circuit must get right: choose another case")
    circuits, counts, duration = margin_study(case)
    return Study(
        name=name,
        circuits=tuple(circuits),
        rule=rule or counts,
        duration=duration,
        parameters=tuple(circuit_parameters(circuits[0])),
        elements=tuple(element_parameters(circuits[0])),
    )


def _load(path: Path, name: str) -> ModuleType:
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DescriptionError(f"{path} is no Python file: a rule is given as FILE.py:FUNCTION")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except NeurofluxonError:
        raise
    except Exception as error:
        raise DescriptionError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    sys.modules[name] = module
    return module


def _expectation(text: str) -> tuple[str, int]:
    name, _, number = text.rpartition("=")
    try:
        return name.strip(), int(number)
    except ValueError:
        raise DescriptionError(f"write what is expected as JUNCTION=PULSES, such as B5=2, got {text!r}") from None


def _windows(texts: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """Windows of each junction, in the order given."""
    found: dict[str, list[tuple[float, float]]] = {}
    for name, window in map(_window, texts):
        found.setdefault(name, []).append(window)
    return found


def _window(text: str) -> tuple[str, tuple[float, float]]:
    from spice_models.dialects.reader import evaluate

    name, _, times = text.rpartition("=")
    start, dots, stop = times.partition("..")
    try:
        window = (evaluate(start), evaluate(stop))
    except ValueError:
        dots = ""
    if not dots or not name or window[0] >= window[1]:
        raise DescriptionError(f"write a window as JUNCTION=START..STOP, such as B5=20p..60p, got {text!r}")
    return name.strip(), window
