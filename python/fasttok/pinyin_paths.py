"""The number of readings as one int, in less than quadratic time: factors are multiplied two by two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["product_of_paths"]

Matrix = Sequence[Sequence[int]]
T = TypeVar("T")


def _product(items: Sequence[T], times: Callable[[T, T], T]) -> T:
    while len(items) > 1:
        pairs = [times(items[i], items[i + 1]) for i in range(0, len(items) - 1, 2)]
        items = [*pairs, items[-1]] if len(items) % 2 else pairs
    return items[0]


def _times(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [
        [sum(x * y for x, y in zip(row, column, strict=True) if x and y) for column in columns] for row in a
    ]


def product_of_paths(factors: Sequence[int], chains: Sequence[Sequence[Matrix]]) -> int:
    """The product of the factors, and of [0][0] of each chain's product.

    >>> product_of_paths([2, 3], [[[[1, 1], [0, 1]], [[1, 0], [1, 1]]]])
    12
    """
    numbers = [*factors, *(_product(chain, _times)[0][0] for chain in chains)]
    return _product(numbers, lambda a, b: a * b)
