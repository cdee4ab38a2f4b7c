"""``network section``: the cross-section of a street along a line."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from app.command_line.options import add_project


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from app.command_line.network.profile import add_drawing

    add_project(parser, w)
    parser.add_argument("--line", required=True, metavar='"X,Y X,Y"', help=w("cli.profile.line"))
    add_drawing(parser, w)


def line_of(text: str) -> list[tuple[float, float]]:
    """Return two points of a text ``"x,y x,y"``.

    Raises
    ------
    UserError
        ``network.bad_line``.
    """
    from models.core.errors import UserError

    try:
        numbers = [float(part) for part in text.replace(",", " ").split()]
    except ValueError as error:
        raise UserError("network.bad_line", line=text) from error
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        raise UserError("network.bad_line", line=text)
    return [(numbers[0], numbers[1]), (numbers[2], numbers[3])]


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print a section, or write it."""
    from app.command_line.network.profile import require_scales
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.network import sections
    from app.usecases.project import opening
    from resources.words import word
    from viewers.sheets.network import texts

    require_scales(arguments)
    line = line_of(arguments.line)
    session = session_of(arguments, lang)
    opening.open_files(session, [arguments.project])
    made = sections.section_of(session, line)
    if arguments.out is not None:
        sections.export(
            session, made, arguments.out, size=arguments.paper, scale=arguments.scale, vertical=arguments.vertical
        )
    pipes, section = made.section.pipes, made.section
    if arguments.json:

        def known(value: float) -> float | None:
            return round(value, 4) if math.isfinite(value) else None

        print_json({
            "synthetic": made.synthetic, "length_m": section.length_m,
            "pipes": [
                {"code": p.code, "kind": p.kind, "diameter_mm": known(p.diameter_mm), "offset_m": round(p.offset_m, 4),
                 "bottom_m": known(p.bottom_m), "ground_m": known(p.ground_m), "cover_m": known(p.cover_m)}
                for p in pipes
            ],
            "gaps": [
                {"between": [pipes[n].code if n >= 0 else "building" for n in (g.left, g.right)], "table": g.table,
                 "clear_m": known(g.clear_m), "required_m": known(g.required_m), "is_short": g.is_short,
                 "clause": section.rules.rows[g.rule].clause if g.rule >= 0 else "",
                 "certainty": section.rules.rows[g.rule].certainty if g.rule >= 0 else ""}
                for g in section.gaps
            ],
        })  # fmt: skip
    else:
        say_synthetic(session)
        heads = ("offset", "code", "kind", "section_size", "bottom", "cover")
        rows = [
            [texts.length(p.offset_m), p.code, texts.kind(p.kind, lang),
             texts.size(p.diameter_mm, p.width_mm, p.section_height_mm, p.is_box, lang), texts.level(p.bottom_m),
             texts.length(p.cover_m)]
            for p in pipes
        ]  # fmt: skip
        print_rows([[word(f"profile.row.{name}", lang) for name in heads], *rows], lang)
    session.close()
