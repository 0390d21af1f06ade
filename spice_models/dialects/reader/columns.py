"""What a netlist asks to see, traced to the elements and nodes of the flattened circuit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spice_models.dialects.reader.built import Built
from spice_models.dialects.reader.commands import Kind, Output
from spice_models.elements import GROUND, CurrentControlledVoltageSource
from spice_models.errors import unknown_name


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the result.

    Parameters
    ----------
    label : str
        Its name as JoSIM writes it, such as ``P(B1|X1)``.
    kind : str
        ``"phase"`` [rad], ``"voltage"`` [V] or ``"current"`` [A].
    ends : tuple of str
        The two flattened nodes it lies between.
    element : str or None
        Flattened name of the element, if it is one's.
    file : str or None
        That of the ``.file`` before it.
    where : str
        ``FILE:LINE`` that asks for it; empty if it was not asked for.
    """

    label: str
    kind: Kind
    ends: tuple[str, str]
    element: str | None = None
    file: str | None = None
    where: str = ""


class _Names:
    def __init__(self, top: Built) -> None:
        self._top = top

    def device(self, path: str) -> tuple[str, str, str] | None:
        """Flattened name and nodes of an element."""
        label, *above = path.lower().split("|")
        place = self._top.place(above[::-1])
        if place is None or label not in place[1].elements:
            return None
        prefix, built = place
        element = built.circuit[built.elements[label]]
        if not element.nodes:
            return None
        plus, minus = (self._flat(node, above[::-1]) for node in element.nodes[:2])
        return prefix + element.name, plus, minus

    def measured(self, path: str, element: str) -> str:
        """Flattened name of the element whose current stands for that of another: JoSIM's H gives its control's."""
        label, *above = path.lower().split("|")
        place = self._top.place(above[::-1])
        assert place is not None
        prefix, built = place
        found = built.circuit[built.elements[label]]
        return prefix + found.control if isinstance(found, CurrentControlledVoltageSource) else element

    def node(self, path: str) -> str | None:
        """Flattened name of a node."""
        label, *above = path.lower().split("|")
        place = self._top.place(above[::-1])
        if place is None or label not in place[1].nodes:
            return None
        return self._flat(place[1].nodes[label], above[::-1])

    def junction(self, path: str) -> str | None:
        """Path of the junction whose phase a node stands for (WRspice); None if it is no such node."""
        label, *above = path.lower().split("|")
        place = self._top.place(above[::-1])
        if place is None or label in place[1].nodes or label not in place[1].phase_nodes:
            return None
        return "|".join((place[1].phase_nodes[label], *above))

    def _flat(self, node: str, path: Sequence[str]) -> str:
        """Follow a node outward through the ports it is joined to."""
        inner = list(path)
        while inner and node != GROUND:
            place = self._top.place(inner[:-1])
            assert place is not None
            prefix, around = place
            name, _ = around.instances[inner[-1]]
            instance = around.circuit[name]
            connections = getattr(instance, "connections", {})
            if node not in connections:
                return prefix + name + "." + node
            node = connections[node]
            inner.pop()
        return node

    def devices(self) -> list[str]:
        return ["|".join((label, *above)) for built, above in _walk(self._top, ()) for label in built.elements]

    def nodes(self) -> list[tuple[str, str]]:
        """Label and flattened name of every node but ground, in order of first use."""
        found: dict[str, str] = {}
        for built, above in _walk(self._top, ()):
            for label, name in built.nodes.items():
                if name != GROUND:
                    found.setdefault(self._flat(name, above[::-1]), "|".join((label, *above)))
        return [(label, name) for name, label in found.items()]


def resolve(outputs: Sequence[Output], top: Built) -> list[Column]:
    """Find what each output means.

    Raises
    ------
    NetlistError
        Naming the line that asks for a node or device that is not there.
    """
    names = _Names(top)
    return [_resolve(output, names) for output in outputs]


def all_node_phases(top: Built) -> list[Column]:
    """The phases of all nodes, which JoSIM writes for a netlist that asks for nothing."""
    return [
        Column(label=f"P({label})".upper(), kind="phase", ends=(name, GROUND)) for label, name in _Names(top).nodes()
    ]


def _resolve(output: Output, names: _Names) -> Column:
    where = output.line.where
    if output.kind != "current" and len(output.names) == 1 and (junction := names.junction(output.names[0])):
        found = names.device(junction)
        assert found is not None
        return Column(label=output.label, kind="phase", ends=found[1:], element=found[0], file=output.file, where=where)
    if output.device is not False:
        found = names.device(output.names[0])
        if found is not None:
            element, plus, minus = found
            if output.kind == "current":
                element = names.measured(output.names[0], element)
            return Column(
                label=output.label,
                kind=output.kind,
                ends=(plus, minus),
                element=element,
                file=output.file,
                where=where,
            )
        if output.device:
            raise output.line.error(str(unknown_name("element", output.names[0], names.devices())))
    ends: list[str] = []
    for name in output.names:
        node = names.node(name)
        if node is None:
            if names.device(name) is not None:
                raise output.line.error(f"{output.label} names a device beside another: print one column for each")
            known = [label for label, _ in names.nodes()] + names.devices()
            raise output.line.error(str(unknown_name("node or element", name, known)))
        ends.append(node)
    return Column(
        label=output.label, kind=output.kind, ends=(ends[0], [*ends, GROUND][1]), file=output.file, where=where
    )


def _walk(built: Built, above: tuple[str, ...]) -> Iterator[tuple[Built, tuple[str, ...]]]:
    yield built, above
    for label, (_, inner) in built.instances.items():
        yield from _walk(inner, (label, *above))
