"""Frozen definitions (口径冻结): who signed a set off, a fingerprint of all of it, and who lifted it and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from models.core.errors import UserError
from models.health.editions import Edition


@dataclass(frozen=True, slots=True)
class Freeze:
    """One signing-off of the definitions.

    Parameters
    ----------
    fingerprint : str
        Of all definitions as they were signed, see :func:`fingerprint_of`.
    who, when : str
        Who signed, when (ISO 8601).
    document : str
        By which document; empty where nobody said.
    lifted_by, lifted_when, reason : str
        Who lifted it, when and why; empty while it holds.
    """

    fingerprint: str
    who: str
    when: str
    document: str = ""
    lifted_by: str = ""
    lifted_when: str = ""
    reason: str = ""


def fingerprint_of(book: Edition) -> str:
    """Return a fingerprint of all definitions of a book: names, formulas, readings, thresholds, parameters, items."""
    rows = [book.id, book.complete_share, dict(book.dimensions), [asdict(row) for row in book.indicators.values()]]
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def in_force(freezes: Sequence[Freeze]) -> Freeze | None:
    """Return the signing-off that holds, None where the definitions may be changed."""
    return freezes[-1] if freezes and not freezes[-1].lifted_when else None


def refuse_frozen(freezes: Sequence[Freeze]) -> None:
    """Refuse a change of frozen definitions.

    Raises
    ------
    UserError
        ``health.frozen``, with who signed and when.
    """
    if (held := in_force(freezes)) is not None:
        raise UserError("health.frozen", who=held.who or "—", when=held.when[:10])
