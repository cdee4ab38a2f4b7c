"""``atlas``: a sheet for each unit, problem, facility class or building, numbered, with an index."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json

_KINDS = ("district", "community", "problem", "facilities", "building")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--by", default="district", help=w("cli.atlas.by"))
    parser.add_argument("--indicators", default="", metavar="HC25-25,…", help=w("cli.atlas.indicators"))
    parser.add_argument("--only", default="", metavar="A,B,…", help=w("cli.atlas.only"))
    parser.add_argument("--order", choices=("code", "name", "value"), default="code", help=w("cli.atlas.order"))
    parser.add_argument("--template", default="", help=w("cli.atlas.template"))
    parser.add_argument("--title", default="", help=w("cli.atlas.title"))
    parser.add_argument("--paper", choices=("A0", "A1", "A2", "A3", "A4"), default="A3", help=w("cli.atlas.paper"))
    parser.add_argument("--portrait", action="store_true", help=w("cli.atlas.portrait"))
    parser.add_argument("--dpi", type=int, default=300, help=w("cli.atlas.dpi"))
    parser.add_argument("--dark", action="store_true", help=w("cli.atlas.dark"))
    parser.add_argument("--format", choices=("pdf", "png"), default="pdf", help=w("cli.atlas.format"))
    parser.add_argument("--out", metavar="dir", type=Path, required=True, help=w("cli.atlas.out"))
    parser.add_argument("--pdf", metavar="all.pdf", default="all.pdf", help=w("cli.atlas.pdf"))
    parser.add_argument("--pages", default="", metavar="1-20", help=w("cli.atlas.pages"))
    parser.add_argument("--workers", type=int, metavar="n", help=w("cli.atlas.workers"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Draw what is missing and join all; the project file stays as it is."""
    from app.command_line.terminal import print_json, session_of
    from app.usecases.project import opening
    from app.usecases.sheets.atlas.making import make_atlas
    from models.sheets.atlas.spec import AtlasSpec
    from models.sheets.spec import require_dpi
    from resources.words import word

    require_dpi(arguments.dpi)
    spec = AtlasSpec(
        name=arguments.title, by=_kind(arguments.by), indicators=_listed(arguments.indicators),
        only=_listed(arguments.only), order=arguments.order, template=arguments.template, paper=arguments.paper,
        landscape=not arguments.portrait, dpi=arguments.dpi, suffix=f".{arguments.format}", lang=lang,
        dark=arguments.dark,
    )  # fmt: skip
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    made = make_atlas(
        session, spec, arguments.out, pdf=arguments.pdf, workers=arguments.workers, pages=arguments.pages
    ).result
    path = made.pdf or made.folder
    if arguments.json:
        print_json({
            "synthetic": session.project.state.synthetic, "sheets": made.count, "drawn": made.drawn, "path": str(path),
            "pages": str(made.folder / "pages.json"), "hidden": list(made.hidden),
        })  # fmt: skip
    else:
        print(word("cli.atlas.made", lang, count=f"{made.count:,}", drawn=f"{made.drawn:,}", path=path))
        if made.hidden:
            print(word("cli.atlas.hidden", lang, numbers=", ".join(made.hidden)))
    session.close()


def _kind(name: str) -> str:
    """Return the kind of page that a person means, in either language; the name itself where nobody knows it."""
    from resources.words import LANGUAGES, word

    wanted = name.strip().lower()
    for kind in _KINDS:
        names = (one for lang in LANGUAGES for one in _listed(word(f"atlas.named.{kind}", lang)))
        if wanted in (kind, *names):
            return kind
    return name


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("，", ",").split(",") if part.strip())
