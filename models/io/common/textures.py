"""Pictures that models bring along: read safely, made small enough, many little ones on common sheets.

Invariants
----------
1. A model may name a picture only in its own folder or below it; nothing is fetched from a network.
2. A picture is never trusted: its size is looked at before it is unpacked, a broken one is left out with a caution.
3. A thousand facades are a thousand pictures but few sheets: an actor a picture would stop the city.
"""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.project.reaches import file_reach

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

#: Largest picture file, bytes; largest side after reading, pixels.
MOST_BYTES = 64_000_000
MOST_SIDE_PX = 2048
#: Pixels of one picture that are still unpacked, and of all pictures of a model together.
MOST_PIXELS = 120_000_000
BUDGET_PIXELS = 48_000_000
#: Side of a common sheet, and what stands around each picture so that its neighbours do not show.
SHEET_PX = 2048
MARGIN_PX = 2
#: Texture coordinates may leave the picture by this much before it counts as repeated.
_BEYOND = 0.01


def inside(folder: Path, name: str) -> Path | None:
    """Return the file that a model names, None when it is no file in ``folder`` or below.

    Examples
    --------
    >>> inside(Path("/data/city"), "../../etc/passwd") is None
    True
    """
    text = unquote(str(name)).replace("\\", "/").strip().removeprefix("./")
    if not text or "\0" in text or "://" in text or text.startswith(("/", "data:", "file:")) or text[1:2] == ":":
        return None
    try:
        home = folder.resolve()
        if file_reach(text, home) is not None:  # told by its text and by links inside: nothing outside is looked at
            return None
        path = (home / text).resolve()
        return path if path.is_relative_to(home) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


@dataclass(slots=True)
class Sheets:
    """Pictures as drawn, and where each of the asked ones is.

    Parameters
    ----------
    images : list of ndarray (rows, columns, 3 or 4) uint8
        Bottom row first.
    sheet : ndarray (n,) int64
        Image of each texture, -1 for one that could not be read.
    scale, shift : ndarray (n, 2)
        From a texture's own coordinates to its image's: ``uv * scale + shift``.
    """

    images: list[Pixels]
    sheet: NDArray[np.int64]
    scale: Floats
    shift: Floats


@dataclass(slots=True)
class Textures:
    """The pictures that a model names, each once.

    Parameters
    ----------
    folder : Path
        The model's own folder.
    """

    folder: Path
    missing: list[str] = field(default_factory=list)
    _sources: list[Path | bytes | None] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self._sources)

    def named(self, name: str) -> int:
        """Return the number of a picture by its name beside the model."""
        if name not in self._known:
            self._known[name] = len(self._sources)
            path = inside(self.folder, name)
            self._sources.append(path)
            if path is None:
                self.missing.append(name)
        return self._known[name]

    def packed(self, data: bytes, name: str = "") -> int:
        """Return the number of a picture that came inside the model."""
        self._sources.append(data if len(data) <= MOST_BYTES else None)
        if len(data) > MOST_BYTES:
            self.missing.append(name)
        return len(self._sources) - 1

    def sheets(self, low: Floats, high: Floats) -> Sheets:
        """Read all pictures and lay the small ones together.

        Parameters
        ----------
        low, high : ndarray (n, 2)
            Least and greatest texture coordinate in use of each picture, NaN for none: one that repeats itself
            needs an image of its own, one that nothing uses is not read.
        """
        count = self.count
        result = Sheets([], np.full(count, -1, np.int64), np.ones((count, 2)), np.zeros((count, 2)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = {i: one for i in range(count) if np.isfinite(low[i]).all() and (one := self._opened(i))}
            total = sum(image.width * image.height for image in opened.values())
            shrink = min(1.0, math.sqrt(BUDGET_PIXELS / max(total, 1)))
            small: list[tuple[int, Pixels]] = []
            for number, image in opened.items():
                pixels = self._pixels(number, image, shrink)
                if pixels is None:
                    continue
                repeats = (low[number] < -_BEYOND).any() or (high[number] > 1 + _BEYOND).any()
                if repeats or max(pixels.shape[:2]) > SHEET_PX // 2 or len(opened) == 1:
                    result.sheet[number] = len(result.images)
                    result.images.append(pixels)
                else:
                    small.append((number, pixels))
        _laid_out(small, result)
        return result

    def _opened(self, number: int) -> Image.Image | None:
        source = self._sources[number]
        try:
            if source is None or (isinstance(source, Path) and source.stat().st_size > MOST_BYTES):
                return None
            image = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)
            if image.width * image.height > MOST_PIXELS or min(image.size) < 1:
                raise ValueError("too large")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            self._lost(number)
            return None
        return image

    def _pixels(self, number: int, image: Image.Image, shrink: float) -> Pixels | None:
        try:
            factor = min(shrink, MOST_SIDE_PX / max(image.size))
            if image.format == "JPEG" and factor < 1:
                image.draft("RGB", (max(1, int(image.width * factor)), max(1, int(image.height * factor))))
            has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
            whole = image.convert("RGBA" if has_alpha else "RGB")
            if factor < 1:
                size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
                whole = whole.resize(size, Image.Resampling.LANCZOS) if size != whole.size else whole
            pixels = np.asarray(whole, dtype=np.uint8)
        except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
            self._lost(number)
            return None
        if pixels.shape[2] == 4 and bool((pixels[:, :, 3] == 255).all()):
            pixels = pixels[:, :, :3]
        return np.ascontiguousarray(pixels[::-1])

    def _lost(self, number: int) -> None:
        source = self._sources[number]
        known = next((name for name, one in self._known.items() if one == number), f"#{number}")
        self.missing.append(source.name if isinstance(source, Path) else known)
        self._sources[number] = None


def _laid_out(small: list[tuple[int, Pixels]], result: Sheets) -> None:
    """Put pictures on sheets, row by row, the highest first; those with a clear channel on sheets of their own."""
    for channels in (3, 4):
        chosen = sorted(
            (item for item in small if item[1].shape[2] == channels), key=lambda item: -item[1].shape[0]
        )  # fmt: skip
        while chosen:
            area = sum((p.shape[0] + 2 * MARGIN_PX) * (p.shape[1] + 2 * MARGIN_PX) for _, p in chosen)
            side = min(SHEET_PX, max(1 << math.ceil(math.log2(max(math.sqrt(area * 1.3), 64))), 64))
            side = min(SHEET_PX, max(side, *(max(p.shape[:2]) + 2 * MARGIN_PX for _, p in chosen)))
            sheet = np.full((side, side, channels), 200, dtype=np.uint8)
            x = y = row_height = 0
            left: list[tuple[int, Pixels]] = []
            for number, pixels in chosen:
                framed = np.pad(pixels, ((MARGIN_PX, MARGIN_PX), (MARGIN_PX, MARGIN_PX), (0, 0)), mode="edge")
                height, width = framed.shape[:2]
                if x + width > side:
                    x, y, row_height = 0, y + row_height, 0
                if y + height > side:
                    left.append((number, pixels))
                    continue
                sheet[y : y + height, x : x + width] = framed
                result.sheet[number] = len(result.images)
                result.scale[number] = pixels.shape[1] / side, pixels.shape[0] / side
                result.shift[number] = (x + MARGIN_PX) / side, (y + MARGIN_PX) / side
                x, row_height = x + width, max(row_height, height)
            result.images.append(sheet)
            chosen = left
