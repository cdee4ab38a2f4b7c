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
        self._size, self._heads = _HEAD, dict[str, list[str]]()
        for one in sorted(self.values, key=lambda one: (-len(one), one)):  # the longest first
            self._heads.setdefault(one[:_HEAD], []).append(one)

    @classmethod
    def of_bytes(cls, others: Needles) -> Needles:
        """Return needles that are found in bytes of UTF-8 read as Latin-1, sign by sign."""
        made = cls(())
        made._size = _HEAD_BYTES
        for one in sorted(others.values):
            raw = one.encode().decode("latin-1")
            if len(raw) >= _HEAD_BYTES:
                made._heads.setdefault(raw[:_HEAD_BYTES], []).append(raw)
        return made

    def __bool__(self) -> bool:
        return bool(self.values)

    def found_in(self, text: str) -> set[str]:
        """Return those that stand in a text."""
        found: set[str] = set()
        heads, size = self._heads, self._size
        if not heads:
            return found
        for at in range(len(text) - size + 1):
            for one in heads.get(text[at : at + size], ()):
                if text.startswith(one, at):
                    found.add(one)
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
