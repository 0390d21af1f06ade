"""Commands of a run: ``.tran``, outputs, and those that are known but have no effect."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from spice_models.dialects.reader.lines import Line, Warnings, words
from spice_models.dialects.reader.spreads import Spread, read_spread, spread_words

Value = Callable[[str, Line], float]
Kind = Literal["phase", "voltage", "current"]

_CALL = re.compile(r"([A-Za-z])\((.*)\)\Z")
_AT = re.compile(r"@(.+)\[([A-Za-z])\]\Z")
_LETTERS: dict[str, Kind] = {"p": "phase", "v": "voltage", "i": "current", "c": "current"}
_WORDS: dict[str, tuple[Kind, bool]] = {
    "phase": ("phase", True),
    "devp": ("phase", True),
    "devv": ("voltage", True),
    "devi": ("current", True),
    "nodev": ("voltage", False),
    "nodep": ("phase", False),
}
_FOREIGN = (
    ".meas",
    ".measure",
    ".func",
    ".ic",
    ".nodeset",
    ".csparam",
    ".ac",
    ".dc",
    ".op",
    ".noise",
    ".lib",
    ".global",
)
_FORMS = "phase B1, devv R1, devi L1, nodev N [M], nodep N [M], p(B1), v(N), v(N,M), i(L1), @B1[c]"


@dataclass(frozen=True, kw_only=True)
class Tran:
    """What ``.tran`` asks for: times [s], and whether the circuit settles before time zero.

    Parameters
    ----------
    step, stop : float
        Time step and end of the run.
    start, print_step : float
        When output starts and the time between its rows.
    settle : bool
        Whether sources that have a value before time zero have been on for long by then.
    where : str
        ``FILE:LINE`` of the command.
    """

    step: float
    stop: float
    start: float
    print_step: float
    settle: bool
    where: str


@dataclass(frozen=True, kw_only=True)
class Output:
    """One column that was asked for: of a device, a node (device is False), two nodes, or of either (None)."""

    kind: Kind
    names: tuple[str, ...]
    device: bool | None
    file: str | None
    line: Line

    @property
    def label(self) -> str:
        """Name of the column as JoSIM writes it."""
        letter = {"phase": "P", "voltage": "V", "current": "I"}[self.kind]
        return f"{letter}({','.join(self.names)})".upper()


@dataclass
class Run:
    """All commands of a netlist.

    Parameters
    ----------
    temperature, noise_bandwidth : float or None
        [K] and [Hz], from ``.temp`` and ``.neb``.
    spread : Spread
        From ``.spread``.
    seed : int or None
        From ``.option seed=``.
    """

    tran: Tran | None = None
    outputs: list[Output] = field(default_factory=list)
    temperature: float | None = None
    noise_bandwidth: float | None = None
    spread: Spread = field(default_factory=Spread)
    seed: int | None = None


def read_commands(lines: Sequence[Line], value: Value, warnings: Warnings) -> Run:
    """Read the commands of a netlist.

    Raises
    ------
    NetlistError
        For commands that are not supported, by name, and for those that are written wrong.
    """
    run = Run()
    file: str | None = None
    for line in lines:
        match line.keyword:
            case ".tran":
                if run.tran is not None:
                    raise line.error(f"there is a .tran already, at {run.tran.where}: keep one")
                run.tran = _tran(line, value, warnings)
            case ".print" | ".plot" | ".save":
                run.outputs += _outputs(line, file)
            case ".file":
                file = _file(line)
            case ".temp":
                run.temperature = _single(line, value)
                if run.temperature < 0:
                    raise line.error(f"the temperature must not be negative [K], got {run.temperature:g}")
            case ".neb":
                run.noise_bandwidth = _single(line, value)
                if run.noise_bandwidth <= 0:
                    raise line.error(f"the bandwidth must be positive [Hz], got {run.noise_bandwidth:g}")
            case ".spread":
                run.spread = read_spread(line, {key: value(text, line) for key, text in spread_words(line)})
            case ".iv":
                warnings.once(".iv", line, ".iv is left out: neurosim iv draws current-voltage curves of junctions")
            case ".option" | ".options":
                _options(line, run, warnings)
            case keyword:
                foreign = " (it belongs to ngspice: run this netlist with ngspice -b)" if keyword in _FOREIGN else ""
                raise line.error(
                    f"{keyword} is not supported{foreign}; known are .tran .print .plot .save .file .param .subckt "
                    ".ends .model .include .control .temp .neb .spread .options .end"
                )
    return run


def _options(line: Line, run: Run, warnings: Warnings) -> None:
    for word in words(line)[1:]:
        key, equals, text = word.partition("=")
        if key.lower() != "seed":
            warnings.once(f".option {key}", line, f"option {word!r} has no effect")
        elif not equals or not text.isdecimal():
            raise line.error("write .option seed=NUMBER with a whole number that is not negative")
        else:
            run.seed = int(text)


def _tran(line: Line, value: Value, warnings: Warnings) -> Tran:
    given = words(line)[1:]
    flags = [word.lower() for word in given if word.lower() in ("dst", "uic")]
    if "uic" in flags:
        warnings.once("uic", line, "uic has no effect: every run starts from rest")
    numbers = [value(word, line) for word in given if word.lower() not in ("dst", "uic")]
    if not 2 <= len(numbers) <= 5:
        raise line.error("write .tran STEP STOP [START [PRINT STEP]] [dst]")
    step, stop, start, print_step, window = [*numbers, 0.0, 0.0, 0.0][:5]
    print_step = print_step or step
    if not 0 < step < stop or not 0 <= start < stop or print_step < 0:
        raise line.error(
            f"need 0 < step < stop, 0 <= start < stop and a positive print step [s]; got step {step:g}, stop {stop:g}, "
            f"start {start:g}, print step {print_step:g}"
        )
    if window:
        raise line.error("a print window (filter) is not supported: remove the fifth number")
    return Tran(
        step=min(step, print_step),
        stop=stop,
        start=start,
        print_step=print_step,
        settle="dst" not in flags,
        where=line.where,
    )


def _outputs(line: Line, file: str | None) -> list[Output]:
    given = [word for word in words(line)[1:] if word.lower() not in ("tran", "node")]
    if not given:
        raise line.error(f"nothing to print; write {_FORMS}")
    found = _WORDS.get(given[0].lower())
    if found is not None:
        return _by_word(line, found, given[1:], file)
    return [_by_letter(line, word, file) for word in given]


def _by_word(line: Line, found: tuple[Kind, bool], names: Sequence[str], file: str | None) -> list[Output]:
    kind, device = found
    if not names or (not device and len(names) > 2):
        raise line.error(f"{line.text!r} names {len(names)} nodes or devices; write {_FORMS}")
    groups = [(_path(name),) for name in names] if device else [tuple(_path(name) for name in names)]
    return [Output(kind=kind, names=group, device=device, file=file, line=line) for group in groups]


def _by_letter(line: Line, word: str, file: str | None) -> Output:
    if word.lower().endswith("#branch"):
        return Output(kind="current", names=(_path(word[:-7]),), device=True, file=file, line=line)
    if match := _AT.match(word):
        name, letter = match.groups()
        if letter.lower() in _LETTERS:
            return Output(kind=_LETTERS[letter.lower()], names=(_path(name),), device=True, file=file, line=line)
    if (match := _CALL.match(word)) and match.group(1).lower() in _LETTERS:
        names = tuple(_path(name) for name in re.split(r"[,\s]+", match.group(2).strip()) if name)
        kind = _LETTERS[match.group(1).lower()]
        if len(names) == 1 or (len(names) == 2 and kind != "current"):
            device = True if kind == "current" else None if len(names) == 1 else False
            return Output(kind=kind, names=names, device=device, file=file, line=line)
    raise line.error(f"cannot print {word!r}; write {_FORMS}")


def _path(name: str) -> str:
    return name.replace(".", "|")


def _file(line: Line) -> str:
    name = line.rest.strip().strip("\"'").replace("\\", "/")
    if not name.lower().endswith((".csv", ".dat")):
        raise line.error(f".file {name!r}: only names that end in .csv or .dat are supported")
    return str(line.folder / name) if "/" not in name else name


def _single(line: Line, value: Value) -> float:
    given = words(line)[1:]
    if len(given) != 1:
        raise line.error(f"write {line.keyword} VALUE")
    return value(given[0], line)
