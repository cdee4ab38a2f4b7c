"""A place where parties leave packages for each other: what it must be able to do."""

from __future__ import annotations

from typing import Protocol

from models.exchange.records import Package


class MeetingPlace(Protocol):
    """Packages by their hash. Several write at the same time; what is half-written is seen by nobody."""

    def put(self, package: Package) -> bool:
        """Leave a package; False where it lies there already."""

    def names(self) -> frozenset[str]:
        """Return the hashes of all packages."""

    def get(self, name: str) -> Package:
        """Return a package.

        Raises
        ------
        UserError
            Where its content is not what its name says.
        """

    def close(self) -> None:
        """Let go of it."""
