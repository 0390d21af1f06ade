"""Fan-out by splitters: binary trees in which the branches that are in a hurry pass the fewest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Split:
    """One splitter: the branches behind its two outputs, each a `Split` or the number of a leaf."""

    first: Split | int
    second: Split | int


Tree = Split | int


def balanced(urgencies: Mapping[int, float]) -> Tree:
    """Build a tree with one leaf an entry, as shallow as it can be.

    Where the number of leaves is no power of two, those of the largest urgency pass one splitter less. Equal entries
    keep their order.
    """
    level: list[Tree] = [*sorted(urgencies, key=lambda leaf: -urgencies[leaf])]
    if not level:
        raise ValueError("a tree needs at least one leaf")
    full = 1 << (len(level) - 1).bit_length()
    direct = full - len(level)
    while len(level) > 1:
        rest = level[direct:]
        level = level[:direct] + [
            Split(first=first, second=second) for first, second in zip(rest[::2], rest[1::2], strict=True)
        ]
        direct = 0
    return level[0]


def depths(tree: Tree) -> dict[int, int]:
    """Number of splitters before each leaf."""
    return dict(_depths(tree, 0))


def _depths(tree: Tree, depth: int) -> Iterator[tuple[int, int]]:
    if isinstance(tree, Split):
        yield from _depths(tree.first, depth + 1)
        yield from _depths(tree.second, depth + 1)
    else:
        yield tree, depth
