"""The value of a number as written: exact, with the powers of 1,000 that `k`, `M` and `G` stand for."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from lapt_dsl.language.tree import Number

_SUFFIXES = {"k": 10**3, "M": 10**6, "G": 10**9}

_MOST_DIGITS = 40
"""Enough for any count of this project, and few enough that arithmetic on untrusted numbers stays cheap."""


def exact(number: Number) -> Fraction | None:
    """The exact value of `number`, or None where the text is no finite decimal number of a sane length.

    >>> exact(Number(text="1.3M"))
    Fraction(1300000, 1)
    """
    text = number.text
    factor = 1
    if text[-1:] in _SUFFIXES:
        factor = _SUFFIXES[text[-1]]
        text = text[:-1]
    sign = -1 if text.startswith("-") else 1
    whole, point, decimals = text.removeprefix("-").partition(".")
    digits = whole + decimals
    if (
        not digits.isascii()
        or not digits.isdigit()
        or len(digits) > _MOST_DIGITS
        or not whole
        or (point and not decimals)
    ):
        return None
    return sign * factor * Fraction(int(digits), 10 ** len(decimals))


def whole_limit(number: Number, comparison: Literal["<=", ">="]) -> int | None:
    """The integer limit that means the same for an integer quantity: `<=` rounds down, `>=` rounds up."""
    value = exact(number)
    if value is None:
        return None
    return value.__floor__() if comparison == "<=" else value.__ceil__()
