"""From the text of a netlist to statements: comments, continuation lines, included files, words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spice_models.errors import NetlistError

_COMMENT = re.compile(r";|(?<=\s)\$(?=\s)")
_BRACKETS = re.compile(r"[(){}\[\]']")
_CLOSING = {"(": ")", "{": "}", "[": "]"}


@dataclass(slots=True, eq=False)
class Line:
    """One statement, its continuation lines joined, and where it starts."""

    text: str
    file: str
    number: int
    folder: Path

    @property
    def where(self) -> str:
        """``FILE:LINE``."""
        return f"{self.file}:{self.number}"

    @property
    def keyword(self) -> str:
        """The first word in lower case."""
        return self.text.split(maxsplit=1)[0].lower()

    @property
    def rest(self) -> str:
        """What follows the first word."""
        return self.text.partition(" ")[2]

    def error(self, message: str) -> NetlistError:
        """Build the error for this statement; the first of a file may be meant as a title, as in SPICE."""
        title = " (if this is a title, put a * before it)" if self.number == 1 else ""
        return NetlistError(f"{self.where}: {message}{title}")


@dataclass
class Warnings:
    """What a reader of a netlist should know; each kind is told once, where it was first met."""

    told: dict[str, str] = field(default_factory=dict)

    def once(self, kind: str, line: Line, message: str) -> None:
        """Note a warning unless one of this kind was noted before."""
        self.told.setdefault(kind.lower(), f"{line.where}: {message}")


def read_lines(text: str, *, file: str | Path, folder: Path, warnings: Warnings) -> list[Line]:
    """Split a netlist into statements, files that it includes in their places.

    Parameters
    ----------
    text : str
        The netlist.
    file : str or Path
        Where it comes from: a file, or what to call it in messages.
    folder : Path
        Where ``.include`` looks.
    warnings : Warnings
        Told of ``.control`` blocks, which are left out.

    Raises
    ------
    NetlistError
        For a continuation of nothing, a block that is not closed, and files that are missing or include themselves.
    """
    above = (file.resolve(),) if isinstance(file, Path) else ()
    return _included(text, str(file), folder, warnings, above)


def read_text(path: Path) -> str:
    """Read a text file, in UTF-8 or else in Latin-1."""
    data = path.read_bytes()
    if b"\0" in data:
        raise NetlistError(f"{path}: this is no text file; give a netlist")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def words(line: Line, text: str | None = None, separators: str = "") -> list[str]:
    """Split at blanks (and ``separators``) that stand in no brackets; ``a = b`` is one word ``a=b``."""
    text = line.text if text is None else text
    if " =" in text or "= " in text:
        text = re.sub(r"\s*=\s*", "=", text)
    if not _BRACKETS.search(text):
        for separator in separators:
            text = text.replace(separator, " ")
        return text.split()
    head, _, group = text.partition("(")
    if group.endswith(")") and not _BRACKETS.search(head) and not _BRACKETS.search(group, 0, len(group) - 1):
        found = head.replace(",", " ").split() if "," in separators else head.split()
        last = "" if head[-1:] in ("", " ", *separators) else found.pop()
        return [*found, f"{last}({group}"]
    found = []
    expected: list[str] = []
    quoting = text.count("'") % 2 == 0
    start: int | None = None
    for place, letter in enumerate(text):
        if letter == "'" and quoting:
            if expected and expected[-1] == "'":
                expected.pop()
            else:
                expected.append("'")
        elif letter in _CLOSING:
            expected.append(_CLOSING[letter])
        elif letter in ")}]" and (not expected or expected.pop() != letter):
            raise line.error(f"there is a {letter!r} that closes nothing: {text[: place + 1][-40:]!r}")
        if (letter.isspace() or letter in separators) and not expected:
            if start is not None:
                found.append(text[start:place])
            start = None
        elif start is None:
            start = place
    if expected:
        raise line.error(f"there is no {expected[-1]!r} for a bracket or quote that was opened")
    if start is not None:
        found.append(text[start:])
    return found


def assignments(line: Line, given: list[str]) -> tuple[list[str], dict[str, str]]:
    """Part words into plain ones and ``name=value`` pairs, names in lower case."""
    if "=" not in line.text:
        return given, {}
    plain: list[str] = []
    named: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals:
            plain.append(word)
            continue
        if not name or not value:
            raise line.error(f"{word!r} is no assignment: write NAME=VALUE")
        if name.lower() in named:
            raise line.error(f"{name!r} is given twice: keep one")
        named[name.lower()] = value
    return plain, named


def _joined(text: str, file: str, folder: Path) -> Iterator[Line]:
    pieces: list[str] = []
    first = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        if ";" in raw or "$" in raw:
            raw = _COMMENT.split(raw, maxsplit=1)[0]
        body = " ".join(raw.split())
        if not body or body[0] in "*#":
            continue
        if body[0] == "+":
            if not pieces:
                raise NetlistError(f"{file}:{number}: there is no line before this one that '+' could continue")
            pieces += body[1:].split()
            continue
        if pieces:
            yield Line(" ".join(pieces), file, first, folder)
        pieces, first = [body], number
    if pieces:
        yield Line(" ".join(pieces), file, first, folder)


def _included(text: str, file: str, folder: Path, warnings: Warnings, above: tuple[Path, ...]) -> list[Line]:
    found: list[Line] = []
    block: Line | None = None
    for line in _joined(text, file, folder):
        if line.text[0] != "." and block is None:
            found.append(line)
            continue
        keyword = line.keyword
        if keyword == ".endc":
            if block is None:
                raise line.error(".endc closes nothing: remove it")
            block = None
        elif block is not None:
            continue
        elif keyword in (".control", ".exec", ".postrun"):
            block = line
            warnings.once(
                f"control {line.where}",
                line,
                f"the {keyword} block is ignored: commands such as .tran and .print are taken from outside it only",
            )
        elif keyword == ".end":
            return found
        elif keyword in (".include", ".inc"):
            found += _file(line, warnings, above)
        else:
            found.append(line)
    if block is not None:
        raise block.error(f"this {block.keyword} block has no .endc")
    return found


def _file(line: Line, warnings: Warnings, above: tuple[Path, ...]) -> list[Line]:
    name = line.rest.strip().strip("\"'").replace("\\", "/")
    if not name:
        raise line.error(".include needs the name of a file")
    path = line.folder / name
    try:
        resolved = path.resolve()
        if resolved in above:
            chain = " -> ".join(p.name for p in (*above[above.index(resolved) :], resolved))
            raise line.error(f"{name} includes itself: {chain}")
        text = read_text(path)
    except OSError as error:
        raise line.error(
            f"cannot read {path}: {error.strerror or error}; paths are relative to the file that has the .include"
        ) from error
    return _included(text, str(path), path.parent, warnings, (*above, resolved))
