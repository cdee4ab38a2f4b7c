"""Many texts looked for in one: what was taken out of a package must not stand in it elsewhere.

A text is walked once, whatever the number of needles: each of them is found by its first signs.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.delivery.personal import MASK

#: Signs by which a needle is found.
_HEAD, _HEAD_BYTES = 2, 6
#: Digits that a number needs to be looked for: less is a storey or a year.
_LEAST_DIGITS = 6


class Needles:
    """Texts that are looked for.

    Parameters
    ----------
    values : iterable of str
    common : iterable of str
        Values that say nothing of anybody.
    """

    def __init__(self, values: Iterable[str], common: Iterable[str] = ()) -> None:
        plain = {value.strip() for value in values} - set(common)
        self.values = frozenset(one for one in plain if _is_telling(one))
        self._take(self.values, _HEAD)

    def _take(self, known: frozenset[str], size: int) -> None:
        """Note how long the needles of each head are: many that begin alike cost no more than one of each length."""
        lengths: dict[str, set[int]] = {}
        for one in known:
            lengths.setdefault(one[:size], set()).add(len(one))
        self._known, self._size = known, size
        self._lengths = {head: tuple(sorted(found)) for head, found in lengths.items()}

    @classmethod
    def of_bytes(cls, others: Needles) -> Needles:
        """Return needles that are found in bytes of UTF-8 read as Latin-1, sign by sign."""
        made = cls(())
        raw = (one.encode().decode("latin-1") for one in others.values)
        made._take(frozenset(one for one in raw if len(one) >= _HEAD_BYTES), _HEAD_BYTES)
        return made

    def __bool__(self) -> bool:
        return bool(self.values)

    def found_in(self, text: str) -> set[str]:
        """Return those that stand in a text."""
        found: set[str] = set()
        lengths, size, known = self._lengths, self._size, self._known
        if not known:
            return found
        for at in range(len(text) - size + 1):
            for length in lengths.get(text[at : at + size], ()):
                piece = text[at : at + length]
                if piece in known:
                    found.add(piece)
        return found

    def masked(self, text: str) -> str:
        """Return a text with all of them masked."""
        for one in sorted(self.found_in(text), key=lambda one: (-len(one), one)):
            text = text.replace(one, MASK)
        return text


def _is_telling(value: str) -> bool:
    if len(value) < _HEAD:
        return False
    if value.isascii():
        digits = sum(sign.isdigit() for sign in value)
        return digits >= _LEAST_DIGITS or (digits == 0 and len(value) > 3)
    return True
