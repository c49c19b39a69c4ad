"""Floats in JSON as serde_json 1 writes them, so that `to_str()` is equal to the last bit."""

from __future__ import annotations

import struct
from math import inf, isfinite
from typing import Self

__all__ = ["U64_MAX", "Single", "float_to_json"]

U64_MAX = 2**64 - 1


def float_to_json(value: float) -> str:
    """The shortest digits that give the number again, as serde_json lays them out; null for what JSON
    cannot write.

    >>> [float_to_json(x) for x in (1.0, 1e-5, 1e-7, 1e22, float("nan"))]
    ['1.0', '0.00001', '1e-7', '1e+22', 'null']
    """
    if isinstance(value, Single):
        return value.json()
    if not isfinite(value):
        return "null"
    return _laid_out(repr(float(value)), -5)


def _laid_out(text: str, least: int) -> str:
    """A number in Python's notation with exponents only where serde_json has them: not from `least` on."""
    mantissa, _, power = text.partition("e")
    if not power:
        return text
    exponent = int(power)
    if least <= exponent < 0:
        sign = "-" if mantissa.startswith("-") else ""
        return f"{sign}0.{'0' * (-exponent - 1)}{mantissa.lstrip('-').replace('.', '')}"
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent)}"


class Single(float):
    """A number of single precision, which has digits of its own in JSON.

    >>> Single(0.1), Single(0.1).json()
    (0.10000000149011612, '0.1')
    """

    def __new__(cls, value: float) -> Self:
        try:
            return super().__new__(cls, struct.unpack("<f", struct.pack("<f", value))[0])
        except OverflowError:
            return super().__new__(cls, inf if value > 0 else -inf)

    def json(self) -> str:
        if not isfinite(self):
            return "null"
        for digits in range(9):
            text = repr(float(f"{float(self):.{digits}e}"))
            if Single(float(text)) == self:
                break
        return _laid_out(text, -6)
