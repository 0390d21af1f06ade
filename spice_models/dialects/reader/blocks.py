"""Statements sorted into blocks: the netlist itself and its subcircuits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from spice_models.dialects.reader.lines import Line, assignments, words

_PARAMETER = re.compile(r"([A-Za-z_][\w.]*)\s*=")


@dataclass(eq=False)
class Block:
    """A subcircuit as it is written, or the netlist around them all; names are keys in lower case.

    Parameters
    ----------
    name : str
        Name of the subcircuit; of the netlist at the top.
    ports : tuple of str
        Port nodes as written; ground may be among them.
    line : Line or None
        Where the subcircuit starts; None at the top.
    defaults, parameters : mapping
        Expressions of the parameters in the head and of those set by ``.param``.
    models, elements, subcircuits
        What else the block holds.
    """

    name: str
    ports: tuple[str, ...] = ()
    line: Line | None = None
    defaults: dict[str, tuple[str, Line]] = field(default_factory=dict)
    parameters: dict[str, tuple[str, Line]] = field(default_factory=dict)
    models: dict[str, Line] = field(default_factory=dict)
    elements: list[Line] = field(default_factory=list)
    subcircuits: dict[str, Block] = field(default_factory=dict)


def sort_lines(lines: Sequence[Line], name: str) -> tuple[Block, list[Line]]:
    """Sort statements into the outermost block and the commands of the run.

    Raises
    ------
    NetlistError
        For blocks that do not match, names that are defined twice, and commands inside a subcircuit.
    """
    top = Block(name)
    open_blocks = [top]
    commands: list[Line] = []
    for line in lines:
        block = open_blocks[-1]
        if line.text[0] != ".":
            block.elements.append(line)
            continue
        match line.keyword:
            case ".subckt":
                inner = _head(line)
                if inner.name.lower() in block.subcircuits:
                    raise line.error(
                        f"subcircuit {inner.name!r} is defined twice: rename one, or include its file only once"
                    )
                block.subcircuits[inner.name.lower()] = inner
                open_blocks.append(inner)
            case ".ends":
                _close(line, open_blocks)
            case ".param" | ".params":
                _parameters(line, block)
            case ".model":
                _model(line, block)
            case keyword if block is not top:
                raise line.error(f"{keyword} inside subcircuit {block.name!r}: move it outside")
            case _:
                commands.append(line)
    for block in open_blocks:
        if block.line is not None:
            raise block.line.error(f"subcircuit {block.name!r} has no .ends")
    return top, commands


def _head(line: Line) -> Block:
    plain, named = assignments(line, [w for w in words(line)[1:] if w.lower() != "params:"])
    if len(plain) < 2:
        raise line.error("write .subckt NAME NODE ... [PARAMETER=VALUE ...], with one node at least")
    name, *ports = plain
    folded = [port.lower() for port in ports]
    for port in folded:
        if folded.count(port) > 1:
            raise line.error(f"subcircuit {name!r} has the port {port!r} twice")
    return Block(name, tuple(ports), line, {key: (value, line) for key, value in named.items()})


def _close(line: Line, open_blocks: list[Block]) -> None:
    if len(open_blocks) == 1:
        raise line.error(".ends closes nothing: remove it")
    block = open_blocks.pop()
    given = line.rest.strip()
    if given and given.lower() != block.name.lower():
        raise line.error(f".ends {given} closes subcircuit {block.name!r}: is an .ends missing before it?")


def _parameters(line: Line, block: Block) -> None:
    found = list(_PARAMETER.finditer(line.rest))
    if not found or line.rest[: found[0].start()].strip():
        raise line.error("write .param NAME=EXPRESSION")
    ends = [*(match.start() for match in found[1:]), len(line.rest)]
    for match, end in zip(found, ends, strict=True):
        name, text = match.group(1).lower(), line.rest[match.end() : end].strip()
        if not text:
            raise line.error(f"parameter {name!r} has no value")
        known = block.parameters.get(name)
        if known is not None and known[0].lower() != text.lower():
            raise line.error(f"parameter {name!r} has another value at {known[1].where}: keep one of them")
        block.parameters.setdefault(name, (text, line))


def _model(line: Line, block: Block) -> None:
    name = line.rest.split(maxsplit=1)[0].lower() if line.rest.split() else ""
    if not name:
        raise line.error("write .model NAME jj(PARAMETER=VALUE, ...)")
    known = block.models.get(name)
    if known is not None and known.rest.lower() != line.rest.lower():
        raise line.error(f"model {name!r} is defined otherwise at {known.where}: keep one of them")
    block.models.setdefault(name, line)
