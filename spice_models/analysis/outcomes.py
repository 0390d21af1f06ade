"""Which variants passed, which failed and why; in memory and in a file that a later run takes up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from spice_models.atomic import write_text
from spice_models.errors import DescriptionError

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_LETTERS = {"1": (True, True), "0": (True, False), "-": (False, False)}  # known, passed


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """Outcomes by number of the variant.

    Parameters
    ----------
    known, passed : array of bool, shape (variants,)
        Whether it was tried, and whether the rule held.
    reasons : mapping of int to str
        Why variants failed, where that was asked for.
    """

    known: Bools
    passed: Bools
    reasons: dict[int, str]

    @classmethod
    def none(cls, count: int) -> Self:
        """Nothing tried yet."""
        return cls(known=np.zeros(count, dtype=bool), passed=np.zeros(count, dtype=bool), reasons={})

    @property
    def open(self) -> Ints:
        """Numbers that were not tried yet, ascending."""
        return np.flatnonzero(~self.known).astype(np.int64)

    def add(self, numbers: Ints, passed: Bools, reasons: Mapping[int, str]) -> None:
        """Take in what was found for some variants."""
        self.known[numbers] = True
        self.passed[numbers] = passed
        self.reasons.update(reasons)


class OutcomeFile:
    """Outcomes in a JSON file, written whole under another name and then renamed.

    Parameters
    ----------
    path : str or Path
        The file.
    study : str
        `fingerprint` of all that outcomes depend on.
    """

    def __init__(self, path: str | Path, study: str) -> None:
        self.path = Path(path)
        self._study = study
        self._beyond: tuple[str, dict[str, str]] = ("", {})

    def load(self, count: int) -> Outcomes:
        """Return what the file holds for the first ``count`` variants; nothing if there is no file.

        Raises
        ------
        DescriptionError
            For a file that belongs to something else, or is none of these.
        """
        outcomes = Outcomes.none(count)
        data = read_state(self.path, self._study)
        if data is None:
            return outcomes
        letters, reasons = data["outcomes"], data["reasons"]
        assert isinstance(letters, str)
        assert isinstance(reasons, dict)
        for number, letter in enumerate(letters[:count]):
            outcomes.known[number], outcomes.passed[number] = _LETTERS[letter]
        outcomes.reasons.update({int(n): text for n, text in reasons.items() if int(n) < count})
        self._beyond = (letters[count:], {n: text for n, text in reasons.items() if int(n) >= count})
        return outcomes

    def save(self, outcomes: Outcomes) -> None:
        """Write all outcomes, with those of further variants that an earlier run left."""
        letters = "".join(np.where(outcomes.known, np.where(outcomes.passed, "1", "0"), "-"))
        more, further = self._beyond
        reasons = {str(number): text for number, text in sorted(outcomes.reasons.items())}
        write_state(self.path, self._study, {"outcomes": letters + more, "reasons": {**reasons, **further}})


def read_state(path: Path, study: str) -> dict[str, object] | None:
    """Return what `write_state` wrote for the same study; None if there is no file.

    Raises
    ------
    DescriptionError
        For a file of another study or no such file at all.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = data["study"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DescriptionError(f"{path} is not a state file of this toolkit: name another file") from error
    if found != study:
        raise DescriptionError(
            f"{path} belongs to another study (other circuit, rule, parameters, seed or times): name another file, or "
            "remove it to begin anew"
        )
    return dict(data)


def write_state(path: Path, study: str, data: Mapping[str, object]) -> None:
    """Write what a later run needs; its folder is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps({"study": study, **data}))
