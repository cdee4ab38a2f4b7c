"""The font of words in the city: ours, or where a character is missing in it a font of the system that has it.

Ours holds the characters of GB 2312; names of places and people need more (昇, 喆, 堃, 垚, 峧, 澥).
A text is written in one font, so that it looks of a piece.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from resources import HERE

OWN = HERE / "fonts" / "NotoSansSC-Bold-subset.otf"
#: Fonts of Chinese that systems have, by the beginning of their file's name, the best first.
PREFERRED = (
    "notosanscjk-bold", "notosanscjksc-bold", "notosanssc-bold", "sourcehansanssc-bold", "sourcehansanscn-bold",
    "msyhbd", "notosanscjk-regular", "notosanscjksc-regular", "notosanssc", "sourcehansans", "msyh", "pingfang",
    "simhei", "stheiti", "hiragino sans gb", "wqy-microhei", "wqy-zenhei", "droidsansfallback", "notoserifcjk",
    "simsun",
)  # fmt: skip
_SUFFIXES = (".ttc", ".otf", ".ttf")
#: Of a collection, faces that are written for mainland China.
_MAINLAND = ("SC", "CN", "GB")
_PROBE_PX = 16


@lru_cache(maxsize=64)
def label_font(size_px: int, text: str = "") -> Any:
    """Return the font in which a text is written, a PIL font; without a text ours.

    Where no font has all its characters it is ours, and what is missing is drawn as a box.
    """
    from PIL import ImageFont

    path, face = OWN, 0
    if not has_all(str(OWN), 0, text):
        path, face = next(((one, at) for one, at in _system_faces() if has_all(str(one), at, text)), (OWN, 0))
    return ImageFont.truetype(str(path), size_px, index=face)


def has_all(path: str, face: int, text: str) -> bool:
    """Whether a font has every character of a text."""
    return all(_has(path, face, sign) for sign in dict.fromkeys(text) if sign.isprintable() and not sign.isspace())


@lru_cache(maxsize=4096)
def _has(path: str, face: int, sign: str) -> bool:
    """Whether a font has a character: it is drawn otherwise than what no font has."""
    if ord(sign) < 0x250:
        return True
    font = _probe(path, face)
    return bytes(font.getmask(sign)) != bytes(font.getmask("\U0010ffff"))


@lru_cache(maxsize=16)
def _probe(path: str, face: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(path, _PROBE_PX, index=face)


@lru_cache(maxsize=1)
def _system_faces() -> tuple[tuple[Path, int], ...]:
    """Return the fonts of the system that may step in, the best first."""
    found: dict[int, Path] = {}
    for path in sorted(_font_files()):
        name = path.stem.lower()
        rank = next((k for k, start in enumerate(PREFERRED) if name.startswith(start)), None)
        if rank is not None:
            found.setdefault(rank, path)
    return tuple((path, _face_in(path)) for _, path in sorted(found.items()))


def _font_files() -> Iterator[Path]:
    folders = [Path.home() / ".local/share/fonts", Path.home() / ".fonts"]
    if sys.platform == "win32":
        folders = [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    elif sys.platform == "darwin":
        folders = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), Path.home() / "Library/Fonts"]
    else:
        folders += [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    for folder in folders:
        if folder.is_dir():
            yield from (path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)


def _face_in(path: Path) -> int:
    """Return the face of a collection that is written for mainland China, else its first."""
    from PIL import ImageFont

    for face in range(10 if path.suffix.lower() == ".ttc" else 1):
        try:
            name = str(ImageFont.truetype(str(path), _PROBE_PX, index=face).getname()[0])
        except OSError:
            break
        if name.rpartition(" ")[2] in _MAINLAND:
            return face
    return 0
