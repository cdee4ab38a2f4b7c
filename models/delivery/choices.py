"""What a person chose when a review package is made."""

from __future__ import annotations

from dataclasses import dataclass

#: What can be taken out of a package, in the order in which it is offered.
REDACTIONS = ("readings", "places", "fields", "photos", "notes", "people")


@dataclass(frozen=True, slots=True)
class Choices:
    """What goes into a package and what is taken out of it.

    Parameters
    ----------
    without : tuple of str
        Ids of layers that are left out.
    redact : tuple of str
        Of :data:`REDACTIONS`: ``"readings"`` (values of sensors), ``"places"`` (points about people move to the middle
        of their unit), ``"fields"`` (owners, telephones, identity numbers …, see ``fields``), ``"photos"``, ``"notes"``
        of ledger and records, ``"people"`` who checked, wrote and signed.
    fields : tuple of (str, str)
        Layer and field that are dropped with ``"fields"``.
    """

    without: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


#: Everything, as it is.
ALL = Choices()
