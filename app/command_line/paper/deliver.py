"""``deliver``: the whole paper set of a project in one folder, with a list of checksums."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from models.delivery.choices import REDACTIONS

    add_project(parser, w)
    parser.add_argument("--out", metavar="out/", type=Path, required=True, help=w("cli.deliver.out"))
    parser.add_argument("--only", metavar="report,atlas", default="", help=w("cli.deliver.only"))
    parser.add_argument("--with", dest="more", metavar="video,handover", default="", help=w("cli.deliver.with"))
    parser.add_argument("--force", action="store_true", help=w("cli.deliver.force"))
    parser.add_argument("--compute", action="store_true", help=w("cli.deliver.compute"))
    parser.add_argument("--by", default="district", help=w("cli.deliver.by"))
    parser.add_argument("--dpi", type=int, default=150, help=w("cli.deliver.dpi"))
    parser.add_argument(
        "--redact", action="append", choices=(*REDACTIONS, "all"), default=[], help=w("cli.package.redact")
    )
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Make the set; a part that fails is said, and ends it with 3."""
    from app.command_line.terminal import CANNOT, print_json, say_synthetic, session_of, tell
    from app.usecases.delivery import paper_set
    from app.usecases.project import opening
    from models.core.value_text import byte_size
    from models.delivery.choices import REDACTIONS
    from models.delivery.paper_set import PARTS
    from resources.words import word
    from viewers.documents.delivery_log import reason_text

    only, more = (
        tuple(part.strip() for part in text.split(",") if part.strip()) for text in (arguments.only, arguments.more)
    )
    parts = only or (tuple(part.id for part in PARTS if part.at_first) if more else ())
    redact = REDACTIONS if "all" in arguments.redact else tuple(dict.fromkeys(arguments.redact))
    wanted = paper_set.Wanted(
        (*parts, *more), arguments.force, arguments.compute, redact, arguments.by, arguments.dpi, lang
    )
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if not arguments.json:
        say_synthetic(session)

    def on_part(name: str, state: str) -> None:
        if not arguments.json and state != "making":
            print(f"{word(f'deliver.part.{name}', lang)} · {word(f'deliver.state.{state}', lang)}", flush=True)

    found: list[paper_set.Delivered] = []
    paper_set.deliver(session, arguments.out, wanted, found.append, on_part)
    delivered = found[0]
    if arguments.json:
        print_json(paper_set.told(delivered) | {"synthetic": session.project.state.synthetic})
    else:
        for made in delivered.failed:
            tell(lang, "cli.deliver.failed", part=word(f"deliver.part.{made.id}", lang), reason=reason_text(made, lang))
        size = byte_size(delivered.size_bytes)
        tell(lang, "cli.deliver.done", folder=delivered.folder, count=delivered.files, size=size)
    session.close()
    return CANNOT if delivered.failed else None
