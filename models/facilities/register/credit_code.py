"""The unified social credit code of an organisation (GB 32100-2015): 18 signs, of which the last is a check."""

from __future__ import annotations

#: Digits and capital letters without I, O, S, V and Z.
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_sign(first: str) -> str:
    """Return the check sign of the first 17 signs: the weights are powers of 3, all modulo 31.

    Raises
    ------
    ValueError
        Not 17 signs of :data:`SIGNS`.
    """
    if len(first) != LENGTH - 1 or any(sign not in SIGNS for sign in first):
        raise ValueError(first)
    total = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(first))
    return SIGNS[(31 - total % 31) % 31]


def fault_of(code: str) -> str:
    """Return what is wrong with a code: ``"length"``, ``"sign"``, ``"check"``; empty where it is sound."""
    text = code.strip().upper()
    if len(text) != LENGTH:
        return "length"
    if any(sign not in SIGNS for sign in text):
        return "sign"
    return "" if check_sign(text[:-1]) == text[-1] else "check"
