"""Making the sample city."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.core.progress import Progress

if TYPE_CHECKING:
    from models.sample.generate import SampleReport

SIZES = ("small", "city", "startup")


def make_sample(out: Path, seed: int = 1, size: str = "small", progress: Progress | None = None) -> SampleReport:
    """Write the sample city (示例数据) as a project file with its linked files beside it.

    Parameters
    ----------
    out : Path
        Project file; ``.gpkg`` is added where a suffix is missing.
    seed : int
        The same seed gives the same bytes.
    size : {"small", "city", "startup"}
    progress : Progress, optional

    Raises
    ------
    UserError
        ``sample.size``; ``sample.seed``; ``store.…`` where the file cannot be written.
    """
    if size not in SIZES:
        raise UserError("sample.size", size=size)
    if not 0 <= seed < 2**32:
        raise UserError("sample.seed", seed=seed)
    from models.sample.generate import generate

    out = Path(out)
    return generate(out if out.suffix else out.with_suffix(".gpkg"), seed, size, progress or Progress())
