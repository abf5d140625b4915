"""Exact money: decimal text in, whole numbers of the smallest unit inside, yuan text out.

One li (厘) is 0.001 yuan, the unit in which a per-order rate with a 10 % step is still whole; one fen is
0.01 yuan, the smallest sum anyone is paid. Floats never carry money here.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from analysis.base.errors import InputError

LI_PER_YUAN = 1000
FEN_PER_YUAN = 100
BASIS_POINTS = 10_000  # one basis point is 0.01 %


def decimal_of(value: object, name: str) -> Decimal:
    """Read ``value`` as a finite decimal number; `InputError` names the field ``name`` otherwise."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError(f"{name} is not a number", value=value, expected="a number such as 4433 or 0.25")
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
