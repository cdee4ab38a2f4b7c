"""The three ways in which a request can end badly.

A :class:`UserError` carries a *code* and facts, never a sentence: the sentence in the user's language, and the cure,
stand in ``resources/words`` under ``error.<code>`` and ``error.<code>.cure``. Everything that is neither a
:class:`UserError` nor :class:`Cancelled` is a bug of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class UserError(Exception):
    """A file or a request that cannot work, with the reason as a code.

    Parameters
    ----------
    code : str
        Dotted code such as ``"io.truncated"``; ``error.io.truncated`` is its sentence.
    **facts : object
        Named values for the sentence: ``file``, ``field``, ``crs`` …

    Examples
    --------
    >>> str(UserError("io.empty", file="a.ifc"))
    "io.empty (file='a.ifc')"
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, object] = {name: _plain(value) for name, value in facts.items()}

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code} ({facts})" if facts else self.code

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form that crosses a process border."""
        return {"code": self.code, "facts": dict(self.facts)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> UserError:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(str(data["code"]), **dict(data.get("facts", {})))


class Cancelled(Exception):  # noqa: N818 - an ending, not an error
    """The user asked to stop."""


class Caution:
    """Something a reader had to guess, skip or mend; the file still opened.

    Parameters
    ----------
    code : str
        ``caution.<code>`` is its sentence.
    **facts : object
        Named values for the sentence.
    """

    __slots__ = ("code", "facts")

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts: Mapping[str, object] = {name: _plain(value) for name, value in facts.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Caution) and (self.code, self.facts) == (other.code, other.facts)

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted((k, str(v)) for k, v in self.facts.items()))))

    def __repr__(self) -> str:
        return f"Caution({self.code!r}, {dict(self.facts)!r})"

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {"code": self.code, "facts": dict(self.facts)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Caution:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(str(data["code"]), **dict(data.get("facts", {})))


def _plain(value: object) -> object:
    """Keep numbers and text, turn anything else (paths, enums) into text."""
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def first_line(error: BaseException) -> str:
    """Return the first line of a library's message, two hundred letters at the most; its kind where it says nothing."""
    text = (str(error).splitlines() or [""])[0] or type(error).__name__
    return text if len(text) <= 200 else text[:197] + "…"
