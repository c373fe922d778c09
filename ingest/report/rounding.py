"""How numbers of a report are rounded: once, from the exact value, as Japanese offices do (四捨五入)."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

_GUARD_DIGITS = 12

RULE_JA = (
    "数値は表示する桁で一度だけ四捨五入します(負の数は絶対値で四捨五入)。"
    "達成や参考値の判定にかかわる値(取得率、達成率、指標の目標と実績)は切り捨て、繰り上げません。"
)


def round_half_up(value: Decimal | Fraction | float, decimals: int) -> Decimal:
    """The value rounded to so many decimals; a half goes away from zero (四捨五入)."""
    return _without_sign(_exact(value, decimals).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def cut(value: Decimal | Fraction | float, decimals: int) -> Decimal:
    """The value cut to so many decimals: a rate that decides over something is never rounded up (切捨て)."""
    return _without_sign(_exact(value, decimals).quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN))


def _without_sign(value: Decimal) -> Decimal:
    """The value, but 0.0 in place of -0.0."""
    return value or abs(value)


def _exact(value: Decimal | Fraction | float, decimals: int) -> Decimal:
    """The value as a decimal, the last digit of which cannot change the rounding.

    A fraction without an end is cut behind `_GUARD_DIGITS` more digits; a half has an end, so it is never mistaken.
    A float counts as the shortest decimal that means it: 1.66 is 1.66.
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Fraction):
        scale = 10 ** (decimals + _GUARD_DIGITS)
        whole = abs(value.numerator) * scale // value.denominator
        return Decimal(whole if value >= 0 else -whole).scaleb(-(decimals + _GUARD_DIGITS))
    return Decimal(repr(value))
