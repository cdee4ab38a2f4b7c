"""Several pictures of one view: under several themes, numbered; before and after, in two files or in one.

They are drawn where they are asked for: this is the command line's; the window compares with its own eyes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.usecases.health import health
from app.usecases.views.snapshots import content_hash, pixels_of, state_of, take_snapshot
from models.core.errors import UserError
from models.health.book import book_of
from models.views.scene_state import Theme
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    from app.session import Session

#: How two pictures become one: side by side, or each a half of the same view with a line between.
Split = Literal["two", "curtain"]
SPLITS: tuple[Split, ...] = ("two", "curtain")
#: What no file system takes in a name.
_NO_NAME = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')
MOST = 200


def theme_of(name: str) -> Theme:
    """Return the theme that a word of the command line names: an indicator's code, ``plain``, ``facilities``.

    A code may carry a focus: ``HC25-25:before``, ``HC25-25:change``, ``HC25-25:problems``.
    """
    code, _, focus = name.strip().partition(":")
    return Theme(code) if code in ("plain", "facilities") else Theme("indicator", code, focus)


def title_under(session: Session, theme: Theme) -> str:
    """Return the title that a picture under a theme has: the indicator, the components' state, else the project."""
    state = session.project.state
    if theme.kind == "facilities":
        return session.word("sheet.facilities")
    if theme.kind != "indicator":
        return state.name_en if session.lang == "en" and state.name_en else state.name
    row = book_of(state.health).indicators.get(theme.indicator)
    title = theme.indicator if row is None else row.title(session.lang)
    words = {"before": "year.theme.before", "change": "year.theme.change", "problems": "legend.problem_view"}
    return session.word(words[theme.focus], title=title) if theme.focus in words else title


def burst_of(
    session: Session, spec: SnapshotSpec, themes: Sequence[Theme], out: Path
) -> list[tuple[SnapshotSpec, Path]]:
    """Return the pictures of a view under several themes, each with its numbered file beside ``out``.

    Raises
    ------
    UserError
        ``picture.no_themes`` for none, or too many.
    """
    themes = list(dict.fromkeys(themes))
    if not 1 <= len(themes) <= MOST:
        raise UserError("picture.no_themes", most=MOST)
    digits = max(len(str(len(themes))), 2)
    made = []
    for at, theme in enumerate(themes, 1):
        title = title_under(session, theme)
        name = _NO_NAME.sub("_", title).strip("_.")[:60]
        file = out.with_name(f"{out.stem}_{at:0{digits}d}_{name}{out.suffix}")
        made.append((replace(spec, theme=theme, title=title), file))
    return made


def write_series(session: Session, series: Sequence[tuple[SnapshotSpec, Path]]) -> list[Path]:
    """Draw pictures one after the other, write each, and return the files."""
    _compute(session, (spec.theme for spec, _ in series))
    outs = [out.resolve() for _, out in series]
    for (spec, _), out in zip(series, outs, strict=True):
        take_snapshot(session, spec, out)
    return outs


def write_pair(session: Session, specs: tuple[SnapshotSpec, SnapshotSpec], split: Split, out: Path) -> Path:
    """Draw a view before and after as one picture with a line between, write it as PNG, and return the file.

    It carries the specification of the second.

    Raises
    ------
    UserError
        ``picture.bad_suffix`` for anything but a PNG.
    """
    out = Path(out).resolve()
    if out.suffix.lower() != ".png":
        raise UserError("picture.bad_suffix", file=out.name)
    _compute(session, (spec.theme for spec in specs))
    from app.usecases.views.comparison import ComparisonSpec, rooms, synthetic_in
    from app.usecases.views.seen import seen_now
    from viewers.sheets.comparison import joined
    from viewers.sheets.record import write_png

    size = specs[1].width_px, specs[1].height_px
    where = rooms(ComparisonSpec(split, (), specs[1].camera, size))
    pictures, legends = [], []
    for spec, room in zip(specs, where, strict=True):
        wide = (room[2] - room[0], room[3] - room[1]) if split == "two" else size
        bare = replace(spec, width_px=wide[0], height_px=wide[1], furniture=False, callout=None, transparent=False)
        pixels = pixels_of(session, bare)
        pictures.append(pixels if split == "two" else pixels[room[1] : room[3], room[0] : room[2]])
        legends.append(_legend(session, spec))
    state, path = session.project.state, session.project.path
    badge = session.word("sheet.synthetic") if synthetic_in(state_of(session, spec) for spec in specs) else ""
    names = [spec.title for spec in specs]
    picture = joined(pictures, where, size, names, legends, dark=specs[1].dark, badge=badge)
    content = content_hash(session, path, state) if path else ""
    write_png(picture, specs[1], out, content, seen_now(session, state_of(session, specs[1]), specs[1].theme)())
    return out


def _legend(session: Session, spec: SnapshotSpec) -> Any:
    from viewers.render.symbology.theming import pictured

    return pictured(
        state_of(session, spec), dict(session.project.data), spec.theme, health.all_kept(session), spec.lang,
        health.old_codes(session), spec.dark,
    ).legend  # fmt: skip


def _compute(session: Session, themes: Iterable[Theme]) -> None:
    """Have indicators computed that nobody computed yet."""
    codes = dict.fromkeys(theme.indicator for theme in themes if theme.kind == "indicator")
    missing = tuple(code for code in codes if health.wants_computing(session, code))
    if missing:
        health.compute_indicators(session, missing)
