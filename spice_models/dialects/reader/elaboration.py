"""Blocks turned into circuits: every use of a subcircuit, with the parameters it is given."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spice_models.circuit import Circuit, Instance, SubCircuit
from spice_models.dialects.hierarchy import NamePool
from spice_models.dialects.reader.blocks import Block
from spice_models.dialects.reader.built import Built, Local
from spice_models.dialects.reader.lines import Line, Warnings, assignments, words
from spice_models.dialects.reader.primitives import ARBITRARY_SOURCE, ELEMENTS, REPEATABLE, refusal
from spice_models.dialects.reader.scopes import Scope
from spice_models.dialects.reader.sources import Times
from spice_models.dialects.reader.statements import LOCAL, Statement
from spice_models.elements import GROUND, Mutual, Primitive, placed
from spice_models.errors import DescriptionError, unknown_name

_LAST = "kKfFhH"  # They refer to other elements of the block.
_ODD = re.compile(r"[(){}\[\]'=]")
_ILLEGAL = re.compile(r"[^A-Za-z0-9_]")
_DEEPEST = 100


class Elaborator:
    """Builds circuits; uses of a subcircuit with the same values share one.

    Parameters
    ----------
    warnings : Warnings
        Told of what has no effect.
    times : Times
        Of the run, for sources that leave values out.
    """

    def __init__(self, warnings: Warnings, times: Times) -> None:
        self.warnings = warnings
        self.times = times
        self._open: list[Block] = []
        self._made: dict[object, Built] = {}

    def build(self, scope: Scope) -> Built:
        """Build the circuit of a block.

        Raises
        ------
        NetlistError
            Naming the line of what cannot be built.
        """
        block = scope.block
        names = NamePool((GROUND,))
        built = Built(Circuit(legal(block.name)), nodes={"0": GROUND, "gnd": GROUND})
        if block.line is not None:
            open_ports = [port.lower() for port in block.ports if port.lower() not in built.nodes]
            built.nodes.update({port: names.new(legal(port)) for port in open_ports})
            ports = tuple(built.nodes[port] for port in open_ports)
            built.circuit = SubCircuit(legal(block.name), ports)
        maker = _Maker(self, scope, built, names)
        for line in sorted(block.elements, key=lambda line: line.text[0] in _LAST):
            try:
                maker.add(line)
            except DescriptionError as error:
                raise line.error(str(error)) from error
        for label in scope.elements:
            if label not in built.elements:
                raise (block.line or block.elements[0]).error(f"{label!r} is no element of {block.name!r}")
        return built

    def subcircuit(self, block: Block, outer: Scope, line: Line, given: dict[str, float]) -> Built:
        """Build a subcircuit as one instance, on ``line``, uses it."""
        if block in self._open:
            chain = " -> ".join(b.name for b in (*self._open[self._open.index(block) :], block))
            raise line.error(f"subcircuit {block.name!r} contains itself: {chain}")
        if len(self._open) >= _DEEPEST:
            raise line.error(f"subcircuits are nested more than {_DEEPEST} deep")
        key = (block, outer, tuple(sorted(given.items())))
        if key not in self._made:
            labels = {element.keyword for element in block.elements}
            elements = {k: v for k, v in given.items() if k in labels and k not in block.defaults}
            parameters = {k: v for k, v in given.items() if k not in elements}
            for name in parameters:
                if name not in block.defaults and name not in block.parameters:
                    known = [*block.defaults, *block.parameters, *labels]
                    raise line.error(str(unknown_name("parameter or element", name, known, f" in {block.name!r}")))
            self._open.append(block)
            self._made[key] = self.build(Scope(block, outer, self.warnings, parameters, elements))
            self._open.pop()
        return self._made[key]


class _Maker:
    def __init__(self, elaborator: Elaborator, scope: Scope, built: Built, nodes: NamePool) -> None:
        self._elaborator = elaborator
        self._scope = scope
        self._built = built
        self._node_names = nodes
        self._element_names = NamePool()
        self._known: dict[tuple[str, str], Primitive] = {}

    def add(self, line: Line) -> None:
        text = line.text
        letter = text[0].lower()
        if letter in REPEATABLE and self._repeated(line, text.split(" ", 3)):
            return
        plain, named = assignments(line, words(line))
        label = plain[0] if plain else text
        folded = label.lower()
        if folded in self._built.elements or folded in self._built.instances:
            raise line.error(f"{label} stands in {self._built.circuit.name!r} already: give it a name of its own")
        if letter == "x":
            self._instance(line, plain, named)
        elif letter == "k":
            self._mutual(line, plain, named)
        elif letter in ELEMENTS:
            self._element(line, plain, named)
        else:
            raise line.error(refusal(letter, label))

    def _repeated(self, line: Line, parts: Sequence[str]) -> bool:
        """Add an element whose line differs from an earlier one in the name and the nodes only, as most do."""
        if len(parts) < 4:
            return False
        label, plus, minus, rest = parts
        known = self._known.get((line.text[0], rest))
        folded = label.lower()
        if known is None or folded in self._built.elements or folded in self._built.instances:
            return False
        if _ODD.search(line.text, 0, len(line.text) - len(rest)):
            return False
        name = self._name(label)
        self._built.circuit.add_known(placed(known, name, self._node(plus, line), self._node(minus, line)))
        self._built.lines[name] = line
        return True

    def _element(self, line: Line, plain: Sequence[str], named: dict[str, str]) -> None:
        letter = line.text[0].lower()
        form, count, make = ELEMENTS[letter]
        if letter in "fh" and len(plain) == 5:
            count = 2
        last = plain[-1].lower() if len(plain) > 4 else ""
        quiet = letter == "r" and last == "nfree"
        if quiet or (letter == "l" and last == "fcheck"):
            plain = plain[:-1]
        if letter == "b" and plain and not {"i", "v"}.isdisjoint(named):
            raise line.error(f"{plain[0]}: {ARBITRARY_SOURCE}")
        if len(plain) < 1 + count + (letter != "t"):
            raise line.error(f"write {form}")
        name = self._name(plain[0])
        nodes = [self._node(node, line) for node in plain[1 : 1 + count]]
        made = make(self._statement(line, name, nodes, plain, named))
        if letter == "b" and len(plain) > 4:
            self._built.phase_nodes[plain[3].lower()] = plain[0].lower()
        if letter in REPEATABLE and not self._scope.elements and not quiet and LOCAL.isdisjoint(named):
            parts = line.text.split(" ", 3)
            if parts[:3] == list(plain[:3]) and not isinstance(made, tuple):
                self._known[line.text[0], parts[3]] = made
        for element in made if isinstance(made, tuple) else (made,):
            self._built.circuit.add_known(element)
            self._built.lines[element.name] = line
        if named or quiet:
            local = {key: self._scope.evaluate(named[key], line) for key in LOCAL if key in named}
            local |= {"temp": 0.0} if quiet else {}
            if local:
                self._built.local[name] = Local(**local)

    def _statement(
        self, line: Line, name: str, nodes: Sequence[str], plain: Sequence[str], named: dict[str, str]
    ) -> Statement:
        return Statement(
            line=line,
            label=plain[0],
            name=name,
            nodes=nodes,
            rest=plain[1 + len(nodes) :],
            named=named,
            scope=self._scope,
            times=self._elaborator.times,
            warnings=self._elaborator.warnings,
            name_of=self._built.elements.get,
            fresh=self._element_names.new,
        )

    def _name(self, label: str) -> str:
        name = self._element_names.new(legal(label))
        self._built.elements[label.lower()] = name
        return name

    def _node(self, node: str, line: Line) -> str:
        folded = node.lower()
        known = self._built.nodes.get(folded)
        if known is None:
            if "gnd" in folded:
                self._elaborator.warnings.once(
                    f"ground {folded}", line, f"node {node!r} is an ordinary node here: write 0 or gnd for ground"
                )
            known = self._built.nodes[folded] = self._node_names.new(legal(node))
        return known

    def _mutual(self, line: Line, plain: Sequence[str], named: dict[str, str]) -> None:
        if len(plain) != 4 or named:
            raise line.error("write KNAME L1 L2 COUPLING")
        coils = []
        for coil in plain[1:3]:
            if coil.lower() not in self._built.elements or coil[0] not in "lL":
                inductors = [e for e in self._built.elements if e.startswith("l")]
                raise line.error(str(unknown_name("inductor", coil, inductors, f" in {self._built.circuit.name!r}")))
            coils.append(self._built.elements[coil.lower()])
        given = self._scope.elements.get(plain[0].lower())
        coupling = self._scope.evaluate(plain[3], line) if given is None else given
        mutual = Mutual(name=self._name(plain[0]), first=coils[0], second=coils[1], coupling=coupling)
        self._built.circuit.add(mutual)
        self._built.lines[mutual.name] = line

    def _instance(self, line: Line, plain: Sequence[str], named: dict[str, str]) -> None:
        if len(plain) < 3:
            raise line.error("write XNAME SUBCIRCUIT NODE ... or XNAME NODE ... SUBCIRCUIT")
        found = [w for w in (plain[-1], plain[1]) if self._scope.subcircuit(w)]
        if not found:
            known = self._scope.subcircuit_names()
            raise line.error(str(unknown_name("subcircuit", plain[-1], known, f" (nor {plain[1]!r}) for {plain[0]}")))
        at = {w: plain[1:-1] if w == plain[-1] else plain[2:] for w in found}
        sized = {w: (self._scope.subcircuit(w), nodes) for w, nodes in at.items()}
        choice = next((w for w, (s, nodes) in sized.items() if s and len(s[0].ports) == len(nodes)), found[0])
        subcircuit, nodes = sized[choice]
        assert subcircuit is not None
        block, outer = subcircuit
        if len(nodes) != len(block.ports):
            raise line.error(
                f"{plain[0]} joins {len(nodes)} nodes, but subcircuit {block.name!r} has {len(block.ports)} ports: "
                f"{' '.join(block.ports)}"
            )
        given = {key: self._scope.evaluate(text, line) for key, text in named.items()}
        inner = self._elaborator.subcircuit(block, outer, line, given)
        assert isinstance(inner.circuit, SubCircuit)
        joined = {}
        for port, node in zip(block.ports, nodes, strict=True):
            inside, outside = inner.nodes[port.lower()], self._node(node, line)
            if inside == GROUND != outside:
                raise line.error(f"{plain[0]} joins node {node!r} to port {port} of {block.name!r}, which is ground")
            if inside != GROUND:
                joined[inside] = outside
        name = self._element_names.new(legal(plain[0]))
        self._built.circuit.add(Instance(name=name, subcircuit=inner.circuit, connections=joined))
        self._built.instances[plain[0].lower()] = (name, inner)


def legal(name: str) -> str:
    """Return a name with everything but letters, digits and underscores replaced by underscores."""
    return name if name.isidentifier() and name.isascii() else _ILLEGAL.sub("_", name) or "_"
