"""``network profile``: the longitudinal profile along a path of pipes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json

if TYPE_CHECKING:
    from app.usecases.network.profiles import Profiled


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--from", dest="start", metavar="CODE", help=w("cli.profile.from"))
    parser.add_argument("--to", dest="end", metavar="CODE", help=w("cli.profile.to"))
    parser.add_argument("--pipes", metavar="CODE,CODE", help=w("cli.profile.pipes"))
    parser.add_argument("--layer", default="", metavar=w("cli.meta.layer"), help=w("cli.profile.layer"))
    add_drawing(parser, w)


def add_drawing(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Add what says how a drawing is written."""
    parser.add_argument("--out", type=Path, metavar=w("cli.meta.file"), help=w("cli.profile.profile_out"))
    parser.add_argument("--paper", choices=("A3", "A4"), default="A3", help=w("cli.profile.paper"))
    parser.add_argument("--scale", type=int, default=0, metavar="N", help=w("cli.profile.scale"))
    parser.add_argument("--vertical", type=int, default=0, metavar="N", help=w("cli.profile.vertical"))
    add_trust_and_json(parser, w)


def require_scales(arguments: argparse.Namespace) -> None:
    """Refuse scales that no drawing has."""
    from models.core.errors import UserError

    for scale in (arguments.scale, arguments.vertical):
        if scale and not 10 <= scale <= 100_000:
            raise UserError("network.bad_scale", scale=scale)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print a profile, or write it."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.notices import notice_of_caution
    from app.usecases.network import profiles
    from app.usecases.project import opening
    from models.core.errors import Caution, UserError
    from resources.words import word
    from viewers.sheets.network import texts

    require_scales(arguments)
    session = session_of(arguments, lang)
    opening.open_files(session, [arguments.project])
    if arguments.pipes:
        codes = tuple(code.strip() for code in arguments.pipes.split(",") if code.strip())
        wanted = profiles.Wanted("pipes", codes, arguments.layer)
    elif not arguments.start:
        raise UserError("network.no_start")
    elif arguments.end:
        wanted = profiles.Wanted("between", (arguments.start, arguments.end), arguments.layer)
    else:
        wanted = profiles.Wanted("outlet", (arguments.start,), arguments.layer)
    made = profiles.profile_of(session, wanted)
    if not made.complete:
        session.notices.add(notice_of_caution(Caution("network.no_outlet")))
    if arguments.out is not None:
        profiles.export(
            session, made, arguments.out, size=arguments.paper, scale=arguments.scale, vertical=arguments.vertical
        )
    if arguments.json:
        print_json(as_dict(made))
    else:
        say_synthetic(session)
        heads = [word(f"profile.row.{name}", lang) for name in ("station", "well", "ground", "invert", "depth")]
        rows = [
            [texts.station(w.station_m), w.code, texts.level(w.rim_m), texts.level(w.bottom_m), texts.length(w.depth_m)]
            for w in made.profile.wells
        ]
        print_rows([heads, *rows], lang)
    session.close()


def as_dict(made: Profiled) -> dict[str, Any]:
    """Return a profile in JSON form; what is not known is null."""
    from dataclasses import fields

    profile = made.profile
    skipped = {"fid", "station_m", "bottom_m", "points"}

    def named(number: int) -> dict[str, Any]:
        return made.pipes.key(number)._asdict()

    spans = [
        {name.name: _plain(getattr(span, name.name)) for name in fields(span) if name.name not in skipped}
        | named(span.fid)
        | {"start_m": span.start_m, "end_m": span.end_m}
        for span in profile.spans
    ]
    wells = [
        {name.name: _plain(getattr(well, name.name)) for name in fields(well) if name.name != "fid"}
        | {"depth_m": _plain(well.depth_m)}
        for well in profile.wells
    ]
    crossings = [
        {name.name: _plain(getattr(one, name.name)) for name in fields(one) if name.name not in ("fid", "rule", "span")}
        | named(one.fid)
        | {"clause": profile.rules.rows[one.rule].clause if one.rule >= 0 else "",
           "certainty": profile.rules.rows[one.rule].certainty if one.rule >= 0 else "", "is_short": one.is_short}
        for one in profile.crossings
    ]  # fmt: skip
    return {
        "synthetic": made.synthetic, "complete": made.complete, "length_m": profile.length_m,
        "ground_source": profile.ground_source, "wells": wells, "pipes": spans, "crossings": crossings,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value else round(value, 4)
    return value
