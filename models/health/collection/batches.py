"""What went out into the field and what came back, as the project remembers it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentUnit:
    """The form of one community.

    Parameters
    ----------
    code, name : str
    objects : int
        How many objects stand in it.
    """

    code: str
    name: str
    objects: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Forms that went out together.

    Parameters
    ----------
    id : str
        Stands in every form, so that a return is known again.
    at, who : str
        When (ISO 8601) and by whom.
    indicators : tuple of str
    units : tuple of SentUnit
    """

    id: str
    at: str
    who: str
    indicators: tuple[str, ...]
    units: tuple[SentUnit, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """A filled-in form that was taken in.

    Parameters
    ----------
    batch, unit : str
    file, sha256 : str
        Its name, and hash of its content.
    at, who : str
        When it was taken in and by whom.
    recorders : tuple of str
        Who recorded, as the form says.
    records, objects : int
        How many answers it had and about how many objects.
    """

    batch: str
    unit: str
    file: str
    sha256: str
    at: str
    who: str
    recorders: tuple[str, ...] = ()
    records: int = 0
    objects: int = 0


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """What a person decided where two people saw the same thing differently.

    Parameters
    ----------
    object_code, item : str
    kept, kept_by : str
        ``"yes"`` or ``"no"``, and who had recorded it.
    dropped, dropped_by : str
    who, at : str
    """

    object_code: str
    item: str
    kept: str
    kept_by: str
    dropped: str
    dropped_by: str
    who: str = ""
    at: str = ""
