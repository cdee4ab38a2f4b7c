"""A review package that is open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.delivery.manifest import Manifest


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """What is open is a package, not a project of one's own.

    Parameters
    ----------
    path : Path
        The package.
    folder : Path
        Where it was unpacked.
    manifest : Manifest
    fonts_differ : bool
        Whether it was made with other fonts than this program has, so that sheets may be set otherwise.
    """

    path: Path
    folder: Path
    manifest: Manifest
    fonts_differ: bool = False
