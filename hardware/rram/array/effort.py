"""How long ways to solve an array take, to choose between them: proportions matter, not the seconds themselves."""

from __future__ import annotations

import math

_CALL = 150e-6  # [s] of any solve [chosen: measured, as the next three]
_ITERATION = 10e-9  # [s] of one iteration, for each cell
_MULTIPLICATION = 0.08e-9  # [s] of the elimination
_TERMINAL = 8e-9  # [s] of the elimination, for each cell and bit line


def solves(shape: tuple[int, int], iterations: int, inputs: int = 1) -> float:
    """Seconds that ``inputs`` solves of ``iterations`` take on one core, for an array of ``(m, n)`` cells."""
    m, n = shape
    return inputs * (_CALL + _ITERATION * max(iterations, 1) * m * n)


def elimination(shape: tuple[int, int], ends: tuple[int, int] = (1, 1)) -> float:
    """Seconds that the effective matrix takes by elimination; ``ends`` of the word lines and of the bit lines."""
    m, n = shape
    passes = min(ends[0] * m, ends[1] * n)
    return _CALL + passes * m * n * (_TERMINAL + _MULTIPLICATION * (m + n) / 2)


def effective_matrix(shape: tuple[int, int], iterations: int, ends: tuple[int, int] = (1, 1)) -> float:
    """Seconds that the effective matrix takes, whichever way is shorter."""
    return min(elimination(shape, ends), solves(shape, iterations, min(shape)))


def matrix_pays(shape: tuple[int, int], iterations: int, inputs: int, ends: tuple[int, int] = (1, 1)) -> bool:
    """Whether so many inputs take less time by way of the effective matrix."""
    return effective_matrix(shape, iterations, ends) < solves(shape, iterations, inputs)


def node_elimination(shape: tuple[int, int]) -> float:
    """Seconds that the elimination of all nodes takes, with its second pass."""
    few, many = sorted(shape)
    return many * few**2 * (2 * _TERMINAL + _MULTIPLICATION * few)


def node_elimination_memory(shape: tuple[int, int]) -> int:
    """Bytes that it takes: couplings at every k-th row, and records of k rows, beside some numbers for each cell."""
    few, many = sorted(shape)
    kept = math.isqrt(many - 1) + 1
    return 8 * (few * (few + 3) * (2 * kept + 1) + 8 * few * many)


def iterations_like_node_elimination(shape: tuple[int, int]) -> int:
    """Iterations of a solve that take as long as the elimination of all nodes."""
    m, n = shape
    return int(30 + node_elimination(shape) / (_ITERATION * m * n))
