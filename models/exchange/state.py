"""What a project keeps of the exchange between levels: who it speaks for, and what it knows already."""

from __future__ import annotations

from dataclasses import dataclass

from models.exchange.divisions import Party


@dataclass(frozen=True, slots=True)
class ExchangeState:
    """Who hands out, and which packages this project made or merged.

    Being part of the state, ``held`` is undone with a merge: what a record follows from is then again what it was. The
    packages themselves lie in a folder beside the project.

    Parameters
    ----------
    code, name : str
        Of the party; empty where nobody said.
    held : tuple of str
        Hashes of packages.
    """

    code: str = ""
    name: str = ""
    held: tuple[str, ...] = ()

    @property
    def party(self) -> Party | None:
        """Return who hands out, None where nobody said."""
        return Party(self.code, self.name) if self.code else None


#: Of a project that never handed anything out.
NOT_SAID = ExchangeState()
