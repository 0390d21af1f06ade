"""How long ways to solve an array take, to choose between them: proportions matter, not the seconds themselves."""

from __future__ import annotations

_CALL = 150e-6  # [s] of any solve [chosen: measured, as the next three]
_ITERATION = 10e-9  # [s] of one iteration, for each cell
_MULTIPLICATION = 0.08e-9  # [s] of the elimination
_TERMINAL = 8e-9  # [s] of the elimination, for each cell and bit line


def solves(shape: tuple[int, int], iterations: int, inputs: int = 1) -> float:
    """Seconds that ``inputs`` solves of ``iterations`` take on one core, for an array of ``(m, n)`` cells."""
    m, n = shape
    return inputs * (_CALL + _ITERATION * max(iterations, 1) * m * n)


def elimination(shape: tuple[int, int]) -> float:
    """Seconds that the effective matrix takes by elimination."""
    few, many = sorted(shape)
    return _CALL + many * few**2 * (_TERMINAL + _MULTIPLICATION * (many + few) / 2)


def effective_matrix(shape: tuple[int, int], iterations: int) -> float:
    """Seconds that the effective matrix takes, whichever way is shorter."""
    return min(elimination(shape), solves(shape, iterations, min(shape)))


def matrix_pays(shape: tuple[int, int], iterations: int, inputs: int) -> bool:
    """Whether so many inputs take less time by way of the effective matrix."""
    return effective_matrix(shape, iterations) < solves(shape, iterations, inputs)


def iterations_like_node_elimination(shape: tuple[int, int]) -> int:
    """Iterations of a solve that take as long as the elimination of all nodes, with its second pass."""
    n = shape[1]
    return int(30 + n * (2 * _TERMINAL + _MULTIPLICATION * n) / _ITERATION)
