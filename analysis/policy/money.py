"""Exact money: decimal text in, whole numbers of the smallest unit inside, yuan text out.

One li (厘) is 0.001 yuan, the unit in which a per-order rate with a 10 % step is still whole; one fen is
0.01 yuan, the smallest sum anyone is paid. Floats never carry money here.
"""

from __future__ import annotations

import re
from decimal import Decimal

from analysis.base.errors import InputError

LI_PER_YUAN = 1000
FEN_PER_YUAN = 100
BASIS_POINTS = 10_000  # one basis point is 0.01 %
HIGHEST = 10**11  # yuan, orders or people: beyond, a slip of the pen, and sums would leave 64 bits
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(E[+-]?[0-9]{1,2})?", re.IGNORECASE)


def decimal_of(value: object, name: str) -> Decimal:
    """Read ``value`` as a decimal number in ASCII digits, at most `HIGHEST` in size.

    Raises
    ------
    InputError
        It is none, or too large; names the field ``name``.
    """
    text = str(value).strip()
    if not DECIMAL.fullmatch(text):
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise InputError(f"{name} is not a number", value=shown, expected="a number such as 4433 or 0.25")
    number = Decimal(text)
    if abs(number) > HIGHEST:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise InputError(f"{name} is too large to be true", value=shown, expected=f"at most {HIGHEST:,}")
    return number


def whole_units(value: object, per_yuan: int, name: str) -> int:
    """Yuan as a whole, non-negative number of units of ``1 / per_yuan`` yuan.

    Raises
    ------
    InputError
        Not a number, negative, or finer than the unit.
    """
    number = decimal_of(value, name)
    scaled = number * per_yuan
    if number < 0:
        raise InputError(f"{name} is negative", value=value, expected="yuan, zero or more")
    if scaled != scaled.to_integral_value():
        smallest = Decimal(1) / per_yuan
        raise InputError(f"{name} is finer than {smallest} yuan", value=value, expected="yuan, rounded")
    return int(scaled)


def basis_points(value: object, name: str) -> int:
    """A share between 0 and 1 as whole basis points; `InputError` when outside or finer than 0.0001."""
    number = decimal_of(value, name)
    if not 0 <= number <= 1:
        raise InputError(f"{name} is not between 0 and 1", value=value, expected="a share, 0.2 for 20 %")
    scaled = number * BASIS_POINTS
    if scaled != scaled.to_integral_value():
        raise InputError(f"{name} is finer than 0.0001", value=value, expected="a share such as 0.0825")
    return int(scaled)


def half_up(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest whole number, halves up; both non-negative."""
    return (2 * numerator + denominator) // (2 * denominator)
