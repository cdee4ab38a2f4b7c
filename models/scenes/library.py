"""The presets there are: those that came with the program, and the user's own.

A file of the user's own lies in ``scenes`` of the home folder or in ``<project>_scenes`` beside the project; one with
the id of a preset that came with the program takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.core.errors import UserError
from models.scenes.preset import ScenePreset
from models.scenes.reading import read_preset
from resources import HERE

#: More files of a folder are not read.
MOST_FILES = 64
#: In which order the presets that came with the program are offered.
ORDER = (
    "drainage_live", "manholes", "lighting", "landscape", "sanitation", "black_water", "gas", "bridges_live",
    "water_supply", "heating", "tunnel_live",
    "pipes", "drainage", "greening", "smart_poles", "smart_roads", "utility_tunnel", "structures",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Library:
    """The presets that can be read, and what is wrong with the files that cannot.

    Parameters
    ----------
    presets : tuple of ScenePreset
    errors : tuple of UserError
    """

    presets: tuple[ScenePreset, ...]
    errors: tuple[UserError, ...] = ()

    def find(self, name: str) -> ScenePreset:
        """Return a preset by id or by either name.

        Raises
        ------
        UserError
            ``preset.unknown``, naming those there are.
        """
        for one in self.presets:
            if name in (one.id, one.name.zh, one.name.en):
                return one
        raise UserError("preset.unknown", name=name, known=", ".join(one.id for one in self.presets))


@lru_cache(maxsize=1)
def built_in() -> tuple[ScenePreset, ...]:
    """Return the presets that came with the program."""
    files = sorted((HERE / "scenes").glob("*.toml"))
    presets = {one.id: one for one in map(read_preset, files)}
    order = {scene_id: at for at, scene_id in enumerate(ORDER)}
    return tuple(sorted(presets.values(), key=lambda one: order.get(one.id, len(order))))


def own_folder(project: Path) -> Path:
    """Return where presets of a project's own lie."""
    return project.with_name(f"{project.stem}_scenes")


def library(folders: Iterable[Path]) -> Library:
    """Return all presets; of folders that are not there nothing is said."""
    found = {one.id: one for one in built_in()}
    errors: list[UserError] = []
    for folder in folders:
        try:
            files = sorted(path for path in folder.glob("*.toml") if path.is_file())[:MOST_FILES]
        except OSError:
            continue
        for path in files:
            try:
                preset = read_preset(path, is_own=True)
            except UserError as error:
                errors.append(error)
            else:
                found[preset.id] = preset
    return Library(tuple(found.values()), tuple(errors))
